"""A week over two quarters: from which of them its time is taken, by the policy of its Monday. On both databases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.allowance.ledgers import accrue
from tests.factories.absences import AbsenceFactory
from tests.policy.policies import adopt
from tests.timesheets.weeks import NOW, STRADDLING, Story, approve, send_back
from tithe.access.actor import SYSTEM
from tithe.allowance.models import LedgerLine, PersonQuarter, Protection
from tithe.allowance.operations.closing import lock_quarter
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken, RulesBroken
from tithe.reports.queries import utilisation_of_all
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.plans import rehearse_plan
from tithe.timesheets.operations.weeks import submit_week
from tithe.timesheets.queries.fixes import logged_while_away
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.queries.room import room_in, waiting_between
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.rules.plans import PlanShape, Wish

Q1, Q2 = Quarter(2026, 1), Quarter(2026, 2)
TUESDAY, THURSDAY = STRADDLING + timedelta(days=1), STRADDLING + timedelta(days=3)
SPLIT = {Q1.code: 90, Q2.code: 60}
WHERE = [("by_day", SPLIT), ("thursday", {Q2.code: 150}), ("commencing", {Q1.code: 150})]
BOTH = pytest.mark.parametrize(("assign", "expected"), WHERE)
WHY = "The second of July was on the wrong project, and it was longer than that"
AFTER = datetime(2026, 7, 15, 12, tzinfo=UTC)  # the first day on which Apr to Jun may be closed


@pytest.fixture
def story(app) -> Story:
    return Story()


def counts(story: Story, assign: str, starts_on: date = STRADDLING) -> None:
    adopt(story.team.unit, starts_on, week_assign=assign)


def tuesday_and_thursday(story: Story):
    return story.entry(90, day=1, monday=STRADDLING), story.entry(60, day=3, monday=STRADDLING)


def used() -> dict[str, int]:
    """What the ledger says was used, by quarter; the stored totals say the same."""
    db.session.rollback()
    spent: Counter[str] = Counter()
    for line in db.session.scalars(select(LedgerLine).where(LedgerLine.source == "week")):
        spent[line.quarter] -= line.minutes
    stored: Counter[str] = Counter()
    for row in db.session.scalars(select(PersonQuarter)):
        stored[row.quarter] += row.used
    assert +stored == +spent
    return dict(+spent)


class TestApproving:
    @BOTH
    def test_takes_the_time_from_the_quarter_of_the_policy(self, story, assign, expected):
        counts(story, assign)

        story.approved(*tuesday_and_thursday(story), monday=STRADDLING)

        assert used() == expected
        reported = {each.code: utilisation_of_all(each)[0].used_minutes for each in (Q1, Q2)}
        assert +Counter(reported) == expected, "the report counts it there too"

    def test_goes_by_the_version_of_the_monday(self, story):
        counts(story, "commencing")
        counts(story, "thursday", TUESDAY)

        story.approved(*tuesday_and_thursday(story), monday=STRADDLING)

        assert used() == {Q1.code: 150}

    def test_stays_where_it_was_submitted_when_the_policy_changes(self, story):
        week = story.submitted(*tuesday_and_thursday(story), monday=STRADDLING)
        counts(story, "thursday")

        approve(story.manager, week)

        assert used() == SPLIT

    @BOTH
    def test_of_an_amendment_stays_where_the_week_was(self, story, assign, expected):
        counts(story, assign, STRADDLING - timedelta(days=7))
        week = story.approved(*tuesday_and_thursday(story), monday=STRADDLING)
        counts(story, next(each for each, _ in reversed(WHERE) if each != assign))
        amend_week(actor=story.owner, week_id=week.id, reason=WHY, now=NOW)

        story.approved(story.entry(30, day=1, monday=STRADDLING), monday=STRADDLING)

        assert used() == {Q1.code if Q1.code in expected else Q2.code: 30}
        back = select(LedgerLine.quarter, LedgerLine.minutes).where(LedgerLine.kind == LedgerKind.REVERSAL)
        assert dict(map(tuple, db.session.execute(back))) == expected, "given back where it was taken"

    @BOTH
    def test_protects_there_what_was_returned_because_it_could_not_be_spared(self, story, assign, expected):
        counts(story, assign)
        week = story.submitted(*tuesday_and_thursday(story), monday=STRADDLING)

        send_back(story.manager, week, ground="cover")

        found = select(Protection.quarter, Protection.minutes)
        assert dict(map(tuple, db.session.execute(found))) == expected


class TestWaiting:
    @BOTH
    def test_is_of_the_quarter_of_the_policy(self, story, assign, expected):
        counts(story, assign)
        story.submitted(*tuesday_and_thursday(story), monday=STRADDLING)

        waiting = standing_of(story.owner.id, [Q1, Q2]).waiting
        at_close = {each.code: waiting_between(each, 1, 10**6).get(story.owner.id, 0) for each in (Q1, Q2)}

        assert +Counter({each.code: minutes for each, minutes in waiting.items()}) == expected
        assert +Counter(at_close) == expected, "closing protects it there"
        assert +Counter(
            {each.code: minutes for each, minutes in room_in(story.week(STRADDLING), NOW.date()).own.items()}
        ) == (expected)

    @pytest.mark.parametrize(
        ("assign", "words", "counts_on", "quarter"),
        [
            ("by_day", "", None, Q1),
            ("thursday", "Jul to Sep 2026", "2026-07-02", Q2),
            ("commencing", "Apr to Jun 2026", "2026-06-29", Q1),
        ],
    )
    def test_is_said_to_its_owner_and_shown_to_its_decider(self, client, api, story, assign, words, counts_on, quarter):
        counts(story, assign)
        story.submitted(*tuesday_and_thursday(story), monday=STRADDLING)

        page = client.sign_in(story.team.owner).get(f"/weeks/{STRADDLING}")
        told = api.as_(story.team.owner).get(f"/weeks/{STRADDLING}").json
        (waiting,), _ = weeks_awaiting(story.manager)

        assert ("All the time of this week counts in" in page.text) is bool(words)
        assert f"All the time of this week counts in {words}." in page.text or not words
        assert (told["counts_on"], waiting.quarter) == (counts_on, quarter)

    @pytest.mark.parametrize(("assign", "short"), [("thursday", Q2), ("commencing", Q1)])
    def test_is_bounded_by_the_balance_of_that_quarter_alone(self, story, assign, short):
        adopt(story.team.unit, Q1.start, week_assign=assign, rate_bp=2000 if short is Q2 else 0)
        adopt(story.team.unit, Q2.start, week_assign=assign, rate_bp=0 if short is Q2 else 2000)
        for quarter in (Q1, Q2):
            accrue(quarter)
        story.saved(*tuesday_and_thursday(story), monday=STRADDLING)

        with pytest.raises(RulesBroken) as refusal:
            submit_week(actor=story.owner, monday=STRADDLING, now=NOW)

        (problem,) = refusal.value.problems
        assert problem.message.startswith(f"You have 0m left in {short.label} and this week asks for 2h 30m")


class TestClosing:
    def close(self, story: Story) -> None:
        accrue(Q1)
        close_quarter(actor=SYSTEM, quarter=Q1, now=AFTER)

    def test_leaves_open_a_week_that_counts_in_the_next_quarter(self, story):
        counts(story, "thursday")
        self.close(story)

        week = story.approved(*tuesday_and_thursday(story), monday=STRADDLING)

        assert used() == {Q2.code: 150}
        amend_week(actor=story.owner, week_id=week.id, reason=WHY, now=NOW)

    def test_closes_all_of_a_week_that_counts_in_it(self, story):
        counts(story, "commencing")
        self.close(story)

        with pytest.raises(RulesBroken, match="Apr to Jun 2026 is closed") as refusal:
            story.submitted(*tuesday_and_thursday(story), monday=STRADDLING)
        assert [each.field for each in refusal.value.problems] == ["entries.0", "entries.1"]

    def test_lets_only_the_decider_reopen_a_week_that_counts_in_it(self, story):
        counts(story, "commencing")
        week = story.approved(story.entry(60, day=3, monday=STRADDLING), monday=STRADDLING)
        self.close(story)

        with pytest.raises(RuleBroken, match="Apr to Jun 2026 is closed"):
            amend_week(actor=story.owner, week_id=week.id, reason=WHY, now=NOW)
        amend_week(actor=story.manager, week_id=week.id, reason=WHY, now=NOW)

    @pytest.mark.parametrize(
        ("assign", "asked"), [("by_day", [THURSDAY]), ("thursday", [TUESDAY, THURSDAY]), ("commencing", [])]
    )
    def test_leaves_alone_what_nobody_can_put_right_once_it_is_locked(self, story, assign, asked):
        counts(story, assign)
        story.approved(*tuesday_and_thursday(story), monday=STRADDLING)
        self.close(story)
        lock_quarter(actor=SYSTEM, quarter=Q1, now=AFTER)
        for day in (TUESDAY, THURSDAY):
            AbsenceFactory(person_id=story.owner.id, day=day)

        assert sorted(each.day for each in logged_while_away()) == asked


class TestPlanning:
    @pytest.mark.parametrize(("assign", "quarters"), [("by_day", [Q1, Q2]), ("thursday", [Q2]), ("commencing", [Q1])])
    def test_draws_on_the_quarter_of_the_policy(self, story, assign, quarters):
        counts(story, assign, date(2026, 6, 1))
        for quarter in (Q1, Q2):
            accrue(quarter)
        days = frozenset({TUESDAY.weekday(), THURSDAY.weekday()})
        wish = Wish(PlanShape.RHYTHM, str(story.project.id), TUESDAY, THURSDAY, 60, weekdays=days)

        found = rehearse_plan(actor=story.owner, wish=wish, today=date(2026, 6, 22))

        assert [quarter for quarter, *_ in found.quarters] == quarters
        assert sum(before - after for _, _, before, after in found.quarters) == 120
