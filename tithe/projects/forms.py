"""The shape of a project's answers."""

from __future__ import annotations

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from tithe.projects.operations import LONGEST
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
