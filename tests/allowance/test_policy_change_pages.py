"""Changing a policy in the browser and by JSON."""

from __future__ import annotations

import pytest

from tests.allowance.ledgers import accrue, accrued
from tests.policy.policies import AUGUST, JULY, NOW, OCTOBER, Offices, adopt
from tests.support.contents import contents
from tests.support.pages import ApiClient, Page, PageClient
from tithe.kernel import clock
from tithe.people import queries as people
from tithe.policy import queries
from tithe.policy.rules import ABOUT, BY_HR_FEED, Section

PATH = "/policy/DEPT-TEAM/change"
TYPED = {"starts_on": "2026-08-01", "reason": "As agreed", "rate_bp": "10"}
NOT_TYPED = {"colour", "round_mode", "protect_refused"}  # chosen from a list, or not on the page
PAYLOAD = '"><script>alert(1)</script>'


@pytest.fixture
def offices(app, monkeypatch) -> Offices:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Offices()


@pytest.fixture
def manager(app, offices) -> PageClient:
    return PageClient(app).sign_in(offices.hr_manager)


@pytest.fixture
def program(app, offices) -> ApiClient:
    return ApiClient(app).as_(offices.hr_manager, "policies:read", "policies:write")


def chosen(page: Page) -> dict[str, str]:
    """What every field of the form holds, empty ones left out."""
    fields = {each.get("name"): each.get("value", "") for each in page.all("input") if each.get("type") != "hidden"}
    for select in page.all("select"):
        options = [each for each in select.iter() if each.get("selected") is not None]
        fields[select.get("name")] = options[0].get("value", "") if options else ""
    fields |= {each.get("name"): each.text or "" for each in page.all("textarea")}
    return {name: value.strip() for name, value in fields.items() if value and value.strip()}


def hidden(page: Page) -> dict[str, str]:
    return {each.get("name"): each.get("value", "") for each in page.all("input") if each.get("type") == "hidden"}


def hints(page: Page) -> str:
    return " ".join(page.words("main"))


class TestForm:
    def test_has_every_setting_under_its_heading(self, manager):
        page = manager.get(PATH)
        labels = page.words("label")

        assert page.heading == "Change the policy of Team"
        assert [each for each in page.words("h2") if each in list(Section)] == list(Section)
        assert [each for each in labels if each in {about.label for about in ABOUT.values()}] == [
            about.label for section in Section for about in ABOUT.values() if about.section is section
        ]

    def test_says_what_each_would_be_if_it_were_left_empty(self, offices, manager):
        adopt(offices.department, JULY, rate_bp=1250, contractual=True)
        page = manager.get(PATH)

        assert "If left empty: 12.5%, from Department of Tests." in hints(page)
        assert "If left empty: 15m, the default." in hints(page)
        assert "Inherit: Yes, from Department of Tests" in page.words("option")
        assert "Inherit: what goes with the basis" in page.words("option")

    def test_says_of_a_setting_that_tithe_does_not_act_on_who_does(self, manager):
        text = manager.get(PATH).text

        assert text.count(f"{BY_HR_FEED}.") == 1

    def test_offers_the_months_in_which_a_year_may_start(self, manager):
        options = " ".join(manager.get(PATH).words("option"))

        assert "Inherit: Apr, the default Jan Apr Jul Oct" in options
        assert manager.post(PATH, TYPED | {"fy_start_month": "10"}).errors == []
        page = manager.post(PATH, TYPED | {"fy_start_month": "5"})
        assert page.errors == ["Choose one of the list for “The year starts in”"]

    def test_begins_with_what_the_unit_decides_itself(self, offices, manager):
        adopt(offices.department, JULY, decide_wd=5)
        adopt(offices.team, JULY, rate_bp=1250, overdraft_floor_min=-90, protect_refused=False, round_mode="up")

        assert chosen(manager.get(PATH)) == {
            "starts_on": "2026-10-01",
            "rate_bp": "12.5",
            "overdraft_floor_min": "−1h 30m",
            "protect_refused": "false",
            "round_mode": "up",
        }

    def test_is_filled_in_from_a_preset(self, offices, manager):
        adopt(offices.team, JULY, round_to=5)
        links = [each.get("href") for each in manager.get(PATH).all("a")]
        found = chosen(manager.get(f"{PATH}?preset=tenth"))

        assert [f"{PATH}?preset={name}" in links for name in ("tenth", "fifth", "event")] == [True] * 3
        assert (found["rate_bp"], found["event_min"], found["round_to"]) == ("10", "0m", "5m")

    def test_says_that_another_version_comes_anyway(self, offices, manager):
        adopt(offices.team, OCTOBER, rate_bp=500)

        assert "Already decided: version 1 from 1 Oct 2026." in manager.get(PATH).text

    def test_is_one_click_from_the_policy_for_those_who_may(self, app, offices, manager):
        member = PageClient(app).sign_in(offices.people.owner)

        assert PATH in [each.get("href") for each in manager.get("/policy/DEPT-TEAM").all("a")]
        assert PATH not in [each.get("href") for each in member.get("/policy/DEPT-TEAM").all("a")]


