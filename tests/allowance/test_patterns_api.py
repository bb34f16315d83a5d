"""Working hours as JSON."""

from __future__ import annotations

from datetime import date

import pytest

from tests.allowance.hours import (
    FOUR_DAYS,
    FULL,
    NOW,
    OCTOBER,
    SEPTEMBER,
    Office,
    days_of,
    moves_of,
    patterns_of,
    written,
)
from tests.allowance.ledgers import FULL_TIME, accrued
from tests.support.pages import ApiClient
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import moves as lending
from tithe.allowance.operations import patterns as operations
from tithe.kernel import clock

LESS = [{"quarter": "2026-27Q2", "before": FULL_TIME, "after": FULL_TIME - 360, "change": -360}]


@pytest.fixture
def office(app, monkeypatch) -> Office:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


@pytest.fixture
def manager(app, office) -> ApiClient:
    return ApiClient(app).as_(office.team.manager)


@pytest.fixture
def hr(app, office) -> ApiClient:
    return ApiClient(app).as_(office.hr)


def path(office, what: str = "pattern") -> str:
    return f"/people/{office.owner_id}/{what}"


def pattern(starts_on=SEPTEMBER, weeks=(FOUR_DAYS,), **more):
    return {"starts_on": str(starts_on), "weeks": list(weeks), **more}


class TestReading:
    def test_gives_everything_on_record(self, app, office, manager):
        about = {"actor": SYSTEM, "person_id": office.owner_id, "now": NOW}
        operations.set_pattern(**about, starts_on=SEPTEMBER, weeks=[FOUR_DAYS, FULL])
        operations.set_days(**about, days={date(2026, 8, 10): 0})
        move_id = lending.lend(**about, starts_on=SEPTEMBER, last_day=None, share_bp=4000)

        answer = manager.get(path(office))

        assert answer.status_code == 200
        assert answer.json == {
            "person_id": office.owner_id,
            "name": "Ada Owner",
            "contracted_weekly_minutes": 2220,
            "default_week": FULL,
            "patterns": [
                {
                    "starts_on": "2026-09-01",
                    "last_day": None,
                    "state": "coming",
                    "weeks": [FOUR_DAYS, FULL],
                    "average_weekly_minutes": 1998,
                    "warning": "These hours come to 33h 18m a week on average, but the post is for 37h. "
                    "If the contract has changed, HR needs to change the post too",
                }
            ],
            "days": [{"date": "2026-08-10", "minutes": 0}],
            "days_before": None,
            "days_after": None,
            "moves": [{"id": move_id, "starts_on": "2026-09-01", "last_day": None, "share_bp": 4000}],
        }

    def test_gives_ones_own_as_me(self, app, office):
        owner = ApiClient(app).as_(office.team.owner)

        assert owner.get("/people/me/pattern").json == owner.get(path(office)).json
        assert owner.get("/people/me/pattern?days_from=2026-08-01").status_code == 200

    def test_gives_nothing_of_a_colleagues(self, app, office):
        assert ApiClient(app).as_(office.team.colleague).get(path(office)).status_code == 404


class TestSettingAPattern:
    def test_saves_and_says_what_it_did(self, office, manager):
        answer = manager.post(path(office), pattern())

        assert (answer.status_code, answer.json) == (200, {"saved": True, "effects": LESS})
        assert patterns_of(office.owner_id) == {SEPTEMBER: [FOUR_DAYS]}
        assert accrued(office.team.owner) == [FULL_TIME, -360]

    def test_only_says_what_it_would_do_when_asked_to_rehearse(self, office, manager):
        before = written()

        answer = manager.post(path(office), pattern(rehearse=True))

        assert answer.json == {"saved": False, "effects": LESS}
        assert written() == before

    @pytest.mark.parametrize(
        "changes",
        [
            {"weeks": []},
            {"weeks": [FULL] * 5},
            {"weeks": [FULL[:6]]},
            {"weeks": [[1441, *FULL[1:]]]},
            {"weeks": [[1.5, *FULL[1:]]]},
            {"starts_on": "soon"},
            {"starts_on": "0001-01-01"},
            {"starts_on": "9999-12-31"},
            {"nonsense": 1},
        ],
    )
    def test_refuses_what_is_no_pattern(self, office, manager, changes):
        answer = manager.post(path(office), pattern() | changes)

        assert answer.status_code == 422
        assert answer.json["problems"]
        assert patterns_of(office.owner_id) == {}

    def test_is_taken_back_before_it_begins(self, office, manager):
        manager.post(path(office), pattern())

        answer = manager.call("DELETE", f"{path(office)}?starts_on=2026-09-01")

        assert answer.json["effects"][0]["change"] == 360
        assert patterns_of(office.owner_id) == {}

    def test_is_not_taken_back_once_begun(self, office, manager):
        manager.post(path(office), pattern(date(2026, 8, 3)))

        answer = manager.call("DELETE", f"{path(office)}?starts_on=2026-08-03")

        assert (answer.status_code, answer.json["field"]) == (422, "starts_on")


