"""Working hours in the browser."""

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
    close,
    days_of,
    moves_of,
    patterns_of,
    written,
)
from tests.allowance.ledgers import FULL_TIME, QUARTER, accrued
from tests.factories.people import PersonFactory
from tests.test_statements import count
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import moves as lending
from tithe.allowance.operations import patterns as operations
from tithe.kernel import clock
from tithe.kernel.minutes import clock as typed

FOUR = {f"w1d{number}": typed(length) for number, length in enumerate(FOUR_DAYS, 1) if length}


@pytest.fixture
def office(app, monkeypatch) -> Office:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


@pytest.fixture
def manager(office, client):
    return client.sign_in(office.team.manager)


@pytest.fixture
def hr(office, client):
    return client.sign_in(office.hr)


def path(office, *parts: str) -> str:
    return "/".join([f"/people/{office.owner_id}/pattern", *parts])


def put(office, operation, **facts):
    return operation(actor=SYSTEM, person_id=office.owner_id, now=NOW, **facts)


def text(page) -> str:
    return " ".join(page.words("main")[0].split())


def hidden(page) -> dict[str, str]:
    """What the confirming page would send."""
    inputs = [each for each in page.all("input") if each.get("type") == "hidden"]
    return {each.get("name"): each.get("value") for each in inputs if each.get("name") != "csrf_token"}


class TestOwnHours:
    def test_say_what_stands_in_where_nothing_is_on_record(self, office, client):
        page = client.sign_in(office.team.owner).get("/allowance/pattern")

        assert page.status == 200
        assert "No hours are on record, so the standard week for the 37h of the post stands in" in text(page)
        assert "ask Max Manager or HR to change them" in text(page)
        assert "7:24" in text(page)

    def test_say_what_held_what_holds_and_what_will(self, office, client):
        put(office, operations.set_pattern, starts_on=date(2026, 1, 5), weeks=[FULL])
        put(office, operations.set_pattern, starts_on=date(2026, 8, 3), weeks=[FOUR_DAYS, FULL])
        put(office, operations.set_pattern, starts_on=OCTOBER, weeks=[FULL])
        put(office, operations.set_days, days={date(2026, 8, 10): 0, date(2026, 8, 11): 300})
        put(office, lending.lend, starts_on=SEPTEMBER, last_day=None, share_bp=4000)

        page = client.sign_in(office.team.owner).get("/allowance/pattern")

        shown = text(page)
        assert "33h 18m a week on average over 2 weeks, from 3 Aug 2026 to 4 Oct 2026." in shown
        assert "This week is week 1." in shown
        assert "From 5 Jan 2026 to 2 Aug 2026 Past" in shown
        assert "From 5 Oct 2026 Coming" in shown
        assert "Monday 10 August 2026 Not worked" in shown
        assert "Tuesday 11 August 2026 5h" in shown
        assert "40% lent from 1 Sep 2026, with no last day set" in shown
        assert "but the post is for 37h" in shown

    def test_offer_no_change(self, office, client):
        put(office, operations.set_pattern, starts_on=OCTOBER, weeks=[FULL])
        put(office, lending.lend, starts_on=SEPTEMBER, last_day=None, share_bp=4000)
        browser = client.sign_in(office.team.owner)

        for address in ("/allowance/pattern", path(office)):
            page = browser.get(address)
            assert page.status == 200
            assert not [form for form in page.all("form") if "/pattern" in form.get("action")]
            assert "Set new hours" not in page.text

    def test_say_that_nothing_counts_without_a_post(self, office, client):
        page = client.sign_in(PersonFactory()).get("/allowance/pattern")

        assert "You hold no post today, so no hours count towards an allowance" in text(page)
        assert "ask HR to change them" in text(page)

    def test_take_as_many_statements_however_much_is_on_record(self, office, client):
        browser = client.sign_in(office.team.owner)
        put(office, operations.set_pattern, starts_on=date(2026, 1, 2), weeks=[FULL])
        few = count(browser, "/allowance/pattern")
        for month in range(1, 8):
            put(office, operations.set_pattern, starts_on=date(2026, month, 2), weeks=[FULL])
            put(office, operations.set_days, days={date(2026, 8, month): 60, date(2026, 9, month): 0})
            put(office, lending.lend, starts_on=date(2026, month, 1), last_day=None, share_bp=1000)

        assert count(browser, "/allowance/pattern") == few

    def test_refuse_a_link_that_is_damaged(self, office, client):
        page = client.sign_in(office.team.owner).get("/allowance/pattern?days_from=soon")

        assert page.status == 422
        assert "Write it like 2026-10-05" in page.text


