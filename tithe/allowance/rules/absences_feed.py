"""Reading the absences an HR system sends: a CSV file, row by row, with every fault named. Pure.

Columns: staff_number or email, date, minutes (a number, or the word day for all that is scheduled that day),
reduces_accrual (yes or no, yes if left out) and reference. A row is known by its reference, or by person and date.
Source: §1.2 of the scheme's time rules: no column says why somebody is away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from tithe.kernel.feeds import Cells, Faults, NamesFaults, RowError, RowsRefused, expected_date, read_date, read_rows
from tithe.kernel.minutes import DAY

COLUMNS = ("staff_number", "email", "date", "minutes", "reduces_accrual", "reference")
NEEDED = (("staff_number", "email"), ("date",), ("minutes",))
YES, NO = {"", "yes", "y", "true", "1"}, {"no", "n", "false", "0"}


@dataclass(frozen=True)
class FeedRow:
    """One absence as the feed tells it. `minutes` is None for all that is scheduled that day."""

    line: int
    staff_number: str
    email: str
    day: date
    minutes: int | None
    reduces_accrual: bool = True
    reference: str = ""


@dataclass(frozen=True)
class Report(NamesFaults):
    """What reading a feed found. The same for a rehearsal and for the real thing; `errors` are the first of `bad`."""

    rows: int
    added: int
    changed: int
    unchanged: int
    not_scheduled: int
    bad: int
    people: int
    errors: tuple[RowError, ...]

    @property
    def changes(self) -> int:
        """How many rows there are to take in."""
        return self.added + self.changed


class FeedRefused(RowsRefused):
    """Rows of a feed are wrong, so nothing of it was taken."""

    report: Report


def read_feed(file: BinaryIO) -> Iterator[FeedRow | Faults]:
    """Read a file row by row, then close it; memory does not grow. Refuses what is no CSV or has other columns."""
    for row in read_rows(file, COLUMNS, NEEDED):
        yield (row,) if isinstance(row, RowError) else _read(row)


def _read(row: Cells) -> FeedRow | Faults:
    """One row, or all that is wrong with it."""
    wrong = []
    if not row["staff_number"] and not row["email"]:
        wrong.append(RowError(row.line, "staff_number", "expected a staff number or an address"))
    day, minutes = read_date(row["date"]), _minutes(row["minutes"])
    if day is None:
        wrong.append(expected_date(row.line, "date", row["date"]))
    if minutes is None:
        words = f"expected a whole number from 1 to {DAY} or the word day, found “{row['minutes'][:20]}”"
        wrong.append(RowError(row.line, "minutes", words))
    reduces = row["reduces_accrual"].lower()
    if reduces not in YES | NO:
        wrong.append(RowError(row.line, "reduces_accrual", f"expected yes or no, found “{reduces[:20]}”"))
    if wrong or day is None:
        return tuple(wrong)
    who = row["staff_number"], row["email"].lower()
    return FeedRow(row.line, *who, day, minutes or None, reduces in YES, row["reference"])


def _minutes(text: str) -> int | None:
    """Minutes, 0 for the whole scheduled day, None for neither."""
    if text.lower() == "day":
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= DAY else None
