"""A call sent again under its Idempotency-Key is done once, whatever became of the first answer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from tests.factories.people import RoleGrantFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient
from tests.support.threads import at_once, errors_in
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.people.models import ApiToken
from tithe.projects.models import Project
from tithe.scheduler import JOBS
from tithe.web.idempotency import KEPT, KeptAnswer

KEY = "a-key-of-this-call"
ANSWERS = {"title": "Faster forms", "problem": "Slow", "beneficiaries": "All", "hypothesis": "Quick"}


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


@pytest.fixture
def owner(api, story) -> ApiClient:
    return api.as_(story.team.owner)


def register(client, key=KEY, **changes):
    return client.call("POST", "/projects", ANSWERS | changes, headers={"Idempotency-Key": key})


def registered() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Project.id)).where(Project.title == ANSWERS["title"]))


class TestTheSameCallAgain:
    def test_is_given_the_first_answer_and_done_once(self, owner):
        first = register(owner)
        before = contents()
        again = register(owner)

        assert first.status_code == again.status_code == 201
        assert (again.data, again.mimetype) == (first.data, "application/json")
        assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
        assert contents() == before
        assert registered() == 1

    def test_is_given_the_tag_it_was_given(self, owner, story):
        line = {"date": str(MONDAY), "project_id": story.project.id, "minutes": 60}
        headers = {"Idempotency-Key": KEY}
        first = owner.call("PUT", f"/weeks/{MONDAY}", {"entries": [line], "version": 0}, headers=headers)
        again = owner.call("PUT", f"/weeks/{MONDAY}", {"entries": [line], "version": 0}, headers=headers)

        assert (again.status_code, again.json["version"]) == (200, 1)
        assert again.headers["ETag"] == first.headers["ETag"]

    @pytest.mark.parametrize("other", [{"title": "Other forms"}, {"title": "Faster forms "}])
    def test_is_refused_with_another_body(self, owner, other):
        register(owner)
        answer = register(owner, **other)

        assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")
        assert "with another call" in answer.json["message"]
        assert registered() == 1

    def test_is_refused_at_another_address(self, owner):
        register(owner)
        answer = owner.call("POST", "/projects?twice=1", ANSWERS, headers={"Idempotency-Key": KEY})

        assert "with another call" in answer.json["message"]

    def test_is_somebody_elses_own(self, owner, story):
        register(owner)
        answer = register(owner.as_(story.team.colleague))

        assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (201, False)
        assert registered() == 2

    def test_is_done_again_after_a_day(self, owner, monkeypatch):
        register(owner)
        monkeypatch.setattr(clock, "now", lambda: NOW + KEPT - timedelta(seconds=1))
        client = ApiClient(owner.app, owner.token)
        db.session.query(ApiToken).update({"expires_at": NOW + 2 * KEPT})
        db.session.commit()
        assert register(client).headers["Idempotency-Replayed"]
        monkeypatch.setattr(clock, "now", lambda: NOW + KEPT)

        assert "Idempotency-Replayed" not in register(client).headers
        assert registered() == 2

    def test_needs_the_scope_still(self, owner, story):
        register(owner)
        answer = register(owner.as_(story.team.owner, "projects:read"))

        assert (answer.status_code, answer.json["kind"]) == (403, "OutOfScope")

    def test_needs_a_token_still(self, owner):
        register(owner)

        assert register(ApiClient(owner.app)).status_code == 401

    def test_at_the_same_moment_is_done_once(self, app, owner):
        results = at_once(app, [partial(register, ApiClient(app, owner.token)) for _ in range(8)])

        assert errors_in(results) == []
        assert {each.status_code for each in results} <= {201, 409}
        assert len({each.json["id"] for each in results if each.status_code == 201}) == 1
        assert registered() == 1


class TestRefusals:
    def test_are_not_kept(self, owner):
        before = contents()
        assert register(owner, hypothesis="").status_code == 422
        assert owner.call("PUT", "/weeks/nonsense", {}, headers={"Idempotency-Key": KEY}).status_code == 422
        assert contents() == before

        assert register(owner).status_code == 201

    @pytest.mark.parametrize("key", ["short", "k" * 101, "with a space", "f\u00fcnfundzwanzig"])
    def test_meet_a_key_that_does_not_fit(self, owner, key):
        answer = register(owner, key)

        assert (answer.status_code, answer.json["field"]) == (422, "Idempotency-Key")
        assert registered() == 0

    def test_meet_whoever_has_no_right_before_their_key_is_read(self, owner, story):
        answer = register(owner.as_(story.team.owner, "weeks:read"), "short")

        assert answer.status_code == 403

    def test_undo_all_of_a_call_that_fails_at_the_end(self, app, owner, monkeypatch):
        monkeypatch.setattr("tithe.web.idempotency._keep", fails)
        before = contents()
        app.config["PROPAGATE_EXCEPTIONS"] = False
        try:
            assert register(owner).status_code == 500
        finally:
            app.config["PROPAGATE_EXCEPTIONS"] = None
        assert contents() == before


class TestRehearsals:
    def test_are_not_saved_and_not_kept(self, app, owner, story):
        RoleGrantFactory(person_id=story.team.hr.id, unit_id=story.team.department.id, role=Role.HR_MANAGER)
        client, path = owner.as_(story.team.hr), f"/people/{story.team.owner.id}/post"
        body = {"starts_on": "2026-09-01", "weekly_minutes": 1110, "rehearse": True}
        before = contents()
        answer = client.call("PATCH", path, body, headers={"Idempotency-Key": KEY})

        assert (answer.status_code, answer.json["saved"]) == (200, False)
        assert contents() == before

        saved = client.call("PATCH", path, body | {"rehearse": False}, headers={"Idempotency-Key": KEY})
        assert saved.json["saved"]


class TestKeeping:
    def test_ends_after_a_day_by_a_job(self, owner):
        register(owner)
        JOBS["forget-answers"].run("", NOW + KEPT - timedelta(seconds=1))
        assert count() == 1

        JOBS["forget-answers"].run("", NOW + KEPT)
        assert count() == 0

    def test_is_not_for_calls_without_a_key_or_that_only_read(self, owner):
        owner.post("/projects", ANSWERS)
        owner.call("GET", "/projects", headers={"Idempotency-Key": KEY})

        assert count() == 0

    def test_is_described(self, owner):
        paths = owner.get("/openapi.json").json["paths"]
        named = {
            method
            for path in paths.values()
            for method, operation in path.items()
            if method != "parameters"
            and any(each.get("name") == "Idempotency-Key" for each in operation.get("parameters", []))
        }

        assert named == {"post", "put", "patch", "delete"}


def drop_then_retry(app, token: str, keys: range) -> list[int]:
    """Make calls whose answers are lost, then make them again; the statuses of the second."""
    client = ApiClient(app, token)
    found = []
    for number in keys:
        register(client, f"call-number-{number}")
        found.append(register(client, f"call-number-{number}").status_code)
    return found


def race(app, token: str, threads: int, each: int) -> None:
    calls = [partial(drop_then_retry, app, token, range(n * each, (n + 1) * each)) for n in range(threads)]
    results = at_once(app, calls)

    assert errors_in(results) == []
    assert {status for statuses in results for status in statuses} == {201}
    assert registered() == threads * each


class TestLostAnswers:
    def test_double_nothing(self, app, owner):
        race(app, owner.token, 4, 10)

    @pytest.mark.slow
    def test_double_nothing_in_a_thousand_calls(self, app, owner):
        race(app, owner.token, 20, 50)


def fails(*args: object) -> None:
    raise RuntimeError("the machine stops here")


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(KeptAnswer))
