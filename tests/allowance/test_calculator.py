"""The calculator: one's own quarter beside what it would be, in an address that can be linked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.allowance.ledgers import give_pattern
from tests.factories.people import PersonFactory, Team
from tests.support.contents import contents
from tithe.kernel import clock

NOW = datetime(2026, 7, 3, 9, tzinfo=UTC)
FOUR_DAYS = "w1d1=7:24&w1d2=7:24&w1d3=7:24&w1d4=7:24"


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def ask(client, team):
    """Put a question in the address."""
    client.sign_in(team.owner)
    return lambda query="": client.get(f"/allowance/calculator{query and '?' + query}")


def answer(page):
    return page.words("h2")[0]


class TestCalculator:
    def test_starts_from_the_hours_that_hold_now(self, ask):
        page = ask()

        assert [page.value(f"w1d{day}") for day in range(1, 8)] == ["7:24"] * 5 + [""] * 2
        assert page.value("starts_on") == "2026-07-03"
        assert page.words("h2") == ["What would be different?", "Try a scenario"]

    def test_starts_from_every_week_of_a_cycle_this_one_first(self, ask, team):
        give_pattern(team.owner, [444] * 5 + [0, 0], [0] * 7, [300] * 7)

        assert [ask().value(f"w{week}d1") for week in (1, 2, 3)] == ["0:00", "5:00", "7:24"]

    def test_says_what_four_days_from_september_would_mean(self, ask):
        page = ask(f"quarter=2026-27Q2&starts_on=2026-09-01&{FOUR_DAYS}")

        assert page.status == 200
        assert (
            answer(page) == "Your entitlement for Jul to Sep 2026 would be 90h 15m: 6h less than the 96h 15m it is now."
        )
        rows = [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.all("tr")]
        assert rows[1][:4] == ["Now", "65", "481h", "96h 15m"]
        assert rows[2][:4] == ["With the change", "61", "451h 24m", "90h 15m"]
        assert ["Fri 4 Sep 2026", "7h 24m", "–", "–", "–"] in rows
        assert ["Mon 31 Aug 2026", "–", "7h 24m", "Holiday", "–"] in rows

    def test_keeps_the_hours_where_none_are_typed(self, ask):
        assert "would stay 96h 15m" in answer(ask("quarter=2026-27Q2"))

    def test_takes_leave_as_a_number_or_as_dates(self, ask):
        number, dates = ask("leave=2"), ask("leave=2026-09-29,+2026-09-30")

        assert answer(number) == answer(dates)
        assert "3h less" in answer(number)

    def test_lends_a_share(self, ask):
        page = ask("starts_on=2026-09-01&share=40%25")

        assert ["Tue 1 Sep 2026", "7h 24m", "4h 26.4m", "–", "4h 26.4m"] in [
            [" ".join("".join(cell.itertext()).split()) for cell in row] for row in page.all("tr")
        ]

    def test_looks_at_a_quarter_to_come(self, ask):
        assert "Oct to Dec 2026" in answer(ask(f"quarter=2026-27Q3&starts_on=2026-11-02&{FOUR_DAYS}"))

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("quarter=2031-32Q1", "Choose a quarter from the list"),
            ("starts_on=1+Sept", "is not a date"),
            ("starts_on=2026-10-01", "Jul to Sep 2026 is over by then"),
            ("w1d3=lots", "“lots” is not a length of time"),
            ("w2d1=7:24", "Week 1 is empty"),
            ("leave=93", "not that many days"),
            ("leave=80", "There are only 65 days to work"),
            ("leave=next+week", "Type a number of days, or dates like 2026-08-03"),
            ("leave=2026-10-01", "not in Jul to Sep 2026"),
            ("share=101", "Type a share in whole per cent"),
            ("share=a+half", "Type a share in whole per cent"),
            ("colour=blue", "This page has no field called colour"),
        ],
    )
    def test_refuses_with_what_to_do_and_keeps_what_was_typed(self, ask, query, words):
        page = ask(query)

        assert page.status == 422
        assert len(page.errors) == 1
        assert words in page.errors[0]
        name, _, value = query.partition("=")
        if name not in ("quarter", "colour"):
            assert page.value(name) == value.replace("+", " ")

    def test_names_everything_wrong_at_once(self, ask):
        assert len(ask("starts_on=x&w1d1=x&leave=x&share=x").errors) == 4

    def test_stores_nothing(self, ask):
        ask()
        before = contents()

        ask(f"starts_on=2026-09-01&{FOUR_DAYS}&leave=2&share=10")

        assert contents() == before

    def test_offers_a_scenario_to_somebody_without_a_post(self, client, team):
        page = client.sign_in(PersonFactory()).get("/allowance/calculator")

        assert page.status == 200
        assert "You hold no post in Jul to Sep 2026" in page.text
        assert '"start": "2026-07-01"' in "".join(page.all("textarea")[0].itertext())
