"""What somebody sends who asks for a review, and who settles one."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from tithe.timesheets.rules.reviews import OUTCOMES
from tithe.web.forms import TitheForm, strip

LONGEST = Length(max=4000, message="Write at most 4,000 characters")


class AskReviewForm(TitheForm):
    """Why a return should be looked at again. How many words is a rule."""

    words = TextAreaField("Why should it be looked at again?", filters=[strip], validators=[LONGEST])


class SettleForm(TitheForm):
    """What a review comes to, and why."""

    outcome = RadioField(
        "What does the review come to?",
        choices=[SelectChoice(outcome.value, words) for outcome, words in OUTCOMES.items()],
        validate_choice=False,
    )
    reason = TextAreaField("Why?", filters=[strip], validators=[LONGEST])
