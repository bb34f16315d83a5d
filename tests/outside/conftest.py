"""A clock to move, a team with a project, and a host who invites."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.factories.people import RoleGrantFactory, Team
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.people.signing_in import Hands
from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.kernel.db import db
from tithe.outside import operations
from tithe.people import queries as people
from tithe.people.operations.outside import Invitee

UNTIL = date(2026, 12, 31)
GUEST = Invitee("Gita Guest", "gita@leeds.example.org", "University of Leeds")


class Party:
    """A team whose owner has a project that the colleague works on too, and an HR manager of the department."""

    def __init__(self, hands: Hands) -> None:
        self.hands, self.team = hands, Team()
        self.owner = self.team.owner
        self.project = ProjectFactory(owner_id=self.owner.id, owner=None, title="Plain letters")
        MemberFactory(project_id=self.project.id, person_id=self.team.colleague.id)
        self.others = ProjectFactory(title="Another project")
        RoleGrantFactory(person_id=self.team.hr.id, role=Role.HR_MANAGER, unit_id=self.team.department.id)

    def actor(self, person: Any) -> Actor:
        db.session.rollback()
        return people.actor_by_email(person.email, self.hands.now)

    def invite(self, *, until: date = UNTIL, by: object = None, **changes: str) -> int:
        return operations.invite(
            actor=self.actor(by or self.owner), invitee=replace(GUEST, **changes), project_ids={self.project.id},
            last_day=until, now=self.hands.now,
        )  # fmt: skip


@pytest.fixture
def party(hands) -> Party:
    return Party(hands)
