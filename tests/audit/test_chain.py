"""The chain of events: one for every accepted change, in its commit, none for a refusal, and none is ever changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.audit.chains import NOW, change, people_of_one_stream, verbs
from tests.factories.people import Team, UnitFactory
from tests.factories.projects import ProjectFactory
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.audit.operations import record
from tithe.audit.queries import first_broken_link
from tithe.kernel.clock import LONDON
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.kernel.jobs import JobRun
from tithe.people import queries as people
from tithe.people.operations import identity
from tithe.projects import operations as projects
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.rules.entries import Entry

MONDAY = datetime(2026, 8, 3, tzinfo=UTC).date()
ANSWERS = {"title": "Letters", "problem": "Hard to read", "beneficiaries": "Claimants", "hypothesis": "Plain words"}


def changes():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(JobRun))


class TestRecord:
    def test_puts_an_event_on_the_chain_with_the_change_it_is_about(self, app):
        change()

        assert (verbs(), changes()) == (["test:change"], 1)
        assert first_broken_link() is None

    def test_leaves_nothing_of_a_refused_operation(self, app):
        with pytest.raises(RuleBroken):
            change(refuse=True)

        assert (verbs(), changes()) == ([], 0)

    def test_forgets_a_refused_operation_and_records_the_next_one_in_the_same_session(self, app):
        with pytest.raises(RuleBroken):
            change(number=1, refuse=True)
        change(number=2)

        assert changes() == 1
        assert verbs() == ["test:change"]
        assert db.session.scalar(select(AuditEvent.subject_id)) == 2
        assert first_broken_link() is None

    def test_forgets_an_operation_that_met_a_conflict_and_records_the_next_one(self, app):
        change(number=1)
        with pytest.raises(Conflict):
            change(number=1)
        change(number=2)

        assert (len(verbs()), changes()) == (2, 2)
        assert first_broken_link() is None

    def test_is_undone_with_the_operation_it_joined(self, app):
        @atomic
        def outer():
            change()
            raise RuleBroken("no")

        with pytest.raises(RuleBroken):
            outer()

        assert (verbs(), changes()) == ([], 0)

    def test_takes_the_change_down_with_it_when_the_chain_cannot_be_written(self, app):
        nobody = Actor(id=987_654, name="No such person")

        with pytest.raises(Conflict):
            change(nobody)

        assert (verbs(), changes()) == ([], 0)

    def test_outside_an_operation_is_a_fault_that_harms_no_later_one(self, app):
        with pytest.raises((LookupError, RuntimeError)):
            record("test:change", actor=SYSTEM, about="test", id=1, at=NOW)

        change()
        assert verbs() == ["test:change"]

    def test_keeps_the_events_of_one_operation_in_order(self, app):
        change(events=5)

        found = db.session.execute(select(AuditEvent.seq, AuditEvent.details).order_by(AuditEvent.seq)).all()

        assert [row.seq for row in found] == [1, 2, 3, 4, 5]
        assert [f'"number":{n}' in row.details for n, row in enumerate(found)] == [True] * 5

    def test_gives_every_stream_its_own_numbers(self, app):
        for actor in [SYSTEM, *people_of_one_stream(2, stream=1), *people_of_one_stream(1, stream=2)]:
            change(actor)

        found = db.session.execute(
            select(AuditEvent.stream, AuditEvent.seq).order_by(AuditEvent.stream, AuditEvent.seq)
        ).all()

        assert [tuple(row) for row in found] == [(0, 1), (1, 1), (1, 2), (2, 1)]

    @pytest.mark.parametrize(
        "at",
        [
            NOW.replace(microsecond=1),
            datetime(2026, 7, 1, 9, 30, tzinfo=LONDON),
            datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1),
        ],
        ids=str,
    )
    def test_holds_whatever_zone_the_moment_was_told_in(self, app, at):
        change(at=at)

        assert first_broken_link() is None


class TestOperations:
    def test_leave_one_event_each_and_refusals_none(self, app):
        team = Team()
        owner = people.actor_by_email(team.owner.email, NOW)
        manager = people.actor_by_email(team.manager.email, NOW)
        project = ProjectFactory(owner_id=owner.id, owner=None)
        done = []

        def accepted(*named):
            done.extend(named)
            assert verbs() == done

        def refused(operation, **arguments):
            with pytest.raises((RuleBroken, NotFound, Conflict)):
                operation(**arguments)
            assert verbs() == done

        own = {"actor": owner, "monday": MONDAY, "now": NOW}
        refused(submit_week, **own)
        refused(save_week, entries=[Entry(MONDAY, project.id, 2000)], **own)
        save_week(entries=[Entry(MONDAY, project.id, 90)], **own)
        accepted("week:save")
        refused(recall_week, **own)
        submit_week(**own)
        accepted("week:submit")
        refused(save_week, entries=[], **own)
        recall_week(**own)
        accepted("week:recall")
        submit_week(**own)
        accepted("week:submit")
        ((waiting,), _) = weeks_awaiting(manager)
        refused(decisions.approve_weeks, actor=owner, versions={waiting.id: waiting.version}, now=NOW)
        refused(decisions.approve_weeks, actor=manager, versions={waiting.id: waiting.version + 1}, now=NOW)
        decisions.approve_weeks(actor=manager, versions={waiting.id: waiting.version}, now=NOW)
        accepted("week:approve")
        refused(decisions.approve_weeks, actor=manager, versions={waiting.id: waiting.version}, now=NOW)
        refused(projects.draft_project, actor=owner, answers={**ANSWERS, "title": " "}, register=False, now=NOW)
        projects.draft_project(actor=owner, answers=ANSWERS, register=True, now=NOW)
        accepted("project:draft", "project:register")
        identity.issue_token(email=team.owner.email, scopes=(), days=1, now=NOW)
        accepted("token:issue")
        refused(identity.issue_token, email=team.owner.email, scopes=("everything",), days=1, now=NOW)
        grant = {"person_id": team.owner.id, "role": Role.AUDITOR, "unit_id": UnitFactory().id, "starts_on": MONDAY}
        identity.grant_role(actor=SYSTEM, now=NOW, **grant)
        accepted("role:grant")
        refused(identity.grant_role, actor=SYSTEM, now=NOW, **grant)
        assert first_broken_link() is None

    def test_put_nobodys_words_on_the_chain(self, app):
        team = Team()
        owner = people.actor_by_email(team.owner.email, NOW)
        project_id = projects.draft_project(actor=owner, answers=ANSWERS, register=True, now=NOW)
        entries = [Entry(MONDAY, project_id, 90, "Rang my mother")]
        save_week(actor=owner, monday=MONDAY, entries=entries, now=NOW)

        kept = " ".join(db.session.scalars(select(AuditEvent.details)))

        for words in (*ANSWERS.values(), "mother", team.owner.name, team.owner.email):
            assert words not in kept


class TestGuards:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_event SET verb = 'nothing'",
            "UPDATE audit_event SET seq = seq + 100",
            "UPDATE audit_event SET details = details",
            "DELETE FROM audit_event",
            "DELETE FROM audit_event WHERE seq = 2",
        ],
    )
    def test_refuse_to_change_or_remove_an_event(self, app, statement):
        change(events=3)
        db.session.rollback()

        with pytest.raises(DBAPIError, match="audit events are never"), db.engine.begin() as connection:
            connection.execute(text(statement))

        assert len(verbs()) == 3
        assert first_broken_link() is None

    def test_refuse_to_replace_or_empty(self, app):
        change(events=3)
        db.session.rollback()
        statement = (
            "TRUNCATE audit_event"
            if db.engine.dialect.name == "postgresql"
            else "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 2"
        )

        with pytest.raises(DBAPIError), db.engine.begin() as connection:
            connection.execute(text(statement))

        assert len(verbs()) == 3


class TestWritersAtOnce:
    def test_of_one_stream_leave_no_gap_and_no_fork(self, app):
        actors = people_of_one_stream(8)

        def record_25(actor):
            for n in range(25):
                change(actor, number=n)

        results = at_once(app, [lambda actor=actor: record_25(actor) for actor in actors])

        assert errors_in(results) == []
        found = db.session.execute(select(AuditEvent.stream, AuditEvent.seq).order_by(AuditEvent.seq)).all()
        assert [tuple(row) for row in found] == [(5, seq) for seq in range(1, 201)]
        assert first_broken_link() is None

    def test_of_several_streams_in_one_operation_never_wait_for_each_other_in_a_circle(self, app):
        one, other = people_of_one_stream(1, stream=3)[0], people_of_one_stream(1, stream=4)[0]

        @atomic
        def both(first, second):
            record("test:change", actor=first, about="test", id=1, at=NOW)
            record("test:change", actor=second, about="test", id=1, at=NOW)

        def many(first, second):
            for _ in range(15):
                both(first, second)

        results = at_once(app, [lambda: many(one, other), lambda: many(other, one)] * 2)

        assert errors_in(results) == []
        assert len(verbs()) == 2 * 15 * 4
        assert first_broken_link() is None
