"""A day as a browser sends it."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import StringField, ValidationError

from tithe.kernel.feeds import read_date
from tithe.web.forms import DAY_LIKE, day_typed, strip


class DayField(StringField):  # type: ignore[misc]  # the library has no types
    """A day, picked or typed. What was typed stays as it was typed; `day` is what it means."""

    def __init__(self, label: str, *, wanted: str, optional: bool = False, **options: Any) -> None:
        super().__init__(label, filters=[strip, day_typed], **options)
        self.wanted, self.optional = wanted, optional

    @property
    def day(self) -> date | None:
        """The day that was typed; None if nothing or no day was."""
        return read_date(self.data or "")

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no day, and nothing where one is needed."""
        if self.day is None and (self.data or not self.optional):
            raise ValidationError(f"{self.wanted}, {DAY_LIKE}")
