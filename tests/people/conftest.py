"""A clock to move, people with a password, and a browser one of them is signed in with."""

from __future__ import annotations

import pytest

from tests.factories.people import RoleGrantFactory, Team
from tests.people.provisioning import Provider
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.people.operations import identity


@pytest.fixture
def team(hands) -> Team:
    team = Team()
    identity.set_password(actor=SYSTEM, person_id=team.owner.id, password=PASSWORD, cost=COST, now=NOW)
    return team


@pytest.fixture
def here(app, team) -> PageClient:
    browser = PageClient(app)
    sign_in(browser, team.owner.email)
    return browser


@pytest.fixture
def provider(team, api) -> Provider:
    """An identity provider with a token of an HR manager's."""
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.HR_MANAGER)
    return Provider(api.as_(team.hr, "scim"))
