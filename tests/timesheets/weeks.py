"""Weeks for tests: who acts, what they logged, and where the week stands. Made through the operations alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.factories.people import Team
from tests.factories.projects import ProjectFactory
from tithe.access.actor import Actor
from tithe.kernel.db import db
from tithe.people import queries as people
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.weeks import WeekRow, own_week
from tithe.timesheets.rules.entries import Entry

MONDAY = date(2026, 8, 3)
NOW = datetime(2026, 8, 7, 15, tzinfo=UTC)  # the Friday of that week
STRADDLING = date(2026, 6, 29)  # Monday and Tuesday are in Apr to Jun, the rest in Jul to Sep
REASON = "Tuesday is on the wrong project: please move it and send it again"


def actor(person: Any, now: datetime = NOW) -> Actor:
    """Somebody as a signed-in person."""
    db.session.rollback()
    return people.actor_by_email(person.email, now)


class Story:
    """A team, and a project of the owner's to log time to."""

    def __init__(self) -> None:
        self.team = Team()
        self.project = ProjectFactory(owner_id=self.team.owner.id, owner=None, title="Plain letters")
        self.owner = actor(self.team.owner)
        self.manager = actor(self.team.manager)

    def entry(self, minutes: int = 90, *, day: int = 0, monday: date = MONDAY, note: str = "") -> Entry:
        return Entry(monday + timedelta(days=day), self.project.id, minutes, note)

    def saved(self, *entries: Entry, monday: date = MONDAY, by: Actor | None = None) -> WeekRow:
        """A draft, with an hour and a half on its Tuesday unless told otherwise: Mondays may be holidays."""
        who, usual = by or self.owner, (self.entry(day=1, monday=monday),)
        save_week(actor=who, monday=monday, entries=entries or usual, now=NOW)
        return self.week(monday, by=who)

    def submitted(self, *entries: Entry, monday: date = MONDAY, by: Actor | None = None) -> WeekRow:
        self.saved(*entries, monday=monday, by=by)
        submit_week(actor=by or self.owner, monday=monday, now=NOW)
        return self.week(monday, by=by)

    def approved(self, *entries: Entry, monday: date = MONDAY, by: Actor | None = None) -> WeekRow:
        week = self.submitted(*entries, monday=monday, by=by)
        approve(self.manager, week)
        return self.week(monday, by=by)

    def week(self, monday: date = MONDAY, by: Actor | None = None) -> WeekRow:
        db.session.rollback()
        return own_week(by or self.owner, monday)


def approve(decider: Actor, *weeks: WeekRow) -> None:
    decisions.approve_weeks(actor=decider, versions={week.id: week.version for week in weeks if week.id}, now=NOW)


def send_back(decider: Actor, week: WeekRow, **changes: Any) -> None:
    asked = {"version": week.version, "ground": "wrong_entry", "reason": REASON, **changes}
    decisions.return_week(actor=decider, week_id=week.id or 0, now=NOW, **asked)