class TestTyping:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("rate_bp", "12.5 %", 1250),
            ("carry_cap_pct", "30%", 30),
            ("std_week_min", "36:30", 2190),
            ("round_to", "30m", 30),
            ("overdraft_floor_min", "-7h", -420),
            ("overdraft_floor_min", "−1h 30m", -90),
            ("decide_wd", "5", 5),
            ("protect_refused", "false", False),
            ("round_mode", "up", "up"),
        ],
    )
    def test_reads_the_units_people_use(self, offices, manager, name, text, value):
        typed = TYPED | {"rate_bp": "", name: text, "action": "adopt"}

        assert manager.post(PATH, typed).status == 303
        (version,) = queries.policy_of(people.get_unit("DEPT-TEAM"), AUGUST).versions
        assert dict(version.settings) == {name: value}

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("rate_bp", "26", "Type a share from 0% to 25%, like 12.5"),
            ("rate_bp", "lots", "“lots” does not fit “Share of working time”"),
            ("carry_cap_pct", "101", "Type whole per cent from 0% to 100%"),
            ("std_week_min", "10h", "Type a length of time from 30h to 42h"),
            ("overdraft_floor_min", "1h", "from −37h to 0m"),
            ("decide_wd", "0", "Type a whole number from 1 to 60"),
            ("qualifying_weeks", "1.5", "Type a whole number from 0 to 52"),
            ("round_mode", "sideways", "Choose one of the list for “Direction of rounding”"),
            ("protect_refused", "maybe", "Choose one of the list"),
            ("week_start", "sunday", "only the unit at the top sets it"),
            ("starts_on", "soon", "Say from which day this holds, like 24 12 2026"),
            ("starts_on", "", "Say from which day this holds"),
            ("starts_on", "2026-06-30", "Quarters before 1 July 2026 are closed"),
            ("starts_on", "9999-12-31", "Choose a day up to 31 December 2200"),
            ("reason", " ", "Say why the policy changes"),
            ("reason", "x" * 501, "Write at most 500 characters"),
            ("rate_max_bp", "5", "Lower “Share of working time” or raise “Ceiling of the share”"),
            ("holiday_method", "pro_rata", "or change “Basis of entitlement”"),
            ("colour", "blue", "This page has no field called colour"),
        ],
    )
    def test_refuses_the_rest_in_words_and_loses_nothing(self, manager, name, text, words):
        before = contents()
        typed = TYPED | {"decide_wd": "5", name: text}
        for action in ("preview", "adopt"):
            page = manager.post(PATH, typed | {"action": action})

            assert page.status == 422
            assert words in " ".join(page.errors)
            kept = {each: value.strip() for each, value in typed.items() if value.strip() and each not in NOT_TYPED}
            assert kept.items() <= chosen(page).items()
        assert contents() == before

    def test_names_every_problem_at_once(self, manager):
        page = manager.post(PATH, {"starts_on": "soon", "rate_bp": "x", "decide_wd": "y", "action": "preview"})

        assert len(page.errors) == 4

    def test_refuses_what_changes_nothing(self, manager):
        page = manager.post(PATH, TYPED | {"rate_bp": "", "action": "preview"})

        assert page.errors == ["This unit has exactly these settings on that day. Change at least one"]


