"""The promises of weeks, the time in them and what it is taken from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Subquery, and_, case, func, or_, select

from tithe.allowance.checks import COUNTED, CREDIT, open_quarters
from tithe.kernel.calendar import SUNDAY, Quarter
from tithe.kernel.checks import Check, days_later, stream
from tithe.kernel.clock import local_date
from tithe.people.checks import EMPLOYMENT
from tithe.policy import queries as policy
from tithe.projects.checks import MEMBERSHIPS
from tithe.timesheets.checks.rows import STANDING, entries_named, weeks_named
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.rules.entries import TITHED, Entry, TimeKind, digest_of
from tithe.timesheets.rules.lifecycle import WeekStatus

DAY = 24 * 60


def misfit_entries(now: datetime) -> Iterator[str]:
    """Entries of no minutes, of more than a day, or in somebody else's week."""
    misfit = or_(~TimeEntry.minutes.between(1, DAY), TimeEntry.person_id != Week.person_id)
    found = select(TimeEntry.id, TimeEntry.person_id).join(Week, Week.id == TimeEntry.week_id).where(misfit)
    return entries_named(found.order_by(TimeEntry.id))


def overfull_days(now: datetime) -> Iterator[str]:
    """Days of somebody that hold more than 24 hours."""
    found = (
        select(TimeEntry.person_id, TimeEntry.day)
        .group_by(TimeEntry.person_id, TimeEntry.day)
        .having(func.sum(TimeEntry.minutes) > DAY)
    )
    for row in stream(found):
        yield f"person {row.person_id} on {row.day}"


def entries_outside_employment(now: datetime) -> Iterator[str]:
    """Entries on days somebody was not employed, or that have not come."""
    outside = or_(
        TimeEntry.day < EMPLOYMENT.c.starts_on,
        TimeEntry.day > EMPLOYMENT.c.leaves_on,
        TimeEntry.day > local_date(now),
    )
    found = select(TimeEntry.id, TimeEntry.person_id).join(EMPLOYMENT, EMPLOYMENT.c.id == TimeEntry.person_id)
    return entries_named(found.where(outside).order_by(TimeEntry.id))


def misdated_weeks(now: datetime) -> Iterator[str]:
    """Weeks that do not start on a Monday or count on a day of another, entries outside the days of their week."""
    starts = stream(select(Week.starts_on).distinct())
    odd = Week.starts_on.in_([row.starts_on for row in starts if row.starts_on.weekday()])
    elsewhere = Week.counts_on >= days_later(Week.starts_on, SUNDAY)
    yield from weeks_named(select(Week.id, Week.person_id).where(or_(odd, elsewhere)).order_by(Week.id))
    weeks = policy.weeks()
    found = select(TimeEntry.id, TimeEntry.person_id, TimeEntry.day, Week.starts_on).join(Week)
    doubtful = or_(TimeEntry.day < Week.starts_on, TimeEntry.day >= days_later(Week.starts_on, SUNDAY))
    for row in stream(found.where(doubtful).order_by(TimeEntry.id)):
        if weeks.monday_of(row.day) != row.starts_on:
            yield f"entry {row.id} of person {row.person_id}"


def entries_of_strangers(now: datetime) -> Iterator[str]:
    """Entries on a project that is not registered, or that somebody was not a member of on that day."""
    held = and_(
        MEMBERSHIPS.c.project_id == TimeEntry.project_id,
        MEMBERSHIPS.c.person_id == TimeEntry.person_id,
        MEMBERSHIPS.c.joined_on <= TimeEntry.day,
        or_(MEMBERSHIPS.c.left_on.is_(None), MEMBERSHIPS.c.left_on >= TimeEntry.day),
    )
    found = select(TimeEntry.id, TimeEntry.person_id).outerjoin(MEMBERSHIPS, held)
    strangers = (MEMBERSHIPS.c.project_id.is_(None), TimeEntry.kind == TimeKind.TITHE)
    return entries_named(found.where(*strangers).order_by(TimeEntry.id))


