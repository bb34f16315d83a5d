"""Somebody's balance and what stands beside it: minutes that wait for a decision, minutes planned, what was agreed, and
the projects the time may go to.

All of it is read in one statement, so that the pages people live on can have all of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from tithe.allowance.queries.balances import Balance, Posted, balance_from, quarter_totals, week_use
from tithe.allowance.queries.periods import NEWEST_CLOSED
from tithe.allowance.queries.schedules import Which, of_one
from tithe.allowance.rules.ledger import quarter_of_use
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.kernel.plans import NOTHING, fixed, no_rows
from tithe.kernel.prepared import Prepared
from tithe.people.queries import MANAGERS_ABOVE, person_names
from tithe.projects.queries import is_member, memberships, project_titles
from tithe.projects.rules import Membership
from tithe.timesheets.models import PlannedBlock, TimeEntry, TitheRequest, Week
from tithe.timesheets.queries.weeks import COUNTS_ON, WeekRow
from tithe.timesheets.rules.agreements import Agreed, RequestShape, RequestStatus, last_day_of
from tithe.timesheets.rules.deciding import Chain, approver_among
from tithe.timesheets.rules.entries import BY_DAY, KINDS, TITHED, Counting, Entry, TimeKind
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.plans import BlockStatus, by_quarter, weekdays_of

WEEK, ENTRY, BLOCK, REQUEST = (table_of(each).c for each in (Week, TimeEntry, PlannedBlock, TitheRequest))
USE = week_use.c
IN_FORCE = (RequestStatus.AGREED, RequestStatus.ENDED)
NO_WEEK, A_WEEK = date(1, 1, 1), timedelta(days=7)
GIVEN: dict[str, type[TypeEngine[Any]]] = {
    "ref": Integer,
    "day": Date,
    "until": Date,
    "ended": Date,
    "minutes": Integer,
    "mask": Integer,
    "words": String,
    "kind": String,
    "note": String,
    "by": Integer,
    "data": JSON,
}
NO_ROWS = no_rows(what=String, person_id=Integer, **GIVEN)
SINCE, END = bindparam("since", type_=Date), bindparam("end", type_=Date)
AROUND, BEYOND = bindparam("around", type_=Date), bindparam("beyond", type_=Date)  # with the weeks over both ends


def _arm(what: str, person: Any, **columns: Any) -> Select[*tuple[Any, ...]]:
    return select(literal(what), person, *[columns.get(name, NOTHING) for name in GIVEN])


AMENDED = (WEEK.status == WeekStatus.SUBMITTED, WEEK.amends_version.is_not(None))


def _among(person: ColumnElement[int]) -> ColumnElement[bool]:
    return person.in_(bindparam("owner_ids", expanding=True, type_=Integer))


def _works_on_it(person_id: ColumnElement[int]) -> ColumnElement[Any]:
    """Whether somebody is a member of a project in the week that is asked about."""
    shared = select(literal(1)).where(ENTRY.week_id == bindparam("week_id"), is_member(ENTRY.project_id, person_id))
    return cast(shared.correlate_except(table_of(TimeEntry)).exists(), Integer)


def _of_their_own() -> list[Select[*tuple[Any, ...]]]:
    """The balances of one person, the projects they are in, and who is above them to decide a week."""
    totals, project = quarter_totals.c, memberships.c
    above, manager, countersigner = MANAGERS_ABOVE.subquery(), person_names.alias(), person_names.alias()
    return [
        _arm(
            "above", bindparam("person_id", type_=Integer), ref=above.c[0], words=manager.c.name,
            minutes=_works_on_it(above.c[0]), mask=above.c[1], note=countersigner.c.name,
            by=_works_on_it(above.c[1]),
        )
        .select_from(above.outerjoin(manager, manager.c.id == above.c[0]))
        .outerjoin(countersigner, countersigner.c.id == above.c[1]),
        _arm(
            "balance", totals.person_id, words=totals.quarter, minutes=func.sum(totals.accrued),
            ref=func.sum(totals.used), mask=func.sum(totals.other), by=func.sum(totals.accruing_days),
        )
        .where(of_one(totals.person_id), totals.quarter.between(bindparam("first"), bindparam("last")))
        .group_by(totals.person_id, totals.quarter),
        _arm(
            "project", project.person_id, ref=project.id, words=project.title, day=project.joined_on,
            until=project.left_on, ended=project.closed_on, minutes=cast(project.halted, Integer),
        ).where(of_one(project.person_id)),
    ]  # fmt: skip


def _standing(which: Which, *others: Select[*tuple[Any, ...]]) -> CompoundSelect[*tuple[Any, ...]]:
    """What stands beside the balances of the people `which` chooses, and what others ask in the same statement."""
    return union_all(
        NO_ROWS,
        _arm(
            "waiting", WEEK.person_id, ref=WEEK.id, day=COUNTS_ON, minutes=func.sum(ENTRY.minutes),
            words=NEWEST_CLOSED,
        )
        .select_from(table_of(Week).join(table_of(TimeEntry), WEEK.id == ENTRY.week_id))
        .where(
            which(WEEK.person_id),
            WEEK.status == WeekStatus.SUBMITTED,
            WEEK.starts_on != bindparam("except_week", type_=Date),
            ENTRY.kind.in_(TITHED),
            COUNTS_ON < END,
        )
        .group_by(WEEK.person_id, WEEK.id, COUNTS_ON),
        _arm("counted", USE.person_id, ref=USE.week_id, minutes=func.sum(USE.minutes), words=USE.quarter)
        .where(USE.week_id.in_(select(WEEK.id).where(which(WEEK.person_id), *AMENDED)))
        .group_by(USE.person_id, USE.week_id, USE.quarter),
        _arm(
            "planned", BLOCK.person_id, ref=BLOCK.id, day=BLOCK.day, minutes=BLOCK.minutes, mask=BLOCK.project_id,
            words=project_titles.c.title, kind=BLOCK.kind, note=BLOCK.note,
        )
        .select_from(table_of(PlannedBlock).outerjoin(project_titles, project_titles.c.id == BLOCK.project_id))
        .where(which(BLOCK.person_id), BLOCK.status == BlockStatus.PLANNED, BLOCK.day >= AROUND, BLOCK.day < BEYOND),
        _arm(
            "agreed", REQUEST.person_id, ref=REQUEST.id, day=REQUEST.starts_on, until=REQUEST.last_day,
            ended=REQUEST.ended_from, minutes=REQUEST.week_minutes, mask=REQUEST.weekdays, words=REQUEST.shape,
            by=REQUEST.decided_by, data=REQUEST.project_ids,
        ).where(
            which(REQUEST.person_id), REQUEST.status.in_(IN_FORCE), REQUEST.starts_on < END,
            REQUEST.last_day >= SINCE,
        ),
        *others,
    )  # fmt: skip


OF_SOME, OF_ONE = fixed(_standing(_among)), Prepared(_standing(of_one, *_of_their_own()))


@dataclass(frozen=True)
class Planned:
    """A block that is planned and not answered yet, with the title of its row."""

    id: int
    entry: Entry
    title: str

    @property
    def day(self) -> date:
        return self.entry.day

    @property
    def minutes(self) -> int:
        return self.entry.minutes

    @property
    def note(self) -> str:
        return self.entry.note


class Approver(NamedTuple):
    """Who is to decide a week."""

    id: int
    name: str


@dataclass
class Standing:
    """Minutes of one person in each quarter that wait for a decision or are planned, the planned blocks of all these
    quarters by day, and what was agreed.

    Where it was asked for one person alone, with what was posted to them in each quarter, the projects they are in, and
    who would decide a week: None is the unit's HR queue.
    """

    owner_id: int
    waiting: dict[Quarter, int]
    planned: dict[Quarter, int]
    blocks: list[Planned] = field(default_factory=list)
    agreed: list[Agreed] = field(default_factory=list)
    posted: dict[str, Posted] = field(default_factory=dict)
    memberships: list[Membership] = field(default_factory=list)
    approver: Approver | None = None

    @property
    def balances(self) -> dict[Quarter, Balance]:
        return {each: balance_from(self.owner_id, each, self.posted.get(each.code)) for each in self.waiting}


def counting_under(schedule: Schedule) -> Counting:
    """In which quarters what is planned counts, under the settings at the end of a schedule."""
    return Counting(schedule.settings.week_assign, schedule.weeks)


def standing_of(
    owner_id: int, quarters: Collection[Quarter], counting: Counting = BY_DAY, *, week: WeekRow | None = None
) -> Standing:
    """What stands beside somebody's balance in some quarters, and who would decide a week if one is named: that is left
    out of what waits.

    Of an amendment only what it asks for beyond what is counted already waits. What waits in a closed quarter waits
    for the quarter open after it: there it will be used. What is planned counts by `counting`, what was sent as it was
    sent.
    """
    codes = {"first": min(quarters).code, "last": max(quarters).code}
    about = {"week_id": week.id or 0, "day": week.starts_on} if week else {"week_id": 0, "day": min(quarters).start}
    over = _over(quarters, week.starts_on if week else NO_WEEK)
    rows = OF_ONE.all(person_id=owner_id, **about, **codes, **over)
    return _standings([owner_id], quarters, counting, rows)[owner_id]


def standings_of(owner_ids: Iterable[int], quarters: Collection[Quarter]) -> Mapping[int, Standing]:
    """The same for some people, in the same one statement, by the day of what is planned."""
    owner_ids = list(owner_ids)
    rows = db.session.execute(OF_SOME, {"owner_ids": owner_ids, **_over(quarters)})
    return _standings(owner_ids, quarters, BY_DAY, rows)


def _over(quarters: Collection[Quarter], except_week: date = NO_WEEK) -> dict[str, date]:
    """The days to ask about."""
    start, end = min(quarters).start, max(quarters).end
    around = {"around": start - A_WEEK, "beyond": end + A_WEEK}
    return {"since": start, "end": end, "except_week": except_week, **around}


def _standings(
    owner_ids: Sequence[int], quarters: Collection[Quarter], counting: Counting, rows: Iterable[Any]
) -> dict[int, Standing]:
    """What the rows of such a statement say of each person."""
    quarters = sorted(quarters)
    found = {each: Standing(each, dict.fromkeys(quarters, 0), dict.fromkeys(quarters, 0)) for each in owner_ids}
    asked: defaultdict[tuple[int, int, Quarter], int] = defaultdict(int)
    counted: dict[tuple[int, int, Quarter], int] = {}
    for row in rows:
        if row.what == "waiting":
            asked[row.person_id, row.ref, quarter_of_use(row.day, row.words)] += int(row.minutes)
        elif row.what == "counted":
            counted[row.person_id, row.ref, Quarter.parse(row.words)] = int(row.minutes)
        elif row.what == "agreed":
            found[row.person_id].agreed.append(_agreed(row))
        elif row.what == "above":
            found[row.person_id].approver = _approver(row)
        elif row.what == "balance":
            found[row.person_id].posted[row.words] = (row.minutes, row.ref, row.mask, row.by)
        elif row.what == "project":
            project = Membership(row.ref, row.words, row.day, row.until, row.ended, bool(row.minutes))
            found[row.person_id].memberships.append(project)
        else:
            found[row.person_id].blocks.append(_planned(row))
    for standing in found.values():
        tithed = [(block.day, block.minutes) for block in standing.blocks if block.entry.tithed]
        asked_for = by_quarter(tithed, counting)
        standing.planned = {quarter: asked_for.get(quarter, 0) for quarter in quarters}
        within = [block for block in standing.blocks if quarters[0].start <= block.day < quarters[-1].end]
        standing.blocks = sorted(within, key=lambda block: (block.day, block.id))
    for (person_id, week_id, quarter), minutes in asked.items():
        if quarter in found[person_id].waiting:
            beyond = max(0, minutes - counted.get((person_id, week_id, quarter), 0))
            found[person_id].waiting[quarter] += beyond
    return found


def _approver(row: Any) -> Approver | None:
    """Who decides, of the manager (`ref`) and the countersigning manager (`mask`), each with their name and whether
    they work on one of the projects themselves."""
    fellows = [person_id for person_id, works in ((row.ref, row.minutes), (row.mask, row.by)) if works]
    found = approver_among(row.person_id, Chain(row.ref, row.mask), fellows)
    return Approver(found, row.words if found == row.ref else row.note) if found else None


def _planned(row: Any) -> Planned:
    entry = Entry(row.day, row.mask, row.minutes, row.note, TimeKind(row.kind))
    return Planned(row.ref, entry, row.words or KINDS[entry.kind])


def _agreed(row: Any) -> Agreed:
    return Agreed(
        id=row.ref,
        shape=RequestShape(row.words),
        starts_on=row.day,
        last_day=last_day_of(row.until, row.ended),
        weekdays=weekdays_of(row.mask),
        week_minutes=row.minutes,
        project_ids=frozenset(row.data),
        decided_by=row.by,
    )
