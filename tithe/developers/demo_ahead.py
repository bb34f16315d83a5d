"""What is settled before time is logged in the demo: agreements, a rhythm planned ahead, and flagged projects."""

from __future__ import annotations

from datetime import datetime, timedelta

from tithe.access.actor import Actor
from tithe.kernel.calendar import monday_of
from tithe.kernel.clock import local_date
from tithe.projects import operations as projects
from tithe.timesheets.operations.agreements import agree, ask_agreement
from tithe.timesheets.operations.plans import make_plan
from tithe.timesheets.rules.agreements import Asked, RequestShape
from tithe.timesheets.rules.plans import PlanShape, Wish

WEDNESDAY, FRIDAY = 2, 4
DUTIES = "The phone is covered on Fridays by the two of us who do not take part"
RIVAL = "My partner works for one of the two firms that sell the boards we want to try on the wards."
CUSTODY = "The diary would name places and shifts. Somebody should say whether that may leave the secure network."
FINE = "The diaries name no place and no shift, so nothing leaves the network that must stay inside it."


def look_ahead(*, member: Actor, colleague: Actor, manager: Actor, project_id: int, now: datetime) -> None:
    """A rhythm that a manager agreed to and what is planned in it, and another that waits for an answer."""
    monday = monday_of(local_date(now)) + timedelta(weeks=1)
    ends = monday + timedelta(weeks=26)
    rhythm = Asked(RequestShape.RHYTHM, monday, ends, frozenset({FRIDAY}), 240, frozenset(), DUTIES)
    request_id = ask_agreement(actor=member, asked=rhythm, now=now - timedelta(days=1))
    agree(actor=manager, request_id=request_id, now=now)
    waits = Asked(RequestShape.RHYTHM, monday, ends, frozenset({WEDNESDAY, FRIDAY}), 300)
    ask_agreement(actor=colleague, asked=waits, now=now)
    last_day = monday + timedelta(weeks=8)
    wish = Wish(
        PlanShape.RHYTHM, str(project_id), monday, last_day, 90, frozenset({FRIDAY}), note="Reading what came back"
    )
    make_plan(actor=member, wish=wish, now=now)


def flag_projects(
    *, coordinator: Actor, open_on: tuple[Actor, int], cleared_on: tuple[Actor, int], then: datetime, now: datetime
) -> None:
    """A project that waits for the coordinator, and one that was cleared a while ago; each is flagged by its owner."""
    owner, project_id = cleared_on
    flag_id = projects.raise_flag(actor=owner, project_id=project_id, ground="security", words=CUSTODY, now=then)
    later = then + timedelta(days=2)
    projects.settle_flag(actor=coordinator, flag_id=flag_id, outcome="cleared", reason=FINE, now=later)
    owner, project_id = open_on
    projects.raise_flag(actor=owner, project_id=project_id, ground="conflict", words=RIVAL, now=now)
