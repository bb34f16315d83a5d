"""Utilisation of a quarter, live from the summaries or as frozen. The page, the CSV and the API read these rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from functools import cached_property
from itertools import dropwhile
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, case, cast, false, func, literal, select

from tithe.access.actor import Actor
from tithe.access.grants import REPORT_READERS, ensure, permits
from tithe.access.permissions import Permission
from tithe.allowance.models import PersonQuarter
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.kernel.errors import NotFound
from tithe.people import queries as people
from tithe.people.models import Assignment, Unit, UnitClosure
from tithe.people.queries import UnitRow
from tithe.people.units import first_fork
from tithe.policy import queries as policy
from tithe.policy.queries import Decided
from tithe.policy.rules import Settings, inherit
from tithe.reports.models import QuarterLine, QuarterReport
from tithe.reports.rules import Line, Sums

SUMS = ("eligible", "participants", "accrued", "used")  # of a line, in their order


@dataclass(frozen=True)
class FrozenReport:
    """A stored quarter."""

    id: int
    quarter: str
    revision: int
    frozen_at: datetime
    digest: str


@dataclass(frozen=True)
class Report:
    """The utilisation of a unit in a quarter: as it was frozen if it was, else live."""

    quarter: Quarter
    unit: UnitRow
    frozen: FrozenReport | None

    @property
    def status(self) -> str:
        return "frozen" if self.frozen else "live"

    @cached_property
    def settings(self) -> Settings:
        """What was or is in force in the unit on the last day of the quarter."""
        path = [*(step.id for step in self.unit.above), self.unit.id]
        return inherit(self.decided[unit_id] for unit_id in path if unit_id in self.decided)

    @cached_property
    def decided(self) -> Decided:
        """What every unit said itself that day: read once for the words and the figures."""
        return policy.decided(self.quarter.last_day)

    def lines(self, *, all_below: bool) -> list[Line]:
        """The unit's own line, then those below it by name: one level, or all of them."""
        if self.frozen:
            lines = frozen_lines(self.frozen, self.unit.id, all_below=all_below)
        elif all_below:
            lines = utilisation_below(self.quarter, self.unit.id, self.decided)
        else:
            lines = utilisation(self.quarter, self.unit.id, self.decided)
        return sorted(lines, key=lambda line: line.unit_id != self.unit.id)


def report_for(viewer: Actor, quarter: Quarter, code: str | None, *, opening: bool = False) -> Report:
    """The report the viewer asks for: a unit by code, or the top of what their HR role covers.

    For `opening` it is the first unit from there down with more than one below it: one above says the same again.
    """
    return Report(quarter, _unit_for(viewer, code, opening), frozen(quarter))


@dataclass(frozen=True)
class TopUnit:
    """A unit with none above it, as a subject of permissions."""

    unit_path: frozenset[int]


def may_freeze(actor: Actor) -> bool:
    """True for HR of every top unit, and for the timed job."""
    tops = [TopUnit(frozenset({unit_id})) for unit_id in people.top_units()]
    return all(permits(actor, Permission.REPORT_FREEZE, unit) for unit in (*tops, None))


def _unit_for(viewer: Actor, code: str | None, opening: bool) -> UnitRow:
    if code:
        unit = people.find_unit(code)
    else:
        covered = sorted(viewer.units_as(*REPORT_READERS))
        find = first_fork if opening else people.get_unit_by_id
        unit = find(covered[0]) if covered else None
    if unit is None:
        raise NotFound  # the same words as for a unit that is not the viewer's to see
    ensure(viewer, Permission.REPORT_READ, unit)
    return unit


def utilisation(quarter: Quarter, unit_id: int, decided: Decided) -> list[Line]:
    """A unit and the units directly below it, live, by what was decided for the last day of the quarter."""
    shown = [unit_id, *db.session.scalars(select(Unit.id).where(Unit.parent_id == unit_id))]
    return _live(quarter, shown, decided)


