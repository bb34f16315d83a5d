"""Accounts kept by an identity provider over SCIM: what becomes of people, who may, and refusals in its envelope."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from tests.architecture.atlas.scim import CALLS
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, UnitFactory
from tests.people.hr_files import NOW, TODAY, posts
from tests.people.provisioning import CORE, NEW, PATCH, WORK, Provider, person, replacing
from tests.support.contents import contents, counted
from tests.support.pages import ApiClient, PageClient, apart
from tests.support.threads import at_once
from tests.timesheets.weeks import actor
from tithe.access.permissions import SCOPES, Role
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.accounts import Wanted, list_accounts
from tithe.people.models import ApiToken, Person


def refused(answer, status, scim_type=None):
    assert answer.mimetype == "application/scim+json"
    assert answer.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (answer.status_code, answer.json["status"], answer.json.get("scimType")) == (status, str(status), scim_type)
    return answer.json["detail"]


class TestOpening:
    def test_makes_somebody_join_today(self, provider, team):
        answer = provider.call("POST", "/Users", NEW)

        assert answer.status_code == 201
        new = person("nia.new@example.org")
        assert (new.staff_number, new.name, new.starts_on, new.leaves_on) == ("N1", "Nia New", TODAY, None)
        assert posts("N1") == [(TODAY, None, team.department.id, None, 2220)]
        assert answer.headers["Location"].endswith(f"/scim/v2/Users/{new.id}")
        assert answer.json == provider.call("GET", f"/Users/{new.id}").json
        assert answer.json["emails"] == [{"value": "nia.new@example.org", "type": "work", "primary": True}]
        assert (answer.json["externalId"], answer.json["name"]) == ("N1", {"formatted": "Nia New"})
        assert (answer.json["active"], answer.json[WORK]) == (True, {"department": "DEPT"})

    @pytest.mark.parametrize("department", ["DEPT-TEAM", "Department of Tests / Team"])
    def test_puts_them_where_they_are_told_to_work(self, provider, team, department):
        provider.call("POST", "/Users", NEW | {"schemas": [CORE, WORK], WORK: {"department": department}})

        assert posts("N1")[0][2] == team.unit.id

    def test_takes_a_display_name_and_no_number(self, provider):
        body = {"schemas": [CORE], "userName": "nia@example.org", "displayName": "Nia"}
        assert provider.call("POST", "/Users", body).status_code == 201
        assert provider.call("POST", "/Users", body | {"userName": "noa@example.org"}).status_code == 201
        assert (person("nia@example.org").name, person("nia@example.org").staff_number) == ("Nia", None)

    def test_is_recorded_in_the_name_of_the_owner_of_the_token(self, provider, team):
        provider.call("POST", "/Users", NEW)

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "person:join")).one()
        assert event.actor_id == team.hr.id

    @pytest.mark.parametrize(
        ("changes", "status", "scim_type"),
        [
            ({"userName": "ada.owner@example.org"}, 409, "uniqueness"),
            ({"userName": "nobody"}, 400, "invalidValue"),
            ({"userName": ""}, 400, "invalidValue"),
            ({"userName": f"{'a' * 260}@example.org"}, 400, "invalidValue"),
            ({"userName": "a\u0000b@example.org"}, 400, "invalidValue"),
            ({"name": {}}, 400, "invalidValue"),
            ({"name": {"formatted": "N" * 121}}, 400, "invalidValue"),
            ({"externalId": "N\u0000"}, 400, "invalidValue"),
            ({"active": "perhaps"}, 400, "invalidValue"),
            ({"schemas": [CORE, WORK], WORK: {"department": "NO-SUCH"}}, 400, "invalidValue"),
            ({"schemas": [CORE, WORK], WORK: {"department": "OTHER"}}, 400, "invalidValue"),
        ],
    )
    def test_refuses_what_cannot_be(self, provider, changes, status, scim_type):
        UnitFactory(code="OTHER")
        before = contents()
        assert refused(provider.call("POST", "/Users", NEW | changes), status, scim_type)
        assert contents() == before

    @pytest.mark.parametrize("body", [[], "words", None])
    def test_refuses_what_is_no_object(self, provider, body):
        refused(provider.call("POST", "/Users", body), 400, "invalidSyntax" if body is None else "invalidValue")


class TestChanging:
    def test_patches_name_address_and_number(self, provider, team):
        answer = provider.patch(
            team.owner.id,
            replacing("displayName", "Ada Lovelace"),
            replacing('emails[type eq "work"].value', "Ada@example.org"),
            replacing("externalId", "A1"),
        )

        assert answer.status_code == 200
        found = person("ada@example.org")
        assert (found.id, found.name, found.staff_number) == (team.owner.id, "Ada Lovelace", "A1")
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "person:rename")).one()
        assert json.loads(event.details)["was"]["name"] == "changed", "names stay out of the audit"

    def test_replaces_an_account(self, provider, team):
        body = NEW | {"userName": "ada@example.org", "emails": [{"value": team.owner.email, "primary": True}]}
        assert provider.call("PUT", f"/Users/{team.owner.id}", body).status_code == 200

        assert (person("ada@example.org").name, person("ada@example.org").staff_number) == ("Nia New", "N1")

    def test_keeps_a_staff_number_and_a_last_day_that_a_replacement_leaves_out(self, provider, team):
        provider.patch(team.owner.id, replacing("active", False))
        body = {"schemas": [CORE], "userName": team.owner.email, "displayName": "Ada"}
        assert provider.call("PUT", f"/Users/{team.owner.id}", body).status_code == 200

        found = person(team.owner.email)
        assert (found.name, found.staff_number, found.leaves_on) == ("Ada", team.owner.staff_number, TODAY)

    def test_that_changes_nothing_writes_nothing(self, provider, team):
        shown = provider.call("GET", f"/Users/{team.owner.id}").json
        before = contents()

        assert provider.call("PUT", f"/Users/{team.owner.id}", shown).json == shown
        assert contents() == before

    def test_moves_somebody_today(self, provider, team):
        provider.patch(team.owner.id, replacing(f"{WORK}:department", "DEPT"))

        assert [each[:3] for each in posts(team.owner.staff_number)] == [
            (team.owner.starts_on, TODAY - timedelta(days=1), team.unit.id),
            (TODAY, None, team.department.id),
        ]

    def test_of_two_sides_at_once_loses_neither(self, app, provider, team):
        token = provider.client.token
        changes = [replacing("displayName", "Ada"), replacing("externalId", "A1"), replacing("active", False)]
        calls = [partial(Provider(ApiClient(app, token)).patch, team.owner.id, each) for each in changes]

        assert [each.status_code for each in at_once(app, calls)] == [200, 200, 200]
        found = person(team.owner.email)
        assert (found.name, found.staff_number, found.leaves_on) == ("Ada", "A1", TODAY)

    def test_refuses_what_somebody_else_has(self, provider, team):
        before = contents()
        refused(provider.patch(team.owner.id, replacing("userName", team.manager.email)), 409, "uniqueness")
        refused(provider.patch(team.owner.id, replacing("externalId", team.hr.staff_number)), 409, "uniqueness")
        assert contents() == before

    @pytest.mark.parametrize(
        ("operation", "scim_type"),
        [
            ({"op": "remove", "path": "userName"}, "mutability"),
            ({"op": "remove"}, "noTarget"),
            ({"op": "replace", "path": "emails[", "value": 1}, "invalidPath"),
            ({"op": "dance"}, "invalidValue"),
            ("words", "invalidValue"),
        ],
    )
    def test_refuses_a_patch_that_makes_no_sense(self, provider, team, operation, scim_type):
        refused(provider.patch(team.owner.id, operation), 400, scim_type)


class TestActive:
    def test_false_makes_today_the_last_day_and_true_takes_it_back(self, provider, team):
        answer = provider.patch(team.owner.id, replacing("active", "False"))
        assert (answer.json["active"], person(team.owner.email).leaves_on) == (False, TODAY)
        assert posts(team.owner.staff_number)[0][1] == TODAY

        answer = provider.patch(team.owner.id, {"op": "replace", "value": {"active": True}})
        assert (answer.json["active"], person(team.owner.email).leaves_on) == (True, None)
        assert posts(team.owner.staff_number)[0][1] is None

    def test_leaves_a_last_day_to_come_alone(self, provider, team):
        leaver = PersonFactory(leaves_on=TODAY + timedelta(days=30))
        AssignmentFactory(person_id=leaver.id, unit_id=team.unit.id, person=None, unit=None, ends_on=leaver.leaves_on)

        assert provider.patch(leaver.id, replacing("active", True)).json["active"] is True
        assert person(leaver.email).leaves_on == TODAY + timedelta(days=30)

    def test_true_brings_back_who_has_left(self, provider, team, monkeypatch):
        provider.patch(team.owner.id, replacing("active", False))
        later = NOW + timedelta(days=20)
        monkeypatch.setattr(clock, "now", lambda: later)
        db.session.query(ApiToken).update({"expires_at": later + timedelta(days=1)})
        db.session.commit()

        assert provider.patch(team.owner.id, replacing("active", True)).json["active"] is True
        first, second = posts(team.owner.staff_number)
        assert (first[1], second[:3]) == (TODAY, (TODAY + timedelta(days=20), None, team.unit.id))
        assert second[3] == team.manager.staff_number

    def test_false_before_the_first_day_leaves_that_day_alone(self, provider, team):
        first_day = TODAY + timedelta(days=30)
        joiner = PersonFactory(starts_on=first_day)
        AssignmentFactory(person_id=joiner.id, unit_id=team.unit.id, person=None, unit=None, starts_on=first_day)

        assert provider.patch(joiner.id, replacing("active", False)).status_code == 200
        assert person(joiner.email).leaves_on == first_day

    def test_comes_inactive_too(self, provider):
        answer = provider.call("POST", "/Users", NEW | {"active": False})

        assert (answer.json["active"], person("nia.new@example.org").leaves_on) == (False, TODAY)


class TestListing:
    def test_finds_by_one_value(self, provider, team):
        provider.patch(team.colleague.id, replacing("active", False))

        assert provider.found(filter='userName eq "ADA.OWNER@example.org"') == [team.owner.email]
        assert provider.found(filter=f'externalid EQ "{team.manager.staff_number}"') == [team.manager.email]
        assert provider.found(filter="active eq false") == [team.colleague.email]
        assert team.colleague.email not in provider.found(filter="active eq true")
        assert provider.found(filter='userName eq "nobody@example.org"') == []

    def test_pages_by_place(self, provider, team):
        everybody = provider.found()
        assert everybody == [each.email for each in (team.director, team.manager, team.owner, team.colleague)]

        page = provider.call("GET", "/Users", startIndex=2, count=2).json
        assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (4, 2, 2)
        assert [each["userName"] for each in page["Resources"]] == everybody[1:3]
        assert provider.call("GET", "/Users", count=0).json["totalResults"] == 4
        assert provider.call("GET", "/Users", startIndex=2**70).json["totalResults"] == 4

    def test_takes_two_statements_however_many_there_are(self, provider, team):
        hr = actor(team.hr)
        few = counted(lambda: list_accounts(hr, Wanted(), on=TODAY, start=1, limit=1))

        assert counted(lambda: list_accounts(hr, Wanted(), on=TODAY, start=1, limit=100)) == few == 2

    def test_shows_only_what_is_asked_for(self, provider, team):
        shown = provider.call("GET", f"/Users/{team.owner.id}", attributes="userName").json

        assert set(shown) == {"schemas", "id", "userName"}

    @pytest.mark.parametrize(
        "words",
        [
            'userName co "a"',
            'name.formatted eq "a"',
            "userName eq true",
            'active eq "true"',
            'userName eq "a" and active eq true',
            "userName eq",
            "nonsense",
            'userName eq "\\u0000"',
            f'userName eq "{"a" * 500}"',
        ],
    )
    def test_refuses_other_filters(self, provider, words):
        refused(provider.call("GET", "/Users", filter=words), 400, "invalidFilter")
        refused(provider.call("POST", "/Users/.search", {"filter": words}), 400, "invalidFilter")

    def test_takes_the_question_in_a_body(self, provider, team):
        body = {"filter": f'userName eq "{team.owner.email}"'}

        for path in ("/.search", "/Users/.search"):
            assert [each["id"] for each in provider.call("POST", path, body).json["Resources"]] == [str(team.owner.id)]


class TestRights:
    @pytest.fixture
    def stranger(self, team) -> Person:
        other = UnitFactory(code="OTHER")
        stranger = PersonFactory()
        AssignmentFactory(person_id=stranger.id, unit_id=other.id, person=None, unit=None)
        return stranger

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
    def test_show_nobody_outside_the_role_and_not_oneself(self, provider, team, stranger, method):
        bodies = set()
        body = {"PUT": NEW, "PATCH": {"schemas": [PATCH], "Operations": [replacing("active", False)]}}.get(method)
        before = contents()
        for person_id in (stranger.id, team.hr.id, 999_999, 2**40):
            answer = provider.call(method, f"/Users/{person_id}", body)
            assert refused(answer, 404)
            bodies.add(answer.data)

        assert len(bodies) == 1
        assert contents() == before
        assert stranger.email not in provider.found()

    def path(self, rule, team):
        path = rule.replace("<int:person_id>", str(team.owner.id)).replace("<path:elsewhere>", "Groups")
        return path.replace("<urn>", CORE)

    @pytest.mark.parametrize("who", ["owner", "manager", "director", "hr"])
    def test_are_for_hr_managers_alone(self, api, team, who):
        caller, before = Provider(api.as_(getattr(team, who))), None
        for method, rule in CALLS:
            before = before or contents()
            refused(caller.call(method, self.path(rule, team), NEW if method != "GET" else None), 404)
        assert contents() == before

    def test_need_the_scope_and_open_nothing_else(self, provider, api, team):
        others = Provider(api.as_(team.hr, *(set(SCOPES) - {"scim"})))
        for method, rule in CALLS:
            refused(others.call(method, self.path(rule, team), NEW if method != "GET" else None), 403)

        assert provider.client.get(f"/people/{team.owner.id}/posts").status_code == 403
        assert provider.client.post(f"/people/{team.owner.id}/leave", {"last_day": None}).status_code == 403

    def test_need_a_token_and_not_a_cookie(self, app, provider, team):
        browser = PageClient(app).sign_in(team.hr)
        for method, rule in CALLS:
            answer = Provider(ApiClient(app)).call(method, self.path(rule, team), NEW)
            refused(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert apart(browser.http.get, "/scim/v2/Users").status_code == 401

    def test_ask_for_the_department_when_the_role_covers_several_units(self, provider, team):
        RoleGrantFactory(person_id=team.hr.id, unit_id=UnitFactory().id, role=Role.HR_MANAGER)

        assert "several units" in refused(provider.call("POST", "/Users", NEW), 400, "invalidValue")

    def test_delete_nobody(self, provider, team):
        refused(provider.call("DELETE", f"/Users/{team.owner.id}"), 405)
        refused(provider.call("DELETE", "/Groups/1"), 404)
