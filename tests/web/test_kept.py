"""A form whose session has ended is kept on the next page, and can be sent once more after signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel import clock

OWN = {"Sec-Fetch-Site": "same-origin"}
PATH = f"/weeks/{MONDAY}"


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


def typed(story: Story) -> dict[str, str]:
    return {"version": "0", "action": "save", f"m-{story.project.id}-{MONDAY + timedelta(days=1)}": "1:30"}


class TestForm:
    def test_is_kept_when_the_session_ended_and_sent_again_after_signing_in(self, app, story, monkeypatch):
        browser = PageClient(app).sign_in(story.team.owner)
        browser.get(PATH)
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=90))

        kept = browser.post(PATH, typed(story), headers=OWN)
        assert (kept.status, kept.heading) == (401, "You have been signed out")

        browser.sign_in(story.team.owner)  # in another tab; the page kept open has a token of the old session
        fields = {each.get("name"): each.get("value") for each in kept.all("input")}
        again = browser.post(PATH, fields | {"csrf_token": "of the session before"}, headers=OWN)
        assert (again.status, again.heading) == (401, "Send what you typed?")
        assert story.team.owner.name in again.text

        fields = {each.get("name"): each.get("value") for each in again.all("input")}
        assert browser.post(PATH, fields, headers=OWN).status == 303
        assert [entry.minutes for entry in story.week().entries] == [90]

    @pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none"])
    def test_of_another_site_is_not_kept(self, app, story, site):
        headers = {"Sec-Fetch-Site": site} if site else {}
        assert PageClient(app).post(PATH, typed(story), headers=headers).status == 303

    def test_with_anything_secret_is_not_kept(self, app, story):
        sent = {"current_password": "purple otters knit badly", "new_password": "x"}
        assert PageClient(app).post("/account/password", sent, headers=OWN).status == 303

    def test_that_is_very_large_is_not_kept(self, app, story):
        assert PageClient(app).post(PATH, {"version": "0" * 70_000}, headers=OWN).status == 303