def utilisation_below(quarter: Quarter, unit_id: int, decided: Decided) -> list[Line]:
    """A unit and every unit below it, live: what is downloaded."""
    below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit_id)
    return _live(quarter, list(db.session.scalars(below)), decided)


def utilisation_of_all(quarter: Quarter) -> list[Line]:
    """Every unit, live: what is frozen."""
    return _live(quarter, None, policy.decided(quarter.last_day))


def _live(quarter: Quarter, unit_ids: list[int] | None, decided: Decided) -> list[Line]:
    """Group the summaries by unit, roll them up the tree, then add those who moved, each counted once a unit."""
    within = UnitClosure.ancestor_id.in_(unit_ids) if unit_ids is not None else None
    bars = {unit_id: said["participant_min"] for unit_id, said in decided.items() if "participant_min" in said}
    sums = _rolled_up(quarter, within, bars).subquery("sums")
    units = (
        select(Unit.id, Unit.parent_id, Unit.code, Unit.name, *(func.coalesce(sums.c[name], 0) for name in SUMS))
        .outerjoin(sums, sums.c.ancestor_id == Unit.id)
        .order_by(Unit.name, Unit.id)
    )
    if unit_ids is not None:
        units = units.where(Unit.id.in_(unit_ids))
    more = _movers(quarter, within, bars)
    rows = db.session.execute(units)
    return [_line(row, more[row[0]]) if row[0] in more else Line(*row) for row in rows]


def _line(row: Sequence[Any], more: Sums) -> Line:
    """A unit's line with those who moved added."""
    return Line(*row[:4], *astuple(Sums(*row[4:]) + more))


