"""Setting and lifting blackouts: who may, how many days a year, and what is then on record."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.allowance.ledgers import end_post
from tests.allowance.scheme import EARLIEST, LONG_REASON, NOW, TODAY, Scheme, acting, limit, plan, set_blackout
from tests.factories.people import AssignmentFactory, PersonFactory, UnitFactory
from tests.support.contents import contents, counted
from tests.support.threads import at_once, errors_in
from tithe.access.permissions import Permission
from tithe.allowance.models import BlackoutPeriod
from tithe.allowance.operations import blackouts
from tithe.allowance.queries import blackouts as queries
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.blackouts import Year
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import SchemeYear
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.people.rules.grades import Grade

DAY = timedelta(days=1)
FOUR_WEEKS = (date(2026, 10, 5), date(2026, 10, 30))  # twenty working days


@pytest.fixture
def scheme(app) -> Scheme:
    return Scheme()


def stored():
    db.session.rollback()
    return list(db.session.scalars(select(BlackoutPeriod).order_by(BlackoutPeriod.id)))


def refusal(scheme, unit, asked, by=None):
    """The words with which a plan is refused; nothing is written."""
    before = contents()
    with pytest.raises(RuleBroken) as refused:
        set_blackout(by or scheme.hr, unit, asked)
    assert contents() == before
    return refused.value


def lift(person, blackout_id, now=NOW):
    blackouts.lift_blackout(actor=acting(person, now), blackout_id=blackout_id, now=now)


def of_grade(grade, unit):
    """Somebody of a grade who works in a unit."""
    person = PersonFactory()
    AssignmentFactory(person=None, unit=None, person_id=person.id, unit_id=unit.id, grade=grade)
    return person


class TestSetting:
    def test_keeps_what_was_asked_and_by_whom(self, scheme):
        blackout_id = set_blackout(scheme.hr, scheme.unit, plan(EARLIEST, EARLIEST + 4 * DAY))

        [blackout] = stored()
        assert (blackout.id, blackout.unit_id, blackout.set_by) == (blackout_id, scheme.unit.id, scheme.hr.id)
        assert (blackout.starts_on, blackout.last_day) == (EARLIEST, EARLIEST + 4 * DAY)
        assert (blackout.emergency, blackout.set_at, blackout.lifted_at) == (False, NOW, None)

    def test_closes_the_days_of_everybody_in_the_unit_and_below(self, scheme):
        set_blackout(scheme.hr, scheme.department, plan())

        schedule = schedule_of(scheme.team.owner.id, EARLIEST, EARLIEST + 2 * DAY)
        assert schedule.on(EARLIEST).scheduled == 0
        assert schedule.on(EARLIEST + DAY).scheduled == 444
        assert schedule.entitlement.minutes == 180  # accrual goes on

    @pytest.mark.parametrize(("emergency", "verb"), [(False, "blackout:set"), (True, "blackout:set-emergency")])
    def test_is_logged_apart_when_it_is_an_emergency(self, scheme, emergency, verb):
        starts_on = TODAY if emergency else EARLIEST

        blackout_id = set_blackout(scheme.hr, scheme.unit, plan(starts_on, reason=LONG_REASON, emergency=emergency))

        db.session.rollback()
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "blackout")).one()
        assert (event.verb, event.subject_id, event.actor_id) == (verb, blackout_id, scheme.hr.id)
        assert LONG_REASON not in str(event.details)

    def test_follows_the_notice_of_the_unit(self, scheme):
        limit(scheme.unit, blackout_notice_wd=5)

        set_blackout(scheme.hr, scheme.unit, plan(date(2026, 8, 14)))
        assert refusal(scheme, scheme.department, plan(date(2026, 8, 14))).field == "starts_on"


class TestRights:
    def test_are_of_a_deputy_director_for_their_unit_and_all_below(self, scheme):
        for unit in (scheme.department, scheme.unit):
            set_blackout(scheme.senior, unit, plan())
        assert refusal(scheme, scheme.elsewhere, plan(), by=scheme.senior).field == "unit"

    @pytest.mark.parametrize("grade", [Grade.G6, None])
    def test_are_of_nobody_below_that_grade(self, scheme, grade):
        assert refusal(scheme, scheme.unit, plan(), by=of_grade(grade, scheme.unit)).field == "unit"

    def test_are_not_of_a_deputy_director_of_a_unit_below(self, scheme):
        director = of_grade(Grade.SCS2, scheme.unit)

        set_blackout(director, scheme.unit, plan())
        assert refusal(scheme, scheme.department, plan(), by=director).field == "unit"

    @pytest.mark.parametrize("who", ["manager", "owner", "hr"])  # a line manager, their staff, an analyst
    def test_are_not_of_others(self, scheme, who):
        words = refusal(scheme, scheme.unit, plan(), by=getattr(scheme.team, who)).message
        assert words == refusal(scheme, UnitFactory.build(code="NO-SUCH"), plan()).message

    def test_follow_the_grade_of_the_newest_post(self, scheme):
        promoted = of_grade(Grade.G6, scheme.unit)
        end_post(promoted, TODAY - DAY)
        AssignmentFactory(
            person=None, unit=None, person_id=promoted.id, unit_id=scheme.unit.id, grade=Grade.SCS1, starts_on=TODAY
        )

        assert acting(promoted).senior
        assert not acting(promoted, NOW - DAY).senior


class TestLimit:
    def test_counts_what_comes_from_above(self, scheme):
        scheme.black_out(scheme.department, *FOUR_WEEKS)
        scheme.black_out(scheme.unit, date(2026, 11, 2), date(2026, 11, 27))

        refused = refusal(scheme, scheme.unit, plan(date(2026, 12, 1)))

        assert refused.field == "last_day"
        assert refused.message == (
            "Team would have 41 working days of blackout in 2026-27, and 40 are the most. Choose fewer days"
        )

    def test_lets_a_unit_have_exactly_its_limit(self, scheme):
        scheme.black_out(scheme.department, *FOUR_WEEKS)

        set_blackout(scheme.hr, scheme.unit, plan(date(2026, 11, 2), date(2026, 11, 27)))

        assert len(stored()) == 2

    def test_holds_for_the_units_below(self, scheme):
        deep = UnitFactory(code="DEEP", name="Deep unit", parent_id=scheme.unit.id)
        scheme.black_out(deep, *FOUR_WEEKS)
        scheme.black_out(scheme.unit, date(2026, 11, 2), date(2026, 11, 27))

        assert "Deep unit would have 41" in refusal(scheme, scheme.department, plan(date(2026, 12, 1))).message

    def test_may_be_lower_in_a_unit_below(self, scheme):
        limit(scheme.unit, blackout_max_wd=2)

        refused = refusal(scheme, scheme.department, plan(date(2026, 9, 7), date(2026, 9, 9)))

        assert refused.message.startswith("Team would have 3 working days of blackout in 2026-27, and 2 are the most")

    def test_counts_overlapping_days_once(self, scheme):
        scheme.black_out(scheme.department, *FOUR_WEEKS)
        scheme.black_out(scheme.unit, *FOUR_WEEKS)

        set_blackout(scheme.hr, scheme.unit, plan(date(2026, 10, 26), date(2026, 11, 27)))

    @pytest.mark.parametrize(
        ("start_month", "before", "name", "after"),
        [
            (4, date(2027, 3, 31), "2026-27", date(2027, 4, 1)),
            (1, date(2026, 12, 31), "2026", date(2027, 1, 4)),
            (7, date(2027, 6, 30), "2026-27", date(2027, 7, 1)),
            (10, date(2027, 9, 30), "FY2027", date(2027, 10, 1)),
        ],
    )
    def test_is_of_each_year_by_the_policy_of_the_unit(self, scheme, start_month, before, name, after):
        limit(scheme.unit, fy_start_month=start_month)
        scheme.black_out(scheme.unit, date(2026, 10, 1), date(2026, 11, 25))  # forty working days

        assert f"in {name}, " in refusal(scheme, scheme.unit, plan(before, after)).message
        set_blackout(scheme.hr, scheme.unit, plan(after))

    def test_does_not_count_what_was_lifted_before_it_began(self, scheme):
        scheme.black_out(scheme.unit, *FOUR_WEEKS, lifted_at=NOW)
        scheme.black_out(scheme.unit, date(2026, 11, 2), date(2026, 11, 27))

        set_blackout(scheme.hr, scheme.unit, plan(date(2026, 12, 1), date(2026, 12, 24)))

    def test_holds_for_emergencies_too(self, scheme):
        limit(scheme.unit, blackout_max_wd=1)
        set_blackout(scheme.hr, scheme.unit, plan(TODAY, emergency=True, reason=LONG_REASON))

        asked = plan(TODAY + 3 * DAY, emergency=True, reason=LONG_REASON)
        assert refusal(scheme, scheme.unit, asked).field == "last_day"

    def test_holds_when_two_set_blackouts_at_the_same_moment(self, app, scheme):
        limit(scheme.unit, blackout_max_wd=5)
        actors = [acting(scheme.hr), acting(scheme.second)]
        weeks = [plan(date(2026, 10, day), date(2026, 10, day + 4)) for day in (5, 12)]

        def ask(actor, week):
            return lambda: blackouts.set_blackout(actor=actor, unit=scheme.unit.code, plan=week, now=NOW)

        results = at_once(app, [ask(*each) for each in zip(actors, weeks, strict=True)])

        [error] = errors_in(results)
        assert isinstance(error, RuleBroken)
        assert len(stored()) == 1

    def test_takes_as_many_statements_however_many_units_and_blackouts_there_are(self, scheme):
        def ask():
            actor = acting(scheme.hr)
            return counted(
                lambda: blackouts.rehearse_blackout(actor=actor, unit=scheme.department.code, plan=plan(), today=TODAY)
            )

        few = ask()
        for _ in range(10):
            scheme.black_out(UnitFactory(parent_id=scheme.unit.id), EARLIEST, EARLIEST)

        assert ask() == few <= 6


class TestRehearsal:
    def test_says_what_would_happen_and_writes_nothing(self, scheme):
        scheme.black_out(scheme.department, date(2026, 9, 10), date(2026, 9, 15))
        before = contents()

        effect = blackouts.rehearse_blackout(
            actor=acting(scheme.hr), unit=scheme.unit.code, plan=plan(EARLIEST, EARLIEST + 4 * DAY), today=TODAY
        )

        assert contents() == before
        assert (effect.working_days, effect.notice, effect.needed) == (5, 20, 20)
        assert (effect.reach.units, effect.reach.people) == (1, 3)
        assert effect.years == (Year(SchemeYear(2026), 4, 7, 40),)


class TestLifting:
    def test_takes_away_one_that_has_not_begun(self, scheme):
        blackout_id = set_blackout(scheme.hr, scheme.unit, plan())

        lift(scheme.second, blackout_id)

        assert stored()[0].lifted_at == NOW
        assert schedule_of(scheme.team.owner.id, EARLIEST, EARLIEST + DAY).on(EARLIEST).scheduled == 444

    def test_ends_one_under_way_today(self, scheme):
        blackout = scheme.black_out(scheme.unit, TODAY - DAY, TODAY + 6 * DAY)

        lift(scheme.hr, blackout.id)

        [after] = stored()
        assert (after.starts_on, after.last_day, after.lifted_at) == (TODAY - DAY, TODAY, None)

    @pytest.mark.parametrize("ended", [0, 1])
    def test_refuses_what_is_over_or_ends_today(self, scheme, ended):
        blackout = scheme.black_out(scheme.unit, TODAY - 5 * DAY, TODAY - ended * DAY)

        with pytest.raises(Conflict):
            lift(scheme.hr, blackout.id)

    def test_refuses_a_second_time(self, scheme):
        blackout = scheme.black_out(scheme.unit, *FOUR_WEEKS)
        lift(scheme.hr, blackout.id)
        before = contents()

        with pytest.raises(Conflict, match="nothing left to lift"):
            lift(scheme.hr, blackout.id, NOW + timedelta(minutes=1))
        assert contents() == before

    @pytest.mark.parametrize("who", ["stranger", "owner"])
    def test_is_not_for_others_who_cannot_tell_it_from_one_that_is_absent(self, scheme, who):
        blackout = scheme.black_out(scheme.unit, *FOUR_WEEKS)
        person = scheme.stranger if who == "stranger" else scheme.team.owner

        words = set()
        for number in (blackout.id, blackout.id + 1000, 2**40):
            with pytest.raises(NotFound) as refused:
                lift(person, number)
            words.add(refused.value.message)
        assert len(words) == 1

    def test_is_recorded_with_the_day_it_would_have_ended(self, scheme):
        blackout = scheme.black_out(scheme.unit, TODAY - DAY, TODAY + 6 * DAY)
        lift(scheme.hr, blackout.id)

        db.session.rollback()
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "blackout:lift")).one()
        assert (event.subject_id, json.loads(event.details)["until"]) == (blackout.id, str(TODAY + 6 * DAY))


class TestListing:
    def test_has_those_of_the_unit_above_and_below_and_no_others(self, scheme):
        own = scheme.black_out(scheme.unit, *FOUR_WEEKS)
        above = scheme.black_out(scheme.department, *FOUR_WEEKS)
        below = scheme.black_out(UnitFactory(parent_id=scheme.unit.id), *FOUR_WEEKS)
        scheme.black_out(UnitFactory(parent_id=scheme.department.id), *FOUR_WEEKS)
        scheme.black_out(scheme.elsewhere, *FOUR_WEEKS)

        rows, following = queries.list_blackouts(scheme.unit.id)

        assert ({row.id for row in rows}, following) == ({own.id, above.id, below.id}, None)

    def test_follows_to_the_end_without_gap_or_overlap(self, scheme, monkeypatch):
        monkeypatch.setattr(queries, "PAGE", 3)
        for number in range(8):
            first = datetime(2026, 10, 5 + number // 3, tzinfo=UTC).date()
            scheme.black_out(scheme.unit, first, first)
        seen, after = [], None
        while True:
            rows, after = queries.list_blackouts(scheme.unit.id, after=after)
            seen += [row.id for row in rows]
            if after is None:
                break

        assert len(seen) == len(set(seen)) == 8

    def test_of_one_needs_no_more_than_reading(self, scheme):
        blackout = scheme.black_out(scheme.unit, *FOUR_WEEKS)

        row = queries.get_blackout(blackout.id, by=acting(scheme.team.owner), to=Permission.BLACKOUT_READ)

        assert (row.unit_code, row.set_by) == (scheme.unit.code, scheme.hr.name)
