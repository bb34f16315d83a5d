"""Every promise of the data is looked for: whatever breaks one is named, by the right code, on both engines."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text

from tests.allowance.ledgers import a_line
from tests.factories.flags import FLAG_BREACHES
from tests.factories.job_shares import SHARE_BREACH
from tests.timesheets.weeks import MONDAY, NOW, REASON, Story, approve
from tithe import checks
from tithe.access.actor import SYSTEM
from tithe.allowance.models import Adjustment, LedgerLine
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.allowance.rules.ledger import AdjustmentStatus, LedgerKind
from tithe.audit.anchors import write_anchor
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter
from tithe.kernel.checks import Check, carry_out
from tithe.kernel.db import db, table_of
from tithe.kernel.jobs import JobRun
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.closing import close_quarter
from tithe.timesheets.operations.weeks import save_week, submit_week

QUARTER = Quarter.containing(NOW.date())
AFTER_GRACE = datetime(2026, 11, 2, 9, tzinfo=UTC)


class Sound:
    """A team with a week approved and a week that waits, accruals posted, and the ids of its rows."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.story = story = Story()
        accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)
        self.week = story.approved().id
        self.waiting = story.submitted(monday=story.week().starts_on - timedelta(days=7)).id
        team = story.team
        self.names = {
            "week": self.week,
            "waiting": self.waiting,
            "owner": team.owner.id,
            "colleague": team.colleague.id,
            "manager": team.manager.id,
            "director": team.director.id,
            "unit": team.unit.id,
            "project": story.project.id,
            "decision": self.one("SELECT id FROM decision"),
            "entry": self.one("SELECT max(id) FROM time_entry WHERE week_id = (SELECT week_id FROM decision)"),
        }

    def one(self, sql: str) -> int:
        found = db.session.execute(text(sql)).scalar_one()
        db.session.rollback()
        return int(found)


@pytest.fixture
def sound(app) -> Sound:
    return Sound(app)


