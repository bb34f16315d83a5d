"""People from outside by page, over the API and by command."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from tests.factories.outside import Guest
from tests.factories.projects import MemberFactory
from tests.outside.conftest import GUEST
from tests.outside.test_operations import accept, handle_mailed
from tests.people.signing_in import PASSWORD, sign_in
from tests.support.pages import PageClient, apart
from tithe.access.actor import SYSTEM
from tithe.audit.models import RecordRead
from tithe.audit.rules import ReadKind
from tithe.kernel.db import db
from tithe.notices.models import Notice
from tithe.outside import jobs
from tithe.people.operations import acceptance
from tithe.people.rules.secrets import LINK_PATH, as_mailed

ASKED = {"name": GUEST.name, "email": GUEST.email, "organisation": GUEST.organisation}
UNTIL = "2026-12-31"


def link(app, person_id: int) -> str:
    return as_mailed(f"{LINK_PATH}{handle_mailed(person_id)}", app.extensions["tithe"].secret_key)


@pytest.fixture
def guest(party) -> int:
    person_id = party.invite()
    accept(party, person_id)
    return person_id


@pytest.fixture
def inside(app, guest) -> PageClient:
    """A browser in which the guest has signed in by the page."""
    browser = PageClient(app)
    assert sign_in(browser, GUEST.email).location == "/"
    return browser


class TestHost:
    def test_invites_changes_and_ends_by_page(self, client, party):
        browser = client.sign_in(party.owner)
        assert "You host nobody" in browser.get("/outside").text
        page = browser.get("/outside/new")
        assert "7 February 2027" in page.text
        sent = {**ASKED, "projects": str(party.project.id), "last_day": UNTIL}
        done = browser.post("/outside/new", sent)
        assert done.status == 303
        page = browser.get(done.location)
        assert (page.heading, "Invited" in page.text) == ("Gita Guest", True)
        assert "Gita Guest" in browser.get("/outside").text

        assert browser.post(f"{done.location}/extend", {"last_day": "2026-10-01"}).status == 303
        assert "1 October 2026" in browser.get(done.location).text
        assert browser.post(f"{done.location}/send-again").status == 303
        assert browser.post(f"{done.location}/end").status == 303
        assert "Ended early" in browser.get("/outside?show=over").text
        assert "End this stay" not in browser.get(done.location).text

    def test_is_told_what_is_wrong_beside_the_field(self, client, party):
        browser = client.sign_in(party.owner)
        page = browser.post("/outside/new", {"last_day": "soon"})
        assert (page.status, page.errors) == (
            422,
            [
                "Enter their name",
                "Enter their e-mail address",
                "Enter where they work",
                "Choose at least one project they may see",
                "Enter their last day, like 24 12 2026",
            ],
        )
        assert "unknown" in browser.post("/outside/new", {"unknown": "1", "last_day": UNTIL}).text

    def test_chooses_other_projects(self, client, party, guest):
        MemberFactory(project_id=party.others.id, person_id=party.owner.id)
        browser = client.sign_in(party.owner)
        assert browser.post(f"/outside/{guest}/projects", {"projects": str(party.others.id)}).status == 303
        page = browser.get(f"/outside/{guest}")
        assert page.heading == "Gita Guest"
        assert browser.post(f"/outside/{guest}/projects").status == 422
        assert "Gita Guest" in browser.get(f"/projects/{party.others.id}").text
        assert "Gita Guest" not in browser.get(f"/projects/{party.project.id}").text

    def test_without_a_project_reads_what_to_do(self, client, party):
        assert "you work on none" in client.sign_in(party.team.manager).get("/outside/new").text

    def test_invites_over_the_api(self, api, party):
        host = api.as_(party.owner)
        answer = host.post("/outside-members", {**ASKED, "projects": [party.project.id], "last_day": UNTIL})
        assert (answer.status_code, answer.json["status"], answer.json["host"]) == (201, "invited", "Ada Owner")
        one = f"/outside-members/{answer.json['id']}"
        assert host.post(f"{one}/extend", {"last_day": "2026-10-01"}).json["last_day"] == "2026-10-01"
        assert host.put(f"{one}/projects", {"projects": [party.project.id]}).status_code == 200
        assert host.post(f"{one}/invitation").status_code == 200
        assert [each["name"] for each in host.get("/outside-members").json["members"]] == ["Gita Guest"]
        assert host.post(f"{one}/end").json["status"] == "ended"
        assert host.post(f"{one}/end").status_code == 409
        blank = {**dict.fromkeys(ASKED, " "), "projects": [], "last_day": "2030-01-01"}
        refused = host.post("/outside-members", blank).json["problems"]
        assert [each["field"] for each in refused] == [*ASKED, "last_day"]
        unknown = {**ASKED, "projects": [], "last_day": UNTIL, "role": "x"}
        assert host.post("/outside-members", unknown).status_code == 422


class TestHr:
    def test_sees_all_of_their_units_with_host_and_last_sign_in_and_no_others(self, client, party, inside):
        elsewhere = Guest(active=True)
        page = client.sign_in(party.team.hr).get("/outside/all")
        assert ("Ada Owner" in page.text, elsewhere.person.name in page.text) == (True, False)
        assert "Never" not in page.text
        assert client.get(f"/outside/{elsewhere.id}").status == 404
        notes = {(each.reader_id, each.person_id, each.kind) for each in db.session.query(RecordRead)}
        assert {note[0] for note in notes} == {party.team.hr.id}
        assert {note[2] for note in notes} == {ReadKind.OUTSIDE}

    def test_publishes_terms_that_guests_accept_at_their_next_sign_in(self, app, client, party, inside):
        party.hands.forward(minutes=1)
        words = "Keep to yourself what you see here. " * 10
        browser = client.sign_in(party.team.hr)
        assert browser.post("/outside/terms", {"words": "Too few"}).errors
        assert browser.post("/outside/terms", {"words": words}).status == 303
        party.hands.forward(minutes=1)

        assert inside.get("/").heading == "Your projects", "who is signed in is not interrupted"
        again = PageClient(app)
        sign_in(again, GUEST.email)
        assert again.get("/").location == "/terms"
        page = again.get("/terms")
        assert "Keep to yourself" in page.text
        assert again.post("/terms", {"terms": "2"}).errors == ["Tick the box to accept the terms. Nothing works before"]
        assert again.post("/terms", {"terms": "1", "accepts": "y"}).status == 422
        assert again.post("/terms", {"terms": "2", "accepts": "y"}).location == "/"
        assert again.get("/").heading == "Your projects"


class TestGuest:
    def test_accepts_the_terms_with_the_first_password(self, app, client, party):
        person_id = party.invite()
        address = link(app, person_id)
        assert client.get(address).location == "/password/choose"
        page = client.get("/password/choose")
        assert page.heading == "Accept the terms and choose a password"
        refused = client.post("/password/choose", {"password": PASSWORD, "terms": "1"})
        assert refused.errors == ["Tick the box to accept the terms. Nothing works before"]
        assert client.post("/password/choose", {"password": PASSWORD, "terms": "1", "accepts": "y"}).status == 303
        assert client.get(address).location == "/password/choose"
        assert client.get("/password/choose").status == 404, "a link works once"
        assert sign_in(client, GUEST.email).location == "/"

    def test_sees_their_projects_and_themselves_and_nothing_else(self, party, inside):
        page = inside.get("/")
        assert ("Plain letters" in page.text, "Ada Owner" in page.text) == (True, True)
        assert inside.get(f"/projects/{party.project.id}").heading == "Plain letters"
        menu = {each.get("href") for each in page.all("a")}
        assert menu & {"/people", "/weeks/this", "/allowance", "/approvals", "/projects", "/outside"} == set()
        for path in (f"/projects/{party.others.id}", "/projects", "/people", "/weeks/this", "/units", "/outside"):
            assert inside.get(path).status == 404, path
        for path in ("/account/security", "/account/my-data", "/inbox", "/terms", "/account/sessions"):
            assert inside.get(path).status == 200, path

    def test_reads_their_stay_over_the_api(self, api, party, guest):
        person = type("Holder", (), {"email": GUEST.email})
        program = api.as_(person)
        assert program.get("/outside-members/me").json["projects"][0]["title"] == "Plain letters"
        acceptance.publish_terms(actor=SYSTEM, words="New words. " * 30, now=party.hands.now)
        refusal = program.get(f"/projects/{party.project.id}")
        assert (refusal.status_code, refusal.json["kind"]) == (403, "TermsDue")
        assert program.get("/outside-members/me/terms").json["version"] == 2
        assert program.post("/outside-members/me/terms", {"version": 2}).status_code == 200
        assert program.get(f"/projects/{party.project.id}").status_code == 200

    @pytest.mark.parametrize("local", ["break-glass", "off"])
    def test_signs_in_by_password_whatever_holds_for_staff(self, app, party, guest, monkeypatch, local):
        settings = replace(app.extensions["tithe"], local_accounts=local)
        monkeypatch.setitem(app.extensions, "tithe", settings)
        browser = PageClient(app)
        page = browser.get("/sign-in?from=outside")
        assert 'name="password"' in page.text
        assert sign_in(browser, GUEST.email, **{"from": "outside"}).location == "/"

    def test_loses_the_project_that_the_host_takes_away(self, client, party, inside, guest):
        MemberFactory(project_id=party.others.id, person_id=party.owner.id)
        client.sign_in(party.owner).post(f"/outside/{guest}/projects", {"projects": str(party.others.id)})
        assert inside.get(f"/projects/{party.project.id}").status == 404
        assert inside.get(f"/projects/{party.others.id}").status == 200


class TestCommands:
    def run(self, app, *arguments: str):
        return apart(app.test_cli_runner().invoke, args=["people", "outside", *arguments])

    def test_invite_list_extend_and_end(self, app, party, tmp_path):
        asked = (party.owner.email, GUEST.name, GUEST.email, GUEST.organisation)
        done = self.run(app, "invite", *asked, "--project", str(party.project.id), "--until", UNTIL, "--print")
        assert re.search(r"/password/link/[\w-]+\.[\w-]+", done.output), done.output
        assert self.run(app, "extend", GUEST.email, "2026-10-01").exit_code == 0
        [row] = json.loads(self.run(app, "list", "--json").output)
        assert (row["email"], row["last_day"], row["host"]) == (GUEST.email, "2026-10-01", "Ada Owner")
        assert "1 from outside" in self.run(app, "list").output
        assert self.run(app, "end", GUEST.email).exit_code == 0
        assert "0 from outside" in self.run(app, "list").output
        assert "Nobody from outside" in self.run(app, "end", party.owner.email).output
        terms = tmp_path / "terms.txt"
        terms.write_text("New words. " * 30)
        assert "version 2" in self.run(app, "publish-terms", str(terms)).output


class TestJobs:
    def test_ask_before_a_reminder_goes(self, party, guest):
        party.hands.forward(days=132)  # 14 days before the last
        jobs.remind(party.hands.now.date().isoformat(), party.hands.now)
        db.session.rollback()
        found = db.session.query(Notice).filter_by(event="outside-ending").all()
        assert {each.person_id for each in found} == {guest, party.owner.id}
        assert jobs.still_end([(each.id, guest) for each in found]) == {each.id for each in found}
        assert list(jobs.every_day(party.hands.now)) == [party.hands.now.date().isoformat()]
        jobs.hand_on("", party.hands.now)