def weeks_changed_since(now: datetime) -> Iterator[str]:
    """Approved weeks whose entries are not those their decision names by digest."""
    found = (
        select(
            Week.id, Week.person_id, Decision.version, Decision.digest,
            TimeEntry.day, TimeEntry.project_id, TimeEntry.minutes, TimeEntry.note, TimeEntry.kind,
        )
        .join(Decision, STANDING)
        .outerjoin(TimeEntry, TimeEntry.week_id == Week.id)
        .where(Week.status == WeekStatus.APPROVED)
        .order_by(Week.id)
    )  # fmt: skip
    for (week_id, person_id, version, digest), rows in groupby(stream(found), key=lambda row: tuple(row[:4])):
        entries = [Entry(*row[4:]) for row in rows if row.day is not None]
        if digest_of(version, entries) != digest:
            yield f"week {week_id} of person {person_id}"


def wrong_totals(now: datetime) -> Iterator[str]:
    """Weeks whose total is not the sum of the tithed time in them."""
    tithed = case((TimeEntry.kind.in_(TITHED), TimeEntry.minutes), else_=0)
    found = (
        select(Week.id, Week.person_id)
        .outerjoin(TimeEntry, TimeEntry.week_id == Week.id)
        .group_by(Week.id, Week.person_id, Week.total_minutes)
        .having(Week.total_minutes != func.coalesce(func.sum(tithed), 0))
    )
    return weeks_named(found.order_by(Week.id))


def overspent_quarters(now: datetime) -> Iterator[str]:
    """Open quarters of which somebody has used and asked for more than was ever theirs to use.

    What was earned may shrink afterwards, so the measure is the most they ever had.
    """
    quarters = open_quarters()
    for number, quarter in enumerate(quarters):
        waiting = _waiting_in(quarter, also_before=number == 0)
        asked = CREDIT.c.used + func.coalesce(waiting.c.minutes, 0)
        found = (
            select(CREDIT.c.person_id)
            .outerjoin(waiting, waiting.c.person_id == CREDIT.c.person_id)
            .where(CREDIT.c.quarter == quarter.code, asked > 0, asked > CREDIT.c.most)
        )
        for row in stream(found.order_by(CREDIT.c.person_id)):
            yield f"person {row.person_id} in {quarter}"


def _waiting_in(quarter: Quarter, *, also_before: bool) -> Subquery:
    """Minutes that wait for a decision and would be used in a quarter: the oldest open one pays for closed ones too.

    A week that is being amended gives back what it counts for.
    """
    submitted = Week.status == WeekStatus.SUBMITTED
    earliest = date.min if also_before else quarter.start
    counts_on = func.coalesce(Week.counts_on, TimeEntry.day)
    asked = (
        select(Week.person_id, TimeEntry.minutes)
        .join(TimeEntry, TimeEntry.week_id == Week.id)
        .where(submitted, counts_on < quarter.end, counts_on >= earliest, TimeEntry.kind.in_(TITHED))
    )
    pays_for = COUNTED.c.quarter <= quarter.code if also_before else COUNTED.c.quarter == quarter.code
    back = (
        select(Week.person_id, -COUNTED.c.minutes)
        .join(COUNTED, COUNTED.c.source_id == Week.id)
        .where(submitted, pays_for)
    )
    both = asked.union_all(back).subquery("both")
    sums = select(both.c.person_id, func.sum(both.c.minutes).label("minutes"))
    return sums.group_by(both.c.person_id).subquery("waiting")


def empty_weeks_with_time(now: datetime) -> Iterator[str]:
    """Weeks whose owner declared that nothing was done, and that hold time of any kind."""
    held = select(TimeEntry.id).where(TimeEntry.week_id == Week.id).exists()
    return weeks_named(select(Week.id, Week.person_id).where(Week.nothing_since.is_not(None), held).order_by(Week.id))


CHECKS = [
    Check("H1", "An entry is from 1 minute to 24 hours of one person", misfit_entries),
    Check("H2", "A day of somebody holds at most 24 hours", overfull_days),
    Check("H3", "Time is logged on days of employment that have come", entries_outside_employment),
    Check("H4", "A week is named by its Monday and holds the days of that week", misdated_weeks),
    Check("H5", "Time is logged to registered projects on days of membership", entries_of_strangers),
    Check("H6", "An approved week holds what was approved", weeks_changed_since),
    Check("H7", "The total of a week is the sum of its tithed time", wrong_totals),
    Check("H8", "A week in which nothing was done holds no time", empty_weeks_with_time),
    Check("B3", "Nobody has used and asked for more of a quarter than they had", overspent_quarters),
]
