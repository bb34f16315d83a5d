"""How much room a week has, and what waits for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select

from tithe.allowance.queries.balances import Balance, used_by_weeks
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db, table_of
from tithe.projects.rules import Membership
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.queries.standing import Approver, Planned, standing_of, standings_of
from tithe.timesheets.queries.weeks import COUNTS_ON, ENTRY, WEEK, WeekRow
from tithe.timesheets.rules.agreements import Agreed, burst_days
from tithe.timesheets.rules.entries import TITHED, Counting, use_by_quarter
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.limits import Limits


def waiting_between(quarter: Quarter, low: int, high: int) -> dict[int, int]:
    """Minutes of a quarter that wait for a decision, of everybody in a range of ids who has any.

    Of an amendment only what it asks for beyond what is counted already.
    """
    found = (
        select(WEEK.person_id, WEEK.id, WEEK.amends_version, func.sum(ENTRY.minutes))
        .select_from(table_of(Week).join(table_of(TimeEntry), WEEK.id == ENTRY.week_id))
        .where(
            WEEK.status == WeekStatus.SUBMITTED,
            WEEK.person_id.between(low, high),
            ENTRY.kind.in_(TITHED),
            quarter.start <= COUNTS_ON,
            quarter.end > COUNTS_ON,
        )
        .group_by(WEEK.person_id, WEEK.id, WEEK.amends_version)
    )
    rows = db.session.execute(found).all()
    counted = used_by_weeks([row.id for row in rows if row.amends_version is not None])
    waiting: dict[int, int] = {}
    for person_id, week_id, _, minutes in rows:
        asked = max(0, int(minutes) - counted.get(week_id, {}).get(quarter, 0))
        waiting[person_id] = waiting.get(person_id, 0) + asked
    return waiting


def waiting_of(owner_ids: Iterable[int], quarter: Quarter) -> dict[int, int]:
    """Minutes that wait for a decision and will be used in a quarter, of those of some people who have any."""
    found = {each: standing.waiting[quarter] for each, standing in standings_of(owner_ids, [quarter]).items()}
    return {each: minutes for each, minutes in found.items() if minutes}


@dataclass(frozen=True)
class Room:
    """What somebody may still log in a week: the schedule of its days, the minutes left in its quarters, the projects.

    `counted` are the minutes a week that is being amended has used already: it may use them again. `not_yet` are those
    of the entitlement that a policy lets nobody use before they are earned. `agreed` is what owner and manager agreed,
    `planned` the blocks of these quarters that are not answered yet. `waiting` is of other weeks, `own` of this one.
    All of the week counts in the quarter of the day it `counts_on`, or each day in its own.
    """

    schedule: Schedule
    balances: dict[Quarter, Balance]
    waiting: dict[Quarter, int]
    memberships: list[Membership]
    approver: Approver | None  # who would decide the week if it were submitted now; None is the unit's HR queue
    counted: dict[Quarter, int] | None = None
    not_yet: dict[Quarter, int] = field(default_factory=dict)
    agreed: tuple[Agreed, ...] = ()
    planned: tuple[Planned, ...] = ()
    own: dict[Quarter, int] = field(default_factory=dict)
    counts_on: date | None = None

    @property
    def counts_in(self) -> Quarter | None:
        """The quarter in which all of the week counts, if it does so whole."""
        return Quarter.containing(self.counts_on) if self.counts_on else None

    def waiting_in_all(self, quarter: Quarter) -> int:
        """Minutes that wait for approval in any week: the figure to show, the same on every page."""
        return self.waiting[quarter] + self.own.get(quarter, 0)

    def left(self, quarter: Quarter) -> int:
        """Minutes earned and neither approved nor waiting for approval in another week."""
        free = self.balances[quarter].left - self.waiting[quarter] - self.not_yet.get(quarter, 0)
        return free + (self.counted or {}).get(quarter, 0)

    def limits(self, monday: date) -> Limits:
        known = {day: self.schedule.on(day) for day in self.schedule.weeks.days_of(monday)}
        return Limits(
            scheduled={day: each.scheduled for day, each in known.items()},
            usual_week=sum(each.usual for each in known.values()),
            usual_burst=sum(known[day].usual for day in burst_days(self.agreed, known)),
            min_entry_min=self.schedule.settings.min_entry_min,
            week_cap_pct=self.schedule.settings.week_cap_pct,
            left={quarter: self.left(quarter) for quarter in self.balances},
            closed_before=self.schedule.closed_before,
            amending=self.counted is not None,
            own_time=self.schedule.settings.own_time_allowed,
            blackouts={day: each.blackout.unit for day, each in known.items() if each.blackout},
            away={day: each.away for day, each in known.items() if each.away},
            holidays=frozenset(day for day, each in known.items() if each.holiday),
            counts_on=self.counts_on,
        )


def room_in(week: WeekRow, today: date) -> Room:
    """How much room its owner has in a week today."""
    schedule = schedule_of(week.owner_id, week.starts_on - timedelta(days=1), week.starts_on + timedelta(days=7))
    open_from = schedule.closed_before
    quarters = sorted({Quarter.containing(max(day, open_from)) for day in schedule.weeks.days_of(week.starts_on)})
    counted = None
    if week.id is not None and week.is_amendment:
        counted = dict.fromkeys(quarters, 0)
        for quarter, minutes in used_by_weeks([week.id])[week.id].items():
            counted[Quarter.containing(max(quarter.start, open_from))] += minutes
    assign = schedule.settings_on(week.starts_on).week_assign
    counts_on = week.counting_day(assign)
    standing = standing_of(week.owner_id, quarters, Counting(assign, schedule.weeks), week=week)
    return Room(
        schedule=schedule,
        balances=standing.balances,
        waiting=standing.waiting,
        counted=counted,
        not_yet=_not_yet(week.owner_id, schedule, quarters, today),
        memberships=standing.memberships,
        approver=standing.approver,
        agreed=tuple(standing.agreed),
        planned=tuple(standing.blocks),
        own=_asked(week, counted or {}, open_from),
        counts_on=counts_on,
    )


def _asked(week: WeekRow, counted: dict[Quarter, int], open_from: date) -> dict[Quarter, int]:
    """What a week itself waits for once it is submitted: of an amendment only what goes beyond what is counted."""
    if week.status is not WeekStatus.SUBMITTED:
        return {}
    asked: dict[Quarter, int] = {}
    for worked_in, minutes in use_by_quarter(week.entries, week.counts_on).items():
        quarter = Quarter.containing(max(worked_in.start, open_from))
        asked[quarter] = asked.get(quarter, 0) + minutes
    return {quarter: max(0, minutes - counted.get(quarter, 0)) for quarter, minutes in asked.items()}


def _not_yet(owner_id: int, schedule: Schedule, quarters: Iterable[Quarter], today: date) -> dict[Quarter, int]:
    if schedule.settings.availability == "forecast":
        return {}
    return {each: schedule_of(owner_id, each.start, each.end).not_earned_by(today) for each in quarters}
