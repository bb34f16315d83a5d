"""Closing a quarter, on both databases: what carries, what lapses, once, and what may still happen afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.allowance.ledgers import FULL_TIME, QUARTER, a_line, accrue, post, post_of
from tests.policy.policies import adopt
from tests.support.threads import at_once, errors_in
from tests.timesheets.weeks import Story
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine, Period
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.timesheets import jobs
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.standing import standing_of

LAST_DAY_OF_GRACE = datetime(2026, 10, 14, 12, tzinfo=UTC)
AFTER = datetime(2026, 10, 15, 12, tzinfo=UTC)
CAP = 2880  # half of 5,775, down to a quarter of an hour
WORDS = "The minister needs everybody on the bill that week, sorry"


def close(now=AFTER, quarter=QUARTER):
    return close_quarter(actor=SYSTEM, quarter=quarter, now=now)


def ledger(person, quarter=QUARTER):
    db.session.rollback()
    found = select(LedgerLine.kind, LedgerLine.minutes).where(
        LedgerLine.person_id == person.id, LedgerLine.quarter == quarter.code
    )
    return [(row.kind, row.minutes) for row in db.session.execute(found.order_by(LedgerLine.id))]


def left(person, quarter):
    db.session.rollback()
    return standing_of(person.id, [quarter]).balances[quarter].left


@pytest.fixture
def story(app) -> Story:
    return Story()


class TestCloseQuarter:
    def test_carries_half_of_what_was_earned_and_lets_the_rest_lapse(self, story):
        story.approved(story.entry(90))

        close()

        owner = story.team.owner
        unused = FULL_TIME - 90
        assert ledger(owner)[-2:] == [(LedgerKind.LAPSE, CAP - unused), (LedgerKind.CARRY_OUT, -CAP)]
        assert sum(minutes for _, minutes in ledger(owner)) == 0
        assert ledger(owner, QUARTER.next) == [(LedgerKind.CARRY_IN, CAP)]

    def test_uses_minutes_carried_in_before_those_earned_and_lets_them_die_after_one_quarter(self, story):
        accrue()
        close()

        close(now=datetime(2027, 2, 1, tzinfo=UTC), quarter=QUARTER.next)

        second = ledger(story.team.owner, QUARTER.next)
        assert second[0] == (LedgerKind.CARRY_IN, CAP)
        earned = sum(minutes for kind, minutes in second if kind is LedgerKind.ACCRUAL)
        cap = earned // 2 // 15 * 15
        assert second[-2:] == [(LedgerKind.LAPSE, cap - earned - CAP), (LedgerKind.CARRY_OUT, -cap)]

    @pytest.mark.parametrize(("start_month", "out"), [(1, CAP), (4, CAP), (7, CAP), (10, 0)])
    def test_carries_nothing_over_the_end_of_a_year_where_the_policy_keeps_it(self, story, start_month, out):
        year = {"carry_over_year_end": False, "fy_start_month": start_month}
        adopt(story.team.department, QUARTER.start, **year)
        accrue()

        close()

        assert sum(minutes for _, minutes in ledger(story.team.owner, QUARTER.next)) == out
        assert sum(minutes for _, minutes in ledger(story.team.owner)) == 0

    def test_happens_once(self, story):
        accrue()
        close()

        with pytest.raises(Conflict, match="closed already"):
            close()
        assert len(ledger(story.team.owner, QUARTER.next)) == 1

    def test_happens_once_however_many_try(self, app, story):
        accrue()

        ends = at_once(app, [close] * 4)

        assert len(errors_in(ends)) == 3
        assert all(isinstance(error, Conflict) for error in errors_in(ends))
        assert len(ledger(story.team.owner, QUARTER.next)) == 1

    def test_waits_for_the_days_of_grace(self, story):
        accrue()

        with pytest.raises(RuleBroken, match="after 14 October 2026"):
            close(now=LAST_DAY_OF_GRACE)
        assert db.session.scalar(select(func.count()).select_from(Period)) == 0

    def test_goes_in_order(self, story):
        accrue(QUARTER.previous)
        accrue()

        with pytest.raises(RuleBroken, match="Close Apr to Jun 2026 first"):
            close()

    def test_is_for_the_timetable_and_the_server_alone(self, story):
        with pytest.raises(NotFound):
            close_quarter(actor=story.manager, quarter=QUARTER, now=AFTER)

    def test_gives_a_leaver_nothing_to_carry(self, app):
        gone = post_of(ends_on=date(2026, 9, 30))
        accrue()

        close()

        assert ledger(gone)[-1][0] is LedgerKind.LAPSE
        assert sum(minutes for _, minutes in ledger(gone)) == 0
        assert ledger(gone, QUARTER.next) == []

    def test_leaves_nothing_for_the_next_accrual_to_change(self, story):
        accrue()
        close()
        before = ledger(story.team.owner)

        accrue()

        assert ledger(story.team.owner) == before

    def test_carries_minutes_sent_back_because_the_work_could_not_be_spared_above_the_cap(self, story):
        week = story.submitted(story.entry(300))
        decisions.return_week(
            actor=story.manager, week_id=week.id, version=week.version, ground="cover", reason=WORDS, now=AFTER
        )

        close()

        assert ledger(story.team.owner, QUARTER.next) == [(LedgerKind.CARRY_IN, CAP + 300)]

    def test_protects_no_minutes_that_were_simply_wrong(self, story):
        week = story.submitted(story.entry(300))
        decisions.return_week(
            actor=story.manager, week_id=week.id, version=week.version, ground="wrong_entry", reason=WORDS, now=AFTER
        )

        close()

        assert ledger(story.team.owner, QUARTER.next) == [(LedgerKind.CARRY_IN, CAP)]

    def test_protects_only_what_was_not_approved_after_all(self, story):
        week = story.submitted(story.entry(300))
        decisions.return_week(
            actor=story.manager, week_id=week.id, version=week.version, ground="service", reason=WORDS, now=AFTER
        )
        story.approved(story.entry(100))

        close()

        assert ledger(story.team.owner, QUARTER.next) == [(LedgerKind.CARRY_IN, CAP + 200)]


class TestClosedQuarter:
    def test_takes_no_line_from_anybody(self, story):
        accrue()
        close()
        late = a_line(story.team.owner, story.team.unit, LedgerKind.USE, -60)

        with pytest.raises(Conflict):
            post(late)

    def test_stays_settled_when_weeks_are_approved_at_the_same_moment(self, app, story):
        week = story.submitted(story.entry(300))

        def approve():
            decisions.approve_weeks(actor=story.manager, versions={week.id: week.version}, now=AFTER)

        ends = at_once(app, [approve, close])

        assert [error for error in errors_in(ends) if not isinstance(error, Conflict)] == []
        assert sum(minutes for _, minutes in ledger(story.team.owner)) == 0
        uses = db.session.scalars(select(LedgerLine).where(LedgerLine.kind == LedgerKind.USE)).all()
        assert len(uses) == 1 - len(errors_in(ends))


class TestAfterwards:
    def waiting(self, story):
        week = story.submitted(story.entry(300))
        close()
        return week

    def test_a_week_that_waited_has_carried_its_minutes_and_uses_them_when_approved(self, story):
        week = self.waiting(story)
        owner = story.team.owner
        assert ledger(owner, QUARTER.next) == [(LedgerKind.CARRY_IN, CAP + 300)]
        before = ledger(owner)

        decisions.approve_weeks(actor=story.manager, versions={week.id: week.version}, now=AFTER)

        assert ledger(owner) == before, "nothing is posted to a closed quarter"
        line = db.session.execute(select(LedgerLine).where(LedgerLine.kind == LedgerKind.USE)).scalar_one()
        assert (line.quarter, line.applies_to, line.minutes) == (QUARTER.next.code, QUARTER.code, -300)

    def test_what_waits_counts_against_the_quarter_it_will_use(self, story):
        self.waiting(story)

        waiting = standing_of(story.owner.id, [QUARTER, QUARTER.next]).waiting

        assert waiting == {QUARTER: 0, QUARTER.next: 300}

    def test_a_week_over_two_quarters_uses_the_open_one_once(self, story):
        monday = date(2026, 9, 28)
        later = datetime(2026, 10, 3, 12, tzinfo=UTC)
        entries = [story.entry(60, day=1, monday=monday), story.entry(90, day=3, monday=monday)]
        save_week(actor=story.owner, monday=monday, entries=entries, now=later)
        submit_week(actor=story.owner, monday=monday, now=later)
        week = story.week(monday)
        close()

        decisions.approve_weeks(actor=story.manager, versions={week.id: week.version}, now=AFTER)

        found = db.session.execute(select(LedgerLine).where(LedgerLine.kind == LedgerKind.USE)).scalars().all()
        assert [(each.quarter, each.applies_to, each.minutes) for each in found] == [
            (QUARTER.next.code, QUARTER.code, -150)
        ]

    def test_no_new_week_is_taken(self, story):
        story.saved(story.entry(60))
        accrue()
        close()

        with pytest.raises(RuleBroken, match="Jul to Sep 2026 is closed"):
            submit_week(actor=story.owner, monday=story.week().starts_on, now=AFTER)


class TestJobs:
    def test_close_what_is_past_its_grace_in_order_and_once(self, story):
        accrue(QUARTER.previous)
        accrue()

        due = list(jobs.due_closings(AFTER))

        assert due == [QUARTER.previous.code, QUARTER.code]
        for code in due:
            jobs.close(code, AFTER)
        assert list(jobs.due_closings(AFTER)) == []

    def test_close_nothing_in_its_grace_or_before_anything_was_posted(self, story):
        assert list(jobs.due_closings(AFTER)) == []
        accrue()
        assert list(jobs.due_closings(LAST_DAY_OF_GRACE)) == []

    def test_lock_twenty_working_days_later(self, story):
        accrue()
        close()
        assert jobs.due_locks(AFTER + timedelta(days=27)) == []

        month_later = AFTER + timedelta(days=28)
        assert jobs.due_locks(month_later) == [QUARTER.code]
        jobs.lock(QUARTER.code, month_later)

        assert jobs.due_locks(month_later) == []