class TestSettingHours:
    def test_starts_from_what_holds_now(self, office, manager):
        put(office, operations.set_pattern, starts_on=SEPTEMBER, weeks=[FOUR_DAYS])
        put(office, operations.set_pattern, starts_on=date(2026, 8, 3), weeks=[FULL, FOUR_DAYS])

        page = manager.get(path(office, "weeks"))

        assert (page.value("w1d5"), page.value("w2d4"), page.value("w2d5"), page.value("w3d1")) == (
            "7:24",
            "7:24",
            "",
            "",
        )

    def test_shows_the_effect_and_the_warning_before_it_saves(self, office, manager):
        before = written()

        page = manager.post(path(office, "weeks"), {"starts_on": str(SEPTEMBER), **FOUR, "action": "check"})

        assert (page.status, page.heading) == (200, "Check before you save")
        assert "This takes 6h off Jul to Sep 2026: 90h 15m instead of 96h 15m" in text(page)
        assert "These hours come to 29h 36m a week on average, but the post is for 37h" in text(page)
        assert written() == before

    def test_says_when_other_hours_on_record_follow(self, office, manager):
        put(office, operations.set_pattern, starts_on=OCTOBER, weeks=[FULL])

        page = manager.post(path(office, "weeks"), {"starts_on": str(SEPTEMBER), **FOUR, "action": "check"})

        assert "From 1 Sep 2026: 29h 36m a week. Other hours on record follow after 4 Oct 2026." in text(page)

    def test_saves_what_was_confirmed(self, office, manager):
        page = manager.post(path(office, "weeks"), {"starts_on": str(SEPTEMBER), **FOUR, "action": "check"})

        answer = manager.post(path(office, "weeks"), {**hidden(page), "action": "save"})

        assert (answer.status, answer.location) == (303, path(office))
        assert patterns_of(office.owner_id) == {SEPTEMBER: [FOUR_DAYS]}
        assert sum(accrued(office.team.owner)) == FULL_TIME - 360
        assert "Working hours of Ada Owner saved" in manager.get(answer.location).text

    def test_goes_back_to_the_form_with_everything_typed(self, office, manager):
        typed = {"starts_on": str(SEPTEMBER), **FOUR, "w2d1": "5"}

        page = manager.post(path(office, "weeks"), {**typed, "action": "edit"})

        assert page.status == 200
        assert {name: page.value(name) for name in typed} == typed

    def test_takes_up_to_four_weeks(self, office, manager):
        cells = {f"w{week}d1": f"{week}:00" for week in (1, 2, 3, 4)}

        manager.post(path(office, "weeks"), {"starts_on": str(OCTOBER), **cells, "action": "save"})

        assert [week[0] for week in patterns_of(office.owner_id)[OCTOBER]] == [60, 120, 180, 240]

    @pytest.mark.parametrize(
        ("typed", "errors", "place"),
        [
            (
                {},
                [
                    "Say from which day these hours hold",
                    "Type the hours of at least one week. For a week not worked, type 0",
                ],
                "starts_on",
            ),
            ({"starts_on": "5 October", **FOUR}, ["“5 October” is not a date. Write it like 24 12 2026"], "starts_on"),
            (
                {"starts_on": "2026-10-05"},
                ["Type the hours of at least one week. For a week not worked, type 0"],
                "w1d1",
            ),
            (
                {"starts_on": "2026-10-05", "w1d2": "soon"},
                ["“soon” is not a length of time. Write it like 1:30, 1.5, 90m or 1h 30"],
                "w1d2",
            ),
            (
                {"starts_on": "2026-10-05", **FOUR, "w3d1": "1"},
                ["Week 2 is empty. Type 0 on a day if nothing is worked in it"],
                "w2d1",
            ),
            ({"starts_on": "1999-10-05", **FOUR}, ["Choose a day from 2000 to 2099"], "starts_on"),
            ({"starts_on": "9999-12-31", **FOUR}, ["Choose a day from 2000 to 2099"], "starts_on"),
        ],
    )
    @pytest.mark.parametrize("action", ["check", "save"])
    def test_puts_each_refusal_beside_its_field(self, office, manager, typed, errors, place, action):
        page = manager.post(path(office, "weeks"), {**typed, "action": action})

        assert (page.status, page.errors) == (422, errors)
        assert f'href="#{place}"' in page.text
        assert f'id="{place}-error"' in page.text
        assert {name: page.value(name) for name in typed} == typed
        assert patterns_of(office.owner_id) == {}

    def test_refuses_a_closed_quarter_beside_the_day(self, office, manager):
        close(QUARTER.previous)

        page = manager.post(path(office, "weeks"), {"starts_on": "2026-06-01", **FOUR, "action": "check"})

        assert page.errors == ["Apr to Jun 2026 is closed. Ask HR for a correction instead"]

    def test_refuses_unknown_fields(self, office, manager):
        page = manager.post(path(office, "weeks"), {"starts_on": str(OCTOBER), **FOUR, "w5d1": "1"})

        assert page.status == 422
        assert "no field called w5d1" in page.text

    def test_removes_hours_that_have_not_begun(self, office, manager):
        put(office, operations.set_pattern, starts_on=SEPTEMBER, weeks=[FOUR_DAYS])

        page = manager.post(path(office, "weeks"), {"remove": str(SEPTEMBER)})
        assert "This adds 6h to Jul to Sep 2026" in text(page)
        manager.post(path(office, "weeks"), {**hidden(page), "action": "save"})

        assert patterns_of(office.owner_id) == {}

    def test_says_when_the_hours_to_remove_have_begun(self, office, manager):
        put(office, operations.set_pattern, starts_on=date(2026, 8, 3), weeks=[FOUR_DAYS])

        page = manager.post(path(office, "weeks"), {"remove": "2026-08-03"})

        assert page.errors == ["These hours have begun. Set new ones from a later day instead"]

    @pytest.mark.parametrize("page", ["weeks", "days", "moves"])
    @pytest.mark.parametrize("name", ["owner", "colleague", "director"])
    def test_is_not_for_others(self, office, client, page, name):
        browser = client.sign_in(getattr(office.team, name))

        assert browser.get(path(office, page)).status == 404
        assert browser.post(path(office, page), {"starts_on": str(OCTOBER), **FOUR, "action": "save"}).status == 404


