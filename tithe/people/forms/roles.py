"""The shape of giving, refusing and ending a role."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import RadioField, SelectChoice, StringField, TextAreaField, ValidationError

from tithe.access.permissions import Role
from tithe.people.forms.days import DayField
from tithe.people.rules.roles import BY_TWO_PEOPLE, TITLES, Span, Wanted, wordy
from tithe.web.forms import TitheForm, strip


class ProposeForm(TitheForm):
    """To whom, where, which role, from when to when, and why."""

    person = StringField("E-mail address or staff number", filters=[strip])
    unit = StringField("Unit", filters=[strip])
    role = RadioField(
        "Role",
        choices=[
            SelectChoice(role.value, title + (" (needs a second person)" if role in BY_TWO_PEOPLE else ""))
            for role, title in TITLES.items()
        ],
        validate_choice=False,
    )
    starts_on = DayField("First day", wanted="Enter the first day")
    ends_on = DayField("Last day (optional)", wanted="Enter the last day", optional=True)
    reason = TextAreaField("Why", filters=[strip])

    def validate_person(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter the e-mail address or staff number of who gets the role")

    def validate_unit(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter the code of a unit that you administer")

    def validate_role(self, field: Any) -> None:
        if field.data not in set(Role):
            raise ValidationError("Choose a role")

    def validate_reason(self, field: Any) -> None:
        for problem in wordy(field.data or "", field.name):
            raise ValidationError(problem.message)

    @property
    def wanted(self) -> Wanted:
        """What was typed, once it has the right shape."""
        span = Span(self.starts_on.day or date.min, self.ends_on.day)
        return Wanted(Role(self.role.data), span, self.reason.data or "")


class DecideForm(TitheForm):
    """Words for refusing; confirming needs none."""

    words = TextAreaField("Why is it refused?", filters=[strip])


class EndForm(TitheForm):
    """The last day of a role; at once if none is given."""

    last_day = DayField("Last day (optional)", wanted="Enter the last day", optional=True)
