"""The shape of a blackout to set."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField, SelectChoice, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired

from tithe.allowance.rules.blackouts import GROUNDS, Plan
from tithe.allowance.rules.holidays import read_day
from tithe.web.forms import DAY_LIKE, TitheForm, day_typed, strip


class BlackoutForm(TitheForm):
    """Where, when and why. Notice, the limit of a year and the length of the reason are rules."""

    unit = StringField("Unit", filters=[strip], validators=[DataRequired("Enter the code of the unit")])
    starts_on = StringField("First day", filters=[strip, day_typed])
    last_day = StringField("Last day", filters=[strip, day_typed])
    ground = RadioField(
        "Why can the unit spare no time?",
        choices=[SelectChoice(ground.value, words) for ground, words in GROUNDS.items()],
        validate_choice=False,
        validators=[DataRequired("Choose why the unit can spare no time")],
    )
    reason = TextAreaField(
        "What everybody concerned will read",
        filters=[strip],
        validators=[DataRequired("Say why, for everybody concerned to read")],
    )
    emergency = BooleanField("This is an emergency and cannot wait for the notice")

    def validate_starts_on(self, field: Any) -> None:
        _day(field, "first")

    def validate_last_day(self, field: Any) -> None:
        _day(field, "last")

    @property
    def plan(self) -> Plan:
        """What was typed, once it has the right shape."""
        starts_on, last_day = (read_day(field.data) or date.min for field in (self.starts_on, self.last_day))
        return Plan(starts_on, last_day, self.ground.data or "", self.reason.data or "", bool(self.emergency.data))


def _day(field: Any, which: str) -> None:
    if read_day(field.data or "") is None:
        raise ValidationError(f"Enter the {which} day, {DAY_LIKE}")