class TestSingleDays:
    def test_are_set_one_at_a_time(self, office, manager):
        page = manager.post(path(office, "days"), {"day_of": "2026-08-10", "hours": "0"})
        assert "10 Aug 2026 (Monday): not worked" in text(page)

        manager.post(path(office, "days"), {**hidden(page), "action": "save"})

        assert days_of(office.owner_id) == {date(2026, 8, 10): 0}

    def test_are_pasted_by_the_dozen(self, office, manager):
        lines = "2026-08-10 5:00\r\n2026-08-11,0\r\n"

        page = manager.post(path(office, "days"), {"days": lines})
        assert "11 Aug 2026 (Tuesday): not worked" in text(page)
        manager.post(path(office, "days"), {**hidden(page), "action": "save"})

        assert days_of(office.owner_id) == {date(2026, 8, 10): 300, date(2026, 8, 11): 0}

    def test_are_removed(self, office, manager):
        put(office, operations.set_days, days={date(2026, 8, 10): 0})

        page = manager.post(path(office, "days"), {"remove": "2026-08-10"})
        assert "10 Aug 2026 (Monday): as the pattern says" in text(page)
        manager.post(path(office, "days"), {**hidden(page), "action": "save"})

        assert days_of(office.owner_id) == {}

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            (
                {},
                ["Say which day, or paste many days below", "Say how long the day is. Type 0 if it is not worked"],
            ),
            ({"day_of": "2026-08-10"}, ["Say how long the day is. Type 0 if it is not worked"]),
            ({"day_of": "2026-08-10", "hours": "long"}, ["“long” is not a length of time. Write it like 1:30, 1.5, "]),
            (
                {"days": "2026-08-10 5\nnonsense"},
                ["Line 2: “nonsense” is not a date and its hours. Write it like 2026-08-03 5:00"],
            ),
            (
                {"day_of": "2026-08-10", "hours": "1", "days": "2026-08-10 5"},
                ["2026-08-10 is in the lines below too. Keep one of the two"],
            ),
        ],
    )
    def test_are_refused_with_words_and_kept_as_typed(self, office, manager, typed, errors):
        page = manager.post(path(office, "days"), {**typed, "action": "save"})

        assert page.status == 422
        assert len(page.errors) == len(errors)
        assert all(found.startswith(words) for found, words in zip(page.errors, errors, strict=True))
        assert all(value.splitlines()[-1] in page.text for value in typed.values())
        assert days_of(office.owner_id) == {}


