"""Every route is on trial: listed here with its permission, named like the others, and harmless to read."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask, url_for

from tests.architecture import atlas
from tests.conftest import test_settings
from tests.factories.calendars import CalendarFactory
from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient, apart
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.permissions import Permission, Role
from tithe.app import create_app
from tithe.kernel import clock
from tithe.web import guards

# A new route needs a line here or in the atlas, and a row of the matrix that says who may use it.
ROUTES = {
    ("GET", "/"): "home:read",
    ("GET", "/allowance"): "allowance:read",
    ("GET", "/allowance/team"): "allowance:read-team",
    ("GET", "/scheme"): "home:read",
    ("GET", "/api/v1/allowance"): "allowance:read",
    ("GET", "/api/v1/allowance/days"): "allowance:read",
    ("GET", "/api/v1/allowance/team"): "allowance:read-team",
    ("GET", "/adjustments"): "adjustment:propose",
    ("GET", "/adjustments/<int:adjustment_id>"): "adjustment:propose",
    ("POST", "/adjustments/<int:adjustment_id>"): "adjustment:decide",
    ("GET", "/adjustments/new"): "adjustment:propose",
    ("POST", "/adjustments/new"): "adjustment:propose",
    ("GET", "/blackouts"): "blackout:read",
    ("POST", "/blackouts/<int:blackout_id>/lift"): "blackout:write",
    ("GET", "/blackouts/new"): "blackout:write",
    ("POST", "/blackouts/new"): "blackout:write",
    ("GET", "/api/v1/adjustments"): "adjustment:propose",
    ("POST", "/api/v1/adjustments"): "adjustment:propose",
    ("GET", "/api/v1/adjustments/<int:adjustment_id>"): "adjustment:propose",
    ("POST", "/api/v1/adjustments/<int:adjustment_id>"): "adjustment:decide",
    ("GET", "/api/v1/blackouts"): "blackout:read",
    ("POST", "/api/v1/blackouts"): "blackout:write",
    ("POST", "/api/v1/blackouts/<int:blackout_id>/lift"): "blackout:write",
    ("GET", "/absences/import"): "absence:import",
    ("POST", "/absences/import"): "absence:import",
    ("GET", "/allowance/away"): "absence:write",
    ("POST", "/allowance/away"): "absence:write",
    ("GET", "/allowance/away/calendar"): "absence:write",
    ("POST", "/allowance/away/calendar"): "absence:write",
    ("POST", "/allowance/away/remove"): "absence:write",
    ("GET", "/allowance/calculator"): "allowance:read",
    ("GET", "/allowance/calculator/scenario"): "allowance:explain",
    ("POST", "/allowance/calculator/scenario"): "allowance:explain",
    ("GET", "/api/v1/absences"): "absence:write",
    ("POST", "/api/v1/absences"): "absence:write",
    ("DELETE", "/api/v1/absences/<int:absence_id>"): "absence:write",
    ("POST", "/api/v1/absences/import"): "absence:import",
    ("POST", "/api/v1/allowance/explain"): "allowance:explain",
    ("GET", "/approvals"): "week:list-awaiting",
    ("POST", "/approvals"): "week:list-awaiting",
    ("GET", "/approvals/<int:week_id>"): "week:decide",
    ("POST", "/approvals/<int:week_id>"): "week:decide",
    ("GET", "/calendars"): "calendar:read",
    ("GET", "/calendars/<calendar>"): "calendar:read",
    ("GET", "/calendars/<calendar>/add"): "calendar:write",
    ("POST", "/calendars/<calendar>/add"): "calendar:write",
    ("POST", "/calendars/<calendar>/delete"): "calendar:write",
    ("GET", "/calendars/<calendar>/import"): "calendar:write",
    ("POST", "/calendars/<calendar>/import"): "calendar:write",
    ("POST", "/calendars/<calendar>/remove"): "calendar:write",
    ("GET", "/calendars/<calendar>/rename"): "calendar:write",
    ("POST", "/calendars/<calendar>/rename"): "calendar:write",
    ("GET", "/calendars/new"): "calendar:write",
    ("POST", "/calendars/new"): "calendar:write",
    ("GET", "/allowance/pattern"): "pattern:read",
    ("GET", "/people/import"): "person:manage",
    ("POST", "/people/import"): "person:manage",
    ("GET", "/people/<int:person_id>/pattern"): "pattern:read",
    ("GET", "/people/<int:person_id>/pattern/days"): "pattern:write",
    ("POST", "/people/<int:person_id>/pattern/days"): "pattern:write",
    ("GET", "/people/<int:person_id>/pattern/moves"): "move:write",
    ("POST", "/people/<int:person_id>/pattern/moves"): "move:write",
    ("GET", "/people/<int:person_id>/pattern/weeks"): "pattern:write",
    ("POST", "/people/<int:person_id>/pattern/weeks"): "pattern:write",
    ("GET", "/health"): "public",
    ("GET", "/policy"): "policy:read",
    ("GET", "/policy/<code>"): "policy:read",
    ("GET", "/policy/<code>/<int:version>/withdraw"): "policy:adopt",
    ("POST", "/policy/<code>/<int:version>/withdraw"): "policy:adopt",
    ("GET", "/policy/<code>/change"): "policy:adopt",
    ("POST", "/policy/<code>/change"): "policy:adopt",
    ("GET", "/projects"): "project:list",
    ("GET", "/projects/<int:project_id>"): "project:read",
    ("GET", "/projects/<int:project_id>/edit"): "project:edit",
    ("POST", "/projects/<int:project_id>/edit"): "project:edit",
    ("GET", "/projects/new"): "project:register",
    ("POST", "/projects/new"): "project:register",
    ("GET", "/quarters"): "quarter:read",
    ("GET", "/reports/utilisation"): "report:read",
    ("GET", "/reports/utilisation.csv"): "report:read",
    ("POST", "/reports/utilisation/freeze"): "report:freeze",
    ("GET", "/sign-in"): "public",
    ("POST", "/sign-in"): "public",
    ("POST", "/sign-out"): "session:end",
    ("GET", "/static/<path:filename>"): None,
    ("GET", "/weeks"): "week:read",
    ("GET", "/weeks/<monday>"): "week:read",
    ("POST", "/weeks/<monday>"): "week:save",
    ("GET", "/weeks/<monday>/amend"): "week:amend",
    ("POST", "/weeks/<monday>/amend"): "week:amend",
    ("GET", "/approvals/<int:week_id>/reopen"): "week:amend",
    ("POST", "/approvals/<int:week_id>/reopen"): "week:amend",
    ("POST", "/weeks/<monday>/recall"): "week:recall",
    ("GET", "/weeks/this"): "week:save",
    ("GET", "/api/v1/approvals"): "week:list-awaiting",
    ("POST", "/api/v1/approvals"): "week:decide",
    ("POST", "/api/v1/approvals/<int:week_id>"): "week:decide",
    ("GET", "/api/v1/calendars"): "calendar:read",
    ("POST", "/api/v1/calendars"): "calendar:write",
    ("GET", "/api/v1/calendars/<calendar>"): "calendar:read",
    ("PUT", "/api/v1/calendars/<calendar>"): "calendar:write",
    ("DELETE", "/api/v1/calendars/<calendar>"): "calendar:write",
    ("PUT", "/api/v1/calendars/<calendar>/days"): "calendar:write",
    ("POST", "/api/v1/calendars/<calendar>/import"): "calendar:write",
    ("GET", "/api/v1/openapi.json"): "public",
    ("GET", "/api/v1/people/<int:person_id>/pattern"): "pattern:read",
    ("POST", "/api/v1/people/<int:person_id>/pattern"): "pattern:write",
    ("DELETE", "/api/v1/people/<int:person_id>/pattern"): "pattern:write",
    ("PUT", "/api/v1/people/<int:person_id>/pattern/days"): "pattern:write",
    ("POST", "/api/v1/people/<int:person_id>/moves"): "move:write",
    ("PUT", "/api/v1/people/<int:person_id>/moves/<int:move_id>"): "move:write",
    ("DELETE", "/api/v1/people/<int:person_id>/moves/<int:move_id>"): "move:write",
    ("PATCH", "/api/v1/people/<int:person_id>/post"): "person:manage",
    ("GET", "/api/v1/people/<int:person_id>/posts"): "person:history",
    ("GET", "/api/v1/people/me/pattern"): "pattern:read",
    ("GET", "/api/v1/policies/<code>"): "policy:read",
    ("POST", "/api/v1/policies/<code>"): "policy:adopt",
    ("DELETE", "/api/v1/policies/<code>/<int:version>"): "policy:adopt",
    ("POST", "/api/v1/policies/<code>/preview"): "policy:adopt",
    ("GET", "/api/v1/projects"): "project:list",
    ("POST", "/api/v1/projects"): "project:register",
    ("GET", "/api/v1/projects/<int:project_id>"): "project:read",
    ("GET", "/api/v1/quarters"): "quarter:read",
    ("GET", "/api/v1/reports/utilisation"): "report:read",
    ("GET", "/api/v1/weeks/<monday>"): "week:read",
    ("PUT", "/api/v1/weeks/<monday>"): "week:save",
    ("POST", "/api/v1/approvals/<int:week_id>/reopen"): "week:amend",
    ("POST", "/api/v1/approvals/<int:week_id>/call-back"): "week:amend",
    ("POST", "/api/v1/weeks/<monday>/amend"): "week:amend",
    ("POST", "/api/v1/weeks/<monday>/recall"): "week:recall",
    ("POST", "/api/v1/weeks/<monday>/submit"): "week:submit",
    **atlas.merged("ROUTES"),
}
HTTP_OWN = {"HEAD", "OPTIONS"}


@pytest.fixture(scope="module")
def bare_app() -> Flask:
    return create_app(test_settings("sqlite://"))


def found(app: Flask) -> dict[tuple[str, str], str | None]:
    return {
        (method, rule.rule): guards.declared_permission(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - HTTP_OWN
    }


class TestRoutes:
    def test_are_exactly_these_with_these_permissions(self, bare_app):
        assert found(bare_app) == ROUTES

    def test_are_kebab_case(self, bare_app):
        for rule in bare_app.url_map.iter_rules():
            if rule.rule.startswith("/scim/v2/"):
                continue  # named by RFC 7644
            words = re.sub(r"<[^>]+>", "x", rule.rule)
            assert re.fullmatch(r"(/[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?)+|/", words), rule.rule

    def test_declare_a_permission_that_exists(self, bare_app):
        for rule in bare_app.url_map.iter_rules():
            declared = guards.declared_permission(bare_app, rule.endpoint)
            assert rule.endpoint in guards.LIBRARY_VIEWS or declared == guards.PUBLIC or Permission(declared)

    def test_are_public_only_where_nobody_has_signed_in_yet(self, bare_app):
        public = {rule for (_, rule), declared in found(bare_app).items() if declared == guards.PUBLIC}

        assert public == {"/health", "/sign-in", "/api/v1/openapi.json", *atlas.listed("PUBLIC")}

    def test_use_every_permission(self, bare_app):
        on_routes = set(found(bare_app).values()) - {None, guards.PUBLIC}

        assert on_routes == set(Permission) - {Permission.QUARTER_CLOSE}, "closing is for the timetable and the server"

    def test_stop_the_application_when_one_declares_none(self, bare_app):
        app = Flask("careless")
        app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")

        with pytest.raises(RuntimeError, match="declare no permission: forgotten"):
            guards.refuse_undeclared_views(app)

    def test_are_checked_when_the_application_starts(self, monkeypatch):
        monkeypatch.delattr("tithe.home.pages.health.permission")
        with pytest.raises(RuntimeError, match=r"home\.health"):
            create_app(test_settings("sqlite://"))


class TestReading:
    """GET and HEAD change no row, whoever asks."""

    @pytest.fixture
    def story(self, app, monkeypatch) -> Story:
        monkeypatch.setattr(clock, "now", lambda: NOW)
        story = Story()
        story.approved(monday=MONDAY - timedelta(days=7))
        story.submitted()
        other = UnitFactory(code="OTHER", name="Department of Others")
        RoleGrantFactory(person_id=story.team.hr.id, unit_id=other.id, role=Role.HR_MANAGER)
        return story

    def test_changes_nothing_for_anybody(self, app, story):
        week, project, unit = story.week().id, story.project.id, story.team.department.code
        values = {"week_id": week, "project_id": project, "monday": MONDAY, "code": unit, "filename": "css/tithe.css"}
        values["calendar"], values["adjustment_id"] = CalendarFactory().code, 1
        team = story.team
        values["person_id"], values["version"] = team.owner.id, 1
        values |= atlas.merged("VALUES")
        browsers = [
            PageClient(app),
            *(PageClient(app).sign_in(each) for each in vars(team).values() if is_person(each)),
        ]
        programs = [ApiClient(app), *(ApiClient(app).as_(each) for each in vars(team).values() if is_person(each))]
        with app.test_request_context():
            paths = [
                url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
                for rule in app.url_map.iter_rules()
                if "GET" in (rule.methods or ())
            ]
        before, answers = contents(), 0

        for path in [*paths, f"/reports/utilisation?unit={unit}", "/projects?q=letters", "/weeks/2026-01-05"]:
            for client in programs if path.startswith("/api/") else browsers:
                for method in ("GET", "HEAD"):
                    headers = {"Authorization": f"Bearer {client.token}"} if isinstance(client, ApiClient) else {}
                    response = apart(client.http.open, path, method=method, headers=headers)
                    assert response.status_code in (200, 303, 401, 404), (method, path)
                    answers += response.status_code == 200
                    response.close()

        assert answers > 100
        assert contents() == before


def is_person(value: object) -> bool:
    return hasattr(value, "email")
