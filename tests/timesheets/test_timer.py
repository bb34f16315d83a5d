"""The timer: one a person, capped, warned of once, and worth whole minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.kernel import clock
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices.models import Notice
from tithe.timesheets.jobs import warn_of_timers
from tithe.timesheets.operations.timer import discard_timer, start_timer, stop_timer, warn_of_capped_timers
from tithe.timesheets.queries.timer import own_timer, still_running
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.timer import LONGEST, rounded_up, runs_until, worth

FRIDAY = MONDAY + timedelta(days=4)
NOON = datetime(2026, 8, 7, 11, tzinfo=UTC)


def later(**time: int) -> datetime:
    return NOON + timedelta(**time)


def start(story: Story, line: str = "plain - drafting", **changes) -> None:
    start_timer(actor=story.owner, line=line, **{"now": NOON, **changes})


def stop(story: Story, **changes):
    return stop_timer(actor=story.owner, **{"now": later(minutes=40), **changes})


class TestRules:
    @given(seconds=st.integers(0, 86400))
    def test_a_timer_is_worth_the_nearest_minute(self, seconds):
        assert abs(worth(NOON, later(seconds=seconds)) * 60 - seconds) <= 30

    @given(room=st.integers(1, 1440), seconds=st.integers(0, 365 * 86400))
    def test_it_never_outlasts_its_room_four_hours_or_its_day(self, room, seconds):
        started = later(seconds=seconds)
        until = runs_until(started, room)

        assert started < until <= started + min(LONGEST, timedelta(minutes=room))
        assert local_date(until - timedelta(microseconds=1)) == local_date(started)

    @given(minutes=st.integers(0, 300), logged=st.integers(0, 300), shortest=st.integers(1, 60))
    def test_rounding_up_reaches_the_shortest_entry_and_no_further(self, minutes, logged, shortest):
        up = rounded_up(minutes, logged, shortest, up=True)

        assert up == max(minutes, 1, shortest - logged)


class TestTimer:
    def test_becomes_an_entry_when_it_is_stopped(self, friday):
        start(friday)

        logged = stop(friday, now=later(minutes=40, seconds=29))

        assert friday.week().entries == (friday.entry(40, day=4, note="drafting"),)
        assert logged.added == 40
        assert own_timer(friday.owner) is None

    def test_adds_to_what_the_day_has(self, friday):
        friday.saved(friday.entry(60, day=4))
        start(friday, "learning")
        stop(friday)

        assert friday.week().entries[1:] == (Entry(FRIDAY, None, 40, "", TimeKind.LEARNING),) or (
            friday.week().entries[0] == Entry(FRIDAY, None, 40, "", TimeKind.LEARNING)
        )

    def test_below_the_shortest_entry_offers_to_round_up(self, friday):
        start(friday)

        with pytest.raises(RuleBroken, match=r"at 5m and the shortest entry is 15m\. Round it up to 15m"):
            stop(friday, now=later(minutes=5))
        stop(friday, now=later(minutes=5), round_up=True)

        assert friday.week().total_minutes == 15

    def test_counts_no_further_than_four_hours_and_says_so(self, friday):
        start(friday)

        stop(friday, now=later(days=3))

        assert friday.week().entries == (friday.entry(240, day=4, note="drafting; capped"),)

    def test_counts_no_further_than_the_day_has_room(self, friday):
        friday.saved(friday.entry(444 - 25, day=4))
        start(friday)

        assert stop(friday, now=later(hours=2)).added == 25

    def test_ends_with_the_day_it_was_started_on(self, friday):
        night = datetime(2026, 8, 7, 22, 30, tzinfo=UTC)  # half past eleven in London
        start(friday, now=night)

        assert stop(friday, now=night + timedelta(hours=3)).added == 30
        assert {entry.day for entry in friday.week().entries} == {FRIDAY}

    def test_does_not_start_on_a_day_without_room(self, friday):
        with pytest.raises(RuleBroken, match="Today has no room"):
            start(friday, now=NOON + timedelta(days=1))

    def test_does_not_start_in_a_week_that_waits(self, friday):
        friday.submitted()

        with pytest.raises(RuleBroken, match="cannot change a week that is submitted"):
            start(friday)

    def test_is_one_at_a_time(self, friday):
        start(friday)

        with pytest.raises(RuleBroken, match="A timer runs on Plain letters already"):
            start(friday, "learning", now=later(minutes=40))
        start(friday, "learning", now=later(minutes=40), stop_first=True)

        assert friday.week().total_minutes == 40
        assert own_timer(friday.owner).kind is TimeKind.LEARNING

    def test_is_discarded_without_a_trace_in_the_week(self, friday):
        start(friday)
        discard_timer(actor=friday.owner, now=later(minutes=5))

        assert friday.week().entries == ()
        with pytest.raises(NotFound, match="No timer runs"):
            stop(friday)

    def test_that_ran_out_is_told_of_once_and_only_while_it_runs(self, friday):
        start(friday)

        assert warn_of_capped_timers(now=later(hours=3, minutes=59)) == 0
        warn_of_timers("", later(hours=4))
        warn_of_timers("", later(hours=5))

        told = db.session.execute(select(Notice.id, Notice.about_id, Notice.subject, Notice.body)).all()
        assert [each.subject for each in told] == ["Your timer has stopped counting at 4h"]
        assert "started at 12:00" in told[0].body
        assert still_running([(told[0].id, told[0].about_id)]) == {told[0].id}
        stop(friday, now=later(hours=5))
        assert still_running([(told[0].id, told[0].about_id)]) == set()


@pytest.fixture
def owner(app, friday) -> PageClient:
    return PageClient(app).sign_in(friday.team.owner)


def wait(monkeypatch: pytest.MonkeyPatch, **time: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(**time))


class TestPages:
    def test_run_it_from_home_and_outlive_the_browser(self, app, owner, friday, monkeypatch):
        assert owner.post("/time", {"line": "plain", "action": "start"}).location == "/"
        wait(monkeypatch, minutes=50)

        another = PageClient(app).sign_in(friday.team.owner)
        home = another.get("/")
        assert "0:50" in home.words("strong")
        assert "Start timer" not in home.words("button")

        assert another.post("/timer/stop").location == "/"
        assert "Added 50m to Plain letters" in another.get("/").text

    def test_go_back_to_the_week_they_were_stopped_on(self, owner, monkeypatch):
        owner.post("/time", {"line": "plain", "action": "start"})
        assert f'data-timer-slot="/timer?back={MONDAY}"' in owner.get(f"/weeks/{MONDAY}").text
        assert owner.get(f"/timer?back={MONDAY}").value("back") == str(MONDAY)
        wait(monkeypatch, minutes=50)

        assert owner.post("/timer/stop", {"back": str(MONDAY)}).location == f"/weeks/{MONDAY}"
        assert "Added 50m" in owner.get(f"/weeks/{MONDAY}").text

    def test_offer_to_round_up_what_is_too_short(self, owner, friday, monkeypatch):
        owner.post("/time", {"line": "plain", "action": "start"})
        wait(monkeypatch, minutes=3)

        page = owner.post("/timer/stop")
        assert page.status == 422
        assert "Round it up to 15m" in page.errors[0]
        assert "Round up and log" in page.words("button")

        assert owner.post("/timer/stop", {"round_up": "y"}).status == 303
        assert friday.week().total_minutes == 15

    def test_ask_to_stop_the_first_before_a_second(self, owner, friday, monkeypatch):
        owner.post("/time", {"line": "plain", "action": "start"})
        wait(monkeypatch, minutes=20)

        page = owner.post("/time", {"line": "learning", "action": "start"})
        assert page.status == 422
        assert page.value("line") == "learning"
        assert "Log the running timer and start this one" in page.words("button")

        assert owner.post("/time", {"line": "learning", "action": "start", "stop_first": "y"}).status == 303
        assert friday.week().total_minutes == 20

    def test_discard_it(self, owner, friday):
        owner.post("/time", {"line": "plain", "action": "start"})

        assert owner.post("/timer/discard").location == "/"
        assert "No timer is running" in owner.get("/timer").text
        assert friday.week().entries == ()


class TestApi:
    def test_runs_it(self, api, friday, monkeypatch):
        program = api.as_(friday.team.owner, "weeks:read", "weeks:write")
        assert program.get("/timer").json == {"timer": None}

        started = program.post("/timer", {"line": "plain"})
        assert started.json["timer"]["row"] == str(friday.project.id)
        assert program.post("/timer", {"line": "plain"}).status_code == 422
        wait(monkeypatch, minutes=30)
        assert program.get("/timer").json["timer"]["minutes"] == 30

        assert program.post("/timer/stop", {}).json["added_minutes"] == 30
        assert program.call("DELETE", "/timer").status_code == 404


class TestCommand:
    def test_runs_it(self, app, friday, monkeypatch):
        def time(*arguments: str) -> str:
            return app.test_cli_runner().invoke(args=["time", *arguments]).output

        email = friday.team.owner.email
        assert time("start", email, "plain") == "The timer runs on Plain letters\n"
        assert "Round it up" in time("stop", email)
        assert "Added 15m" in time("stop", email, "--round-up")
        time("start", email, "plain")
        assert time("discard", email) == "Discarded; nothing was logged\n"
