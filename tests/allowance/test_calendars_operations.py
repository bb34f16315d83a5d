"""Keeping calendars of one's own, and what that does to the allowances of the people who use them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from tests.allowance.holidays import FAIR, Leeds, copy, days, reasons
from tests.allowance.ledgers import DAY, FULL_TIME, NOW, QUARTER, accrue, accrued, change_post, end_post, post_of
from tests.factories.calendars import CalendarDayFactory, CalendarFactory
from tests.factories.people import RoleGrantFactory
from tests.support.contents import contents
from tests.support.threads import at_once, errors_in
from tests.timesheets.weeks import actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Permission, Role
from tithe.allowance.models import Period
from tithe.allowance.operations import calendars as operations
from tithe.allowance.operations.calendars import Copy
from tithe.allowance.queries import calendars as queries
from tithe.allowance.queries.balances import drift
from tithe.allowance.rules.holidays import DayKind, Holiday
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.people import placed

TODAY = NOW.date()
CHRISTMAS = date(2026, 12, 25)
AUGUST_DAY = date(2026, 8, 31)  # a bank holiday in England and Wales


@pytest.fixture
def leeds(app) -> Leeds:
    return Leeds()


def refused(call, kind=RuleBroken):
    """The refusal of a call that must store and record nothing."""
    before = contents()
    with pytest.raises(kind) as refusal:
        call()
    assert contents() == before
    return refusal.value


def add(holiday=FAIR, who=SYSTEM, code="leeds"):
    return operations.add_day(actor=who, code=code, holiday=holiday, now=NOW)


def remove(day, who=SYSTEM):
    return operations.remove_day(actor=who, code="leeds", day=day, now=NOW)


def replace_days(*holidays, first=2026, last=2026):
    return operations.replace_days(actor=SYSTEM, code="leeds", first_year=first, last_year=last, days=holidays, now=NOW)


def follow(*published, seen=None):
    return operations.import_days(actor=SYSTEM, code="leeds", published=published, now=NOW, seen=seen)


def close(quarter=QUARTER):
    with unit_of_work() as session:
        session.execute(insert(Period).values(quarter=quarter.code, closed_at=NOW))


def verbs():
    return list(db.session.scalars(select(AuditEvent.verb).order_by(AuditEvent.id)))


class TestCopy:
    def test_starts_with_the_holidays_of_the_years_asked_for(self, app):
        copy("tayside", "scotland", 2026, 2027)

        copied = queries.days_of("tayside", 2020, 2030)
        assert copied == queries.days_of("scotland", 2026, 2027)
        assert queries.known_calendar("tayside", TODAY).last_day == date(2027, 12, 28)
        assert verbs() == ["calendar:copy"]

    def test_may_be_of_another_copy(self, leeds):
        add()
        copy("york", "leeds", 2026, 2026)

        assert "Town fair" in days("york").values()
        assert queries.known_calendar("york", TODAY).copied_from == "leeds"

    def test_earns_what_the_calendar_it_comes_from_does(self, leeds):
        assert accrued(leeds.local) == accrued(leeds.other) == [FULL_TIME]

    def test_names_everything_that_is_wrong_with_it(self, leeds):
        wrong = Copy("Leeds", "", "atlantis", 1066, 2027)
        refusal = refused(lambda: operations.copy_calendar(actor=SYSTEM, **vars(wrong), now=NOW))

        assert [problem.field for problem in refusal.problems] == ["code", "name", "first_year", "copied_from"]

    def test_takes_no_code_that_another_has(self, leeds):
        assert refused(copy).field == "code"

    def test_can_be_rehearsed(self, leeds):
        before = contents()
        starts_with = operations.rehearse_copy(actor=SYSTEM, copied=Copy("york", "York", "scotland", 2026, 2026))

        assert starts_with == queries.days_of("scotland", 2026, 2026)
        assert contents() == before


class TestAddDay:
    def test_takes_the_day_off_what_people_of_the_calendar_earn(self, leeds):
        lines = add()

        assert lines == 1
        assert sum(accrued(leeds.local)) == 5685  # 64 days × 444 × 20% = 5,683.2
        assert accrued(leeds.other) == [FULL_TIME]
        assert reasons(leeds.local)[-1].endswith("worked out again: the holiday calendar changed")
        assert drift(QUARTER) == []

    def test_concerns_those_who_use_the_calendar_from_that_day_on(self, leeds):
        gone = post_of(calendar="leeds")
        end_post(gone, FAIR.day - DAY)
        moved = post_of(calendar="england-and-wales")
        change_post(moved, FAIR.day, calendar="leeds")
        accrue()
        before = sum(accrued(gone)), sum(accrued(moved))

        add()

        assert placed.people_with_calendar("leeds", FAIR.day) == [leeds.local.id, moved.id]
        assert sum(accrued(gone)) == before[0]
        assert before[1] - sum(accrued(moved)) == 90

    def test_changes_nobodys_allowance_when_nobody_works_that_day(self, leeds):
        assert add(replace(FAIR, day=date(2027, 8, 11))) == 0  # no quarter is open that far ahead
        assert accrued(leeds.local) == [FULL_TIME]

    @pytest.mark.parametrize(
        ("holiday", "field"),
        [
            (Holiday(date(2026, 8, 15), "Saturday"), "day"),
            (Holiday(date(1999, 8, 12), "Long ago"), "day"),
            (Holiday(AUGUST_DAY, "Again"), "day"),
            (Holiday(FAIR.day, " "), "name"),
            (Holiday(FAIR.day, "x" * 121), "name"),
        ],
    )
    def test_refuses_what_is_no_holiday(self, leeds, holiday, field):
        assert refused(lambda: add(holiday)).field == field

    def test_refuses_a_day_of_a_closed_quarter(self, leeds):
        close()
        refusal = refused(lambda: add())

        assert refusal.message.startswith("Jul to Sep 2026 is closed")
        assert refusal.field == "day"
        add(replace(FAIR, day=QUARTER.end))

    def test_lets_only_one_of_two_add_the_same_day(self, app, leeds):
        results = at_once(app, [lambda name=name: add(replace(FAIR, name=name)) for name in ("One", "Two")])

        assert [type(error) for error in errors_in(results)] == [RuleBroken]
        assert sum(accrued(leeds.local)) == 5685


class TestRemoveDay:
    def test_gives_the_day_back(self, leeds):
        assert remove(AUGUST_DAY) == 1
        assert sum(accrued(leeds.local)) == 5865  # 66 days
        assert AUGUST_DAY not in days()

    def test_undoes_adding_to_the_minute(self, leeds):
        add()
        remove(FAIR.day)

        assert sum(accrued(leeds.local)) == FULL_TIME

    def test_refuses_a_day_that_is_none(self, leeds):
        assert "no holiday in this calendar" in refused(lambda: remove(FAIR.day)).message

    def test_refuses_a_day_of_a_closed_quarter(self, leeds):
        close()
        assert "is closed" in refused(lambda: remove(AUGUST_DAY)).message


class TestReplaceDays:
    def test_leaves_other_years_alone(self, leeds):
        differs = replace_days(FAIR)

        assert len(differs.removed) == 8
        assert differs.added == (FAIR,)
        assert list(days(first=2026, last=2026)) == [FAIR.day]
        assert len(days(first=2027, last=2027)) == 8

    def test_changes_and_records_nothing_when_nothing_differs(self, leeds):
        before = contents()

        assert not replace_days(*queries.days_of("leeds", 2026, 2026))
        assert contents() == before

    def test_takes_blanks_round_a_name_for_none(self, leeds):
        padded = [replace(each, name=f" {each.name} ") for each in queries.days_of("leeds", 2026, 2026)]

        assert not replace_days(*padded)

    def test_leaves_allowances_alone_when_only_words_change(self, leeds):
        named = [replace(each, name=each.name.upper()) for each in queries.days_of("leeds", 2026, 2026)]

        assert len(replace_days(*named).changed) == 8
        assert accrued(leeds.local) == [FULL_TIME]

    def test_takes_days_of_closed_quarters_as_long_as_they_stay(self, leeds):
        close()
        kept = queries.days_of("leeds", 2026, 2026)
        later = replace(FAIR, day=date(2026, 11, 11))

        assert replace_days(*kept, later).added == (later,)
        refused(lambda: replace_days(later))

    def test_names_every_day_that_is_wrong(self, leeds):
        refusal = refused(lambda: replace_days(FAIR, FAIR, replace(FAIR, day=date(2027, 8, 11))))

        assert [problem.field for problem in refusal.problems] == ["days.1.date", "days.2.date"]
        assert refused(lambda: replace_days(first=2027, last=2026)).field == "last_year"


class TestImport:
    PRIVILEGE = Holiday(date(2026, 5, 26), "The King’s birthday", DayKind.PRIVILEGE)

    def test_follows_the_list_and_keeps_what_is_ones_own(self, leeds):
        add(self.PRIVILEGE)
        differs = follow(Holiday(date(2026, 5, 4), "Early May"), FAIR, Holiday(CHRISTMAS, "Christmas Day"))

        assert [each.day for each in differs.added] == [FAIR.day]
        assert [each.day for each in differs.removed] == [date(2026, 5, 25), AUGUST_DAY]
        assert [after.name for _, after in differs.changed] == ["Early May"]
        assert days()[self.PRIVILEGE.day] == self.PRIVILEGE.name
        assert sum(accrued(leeds.local)) == FULL_TIME  # one day came and one went
        assert accrued(leeds.local) == [FULL_TIME]

    def test_leaves_closed_quarters_alone(self, leeds):
        close()
        before = days()
        later = replace(FAIR, day=date(2026, 11, 11))

        differs = follow(Holiday(date(2026, 1, 5), "Long past"), FAIR, later)

        assert differs.added == (later,)
        assert days() == before | {later.day: later.name}

    def test_saves_what_was_shown_and_nothing_else(self, leeds):
        shown = operations.rehearse_import(actor=SYSTEM, code="leeds", published=[FAIR])
        add()
        refused(lambda: follow(FAIR, seen=shown.mark), Conflict)
        remove(FAIR.day)

        assert follow(FAIR, seen=shown.mark) == shown

    def test_changes_nothing_the_second_time(self, leeds):
        follow(FAIR, Holiday(CHRISTMAS, "Christmas Day"))
        before = contents()

        assert not follow(FAIR, Holiday(CHRISTMAS, "Christmas Day"))
        assert contents() == before


class TestKeeping:
    def test_is_for_those_who_keep_calendars(self, leeds):
        team = leeds.team
        for person in (team.owner, team.manager, team.hr):
            who = actor(person, NOW)
            refused(lambda who=who: add(who=who), NotFound)
            refused(lambda who=who: remove(AUGUST_DAY, who=who), NotFound)
            refused(lambda who=who: operations.delete_calendar(actor=who, code="leeds", now=NOW), NotFound)
        add(who=actor(leeds.keeper, NOW))
        RoleGrantFactory(person_id=team.manager.id, unit_id=team.unit.id, role=Role.ADMINISTRATOR)
        remove(FAIR.day, who=actor(team.manager, NOW))

    def test_never_touches_a_national_calendar(self, app):
        for change in (
            lambda: add(code="scotland"),
            lambda: operations.rename_calendar(actor=SYSTEM, code="scotland", name="Alba", now=NOW),
            lambda: operations.delete_calendar(actor=SYSTEM, code="scotland", now=NOW),
            lambda: operations.import_days(actor=SYSTEM, code="scotland", published=[FAIR], now=NOW),
        ):
            assert "Make a copy" in refused(change).message

    def test_knows_no_calendar_that_is_not_there(self, app):
        refused(lambda: add(code="atlantis"), NotFound)

    def test_renames_but_keeps_the_code(self, leeds):
        operations.rename_calendar(actor=SYSTEM, code="leeds", name=" Leeds office ", now=NOW)

        assert queries.known_calendar("leeds", TODAY).name == "Leeds office"
        refused(lambda: operations.rename_calendar(actor=SYSTEM, code="leeds", name="", now=NOW))

    def test_deletes_only_what_nobody_ever_used(self, leeds):
        copy("york")
        operations.delete_calendar(actor=SYSTEM, code="york", now=NOW)
        end_post(leeds.local, date(2026, 7, 3))

        assert queries.find_calendar("york", TODAY) is None
        assert "is kept" in refused(lambda: operations.delete_calendar(actor=SYSTEM, code="leeds", now=NOW)).message


class TestList:
    def test_counts_the_people_who_use_each_today_or_later(self, leeds):
        post_of(calendar="leeds", starts_on=TODAY + timedelta(days=90))
        end_post(post_of(calendar="leeds"), TODAY - DAY)
        found, following = queries.list_calendars(TODAY)

        assert following is None
        counts = {each.code: each.people for each in found}
        assert list(counts) == ["england-and-wales", "scotland", "northern-ireland", "leeds"]
        assert (counts["leeds"], counts["scotland"]) == (2, 0)

    def test_goes_on_page_by_page_without_gap_or_overlap(self, app):
        for number in range(queries.PAGE * 2 + 1):
            CalendarFactory(code=f"place-{number:03}")
        seen, after = [], ""
        while after is not None:
            found, after = queries.list_calendars(TODAY, after)
            seen += [each.code for each in found if not each.national]

        assert seen == sorted(seen)
        assert len(set(seen)) == queries.PAGE * 2 + 1

    @pytest.mark.parametrize(
        ("last", "ends"), [(date(2027, 6, 30), True), (date(2027, 7, 1), False), (date(2026, 1, 1), True), (None, True)]
    )
    def test_warns_of_a_calendar_that_ends_within_a_year(self, app, last, ends):
        CalendarFactory(code="place")
        if last:
            CalendarDayFactory(calendar="place", day=last)
        assert queries.known_calendar("place", TODAY).ends_soon(TODAY) is ends
        assert queries.ending_calendars(TODAY) == []  # nobody uses it

        post_of(calendar="place")

        assert [each.code for each in queries.ending_calendars(TODAY)] == (["place"] if ends else [])

    def test_never_warns_of_a_national_one(self, app):
        post_of()
        far = datetime(2099, 1, 1, tzinfo=UTC).date()

        assert not queries.known_calendar("scotland", far).ends_soon(far)
        assert queries.ending_calendars(far) == []

    def test_looks_alike_to_whoever_may_not_and_for_what_is_not(self, leeds):
        who = actor(leeds.team.owner, NOW)
        assert queries.get_calendar("leeds", by=who, to=Permission.CALENDAR_READ, today=TODAY).code == "leeds"
        with pytest.raises(NotFound):
            queries.get_calendar("leeds", by=who, to=Permission.CALENDAR_WRITE, today=TODAY)
        with pytest.raises(NotFound):
            queries.get_calendar("atlantis", by=who, to=Permission.CALENDAR_READ, today=TODAY)
