"""Somebody from outside: their account, their stay and the projects they may see."""

from __future__ import annotations

import datetime
from typing import Any

import factory

from tests.factories.base import TitheFactory
from tests.factories.people import PersonFactory, UnitFactory
from tithe.people.models import OutsideMember
from tithe.projects.models import ProjectGuest

INVITED = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)


class StayFactory(TitheFactory):
    """A stay to which somebody was invited in August 2026. Give it whose, who hosts them and in which unit."""

    class Meta:
        model = OutsideMember

    class Params:
        active = factory.Trait(terms_version=1, accepted_at=INVITED)
        ended = factory.Trait(ended_at=INVITED)

    organisation = "University of Leeds"
    invited_at = INVITED


class GuestFactory(TitheFactory):
    """A project that somebody from outside may see."""

    class Meta:
        model = ProjectGuest

    joined_on = INVITED.date()


class Guest:
    """Somebody from outside until the end of 2026, hosted by somebody new unless told otherwise."""

    def __init__(
        self, *, project_id: int | None = None, host_id: int | None = None, unit_id: int | None = None, **stay: Any
    ) -> None:
        days = {"starts_on": INVITED.date(), "leaves_on": stay.pop("last_day", datetime.date(2026, 12, 31))}
        self.person = PersonFactory(staff_number=None, outside=True, **days)
        self.id = self.person.id
        host = {"sponsor_id": host_id or PersonFactory().id, "unit_id": unit_id or UnitFactory().id}
        self.stay = StayFactory(person_id=self.id, **host, **stay)
        if project_id is not None:
            GuestFactory(project_id=project_id, person_id=self.id)
