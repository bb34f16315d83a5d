"""Where somebody is signed in: the list, ending one, and what ends them all."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.people import RoleGrantFactory
from tests.people.signing_in import sign_in
from tests.support.contents import contents, statements
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db
from tithe.people import second_factor, sessions
from tithe.people.models import RoleGrant, SignIn
from tithe.people.operations import identity
from tithe.people.operations.identity import Passed
from tithe.people.rules.sign_ins import SignInMethod

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def there(app, team) -> PageClient:
    browser = PageClient(app)
    browser.http.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(browser, team.owner.email, at="198.51.100.7")
    return browser


def row_of(browser: PageClient) -> SignIn:
    """The row behind a browser's cookie."""
    db.session.rollback()
    with browser.http.session_transaction() as cookie:
        key = sessions.hashed(cookie["sign_in"])
    return db.session.scalars(select(SignIn).where(SignIn.secret_hash == key)).one()


class TestList:
    def test_names_browser_address_and_times(self, here, there):
        page = here.get("/account/sessions")
        assert "Firefox on Windows" in page.text
        assert "from 198.51.100.7" in page.text
        assert page.text.count("This one") == 1
        assert "It ends by itself 8 Aug 2026 at 4:00am" in page.text

    def test_shows_nobody_elses(self, app, there, team):
        page = PageClient(app).sign_in(team.colleague).get("/account/sessions")
        assert "Firefox" not in page.text
        assert "You are signed in nowhere else" in page.text

    def test_leaves_out_what_has_ended_or_was_left_idle(self, here, there, hands):
        hands.forward(minutes=50)
        assert here.get("/").status == 200
        hands.forward(minutes=50)
        assert "Firefox" not in here.get("/account/sessions").text

    def test_needs_somebody_signed_in(self, client, team):
        assert client.get("/account/sessions").location.startswith("/sign-in")

    def test_takes_the_same_statements_however_many_there_are(self, here, team):
        with statements() as first:
            here.get("/account/sessions")
        for _ in range(5):
            identity.start_session(person_id=team.owner.id, hours=12, now=NOW)
        with statements() as second:
            here.get("/account/sessions")
        assert len(first) == len(second)


class TestEnding:
    def test_one_leaves_the_others(self, here, there):
        end = re.search(r'action="(/account/sessions/\d+/end)"', here.get("/account/sessions").text)[1]
        assert here.post(end).location == "/account/sessions"
        assert there.get("/").status == 303
        assert "Signed out there" in here.get("/account/sessions").text

    def test_all_others_leaves_this_one(self, app, here, there, team):
        third = PageClient(app)
        sign_in(third, team.owner.email)
        here.post("/account/sessions/end-others")
        assert "Signed out in 2 other places" in here.get("/account/sessions").text
        assert (there.get("/").status, third.get("/").status) == (303, 303)

    def test_is_for_ones_own_alone(self, app, there, team):
        other = PageClient(app).sign_in(team.colleague)
        before = contents()
        for number in (row_of(there).id, 999_999, 2**31, 10**30):
            page = other.post(f"/account/sessions/{number}/end")
            assert page.status == 404
        assert contents() == before
        assert there.get("/").status == 200

    def test_twice_is_no_fault(self, here, there):
        number = row_of(there).id
        for _ in range(2):
            assert here.post(f"/account/sessions/{number}/end").status == 303

    def test_takes_no_other_fields_and_no_link(self, here, there):
        number = row_of(there).id
        assert here.post(f"/account/sessions/{number}/end", {"person_id": "1"}).status == 422
        assert here.get(f"/account/sessions/{number}/end").status == 405
        assert there.get("/").status == 200

    def test_is_recorded(self, here, there):
        here.post("/account/sessions/end-others")
        db.session.rollback()
        assert "session:end-others" in {each.verb for each in db.session.query(AuditEvent)}

    def test_of_a_role_takes_its_rights_at_once(self, app, team, hands):
        RoleGrantFactory(person_id=team.owner.id, unit_id=team.department.id, role=Role.HR_MANAGER)
        browser = PageClient(app).sign_in(team.owner)
        assert browser.get("/people/import").status == 200
        yesterday = NOW.date() - timedelta(days=1)
        db.session.execute(update(RoleGrant).where(RoleGrant.person_id == team.owner.id).values(ends_on=yesterday))
        db.session.commit()
        assert browser.get("/people/import").status == 404


class TestSeen:
    def test_is_noted_once_in_a_quarter_of_an_hour(self, here, hands):
        noted = set()
        for _ in range(60):
            hands.forward(minutes=1)
            here.get("/")
            noted.add(row_of(here).seen_at)
        assert len(noted - {None}) == 4

    def test_writes_nothing_within_it(self, here, hands):
        hands.forward(minutes=1)
        here.get("/")
        before = contents()
        for _ in range(5):
            here.get("/")
        assert contents() == before

    def test_never_wakes_a_session_that_has_ended(self, app, here, there, hands):
        here.post("/account/sessions/end-others")
        row = row_of(there)
        hands.forward(minutes=20)
        assert there.get("/").status == 303
        assert row_of(there).seen_at == row.seen_at

    def test_fails_no_page_when_nothing_can_be_saved(self, here, hands, monkeypatch):
        def refuse(**given):
            raise sessions.Unavailable

        monkeypatch.setattr(identity, "note_seen", refuse)
        hands.forward(minutes=20)
        assert here.get("/").status == 200


class TestSecondFactor:
    """What is ready for a second factor: the first alone opens nothing."""

    @pytest.fixture
    def needed(self, monkeypatch) -> None:
        monkeypatch.setattr(second_factor, "second_factor_needed", lambda person_id: True)
        monkeypatch.setattr(identity, "second_factor_needed", lambda person_id: True)

    def test_waits_and_opens_nothing(self, client, team, needed):
        assert sign_in(client, team.owner.email, next="/projects").status == 303
        assert client.get("/").location.startswith("/sign-in")
        assert db.session.query(SignIn).count() == 0

    def test_is_awaited_for_ten_minutes(self, app, team, hands):
        with app.test_request_context():
            sessions.wait_for_second_factor(Passed(team.owner.id, SignInMethod.PASSWORD, None), "/projects")
            assert sessions.pending() == sessions.Pending(team.owner.id, SignInMethod.PASSWORD, "/projects")
            hands.forward(minutes=10)
            assert sessions.pending() is None
            sessions.start("a secret")
            assert sessions.pending() is None
