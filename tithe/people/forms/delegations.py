"""The shape of asking somebody to stand in."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import StringField, TextAreaField, ValidationError

from tithe.people.forms.days import DayField
from tithe.web.forms import TitheForm, strip


class AskForm(TitheForm):
    """Who is asked, for which days, and a word to them."""

    delegate = StringField("Who stands in for you", filters=[strip])
    starts_on = DayField("First day", wanted="Enter the first day")
    ends_on = DayField("Last day", wanted="Enter the last day")
    words = TextAreaField("A word to them (optional)", filters=[strip])

    def validate_delegate(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter the e-mail address or staff number of who stands in for you")

    @property
    def asked(self) -> dict[str, Any]:
        """What was typed, once it has the right shape."""
        days = {"starts_on": self.starts_on.day or date.min, "ends_on": self.ends_on.day or date.min}
        return {"delegate": self.delegate.data, "words": self.words.data or "", **days}


class AnswerForm(TitheForm):
    """Accepting, declining and ending send nothing but the token."""
