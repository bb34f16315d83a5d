"""From the bytes of a published CSV file to clean cells with line numbers.

Published files come in UTF-8, in Windows-1252 and in both at once, with columns that move and change
their names between releases. A file that is not what it should be is refused whole; a row that is not is left
out and reported.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tithe.kernel.errors import RuleBroken
from tithe.kernel.feeds import NOT_TEXT

END = "\x1e the end \x1e"
NUL = "\0"
NOTHING = {"", "N/A", "N/D", "-"}


@dataclass(frozen=True)
class NamedBytes:
    """A file as it was handed over."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Problem:
    """What was wrong on a line of a file, and what was done about it. The line of headings is line 1."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class Layout:
    """What a kind of file holds: for each of our columns, the headings releases have used for it."""

    kind: str
    required: Mapping[str, tuple[str, ...]]
    optional: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Row:
    """One row under our own column names, and the line of the file it starts on."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """A file taken apart: headings in plain small letters, then each record with the line it starts on."""

    name: str
    headings: tuple[str, ...]
    records: tuple[tuple[int, tuple[str, ...]], ...]
    problems: tuple[Problem, ...]


def open_sheet(file: NamedBytes) -> Sheet:
    """Take a file apart, or refuse it when it is empty or is not a CSV file."""
    if not file.content.strip():
        raise RuleBroken(f"{file.name} is empty")
    if file.content.startswith(NOT_TEXT):
        raise RuleBroken(f"{file.name} is not a CSV file. Save the sheet as CSV and try again")
    text, problems = _decoded(file)
    records = list(_records(file.name, text, problems))
    if not records:
        raise RuleBroken(f"{file.name} is empty")
    headings = tuple(_plain(heading) for heading in records[0][1])
    if len(headings) < 2:
        raise RuleBroken(f"{file.name} is not a CSV file: its first line has no commas between headings")
    return Sheet(file.name, headings, tuple(records[1:]), tuple(problems))


def missing_columns(sheet: Sheet, layout: Layout) -> list[str]:
    """Name the required columns, by their usual headings, that the sheet does not have."""
    return [spellings[0] for spellings in layout.required.values() if _position(sheet.headings, spellings) is None]


def rows_of(sheet: Sheet, layout: Layout) -> tuple[list[Row], list[Problem]]:
    """Put the records under our own column names. Records with more cells than headings are left out."""
    wanted = {**layout.required, **layout.optional}
    found = {column: _position(sheet.headings, spellings) for column, spellings in wanted.items()}
    positions = {column: at for column, at in found.items() if at is not None}
    rows, problems = [], []
    for line, record in sheet.records:
        if any(record[len(sheet.headings) :]):
            reason = f"the row has {len(record)} cells under {len(sheet.headings)} headings"
            problems.append(Problem(sheet.name, line, f"{reason}; the row was left out"))
            continue
        padded = record + ("",) * (len(sheet.headings) - len(record))
        rows.append(Row(line, {column: padded[at] for column, at in positions.items()}))
    return rows, problems


def clean(text: str) -> str:
    """Drop what cannot be seen (control and formatting characters) and fold white space to single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = (" " if unicodedata.category(each) in ("Cc", "Zl", "Zp") else each for each in text)
    return " ".join("".join(each for each in kept if unicodedata.category(each) != "Cf").split())


def given(text: str) -> str:
    """Return the text, or nothing when it is one of the ways to say that there is nothing ("N/A")."""
    return "" if text.upper() in NOTHING else text


def _decoded(file: NamedBytes) -> tuple[str, list[Problem]]:
    """Read UTF-8, UTF-16 with its mark, or Windows-1252, line by line where a file mixes them."""
    if file.content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return file.content.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise RuleBroken(f"{file.name} is not a CSV file: it starts as UTF-16 text and is not") from error
    try:
        return file.content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return _decoded_by_line(file)


def _decoded_by_line(file: NamedBytes) -> tuple[str, list[Problem]]:
    lines = re.findall(rb"[^\r\n]*(?:\r\n|\r|\n|$)", file.content.removeprefix(b"\xef\xbb\xbf"))
    mixed = any(not line.isascii() and _as_utf8(line) is not None for line in lines)
    decoded, problems = [], []
    for number, line in enumerate(lines, start=1):
        text = _as_utf8(line)
        if text is None:
            text = line.decode("cp1252", errors="replace")
            if "\ufffd" in text:
                reason = "some bytes are neither UTF-8 nor Windows-1252; each was replaced with “\ufffd”"
                problems.append(Problem(file.name, number, reason))
            elif mixed or not problems:
                what = "the line is" if mixed else "the file is"
                problems.append(Problem(file.name, number, f"{what} not UTF-8; it was read as Windows-1252"))
        decoded.append(text)
    return "".join(decoded), problems


def _as_utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _records(name: str, text: str, problems: list[Problem]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each record that is not blank, with its first line. An open quotation mark refuses the file. NULs, which
    no text holds, are added to the problems: a program wrote something else here than what was meant."""
    ending = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(f"{text}{ending}{END}", newline=""))
    line = 1
    try:
        for cells in reader:
            if cells == [END]:
                return
            if cells and cells[-1].endswith(END):
                raise RuleBroken(f"{name}, line {line}: a quotation mark is opened and never closed")
            if any(NUL in cell for cell in cells):
                problems.append(Problem(name, line, "the row holds NUL characters; each was replaced with a space"))
            cleaned = tuple(clean(cell) for cell in cells)
            if any(cleaned):
                yield line, cleaned
            line = reader.line_num + 1
    except csv.Error as error:
        raise RuleBroken(f"{name} is not a CSV file: line {line} cannot be read ({error})") from error


def _plain(heading: str) -> str:
    """Write a heading in small letters and digits, without what stands in brackets."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\([^)]*\)?", "", heading.casefold()))


def _position(headings: tuple[str, ...], spellings: tuple[str, ...]) -> int | None:
    for spelling in spellings:
        if _plain(spelling) in headings:
            return headings.index(_plain(spelling))
    return None
