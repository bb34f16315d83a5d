"""The shape of an invitation, of another last day, and of new terms of use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from tithe.people.forms.days import DayField
from tithe.people.operations.outside import Invitee
from tithe.people.rules.outside import WANTED
from tithe.projects.registered import Title
from tithe.web.forms import TitheForm, strip


def _projects(wanted: str = "") -> SelectMultipleField:
    needed = [DataRequired(wanted)] if wanted else []
    return SelectMultipleField("Projects they may see", coerce=int, validate_choice=False, validators=needed)


class ProjectsForm(TitheForm):
    """The projects somebody from outside may see."""

    projects = _projects()

    def offer(self, titles: Sequence[Title]) -> None:
        self.projects.choices = [(each.id, each.title) for each in titles]

    @property
    def chosen(self) -> set[int]:
        return set(self.projects.data or [])


class InviteForm(ProjectsForm):
    """Who is invited, to which projects and until when. What may be is a rule, not a field check."""

    name = StringField("Their name", filters=[strip], validators=[DataRequired(WANTED["name"])])
    email = StringField("Their e-mail address", filters=[strip], validators=[DataRequired(WANTED["email"])])
    organisation = StringField("Where they work", filters=[strip], validators=[DataRequired(WANTED["organisation"])])
    projects = _projects("Choose at least one project they may see")  # here, so that errors stand as on the page
    last_day = DayField("Last day", wanted="Enter their last day")

    @property
    def invitee(self) -> Invitee:
        return Invitee(self.name.data or "", self.email.data or "", self.organisation.data or "")

    @property
    def until(self) -> date:
        return self.last_day.day or date.min


class ExtendForm(TitheForm):
    """Another last day."""

    last_day = DayField("New last day", wanted="Enter the new last day")

    @property
    def until(self) -> date:
        return self.last_day.day or date.min


class ConfirmForm(TitheForm):
    """Ending a stay and sending a link again send nothing but the token."""


class TermsForm(TitheForm):
    """The words of new terms."""

    words = TextAreaField("New terms", filters=[strip], validators=[InputRequired("Write the new terms")])
