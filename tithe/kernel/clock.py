"""The only place that reads the clock. Doors read it and pass the instant down."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def local_date(instant: datetime) -> date:
    """The calendar date in London at an instant: what a member of staff would call that day."""
    return instant.astimezone(LONDON).date()


def today() -> date:
    """Today's date in London."""
    return local_date(now())
