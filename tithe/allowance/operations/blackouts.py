"""Setting and lifting blackouts. Accrual goes on, so nothing is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.models import BlackoutPeriod
from tithe.allowance.queries import blackouts as queries
from tithe.allowance.queries.blackouts import Reach, UnitConcerned
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules import blackouts as rules
from tithe.allowance.rules.blackouts import BlackoutGround, BlackoutState, Dates, Plan, Year
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table
from tithe.kernel.errors import Conflict, Problem, RulesBroken
from tithe.people import queries as people
from tithe.people.queries import UnitRow
from tithe.policy import queries as policy

NO_UNIT = "There is no unit with this code that you may set a blackout for. Choose one from the list"


@dataclass(frozen=True)
class Effect:
    """What a blackout would do: its working days and notice, whom it concerns, and each year's count in its unit."""

    unit: UnitRow
    working_days: int
    notice: int
    needed: int
    reach: Reach
    years: tuple[Year, ...]


@atomic
def set_blackout(*, actor: Actor, unit: str, plan: Plan, now: datetime) -> int:
    """Set a blackout for the unit with a code and all below it. Returns its id."""
    lock_table(BlackoutPeriod)  # two who set one at once may go beyond a limit that neither does alone
    effect = rehearse_blackout(actor=actor, unit=unit, plan=plan, today=local_date(now))
    blackout = BlackoutPeriod(
        unit_id=effect.unit.id,
        starts_on=plan.starts_on,
        last_day=plan.last_day,
        ground=BlackoutGround(plan.ground),
        reason=plan.reason.strip(),
        emergency=plan.emergency,
        set_by=actor.person_id,
        set_at=now,
    )
    db.session.add(blackout)
    db.session.flush()  # the audit names its id
    verb = "blackout:set-emergency" if plan.emergency else "blackout:set"
    facts = {"unit_id": effect.unit.id, "starts_on": plan.starts_on, "last_day": plan.last_day, "ground": plan.ground}
    record(verb, actor=actor, about="blackout", id=blackout.id, at=now, **facts, notice=effect.notice)
    return blackout.id


def rehearse_blackout(*, actor: Actor, unit: str, plan: Plan, today: date) -> Effect:
    """What setting a blackout would do; refuses whatever setting it would. Writes nothing."""
    found = _unit(actor, unit)
    needed = policy.in_force(found.id, today).settings.blackout_notice_wd if found else 0
    holidays = holidays_over(DEFAULT_CALENDAR, today.year - 1, today.year + rules.YEARS_AHEAD)
    problems = [] if found else [Problem(NO_UNIT, "unit")]
    problems += rules.problems_in(plan, notice_wd=needed, today=today, holidays=holidays)
    if found is None or problems:
        raise RulesBroken(problems)
    concerned = queries.units_concerned(found.id, plan)
    years = {each.id: rules.years_of(plan, each.held, each.limit, holidays, each.start_month) for each in concerned}
    if problems := _over_limit(concerned, years):
        raise RulesBroken(problems)
    return Effect(
        unit=found,
        working_days=rules.working_days([plan], holidays),
        notice=rules.notice_of(plan, today, holidays),
        needed=needed,
        reach=queries.reach_of(found.id, plan),
        years=tuple(years[found.id]),
    )


@atomic
def lift_blackout(*, actor: Actor, blackout_id: int, now: datetime) -> None:
    """End a blackout: one that has not begun is taken away whole, one under way holds until the end of today."""
    queries.get_blackout(blackout_id, by=actor, to=Permission.BLACKOUT_WRITE)
    today, blackout = local_date(now), db.session.get_one(BlackoutPeriod, blackout_id, with_for_update=True)
    held = Dates(blackout.starts_on, blackout.last_day)
    state = rules.state_of(held, lifted=blackout.lifted_at is not None, today=today)
    if state in (BlackoutState.LIFTED, BlackoutState.PAST) or held.last_day == today:
        raise Conflict("This blackout has been lifted or ends today as it is. There is nothing left to lift")
    if state is BlackoutState.COMING:
        blackout.lifted_at = now
    else:
        blackout.last_day = today
    record("blackout:lift", actor=actor, about="blackout", id=blackout_id, at=now, state=state, until=held.last_day)


def _unit(actor: Actor, code: str) -> UnitRow | None:
    """The unit with a code; one that is absent looks like one that is not theirs."""
    found = people.find_unit(code)
    return found if found is not None and permits(actor, Permission.BLACKOUT_WRITE, found) else None


def _over_limit(concerned: Sequence[UnitConcerned], years: dict[int, list[Year]]) -> list[Problem]:
    """Every unit that would have more working days of blackout in a year than it may."""
    return [
        Problem(
            f"{unit.name} would have {each.after} working days of blackout in {each.year.name}, and {each.limit} are "
            "the most. Choose fewer days",
            "last_day",
        )
        for unit in concerned
        for each in years[unit.id]
        if each.is_over
    ]
