"""Whoever asks for what is not theirs leaves an event, once a day for each thing, and never more than a bound."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.audit.auditing import auditor_of
from tests.support.pages import ApiClient, PageClient, apart
from tests.support.threads import at_once
from tests.timesheets.weeks import NOW, Story
from tithe.audit import refusals
from tithe.audit.models import AuditEvent, Refusal
from tithe.audit.queries import first_broken_link
from tithe.audit.refusals import KEPT, MOST_A_DAY, note_access
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import Unavailable
from tithe.people import sessions
from tithe.people.operations import refused


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


def noted(verb: str = "access:refuse") -> list[tuple[int | None, str, int | None]]:
    db.session.rollback()
    found = select(AuditEvent.actor_id, AuditEvent.subject_type, AuditEvent.subject_id).where(AuditEvent.verb == verb)
    return [tuple(row) for row in db.session.execute(found.order_by(AuditEvent.id))]


def facts() -> list[dict[str, object]]:
    db.session.rollback()
    found = select(AuditEvent.details).where(AuditEvent.verb == "access:refuse").order_by(AuditEvent.id)
    return [json.loads(each) for each in db.session.scalars(found)]


class TestAsking:
    def test_for_somebody_elses_notes_the_right_and_the_thing_once_a_day(self, app, story, monkeypatch):
        colleague, owner = story.team.colleague, story.team.owner
        browser, program = PageClient(app).sign_in(colleague), ApiClient(app).as_(colleague)
        for _ in range(2):
            assert browser.get(f"/people/{owner.id}/pattern").status == 404
            assert program.get(f"/people/{owner.id}/pattern").status_code == 404

        assert noted() == [(colleague.id, "person", owner.id)]
        assert facts() == [{"method": "GET", "permission": "pattern:read"}]

        tomorrow = NOW + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda: tomorrow)
        PageClient(app).sign_in(colleague).get(f"/people/{owner.id}/pattern")
        assert noted() == [(colleague.id, "person", owner.id)] * 2

    def test_for_what_is_absent_is_noted_alike(self, app, story):
        browser = PageClient(app).sign_in(story.team.colleague)
        assert browser.get("/people/999999/pattern").status == 404

        assert noted() == [(story.team.colleague.id, "person", 999999)]

    def test_for_nobody_is_shown_to_auditors(self, app, story):
        PageClient(app).sign_in(story.team.colleague).get("/people/999999/pattern")
        auditor = auditor_of(story.team.unit).person

        page = PageClient(app).sign_in(auditor).get("/audit?verb=access:refuse")
        assert "Access: refuse" in page.text
        assert "person 999999" in page.text

    def test_for_a_page_of_another_role_is_noted_without_a_thing(self, app, story):
        assert PageClient(app).sign_in(story.team.owner).get("/audit").status == 404

        assert noted() == [(story.team.owner.id, "route", None)]
        assert facts() == [{"method": "GET", "permission": "audit:read"}]

    def test_with_a_token_that_lacks_the_scope_is_noted(self, app, story):
        program = ApiClient(app).as_(story.team.owner, "projects:read")
        assert program.get("/allowance").status_code == 403

        assert noted() == [(story.team.owner.id, "route", None)]

    def test_to_change_what_is_not_ones_own_is_noted_though_all_else_is_undone(self, app, story):
        week = story.submitted()
        program = ApiClient(app).as_(story.team.colleague)
        assert (
            program.post(f"/approvals/{week.id}", {"decision": "approve", "version": week.version}).status_code == 404
        )

        assert noted() == [(story.team.colleague.id, "week", week.id)]
        assert facts()[0]["method"] == "POST"

    def test_for_an_address_nobody_serves_or_without_signing_in_is_not(self, app, story):
        assert PageClient(app).sign_in(story.team.owner).get("/nowhere").status == 404
        assert PageClient(app).get(f"/people/{story.team.owner.id}/pattern").status == 303

        assert noted() == []

    def test_is_answered_though_it_cannot_be_noted(self, app, story, monkeypatch):
        def away(**about: object) -> None:
            raise Unavailable

        monkeypatch.setitem(app.extensions, "tithe_refused", away)
        assert PageClient(app).sign_in(story.team.owner).get("/audit").status == 404


class TestTokens:
    """Tokens that nobody has, and what SCIM refuses."""

    def tokens(self) -> list[dict[str, object]]:
        db.session.rollback()
        found = select(AuditEvent.details).where(AuditEvent.verb == "token:refuse").order_by(AuditEvent.id)
        return [json.loads(each) for each in db.session.scalars(found)]

    @pytest.mark.parametrize("path", ["/api/v1/allowance", "/scim/v2/Users"])
    def test_that_nobody_has_are_noted_once_an_hour_as_digests(self, app, story, path):
        for token in ("tithe_guessed", "tithe_guessed", "tithe_other"):
            answer = apart(app.test_client().get, path, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401

        assert noted("token:refuse") == [(None, "api_token", None)] * 2
        assert [sorted(each) for each in self.tokens()] == [["network", "token"]] * 2
        assert "guessed" not in json.dumps(self.tokens())
        assert first_broken_link() is None

    def test_whose_time_is_over_are_noted_too(self, app, story, monkeypatch):
        program = ApiClient(app).as_(story.team.owner)
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
        assert program.get("/allowance").status_code == 401
        assert len(self.tokens()) == 1

    def test_that_are_good_or_missing_leave_nothing(self, app, story):
        assert ApiClient(app).as_(story.team.owner).get("/allowance").status_code == 200
        assert ApiClient(app).get("/allowance").status_code == 401
        nothing = apart(app.test_client().get, "/api/v1/allowance", headers={"Authorization": "Bearer "})
        assert nothing.status_code == 401
        assert self.tokens() == []

    def test_never_fill_the_chain(self, app, story, monkeypatch):
        monkeypatch.setattr(refused, "MOST_AN_HOUR", 3)
        for number in range(8):
            ApiClient(app, f"tithe_{number}").get("/allowance")
        assert [each.get("no_more_than") for each in self.tokens()] == [None] * 3 + [3]

    def test_are_refused_though_that_cannot_be_noted(self, app, story, monkeypatch):
        def away(*about: object, **facts: object) -> None:
            raise Unavailable

        monkeypatch.setattr(sessions, "note_token", away)
        assert ApiClient(app, "tithe_guessed").get("/allowance").status_code == 401

    def test_that_ask_scim_for_what_is_not_theirs_are_noted(self, app, story):
        program = ApiClient(app).as_(story.team.owner)
        headers = {"Authorization": f"Bearer {program.token}"}
        for _ in range(2):
            answer = apart(program.http.get, f"/scim/v2/Users/{story.team.manager.id}", headers=headers)
            assert answer.status_code in (403, 404)
        assert noted() == [(story.team.owner.id, "person", story.team.manager.id)]


class TestTheBound:
    def test_keeps_one_person_from_filling_the_chain_and_says_so_once(self, story, monkeypatch):
        monkeypatch.setattr(refusals, "MOST_A_DAY", 5)
        asked = {"permission": "week:decide", "method": "GET", "thing": "week", "now": NOW}
        for number in range(1, 20):
            note_access(actor=story.owner, id=number, **asked)
            db.session.rollback()
        note_access(actor=story.manager, id=1, **asked)

        assert [row[0] for row in noted()] == [story.owner.id] * 6 + [story.manager.id]
        assert [each.get("no_more_than") for each in facts()] == [None] * 5 + [5, None]
        assert MOST_A_DAY == 100
        assert first_broken_link() is None

    def test_holds_when_many_come_at_once(self, app, story):
        actor = story.owner

        def ask() -> None:
            note_access(actor=actor, permission="week:decide", method="GET", thing="week", id=7, now=NOW)

        assert [each for each in at_once(app, [ask] * 8) if each is not None] == []
        assert noted() == [(actor.id, "week", 7)]

    def test_forgets_in_time_what_it_counted(self, story):
        asked = {"actor": story.owner, "permission": "week:decide", "method": "GET", "thing": "week"}
        for day in range(4):
            note_access(**asked, id=day + 1, now=NOW + day * KEPT)
            db.session.rollback()

        assert len(noted()) == 4
        assert db.session.query(Refusal).count() <= 2
