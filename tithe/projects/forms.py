"""The shape of a project's answers."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from tithe.projects.operations import LONGEST
from tithe.projects.rules import FLAG_OUTCOMES, FLAGS, FlagGround
from tithe.web.forms import TitheForm, strip


def _at_most(name: str) -> list[Length]:
    return [Length(max=LONGEST[name], message=f"Write at most {LONGEST[name]} characters")]


class ProjectForm(TitheForm):
    """Four questions. Which must be answered depends on whether the project is registered, and is a rule."""

    version = HiddenField(default="0")
    title = StringField("Title", filters=[strip], validators=_at_most("title"))
    problem = TextAreaField("What is the problem?", filters=[strip], validators=_at_most("problem"))
    beneficiaries = TextAreaField("Who would benefit?", filters=[strip], validators=_at_most("beneficiaries"))
    hypothesis = TextAreaField("What do you expect to happen?", filters=[strip], validators=_at_most("hypothesis"))

    @property
    def answers(self) -> dict[str, str]:
        return {name: getattr(self, name).data or "" for name in LONGEST}


class FlagForm(TitheForm):
    """What a coordinator is asked to look at, and why. Who may ask what, and how much is said, are rules."""

    ground = RadioField("What should be looked at?", validate_choice=False)
    words = TextAreaField("Why?", filters=[strip])

    def offer(self, grounds: Iterable[FlagGround]) -> None:
        self.ground.choices = [SelectChoice(ground.value, FLAGS[ground]) for ground in grounds]


class SettleFlagForm(TitheForm):
    """What becomes of a flagged project, and why."""

    outcome = RadioField(
        "What becomes of the project?",
        choices=[SelectChoice(outcome.value, words) for outcome, words in FLAG_OUTCOMES.items()],
        validate_choice=False,
    )
    reason = TextAreaField("Why?", filters=[strip])
