"""Approving and returning weeks, on both databases."""

from __future__ import annotations

import threading
from contextvars import Context
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.factories.people import RoleGrantFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import contents, counted
from tests.timesheets.weeks import MONDAY, NOW, REASON, STRADDLING, Story, actor, approve, send_back
from tithe.access.grants import permits
from tithe.access.permissions import Permission, Role
from tithe.allowance.models import LedgerLine, PersonQuarter
from tithe.allowance.queries import balances as allowance
from tithe.audit import queries as audit
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken, TitheError
from tithe.notices.models import Notice
from tithe.timesheets.models import Decision, TimeEntry, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.weeks import recall_week, save_week
from tithe.timesheets.queries.inbox import count_awaiting, weeks_awaiting
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.queries.weeks import last_decision
from tithe.timesheets.rules.deciding import Outcome, ReturnGround
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekStatus

Q1, Q2 = Quarter.parse("2026-27Q1"), Quarter.parse("2026-27Q2")


@pytest.fixture
def story(app) -> Story:
    return Story()


def mondays(count: int) -> list[date]:
    return [MONDAY - timedelta(weeks=number) for number in range(count)]


def use_lines() -> list[tuple[str, int, int, int]]:
    found = select(LedgerLine.quarter, LedgerLine.minutes, LedgerLine.source_id, LedgerLine.source_version)
    return [tuple(row) for row in db.session.execute(found.order_by(LedgerLine.quarter, LedgerLine.id))]


class TestApproveWeeks:
    def test_counts_the_minutes_and_tells_the_owner(self, story):
        week = story.approved(story.entry(90))

        assert (week.status, week.version, week.decided_at) == (WeekStatus.APPROVED, 3, NOW)
        assert standing_of(story.owner.id, [Q2]).balances[Q2].used == 90
        assert use_lines() == [("2026-27Q2", -90, week.id, 2)]
        told = db.session.scalars(select(Notice).where(Notice.event == "week-approved")).one()
        assert (told.person_id, told.path) == (story.owner.id, f"/weeks/{MONDAY}")

    def test_keeps_exactly_what_was_shown(self, story):
        week = story.submitted(story.entry(90, note="Read fifty letters"), story.entry(30, day=1))

        approve(story.manager, week)

        decision = db.session.scalars(select(Decision)).one()
        assert (decision.outcome, decision.version, decision.total_minutes) == (Outcome.APPROVED, week.version, 120)
        assert decision.decided_by == story.manager.id
        assert decision.digest == week.digest
        shown = [[str(entry.day), entry.project_id, entry.minutes, entry.note] for entry in week.entries]
        assert decision.entries == shown
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "week:approve")).one()
        assert (event.actor_id, event.subject_id) == (story.manager.id, week.id)
        assert week.digest in event.details
        assert "Read fifty letters" not in event.details
        assert audit.first_broken_link() is None

    def test_splits_a_straddling_week_between_its_quarters_by_day(self, story):
        entries = [story.entry(40 + day, day=day, monday=STRADDLING) for day in range(5)]

        week = story.approved(*entries, monday=STRADDLING)

        assert use_lines() == [("2026-27Q1", -81, week.id, 2), ("2026-27Q2", -129, week.id, 2)]
        found = standing_of(story.owner.id, [Q1, Q2]).balances
        assert (found[Q1].used, found[Q2].used) == (81, 129)

    def test_takes_many_at_once(self, story):
        weeks = [story.submitted(monday=monday) for monday in mondays(4)]

        approve(story.manager, *weeks)

        assert set(db.session.scalars(select(Week.status))) == {WeekStatus.APPROVED}
        assert db.session.query(Decision).count() == 4
        assert allowance.drift(Q1) == allowance.drift(Q2) == []

    @pytest.mark.parametrize("spoiled", ["version", "absent", "recalled", "decided", "other"])
    def test_takes_all_or_none(self, story, spoiled):
        weeks = [story.submitted(monday=monday) for monday in mondays(3)]
        versions = {week.id: week.version for week in weeks}
        if spoiled == "version":
            versions[weeks[1].id] += 1
        elif spoiled == "absent":
            versions[weeks[2].id + 999] = 1
        elif spoiled == "recalled":
            recall_week(actor=story.owner, monday=weeks[1].starts_on, now=NOW)
        elif spoiled == "decided":
            approve(story.manager, weeks[1])
        else:
            project = ProjectFactory(owner_id=story.manager.id, owner=None)
            other = story.submitted(Entry(MONDAY, project.id, 60), by=story.manager)
            versions[other.id] = other.version
        before = contents()

        with pytest.raises((Conflict, NotFound)):
            decisions.approve_weeks(actor=story.manager, versions=versions, now=NOW)

        assert contents() == before

    @pytest.mark.parametrize("versions", [{}, dict.fromkeys(range(1, 502), 1)])
    def test_takes_from_one_to_five_hundred(self, story, versions):
        with pytest.raises(RuleBroken, match="Choose from 1 to 500 weeks"):
            decisions.approve_weeks(actor=story.manager, versions=versions, now=NOW)

    def test_refuses_a_second_time(self, story):
        week = story.submitted()
        approve(story.manager, week)
        before = contents()

        for stale in (week, replace(week, version=week.version + 1)):
            with pytest.raises(Conflict, match="Nothing was decided"):
                approve(story.manager, stale)

        assert contents() == before

    def test_refuses_a_week_that_came_back_changed_since_it_was_shown(self, story):
        shown = story.submitted(story.entry(90))
        recall_week(actor=story.owner, monday=MONDAY, now=NOW)
        story.submitted(story.entry(400))

        with pytest.raises(Conflict):
            approve(story.manager, shown)

        assert story.week().status is WeekStatus.SUBMITTED

    @pytest.mark.parametrize("who", ["owner", "colleague", "director", "hr"])
    def test_is_for_the_approver_alone(self, story, who):
        week, before = story.submitted(), contents()

        for attempt in (approve, send_back):
            with pytest.raises(NotFound):
                attempt(actor(getattr(story.team, who)), week)

        assert contents() == before

    def test_leaves_every_other_week_as_it_was(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.colleague.id)
        colleague = actor(story.team.colleague)
        chosen, *_ = [story.submitted(monday=monday) for monday in mondays(2)]
        story.approved(monday=mondays(3)[2])
        for monday in mondays(2):
            story.submitted(monday=monday, by=colleague)
        before = contents()

        approve(story.manager, chosen)

        after = contents()
        gone = {table: set(map(repr, rows)) - set(map(repr, after[table])) for table, rows in before.items()}
        assert {table: len(rows) for table, rows in gone.items() if rows} == {
            "week": 1,
            "person_quarter": 1,
        }
        assert str(chosen.id) in next(iter(gone["week"]))
        new = {table: len(rows) - len(before[table]) for table, rows in after.items()}
        assert {table: count for table, count in new.items() if count} == {
            "decision": 1,
            "ledger_line": 1,
            "notice": 1,
            "audit_event": 1,
        }

    def test_counts_in_the_unit_of_that_week_and_marks_who_moved(self, story):
        story.approved(monday=MONDAY - timedelta(weeks=1))
        week = story.submitted()
        db.session.execute(update(Week).where(Week.id == week.id).values(unit_id=story.team.department.id))
        db.session.commit()

        approve(story.manager, week)

        rows = db.session.execute(select(PersonQuarter.unit_id, PersonQuarter.used, PersonQuarter.split)).all()
        assert {tuple(row) for row in rows} == {
            (story.team.unit.id, 90, True),
            (story.team.department.id, 90, True),
        }

    def test_takes_nine_statements_at_most_however_many_weeks(self, story):
        counts = []
        for size in (5, 50):
            weeks = [story.submitted(story.entry(15, day=1, monday=monday), monday=monday) for monday in mondays(size)]
            counts.append(counted(lambda weeks=weeks: approve(story.manager, *weeks)))
            for table in (Decision, LedgerLine, PersonQuarter, Notice, TimeEntry, Week):
                db.session.query(table).delete()
            db.session.commit()

        assert counts[0] == counts[1] <= 9