class TestLending:
    def test_is_asked_once_more_and_saved(self, office, hr):
        page = hr.post(path(office, "moves"), {"share": "40%", "starts_on": str(SEPTEMBER), "last_day": ""})
        assert "40% lent from 1 Sep 2026: no last day is set." in text(page)
        assert "This takes 13h off Jul to Sep 2026" in text(page)

        answer = hr.post(path(office, "moves"), {**hidden(page), "action": "save"})

        assert answer.status == 303
        assert moves_of(office.owner_id) == [(SEPTEMBER, None, 4000)]

    def test_is_given_another_last_day(self, office, hr):
        move_id = put(office, lending.lend, starts_on=SEPTEMBER, last_day=None, share_bp=4000)
        form = hr.get(f"{path(office, 'moves')}?move={move_id}")
        assert "40% of the time is lent elsewhere from 1 Sep 2026" in text(form)

        page = hr.post(path(office, "moves"), {**hidden(form), "move": str(move_id), "last_day": "2026-09-15"})
        assert "its last day is 15 Sep 2026" in text(page)
        hr.post(path(office, "moves"), {**hidden(page), "action": "save"})

        assert moves_of(office.owner_id) == [(SEPTEMBER, date(2026, 9, 15), 4000)]

    def test_is_removed(self, office, hr):
        move_id = put(office, lending.lend, starts_on=SEPTEMBER, last_day=None, share_bp=4000)

        page = hr.post(path(office, "moves"), {"remove": str(move_id)})
        assert "this is removed" in text(page)
        hr.post(path(office, "moves"), {**hidden(page), "action": "save"})

        assert moves_of(office.owner_id) == []

    @pytest.mark.parametrize(
        ("typed", "words", "place"),
        [
            ({"starts_on": "2026-09-01"}, "Say which share is lent, like 40", "share"),
            ({"starts_on": "2026-09-01", "share": "some"}, "“some” is not a share", "share"),
            ({"starts_on": "2026-09-01", "share": "101"}, "A share is more than 0% and at most 100%", "share"),
            ({"starts_on": "2026-09-01", "share": "0"}, "A share is more than 0% and at most 100%", "share"),
            ({"share": "40"}, "Say from which day the share is lent", "starts_on"),
            ({"share": "40", "starts_on": "2026-09-01", "last_day": "2026-08-01"}, "The last day is not", "last_day"),
        ],
    )
    def test_is_refused_beside_its_field(self, office, hr, typed, words, place):
        page = hr.post(path(office, "moves"), {**typed, "action": "save"})

        assert page.status == 422
        assert page.errors[0].startswith(words)
        assert f'id="{place}-error"' in page.text
        assert {name: page.value(name) for name in typed} == typed

    @pytest.mark.parametrize("move", ["999", "x", "-1"])
    def test_finds_no_move_that_is_not_there(self, office, hr, move):
        assert hr.get(f"{path(office, 'moves')}?move={move}").status == 404
        assert hr.post(path(office, "moves"), {"remove": move}).status == 404

    def test_is_not_offered_to_a_line_manager(self, office, manager):
        assert "Lend a share" not in manager.get(path(office)).text
        assert manager.get(path(office, "moves")).status == 404
