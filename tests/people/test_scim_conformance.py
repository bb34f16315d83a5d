"""SCIM as an independent tester of servers sees it, asking the application in this process."""

from __future__ import annotations

from contextvars import Context
from uuid import uuid4

import pytest
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import ScimProvider
from scim2_tester import Status, check_server

from tests.factories.people import RoleGrantFactory, Team
from tests.people.hr_files import NOW
from tests.support.pages import ApiClient
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.presenters import scim as presenters

FINE = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE, Status.SKIPPED}
BASE = "http://tithe.test/scim/v2"


@pytest.fixture
def client(app, monkeypatch) -> WSGISCIMClient:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    team = Team()
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.department.id, role=Role.HR_MANAGER)
    token = ApiClient(app).as_(team.hr, "scim").token
    db.session.rollback()
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    return WSGISCIMClient(lambda *call: Context().run(app.wsgi_app, *call), BASE, headers=headers)


# What tithe keeps otherwise than a plain store of accounts would, with the reason.
ELSEWHERE = {
    ("check_remove_attribute", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),  # everybody has a unit
    ("check_remove_attribute", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"),
    ("check_replace_attribute", "emails"),  # the answer adds that it is the primary address, for work
}


def described() -> ScimProvider:
    """What the service publishes, with examples where tithe wants more than any words."""
    kinds = [presenters.resource_type(BASE)]
    provider = ScimProvider.from_discovery(presenters.schemas(BASE), kinds, presenters.service(BASE))
    model = provider.model_for("User")
    model.model_fields["user_name"].examples = [f"{uuid4()}@example.org" for _ in range(10_000)]
    for extension in model.get_extension_models().values():
        extension.model_fields["department"].examples = ["DEPT-TEAM"]
    return provider


class TestServer:
    def test_publishes_what_it_is(self, client):
        results = check_server(client, include_tags={"discovery", "misc"})

        assert len(results) > 20
        assert [each.reason for each in results if each.status not in FINE] == []

    def test_keeps_accounts(self, client):
        client.provider = described()
        results = check_server(client, exclude_tags={"crud:delete"})  # people leave; they are never deleted
        wrong = {(each.title, each.data["urn"]) for each in results if each.status not in FINE}

        assert len(results) > 40
        assert wrong == ELSEWHERE
