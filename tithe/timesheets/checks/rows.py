"""What checks of weeks and of decisions share: naming a row, and the decision a week stands on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, and_

from tithe.kernel.checks import stream
from tithe.timesheets.models import Decision, Week

# The decision a decided week stands on: deciding raised the version by one.
STANDING = and_(Decision.week_id == Week.id, Decision.version == Week.version - 1, Week.decided_at.is_not(None))


def entries_named(found: Select[int, int]) -> Iterator[str]:
    """Entries that break a promise, by id and owner."""
    for row in stream(found):
        yield f"entry {row.id} of person {row.person_id}"


def weeks_named(found: Select[int, int]) -> Iterator[str]:
    """Weeks that do, by id and owner."""
    for row in stream(found):
        yield f"week {row.id} of person {row.person_id}"
