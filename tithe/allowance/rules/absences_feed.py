"""Reading the absences an HR system sends: a CSV file, row by row, with every fault named. Pure.

Columns: staff_number or email, date, minutes (a number, or the word day for all that is scheduled that day),
reduces_accrual (yes or no, yes if left out) and reference. A row is known by its reference, or by person and date.
Source: §1.2 of the scheme's time rules: no column says why somebody is away.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, TextIO

from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.kernel.minutes import DAY
from tithe.people.rules.published import NOT_TEXT

COLUMNS = ("staff_number", "email", "date", "minutes", "reduces_accrual", "reference")
DELIMITERS = (",", ";", "\t")
BLOCK = 1 << 16
LONGEST_CELL = 200
FIRST_YEAR, LAST_YEAR = 2000, 2099
YES, NO = {"", "yes", "y", "true", "1"}, {"no", "n", "false", "0"}
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
class RowError:
    """What is wrong on a line, in which column, and what was expected."""

    line: int
    column: str
    message: str

    @property
    def problem(self) -> Problem:
        """As a refusal names it: by line and column, or by its place in a JSON list."""
        return Problem(f"Line {self.line}, {self.column}: {self.message}", f"rows.{self.line - 1}.{self.column}")


@dataclass(frozen=True)
class Report:
    """What reading a feed found. The same for a rehearsal and for the real thing; `errors` are the first of `bad`."""

    rows: int
    added: int
    changed: int
    unchanged: int
    not_scheduled: int
    bad: int
    people: int
    errors: tuple[RowError, ...]


class FeedRefused(RulesBroken):
    """Rows of a feed are wrong, so nothing of it was taken."""

    def __init__(self, report: Report):
        super().__init__([each.problem for each in report.errors])
        self.report = report


def read_feed(file: BinaryIO) -> Iterator[FeedRow | RowError]:
    """Read a file row by row, then close it; memory does not grow. Refuses what is no CSV or has other columns."""
    with _as_text(file) as text:
        heading = text.readline(BLOCK)
        delimiter = max(DELIMITERS, key=heading.count)
        columns = _columns(next(csv.reader([heading], delimiter=delimiter), []))
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 2
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _read(line, columns, cells)
                line = reader.line_num + 2
        except csv.Error as error:
            words = f"This is not a CSV file: line {line} cannot be read ({error})"
            raise RuleBroken(words, field="file") from error


def _as_text(file: BinaryIO) -> TextIO:
    """The file as text: UTF-8, UTF-16 with its mark, or else Windows-1252."""
    start = file.read(len(max(NOT_TEXT, key=len)))
    file.seek(0)
    if not start:
        raise RuleBroken("The file is empty. Choose one with a line of headings and rows below it", field="file")
    if start.startswith(NOT_TEXT):
        raise RuleBroken("This is not a CSV file. Save the sheet as CSV and try again", field="file")
    encoding = "utf-16" if start.startswith(UTF_16) else "utf-8-sig" if _is_utf8(file) else "cp1252"
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _columns(headings: list[str]) -> list[str]:
    """The names of the columns in their order. Refuses others than ours: a reason must not come this way."""
    found = [re.sub(r"[\s-]+", "_", heading.strip().lower()) for heading in headings]
    unknown = [heading for heading in found if heading not in COLUMNS]
    if unknown:
        named = ", ".join(each[:30] or "(no name)" for each in unknown[:5])
        words = f"The file has columns tithe does not take: {named}. Keep only {', '.join(COLUMNS)}"
        raise RuleBroken(words, field="file")
    missing = [name for name in ("date", "minutes") if name not in found]
    if not {"staff_number", "email"} & set(found):
        missing.insert(0, "staff_number or email")
    if missing or len(set(found)) < len(found):
        what = f"lacks a column: {', '.join(missing)}" if missing else "has a column twice"
        raise RuleBroken(f"The file {what}. Its first line names the columns: {', '.join(COLUMNS)}", field="file")
    return found


def _read(line: int, columns: list[str], cells: list[str]) -> FeedRow | RowError:
    """One row, or the first thing wrong with it."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        return RowError(line, "line", f"has {len(cells)} cells under {len(columns)} headings; expected one for each")
    row = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    for name, cell in row.items():
        if len(cell) > LONGEST_CELL or not (cell.isprintable() and "\ufffd" not in cell):
            return RowError(line, name, f"expected at most {LONGEST_CELL} characters that can be printed")
    if not row["staff_number"] and not row["email"]:
        return RowError(line, "staff_number", "expected a staff number or an address")
    day, minutes = read_date(row["date"]), _minutes(row["minutes"])
    if day is None:
        return RowError(line, "date", f"expected a date like 2026-07-06 or 06/07/2026, found “{row['date'][:20]}”")
    if minutes is None:
        found = row["minutes"][:20]
        return RowError(line, "minutes", f"expected a whole number from 1 to {DAY} or the word day, found “{found}”")
    reduces = row["reduces_accrual"].lower()
    if reduces not in YES | NO:
        return RowError(line, "reduces_accrual", f"expected yes or no, found “{reduces[:20]}”")
    who = row["staff_number"], row["email"].lower()
    return FeedRow(line, *who, day, minutes or None, reduces in YES, row["reference"])


def read_date(text: str) -> date | None:
    """Read 2026-07-06 or, as spreadsheets write it here, 06/07/2026; None for anything else."""
    iso, spreadsheet = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text), re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text)
    found = iso.groups() if iso else spreadsheet.groups()[::-1] if spreadsheet else None
    try:
        day = date(*map(int, found)) if found else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _minutes(text: str) -> int | None:
    """Minutes, 0 for the whole scheduled day, None for neither."""
    if text.lower() == "day":
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= DAY else None
