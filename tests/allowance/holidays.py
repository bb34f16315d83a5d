"""Calendars for tests: who may keep them, a place with people in it, and lists as GOV.UK publishes them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import select

from tests.allowance.ledgers import NOW, accrue, post_of
from tests.factories.people import RoleGrantFactory, Team
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.allowance.models import LedgerLine
from tithe.allowance.operations import calendars as operations
from tithe.allowance.queries.calendars import days_of
from tithe.allowance.rules.holidays import Holiday
from tithe.kernel.db import db

FAIR = Holiday(date(2026, 8, 12), "Town fair")


def copy(code: str = "leeds", copied_from: str = "england-and-wales", first: int = 2026, last: int = 2027) -> str:
    operations.copy_calendar(
        actor=SYSTEM,
        code=code,
        name=code.title(),
        copied_from=copied_from,
        first_year=first,
        last_year=last,
        now=NOW,
    )
    return code


def days(code: str = "leeds", first: int = 2026, last: int = 2027) -> dict[date, str]:
    db.session.rollback()
    return {each.day: each.name for each in days_of(code, first, last)}


def event(day: str, title: str = "Somebody’s day", notes: str = "") -> dict[str, Any]:
    return {"title": title, "date": day, "notes": notes, "bunting": True}


def a_list(*events: dict[str, Any], division: str = "england-and-wales") -> dict[str, Any]:
    return {division: {"division": division, "events": list(events)}}


def a_file(*events: dict[str, Any], division: str = "england-and-wales") -> bytes:
    return json.dumps(a_list(*events, division=division)).encode()


def reasons(person: Any) -> list[str]:
    db.session.rollback()
    lines = select(LedgerLine.reason).where(LedgerLine.person_id == person.id).order_by(LedgerLine.id)
    return list(db.session.scalars(lines))


class Leeds:
    """A calendar of one's own, somebody who works by it, somebody who does not, and an HR manager."""

    def __init__(self) -> None:
        copy()
        self.local, self.other = post_of(calendar="leeds"), post_of()
        accrue()
        self.team = Team()
        self.keeper = self.team.director
        RoleGrantFactory(person_id=self.keeper.id, unit_id=self.team.unit.id, role=Role.HR_MANAGER)
