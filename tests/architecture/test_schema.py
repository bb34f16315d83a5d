"""Models, migrations and databases agree, and the database itself refuses what must never be stored."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.pool import NullPool

from tests.architecture import atlas
from tests.factories.calendars import CalendarFactory
from tests.timesheets.weeks import Story
from tithe.kernel.db import Base, db

ROOT = Path(__file__).parent.parent.parent
AT = "'2026-08-07 15:00:00'"
FORTY = f"'{'words ' * 7}'"

# One row of each table that the database takes, as SQL; names in braces are ids of the story's rows.
VALID = {
    "unit": {"code": "'NEW'", "name": "'New'", "parent_id": "{unit}"},
    "person": {"email": "'new@example.org'", "staff_number": "'N1'", "name": "'New'", "starts_on": "'2026-01-01'"},
    "assignment": {
        "person_id": "{owner}",
        "unit_id": "{unit}",
        "line_manager_id": "{manager}",
        "grade": "'HEO'",
        "grade_text": "''",
        "post_title": "''",
        "weekly_minutes": "2220",
        "fte_bp": "10000",
        "calendar": "'scotland'",
        "starts_on": "'2026-01-01'",
    },
    "role_grant": {
        "person_id": "{owner}",
        "role": "'auditor'",
        "unit_id": "{unit}",
        "starts_on": "'2026-01-01'",
    },
    "tithe_policy": {
        "unit_id": "{unit}",
        "version": "1",
        "starts_on": "'2026-01-01'",
        "settings": "'{{}}'",
        "reason": "'Why'",
        "adopted_at": AT,
    },
    "project": {
        "owner_id": "{owner}",
        "title": "'T'",
        "problem": "'P'",
        "beneficiaries": "'B'",
        "hypothesis": "'H'",
        "status": "'registered'",
        "created_at": AT,
        "registered_at": AT,
        "version": "1",
    },
    "project_member": {"project_id": "{project}", "person_id": "{manager}", "joined_on": "'2026-01-01'"},
    "week": {
        "person_id": "{owner}",
        "starts_on": "'2026-01-05'",
        "status": "'submitted'",
        "total_minutes": "60",
        "approver_id": "{manager}",
        "submitted_at": AT,
        "version": "1",
    },
    "time_entry": {
        "week_id": "{week}",
        "person_id": "{owner}",
        "project_id": "{project}",
        "day": "'2026-08-05'",
        "minutes": "60",
        "note": "''",
    },
    "decision": {
        "week_id": "{week}",
        "version": "9",
        "digest": "'d'",
        "outcome": "'returned'",
        "ground": "'cover'",
        "reason": FORTY,
        "total_minutes": "60",
        "entries": "'[]'",
        "decided_at": AT,
    },
    "ledger_line": {
        "person_id": "{owner}",
        "quarter": "'2026-27Q2'",
        "kind": "'use'",
        "minutes": "-60",
        "reason": "'Why'",
        "source": "'week'",
        "source_id": "9",
        "source_version": "1",
        "unit_id": "{unit}",
        "at": AT,
        "facts": "'{{}}'",
    },
    "working_pattern": {"person_id": "{owner}", "starts_on": "'2026-01-01'", "weeks": "'[]'"},
    "absence": {
        "person_id": "{owner}",
        "day": "'2026-08-05'",
        "minutes": "60",
        "reduces_accrual": "true",
        "source": "'own'",
        "source_key": "''",
    },
    "holiday_calendar": {"code": "'new'", "name": "'New'"},
    "calendar_day": {"calendar": "'place'", "day": "'2026-08-12'", "name": "'Fair'", "kind": "'local'"},
    "blackout_period": {
        "unit_id": "{unit}",
        "starts_on": "'2026-10-05'",
        "last_day": "'2026-10-09'",
        "ground": "'peak'",
        "reason": "'Why'",
        "emergency": "false",
        "set_by": "{manager}",
        "set_at": AT,
    },
    "adjustment": {
        "person_id": "{owner}",
        "applies_to": "'2026-27Q2'",
        "minutes": "-60",
        "reason": "'Why'",
        "status": "'proposed'",
        "proposed_by": "{manager}",
        "proposed_at": AT,
    },
    "pattern_day": {"person_id": "{owner}", "day": "'2026-01-05'", "minutes": "60"},
    "outward_move": {"person_id": "{owner}", "starts_on": "'2026-01-05'", "share_bp": "4000"},
    "protection": {
        "person_id": "{owner}",
        "quarter": "'2026-27Q2'",
        "source": "'week'",
        "source_id": "1",
        "minutes": "60",
    },
    "period": {"quarter": "'2025-26Q1'", "closed_at": AT},
    "audit_event": {
        "stream": "0",
        "seq": "99",
        "at": AT,
        "verb": "'a:b'",
        "subject_type": "'a'",
        "details": "'{{}}'",
        "hash": "'h'",
    },
    "notice": {
        "person_id": "{owner}",
        "event": "'e'",
        "subject": "'s'",
        "body": "'b'",
        "path": "'/'",
        "status": "'waiting'",
        "message_id": "'m'",
        "created_at": AT,
        "next_attempt_at": AT,
        "attempts": "0",
        "last_error": "''",
    },
    "quarter_report": {"quarter": "'2025-26Q1'", "revision": "1", "frozen_at": AT, "digest": "'d'"},
    "job_run": {"job": "'j'", "period": "'p'", "finished_at": AT},
    "api_token": {
        "secret_hash": "'h'",
        "person_id": "{owner}",
        "scopes": "''",
        "created_at": AT,
        "expires_at": AT,
    },
    "sign_in": {"secret_hash": "'h'", "person_id": "{owner}", "started_at": AT, "expires_at": AT},
    **atlas.merged("VALID"),
}

DECIDED = {"status": "'posted'", "decided_at": AT, "decided_by": "{director}"}  # a correction

# What breaks each check; the rest of the row is valid.
VIOLATIONS = [
    ("ck_unit_not_its_own_parent", "unit", {"id": "777", "parent_id": "777"}),
    ("ck_person_leaves_after_starting", "person", {"leaves_on": "'2025-12-31'"}),
    ("ck_assignment_ends_after_starting", "assignment", {"ends_on": "'2025-12-31'"}),
    ("ck_assignment_nobody_manages_themselves", "assignment", {"line_manager_id": "{owner}"}),
    ("ck_assignment_weekly_minutes_in_a_week", "assignment", {"weekly_minutes": "-1"}),
    ("ck_assignment_weekly_minutes_in_a_week", "assignment", {"weekly_minutes": "10081"}),
    ("ck_assignment_fte_not_negative", "assignment", {"fte_bp": "-1"}),
    ("ck_assignment_grade", "assignment", {"grade": "'Clerk'"}),
    ("ck_role_grant_role", "role_grant", {"role": "'king'"}),
    ("ck_blackout_period_ends_after_starting", "blackout_period", {"last_day": "'2026-10-04'"}),
    ("ck_blackout_period_blackoutground", "blackout_period", {"ground": "'dislike'"}),
    ("ck_adjustment_moves_something", "adjustment", {"minutes": "0"}),
    ("ck_adjustment_two_people", "adjustment", DECIDED | {"decided_by": "{manager}"}),
    ("ck_adjustment_nobody_adjusts_their_own", "adjustment", {"person_id": "{manager}"}),
    ("ck_adjustment_nobody_adjusts_their_own", "adjustment", DECIDED | {"decided_by": "{owner}"}),
    ("ck_adjustment_decided_has_a_time", "adjustment", {"status": "'posted'"}),
    ("ck_adjustment_decided_has_a_time", "adjustment", DECIDED | {"status": "'proposed'"}),
    ("ck_adjustment_decided_has_a_person", "adjustment", DECIDED | {"decided_by": "NULL"}),
    ("ck_adjustment_adjustmentstatus", "adjustment", DECIDED | {"status": "'maybe'"}),
    ("ck_absence_minutes_in_a_day", "absence", {"minutes": "0"}),
    ("ck_absence_minutes_in_a_day", "absence", {"minutes": "1441"}),
    ("ck_absence_known_source", "absence", {"source": "'rumour'"}),
    ("ck_calendar_day_daykind", "calendar_day", {"kind": "'whim'"}),
    ("ck_pattern_day_minutes_in_a_day", "pattern_day", {"minutes": "-1"}),
    ("ck_pattern_day_minutes_in_a_day", "pattern_day", {"minutes": "1441"}),
    ("ck_outward_move_ends_after_starting", "outward_move", {"last_day": "'2025-12-31'"}),
    ("ck_outward_move_share_of_the_whole", "outward_move", {"share_bp": "0"}),
    ("ck_outward_move_share_of_the_whole", "outward_move", {"share_bp": "10001"}),
    ("ck_protection_never_negative", "protection", {"minutes": "-1"}),
    ("ck_period_locked_after_closing", "period", {"locked_at": "'2020-01-01 00:00:00'"}),
    ("ck_week_amended_has_a_reason", "week", {"amends_version": "2"}),
    ("ck_week_amended_has_a_reason", "week", {"amend_reason": "'Why'"}),
    ("ck_ledger_line_carried_minutes_expire", "ledger_line", {"expires": "'2026-27Q3'"}),
    ("ck_ledger_line_carried_minutes_expire", "ledger_line", {"kind": "'carry_in'", "minutes": "60"}),
    ("ck_tithe_policy_version_from_one", "tithe_policy", {"version": "0"}),
    ("ck_tithe_policy_withdrawn_has_a_time", "tithe_policy", {"withdrawn_by": "{owner}"}),
    ("ck_project_projectstatus", "project", {"status": "'done'"}),
    ("ck_project_registered_has_a_time", "project", {"registered_at": "NULL"}),
    ("ck_project_registered_has_a_time", "project", {"status": "'draft'"}),
    ("ck_project_registered_is_answered", "project", {"hypothesis": "''"}),
    ("ck_project_has_a_title", "project", {"title": "''"}),
    ("ck_project_member_left_after_joining", "project_member", {"left_on": "'2025-12-31'"}),
    ("ck_week_weekstatus", "week", {"status": "'lost'"}),
    ("ck_week_nobody_approves_their_own", "week", {"approver_id": "{owner}"}),
    ("ck_week_decided_has_a_time", "week", {"status": "'approved'"}),
    ("ck_week_decided_has_a_time", "week", {"status": "'returned'"}),
    ("ck_week_decided_has_a_time", "week", {"decided_at": AT}),
    ("ck_week_submitted_has_a_time", "week", {"submitted_at": "NULL"}),
    ("ck_week_submitted_has_a_time", "week", {"status": "'draft'"}),
    ("ck_week_total_in_a_week", "week", {"total_minutes": "-1"}),
    ("ck_week_total_in_a_week", "week", {"total_minutes": "10081"}),
    ("ck_time_entry_minutes_in_a_day", "time_entry", {"minutes": "0"}),
    ("ck_time_entry_minutes_in_a_day", "time_entry", {"minutes": "1441"}),
    ("ck_decision_outcome", "decision", {"outcome": "'maybe'", "ground": "NULL"}),
    ("ck_decision_returnground", "decision", {"ground": "'dislike'"}),
    ("ck_decision_returned_has_a_ground", "decision", {"ground": "NULL"}),
    ("ck_decision_returned_has_a_ground", "decision", {"outcome": "'approved'"}),
    ("ck_decision_returned_has_words", "decision", {"reason": f"'{'w' * 39}'"}),
    ("ck_ledger_line_ledgerkind", "ledger_line", {"kind": "'gift'"}),
    ("ck_ledger_line_moves_something", "ledger_line", {"kind": "'adjustment'", "minutes": "0"}),
    ("ck_ledger_line_spending_is_negative", "ledger_line", {"minutes": "60"}),
    ("ck_audit_event_seq_from_one", "audit_event", {"seq": "0"}),
    ("ck_notice_noticestatus", "notice", {"status": "'lost'"}),
    ("ck_notice_sent_has_a_time", "notice", {"status": "'sent'"}),
    ("ck_quarter_report_revision_from_one", "quarter_report", {"revision": "0"}),
    *atlas.listed("VIOLATIONS"),
]
REPEATABLE = {
    "adjustment", "assignment", "blackout_period", "outward_move", "project", *atlas.listed("REPEATABLE"),
}  # fmt: skip


def checks() -> set[str]:
    return {
        str(each.name)
        for table in Base.metadata.tables.values()
        for each in table.constraints
        if isinstance(each, CheckConstraint)
    }


@pytest.fixture
def ids(app) -> dict[str, int]:
    story = Story()
    CalendarFactory(code="place")
    return {
        "owner": story.team.owner.id,
        "manager": story.team.manager.id,
        "director": story.team.director.id,
        "unit": story.team.unit.id,
        "project": story.project.id,
        "week": story.saved().id or 0,
    }


def insert(table: str, ids: dict[str, int], **changes: str) -> None:
    row = {**VALID[table], **changes}
    values = ", ".join(value.format(**ids) for value in row.values())
    with db.engine.begin() as connection:
        connection.execute(text(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({values})'))  # noqa: S608 names come from the models, not from outside


class TestDatabase:
    def test_has_every_check_of_the_models_by_name(self, app):
        inspector = inspect(db.engine)
        stored = {each["name"] for table in Base.metadata.tables for each in inspector.get_check_constraints(table)}

        assert stored == checks()

    def test_has_a_name_for_every_check_and_a_row_here_that_breaks_it(self):
        assert all(name.startswith("ck_") for name in checks())
        assert {name for name, _, _ in VIOLATIONS} == checks()

    @pytest.mark.parametrize("table", VALID)
    def test_takes_a_valid_row(self, app, ids, table):
        insert(table, ids)

    @pytest.mark.parametrize(("name", "table", "changes"), VIOLATIONS)
    def test_refuses_a_row_that_breaks_a_check(self, app, ids, name, table, changes):
        with pytest.raises(IntegrityError, match=name):
            insert(table, ids, **changes)

    @pytest.mark.parametrize("table", sorted(set(VALID) - REPEATABLE))
    def test_refuses_the_same_row_twice(self, app, ids, table):
        metadata = Base.metadata.tables[table]
        unique = [each for each in metadata.constraints if isinstance(each, UniqueConstraint)]
        assert unique or metadata.primary_key.columns.keys() != ["id"] or any(i.unique for i in metadata.indexes)

        insert(table, ids)
        with pytest.raises(IntegrityError):
            insert(table, ids)

    def test_refuses_a_second_current_row_of_one_imported_post(self, app, ids):
        insert("assignment", ids, source_key="'post-1'", ends_on="'2026-02-01'")
        insert("assignment", ids, source_key="'post-1'")
        with pytest.raises(IntegrityError):
            insert("assignment", ids, source_key="'post-1'")

    def test_refuses_an_entry_for_somebody_unknown(self, app, ids):
        with pytest.raises(IntegrityError):
            insert("week", ids, person_id="999999")

    def test_refuses_text_where_a_number_belongs(self, app, ids):
        with pytest.raises(DBAPIError):
            insert("week", ids, total_minutes="'an hour'")

    def test_has_sixteen_streams_of_audit(self, app):
        heads = db.session.execute(text("SELECT stream, seq, hash FROM audit_head ORDER BY stream")).all()

        assert [tuple(head) for head in heads] == [(stream, 0, "0" * 64) for stream in range(16)]


class TestMigrations:
    """Each runs as an operator runs it: in a process of its own."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def url(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
        if request.param == "sqlite":
            yield f"sqlite:///{tmp_path / 'new.sqlite'}"
            return
        address = request.getfixturevalue("postgres_url")
        server = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with server.connect() as connection:
            connection.execute(text("CREATE DATABASE migrated"))
            yield make_url(server.url).set(database="migrated").render_as_string(hide_password=False)
            connection.execute(text("DROP DATABASE migrated"))

    def flask(self, url: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
            cwd=ROOT,
            env={**os.environ, "TITHE_ENV": "testing", "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def run(self, url: str, *statements: str) -> list[tuple[object, ...]]:
        with create_engine(url, poolclass=NullPool).begin() as connection:
            results = [connection.execute(text(statement)) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    def tables(self, url: str) -> set[str]:
        return set(inspect(create_engine(url, poolclass=NullPool)).get_table_names())

    def test_lead_to_the_tables_of_the_models_and_back_and_up_again(self, url):
        self.flask(url, "db", "upgrade")
        assert "No new upgrade operations detected" in self.flask(url, "db", "check")
        assert self.tables(url) == set(Base.metadata.tables) | {"alembic_version"}

        person = "INSERT INTO person (email, name, starts_on) VALUES ('a@example.org', 'A', '2026-01-01')"
        columns = "stream, seq, at, verb, subject_type, details, hash"
        event = f"INSERT INTO audit_event ({columns}) VALUES (3, 1, {AT}, 'a:b', 'a', '{{}}', 'h')"  # noqa: S608 names come from the models, not from outside
        self.run(url, person, event)
        assert self.run(url, "SELECT seq, hash FROM audit_head WHERE stream = 3") == [(1, "h")]

        self.flask(url, "db", "downgrade", "base")
        assert self.tables(url) <= {"alembic_version"}

        self.flask(url, "db", "upgrade")
        assert self.run(url, "SELECT count(*), sum(seq) FROM audit_head") == [(16, 0)]
        self.run(url, person, event)
        for change in ("UPDATE audit_event SET verb = 'x:y'", "DELETE FROM audit_event"):
            with pytest.raises(DBAPIError, match="never"):
                self.run(url, change)
