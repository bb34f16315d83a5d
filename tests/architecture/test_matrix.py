"""Every route × everybody × whose thing it is, by session and by token: the expected answer stands in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.allowance.scheme import blackouts_and_corrections
from tests.architecture import atlas
from tests.architecture.test_routes import ROUTES
from tests.factories.absences import AbsenceFactory
from tests.factories.calendars import CalendarFactory
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, UnitFactory
from tests.factories.projects import ProjectFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient, apart
from tests.timesheets.weeks import MONDAY, NOW, Story, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import SCOPES, Permission, Role
from tithe.kernel import clock
from tithe.policy.operations import adopt_policy

EMPTY = MONDAY - timedelta(days=14)  # a week nobody has saved anything in
ABSENT = 2_000_000_000

STAFF = {"colleague", "owner", "manager", "director", "outsider", "boss_of_outsider", "administrator"}
READERS = {"analyst", "auditor", "hr_manager", "chief"}  # of reports on the department
CHIEF = {"chief"}  # HR of both departments
EVERYBODY = STAFF | READERS | {"coordinator"}
NOBODY: set[str] = set()
CALENDAR_KEEPERS = {"hr_manager", "administrator"}

# whose week: who may decide it
WEEKS = {
    "owners": {"manager"},
    "managers": {"director"},
    "in_hr_queue": {"hr_manager", "coordinator"},
    "outsiders": {"boss_of_outsider"},
    "absent": NOBODY,
}
OWNERS = {
    "owners": {"owner"},
    "managers": {"manager"},
    "in_hr_queue": {"director"},
    "outsiders": {"outsider"},
    "absent": NOBODY,
}
# whose project: who may read it, who may change it
PROJECTS = {
    "registered": (EVERYBODY, {"owner"}),
    "owners_draft": ({"owner"}, {"owner"}),
    "outsiders_draft": ({"outsider"}, {"outsider"}),
    "absent": (NOBODY, NOBODY),
}
# which unit: who may read its report; what is frozen is every unit, so only HR of them all may
UNITS = {"DEPT": READERS, "DEPT-TEAM": READERS, "OTHER": CHIEF, "NO-SUCH-UNIT": NOBODY}
BLACKOUT_SETTERS = {"hr_manager", "director"}  # HR of the department, and its deputy director
# whose blackout, over by now: who may lift it
BLACKOUTS = {"teams_blackout": BLACKOUT_SETTERS, "others_blackout": NOBODY, "absent": NOBODY}
# whose correction: who may read it, who may decide it
ADJUSTMENTS = {
    "owners_correction": ({"hr_manager"}, {"hr_manager"}),
    "proposed_by_hr_manager": ({"hr_manager"}, NOBODY),
    "about_hr_manager": (NOBODY, NOBODY),
    "outsiders_correction": (NOBODY, NOBODY),
    "absent": (NOBODY, NOBODY),
}
# whose policy: who may read it, who may change it
POLICIES = {
    "DEPT": (EVERYBODY, {"hr_manager"}),
    "DEPT-TEAM": (EVERYBODY, {"hr_manager"}),
    "OTHER": (EVERYBODY, NOBODY),
    "NO-SUCH-UNIT": (NOBODY, NOBODY),
}


@dataclass(frozen=True)
class Attempt:
    """A request, who may make it, and what they are answered. What they send is refused, so that nothing changes."""

    method: str
    route: str
    allowed: set[str]
    status: int = 200
    target: str = ""
    query: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def permission(self) -> Permission:
        return Permission(ROUTES[self.method, self.route] or "")


def attempts() -> Iterator[Attempt]:
    for path in ("/", "/allowance", "/approvals", "/policy", "/projects", "/projects/new", "/weeks", "/weeks/<monday>"):
        yield Attempt("GET", path, EVERYBODY)
    for path in ("/api/v1/allowance", "/api/v1/allowance/days"):
        yield Attempt("GET", path, EVERYBODY)
    for path in ("/allowance/team", "/api/v1/allowance/team"):
        yield Attempt("GET", path, {"manager", "director", "boss_of_outsider"})
    yield Attempt("GET", "/scheme", READERS | {"administrator", "director", "coordinator"})
    for path in ("/quarters", "/api/v1/quarters"):
        yield Attempt("GET", path, EVERYBODY)
    for path in ("/allowance/away", "/allowance/away/calendar"):
        yield Attempt("GET", path, EVERYBODY)
        yield Attempt("POST", path, EVERYBODY, 422)
    yield Attempt("POST", "/allowance/away/remove", EVERYBODY, 422)
    for path in ("/blackouts", "/api/v1/blackouts"):
        yield Attempt("GET", path, EVERYBODY)
    yield Attempt("GET", "/blackouts/new", BLACKOUT_SETTERS)
    yield Attempt("POST", "/blackouts/new", BLACKOUT_SETTERS, 422)
    body = {"unit": "DEPT", "starts_on": str(EMPTY), "last_day": str(EMPTY), "ground": "peak", "reason": "Too late"}
    yield Attempt("POST", "/api/v1/blackouts", BLACKOUT_SETTERS, 422, body=body)
    for blackout, writers in BLACKOUTS.items():
        yield Attempt("POST", "/blackouts/<int:blackout_id>/lift", writers, 409, blackout)
        yield Attempt("POST", "/api/v1/blackouts/<int:blackout_id>/lift", writers, 409, blackout)
    for path in ("/adjustments", "/adjustments/new", "/api/v1/adjustments"):
        yield Attempt("GET", path, {"hr_manager"})
    yield Attempt("POST", "/adjustments/new", {"hr_manager"}, 422)
    body = {"person": "nobody", "quarter": "2026-27Q2", "minutes": 60, "reason": "x"}
    yield Attempt("POST", "/api/v1/adjustments", {"hr_manager"}, 422, body=body)
    for adjustment, (readers, deciders) in ADJUSTMENTS.items():
        for prefix in ("", "/api/v1"):
            yield Attempt("GET", prefix + "/adjustments/<int:adjustment_id>", readers, target=adjustment)
            body = {"decision": "refuse"} if prefix else {"action": "refuse"}
            route = prefix + "/adjustments/<int:adjustment_id>"
            yield Attempt("POST", route, deciders, 422, adjustment, body=body)
    yield Attempt("GET", "/people/import", {"hr_manager"})
    yield Attempt("POST", "/people/import", {"hr_manager"}, 422)
    yield Attempt("GET", "/absences/import", {"hr_manager"})
    yield Attempt("POST", "/absences/import", {"hr_manager"}, 422)
    yield Attempt("GET", "/api/v1/absences", EVERYBODY)
    yield Attempt("POST", "/api/v1/absences", EVERYBODY, 422)
    yield Attempt("POST", "/api/v1/absences/import", {"hr_manager"}, 422, body={"rows": []})
    for absence, owners in {"owners_absence": {"owner"}, "absent": NOBODY}.items():
        yield Attempt("DELETE", "/api/v1/absences/<int:absence_id>", owners, 422, absence)
    for path in ("/allowance/calculator", "/allowance/calculator/scenario"):
        yield Attempt("GET", path, EVERYBODY)
    yield Attempt("POST", "/allowance/calculator/scenario", EVERYBODY, 422, body={"scenario": "{}"})
    yield Attempt("POST", "/api/v1/allowance/explain", EVERYBODY, 422)
    for path in ("/calendars", "/calendars/<calendar>", "/api/v1/calendars", "/api/v1/calendars/<calendar>"):
        yield Attempt("GET", path, EVERYBODY)
    for path in ("/calendars/new", *(f"/calendars/<calendar>/{verb}" for verb in ("add", "import", "rename"))):
        yield Attempt("GET", path, CALENDAR_KEEPERS)
        yield Attempt("POST", path, CALENDAR_KEEPERS, 422, body={"name": " "})
    for verb in ("remove", "delete"):
        yield Attempt("POST", f"/calendars/<calendar>/{verb}", CALENDAR_KEEPERS, 422, body={"nonsense": "1"})
    yield Attempt("POST", "/api/v1/calendars", CALENDAR_KEEPERS, 422)
    yield Attempt("PUT", "/api/v1/calendars/<calendar>", CALENDAR_KEEPERS, 422)
    yield Attempt("DELETE", "/api/v1/calendars/<calendar>", CALENDAR_KEEPERS, 422)
    yield Attempt("PUT", "/api/v1/calendars/<calendar>/days", CALENDAR_KEEPERS, 422)
    yield Attempt("POST", "/api/v1/calendars/<calendar>/import", CALENDAR_KEEPERS, 422)
    yield Attempt("GET", "/weeks/this", EVERYBODY, 303)
    for path in ("/approvals", "/projects/new", "/weeks/<monday>/recall"):
        yield Attempt("POST", path, EVERYBODY, 422)
    yield Attempt("GET", "/weeks/<monday>/amend", EVERYBODY)
    yield Attempt("POST", "/weeks/<monday>/amend", EVERYBODY, 422, body={"nonsense": "1"})
    yield Attempt("POST", "/api/v1/weeks/<monday>/amend", EVERYBODY, 422, body={"nonsense": "1"})
    yield Attempt("POST", "/weeks/<monday>", EVERYBODY, 422, body={"nonsense": "1"})
    for path in ("/api/v1/approvals", "/api/v1/projects", "/api/v1/weeks/<monday>"):
        yield Attempt("GET", path, EVERYBODY)
    yield Attempt("POST", "/api/v1/projects", EVERYBODY, 422, body={"title": "No answers"})
    entry = {"date": str(EMPTY), "project_id": ABSENT, "minutes": 60}
    yield Attempt("PUT", "/api/v1/weeks/<monday>", EVERYBODY, 422, body={"entries": [entry]})
    yield Attempt("POST", "/api/v1/weeks/<monday>/submit", EVERYBODY, 422)
    yield Attempt("POST", "/api/v1/weeks/<monday>/recall", EVERYBODY, 422)
    yield Attempt("POST", "/api/v1/approvals", EVERYBODY, 422, body={"decisions": []})
    for week, deciders in WEEKS.items():
        yield Attempt("GET", "/approvals/<int:week_id>", deciders, target=week)
        reopeners = deciders | OWNERS[week]
        yield Attempt("GET", "/approvals/<int:week_id>/reopen", reopeners, target=week)
        yield Attempt("POST", "/approvals/<int:week_id>/reopen", reopeners, 422, week)
        body = {"reason": "It waits, so it cannot be reopened"}
        yield Attempt("POST", "/api/v1/approvals/<int:week_id>/reopen", reopeners, 422, week, body=body)
        body = {"version": 1, "ground": "cover", "reason": "Nobody can call back what nobody approved yet"}
        yield Attempt("POST", "/api/v1/approvals/<int:week_id>/call-back", reopeners, 409, week, body=body)
        yield Attempt("POST", "/approvals/<int:week_id>", deciders, 422, week, body={"action": "return"})
        body = {"decision": "return", "version": 1}
        yield Attempt("POST", "/api/v1/approvals/<int:week_id>", deciders, 422, week, body=body)
    for project, (readers, editors) in PROJECTS.items():
        yield Attempt("GET", "/projects/<int:project_id>", readers, target=project)
        yield Attempt("GET", "/api/v1/projects/<int:project_id>", readers, target=project)
        yield Attempt("GET", "/projects/<int:project_id>/edit", editors, target=project)
        yield Attempt("POST", "/projects/<int:project_id>/edit", editors, 422, project, body={"title": " "})
    for of_a_part in atlas.every("attempts"):
        yield from (Attempt(*each) for each in of_a_part(EVERYBODY))
    for code, (readers, adopters) in POLICIES.items():
        yield Attempt("GET", "/policy/<code>", readers, target=code)
        yield Attempt("GET", "/api/v1/policies/<code>", readers, target=code)
        body = {"starts_on": str(EMPTY), "settings": {"rate_bp": 9999}, "reason": "Too much"}
        yield Attempt("POST", "/api/v1/policies/<code>", adopters, 422, code, body=body)
        yield Attempt("POST", "/api/v1/policies/<code>/preview", adopters, 422, code, body=body)
        yield Attempt("GET", "/policy/<code>/change", adopters, target=code)
        yield Attempt("POST", "/policy/<code>/change", adopters, 422, code, body={"action": "adopt", "rate_bp": "99"})
        begun = adopters if code == "DEPT" else NOBODY  # the others have no version
        yield Attempt("DELETE", "/api/v1/policies/<code>/<int:version>", begun, 422, code)
        yield Attempt("GET", "/policy/<code>/<int:version>/withdraw", begun, 422, code)
        yield Attempt("POST", "/policy/<code>/<int:version>/withdraw", begun, 422, code)
    for unit, readers in UNITS.items():
        for path in ("/reports/utilisation", "/reports/utilisation.csv", "/api/v1/reports/utilisation"):
            yield Attempt("GET", path, readers, query=f"unit={unit}")
        yield Attempt(
            "POST", "/reports/utilisation/freeze", readers & CHIEF, 422, body={"unit": unit, "quarter": "2026-27Q2"}
        )


ATTEMPTS = list(attempts())
PAGES = [each for each in ATTEMPTS if not each.route.startswith(("/api/", "/scim/"))]  # tests/people/test_scim.py
CALLS = [each for each in ATTEMPTS if each.route.startswith("/api/")]


class Ministry:
    """Two departments, somebody in every role, and a week or project for every relation."""

    def __init__(self) -> None:
        story = Story()
        team = story.team
        elsewhere = UnitFactory(code="OTHER", name="Department of Others")
        self.people = {
            "colleague": team.colleague,
            "owner": team.owner,
            "manager": team.manager,
            "director": team.director,
            "analyst": team.hr,
            "auditor": self.holder(Role.AUDITOR, team),
            "hr_manager": self.holder(Role.HR_MANAGER, team),
            "coordinator": self.holder(Role.COORDINATOR, team),
            "administrator": self.holder(Role.ADMINISTRATOR, team),
            "chief": self.holder(Role.HR_ANALYST, team),
            "boss_of_outsider": self.post(elsewhere, None),
        }
        RoleGrantFactory(person_id=self.people["chief"].id, role=Role.HR_ANALYST, unit_id=elsewhere.id)
        self.people["outsider"] = self.post(elsewhere, self.people["boss_of_outsider"])
        self.ids = {"absent": ABSENT}
        for name, person in (("owners", "owner"), ("managers", "manager"), ("in_hr_queue", "director")):
            self.ids[name] = self.week_of(story, person)
        self.ids["outsiders"] = self.week_of(story, "outsider")
        self.ids["registered"] = story.project.id
        CalendarFactory(code="place")
        used = {"person": None, "unit": None, "person_id": PersonFactory().id, "unit_id": elsewhere.id}
        AssignmentFactory(**used, calendar="place")
        self.ids["owners_absence"] = AbsenceFactory(person_id=team.owner.id, source="csv").id  # only HR takes it out
        adopt_policy(
            actor=SYSTEM, unit_id=team.department.id, starts_on=EMPTY, settings={"decide_wd": 9}, reason="Why", now=NOW
        )
        self.ids["DEPT"] = 1  # the version
        self.ids |= {f"{name}s_hours": self.people[name].id for name in ("owner", "hr_manager", "outsider")}
        for name in ("owner", "outsider"):
            draft = ProjectFactory(draft=True, owner_id=self.people[name].id, owner=None, title=f"Secret of {name}")
            self.ids[f"{name}s_draft"] = draft.id

        units = {"department": team.department, "teams": team.unit, "others": elsewhere}
        self.ids |= blackouts_and_corrections(self.people, units, over=EMPTY)
        for prepare in atlas.every("prepare"):
            self.ids |= prepare(self.people, units)

    def post(self, unit: Any, manager: Any) -> Any:
        person = PersonFactory()
        AssignmentFactory(
            person_id=person.id,
            person=None,
            unit_id=unit.id,
            unit=None,
            line_manager_id=manager.id if manager else None,
        )
        return person

    def holder(self, role: Role, team: Any) -> Any:
        person = self.post(team.unit, team.manager)
        RoleGrantFactory(person_id=person.id, role=role, unit_id=team.department.id)
        return person

    def week_of(self, story: Story, name: str) -> int:
        who = actor(self.people[name])
        project = ProjectFactory(owner_id=who.id, owner=None)
        entry = type(story.entry())(MONDAY, project.id, 60)
        return story.submitted(entry, by=who).id or 0

    def path(self, attempt: Attempt) -> str:
        target = self.ids.get(attempt.target, 0)
        path = attempt.route.replace("<monday>", str(EMPTY)).replace("<code>", attempt.target)
        path = path.replace("<calendar>", "place")
        path = re.sub(r"<int:[a-z_]+>", str(target), path)
        return f"{path}?{attempt.query}" if attempt.query else path


@pytest.fixture
def ministry(app, monkeypatch) -> Ministry:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Ministry()


def browse(client: PageClient, token: str, path: str, attempt: Attempt) -> TestResponse:
    data = None if attempt.method == "GET" else {"csrf_token": token, **attempt.body}
    return apart(client.http.open, path, method=attempt.method, data=data)


def call(client: ApiClient, path: str, attempt: Attempt) -> TestResponse:
    body = None if attempt.method == "GET" else attempt.body
    return client.call(attempt.method, path.removeprefix("/api/v1"), body)


class TestMatrix:
    def test_has_every_route(self):
        tried = {(each.method, each.route) for each in ATTEMPTS}
        public = {route for route, permission in ROUTES.items() if permission in (None, "public")}

        assert tried | public | {("POST", "/sign-out")} == set(ROUTES)

    @pytest.mark.parametrize("who", sorted(EVERYBODY))
    def test_holds_by_session(self, app, ministry, who):
        client = PageClient(app).sign_in(ministry.people[who])
        token, before, wrong = client.token(), contents(), []

        for attempt in PAGES:
            expected = attempt.status if who in attempt.allowed else 404
            got = browse(client, token, ministry.path(attempt), attempt).status_code
            if got != expected:
                wrong.append(f"{attempt.method} {attempt.route} {attempt.target}{attempt.query}: {got} not {expected}")

        assert wrong == []
        assert contents() == before, "every attempt was refused or only read"

    @pytest.mark.parametrize("who", sorted(EVERYBODY))
    def test_holds_by_token(self, app, ministry, who):
        client = ApiClient(app).as_(ministry.people[who])
        before, wrong = contents(), []

        for attempt in CALLS:
            expected = attempt.status if who in attempt.allowed else 404
            got = call(client, ministry.path(attempt), attempt).status_code
            if got != expected:
                wrong.append(f"{attempt.method} {attempt.route} {attempt.target}{attempt.query}: {got} not {expected}")

        assert wrong == []
        assert contents() == before, "every attempt was refused or only read"

    @pytest.mark.parametrize("who", ["owner", "manager", "hr_manager"])
    def test_gives_a_token_no_more_than_its_scopes(self, app, ministry, who):
        scopes = {next(s for s, held in SCOPES.items() if each.permission in held) for each in CALLS}
        full = ApiClient(app).as_(ministry.people[who])
        for scope in sorted(scopes):
            without = ApiClient(app).as_(ministry.people[who], *(scopes - {scope}))
            alone = ApiClient(app).as_(ministry.people[who], scope)
            for attempt in CALLS:
                if attempt.permission in SCOPES[scope]:
                    path = ministry.path(attempt)
                    refused = call(without, path, attempt)
                    assert (refused.status_code, refused.json["kind"]) == (403, "OutOfScope"), path
                    assert call(alone, path, attempt).status_code == call(full, path, attempt).status_code

    def test_sends_visitors_to_sign_in(self, app, ministry):
        client = PageClient(app)
        token = client.token()
        for attempt in PAGES:
            answer = browse(client, token, ministry.path(attempt), attempt)
            assert answer.status_code == 303, attempt
            assert answer.headers["Location"].startswith("/sign-in")

    @pytest.mark.parametrize("token", ["", "tithe_no-such-token"])
    def test_asks_programs_for_a_token(self, app, ministry, token):
        for attempt in CALLS:
            answer = call(ApiClient(app, token), ministry.path(attempt), attempt)
            assert (answer.status_code, answer.json["kind"]) == (401, "NotSignedIn"), attempt
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_tells_programs_without_a_token_nothing_about_what_they_sent(self, app, ministry):
        for attempt in CALLS:
            if attempt.method != "GET":
                answer = ApiClient(app).call(attempt.method, ministry.path(attempt)[7:], {"unknown": "field"})
                assert answer.status_code == 401, attempt


class TestForbidden:
    """What is absent and what is not one's own are answered alike, to the letter."""

    @pytest.mark.parametrize("who", ["owner", "manager", "analyst", "outsider"])
    def test_looks_like_absent(self, app, ministry, who):
        browser, program = PageClient(app).sign_in(ministry.people[who]), ApiClient(app).as_(ministry.people[who])
        token = browser.token()
        bodies: dict[tuple[str, str], dict[str, str]] = {}
        for attempt in ATTEMPTS:
            if (attempt.target or attempt.query or "unit" in attempt.body) and who not in attempt.allowed:
                path = ministry.path(attempt)
                pages = attempt in PAGES
                answer = browse(browser, token, path, attempt) if pages else call(program, path, attempt)
                seen = re.sub(r'(nonce|value)="[^"]*"', "", answer.get_data(as_text=True))
                bodies.setdefault((attempt.method, attempt.route), {})[f"{attempt.target}{attempt.query}"] = seen

        assert bodies
        assert {route: sorted(each) for route, each in bodies.items() if len(set(each.values())) > 1} == {}
