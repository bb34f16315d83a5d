"""A scenario: somebody's working time written down in JSON, and what it is worth day by day. Nobody's record is read.

The rule is the one that posts accruals (§1.2 of the scheme's time rules), so that a policy can be tried before it is
adopted. A scenario is refused as a whole, with every wrong field named by its path ("patterns.0.weeks.0.3").
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

from tithe.allowance.rules.entitlement import ONE_DAY, PARTS, day_figures, entitlement, plain
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR, NATIONAL
from tithe.allowance.rules.worktime import WHOLE, Away, Move, Pattern, Stretch, Work, clipped, default_pattern
from tithe.kernel.calendar import days_between
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.kernel.minutes import DAY
from tithe.policy.rules import ABOUT, Settings, contradictions

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)  # the days for which public holidays are known
LONGEST = timedelta(days=5 * 365 + 2)
MOST_WEEKS, DAYS_OF_A_WEEK = 4, 7
OPTIONAL = ("policy", "patterns", "calendar", "absences", "overrides", "employment", "moves")
MOST_LINES = 2000  # of patterns, of absences, of moves
MOST_PROBLEMS = 1000  # said at once
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
A_DATE = "a date like 2026-07-01"

# What each field that may not be left out is expected to be.
EXPECTED = {
    "period": "an object with start and end",
    "start": A_DATE,
    "end": A_DATE,
    "from": A_DATE,
    "date": A_DATE,
    "minutes": f"a whole number from 0 to {DAY}",
    "weeks": "a list of one to four weeks",
    "share_bp": f"a whole number from 0 to {WHOLE}",
}

# The holidays of a calendar in some years, both ends included. Refuses a calendar that nobody knows.
HolidaysOf = Callable[[str, int, int], frozenset[date]]
Line = TypeVar("Line")


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read: the days from `start` up to but not including `end`, and what decides their worth.

    `not_counted` are the lines that fall on no day of it on which somebody is employed, by their paths.
    """

    start: date
    end: date
    work: Work
    holidays: frozenset[date]
    settings: Settings
    not_counted: tuple[Problem, ...] = ()


class Members(dict[str, Any]):
    """A JSON object, and the names that were given more than once in it."""

    repeated: tuple[str, ...] = ()


def parse(text: bytes) -> Any:
    """Read JSON; refuse what is not. Names given twice are kept, for `read` to refuse them by their path."""
    if not text.strip():
        raise RuleBroken("There is nothing here. Expected a scenario as one JSON object")
    try:
        return json.loads(text.decode("utf-8-sig"), object_pairs_hook=_members)
    except UnicodeDecodeError:
        raise RuleBroken("Expected text in UTF-8") from None
    except json.JSONDecodeError as wrong:
        where = f"line {wrong.lineno}, column {wrong.colno}"
        raise RuleBroken(f"Expected JSON, and it cannot be read at {where}: {wrong.msg}") from None
    except (ValueError, RecursionError):
        raise RuleBroken("Expected JSON without enormous numbers and without hundreds of levels") from None


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) < len(pairs):
        members.repeated = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return members


def read(data: Any, holidays_of: HolidaysOf) -> Scenario:
    """Turn a scenario into working time, or refuse it with every problem at once."""
    reader = _Reader()
    scenario = reader.scenario(data, holidays_of)
    if reader.problems:
        raise RulesBroken(reader.problems[:MOST_PROBLEMS])
    return scenario


def explain(scenario: Scenario) -> dict[str, Any]:
    """What a scenario is worth: minutes after rounding, minutes available, a row for every date, and which absences
    and overrides count for none of them: a list of somebody's leave may be longer than the period.

    `absence` is what was given for a date on which somebody is employed, even where less was due that day; under
    `contracted` leave is ignored, so it is 0.
    """
    found = entitlement(scenario.work)
    figures = {figure.day: figure for figure in day_figures(scenario.work)}
    away: defaultdict[date, int] = defaultdict(int)
    if scenario.settings.accrual_basis == "available":
        for each in scenario.work.absences:
            away[each.day] += each.reducing
    days = []
    for day in days_between(scenario.start, scenario.end):
        figure = figures.get(day)
        days.append(
            {
                "date": day.isoformat(),
                "base": plain(Fraction(figure.base, PARTS)) if figure else 0,
                "holiday": day in scenario.holidays,
                "absence": away.get(day, 0) if figure else 0,
                "available": plain(Fraction(figure.available, PARTS)) if figure else 0,
                "rate_bp": scenario.settings.rate_bp,
            }
        )
    return {
        "entitlement_minutes": found.minutes,
        "available_minutes": plain(found.available),
        "days": days,
        "not_counted": [{"field": each.field, "reason": each.message} for each in scenario.not_counted],
    }