class TestSingleDays:
    def test_are_set_and_given_back_to_the_pattern(self, office, manager):
        monday, tuesday = "2026-08-10", "2026-08-11"
        first = {"days": [{"date": monday, "minutes": 0}, {"date": tuesday, "minutes": 300}]}
        assert manager.put(path(office, "pattern/days"), first).json["saved"]
        assert days_of(office.owner_id) == {date(2026, 8, 10): 0, date(2026, 8, 11): 300}

        answer = manager.put(path(office, "pattern/days"), {"days": [{"date": monday, "minutes": None}]})

        assert answer.json["effects"][0]["change"] == 90
        assert days_of(office.owner_id) == {date(2026, 8, 11): 300}

    @pytest.mark.parametrize("days", [[], [{"date": "2026-08-10", "minutes": 1441}], [{"date": "2026-08-10"}]])
    def test_are_refused_when_odd(self, office, manager, days):
        assert manager.put(path(office, "pattern/days"), {"days": days}).status_code == 422


class TestLending:
    BODY = {"starts_on": "2026-09-01", "share_bp": 4000}

    def test_is_recorded_ended_and_removed(self, office, hr):
        assert hr.post(path(office, "moves"), self.BODY).json["effects"][0]["after"] == 4995
        move_id = hr.get(path(office)).json["moves"][0]["id"]

        ended = hr.put(path(office, f"moves/{move_id}"), {"last_day": "2026-09-15"})
        assert ended.json["saved"]
        assert moves_of(office.owner_id) == [(SEPTEMBER, date(2026, 9, 15), 4000)]

        removed = hr.call("DELETE", path(office, f"moves/{move_id}"))
        assert removed.json["effects"][0]["after"] == FULL_TIME
        assert moves_of(office.owner_id) == []

    def test_is_rehearsed(self, office, hr):
        hr.post(path(office, "moves"), self.BODY)
        move_id = hr.get(path(office)).json["moves"][0]["id"]
        before = written()

        for answer in (
            hr.post(path(office, "moves"), self.BODY | {"rehearse": True}),
            hr.put(path(office, f"moves/{move_id}"), {"last_day": str(OCTOBER), "rehearse": True}),
            hr.call("DELETE", path(office, f"moves/{move_id}?rehearse=true")),
        ):
            assert (answer.status_code, answer.json["saved"]) == (200, False)
        assert written() == before

    def test_names_the_day_on_which_too_much_would_be_lent(self, office, hr):
        hr.post(path(office, "moves"), self.BODY)

        answer = hr.post(path(office, "moves"), self.BODY | {"share_bp": 7000})

        assert (answer.status_code, answer.json["field"]) == (422, "share")
        assert "On 1 September 2026 only 60% is left" in answer.json["message"]

    def test_is_not_for_line_managers(self, office, manager, hr):
        hr.post(path(office, "moves"), self.BODY)
        move_id = hr.get(path(office)).json["moves"][0]["id"]

        assert manager.post(path(office, "moves"), self.BODY).status_code == 404
        assert manager.put(path(office, f"moves/{move_id}"), {"last_day": None}).status_code == 404
        assert manager.call("DELETE", path(office, f"moves/{move_id}")).status_code == 404
        assert len(moves_of(office.owner_id)) == 1

    def test_finds_no_move_that_is_not_there(self, office, hr):
        assert hr.put(path(office, "moves/999"), {"last_day": None}).status_code == 404
        assert hr.call("DELETE", path(office, "moves/999")).status_code == 404
