"""The shape of a correction, and of refusing one."""

from __future__ import annotations

from typing import Any

from wtforms import SelectChoice, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired

from tithe.allowance.rules import adjustments as rules
from tithe.allowance.rules.adjustments import Proposal
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RuleBroken
from tithe.web.forms import TitheForm, strip

QUARTERS_BACK = 12  # to choose from; older ones can still be named by the API and the command


class ProposeForm(TitheForm):
    """Whose minutes, about which quarter, how many and why."""

    person = StringField(
        "E-mail address or staff number",
        filters=[strip],
        validators=[DataRequired("Enter the e-mail address or staff number of whose minutes are wrong")],
    )
    quarter = SelectField("Quarter it is about", validate_choice=False)
    minutes = StringField("How much", filters=[strip])
    reason = TextAreaField("Why", filters=[strip], validators=[DataRequired("Say why the minutes are wrong")])

    def offer(self, current: Quarter) -> None:
        """Let the quarter be chosen from the current one and those before it."""
        offered = [current]
        while len(offered) <= QUARTERS_BACK:
            offered.append(offered[-1].previous)
        self.quarter.choices = [SelectChoice(each.code, each.label) for each in offered]

    @property
    def quarters(self) -> list[dict[str, Any]]:
        """The choices as the select component takes them."""
        chosen = self.quarter.data
        return [
            {"value": each.value, "text": each.label, "selected": each.value == chosen} for each in self.quarter.choices
        ]

    def validate_quarter(self, field: Any) -> None:
        try:
            Quarter.parse(field.data or "")
        except RuleBroken:
            raise ValidationError("Choose the quarter that is to be put right") from None

    def validate_minutes(self, field: Any) -> None:
        try:
            rules.parse(field.data or "")
        except RuleBroken as refusal:
            raise ValidationError(refusal.message) from None

    @property
    def proposal(self) -> Proposal:
        """What was typed, once it has the right shape."""
        return Proposal(Quarter.parse(self.quarter.data), rules.parse(self.minutes.data), self.reason.data or "")


class DecideForm(TitheForm):
    """Words for refusing; posting needs none."""

    words = TextAreaField("Why is it refused?", filters=[strip])