class _Reader:
    """Reads the parts of a scenario one by one and keeps what is wrong with each.

    A wrong part is read as nothing, so that the rest of the scenario can be looked at too.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, path: str, words: str) -> None:
        self.problems.append(Problem(words, path or None))

    def scenario(self, data: Any, holidays_of: HolidaysOf) -> Scenario:
        """The whole. Its parts are read in the order in which people write them."""
        given = self.members(data, "", ("period",), OPTIONAL)
        start, end = self.period(given)
        settings = self.policy(given)
        patterns = self.each(given, "patterns", self.pattern)
        self.distinct("patterns.{}.from", [each.starts_on if each else None for each in patterns])
        holidays = self.calendar(given, holidays_of, start, end)
        absences = self.each(given, "absences", self.absence)
        overrides = self.each(given, "overrides", self.override)
        self.distinct("overrides.{}.date", [each[0] if each else None for each in overrides])
        employed = self.employment(given)
        moves = self.each(given, "moves", self.move)
        if "patterns" not in given:
            patterns = [default_pattern(settings.std_week_min, start, settings.std_week_min)]
        begins, after = clipped(employed.first, min(employed.last, end - ONE_DAY), start, end)
        work = Work(
            stretches=_stretches([each for each in patterns if each], begins, after, settings, holidays),
            overrides=tuple(sorted(each for each in overrides if each)),
            absences=tuple(each for each in absences if each),
            moves=tuple(each for each in moves if each),
            employed_from=employed.first,
            probation_ends=employed.probation_ends,
        )
        days = {
            **{f"absences.{number}": each.day for number, each in enumerate(absences) if each},
            **{f"overrides.{number}": each[0] for number, each in enumerate(overrides) if each},
        }
        return Scenario(start, end, work, holidays, settings, _not_counted(days, (start, end), (begins, after)))

    def members(self, value: Any, path: str, required: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
        """The fields of an object; none of them missing, unknown or given twice."""
        if not isinstance(value, dict):
            self.refuse(path, f"Expected an object, not {_shown(value)}")
            return {}
        known = (*required, *optional)
        for name in required:
            if name not in value:
                self.refuse(_join(path, name), f"Expected {EXPECTED[name]}, but it is missing")
        for name in value:
            if name not in known:
                names = "the name of a setting" if path == "policy" else f"one of {', '.join(known)}"
                self.refuse(_join(path, name), f"Unknown field: expected {names}")
        for name in getattr(value, "repeated", ()):
            self.refuse(_join(path, name), "Expected once, but it is given more often")
        return value

    def each(
        self, given: Mapping[str, Any], name: str, read_one: Callable[[Any, str], Line | None]
    ) -> list[Line | None]:
        """The lines of an optional list. A line that is wrong is None and keeps its place."""
        lines = given.get(name, [])
        if not isinstance(lines, list):
            self.refuse(name, f"Expected a list, not {_shown(lines)}")
        elif len(lines) > MOST_LINES:
            self.refuse(name, f"Expected at most {MOST_LINES}, not {len(lines)}")
        elif name == "patterns" and name in given and not lines:
            self.refuse(name, "Expected at least one. Leave it out for full-time hours from Monday to Friday")
        else:
            return [read_one(line, f"{name}.{number}") for number, line in enumerate(lines)]
        return []

    def distinct(self, path: str, days: Sequence[date | None]) -> None:
        """Refuse a second line for the same day."""
        seen: set[date] = set()
        for number, day in enumerate(days):
            if day in seen:
                self.refuse(path.format(number), f"Expected a day that no other line has, not {day} again")
            elif day:
                seen.add(day)

    def number(self, given: Mapping[str, Any], name: str, path: str, high: int) -> int | None:
        return self.whole(given[name], _join(path, name), high) if name in given else None

    def whole(self, value: Any, path: str, high: int) -> int | None:
        """A whole number from 0. True and 1.0 are none."""
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= high:
            return value
        self.refuse(path, f"Expected a whole number from 0 to {high}, not {_shown(value)}")
        return None

    def day(self, given: Mapping[str, Any], name: str, path: str, *, open_end: bool = False) -> date | None:
        """A date. With `open_end`, null and nothing mean that there is no such day."""
        if name not in given or (open_end and given[name] is None):
            return None
        value = given[name]
        with suppress(ValueError):
            if isinstance(value, str) and ISO_DATE.fullmatch(value):
                return date.fromisoformat(value)
        self.refuse(_join(path, name), f"Expected {A_DATE}{' or null' if open_end else ''}, not {_shown(value)}")
        return None

    def period(self, given: Mapping[str, Any]) -> tuple[date, date]:
        """The days asked about. One day stands in for a period that is wrong."""
        instead = FIRST_DAY, FIRST_DAY + ONE_DAY
        if "period" not in given:
            return instead
        members = self.members(given["period"], "period", ("start", "end"), ())
        start, end = self.day(members, "start", "period"), self.day(members, "end", "period")
        if start is None or end is None:
            return instead
        if not FIRST_DAY <= start <= LAST_DAY:
            self.refuse("period.start", f"Expected a day from {FIRST_DAY} to {LAST_DAY}, not {start}")
        elif end <= start:
            self.refuse("period.end", f"Expected a day after {start}: the end is the first day that no longer counts")
        elif end - start > LONGEST or end > LAST_DAY + ONE_DAY:
            latest = min(start + LONGEST, LAST_DAY + ONE_DAY)
            self.refuse("period.end", f"Expected a day up to {latest}: a period is at most five years, up to 2100")
        else:
            return start, end
        return instead

    def policy(self, given: Mapping[str, Any]) -> Settings:
        """The settings. Whatever is left out takes its default; the way of taking holidays follows the basis."""
        values = self.members(given.get("policy", {}), "policy", (), tuple(ABOUT))
        before = len(self.problems)
        for name, value in values.items():
            if name in ABOUT and not ABOUT[name].takes(value):
                self.refuse(f"policy.{name}", f"Expected {ABOUT[name].expected}, not {_shown(value)}")
        if len(self.problems) > before:
            return Settings()
        settings = Settings(**{name: value for name, value in values.items() if name in ABOUT})
        for problem in contradictions(settings):
            self.refuse(f"policy.{problem.field}", problem.message)
        return settings

    def calendar(self, given: Mapping[str, Any], holidays_of: HolidaysOf, start: date, end: date) -> frozenset[date]:
        calendar = given.get("calendar", DEFAULT_CALENDAR)
        if not isinstance(calendar, str):
            self.refuse("calendar", f"Expected {' or '.join(NATIONAL)}, not {_shown(calendar)}")
            return frozenset()
        try:
            return holidays_of(calendar, start.year, (end - ONE_DAY).year)
        except RuleBroken as unknown:
            self.refuse("calendar", unknown.message)
            return frozenset()

    def pattern(self, line: Any, path: str) -> Pattern | None:
        members = self.members(line, path, ("from", "weeks"), ())
        starts_on, weeks = self.day(members, "from", path), members.get("weeks")
        if "weeks" not in members:
            return None
        if not isinstance(weeks, list) or not 1 <= len(weeks) <= MOST_WEEKS:
            self.refuse(f"{path}.weeks", f"Expected {EXPECTED['weeks']}, not {_shown(weeks)}")
            return None
        read = tuple(self.week(week, f"{path}.weeks.{number}") for number, week in enumerate(weeks))
        return Pattern(starts_on, read) if starts_on else None

    def week(self, week: Any, path: str) -> tuple[int, ...]:
        if not isinstance(week, list) or len(week) != DAYS_OF_A_WEEK:
            self.refuse(path, f"Expected a list of the minutes of seven days from Monday, not {_shown(week)}")
            return (0,) * DAYS_OF_A_WEEK
        return tuple(self.whole(minutes, f"{path}.{number}", DAY) or 0 for number, minutes in enumerate(week))

    def absence(self, line: Any, path: str) -> Away | None:
        """Minutes away. They lower what is earned unless the line says otherwise."""
        members = self.members(line, path, ("date", "minutes"), ("reduces_accrual",))
        day, minutes = self.day(members, "date", path), self.number(members, "minutes", path, DAY)
        reduces = members.get("reduces_accrual", True)
        if not isinstance(reduces, bool):
            self.refuse(f"{path}.reduces_accrual", f"Expected true or false, not {_shown(reduces)}")
        return Away(day, minutes, minutes if reduces else 0) if day and minutes is not None else None

    def override(self, line: Any, path: str) -> tuple[date, int] | None:
        """The minutes of one date, whatever the pattern says."""
        members = self.members(line, path, ("date", "minutes"), ())
        day, minutes = self.day(members, "date", path), self.number(members, "minutes", path, DAY)
        return (day, minutes) if day and minutes is not None else None

    def employment(self, given: Mapping[str, Any]) -> Employment:
        """From when to when somebody is employed; throughout if nothing is said."""
        if "employment" not in given:
            return Employment(date.min, date.max, None)
        members = self.members(given["employment"], "employment", ("start",), ("end", "probation_end"))
        first = self.day(members, "start", "employment") or date.min
        last = self.day(members, "end", "employment", open_end=True) or date.max
        probation_ends = self.day(members, "probation_end", "employment", open_end=True)
        if last < first:
            self.refuse("employment.end", f"Expected {first} or a later day: it is the last day of employment")
        if probation_ends and probation_ends < first:
            self.refuse("employment.probation_end", f"Expected {first} or a later day: it is the last of probation")
        return Employment(first, last, probation_ends)

    def move(self, line: Any, path: str) -> Move | None:
        members = self.members(line, path, ("from", "share_bp"), ("to",))
        starts_on = self.day(members, "from", path)
        last_day = self.day(members, "to", path, open_end=True)
        share = self.number(members, "share_bp", path, WHOLE)
        if starts_on and last_day and last_day < starts_on:
            self.refuse(f"{path}.to", f"Expected {starts_on} or a later day: it is the last day of the move")
        return Move(starts_on, last_day, share) if starts_on and share is not None else None


@dataclass(frozen=True)
class Employment:
    """The first and last day of employment, and the last of probation."""

    first: date
    last: date
    probation_ends: date | None


def _stretches(
    patterns: list[Pattern], start: date, end: date, settings: Settings, holidays: frozenset[date]
) -> tuple[Stretch, ...]:
    """The days of employment, cut where a pattern begins. Before the first pattern nothing is scheduled."""
    by_day = {each.starts_on: each for each in patterns}
    days = sorted(by_day)
    return tuple(
        Stretch(max(start, begins), min(end, after), by_day[begins], settings, holidays)
        for begins, after in pairwise([*days, date.max])
        if max(start, begins) < min(end, after)
    )


def _not_counted(
    days: Mapping[str, date], period: tuple[date, date], employed: tuple[date, date]
) -> tuple[Problem, ...]:
    """The days, by the paths of their lines, that are outside the period or the employment; both end before their
    second day."""
    found = []
    for path, day in days.items():
        if not period[0] <= day < period[1]:
            last = period[1] - ONE_DAY
            found.append(Problem(f"{day} is outside the period, {period[0]} to {last}", path))
        elif not employed[0] <= day < employed[1]:
            found.append(Problem(f"Nobody is employed on {day}", path))
    return tuple(found)


def _join(path: str, name: str) -> str:
    """A path and the field below it. An unknown name is whatever somebody wrote, so it is cut and kept printable."""
    short = name[:40] if name.isprintable() else json.dumps(name[:40])
    return f"{path}.{short}" if path else short


def _shown(value: Any) -> str:
    """A wrong value as its writer would know it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return json.dumps(value)[:40]
