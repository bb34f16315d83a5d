"""One's own allowance by page, API and command: one answer."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.home.allowances import away, carried_in, mine
from tests.home.conftest import LAST_WEEK, QUARTER
from tests.policy.policies import adopt
from tests.support.pages import PageClient, apart
from tithe.home.presenters import values
from tithe.kernel.db import unit_of_work
from tithe.people.models import Assignment

PATH = f"/allowance?quarter={QUARTER}"


@pytest.fixture
def owner(app, story):
    return PageClient(app).sign_in(story.team.owner)


class TestDoors:
    def test_give_one_answer(self, app, story, api, owner):
        story.approved(monday=LAST_WEEK)
        story.submitted(story.entry(120, day=1))
        carried_in(story, 600)

        body = api.as_(story.team.owner).get(f"/allowance?quarter={QUARTER}").json
        told = apart(
            app.test_cli_runner().invoke,
            args=["allowance", "show", story.team.owner.email, "--quarter", QUARTER.code, "--json"],
        )

        assert (told.exit_code, json.loads(told.stdout)) == (0, body)
        assert (body["left_minutes"], body["waiting_minutes"], body["lots"]) == (
            6165,
            120,
            [{"expires": QUARTER.code, "minutes": 390}],
        )
        assert sum(line["minutes"] for line in body["lines"]) - 120 == 6165
        assert owner.get(PATH).words("dd")[0] == "102h 45m"

    def test_give_the_day_table_to_programs(self, story, api):
        away(story, date(2026, 7, 6), 200)

        body = api.as_(story.team.owner).get(f"/allowance/days?quarter={QUARTER}").json

        by_date = {each["date"]: each for each in body["days"]}
        assert len(by_date) == 92
        assert by_date["2026-07-06"] == {
            "date": "2026-07-06",
            "base": 444,
            "holiday": False,
            "absence": 200,
            "available": 244,
            "rates_bp": [2000],
            "units": [story.team.unit.code],
        }
        assert by_date["2026-08-31"]["holiday"]

    @pytest.mark.parametrize(
        ("settings", "name", "basis"),
        [
            ({}, "2026-27 Q2", "This time is given by a policy; it is not a term of your employment."),
            ({"fy_start_month": 1, "contractual": True}, "2026 Q3", "This time is a term of your employment."),
            ({"fy_start_month": 10}, "FY2026 Q4", "This time is given by a policy;"),
        ],
    )
    def test_say_what_the_quarter_is_called_and_on_what_the_time_rests(self, story, api, owner, settings, name, basis):
        if settings:
            adopt(story.team.unit, date(2026, 7, 1), **settings)

        body = api.as_(story.team.owner).get(f"/allowance?quarter={QUARTER}").json
        page = owner.get(PATH)

        contractual = settings.get("contractual", False)
        assert (body["quarter"], body["name"], body["contractual"]) == (QUARTER.code, name, contractual)
        assert f"Jul to Sep 2026, {name}" in page.text
        assert basis in page.text

    def test_print_the_allowance_in_words(self, app, story):
        told = apart(app.test_cli_runner().invoke, args=["allowance", "show", story.team.owner.email])

        assert "Jul to Sep 2026 (2026-27Q2, open)" in told.stdout
        assert "This time is given by a policy;" in told.stdout
        assert "Left: 96h 15m" in told.stdout
        assert "Accrual for Jul to Sep 2026" in told.stdout

    def test_refuse_an_address_nobody_has(self, app, story):
        told = apart(app.test_cli_runner().invoke, args=["allowance", "show", "nobody@example.org"])

        assert told.exit_code == 1
        assert "Nobody employed today has the address" in told.stderr

    def test_refuse_a_name_that_is_not_known(self, story, api):
        answer = api.as_(story.team.owner).get("/allowance?year=2026")

        assert answer.status_code == 422

    def test_write_minutes_that_are_not_whole_as_text(self, story):
        with unit_of_work() as session:
            session.execute(Assignment.__table__.update().values(weekly_minutes=1221))

        body = values.days(mine(story))

        assert body["available_minutes"] == sum(each["available"] for each in body["days"])
