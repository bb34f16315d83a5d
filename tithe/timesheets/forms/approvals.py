"""What somebody who decides weeks sends: a choice of weeks, a ground and a reason, a question; and the answer to it."""

from __future__ import annotations

import re

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from tithe.kernel.errors import RuleBroken
from tithe.timesheets.rules.deciding import GROUNDS
from tithe.web.forms import TitheForm, strip


class ApproveForm(TitheForm):
    """Weeks ticked in the queue, each named by its id and the version that was shown ("12:3")."""

    besides = frozenset({"weeks"})

    def take(self, ticked: list[str]) -> None:
        """Read the versions by id, in `chosen`. Refuses what the page did not offer."""
        pairs = [re.fullmatch(r"([0-9]{1,12}):([0-9]{1,9})", each) for each in ticked]
        self.chosen = {int(pair[1]): int(pair[2]) for pair in pairs if pair}
        if not pairs or not all(pairs):
            raise RuleBroken("Tick at least one week, then approve", field="weeks")


class ReturnForm(TitheForm):
    """Why a week goes back. Which grounds count, and how many words, is a rule."""

    version = HiddenField(default="0")
    ground = RadioField(
        "Why does it go back?",
        choices=[SelectChoice(ground.value, words) for ground, words in GROUNDS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        "What needs to change?",
        filters=[strip],
        validators=[Length(max=4000, message="Write at most 4,000 characters")],
    )


class AskForm(TitheForm):
    """A question to the owner about the version that was shown. What it may hold is a rule."""

    version = HiddenField(default="0")
    words = TextAreaField("What do you want to know?", filters=[strip])


class AnswerForm(TitheForm):
    """The owner's answer. What it may hold is a rule."""

    answer = TextAreaField("Your answer", filters=[strip])


class ReassignForm(TitheForm):
    """Whose undecided weeks are to wait for their new manager."""

    person = StringField("Whose weeks?", filters=[strip])
