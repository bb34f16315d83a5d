"""The page and the API that say where the books of each quarter stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.allowance.ledgers import QUARTER, accrue, post_of
from tests.policy.policies import adopt
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.closing import close_quarter, lock_quarter
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people.queries import actor_by_email, get_unit_by_id

OCTOBER = datetime(2026, 10, 20, 12, tzinfo=UTC)


@pytest.fixture
def reader(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: OCTOBER)
    return post_of()


def close(quarter=QUARTER):
    close_quarter(actor=SYSTEM, quarter=quarter, waiting=lambda *which: {}, now=OCTOBER)


class TestQuarters:
    def test_say_so_when_there_is_none(self, client, reader):
        page = client.sign_in(reader).get("/quarters")

        assert page.status == 200
        assert "Nothing has been posted yet" in page.text

    def test_show_the_open_the_late_and_the_closed(self, client, api, reader):
        for quarter in (QUARTER.previous, QUARTER, QUARTER.next):
            accrue(quarter)
        close(QUARTER.previous)
        lock_quarter(actor=SYSTEM, quarter=QUARTER.previous, now=OCTOBER)

        page = client.sign_in(reader).get("/quarters")
        told = api.as_(reader).get("/quarters").json["quarters"]

        assert [
            each for each in page.words("strong") if each in ("Open", "Open for late time", "Closed", "Locked")
        ] == [
            "Open",
            "Open for late time",
            "Locked",
        ]
        assert [(each["quarter"], each["state"]) for each in told] == [
            ("2026-27Q3", "open"),
            ("2026-27Q2", "grace"),
            ("2026-27Q1", "locked"),
        ]
        assert told[1]["closes_after"] == "2026-10-14"

    @pytest.mark.parametrize(("start_month", "name"), [(4, "2026-27 Q2"), (1, "2026 Q3"), (10, "FY2026 Q4")])
    def test_have_the_name_they_have_where_the_reader_works(self, client, reader, start_month, name):
        unit_id = actor_by_email(reader.email, OCTOBER).unit_id
        adopt(get_unit_by_id(unit_id), QUARTER.start, fy_start_month=start_month)
        accrue()

        assert f"Jul to Sep 2026, {name}" in client.sign_in(reader).get("/quarters").words("th")

    def test_become_closed_before_they_are_locked(self, api, reader):
        accrue()
        with pytest.raises(RuleBroken, match="not closed yet"):
            lock_quarter(actor=SYSTEM, quarter=QUARTER, now=OCTOBER)
        close()

        told = api.as_(reader).get("/quarters").json["quarters"][1]

        assert (told["state"], told["closed_at"][:10], told["locked_at"]) == ("closed", "2026-10-20", None)
        lock_quarter(actor=SYSTEM, quarter=QUARTER, now=OCTOBER + timedelta(days=40))
