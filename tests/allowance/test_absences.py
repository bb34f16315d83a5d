"""Saying when one is away: which days it fills, what it does to the ledger, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests.allowance.ledgers import NOW, QUARTER, accrue, accrued, balance, give_pattern, post_of
from tests.factories.absences import AbsenceFactory
from tests.timesheets.weeks import actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Permission
from tithe.allowance.models import Absence, Period
from tithe.allowance.operations import absences as operations
from tithe.allowance.presenters.absences import months_of, periods_of
from tithe.allowance.queries import absences as queries
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules import absences as rules
from tithe.allowance.rules.absences import Effect, Event, Length, Spell
from tithe.allowance.rules.schedule import Schedule
from tithe.allowance.rules.worktime import Away, Stretch, Work, default_pattern
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import days_between
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import NotFound, RuleBroken

MONDAY = date(2026, 8, 3)
FRIDAY = date(2026, 8, 7)
DAY = timedelta(days=1)
FULL = Schedule(Work((Stretch(date(2026, 1, 1), date(2027, 1, 1), default_pattern(2220, MONDAY)),)))
DAYS = st.dates(date(2026, 2, 1), date(2026, 10, 1))


def enter(person, first=MONDAY, last=None, **changes):
    now = changes.pop("now", NOW)
    replacing = changes.pop("replacing", None)
    spell = Spell(first, last or first, **changes)
    return operations.enter_absence(actor=actor(person), spell=spell, now=now, replacing=replacing)


def stored(person):
    db.session.rollback()
    found = select(Absence.day, Absence.minutes, Absence.source).where(Absence.person_id == person.id)
    return {row.day: row.minutes for row in db.session.execute(found.order_by(Absence.day))}


def close(quarter):
    with unit_of_work() as session:
        session.execute(insert(Period).values(quarter=quarter.code, closed_at=NOW))


@pytest.fixture
def person(app):
    return post_of()


class TestFilled:
    def test_leaves_out_days_nobody_is_due_to_work(self):
        assert rules.filled(FULL, Spell(MONDAY, MONDAY + 7 * DAY)) == dict.fromkeys(
            [*days_between(MONDAY, FRIDAY + DAY), MONDAY + 7 * DAY], 444
        )

    @given(first=DAYS, length=st.integers(0, 60), minutes=st.integers(1, 1440))
    def test_never_fills_more_than_is_due(self, first, length, minutes):
        days = rules.filled(FULL, Spell(first, first + length * DAY, Length.PART, minutes))

        assert all(away == min(minutes, rules.due(FULL, day)) > 0 for day, away in days.items())

    @given(first=DAYS, length=st.integers(1, 60), cut=st.integers(1, 60))
    def test_fills_the_same_days_however_a_spell_is_cut(self, first, length, cut):
        last, middle = first + length * DAY, first + min(cut, length) * DAY
        parts = rules.filled(FULL, Spell(first, middle - DAY)) | rules.filled(FULL, Spell(middle, last))

        assert parts == rules.filled(FULL, Spell(first, last))

    def test_gives_an_odd_half_day_its_odd_minute(self):
        odd = Schedule(Work((Stretch(MONDAY, FRIDAY, default_pattern(1, MONDAY)),)))

        assert rules.filled(odd, Spell(MONDAY, FRIDAY, Length.HALF)) == {MONDAY: 1}


class TestOverlap:
    @given(away=st.lists(st.integers(1, 1440), max_size=4))
    def test_never_takes_off_more_than_the_day(self, away):
        absences = tuple(Away(MONDAY, minutes, minutes) for minutes in away)
        work = Work((Stretch(MONDAY, FRIDAY + DAY, default_pattern(2220, MONDAY)),), absences=absences)
        schedule = Schedule(work)

        assert schedule.on(MONDAY).scheduled == max(0, 444 - sum(away))
        assert schedule.entitlement.available == 4 * 444 + schedule.on(MONDAY).scheduled


class TestChanges:
    PLACES = st.dictionaries(st.tuples(st.sampled_from(["", "a"]), DAYS), st.integers(1, 9), max_size=5)

    @given(before=PLACES, wanted=PLACES)
    def test_bring_what_is_stored_to_what_is_wanted(self, before, wanted):
        rows = {place: (number, minutes) for number, (place, minutes) in enumerate(before.items())}
        gone, new = rules.changes(rows, wanted)
        left = {place: minutes for place, (number, minutes) in rows.items() if number not in gone}

        assert not left.keys() & new.keys()
        assert left | new == wanted


class TestEnterAbsence:
    def test_fills_working_days_and_posts_the_difference_with_its_reason(self, person):
        accrue()

        effect = enter(person, MONDAY, MONDAY + 6 * DAY)

        assert effect == Effect(5, -450)
        assert stored(person) == dict.fromkeys(days_between(MONDAY, FRIDAY + DAY), 444)
        assert accrued(person) == [5775, -450]
        assert balance(person).accrued == 5325

    def test_says_what_it_will_do_before_a_quarter_is_opened(self, person):
        assert enter(person) == Effect(1, -90)
        assert accrued(person) == []
        assert balance(person).accrued == 5685

    def test_leaves_out_holidays_and_days_off(self, person):
        give_pattern(person, [600, 600, 600, 0, 0, 0, 0])

        enter(person, date(2026, 8, 31), date(2026, 9, 4))  # Monday is a bank holiday

        assert stored(person) == {date(2026, 9, 1): 600, date(2026, 9, 2): 600}

    @pytest.mark.parametrize(
        ("changes", "minutes"),
        [
            ({"length": Length.HALF}, 222),
            ({"length": Length.PART, "minutes": 90}, 90),
            ({"length": Length.PART, "minutes": 1440}, 444),
        ],
    )
    def test_takes_part_of_a_day(self, person, changes, minutes):
        enter(person, **changes)

        assert stored(person) == {MONDAY: minutes}

    def test_replaces_what_was_said_of_the_same_days(self, person):
        accrue()
        enter(person, MONDAY, FRIDAY)
        effect = enter(person, MONDAY, length=Length.HALF)

        assert effect == Effect(1, 45)
        assert stored(person)[MONDAY] == 222
        assert accrued(person) == [5775, -450, 45]

    def test_moves_an_entry_that_is_changed(self, person):
        enter(person, MONDAY, FRIDAY)
        enter(person, FRIDAY, FRIDAY + 3 * DAY, replacing=(MONDAY, FRIDAY))

        assert list(stored(person)) == [FRIDAY, FRIDAY + 3 * DAY]

    def test_changes_nothing_when_said_again(self, person):
        enter(person)
        db.session.rollback()
        before = db.session.query(AuditEvent).count()

        assert enter(person) == Effect(1, 0)
        assert db.session.query(AuditEvent).count() == before

    def test_leaves_other_peoples_and_the_feeds_days_alone(self, person):
        other = post_of()
        AbsenceFactory(person_id=other.id, day=MONDAY)
        AbsenceFactory(person_id=person.id, day=MONDAY, minutes=60, source="csv")
        enter(person)
        operations.remove_absences(actor=actor(person), source="own", first_day=MONDAY, last_day=MONDAY, now=NOW)

        assert (stored(person), stored(other)) == ({MONDAY: 60}, {MONDAY: 444})

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"first": FRIDAY, "last": MONDAY}, "last_day", "The last day is before the first"),
            ({"first": MONDAY, "last": MONDAY + 366 * DAY}, "last_day", "more than a year at once"),
            ({"first": date(2028, 8, 7)}, "last_day", "more than two years ahead"),
            ({"first": date(1999, 12, 31)}, "first_day", "from 2000 to"),
            ({"first": FRIDAY + DAY}, "last_day", "not due to work on any of these days"),
            ({"length": Length.PART}, "minutes", "Say how long you are away"),
        ],
    )
    def test_refuses_in_words_beside_the_field(self, person, changes, field, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            enter(person, **changes)

        assert refusal.value.field == field
        assert stored(person) == {}

    def test_refuses_days_of_a_closed_quarter(self, person):
        close(QUARTER.previous)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            enter(person, date(2026, 6, 30), date(2026, 7, 1))
        assert stored(person) == {}

    def test_lets_no_system_be_away(self, app):
        with pytest.raises(NotFound):
            operations.enter_absence(actor=SYSTEM, spell=Spell(MONDAY, MONDAY), now=NOW)

    def test_counts_across_quarters(self, person):
        accrue()
        accrue(QUARTER.next)

        enter(person, date(2026, 9, 30), date(2026, 10, 1))

        assert accrued(person) == [5775, -90]
        assert accrued(person, QUARTER.next) == [5685, -90]


class TestRemoving:
    def test_gives_the_time_back(self, person):
        accrue()
        enter(person, MONDAY, FRIDAY)

        effect = operations.remove_absences(
            actor=actor(person), source="own", first_day=MONDAY, last_day=FRIDAY, now=NOW
        )

        assert effect == Effect(5, 450)
        assert (stored(person), sum(accrued(person))) == ({}, 5775)

    def test_by_id_takes_one_day(self, person):
        enter(person, MONDAY, FRIDAY)
        row = queries.list_own(actor(person), MONDAY)[0]

        operations.remove_absence(actor=actor(person), absence_id=row.id, now=NOW)

        assert MONDAY not in stored(person)

    def test_looks_like_nothing_is_there_to_anybody_else(self, person):
        row = AbsenceFactory(person_id=post_of().id)

        with pytest.raises(NotFound):
            operations.remove_absence(actor=actor(person), absence_id=row.id, now=NOW)
        with pytest.raises(NotFound):
            queries.get_absence(2**62, by=actor(person), to=Permission.ABSENCE_WRITE)

    def test_refuses_what_hr_sent_and_what_is_closed(self, person):
        sent = AbsenceFactory(person_id=person.id, source="csv")
        closed = AbsenceFactory(person_id=person.id, day=date(2026, 6, 1))
        close(QUARTER.previous)

        for row, words in ((sent, "Ask HR to change it there"), (closed, "Apr to Jun 2026 is closed")):
            span = {"first_day": row.day, "last_day": row.day}
            with pytest.raises(RuleBroken, match=words):
                operations.remove_absence(actor=actor(person), absence_id=row.id, now=NOW)
            with pytest.raises(RuleBroken, match=words):
                operations.remove_absences(actor=actor(person), source=row.source, now=NOW, **span)

    def test_says_so_when_it_is_gone_already(self, person):
        with pytest.raises(RuleBroken, match="taken out already"):
            operations.remove_absences(actor=actor(person), source="own", first_day=MONDAY, last_day=MONDAY, now=NOW)


class TestTakeFromCalendar:
    LEAVE = Event("a" * 40, MONDAY, FRIDAY)

    def take(self, person, *events, gone=()):
        return operations.take_from_calendar(actor=actor(person), events=events, gone=gone, now=NOW)

    def test_puts_in_days_and_nothing_the_second_time(self, person):
        accrue()

        assert self.take(person, self.LEAVE) == Effect(5, -450)
        assert self.take(person, self.LEAVE) == Effect(5, 0)
        assert accrued(person) == [5775, -450]

    def test_brings_an_event_up_to_date_that_moved(self, person):
        self.take(person, self.LEAVE)
        self.take(person, Event("a" * 40, FRIDAY, FRIDAY + 3 * DAY, last_minutes=60))

        assert stored(person) == {FRIDAY: 444, FRIDAY + 3 * DAY: 60}

    def test_takes_out_what_is_gone(self, person):
        self.take(person, self.LEAVE, Event("b" * 40, FRIDAY + 3 * DAY, FRIDAY + 3 * DAY))
        self.take(person, gone=["a" * 40])

        assert stored(person) == {FRIDAY + 3 * DAY: 444}

    def test_leaves_days_of_a_closed_quarter_as_they_are(self, person):
        close(QUARTER.previous)
        self.take(person, Event("a" * 40, date(2026, 6, 29), date(2026, 7, 1)))

        assert stored(person) == {date(2026, 7, 1): 444}

    def test_refuses_nothing_and_too_much(self, person):
        with pytest.raises(RuleBroken, match="Tick at least one event"):
            self.take(person)
        with pytest.raises(RuleBroken, match="more than a year apart"):
            self.take(person, Event("a" * 40, MONDAY, MONDAY + 400 * DAY))


class TestPages:
    def test_join_days_over_weekends_and_holidays(self, person):
        enter(person, date(2026, 8, 28), date(2026, 9, 1))  # Friday to Tuesday, Monday a bank holiday
        enter(person, date(2026, 9, 2), length=Length.HALF)
        enter(person, date(2026, 9, 4))
        rows = queries.list_own(actor(person), MONDAY)
        periods = periods_of(rows, schedule_of(person.id, MONDAY, date(2026, 10, 1)))

        assert [(each.first_day.day, each.last_day.day, each.in_words) for each in periods] == [
            (28, 1, "2 days, 14h 48m"),
            (2, 2, "Part of a day, 3h 42m"),
            (4, 4, "1 day, 7h 24m"),
        ]

    def test_draw_each_day_of_a_month(self, person):
        enter(person, MONDAY)
        enter(person, MONDAY + DAY, length=Length.HALF)
        rows = queries.list_own(actor(person), MONDAY)
        [august] = months_of(rows, schedule_of(person.id, MONDAY, date(2026, 9, 1)), date(2026, 8, 1), date(2026, 9, 1))

        assert len(august.cells) == 31
        assert [august.cells[day - 1].kind for day in (2, 3, 4, 5, 31)] == ["off", "away", "part", "work", "holiday"]
        assert august.words == "August 2026: 1 whole and 1 part days away"

    def test_go_on_after_the_last_row(self, person):
        enter(person, MONDAY, FRIDAY)
        first = queries.list_own(actor(person), MONDAY, limit=3)
        rest = queries.list_own(actor(person), MONDAY, after=(first[-1].day, first[-1].id))

        assert [each.day for each in first + rest] == list(days_between(MONDAY, FRIDAY + DAY))
