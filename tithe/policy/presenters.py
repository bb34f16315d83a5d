"""A unit's policy as lines to read and as plain values for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tithe.policy.queries import Policy, VersionRow
from tithe.policy.rules import ABOUT, Change, Section, contradictions, shown
from tithe.web.filters import short_day

STATES = {"past": "Past", "in_force": "In force", "coming": "Coming", "withdrawn": "Withdrawn"}


@dataclass(frozen=True)
class Line:
    """One setting as people read it: its value, where that comes from, and what it does not do yet."""

    name: str
    label: str
    help: str
    text: str
    origin: str
    effect: str | None


def for_page(policy: Policy) -> dict[str, Any]:
    """What the page shows beside the policy itself."""
    return {
        "sections": sections(policy),
        "changes": by_day(policy),
        "contradictions": contradictions(policy.settings),
        "named": {version.id: _named(version) for version in policy.versions},
        "states": STATES,
    }


def sections(policy: Policy) -> list[tuple[Section, list[Line]]]:
    """Every setting under its heading."""
    found: dict[Section, list[Line]] = {section: [] for section in Section}
    for name, about in ABOUT.items():
        text = shown(name, getattr(policy.settings, name))
        line = Line(name, about.label, about.help, text, _origin(name, policy.sources.get(name)), about.effect)
        found[about.section].append(line)
    return list(found.items())


def _origin(name: str, source: VersionRow | None) -> str:
    if source is None:
        return "Follows the basis" if name == "holiday_method" else "Default"
    where = f"Inherited from {source.unit_name}" if source.depth else "Set here"
    return f"{where} since {short_day(source.starts_on)}"


def in_words(change: Change) -> str:
    """Share of working time: 20% → 10%"""
    before, after = shown(change.name, change.before), shown(change.name, change.after)
    return _said(change.name, f"{before} → {after}")


def _named(version: VersionRow) -> list[str]:
    """What a version sets, each in words."""
    return [_said(name, shown(name, version.settings[name])) for name in ABOUT if name in version.settings]


def _said(name: str, words: str) -> str:
    return f"{ABOUT[name].label}: {words}{aside(ABOUT[name].effect)}"


def aside(effect: str | None) -> str:
    """Who acts on a setting, as the end of a line: " (applied by the HR feed)"."""
    return f" ({effect[0].lower()}{effect[1:]})" if effect else ""


def by_day(policy: Policy) -> dict[str, list[str]]:
    """What will change, under the day from which it does."""
    days: dict[str, list[str]] = {}
    for change in policy.changes:
        days.setdefault(short_day(change.starts_on), []).append(in_words(change))
    return days


def as_json(policy: Policy) -> dict[str, Any]:
    """Everything about a unit's policy on a day. Dates and instants stay what they are for the door to write."""
    return {
        "unit": policy.unit.code,
        "unit_name": policy.unit.name,
        "on": policy.on,
        "settings": {name: _setting(policy, name) for name in ABOUT},
        "changes": [vars(change) for change in policy.changes],
        "versions": [_version(version) for version in policy.versions],
    }


def _setting(policy: Policy, name: str) -> dict[str, Any]:
    value, source = getattr(policy.settings, name), policy.sources.get(name)
    return {
        "value": value,
        "label": ABOUT[name].label,
        "text": shown(name, value),
        "effect": ABOUT[name].effect,
        "source": source
        and {
            "unit": source.unit_code,
            "unit_name": source.unit_name,
            "version": source.version,
            "since": source.starts_on,
        },
    }


def _version(version: VersionRow) -> dict[str, Any]:
    return {
        "unit": version.unit_code,
        "unit_name": version.unit_name,
        "version": version.version,
        "state": version.state.value,
        "starts_on": version.starts_on,
        "settings": dict(version.settings),
        "reason": version.reason,
        "adopted_by": version.adopted_by,
        "adopted_at": version.adopted_at,
        "withdrawn_by": version.withdrawn_by,
        "withdrawn_at": version.withdrawn_at,
    }
