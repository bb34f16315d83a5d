"""Reading a CSV file that another system wrote, row by row, with every fault named. Pure."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO, Protocol, TextIO, TypeVar

from tithe.kernel.errors import Problem, RuleBroken, RulesBroken

NOT_TEXT = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"{\\rtf")
DELIMITERS = (",", ";", "\t")
BLOCK = 1 << 16
LONGEST_CELL = 200
FIRST_YEAR, LAST_YEAR = 2000, 2099
T = TypeVar("T")
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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


Faults = tuple[RowError, ...]  # all that is wrong with one row, in order of columns


class FeedReport(Protocol):
    """What reading a feed found: figures of its own, and the first of the bad rows."""

    @property
    def errors(self) -> tuple[RowError, ...]: ...


class NamesFaults:
    """A report that counts the bad rows and names the first of all their faults."""

    bad: int
    errors: tuple[RowError, ...]

    @property
    def unnamed(self) -> int:
        """How many bad rows have none of their faults among `errors`."""
        return self.bad - len({each.line for each in self.errors})


class RowsRefused(RulesBroken):
    """Rows of a feed are wrong, so nothing of it was taken. `report` is what reading it found."""

    def __init__(self, report: FeedReport):
        super().__init__([each.problem for each in report.errors])
        self.report = report


@dataclass(frozen=True)
class Cells:
    """A row under the names of its columns, blank where the file lacks one. `given` are those that it has."""

    line: int
    given: frozenset[str]
    by_column: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.by_column[column]


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time, for one statement to ask about them all."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def read_rows(file: BinaryIO, columns: Sequence[str], needed: Sequence[Sequence[str]]) -> Iterator[Cells | RowError]:
    """Read a file row by row, then close it; memory does not grow. Refuses what is no CSV or has other columns.

    Of each group in `needed` the file must have one column.
    """
    with as_text(file) as text:
        heading = text.readline(BLOCK)
        delimiter = max(DELIMITERS, key=heading.count)
        found = _columns(next(csv.reader([heading], delimiter=delimiter), []), columns, needed)
        given, blank = frozenset(found), dict.fromkeys(columns, "")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 2
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _read(line, found, cells, given, blank)
                line = reader.line_num + 2
        except csv.Error as error:
            words = f"This is not a CSV file: line {line} cannot be read ({error})"
            raise RuleBroken(words, field="file") from error


def as_text(file: BinaryIO) -> TextIO:
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


def _columns(headings: list[str], columns: Sequence[str], needed: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns in their order. Refuses others than those expected: nothing is dropped in silence."""
    found = [re.sub(r"[\s-]+", "_", heading.strip().lower()) for heading in headings]
    unknown = [heading for heading in found if heading not in columns]
    if unknown:
        named = ", ".join(each[:30] or "(no name)" for each in unknown[:5])
        words = f"The file has columns tithe does not take: {named}. Keep only {', '.join(columns)}"
        raise RuleBroken(words, field="file")
    missing = [" or ".join(group) for group in needed if not set(group) & set(found)]
    if missing or len(set(found)) < len(found):
        what = f"lacks a column: {', '.join(missing)}" if missing else "has a column twice"
        raise RuleBroken(f"The file {what}. Its first line names the columns: {', '.join(columns)}", field="file")
    return found


def _read(
    line: int, columns: list[str], cells: list[str], given: frozenset[str], blank: dict[str, str]
) -> Cells | RowError:
    """One row, or the first thing wrong with how it is written."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        return RowError(line, "line", f"has {len(cells)} cells under {len(columns)} headings; expected one for each")
    row = blank | {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    return unprintable(line, row) or Cells(line, given, row)


def unprintable(line: int, row: dict[str, str]) -> RowError | None:
    """The first cell of a row that is too long or holds what cannot be printed."""
    for name, cell in row.items():
        if len(cell) > LONGEST_CELL or not (cell.isprintable() and "\ufffd" not in cell):
            return RowError(line, name, f"expected at most {LONGEST_CELL} characters that can be printed")
    return None


def read_date(text: str, first_year: int = FIRST_YEAR) -> date | None:
    """Read 2026-07-06 or, as spreadsheets write it here, 06/07/2026; None for anything else, or too long ago."""
    iso, spreadsheet = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text), re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text)
    found = iso.groups() if iso else spreadsheet.groups()[::-1] if spreadsheet else None
    try:
        day = date(*map(int, found)) if found else None
    except ValueError:
        return None
    return day if day and first_year <= day.year <= LAST_YEAR else None


def expected_date(line: int, column: str, found: str) -> RowError:
    """What to say of a cell that holds no date."""
    return RowError(line, column, f"expected a date like 2026-07-06 or 06/07/2026, found “{found[:20]}”")
