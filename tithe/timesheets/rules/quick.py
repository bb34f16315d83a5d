"""One line of words read as time: "1h30 Rainfall maps yesterday - drew the west". Pure: it is told what today is.

A line holds how long, the day (today if it names none), a project or a kind of time, and after " - " or ": " a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tithe.kernel import minutes
from tithe.kernel.calendar import MONTHS
from tithe.kernel.errors import RuleBroken
from tithe.projects.rules import Membership
from tithe.timesheets.rules.entries import KINDS, Entry, TimeKind, entry_of

LONGEST_LINE = 300  # which keeps its note shorter than a note may be
LONGEST_NOTE = 500
EXAMPLE = "1h30 Rainfall maps yesterday"
NAMED_AT_MOST = 12  # of the candidates of a line that fits several or none

NOTE_BEGINS = re.compile(r"\s[-–—]\s|:\s")
EDGES = " \t,.;:-–—"
SMALL_WORDS = frozenset({"on", "for", "to", "at", "from", "with", "the", "of", "in"})
KIND_WORD = re.compile(
    r"(help|helped|helping|learn|learning|learned|learnt|secondment|seconded)\b[\s:,]*", re.IGNORECASE
)
KIND_OF = {"hel": TimeKind.HELP, "lea": TimeKind.LEARNING, "sec": TimeKind.SECONDMENT}

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
ISO = re.compile(r"(?<![\w-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![\w-])")
DAY_MONTH = re.compile(rf"\b([0-9]{{1,2}})(?:st|nd|rd|th)?\s+{MONTH}\b(?:\s+([0-9]{{4}})\b)?", re.IGNORECASE)
MONTH_DAY = re.compile(rf"\b{MONTH}\s+([0-9]{{1,2}})(?:st|nd|rd|th)?\b(?!\s*[:.hm½¼¾⅓⅔])", re.IGNORECASE)
NAMED_DAY = re.compile(rf"\b(?:(today|yesterday)|(last\s+|on\s+)?({WEEKDAY}))\b", re.IGNORECASE)


@dataclass(frozen=True)
class Candidate:
    """A row of the week that a line may mean, named as `Entry.line` names it."""

    line: str
    title: str


@dataclass(frozen=True)
class Read:
    """What a line says, and the rows it may mean: exactly one once it is clear."""

    day: date
    minutes: int
    note: str
    wanted: str
    candidates: tuple[Candidate, ...]
    exact: bool

    def entry(self, row: str | None = None) -> Entry:
        """The entry it asks for. `row`, when given, says which row is meant; else the line must leave no doubt."""
        if row is None:
            if len(self.candidates) != 1 or not self.exact:
                raise Unclear(self)
            row = self.candidates[0].line
        elif not row.isdigit() and row not in KINDS:
            raise RuleBroken("There is no such row. Choose one of those that are offered", field="row")
        return entry_of(row, self.day, self.minutes, self.note if row.isdigit() else self._words(TimeKind(row)))

    def _words(self, kind: TimeKind) -> str:
        """A kind has no title, so what stands where one would is part of its note."""
        found = KIND_WORD.match(self.wanted)
        said = self.wanted[found.end() :] if found and KIND_OF[found[1][:3].lower()] is kind else self.wanted
        return " - ".join(each for each in (said.strip(EDGES), self.note) if each)


class Unclear(RuleBroken):
    """The line fits several rows, or none. `candidates` are offered instead."""

    def __init__(self, read: Read):
        names = ", ".join(each.title for each in read.candidates[:NAMED_AT_MOST])
        wanted = read.wanted[:60]
        if read.exact:
            words = f"“{wanted}” may be any of these. Choose one: {names}"
        elif wanted:
            words = f"No project of yours on {_spoken(read.day)} is called “{wanted}”. Choose one: {names}"
        else:
            words = f"Say what it was for, or choose: {names}"
        super().__init__(words, field="line")
        self.candidates = read.candidates

    @property
    def kind(self) -> str:
        return RuleBroken.__name__  # one kind for callers; the candidates are named in the words


def read_line(text: str, today: date, memberships: Iterable[Membership], *, timing: bool = False) -> Read:
    """Read a line. Refuses one that says no length of time, or a day that is none.

    With `timing` a clock will say how long, from now on: then a length is refused, and every day but today.
    """
    line = " ".join(text.split())
    if not line:
        words = "Write what the timer is for" if timing else f"Write how long and what for, like {EXAMPLE}"
        raise RuleBroken(words, field="line")
    if len(line) > LONGEST_LINE:
        raise RuleBroken(f"A line has at most {LONGEST_LINE} characters", field="line")
    mine = list(memberships)
    named, line = _cut_title(line, mine)
    try:
        head, note, day, length = _parts(line, today, timing)
    except RuleBroken as broken:
        raise RuleBroken(broken.message, field="line") from broken
    if timing and (length is not None or day != today):
        words = "A timer counts from now on. Leave the length and the day out, or add the time instead of timing it"
        raise RuleBroken(words, field="line")
    if length is None and not timing:
        raise RuleBroken(f"Say how long as well, like {EXAMPLE}", field="line")
    return _meaning(Read(day, length or 0, note, head, (), exact=False), named, mine)


def _meaning(read: Read, named: Membership | None, memberships: Sequence[Membership]) -> Read:
    """Which rows it may mean: the one named in full, those that fit the words, or all there are."""
    open_then = [each for each in memberships if each.open_on(read.day)]
    if named and named in open_then:
        return replace(read, wanted=named.title, candidates=(_candidate(named),), exact=True)
    wanted = named.title if named else read.wanted
    fitting = [] if named else _fitting(wanted, open_then)
    if not wanted and len(open_then) == 1:
        fitting = [_candidate(open_then[0])]
    if fitting:
        return replace(read, wanted=wanted, candidates=tuple(fitting), exact=True)
    return replace(read, wanted=wanted, candidates=rows_on(read.day, memberships))


def rows_on(day: date, memberships: Iterable[Membership]) -> tuple[Candidate, ...]:
    """Every row somebody may log to on a day: their projects, then the kinds of time that have none."""
    kinds = (Candidate(kind.value, title) for kind, title in KINDS.items())
    return (*(_candidate(each) for each in memberships if each.open_on(day)), *kinds)


def _cut_title(line: str, memberships: Sequence[Membership]) -> tuple[Membership | None, str]:
    """A title written out in full stands for itself, whatever figures and signs it holds; the longest one counts."""
    begins = NOTE_BEGINS.search(line)
    for each in sorted(memberships, key=lambda each: -len(each.title)):
        title = " ".join(each.title.split())
        found = re.search(rf"(?<!\w){re.escape(title)}(?!\w)", line, re.IGNORECASE) if title else None
        if found and (begins is None or found.start() <= begins.start()):
            return each, f"{line[: found.start()]} {line[found.end() :]}"
    return None, line


def _parts(line: str, today: date, timing: bool) -> tuple[str, str, date, int | None]:
    """What a line wants, its note, its day and its minutes. A sign that begins a note counts after the length only."""
    padded = f"{line} "
    for begins in NOTE_BEGINS.finditer(padded):
        day, head = _take_day(padded[: begins.start()], today)
        length, head = _take_minutes(head)
        if (timing or length is not None) and not _spans(padded, begins):
            return _tidy(head), padded[begins.end() :].strip(), day or today, length
    day, rest = _take_day(line, today)
    length, rest = _take_minutes(rest)
    return _tidy(rest), "", day or today, length


def _spans(line: str, sign: re.Match[str]) -> bool:
    """The sign stands between two times of day."""
    return any(span.start() < sign.start() < span.end() and span[2] for span in minutes.SPAN.finditer(line))


def _take_minutes(text: str) -> tuple[int | None, str]:
    found = minutes.find(text)
    if found is None:
        return None, text
    length, start, end = found
    if length == 0:
        raise RuleBroken("An entry is from 1 minute to 24 hours")
    return length, f"{text[:start]} {text[end:]}"


def _take_day(text: str, today: date) -> tuple[date | None, str]:
    """The day a text names, and the text without it. A day of the week is the last such day, today included."""
    for pattern, reading in ((ISO, _iso), (DAY_MONTH, _day_month), (MONTH_DAY, _month_day), (NAMED_DAY, _named)):
        if found := pattern.search(text):
            return reading(found, today), f"{text[: found.start()]} {text[found.end() :]}"
    return None, text


def _iso(found: re.Match[str], today: date) -> date:
    return _date(int(found[1]), int(found[2]), int(found[3]), found[0])


def _day_month(found: re.Match[str], today: date) -> date:
    return _in_year(int(found[1]), found[2], found[3], today, found[0])


def _month_day(found: re.Match[str], today: date) -> date:
    return _in_year(int(found[2]), found[1], None, today, found[0])


def _in_year(number: int, month: str, year: str | None, today: date, words: str) -> date:
    """A day of a month; without a year the last one that has come."""
    place = [each.lower() for each in MONTHS].index(month[:3].lower()) + 1
    if year:
        return _date(int(year), place, number, words)
    past = (place, number) <= (today.month, today.day)
    return _date(today.year if past else today.year - 1, place, number, words)


def _date(year: int, month: int, day: int, words: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        found = date.min
    if not 2000 <= found.year < 2100:
        raise RuleBroken(f"“{words.strip()}” is not a day. Write it like 3 Aug or 2026-08-03")
    return found


def _named(found: re.Match[str], today: date) -> date:
    if found[1]:
        return today - timedelta(days=found[1].lower() == "yesterday")
    wanted = next(at for at, name in enumerate(WEEKDAYS) if name.startswith(found[3].lower()[:3]))
    back = (today.weekday() - wanted) % 7
    last = (found[2] or "").lower().startswith("last")
    return today - timedelta(days=back or (7 if last else 0))


def _tidy(text: str) -> str:
    """What is left of a line, without the small words that joined it to what was taken out."""
    words = text.strip(EDGES).split()
    while words and words[0].lower().strip(EDGES) in SMALL_WORDS | {""}:
        words.pop(0)
    while words and words[-1].lower().strip(EDGES) in SMALL_WORDS | {""}:
        words.pop()
    return " ".join(words).strip(EDGES)


def _fitting(wanted: str, memberships: Sequence[Membership]) -> list[Candidate]:
    """The rows a name may mean: the title itself, else those that begin so, else those with words that begin so.

    A word for a kind of time means that kind as well.
    """
    name = wanted.casefold()
    if not name:
        return []
    titles = [(each, " ".join(each.title.casefold().split())) for each in memberships]
    tiers = (
        [each for each, title in titles if title == name],
        [each for each, title in titles if title.startswith(name)],
        [each for each, title in titles if _has_words(title, name)],
    )
    found = [_candidate(each) for each in next((tier for tier in tiers if tier), [])]
    if kind := KIND_WORD.match(wanted):
        of_kind = KIND_OF[kind[1][:3].lower()]
        found.append(Candidate(of_kind.value, KINDS[of_kind]))
    return found


def _has_words(title: str, name: str) -> bool:
    words = re.findall(r"\w+", title)
    return all(any(word.startswith(part) for word in words) for part in re.findall(r"\w+", name))


def _candidate(membership: Membership) -> Candidate:
    return Candidate(str(membership.project_id), membership.title)


def _spoken(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def together(former: str, added: str) -> str:
    """The note of a cell to which time is added: both notes, unless one says the other already. Refuses too long a
    note rather than cut it."""
    if not added or added in former:
        return former
    joined = f"{former}; {added}" if former else added
    if len(joined) > LONGEST_NOTE:
        raise RuleBroken(f"With this note the day would have more than {LONGEST_NOTE} characters. Shorten it")
    return joined
