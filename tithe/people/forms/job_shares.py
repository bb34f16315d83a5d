"""The shape of a job share: with whom, from which day, until when."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import StringField, ValidationError

from tithe.kernel.errors import RuleBroken
from tithe.people.forms.days import DayField
from tithe.people.rules.job_shares import Share
from tithe.people.wanted import person_called
from tithe.web.forms import TitheForm, strip


class ShareForm(TitheForm):
    """Who else holds the post, and from when to when."""

    sharer = StringField("Who they share it with", filters=[strip])
    starts_on = DayField("First day", wanted="Enter the first day")
    ends_on = DayField("Last day (optional)", wanted="Enter the last day", optional=True)

    def validate_sharer(self, field: Any) -> None:
        try:
            person_called(field.data, "sharer")
        except RuleBroken as broken:
            raise ValidationError(broken.message) from None

    def wanted(self, person_id: int) -> Share:
        """What was typed, once it has the right shape."""
        sharer_id = person_called(self.sharer.data, "sharer")
        return Share(person_id, sharer_id, self.starts_on.day or date.min, self.ends_on.day)


class EndForm(TitheForm):
    """The last day of a job share."""

    ends_on = DayField("Last day", wanted="Enter the last day")
