"""The shape of changing a post, joining and leaving. What is left empty in a change stays as it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import HiddenField, StringField, ValidationError

from tithe.kernel import minutes
from tithe.kernel.errors import RuleBroken
from tithe.people.forms.days import DayField
from tithe.people.operations.posts import Newcomer
from tithe.people.rules.hr_feed import ADDRESS, LONGEST
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, FULL_WEEK, MOST_WEEKLY, Post
from tithe.people.wanted import NOBODY, changes_of, grade_called, person_called, unit_called
from tithe.web.forms import TitheForm, strip

NOBODY_TYPED = "nobody"


class HoursField(StringField):  # type: ignore[misc]  # the library has no types
    """Contracted hours a week, like 37 or 22:12. `minutes` is what was typed, None if nothing was."""

    minutes: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no length of time."""
        try:
            self.minutes = minutes.parse(self.data, most=MOST_WEEKLY) if self.data else None
        except RuleBroken as broken:
            raise ValidationError(broken.message) from None


class PostForm(TitheForm):
    """From which day, and what is different from then on."""

    starts_on = DayField("From", wanted="Enter the first day of the change")
    unit = StringField("Unit", filters=[strip])
    manager = StringField("Line manager", filters=[strip])
    grade = StringField("Grade")
    weekly_minutes = HoursField("Hours a week", filters=[strip])
    calendar = StringField("Public holidays")
    post = HiddenField()

    @property
    def changes(self) -> dict[str, Any]:
        """What was typed, by the fields of a post. Refuses names that nobody knows."""
        manager = NOBODY if (self.manager.data or "").lower() == NOBODY_TYPED else self.manager.data or None
        asked = {name: self[name].data or None for name in ("unit", "grade", "calendar")}
        return changes_of(manager=manager, weekly_minutes=self.weekly_minutes.minutes, **asked)

    @property
    def first_day(self) -> date:
        """From which day, once the form has the right shape."""
        return self.starts_on.day or date.min

    @property
    def post_id(self) -> int | None:
        """Which post changes, for somebody who holds two; none unless it was said."""
        sent = self.post.data or ""
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None


class LeaveForm(TitheForm):
    """The last day of employment; empty takes it back."""

    last_day = DayField("Last day", wanted="Enter the last day", optional=True)


class JoinForm(TitheForm):
    """Who joins, and their first post."""

    staff_number = StringField("Staff number", filters=[strip])
    name = StringField("Name", filters=[strip])
    email = StringField("E-mail address", filters=[strip])
    starts_on = DayField("First day", wanted="Enter the first day")
    leaves_on = DayField("Last day (optional)", wanted="Enter the last day", optional=True)
    probation_ends_on = DayField("Last day of probation (optional)", wanted="Enter the last day", optional=True)
    unit = StringField("Unit", filters=[strip])
    manager = StringField("Line manager (optional)", filters=[strip])
    grade = StringField("Grade")
    weekly_minutes = HoursField("Hours a week", filters=[strip])
    calendar = StringField("Public holidays")

    def _line(self, name: str, wanted: str) -> None:
        words = self[name].data or ""
        if not words or not words.isprintable():
            raise ValidationError(wanted)
        if len(words) > LONGEST[name]:
            raise ValidationError(f"Write at most {LONGEST[name]} characters")

    def validate_staff_number(self, field: Any) -> None:
        self._line("staff_number", "Enter their staff number")

    def validate_name(self, field: Any) -> None:
        self._line("name", "Enter their name")

    def validate_email(self, field: Any) -> None:
        self._line("email", "Enter their e-mail address")
        if not ADDRESS.fullmatch(field.data):
            raise ValidationError("Enter an e-mail address in full, like ada.lovelace@example.org")

    def validate_unit(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter the code of the unit they join")

    @property
    def newcomer(self) -> Newcomer:
        """Who joins, once the form has the right shape."""
        return Newcomer(
            self.staff_number.data, self.name.data, self.email.data.lower(), self.starts_on.day or date.min,
            self.leaves_on.day, self.probation_ends_on.day,
        )  # fmt: skip

    @property
    def first_post(self) -> Post:
        """Their post: full time in England unless told otherwise. Refuses names that nobody knows."""
        return Post(
            unit_id=unit_called(self.unit.data),
            line_manager_id=person_called(self.manager.data, "manager") if self.manager.data else None,
            grade=grade_called(self.grade.data) if self.grade.data else None,
            weekly_minutes=FULL_WEEK if self.weekly_minutes.minutes is None else self.weekly_minutes.minutes,
            calendar=self.calendar.data or DEFAULT_CALENDAR,
        )