class TestReturnWeek:
    @pytest.mark.parametrize("ground", ReturnGround)
    def test_gives_the_week_back_with_ground_and_words(self, story, ground):
        send_back(story.manager, story.submitted(), ground=ground)

        week = story.week()
        assert (week.status, week.version, week.decided_at) == (WeekStatus.RETURNED, 3, NOW)
        decision = last_decision(week.id)
        assert (decision.outcome, decision.ground, decision.reason) == (Outcome.RETURNED, ground, REASON)
        assert decision.decided_by == "Max Manager"
        told = db.session.scalars(select(Notice).where(Notice.event == "week-returned")).one()
        assert REASON in told.body
        assert use_lines() == []

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"ground": None}, ["ground"]),
            ({"ground": "dislike"}, ["ground"]),
            ({"reason": "w" * 39}, ["reason"]),
            ({"reason": " " * 60}, ["reason"]),
            ({"ground": "", "reason": ""}, ["ground", "reason"]),
        ],
    )
    def test_needs_a_ground_and_forty_characters(self, story, changes, fields):
        week, before = story.submitted(), contents()

        with pytest.raises(RulesBroken) as refusal:
            send_back(story.manager, week, **changes)

        assert [problem.field for problem in refusal.value.problems] == fields
        assert contents() == before

    def test_refuses_a_version_that_has_moved_on(self, story):
        week = story.submitted()
        with pytest.raises(Conflict):
            send_back(story.manager, week, version=week.version + 1)

    def test_keeps_the_words_out_of_the_audit(self, story):
        send_back(story.manager, story.submitted())

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "week:return")).one()
        assert '"ground":"wrong_entry"' in event.details
        assert REASON not in event.details

    def test_can_be_followed_by_an_approval_of_the_next_version(self, story):
        send_back(story.manager, story.submitted())
        approve(story.manager, story.submitted(story.entry(60)))

        kept = db.session.execute(select(Decision.version, Decision.outcome).order_by(Decision.version)).all()
        assert [tuple(row) for row in kept] == [(2, Outcome.RETURNED), (5, Outcome.APPROVED)]
        assert standing_of(story.owner.id, [Q2]).balances[Q2].used == 60


