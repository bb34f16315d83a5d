"""How a unit's values stand over those above it, which version holds on which day, and what will change.

Source: §11 of the scheme's rules: settings are effective-dated, a unit's value overrides its parent's, and what a unit
does not name is inherited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar

from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem, RulesBroken
from tithe.policy.rules.settings import Settings, contradictions, problems_in

LAST_DAY = date(2200, 12, 31)  # the last day of which anything is asked or on which anything starts
LONGEST_REASON = 500


class VersionState(StrEnum):
    """Where a version stands on a day."""

    PAST = "past"
    IN_FORCE = "in_force"
    COMING = "coming"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Version:
    """What one unit decided from a day on; `depth` is how far above the unit in question it sits."""

    id: int
    depth: int
    starts_on: date
    settings: Mapping[str, Any]


V = TypeVar("V", bound=Version)


@dataclass(frozen=True)
class Span:
    """Settings that hold from `start` up to but not including `end`, and the nearest version they came from."""

    start: date
    end: date
    settings: Settings
    policy_id: int | None


@dataclass(frozen=True)
class Change:
    """A setting that will have another value from a day on."""

    starts_on: date
    name: str
    before: Any
    after: Any


def inherit(versions: Iterable[Mapping[str, Any]]) -> Settings:
    """Put the values of a unit over those of its parents, and refuse what is wrong with one of them or with all
    together. `versions` come from the top of the tree downwards."""
    settings = _settled(versions)
    if problems := contradictions(settings):
        raise RulesBroken(problems)
    return settings


def _settled(versions: Iterable[Mapping[str, Any]]) -> Settings:
    values: dict[str, Any] = {}
    for version in versions:
        values |= version
    if problems := problems_in(values):
        raise RulesBroken(problems)
    return Settings(**values)


def timeline(versions: Iterable[Version], start: date, end: date) -> list[Span]:
    """Cut the days from `start` to `end` where the settings of a unit change.

    What was stored was checked when it was adopted. Contradictions are not looked for again: a unit that has come
    under another since must not stop everybody's figures.
    """
    versions = [each for each in versions if each.starts_on < end]
    cuts = sorted({start, *(each.starts_on for each in versions if each.starts_on > start), end})
    return [_span(versions, first, after) for first, after in pairwise(cuts)]


def _span(versions: list[Version], start: date, end: date) -> Span:
    chain = chain_on(versions, start)
    return Span(start, end, _settled(each.settings for each in chain), chain[-1].id if chain else None)


def chain_on(versions: Iterable[V], day: date) -> list[V]:
    """The version in force in each unit on a day, from the top of the tree downwards."""
    latest: dict[int, V] = {}
    for version in sorted(versions, key=lambda each: each.starts_on):
        if version.starts_on <= day:
            latest[version.depth] = version
    return [latest[depth] for depth in sorted(latest, reverse=True)]


def sources(versions: Iterable[V], day: date) -> dict[str, V]:
    """The version that each setting's value comes from on a day; a setting nobody names is left out."""
    return {name: version for version in chain_on(versions, day) for name in version.settings}


def states(versions: Iterable[Version], day: date) -> dict[int, VersionState]:
    """Where each version stands on a day, by id. None of them was withdrawn."""
    versions = list(versions)
    current = {each.id for each in chain_on(versions, day)}
    return {
        each.id: VersionState.IN_FORCE
        if each.id in current
        else VersionState.COMING
        if each.starts_on > day
        else VersionState.PAST
        for each in versions
    }


def settings_on(versions: Iterable[Version], day: date) -> Settings:
    """The settings of a unit on one day."""
    return _settled(each.settings for each in chain_on(versions, day))


def differences(day: date, before: Settings, after: Settings) -> list[Change]:
    """What differs between two settings, in their order, as a change on a day."""
    pairs = ((each.name, getattr(before, each.name), getattr(after, each.name)) for each in fields(Settings))
    return [Change(day, name, old, new) for name, old, new in pairs if old != new]


def changes(versions: Iterable[Version], day: date) -> list[Change]:
    """What will be different in a unit after a day, in order of date and of the settings."""
    spans = pairwise(timeline(versions, day, date.max))
    return [each for before, after in spans for each in differences(after.start, before.settings, after.settings)]


def contradictions_from(start: date, versions: Iterable[Version]) -> list[Problem]:
    """What contradicts itself in a unit on any day from `start` on, each said once."""
    found = [problem for span in timeline(versions, start, date.max) for problem in contradictions(span.settings)]
    return list(dict.fromkeys(found))


def problems_with(reason: str, starts_on: date, earliest: date | None) -> list[Problem]:
    """What is wrong with the words and the day of a change; both are wanted whatever it changes."""
    problems = []
    if not reason.strip():
        problems.append(Problem("Say why the policy changes. Everybody can read it", "reason"))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem(f"Write at most {LONGEST_REASON} characters; this has {len(reason)}", "reason"))
    if earliest and starts_on < earliest:
        words = f"Quarters before {named(earliest)} are closed. Choose that day or a later one"
        problems.append(Problem(words, "starts_on"))
    if starts_on > LAST_DAY:
        problems.append(Problem(f"Choose a day up to {named(LAST_DAY)}", "starts_on"))
    return problems