def plant(*statements: str) -> None:
    """Write what the database would refuse, as somebody who owns it could."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("COMMIT"))
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
                connection.execute(text(f"PRAGMA {pragma}"))
            connection.execute(text("BEGIN IMMEDIATE"))
            connection.execute(text("DROP TRIGGER audit_event_no_update"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()


def look(code: str, now: datetime = NOW):
    (result,) = checks.results(now, [code])
    return result


DECLARED_EMPTY = (
    "UPDATE week SET status = 'draft', nothing_since = submitted_at, submitted_at = NULL, total_minutes = 0 "
    "WHERE id = {waiting}"
)
BREACHES = [
    ("H1", "UPDATE time_entry SET person_id = {colleague} WHERE id = {entry}", "entry {entry} of person {colleague}"),
    (
        "H2",
        "INSERT INTO time_entry (week_id, person_id, project_id, day, minutes, note) "
        "VALUES ({week}, {owner}, {project} + 1, '2026-08-04', 1440, '')",
        "person {owner} on 2026-08-04",
    ),
    ("H3", "UPDATE person SET leaves_on = '2026-08-03' WHERE id = {owner}", "entry {entry} of person {owner}"),
    ("H3", "UPDATE time_entry SET day = '2026-08-08' WHERE id = {entry}", "entry {entry} of person {owner}"),
    ("H4", "UPDATE week SET starts_on = '2026-08-04' WHERE id = {week}", "week {week} of person {owner}"),
    ("H4", "UPDATE week SET counts_on = '2026-08-10' WHERE id = {week}", "week {week} of person {owner}"),
    ("H4", "UPDATE time_entry SET day = '2026-08-10' WHERE id = {entry}", "entry {entry} of person {owner}"),
    ("H4", "UPDATE time_entry SET day = '2026-08-02' WHERE id = {entry}", "entry {entry} of person {owner}"),
    ("H5", "DELETE FROM project_member", "entry {entry} of person {owner}"),
    ("H5", "UPDATE project_member SET left_on = '2026-08-03'", "entry {entry} of person {owner}"),
    ("H5", "UPDATE project SET status = 'draft', registered_at = NULL", "entry {entry} of person {owner}"),
    ("H6", "UPDATE time_entry SET note = 'other words' WHERE id = {entry}", "week {week} of person {owner}"),
    ("H6", "DELETE FROM time_entry WHERE id = {entry}", "week {week} of person {owner}"),
    ("H7", "UPDATE time_entry SET minutes = minutes + 15 WHERE id = {entry}", "week {week} of person {owner}"),
    ("H7", "DELETE FROM time_entry WHERE id = {entry}", "week {week} of person {owner}"),
    ("H8", DECLARED_EMPTY, "week {waiting} of person {owner}"),
    (
        "B1",
        "UPDATE assignment SET weekly_minutes = 1110 WHERE person_id = {owner}",
        "person {owner} in 2026-27Q2, unit {unit}: -",
    ),
    ("B2", "UPDATE person_quarter SET used = used - 1 WHERE person_id = {owner}", "person {owner} in 2026-27Q2"),
    ("B2", "UPDATE person_quarter SET accrued = 0, other = accrued", "person {owner} in 2026-27Q2"),
    ("B2", "DELETE FROM person_quarter WHERE person_id = {owner}", "person {owner} in 2026-27Q2"),
    ("B2", "DELETE FROM ledger_line WHERE person_id = {owner}", "person {owner} in 2026-27Q2"),
    ("B2", "UPDATE person_quarter SET split = true WHERE person_id = {owner}", "person {owner} in 2026-27Q2: the mark"),
    ("B3", "UPDATE ledger_line SET minutes = 100 WHERE kind = 'accrual'", "person {owner} in 2026-27Q2"),
    ("A2", "UPDATE decision SET decided_by = {owner}", "decision {decision}"),
    ("A2", "UPDATE decision SET decided_by = {director}", "decision {decision}"),
    ("A2", "UPDATE decision SET how = 'countersigner'", "decision {decision}"),
    ("A2", "UPDATE week SET stage = 'countersigner' WHERE id = {week}", "decision {decision}"),
    ("A3", "UPDATE decision SET version = version - 1", "decision {decision}"),
    ("A3", "DELETE FROM decision", "week {week} of person {owner}"),
    ("A4", "UPDATE decision SET total_minutes = total_minutes + 15", "decision {decision}"),
    ("A4", "DELETE FROM ledger_line WHERE kind = 'use'", "decision {decision}"),
    ("A6", "UPDATE assignment SET line_manager_id = {manager} WHERE person_id = {director}", "person {owner}"),
    ("A7", "UPDATE week SET approver_id = NULL, unit_id = NULL WHERE id = {waiting}", "week {waiting} of"),
    ("A8", "UPDATE week SET version = version + 1 WHERE id = {waiting}", "week {waiting} of person {owner}"),
    ("A8", "UPDATE decision SET version = 99", "week {week} of person {owner}"),
    ("A9", "UPDATE week SET due_on = NULL WHERE id = {waiting}", "week {waiting} of person {owner}"),
    (
        "A9",
        "UPDATE week SET status = 'draft', submitted_at = NULL WHERE id = {waiting}",
        "week {waiting} of person {owner}",
    ),
    ("A10", "UPDATE decision SET how = 'deemed', decided_by = NULL, total_minutes = 445", "decision {decision}"),
    ("U2", "UPDATE audit_event SET details = 'other' WHERE stream = 0 AND seq = 1", "stream 0 at event 1"),
    ("U9", "UPDATE ledger_line SET unit_id = 999 WHERE kind = 'use'", ": unit_id"),
    *FLAG_BREACHES,
    SHARE_BREACH,
]


class TestChecks:
    def test_find_nothing_in_what_operations_wrote(self, sound):
        assert [each for each in checks.results(NOW) if not each.ok] == []

    @pytest.mark.parametrize(
        ("code", "breach", "named"), BREACHES, ids=[f"{code}-{n}" for n, (code, *_) in enumerate(BREACHES)]
    )
    def test_name_what_breaks_a_promise(self, sound, code, breach, named):
        plant(*breach.format(**sound.names).split("; "))
        result = look(code)

        assert not result.ok
        assert any(row.startswith(named.format(**sound.names)) or named in row for row in result.first), result

    def test_are_each_seen_to_fail(self):
        elsewhere = {"B4", "B5", "U4", "U6"}

        assert {code for code, *_ in BREACHES} | elsewhere == set(checks.CODES)
        assert len(checks.CODES) == len(checks.CHECKS)


# PostgreSQL has no tables of loose types.
@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
class TestTypes:
    def test_are_not_left_to_chance(self, sound):
        plant(
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'protection'",
        )

        assert look("U9").first == ("table protection is not strict",)


class TestClosedQuarters:
    @pytest.mark.parametrize(
        "breach",
        [
            "UPDATE ledger_line SET minutes = minutes - 1 WHERE kind = 'lapse' AND person_id = {colleague}",
            "DELETE FROM ledger_line WHERE kind = 'carry_in' AND person_id = {colleague}",
            "UPDATE ledger_line SET kind = 'lapse', expires = NULL, source_version = 2 "
            "WHERE kind = 'carry_out' AND person_id = {colleague}",
        ],
    )
    def test_come_to_nothing_once(self, sound, breach):
        close_quarter(actor=SYSTEM, quarter=QUARTER, now=AFTER_GRACE)
        assert look("B4").ok

        plant(breach.format(**sound.names))

        assert look("B4").first == (f"person {sound.names['colleague']} in {QUARTER}",)

    def test_are_closed_with_every_promise_kept(self, sound):
        close_quarter(actor=SYSTEM, quarter=QUARTER, now=AFTER_GRACE)

        assert [each for each in checks.results(AFTER_GRACE) if not each.ok] == []


class TestAmendments:
    def test_count_once_while_they_wait_and_when_they_are_approved(self, sound):
        story = sound.story
        for entries in ([story.entry(60, day=1)], []):
            amend_week(actor=story.owner, week_id=sound.week, reason=REASON, now=NOW)
            save_week(actor=story.owner, monday=MONDAY, entries=entries, now=NOW)
            submit_week(actor=story.owner, monday=MONDAY, now=NOW)
            assert [each for each in checks.results(NOW) if not each.ok] == []

            approve(story.manager, story.week())
            assert [each for each in checks.results(NOW) if not each.ok] == []

    def test_that_give_nothing_back_are_named(self, sound):
        story = sound.story
        amend_week(actor=story.owner, week_id=sound.week, reason=REASON, now=NOW)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(60, day=1)], now=NOW)
        submit_week(actor=story.owner, monday=MONDAY, now=NOW)
        approve(story.manager, story.week())

        plant("DELETE FROM ledger_line WHERE kind = 'reversal'")

        assert look("A4").first == (f"week {sound.week} of person {sound.names['owner']}",)


class TestCorrections:
    def correct(self, sound, **changes):
        row = {
            "person_id": sound.names["owner"],
            "applies_to": QUARTER.code,
            "minutes": 60,
            "reason": "Counted twice",
            "status": AdjustmentStatus.POSTED,
            "proposed_by": sound.names["manager"],
            "proposed_at": NOW,
            "decided_by": sound.names["director"],
            "decided_at": NOW,
        }
        with db.engine.begin() as connection:
            adding = insert(Adjustment).values(row | changes).returning(Adjustment.id)
            return connection.execute(adding).scalar_one()

    def post(self, sound, number, minutes=60, source="adjustment"):
        line = a_line(
            sound.story.team.owner,
            sound.story.team.unit,
            LedgerKind.ADJUSTMENT,
            minutes,
            source=source,
            source_id=number,
        )
        with db.engine.begin() as connection:
            return connection.execute(insert(table_of(LedgerLine)).values(line).returning(LedgerLine.id)).scalar_one()

    def test_have_exactly_their_minutes_in_the_ledger(self, sound):
        number = self.correct(sound)
        assert look("B5").first == (f"correction {number}",)

        self.post(sound, number)

        assert look("B5").ok

    def test_with_other_minutes_are_named(self, sound):
        number = self.correct(sound)
        self.post(sound, number, minutes=30)

        assert look("B5").first == (f"correction {number}",)

    def test_without_words_are_named(self, sound):
        number = self.correct(sound, reason=" ")
        self.post(sound, number)

        assert look("B5").first == (f"correction {number}",)

    @pytest.mark.parametrize("source", ["adjustment", "hand"])
    def test_are_behind_every_line_that_corrects(self, sound, source):
        line = self.post(sound, 77, source=source)

        assert look("B5").first == (f"ledger line {line}",)


class TestAnchors:
    def test_name_a_stream_that_lost_the_anchored_event(self, sound, monkeypatch, tmp_path):
        path = tmp_path / "anchors.jsonl"
        settings = replace(sound.app.extensions["tithe"], audit_anchor_file=str(path))
        monkeypatch.setitem(sound.app.extensions, "tithe", settings)
        write_anchor(path, NOW)
        assert look("U4").ok

        newest = "SELECT seq FROM audit_head WHERE stream = 0"  # where people's ids divide by 16, theirs are there too
        number = sound.one(newest)
        plant(f"UPDATE audit_event SET hash = 'other' WHERE stream = 0 AND seq = ({newest})")  # noqa: S608 nothing comes from outside

        assert look("U4").first == (f"stream 0 at event {number}",)


class TestTimedWork:
    def ran(self, job, period, at):
        with db.engine.begin() as connection:
            connection.execute(insert(table_of(JobRun)).values(job=job, period=period, finished_at=at))

    def test_is_not_missed_before_the_scheduler_ever_ran(self, app):
        assert look("U6").ok

    def test_that_was_due_yesterday_is_named(self, app):
        self.ran("accruals", "2026-08-03", NOW - timedelta(days=4))

        assert "job accruals, period 2026-08-06" in look("U6").first

    def test_that_was_done_is_not(self, app):
        self.ran("accruals", "2026-08-03", NOW - timedelta(days=4))
        self.ran("accruals", "2026-08-06", NOW - timedelta(days=1))

        assert not any("accruals" in row for row in look("U6").first)


class TestLooking:
    def test_shows_ten_rows_and_counts_the_rest(self, app):
        result = carry_out(Check("X1", "Nothing is odd", lambda now: (f"row {n}" for n in range(25))), NOW)

        assert (result.broken, len(result.first), result.first[-1]) == (25, 10, "row 9")

    def test_can_write_nothing(self, app):
        def write(now):
            db.session.execute(insert(table_of(JobRun)).values(job="x", period="y", finished_at=now))
            return []

        with pytest.raises(Exception, match=r"read-?only"):
            carry_out(Check("X1", "Nothing is written", write), NOW)

        with db.engine.begin() as connection:
            connection.execute(insert(table_of(JobRun)).values(job="x", period="y", finished_at=NOW))
        assert db.session.scalar(select(func.count()).select_from(JobRun)) == 1


class TestCommand:
    def run(self, app, *arguments):
        return app.test_cli_runner().invoke(args=["check", *arguments])

    def test_says_ok_to_each_promise(self, app, sound):
        answer = self.run(app)

        assert answer.exit_code == 0, answer.output
        assert answer.stdout.count(": ok\n") == len(checks.CHECKS)
        assert "B2  Every stored total equals its ledger: ok" in answer.stdout

    def test_names_what_is_broken_and_fails(self, app, sound):
        plant("UPDATE week SET total_minutes = 15")

        answer = self.run(app, "h7", "B2")

        assert answer.exit_code == 1
        assert "H7  The total of a week is the sum of its tithed time: BROKEN by 2" in answer.stdout
        assert f"week {sound.week} of person {sound.names['owner']}" in answer.stdout
        assert "Broken: H7" in answer.output

    def test_prints_json(self, app, sound):
        plant("UPDATE week SET total_minutes = 15")

        found = {each["code"]: each for each in json.loads(self.run(app, "--json", "H7", "U9").stdout)}

        assert (found["H7"]["ok"], found["H7"]["broken"], found["U9"]["ok"]) == (False, 2, True)

    def test_knows_no_other_name(self, app):
        answer = self.run(app, "Z9")

        assert answer.exit_code == 2
        assert "'Z9' is not one of" in answer.output


class TestNightly:
    def outcomes(self):
        found = select(AuditEvent.details).where(AuditEvent.verb == "invariants:check").order_by(AuditEvent.id)
        return [json.loads(each) for each in db.session.scalars(found)]

    def test_records_one_outcome_a_day(self, sound):
        for _ in range(2):
            checks.nightly("", NOW)

        assert self.outcomes() == [{"broken": [], "checks": len(checks.CHECKS)}]

    def test_fails_loudly_and_on_record(self, sound, caplog):
        plant("UPDATE week SET total_minutes = 15")

        with caplog.at_level(logging.CRITICAL), pytest.raises(checks.InvariantBroken, match="H7"):
            checks.nightly("", NOW)

        assert f"week {sound.week} of person {sound.names['owner']}" in caplog.text
        assert self.outcomes()[0]["broken"] == ["H7"]
