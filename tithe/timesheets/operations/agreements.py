"""Agreeing in advance: somebody asks, their manager agrees or refuses, either side ends it; and what follows for weeks.

Whoever manages the person today decides, or stands in for who does, so a request never waits for somebody who left.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import delegations
from tithe.people import queries as people
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.models import TitheRequest
from tithe.timesheets.queries import agreements as queries
from tithe.timesheets.queries.agreements import RequestRow
from tithe.timesheets.queries.room import Room
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules import agreements as rules
from tithe.timesheets.rules.agreements import REFUSALS, Agreed, Asked, RefusalGround, RequestStatus
from tithe.timesheets.rules.plans import days_said, mask_of

DECIDED = "This has been answered, taken back or ended since you opened it. Read where it stands, then decide"
NO_MANAGER = "You have no line manager on record, so nobody can agree. Ask HR to put one on record"
LONGEST_WORDS = 500


@atomic
def ask_agreement(*, actor: Actor, asked: Asked, now: datetime) -> int:
    """Ask one's line manager to agree to a rhythm or a burst. Returns the id of the request."""
    ensure(actor, Permission.AGREEMENT_ASK, None)
    today = local_date(now)
    lock_table(TitheRequest)  # two that ask at once could both be let through
    me = people.find_person(actor.person_id, today)
    if me is None or not me.manager_ids:
        raise RuleBroken(NO_MANAGER)
    calendar = people.calendar_of(actor.person_id, today) or DEFAULT_CALENDAR
    holidays = holidays_over(calendar, today.year, today.year + 2)
    start_month = policy.settings_for(me.unit_id, asked.starts_on).fy_start_month
    problems = rules.problems_in(asked, today=today, holidays=holidays) + _wordy(asked) + _not_mine(actor, asked)
    if problems := problems or rules.clashes(asked, queries.live_of(actor.person_id), start_month):
        raise RulesBroken(problems)
    request = TitheRequest(
        person_id=actor.person_id, shape=asked.shape, starts_on=asked.starts_on, last_day=asked.last_day,
        weekdays=mask_of(asked.weekdays), week_minutes=asked.week_minutes, project_ids=sorted(asked.project_ids),
        duties=asked.duties.strip(), asked_at=now,
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()  # the audit names its id
    facts = {"shape": asked.shape, "from": asked.starts_on, "to": asked.last_day, "week_minutes": asked.week_minutes}
    record("agreement:ask", actor=actor, about="tithe_request", id=request.id, at=now, **facts)
    _tell_managers("asked", me.manager_ids, request.id, now, owner=actor.name, what=_said(asked))
    return request.id


def _wordy(asked: Asked) -> list[Problem]:
    if len(asked.duties.strip()) > LONGEST_WORDS:
        return [Problem(f"Write at most {LONGEST_WORDS} characters", "duties")]
    return []


def _not_mine(actor: Actor, asked: Asked) -> list[Problem]:
    mine = {each.project_id for each in projects.memberships_of(actor.person_id)} if asked.project_ids else set()
    if asked.project_ids - mine:
        return [Problem("Choose registered projects you are a member of, or none for any of yours", "projects")]
    return []


@atomic
def withdraw_agreement(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Take back what one asked for and nobody has answered."""
    request = queries.get_request(request_id, by=actor, to=Permission.AGREEMENT_ASK, today=local_date(now))
    _claim(request, RequestStatus.ASKED, status=RequestStatus.WITHDRAWN)
    record("agreement:withdraw", actor=actor, about="tithe_request", id=request_id, at=now)
    _tell_managers("withdrawn", request.manager_ids, request_id, now, owner=actor.name, what=_said(request.asked))


@atomic
def agree(*, actor: Actor, request_id: int, now: datetime) -> None:
    """Agree to what somebody of one's own staff asked for."""
    today = local_date(now)
    request = queries.get_request(request_id, by=actor, to=Permission.AGREEMENT_DECIDE, today=today)
    if request.status is RequestStatus.ASKED and request.last_day < today:
        raise RuleBroken(f"It was for days until {named(request.last_day)}, which have passed. Ask for a new request")
    decided = {"decided_at": now, "decided_by": actor.person_id}
    _claim(request, RequestStatus.ASKED, status=RequestStatus.AGREED, **decided)
    record("agreement:agree", actor=actor, about="tithe_request", id=request_id, at=now, owner_id=request.owner_id)
    _tell("agreed", request.owner_id, request_id, now, decider=actor.name, what=_said(request.asked))


@atomic
def refuse(*, actor: Actor, request_id: int, ground: str | None, reason: str, now: datetime) -> None:
    """Say no, with a ground from the list and words to act on."""
    today = local_date(now)
    request = queries.get_request(request_id, by=actor, to=Permission.AGREEMENT_DECIDE, today=today)
    problems = rules.problems_with_refusal(ground, reason)
    if problems or ground is None:  # no ground is itself a problem
        raise RulesBroken(problems)
    why, words = RefusalGround(ground), reason.strip()
    decided = {"decided_at": now, "decided_by": actor.person_id, "ground": why, "reason": words}
    _claim(request, RequestStatus.ASKED, status=RequestStatus.REFUSED, **decided)
    record("agreement:refuse", actor=actor, about="tithe_request", id=request_id, at=now, ground=why)
    facts = {"decider": actor.name, "what": _said(request.asked), "ground": REFUSALS[why], "words": words}
    _tell("refused", request.owner_id, request_id, now, **facts)


@atomic
def end_agreement(*, actor: Actor, request_id: int, ended_from: date, now: datetime) -> None:
    """End an agreement from a day on, today or later. Weeks before that day stay as they are."""
    today = local_date(now)
    request = queries.get_request(request_id, by=actor, to=Permission.AGREEMENT_END, today=today)
    if request.status is not RequestStatus.AGREED:
        raise Conflict(DECIDED)
    if not today <= ended_from <= request.last_day:
        words = f"Choose a day from {named(today)} to {named(request.last_day)}, its last day"
        raise RuleBroken(words, field="ended_from")
    ended = {"ended_from": ended_from, "ended_by": actor.person_id}
    _claim(request, RequestStatus.AGREED, status=RequestStatus.ENDED, **ended)
    record("agreement:end", actor=actor, about="tithe_request", id=request_id, at=now, ended_from=ended_from)
    facts = {"decider": actor.name, "owner": request.owner, "what": _said(request.asked), "day": named(ended_from)}
    if actor.id == request.owner_id:
        _tell_managers("ended", request.manager_ids, request_id, now, **facts)
    else:
        _tell("ended", request.owner_id, request_id, now, **facts)


def in_advance(week: WeekRow, room: Room, approver: int | None, now: datetime) -> Agreed | None:
    """The agreement that approves a week as soon as it is submitted, if one does. Source: §1.6, approval by exception.

    Only a first submission that is inside the agreement: its approver is the line manager, still employed, so nobody
    the agreement leaves the decision to works on its projects.
    """
    if week.amends_version is not None or room.schedule.settings.entry_approval != "exception" or approver is None:
        return None
    found = rules.covering(room.agreed, week.entries)
    if found is None:
        return None
    today = local_date(now)
    line_manager, _ = people.managers_above(week.owner_id, week.starts_on)
    fellows = projects.members_of({entry.project_id for entry in week.entries if entry.project_id})
    active = approver == line_manager and delegations.is_employed(approver, today, today)
    return found if active and found.decided_by not in fellows else None


def _claim(request: RequestRow, was: RequestStatus, **values: Any) -> None:
    """Change a request that still stands where it was read; whoever comes second finds it moved on."""
    table = table_of(TitheRequest)
    which = table.c.id == request.id, table.c.status == was
    done = db.session.execute(update(table).where(*which).values(**values))
    if cast(CursorResult[Any], done).rowcount != 1:
        raise Conflict(DECIDED)


def _said(asked: Asked) -> str:
    return rules.said(asked, days_said(asked.weekdays))


def _tell(event: str, to: int, request_id: int, now: datetime, **facts: Any) -> None:
    notices.queue([notices.compose(f"agreement-{event}", to=to, path=f"/agreements/{request_id}", at=now, **facts)])


def _tell_managers(event: str, to: frozenset[int], request_id: int, now: datetime, **facts: Any) -> None:
    path = f"/agreements/{request_id}"
    notices.queue([notices.compose(f"agreement-{event}", to=each, path=path, at=now, **facts) for each in sorted(to)])