class TestOwnWeek:
    """Nobody decides their own, whatever the layer they try it at."""

    def test_is_refused_by_the_grants(self, story):
        week = replace(story.submitted(), approver_id=story.owner.id)
        assert not permits(story.owner, Permission.WEEK_DECIDE, week)

    def test_is_refused_to_hr_in_their_own_queue(self, story):
        RoleGrantFactory(person_id=story.team.director.id, unit_id=story.team.department.id, role=Role.HR_MANAGER)
        director = actor(story.team.director)
        project = ProjectFactory(owner_id=director.id, owner=None)
        week = story.submitted(Entry(MONDAY, project.id, 60), by=director)
        assert week.approver_id is None
        before = contents()

        assert weeks_awaiting(director)[0] == []
        assert count_awaiting(director) == 0
        for attempt in (approve, send_back):
            with pytest.raises(NotFound):
                attempt(director, week)
        assert contents() == before

    def test_is_refused_by_the_database(self, story):
        story.submitted()
        with pytest.raises(IntegrityError, match="nobody_approves_their_own"):
            db.session.execute(update(Week).values(approver_id=story.owner.id))
        db.session.rollback()

    def test_is_refused_even_when_it_was_named_among_others(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.manager.id)
        project = ProjectFactory(owner_id=story.manager.id, owner=None)
        own = story.submitted(Entry(MONDAY, project.id, 60), by=story.manager)
        with pytest.raises(NotFound):
            approve(story.manager, own)


class TestFellowMember:
    def test_does_not_decide_even_if_they_joined_after_it_was_submitted(self, story):
        week = story.submitted()
        MemberFactory(project_id=story.project.id, person_id=story.team.manager.id, joined_on=MONDAY)
        with pytest.raises(TitheError):
            approve(story.manager, week)


class TestTwoAtOnce:
    """Two people press the button in the same instant: one succeeds, one is told, the minutes count once."""

    ROUNDS = 20

    def race(self, app: Any, *calls: Any) -> list[str]:
        barrier, results = threading.Barrier(len(calls)), []

        def run(call: Any) -> None:
            with app.app_context():
                barrier.wait()
                try:
                    call()
                    results.append("done")
                except TitheError as refusal:
                    results.append(refusal.kind)
                finally:
                    db.session.remove()

        db.session.rollback()
        threads = [threading.Thread(target=Context().run, args=(run, call)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(results)

    def test_approve_the_same_week(self, app, story):
        for monday in mondays(self.ROUNDS):
            week = story.submitted(monday=monday)

            results = self.race(app, *[lambda week=week: approve(story.manager, week)] * 2)

            assert results == ["Conflict", "done"]
            assert [line for line in use_lines() if line[2] == week.id] == [(line_quarter(monday), -90, week.id, 2)]
        assert db.session.query(Decision).count() == self.ROUNDS
        assert audit.first_broken_link() is None

    def test_approve_and_return(self, app, story):
        for monday in mondays(self.ROUNDS):
            week = story.submitted(monday=monday)

            results = self.race(
                app,
                lambda week=week: approve(story.manager, week),
                lambda week=week: send_back(story.manager, week),
            )

            assert results == ["Conflict", "done"]
        used = db.session.query(LedgerLine).count()
        assert used == db.session.query(Week).filter_by(status=WeekStatus.APPROVED).count()

    def test_approve_and_recall(self, app, story):
        for monday in mondays(self.ROUNDS):
            week = story.submitted(monday=monday)

            results = self.race(
                app,
                lambda week=week: approve(story.manager, week),
                lambda monday=monday: recall_week(actor=story.owner, monday=monday, now=NOW),
            )

            assert results.count("done") == 1
            assert {"Conflict", "RuleBroken", "NotFound"} & set(results)

    def test_approve_overlapping_piles_in_opposite_order(self, app, story):
        for round_ in range(5):
            weeks = [story.submitted(monday=monday) for monday in mondays(25)[round_ * 5 : round_ * 5 + 5]]

            results = self.race(
                app,
                lambda weeks=weeks: approve(story.manager, *weeks),
                lambda weeks=weeks: approve(story.manager, *reversed(weeks)),
            )

            assert results == ["Conflict", "done"]

    def test_save_the_same_week(self, app, story):
        for monday in mondays(self.ROUNDS):

            def save(minutes: int, monday: date = monday) -> None:
                entries = [story.entry(minutes, monday=monday)]
                save_week(actor=story.owner, monday=monday, entries=entries, now=NOW, version=0)

            assert self.race(app, lambda save=save: save(30), lambda save=save: save(60)) == ["Conflict", "done"]
            week = story.week(monday)
            assert (week.version, week.total_minutes) == (1, sum(entry.minutes for entry in week.entries))


def line_quarter(monday: date) -> str:
    return Quarter.containing(monday).code
