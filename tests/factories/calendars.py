"""Holiday calendars of one's own and their days."""

from __future__ import annotations

import datetime

import factory

from tests.factories.base import TitheFactory
from tithe.allowance.models import CalendarDay, HolidayCalendar
from tithe.allowance.rules.holidays import DayKind


class CalendarFactory(TitheFactory):
    """A calendar without any day."""

    class Meta:
        model = HolidayCalendar

    code = factory.Sequence(lambda n: f"place-{n}")
    name = factory.Sequence(lambda n: f"Place {n}")
    copied_from = "scotland"


class CalendarDayFactory(TitheFactory):
    """A local holiday on a Wednesday in August 2026."""

    class Meta:
        model = CalendarDay

    day = datetime.date(2026, 8, 12)
    name = "Town fair"
    kind = DayKind.LOCAL
