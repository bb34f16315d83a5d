"""Laws of plans and agreements, without a database."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.calendar import Weeks
from tithe.timesheets.rules.agreements import Agreed, RequestShape, burst_days, last_day_of, thin_days
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.limits import week_cap
from tithe.timesheets.rules.plans import Ahead, PlanShape, Wish, dates_of, days_said, laid, mask_of, weekdays_of

DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
WEEKDAYS = st.frozensets(st.integers(0, 6), min_size=1)
MONDAY = date(2026, 8, 3)


@st.composite
def wishes(draw):
    starts_on = draw(DAYS)
    last_day = starts_on + timedelta(days=draw(st.integers(0, 365)))
    every = draw(st.integers(1, 4))
    return Wish(PlanShape.RHYTHM, "1", starts_on, last_day, draw(st.integers(1, 1440)), draw(WEEKDAYS), every)


class TestDatesOf:
    @given(wishes())
    def test_are_inside_the_plan_on_its_weekdays_in_order_and_once(self, wish):
        found = dates_of(wish, Weeks())

        assert found == sorted(set(found))
        assert all(wish.starts_on <= day <= wish.last_day and day.weekday() in wish.weekdays for day in found)

    @given(wishes())
    def test_come_back_every_so_many_weeks(self, wish):
        mondays = sorted({day - timedelta(days=day.weekday()) for day in dates_of(wish, Weeks())})

        assert all((later - first).days % (7 * wish.every_weeks) == 0 for first in mondays[:1] for later in mondays)

    @given(wishes())
    def test_count_these_weeks_from_sunday_where_they_begin_then(self, wish):
        weeks = Weeks(((date.min, True),))
        first = weeks.monday_of(wish.starts_on)

        assert all((weeks.monday_of(day) - first).days % (7 * wish.every_weeks) == 0 for day in dates_of(wish, weeks))


class TestLaid:
    @given(wishes(), st.integers(0, 600))
    def test_keeps_exactly_the_days_with_room_for_the_whole_block(self, wish, room):
        ahead = {day: Ahead(room, "" if room else "Away") for day in dates_of(wish, Weeks())}

        found = laid(wish, dates_of(wish, Weeks()), ahead)

        assert [each.day for each in found] == dates_of(wish, Weeks())
        assert all((each.why == "") == (room >= wish.minutes) for each in found)


class TestMasks:
    @given(WEEKDAYS)
    def test_give_back_the_days_they_were_made_of(self, days):
        assert weekdays_of(mask_of(days)) == days

    def test_read_as_a_sentence(self):
        assert days_said({4}) == "Fridays"
        assert days_said({0, 2, 4}) == "Mondays, Wednesdays and Fridays"


class TestWeekCap:
    @given(st.integers(0, 5000), st.integers(0, 5000), st.integers(1, 100))
    def test_is_never_less_with_a_burst_nor_more_than_the_week(self, usual, burst, pct):
        burst = min(usual, burst)

        assert week_cap(usual, 0, pct) <= week_cap(usual, burst, pct) <= usual
        assert week_cap(usual, usual, pct) == usual


def agreed(**changes):
    usual = {
        "id": 1,
        "shape": RequestShape.RHYTHM,
        "starts_on": MONDAY,
        "last_day": MONDAY + timedelta(days=6),
        "weekdays": frozenset({0, 1}),
        "week_minutes": 240,
        "project_ids": frozenset(),
        "decided_by": 2,
    }
    return Agreed(**(usual | changes))


class TestAgreed:
    @given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3), st.integers(1, 200)), max_size=6))
    def test_covers_a_week_only_if_every_entry_and_the_sum_fit(self, places):
        entries = [Entry(MONDAY + timedelta(days=day), project, minutes) for day, project, minutes in places]
        found = agreed(project_ids=frozenset({1, 2}))

        fits = all(day in (0, 1) and project in (1, 2) for day, project, _ in places)
        assert found.covers(entries) == (bool(places) and fits and sum(each[2] for each in places) <= 240)

    def test_covers_help_only_where_any_project_is_agreed(self):
        entry = Entry(MONDAY, None, 60, "Cal", TimeKind.HELP)

        assert agreed().covers([entry])
        assert not agreed(project_ids=frozenset({1})).covers([entry])

    def test_leaves_time_that_is_not_tithed_alone(self):
        learning = Entry(MONDAY + timedelta(days=4), None, 400, "", TimeKind.LEARNING)

        assert agreed().covers([Entry(MONDAY, 1, 60), learning])
        assert not agreed().covers([learning])

    def test_counts_until_the_day_before_it_was_ended(self):
        assert last_day_of(MONDAY, None) == MONDAY
        assert last_day_of(MONDAY, MONDAY) == MONDAY - timedelta(days=1)
        assert last_day_of(MONDAY, MONDAY + timedelta(days=9)) == MONDAY

    def test_lifts_the_cap_on_the_days_of_bursts_alone(self):
        days = [MONDAY + timedelta(days=number) for number in range(7)]
        burst = agreed(shape=RequestShape.BURST, starts_on=days[1], last_day=days[2])

        assert burst_days([agreed(), burst], days) == {days[1], days[2]}


class TestThinDays:
    @given(st.dictionaries(DAYS, st.frozensets(st.integers(1, 9)), max_size=5), st.integers(1, 9), st.integers(1, 100))
    def test_are_those_with_more_away_than_the_share(self, away, team, pct):
        found = thin_days(away, team, pct)

        assert found == {day: len(each) for day, each in away.items() if len(each) / team > pct / 100}
