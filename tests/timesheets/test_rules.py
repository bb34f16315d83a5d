"""The states of a week, what it may hold, and who decides it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timesheets.weeks import MONDAY, STRADDLING
from tithe.kernel.calendar import Quarter, Weeks, week_days
from tithe.kernel.errors import RuleBroken
from tithe.kernel.minutes import DAY
from tithe.projects.rules import Membership
from tithe.timesheets.rules.deciding import GROUNDS, Chain, ReturnGround, approver_among, problem_with_return
from tithe.timesheets.rules.entries import (
    KINDS,
    Entry,
    TimeKind,
    as_shown,
    counting_day,
    digest_of,
    from_shown,
    tithed_minutes,
    use_by_quarter,
)
from tithe.timesheets.rules.lifecycle import MOVES, NEXT_STEP, WeekMove, WeekStatus, status_after
from tithe.timesheets.rules.limits import Limits, misplaced, over_limits

D, S, A, R = WeekStatus.DRAFT, WeekStatus.SUBMITTED, WeekStatus.APPROVED, WeekStatus.RETURNED
EXPECTED = {
    (D, WeekMove.EDIT): D,
    (D, WeekMove.SUBMIT): S,
    (S, WeekMove.RECALL): D,
    (S, WeekMove.APPROVE): A,
    (S, WeekMove.RETURN): R,
    (A, WeekMove.AMEND): D,
    (R, WeekMove.EDIT): D,
    (A, WeekMove.CALL_BACK): R,
    (R, WeekMove.OVERTURN): A,
}
PAIRS = [(status, move) for status in WeekStatus for move in WeekMove]
SUNDAY = MONDAY + timedelta(days=6)
LONG_AGO = date(2020, 1, 1)
Q1, Q2 = Quarter.parse("2026-27Q1"), Quarter.parse("2026-27Q2")

MINUTES = st.integers(1, DAY)
ENTRIES = st.lists(
    st.builds(Entry, st.sampled_from(week_days(STRADDLING)), st.integers(1, 4), MINUTES, st.text(max_size=20)),
    max_size=12,
)
PEOPLE = st.integers(1, 6)
SOMEBODY = st.none() | PEOPLE


def at(day: int, minutes: int = 60, project: int = 1, monday: date = MONDAY) -> Entry:
    return Entry(monday + timedelta(days=day), project, minutes)


class TestAfter:
    @pytest.mark.parametrize(("status", "move"), PAIRS)
    def test_follows_the_table_and_refuses_everything_else(self, status, move):
        if (status, move) in EXPECTED:
            assert status_after(status, move) is EXPECTED[status, move]
        else:
            with pytest.raises(RuleBroken, match=f"^You cannot {move} a week that is {status}") as refusal:
                status_after(status, move)
            assert NEXT_STEP[status] in refusal.value.message

    def test_lets_a_week_out_of_every_status(self):
        assert {status for status, _ in EXPECTED} == set(WeekStatus)

    def test_approves_only_from_submitted_or_on_review(self):
        assert {(status, move) for (status, move), end in MOVES.items() if end is A} == {
            (S, WeekMove.APPROVE),
            (R, WeekMove.OVERTURN),
        }


class TestMisplaced:
    def found(self, *entries: Entry, **changes: object) -> list[tuple[str, str | None]]:
        facts = {
            "weeks": Weeks(),
            "today": SUNDAY,
            "employed": (LONG_AGO, None),
            "memberships": [Membership(1, "Letters", LONG_AGO), Membership(2, "Forms", MONDAY, MONDAY)],
        }
        problems = misplaced(entries, MONDAY, **{**facts, **changes})
        return [(problem.message, problem.field) for problem in problems]

    def test_finds_nothing_in_a_good_week(self):
        assert self.found(at(0), at(1), at(0, project=2), at(6)) == []

    @pytest.mark.parametrize("day", [-1, 7])
    def test_refuses_a_day_of_another_week(self, day):
        ((words, field),) = self.found(at(day))
        assert words.endswith("is not in the week of 3 August 2026, which runs from Monday 3 August to Sunday 9 August")
        assert field == "entries.0"

    @pytest.mark.parametrize("minutes", [0, -1, DAY + 1])
    def test_refuses_less_than_a_minute_and_more_than_a_day(self, minutes):
        assert self.found(at(0, minutes)) == [("An entry is from 1 minute to 24 hours", "entries.0")]

    def test_refuses_tomorrow(self):
        assert self.found(at(0), at(1), today=MONDAY) == [
            ("Tuesday 4 August has not come yet. Log time on the day or after it", "entries.1")
        ]

    def test_refuses_days_before_and_after_employment(self):
        employed = (MONDAY + timedelta(days=1), MONDAY + timedelta(days=2))
        words = "{} August is outside your employment"
        assert self.found(at(0), at(1), at(2), at(3), employed=employed) == [
            (words.format("Monday 3"), "entries.0"),
            (words.format("Thursday 6"), "entries.3"),
        ]

    def test_refuses_a_project_one_is_not_a_member_of(self):
        words = "You can log time only to a registered project you are a member of"
        assert self.found(at(0, project=3)) == [(words, "entries.0")]

    def test_refuses_a_day_after_leaving_the_project(self):
        assert self.found(at(1, project=2)) == [("You were not a member of Forms on Tuesday 4 August", "entries.0")]

    def test_refuses_the_same_day_and_project_twice(self):
        words = "Monday 3 August has this project twice. Add the two together"
        assert self.found(at(0), at(0)) == [(words, "entries.1")]

    def test_refuses_more_than_a_day_in_a_day(self):
        assert self.found(at(0, 1000), at(0, 441, project=2)) == [
            ("Monday 3 August would have more than 24 hours", "entries.1")
        ]

    def test_says_everything_at_once(self):
        assert [field for _, field in self.found(at(-1), at(0), at(0, project=3))] == ["entries.0", "entries.2"]

    @settings(deadline=None)
    @given(ENTRIES)
    def test_lets_pass_only_what_the_database_could_hold(self, entries):
        members = [Membership(number, "Any", LONG_AGO) for number in range(1, 5)]
        facts = {"weeks": Weeks(), "today": SUNDAY, "employed": (LONG_AGO, None), "memberships": members}
        problems = misplaced(entries, STRADDLING, **facts)
        if not problems:
            keys = [(entry.day, entry.project_id) for entry in entries]
            assert len(keys) == len(set(keys))
            for day in week_days(STRADDLING):
                assert sum(entry.minutes for entry in entries if entry.day == day) <= DAY


class TestOverLimits:
    def limits(self, monday: date = MONDAY, **changes: object) -> Limits:
        days = {day: 444 if day.weekday() < 5 else 0 for day in week_days(monday)}
        return Limits(**{
            "scheduled": days,
            "usual_week": 2220,
            "min_entry_min": 15,
            "week_cap_pct": 40,
            "left": {Q1: 5000, Q2: 5000},
            **changes,
        })  # fmt: skip

    def found(self, *entries: Entry, **changes: object) -> list[tuple[str, str | None]]:
        return [(each.message, each.field) for each in over_limits(entries, self.limits(**changes))]

    def test_finds_nothing_at_the_limits(self):
        assert self.found(at(0, 444), at(1, 444)) == []
        assert self.found(at(0, 15)) == []
        assert self.found(at(0, 60), left={Q2: 60}) == []

    def test_refuses_a_day_off(self):
        assert self.found(at(5)) == [
            ("You were not due to work on Saturday 8 August. Move this time to a day you worked", "entries.0")
        ]

    def test_refuses_an_entry_that_is_too_short(self):
        assert self.found(at(0, 14)) == [("The shortest entry is 15m", "entries.0")]

    def test_refuses_more_than_the_day_was_long_and_blames_the_entry_that_went_over(self):
        assert self.found(at(0, 400), at(0, 45, project=2)) == [
            ("You were due to work 7h 24m on Monday 3 August. Take 1m away", "entries.1")
        ]

    def test_refuses_more_than_the_cap_of_the_week(self):
        assert self.found(at(0, 444), at(1, 444), at(2, 15)) == [
            ("The week has 15h 03m of tithed time; 40% of your week is 14h 48m. Take 15m away", "entries")
        ]

    def test_refuses_more_than_what_is_left_in_the_quarter(self):
        assert self.found(at(0, 120), left={Q2: 90}) == [
            ("You have 1h 30m left in Jul to Sep 2026 and this week asks for 2h. Take 30m away", "entries")
        ]

    def test_counts_an_overdrawn_quarter_as_nothing_left(self):
        ((words, _),) = self.found(at(0, 60), left={Q2: -30})
        assert words == "You have 0m left in Jul to Sep 2026 and this week asks for 1h. Take 1h away"

    def test_holds_each_day_of_a_straddling_week_against_its_own_quarter(self):
        entries = [at(1, 60, monday=STRADDLING), at(2, 60, monday=STRADDLING)]
        found = self.found(*entries, monday=STRADDLING, left={Q1: 60, Q2: 30})
        assert found == [("You have 30m left in Jul to Sep 2026 and this week asks for 1h. Take 30m away", "entries")]

    @settings(deadline=None)
    @given(entries=ENTRIES, left=st.tuples(st.integers(-500, 6000), st.integers(-500, 6000)))
    def test_lets_pass_nothing_beyond_day_cap_or_balance(self, entries, left):
        limits = self.limits(monday=STRADDLING, left=dict(zip((Q1, Q2), left, strict=True)))
        if over_limits(entries, limits):
            return
        for day, room in limits.scheduled.items():
            assert sum(entry.minutes for entry in entries if entry.day == day) <= room
        assert sum(entry.minutes for entry in entries) <= 888
        for quarter, minutes in use_by_quarter(entries, None).items():
            assert minutes <= limits.left[quarter]

    @settings(deadline=None)
    @given(entries=ENTRIES, more=st.integers(0, 500))
    def test_never_refuses_with_more_room_what_passed_with_less(self, entries, more):
        less = self.limits(monday=STRADDLING)
        roomier = self.limits(
            monday=STRADDLING,
            scheduled={day: room + more if room else 0 for day, room in less.scheduled.items()},
            usual_week=2220 + more,
            left={Q1: 5000 + more, Q2: 5000 + more},
        )
        if not over_limits(entries, less):
            assert not over_limits(entries, roomier)


class TestApprover:
    @pytest.mark.parametrize(
        ("manager", "countersigner", "fellows", "decides"),
        [
            (2, 3, set(), 2),
            (2, None, set(), 2),
            (2, 3, {2}, 3),  # works on the project too
            (2, 3, {2, 3}, None),  # the HR queue
            (2, None, {2}, None),
            (None, 3, set(), 3),
            (None, None, set(), None),
            (2, 1, {2}, None),  # never oneself, not even as countersigner
            (1, 3, set(), 3),
        ],
    )
    def test_is_the_manager_else_the_countersigner_else_nobody(self, manager, countersigner, fellows, decides):
        assert approver_among(1, Chain(manager, countersigner), fellows) == decides

    @settings(deadline=None)
    @given(owner=PEOPLE, manager=SOMEBODY, countersigner=SOMEBODY, fellows=st.sets(PEOPLE))
    def test_is_never_the_owner_nor_a_fellow_member_nor_a_stranger(self, owner, manager, countersigner, fellows):
        decides = approver_among(owner, Chain(manager, countersigner), fellows)

        assert decides is None or (decides not in {owner, *fellows} and decides in {manager, countersigner})


class TestDigest:
    @settings(deadline=None)
    @given(entries=ENTRIES, order=st.randoms(), version=st.integers(1, 9))
    def test_does_not_depend_on_order(self, entries, order, version):
        shuffled = entries[:]
        order.shuffle(shuffled)
        assert digest_of(version, entries) == digest_of(version, shuffled)

    @settings(deadline=None)
    @given(first=ENTRIES, second=ENTRIES, versions=st.tuples(st.integers(1, 3), st.integers(1, 3)))
    def test_differs_whenever_what_was_shown_does(self, first, second, versions):
        def key(entry: Entry) -> tuple[date, int, int, str]:
            return entry.day, entry.project_id, entry.minutes, entry.note

        same = versions[0] == versions[1] and sorted(first, key=key) == sorted(second, key=key)
        assert (digest_of(versions[0], first) == digest_of(versions[1], second)) == same


class TestProblemWithReturn:
    WORDS = "w" * 40

    @pytest.mark.parametrize("ground", ReturnGround)
    def test_takes_every_ground_on_the_list_with_forty_characters(self, ground):
        assert problem_with_return(ground, self.WORDS) == []
        assert ground in GROUNDS

    @pytest.mark.parametrize("ground", [None, "", "dislike", "conflict", "security", "scope"])
    def test_refuses_every_other(self, ground):
        (problem,) = problem_with_return(ground, self.WORDS)
        assert (problem.message, problem.field) == ("Choose why the week goes back", "ground")

    @pytest.mark.parametrize("reason", ["", "w" * 39, "w" * 39 + "     "])
    def test_refuses_fewer_words(self, reason):
        (problem,) = problem_with_return("cover", reason)
        assert problem.message == "Say what needs to change, in at least 40 characters"
        assert problem.field == "reason"

    def test_names_both(self):
        assert [problem.field for problem in problem_with_return(None, "")] == ["ground", "reason"]


class TestUseByQuarter:
    def test_splits_a_straddling_week_by_day(self):
        entries = [at(day, 60 + day, monday=STRADDLING) for day in range(5)]

        assert use_by_quarter(entries, None) == {Q1: 60 + 61, Q2: 62 + 63 + 64}

    @pytest.mark.parametrize(("assign", "quarter"), [("thursday", Q2), ("commencing", Q1)])
    def test_takes_a_straddling_week_whole_where_the_policy_says(self, assign, quarter):
        entries = [at(day, 60 + day, monday=STRADDLING) for day in range(5)]

        assert use_by_quarter(entries, counting_day(assign, STRADDLING)) == {quarter: 310}

    @settings(deadline=None)
    @given(ENTRIES, st.sampled_from(["by_day", "thursday", "commencing"]))
    def test_loses_and_makes_no_minute(self, entries, assign):
        used = use_by_quarter(entries, counting_day(assign, STRADDLING))

        assert sum(used.values()) == sum(entry.minutes for entry in entries)


class TestKindsOfTime:
    """Help given and secondments stand beside projects; learning and secondments are not taken from the allowance."""

    def found(self, *entries: Entry) -> list[str]:
        facts = {"today": date(2026, 9, 1), "employed": (date(2020, 1, 1), None), "memberships": []}
        problems = misplaced(entries, MONDAY, weeks=Weeks(), **facts)
        return [problem.message for problem in problems]

    def of(self, kind: TimeKind, minutes: int = 60, day: int = 0, note: str = "For the map team") -> Entry:
        return Entry(MONDAY + timedelta(days=day), None, minutes, note, kind)

    def test_need_no_project(self):
        assert self.found(*(self.of(kind) for kind in TimeKind if kind is not TimeKind.TITHE)) == []

    def test_refuse_one(self):
        assert self.found(Entry(MONDAY, 1, 60, "", TimeKind.HELP)) == [
            "Help given is not logged to a project. Leave the project out"
        ]

    def test_stand_once_a_day(self):
        assert self.found(self.of(TimeKind.HELP), self.of(TimeKind.HELP, 30)) == [
            "Monday 3 August has help given twice. Add the two together"
        ]

    def test_count_against_the_allowance_only_as_tithe_and_help(self):
        entries = [self.of(kind) for kind in KINDS] + [Entry(MONDAY, 1, 60)]

        assert tithed_minutes(entries) == 120
        assert use_by_quarter(entries, None) == {Quarter.containing(MONDAY): 120}

    def test_are_part_of_what_is_shown(self):
        assert digest_of(1, [self.of(TimeKind.HELP)]) != digest_of(1, [self.of(TimeKind.LEARNING)])

    def test_come_back_as_they_were_shown(self):
        for entry in (self.of(TimeKind.SECONDMENT), Entry(MONDAY, 7, 60, "A note")):
            assert from_shown(as_shown(entry)) == entry
