"""Reading planned blocks, and what there is to plan with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select, tuple_

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.balances import Balance
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import Quarter, monday_of, quarters_over
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.policy import queries as policy
from tithe.projects.queries import project_titles
from tithe.timesheets.models import Plan, PlannedBlock
from tithe.timesheets.queries.standing import Standing, counting_under, standing_of
from tithe.timesheets.rules.agreements import burst_days
from tithe.timesheets.rules.entries import KINDS, TITHED, Entry, TimeKind
from tithe.timesheets.rules.limits import week_cap
from tithe.timesheets.rules.plans import Ahead, BlockStatus, PlanShape, ahead_on, by_quarter, by_week

PAGE = 50
MOST_DUE = 10
Place = tuple[date, int]  # in the list of blocks: the day, and the id of the block


@dataclass(frozen=True)
class BlockRow:
    """A planned block with the title of its row. Without a plan it stands for itself."""

    id: int
    plan_id: int | None
    owner_id: int
    day: date
    minutes: int
    project_id: int | None
    kind: TimeKind
    note: str
    status: BlockStatus
    project: str | None
    shape: PlanShape | None

    @property
    def entry(self) -> Entry:
        """The block as an entry of its week."""
        return Entry(self.day, self.project_id, self.minutes, self.note, self.kind)

    @property
    def title(self) -> str:
        return self.project or KINDS[self.kind]


BLOCK = table_of(PlannedBlock).c
ROWS: Select[*tuple[Any, ...]] = (
    select(
        BLOCK.id, BLOCK.plan_id, BLOCK.person_id, BLOCK.day, BLOCK.minutes, BLOCK.project_id, BLOCK.kind, BLOCK.note,
        BLOCK.status, project_titles.c.title, table_of(Plan).c.shape,
    )
    .select_from(table_of(PlannedBlock))
    .outerjoin(project_titles, project_titles.c.id == BLOCK.project_id)
    .outerjoin(table_of(Plan), table_of(Plan).c.id == BLOCK.plan_id)
    .order_by(BLOCK.day, BLOCK.id)
)  # fmt: skip
STILL_PLANNED = BLOCK.status == BlockStatus.PLANNED


def get_block(block_id: int, *, by: Actor, to: Permission) -> BlockRow:
    """One block, if it exists and the actor may do `to` with it."""
    row = db.session.execute(ROWS.where(BLOCK.id == block_id)).first() if block_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    block = BlockRow(*row)
    ensure(by, to, block)
    return block


def list_blocks(owner: Actor, *, after: Place | None = None) -> tuple[list[BlockRow], Place | None]:
    """A page of what somebody still has planned, the earliest first, days gone by included until they are answered,
    and the place to read on from when more follow."""
    found = ROWS.where(BLOCK.person_id == owner.id, STILL_PLANNED)
    if after:
        found = found.where(tuple_(BLOCK.day, BLOCK.id) > after)
    rows = [BlockRow(*row) for row in db.session.execute(found.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], (last.day, last.id) if last else None


def blocks_of_week(owner_id: int, monday: date) -> list[BlockRow]:
    """What somebody has planned in a week and not answered yet."""
    days = policy.weeks().days_of(monday)
    found = ROWS.where(BLOCK.person_id == owner_id, STILL_PLANNED, BLOCK.day.in_(days))
    return [BlockRow(*row) for row in db.session.execute(found)]


def blocks_due(owner_id: int, today: date) -> list[BlockRow]:
    """The first few blocks somebody planned for today or before and has not answered, the earliest first."""
    found = ROWS.where(BLOCK.person_id == owner_id, STILL_PLANNED, BLOCK.day <= today)
    return [BlockRow(*row) for row in db.session.execute(found.limit(MOST_DUE))]


def rest_of(block: BlockRow) -> list[BlockRow]:
    """A planned block and every later one of its plan that is still planned."""
    if block.plan_id is None:
        return [block]
    found = ROWS.where(BLOCK.plan_id == block.plan_id, STILL_PLANNED, BLOCK.day >= block.day)
    return [BlockRow(*row) for row in db.session.execute(found)]


@dataclass(frozen=True)
class Ground:
    """What a plan is laid on: the days, the balances, what waits or is planned, and what was agreed."""

    schedule: Schedule
    balances: dict[Quarter, Balance]
    standing: Standing
    taken: dict[date, int]
    tithed: dict[date, int]
    places: frozenset[tuple[date, int, str]]

    def ahead(self, days: Iterable[date], line: tuple[int, str]) -> dict[date, Ahead]:
        """Each day as a plan finds it; a day that has a block of the same row already takes no other."""
        return {day: Ahead(0, "Planned already") if (day, *line) in self.places else self.ahead_on(day) for day in days}

    def ahead_on(self, day: date) -> Ahead:
        return ahead_on(self.schedule, day, self.taken.get(day, 0))

    def cap(self, monday: date) -> int:
        """The most tithed minutes a week may hold."""
        usual = {day: self.schedule.on(day).usual for day in self.schedule.weeks.days_of(monday)}
        burst = sum(usual[day] for day in burst_days(self.standing.agreed, usual))
        return week_cap(sum(usual.values()), burst, self.schedule.settings.week_cap_pct)

    def left(self, quarter: Quarter) -> int:
        """Minutes neither used, nor waiting, nor planned."""
        return self.balances[quarter].left - self.standing.waiting[quarter] - self.standing.planned[quarter]

    def overdrawn(self, quarter: Quarter) -> int:
        """Minutes used or submitted beyond what there is."""
        return max(0, self.standing.waiting[quarter] - self.balances[quarter].left)

    @property
    def planned_weeks(self) -> dict[date, int]:
        """Tithed minutes planned so far, by Monday."""
        return by_week(self.tithed.items(), self.schedule.weeks)


def ground_of(owner_id: int, first: date, last: date, *, without: BlockRow | None = None) -> Ground:
    """What there is to plan with over some days, whole weeks and quarters of them; one block left out if named."""
    one = timedelta(days=1)
    start, end = monday_of(first) - one, monday_of(last + one) + timedelta(days=7)
    quarters = quarters_over(start, end - one)  # a day may count in the quarter of its Thursday
    schedule = schedule_of(owner_id, start, end)
    counting = counting_under(schedule)
    found = (
        select(BLOCK.day, func.coalesce(BLOCK.project_id, 0), BLOCK.kind, BLOCK.minutes)
        .where(BLOCK.person_id == owner_id, STILL_PLANNED, BLOCK.day >= start, BLOCK.day < end)
        .where(BLOCK.id != (without.id if without else 0))
    )
    rows = db.session.execute(found).all()
    taken: defaultdict[date, int] = defaultdict(int)
    tithed: defaultdict[date, int] = defaultdict(int)
    for day, _, kind, minutes in rows:
        taken[day] += minutes
        if kind in TITHED:
            tithed[day] += minutes
    standing = standing_of(owner_id, quarters, counting)
    if without and without.entry.tithed:
        for quarter, minutes in by_quarter([(without.day, without.minutes)], counting).items():
            standing.planned[quarter] = standing.planned.get(quarter, 0) - minutes
    return Ground(
        schedule=schedule,
        balances=standing.balances,
        standing=standing,
        taken=dict(taken),
        tithed=dict(tithed),
        places=frozenset((day, project_id, kind.value) for day, project_id, kind, _ in rows),
    )
