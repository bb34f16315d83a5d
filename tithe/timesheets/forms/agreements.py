"""The shape of asking for an agreement, and of answering and ending one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from tithe.people.forms.days import DayField
from tithe.timesheets.forms.plans import DAYS, read_minutes
from tithe.timesheets.rules.agreements import LONGEST_WEEK, REFUSALS, Asked, RequestShape
from tithe.timesheets.rules.plans import NO_WEEKDAY
from tithe.web.forms import TitheForm, strip


class AskForm(TitheForm):
    """Days, a cap a week, projects and duties. A burst takes whole days, so it has no cap and no days of the week."""

    weekdays = SelectMultipleField("On which days?", choices=DAYS, coerce=int)
    week_minutes = StringField("How long in a week at most?", filters=[strip])
    starts_on = DayField("First day", wanted="Enter the first day")
    last_day = DayField("Last day", wanted="Enter the last day")
    projects = SelectMultipleField("On which projects?", coerce=int, validate_choice=False)
    duties = TextAreaField(
        "What happens to your other duties? (optional)",
        filters=[strip],
        validators=[Length(max=500, message="Write at most 500 characters")],
    )

    def take(self, shape: RequestShape, projects: Iterable[tuple[int, str]]) -> None:
        """Say what is asked for, and which projects there are to choose from."""
        self.shape = shape
        self.projects.choices = [SelectChoice(project_id, title) for project_id, title in projects]

    def validate_weekdays(self, field: Any) -> None:
        if self.shape is RequestShape.RHYTHM and not field.data:
            raise ValidationError(NO_WEEKDAY)

    def validate_week_minutes(self, field: Any) -> None:
        if self.shape is RequestShape.RHYTHM:
            read_minutes(field.data)

    @property
    def asked(self) -> Asked:
        """What was typed, once it has the right shape."""
        burst = self.shape is RequestShape.BURST
        return Asked(
            shape=self.shape,
            starts_on=self.starts_on.day or date.min,
            last_day=self.last_day.day or date.min,
            weekdays=frozenset(range(7)) if burst else frozenset(self.weekdays.data or ()),
            week_minutes=LONGEST_WEEK if burst else read_minutes(self.week_minutes.data),
            project_ids=frozenset(self.projects.data or ()),
            duties=self.duties.data or "",
        )


class AnswerForm(TitheForm):
    """Agreeing sends nothing but the token; a refusal says why. Which grounds count is a rule."""

    ground = RadioField(
        "Why can the time not be spared?",
        choices=[SelectChoice(ground.value, words) for ground, words in REFUSALS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(
        "What should they know?",
        filters=[strip],
        validators=[Length(max=4000, message="Write at most 4,000 characters")],
    )


class EndForm(TitheForm):
    """The day from which an agreement no longer counts."""

    ended_from = DayField("From which day?", wanted="Enter the day")


class WithdrawForm(TitheForm):
    """Taking a request back sends nothing but the token."""
