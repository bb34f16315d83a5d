"""Every setting with its default and range, and how a unit's values stand over those above it.

Source: the settings index (§11) of the scheme's rules. Minutes are whole minutes, rates are basis points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from typing import Any

from tithe.kernel.errors import Problem, RulesBroken


def _whole(default: int, low: int, high: int) -> Any:
    return field(default=default, metadata={"range": (low, high)})


def _one_of(default: str, *others: str) -> Any:
    return field(default=default, metadata={"choices": (default, *others)})


@dataclass(frozen=True)
class Settings:
    """The settings in force for one unit on one day."""

    rate_bp: int = _whole(2000, 0, 2500)
    round_to: int = _whole(15, 1, 60)
    round_mode: str = _one_of("half_up", "up", "down", "half_even")
    min_entry_min: int = _whole(15, 1, 240)
    week_cap_pct: int = _whole(40, 1, 100)
    decide_wd: int = _whole(10, 1, 60)
    participant_min: int = _whole(60, 1, 1440)
    project_gate: str = _one_of("light", "none", "full")


PRESETS: dict[str, dict[str, int]] = {
    "tenth": {"rate_bp": 1000},
    "fifth": {"rate_bp": 2000},
    "event": {"rate_bp": 0},
}


def problems_in(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a set of values: unknown names, wrong types, numbers out of range."""
    known = {each.name: each for each in fields(Settings)}
    problems = []
    for name, value in values.items():
        if name not in known:
            problems.append(Problem(f"There is no setting called {name}", name))
        elif expected := _complaint(known[name].metadata, value):
            problems.append(Problem(f"{name} must be {expected}, not {value!r}", name))
    return problems


def _complaint(metadata: Mapping[str, Any], value: Any) -> str | None:
    if "choices" in metadata:
        return None if value in metadata["choices"] else "one of " + ", ".join(metadata["choices"])
    low, high = metadata["range"]
    fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return None if fits else f"a whole number from {low} to {high}"


def inherit(versions: Iterable[Mapping[str, Any]]) -> Settings:
    """Put the values of a unit over those of its parents. `versions` come from the top of the tree downwards."""
    values: dict[str, Any] = {}
    for version in versions:
        values |= version
    if problems := problems_in(values):
        raise RulesBroken(problems)
    return Settings(**values)


@dataclass(frozen=True)
class Version:
    """What one unit decided from a day on; `depth` is how far above the unit in question it sits."""

    id: int
    depth: int
    starts_on: date
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """Settings that hold from `start` up to but not including `end`, and the nearest version they came from."""

    start: date
    end: date
    settings: Settings
    policy_id: int | None


def timeline(versions: Iterable[Version], start: date, end: date) -> list[Span]:
    """Cut the days from `start` to `end` where the settings of a unit change."""
    versions = [each for each in versions if each.starts_on < end]
    cuts = sorted({start, *(each.starts_on for each in versions if each.starts_on > start), end})
    return [_span(versions, first, after) for first, after in pairwise(cuts)]


def _span(versions: list[Version], start: date, end: date) -> Span:
    latest: dict[int, Version] = {}
    for version in sorted(versions, key=lambda each: each.starts_on):
        if version.starts_on <= start:
            latest[version.depth] = version
    chain = [latest[depth] for depth in sorted(latest, reverse=True)]
    return Span(start, end, inherit(each.settings for each in chain), chain[-1].id if chain else None)
