"""A week says which version it is: known ones are not sent again, and what has moved on is not overwritten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.contents import contents
from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel import clock
from tithe.web.etags import tag_of

PATH = f"/weeks/{MONDAY}"
REASON = {"reason": "Wednesday's hours are missing"}
BODIES = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=4)


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


@pytest.fixture
def owner(api, story) -> ApiClient:
    return api.as_(story.team.owner)


def call(client, method, path, body=None, **headers):
    return client.call(method, path, body, headers={name.replace("_", "-"): each for name, each in headers.items()})


def tag(client) -> str:
    return client.get(PATH).headers["ETag"]


class TestTag:
    @given(version=st.integers(0, 9), one=BODIES, other=BODIES)
    def test_is_the_same_for_the_same_alone(self, version, one, other):
        assert (tag_of(version, one) == tag_of(version, other)) == (one == other)
        assert tag_of(version, one) != tag_of(version + 1, one)

    def test_starts_with_the_version(self, owner, story):
        assert tag(owner).startswith('"0-')
        story.saved()
        assert tag(owner).startswith('"1-')


class TestReading:
    def test_sends_nothing_that_is_known(self, owner, story):
        story.saved()
        known = tag(owner)

        for header in (known, f'W/{known}, "1-0"', f'"0-0", {known[:-1]}:br"', "*"):
            answer = call(owner, "GET", PATH, If_None_Match=header)
            assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", known)

    def test_sends_what_has_changed(self, owner, story):
        known = tag(owner)
        story.saved()
        answer = call(owner, "GET", PATH, If_None_Match=known)

        assert (answer.status_code, answer.json["version"]) == (200, 1)
        assert answer.headers["ETag"] != known


class TestWriting:
    def body(self, story: Story, minutes: int = 60) -> dict[str, object]:
        return {"entries": [{"date": str(MONDAY), "project_id": story.project.id, "minutes": minutes}]}

    def test_goes_on_from_what_was_read(self, owner, story):
        saved = call(owner, "PUT", PATH, self.body(story), If_Match=tag(owner))
        assert (saved.status_code, saved.headers["ETag"]) == (200, tag(owner))

        for verb, body in (("submit", None), ("recall", None)):
            answer = call(owner, "POST", f"{PATH}/{verb}", body, If_Match=tag(owner))
            assert (answer.status_code, answer.headers["ETag"]) == (200, tag(owner))

    def test_goes_on_from_an_approved_week(self, owner, story):
        story.approved()
        answer = call(owner, "POST", f"{PATH}/amend", REASON, If_Match=tag(owner))

        assert (answer.status_code, answer.json["status"]) == (200, "draft")

    @pytest.mark.parametrize(
        ("made", "method", "path"),
        [
            ("saved", "PUT", PATH),
            ("saved", "POST", f"{PATH}/submit"),
            ("submitted", "POST", f"{PATH}/recall"),
            ("approved", "POST", f"{PATH}/amend"),
        ],
    )
    def test_is_refused_once_it_has_moved_on(self, owner, story, made, method, path):
        stale = tag(owner)
        getattr(story, made)()
        body = {"PUT": self.body(story), "POST": REASON if path.endswith("amend") else None}[method]
        before = contents()
        answer = call(owner, method, path, body, If_Match=stale)

        assert (answer.status_code, answer.json["kind"], answer.json["field"]) == (412, "MovedOn", "If-Match")
        assert "Read it again" in answer.json["message"]
        assert contents() == before

    def test_takes_any_version_with_a_star(self, owner, story):
        story.saved()
        assert call(owner, "PUT", PATH, self.body(story), If_Match="*").status_code == 200

    def test_is_refused_when_if_match_fits_and_the_version_in_the_body_does_not(self, owner, story):
        story.saved()
        answer = call(owner, "PUT", PATH, self.body(story) | {"version": 0}, If_Match=tag(owner))

        assert answer.status_code == 409