class TestCheck:
    def test_shows_who_loses_and_saves_nothing(self, manager):
        before = contents()
        page = manager.post(PATH, TYPED | {"action": "preview"})

        assert (page.status, page.heading) == (200, "Check before you adopt")
        assert "Share of working time: 20% → 10%" in page.words("li")
        assert "3 people lose 93h 45m in all." in page.words("strong")
        assert "Jul to Sep 2026" in page.words("h2")
        assert "Oct to Dec 2026" in page.words("h2")
        assert "Team (DEPT-TEAM)" in page.words("th")
        assert "Lose over 30h, up to 40h" in page.words("th")
        assert contents() == before

    def test_names_no_people(self, offices, manager):
        page = manager.post(PATH, TYPED | {"action": "preview"})

        assert offices.people.owner.name not in page.text

    def test_carries_on_what_was_typed(self, manager):
        checked = hidden(manager.post(PATH, TYPED | {"round_mode": "up", "action": "preview"}))
        checked.pop("csrf_token")
        again = manager.post(PATH, checked | {"action": "edit"})

        assert checked == TYPED | {"round_mode": "up"}
        assert (again.status, chosen(again)) == (200, checked)

    def test_adopts_what_was_seen(self, offices, manager):
        accrue()
        page = manager.post(PATH, TYPED | {"action": "adopt"})

        assert (page.status, page.location) == (303, "/policy/DEPT-TEAM")
        assert "Policy adopted. It holds from 1 Aug 2026" in manager.get(page.location).text
        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 1000
        assert len(accrued(offices.people.owner)) == 2

    def test_is_refused_when_somebody_was_first(self, offices, manager):
        manager.post(PATH, TYPED | {"action": "preview"})
        adopt(offices.team, AUGUST, rate_bp=500)
        page = manager.post(PATH, TYPED | {"action": "adopt"})

        assert page.status == 422
        assert "This unit already has a version from that day" in page.errors[0]

    def test_runs_nothing_that_somebody_wrote(self, manager):
        for action in ("preview", "edit"):
            assert PAYLOAD not in manager.post(PATH, TYPED | {"reason": PAYLOAD, "action": action}).text


class TestWithdraw:
    def test_shows_what_it_gives_back_and_then_does_it(self, offices, manager):
        adopt(offices.team, AUGUST, rate_bp=1000)
        path = "/policy/DEPT-TEAM/1/withdraw"
        links = [each.get("href") for each in manager.get("/policy/DEPT-TEAM").all("a")]
        page = manager.get(path)

        assert path in links
        assert page.heading == "Withdraw version 1"
        assert "3 people gain 93h 45m in all." in page.words("strong")
        assert manager.post(path).location == "/policy/DEPT-TEAM"
        assert queries.in_force(offices.team.id, AUGUST).settings.rate_bp == 2000

    def test_is_not_offered_for_what_has_begun(self, offices, manager):
        adopt(offices.team, JULY, rate_bp=1000)

        assert "Withdraw version" not in manager.get("/policy/DEPT-TEAM").text
        assert manager.get("/policy/DEPT-TEAM/1/withdraw").status == 422
        assert manager.get("/policy/DEPT-TEAM/2/withdraw").status == 404


class TestPreviewByJson:
    BODY = {"starts_on": "2026-08-01", "settings": {"rate_bp": 1000}, "reason": "As agreed"}

    def test_answers_as_the_page_does(self, program):
        before = contents()
        answer = program.post("/policies/DEPT-TEAM/preview", self.BODY)
        (now, _) = answer.json["quarters"]

        assert answer.status_code == 200
        assert answer.json["changes"] == [
            {"starts_on": "2026-08-01", "name": "rate_bp", "before": 2000, "after": 1000},
        ]
        assert (now["quarter"], now["people"], now["losing"], now["lost"], now["net"]) == (
            "2026-27Q2",
            3,
            3,
            5625,
            -5625,
        )
        assert now["units"][0]["unit"] == "DEPT-TEAM"
        assert sum(band["people"] for band in now["bands"]) == 3
        assert contents() == before

    def test_refuses_what_adopting_would(self, program):
        answer = program.post("/policies/DEPT-TEAM/preview", self.BODY | {"starts_on": "2026-06-30"})

        assert (answer.status_code, answer.json["field"]) == (422, "starts_on")

    def test_posts_accruals_when_it_is_adopted_and_withdrawn(self, offices, program):
        accrue()
        assert program.post("/policies/DEPT-TEAM", self.BODY).status_code == 201
        assert program.call("DELETE", "/policies/DEPT-TEAM/1").status_code == 204

        assert sum(accrued(offices.people.owner)) == 5775
        assert len(accrued(offices.people.owner)) == 3