def _sum(column: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as a whole number: PostgreSQL's of large ones is a decimal, which takes long to read."""
    return cast(func.sum(column), BigInteger)


def _least(bars: Mapping[int, int], unit: ColumnElement[int], outer: FromClause) -> ColumnElement[int]:
    """The minutes from which somebody of a unit takes part: what it says itself or the nearest above it that does.

    Asked once for each row of `outer`, units or people: a join instead takes SQLite minutes.
    """
    usual: ColumnElement[int] = literal(Settings().participant_min)
    if not bars:
        return usual
    above = table_of(UnitClosure).alias("above_it")
    minutes = case(bars, value=above.c.ancestor_id)
    said = select(minutes).where(above.c.descendant_id == unit, minutes.is_not(None))
    return func.coalesce(said.order_by(above.c.depth).limit(1).correlate(outer).scalar_subquery(), usual)


def _last_unit(person: ColumnElement[int], quarter: Quarter, outer: FromClause) -> ColumnElement[int]:
    """The unit of somebody on the last day of a quarter, or when they left."""
    post = table_of(Assignment).alias("post")
    posts = select(post.c.unit_id).where(post.c.person_id == person, post.c.starts_on <= quarter.last_day)
    return posts.order_by(post.c.starts_on.desc(), post.c.id).limit(1).correlate(outer).scalar_subquery()


def _rolled_up(
    quarter: Quarter, within: ColumnElement[bool] | None, bars: Mapping[int, int]
) -> Select[*tuple[Any, ...]]:
    """The sums of everybody who has a summary in one unit only, for each unit above it: it is theirs on the last day
    too."""
    levels = sorted({Settings().participant_min, *bars.values()})
    by_unit = (
        select(
            PersonQuarter.unit_id,
            func.sum(case((PersonQuarter.accruing_days > 0, 1), else_=0)).label("eligible"),
            *(func.sum(case((PersonQuarter.used >= least, 1), else_=0)).label(f"from_{least}") for least in levels),
            func.sum(PersonQuarter.accrued).label("accrued"),
            func.sum(PersonQuarter.used).label("used"),
        )
        .where(PersonQuarter.quarter == quarter.code, PersonQuarter.split.is_(false()))
        .group_by(PersonQuarter.unit_id)
        .cte("by_unit")
    )
    took_part = case(
        {least: by_unit.c[f"from_{least}"] for least in levels}, value=_least(bars, by_unit.c.unit_id, by_unit)
    )
    units = select(by_unit, took_part.label("participants")).cte("units")
    above = (
        select(
            UnitClosure.ancestor_id,
            *(_sum(units.c[name]).label(name) for name in SUMS),
        )
        .join(units, units.c.unit_id == UnitClosure.descendant_id)
        .group_by(UnitClosure.ancestor_id)
    )
    return above if within is None else above.where(within)


def _movers(quarter: Quarter, within: ColumnElement[bool] | None, bars: Mapping[int, int]) -> dict[int, Sums]:
    """What people with minutes in several units add to every unit above them, each counted once a unit."""
    by_person = (
        select(
            UnitClosure.ancestor_id,
            PersonQuarter.person_id,
            func.max(PersonQuarter.accruing_days).label("days"),
            func.sum(PersonQuarter.accrued).label("accrued"),
            func.sum(PersonQuarter.used).label("used"),
        )
        .join(PersonQuarter, PersonQuarter.unit_id == UnitClosure.descendant_id)
        .where(PersonQuarter.quarter == quarter.code, PersonQuarter.split)
        .group_by(UnitClosure.ancestor_id, PersonQuarter.person_id)
    )
    people_in = (by_person if within is None else by_person.where(within)).subquery()
    least = _least(bars, _last_unit(people_in.c.person_id, quarter, people_in), people_in)
    found = select(
        people_in.c.ancestor_id,
        _sum(case((people_in.c.days > 0, 1), else_=0)),
        _sum(case((people_in.c.used >= least, 1), else_=0)),
        _sum(people_in.c.accrued),
        _sum(people_in.c.used),
    ).group_by(people_in.c.ancestor_id)
    return {unit_id: Sums(*sums) for unit_id, *sums in db.session.execute(found)}


def path_names(viewer: Actor, unit: UnitRow) -> list[tuple[str, str]]:
    """Code and name of the units above this one that the viewer may read too, from the top."""
    tops = viewer.units_as(*REPORT_READERS)
    covered = dropwhile(lambda step: step.id not in tops, unit.above)
    return [(step.code, step.name) for step in covered]


def has_figures(quarter: Quarter) -> bool:
    """True if anybody accrued or used anything in a quarter."""
    anybody = select(PersonQuarter.person_id).where(PersonQuarter.quarter == quarter.code).limit(1)
    return db.session.scalar(anybody) is not None


def frozen(quarter: Quarter) -> FrozenReport | None:
    """The newest revision of a frozen quarter."""
    found = (
        select(
            QuarterReport.id,
            QuarterReport.quarter,
            QuarterReport.revision,
            QuarterReport.frozen_at,
            QuarterReport.digest,
        )
        .where(QuarterReport.quarter == quarter.code)
        .order_by(QuarterReport.revision.desc())
        .limit(1)
    )
    row = db.session.execute(found).first()
    return FrozenReport(*row) if row else None


def frozen_lines(report: FrozenReport, unit_id: int, *, all_below: bool) -> list[Line]:
    """The stored lines of a unit and what was below it then: one level, or all of it."""
    found = (
        select(
            QuarterLine.unit_id,
            QuarterLine.parent_id,
            QuarterLine.unit_code,
            QuarterLine.unit_name,
            QuarterLine.eligible,
            QuarterLine.participants,
            QuarterLine.entitlement_minutes,
            QuarterLine.used_minutes,
        )
        .where(QuarterLine.report_id == report.id)
        .order_by(QuarterLine.unit_name, QuarterLine.unit_id)
    )
    lines = [Line(*row) for row in db.session.execute(found)]
    return (
        _below(lines, unit_id) if all_below else [line for line in lines if unit_id in (line.unit_id, line.parent_id)]
    )


def _below(lines: list[Line], unit_id: int) -> list[Line]:
    parents = {line.unit_id: line.parent_id for line in lines}

    def is_below(unit: int | None) -> bool:
        while unit is not None and unit != unit_id:
            unit = parents.get(unit)
        return unit == unit_id

    return [line for line in lines if is_below(line.unit_id)]
