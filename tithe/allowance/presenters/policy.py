"""What another policy would change and for whom, as words, as lines of a page and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tithe.allowance.queries.preview import Preview, QuarterEffect, UnitEffect
from tithe.allowance.rules.adjustments import signed
from tithe.allowance.rules.effects import Band, Tally
from tithe.kernel.minutes import spoken
from tithe.policy.presenters import in_words as change_in_words
from tithe.policy.queries import Policy, VersionRow
from tithe.policy.rules import ABOUT, Change, Kind, Section, VersionState, settings_on, shown, sources
from tithe.web.filters import short_day

PRESETS = {"tenth": "A tenth of working time", "fifth": "A fifth", "event": "Three days a quarter for events"}
YES_NO = {"true": "Yes", "false": "No"}
LEFT_OUT = "time away, single days and shares lent elsewhere"


@dataclass(frozen=True)
class Line:
    """A setting on the form: what is said of it, and the choices where it has any."""

    name: str
    hint: str
    suffix: str
    options: list[dict[str, str]]


@dataclass(frozen=True)
class Bar:
    """One band of a drawing: its words, its people, and its length in per cent of the longest."""

    words: str
    people: int
    length: int
    side: str


@dataclass(frozen=True)
class QuarterShown:
    """A quarter in words, drawn, and by unit: its name, who gains and loses there, and minutes in all."""

    label: str
    words: str
    bars: list[Bar]
    units: list[tuple[str, Tally, str]]


@dataclass(frozen=True)
class Effects:
    """What a policy would change and for whom. `left_out` names what the figures do not count, if anything."""

    starts_on: date
    changes: list[str]
    below: list[str]
    left_out: str
    quarters: list[QuarterShown]


def own_settings(policy: Policy) -> dict[str, Any]:
    """What the unit decides itself on the day of the policy."""
    own = (each for each in policy.versions if not each.depth and each.state is VersionState.IN_FORCE)
    return {name: value for each in own for name, value in each.settings.items()}


def for_form(policy: Policy, today: date) -> dict[str, Any]:
    """What the form shows: each setting under its heading, what comes next anyway, and the presets."""
    own = sorted((each for each in policy.versions if not each.depth), key=lambda each: each.starts_on)
    coming = [each for each in own if each.starts_on > today and each.state is not VersionState.WITHDRAWN]
    return {
        "sections": _sections(policy),
        "coming": [f"version {each.version} from {short_day(each.starts_on)}" for each in coming],
        "presets": PRESETS,
    }


def _sections(policy: Policy) -> list[tuple[Section, list[Line]]]:
    """Every setting, and what it would be if the unit did not decide it."""
    above = [each for each in policy.versions if each.depth and each.state is not VersionState.WITHDRAWN]
    inherited, origins = settings_on(above, policy.on), sources(above, policy.on)
    found: dict[Section, list[Line]] = {section: [] for section in Section}
    for name, about in ABOUT.items():
        instead = _inherited(name, getattr(inherited, name), origins)
        found[about.section].append(_line(name, instead))
    return list(found.items())


def _inherited(name: str, value: Any, origins: Mapping[str, VersionRow]) -> str:
    if name in origins:
        return f"{shown(name, value)}, from {origins[name].unit_name}"
    return "what goes with the basis" if name == "holiday_method" else f"{shown(name, value)}, the default"


def _line(name: str, instead: str) -> Line:
    about = ABOUT[name]
    choices = YES_NO if about.kind is Kind.YES_NO else about.choices or _months(name)
    hint = about.help if choices else f"{about.help} If left empty: {instead}."
    return Line(
        name=name,
        hint=f"{hint} {about.effect}." if about.effect else hint,
        suffix={Kind.RATE: "%", Kind.PERCENT: "%", Kind.MINUTES: ""}.get(about.kind, about.kind),
        options=[{"value": value, "text": text} for value, text in {"": f"Inherit: {instead}", **choices}.items()]
        if choices
        else [],
    )


def _months(name: str) -> dict[str, str]:
    return {str(month): shown(name, month) for month in ABOUT[name].months}


def effects(found: Preview) -> Effects:
    """A preview as the page that asks once more shows it."""
    return Effects(
        starts_on=found.starts_on,
        changes=settings_in_words(found.changes),
        below=[f"{each.name} ({each.code}): {'; '.join(settings_in_words(each.changes))}" for each in found.below],
        left_out="" if found.exact else LEFT_OUT,
        quarters=[_shown(each) for each in found.quarters],
    )


def _shown(effect: QuarterEffect) -> QuarterShown:
    return QuarterShown(
        label=effect.quarter.label,
        words=sentence(effect.tally),
        bars=_bars(effect) if effect.units else [],
        units=[(f"{each.name} ({each.code})", each.tally, signed(each.tally.net)) for each in effect.units],
    )


def in_words(found: Preview) -> Iterator[str]:
    """Everything a terminal says: each setting that changes, each unit below that differs, each quarter in a line."""
    yield from settings_in_words(found.changes)
    for unit in found.below:
        yield f"In {unit.name} ({unit.code}): " + "; ".join(settings_in_words(unit.changes))
    for each in found.quarters:
        yield f"{each.quarter.label}: {sentence(each.tally)}"
    if not found.exact:
        yield f"With so many people these figures leave out {LEFT_OUT}"


def settings_in_words(changes: list[Change]) -> list[str]:
    """Each setting that changes; a sentence where none does."""
    return [change_in_words(each) for each in changes] or ["every value stays what it is"]


def sentence(tally: Tally) -> str:
    """12 people gain 24h in all, 3 people lose 1h 30m in all and 5 people stay the same"""
    if not tally.people:
        return "nobody holds a post here"
    parts = [
        f"{_people(tally.gaining)} {_verb('gain', tally.gaining)} {_in_all(tally.gained, tally.gaining)}"
        if tally.gaining
        else "",
        f"{_people(tally.losing)} {_verb('lose', tally.losing)} {_in_all(tally.lost, tally.losing)}"
        if tally.losing
        else "",
        f"{_people(tally.unchanged)} {_verb('stay', tally.unchanged)} the same" if tally.unchanged else "",
    ]
    *most, last = [part for part in parts if part]
    return f"{', '.join(most)} and {last}" if most else last


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _in_all(minutes: int, people: int) -> str:
    return spoken(minutes) if people == 1 else f"{spoken(minutes)} in all"


def _verb(verb: str, count: int) -> str:
    return f"{verb}s" if count == 1 else verb


def _bars(effect: QuarterEffect) -> list[Bar]:
    """The bands of a quarter, the largest gain first. However few, people can be seen."""
    longest = max((band.people for band in effect.bands), default=1)
    return [
        Bar(_band(each), each.people, -(-100 * each.people // longest), _side(each)) for each in reversed(effect.bands)
    ]


def _side(band: Band) -> str:
    return "over" if band.most < 0 else "used" if band.most else "lapsed"


def _band(band: Band) -> str:
    if band.least == band.most == 0:
        return "No change"
    verb, near, far = ("Lose", -band.most, -band.least) if band.most < 0 else ("Gain", band.least, band.most)
    over = f"over {spoken(near - 1)}, " if near > 1 else ""
    return f"{verb} {over}up to {spoken(far)}"


def as_json(found: Preview) -> dict[str, Any]:
    """A preview as plain values."""
    return {
        "starts_on": found.starts_on,
        "exact": found.exact,
        "changes": [vars(change) for change in found.changes],
        "below": [
            {"unit": unit.code, "unit_name": unit.name, "changes": [vars(change) for change in unit.changes]}
            for unit in found.below
        ],
        "quarters": [_quarter(each) for each in found.quarters],
    }


def _quarter(effect: QuarterEffect) -> dict[str, Any]:
    return {
        "quarter": effect.quarter.code,
        **_tally(effect.tally),
        "bands": [vars(band) for band in effect.bands],
        "units": [_unit(unit) for unit in effect.units],
    }


def _unit(unit: UnitEffect) -> dict[str, Any]:
    return {"unit": unit.code, "unit_name": unit.name, **_tally(unit.tally)}


def _tally(tally: Tally) -> dict[str, int]:
    return {**vars(tally), "people": tally.people, "net": tally.net}
