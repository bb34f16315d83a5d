"""What links cannot show, an anchor outside the database does: an end cut off together with its head."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.audit.chains import NOW, change
from tests.audit.test_tampering import disarm
from tithe.access.actor import SYSTEM
from tithe.audit.anchors import behind_anchor, newest_anchor, write_anchor
from tithe.audit.jobs import anchor, due_hours
from tithe.audit.queries import first_broken_link
from tithe.audit.rules import STREAMS
from tithe.kernel.db import db


@pytest.fixture
def path(app, tmp_path):
    return tmp_path / "kept" / "anchors.jsonl"


def happen(count, start=0):
    for number in range(start, start + count):
        change(SYSTEM, number=number, at=NOW + timedelta(minutes=number))
    db.session.rollback()


def cut_the_end(keep):
    """Take the newest events of the system's stream away and set its head back, as its owner could."""
    disarm()
    db.session.execute(text("DELETE FROM audit_event WHERE stream = 0 AND seq > :keep"), {"keep": keep})
    newest = "(SELECT hash FROM audit_event WHERE stream = 0 AND seq = :keep)"
    db.session.execute(text(f"UPDATE audit_head SET seq = :keep, hash = {newest} WHERE stream = 0"), {"keep": keep})  # noqa: S608 nothing comes from outside


class TestAnchor:
    def test_holds_while_the_chain_grows(self, path):
        happen(3)
        write_anchor(path, NOW)
        happen(4, start=3)

        assert behind_anchor(path) is None

    def test_shows_a_cut_end_that_no_link_shows(self, path):
        happen(5)
        write_anchor(path, NOW)

        cut_the_end(keep=3)

        assert first_broken_link() is None
        assert behind_anchor(path) == (0, 5)
        db.session.rollback()

    def test_shows_an_event_written_in_place_of_the_anchored_one(self, path):
        happen(5)
        write_anchor(path, NOW)
        cut_the_end(keep=4)
        db.session.execute(
            text(
                "INSERT INTO audit_event (stream, seq, at, verb, subject_type, details, hash)"
                " VALUES (0, 5, '2026-01-01 00:00:00', 'a:b', 'a', '{}', 'another')"
            )
        )

        assert behind_anchor(path) == (0, 5)
        db.session.rollback()

    def test_names_every_stream_and_when_it_was_written(self, path):
        write_anchor(path, NOW)

        at, heads = newest_anchor(path)

        assert at == NOW.isoformat()
        assert [stream for stream, _, _ in heads] == list(range(STREAMS))

    def test_passes_over_a_line_cut_short(self, path):
        write_anchor(path, NOW)
        with path.open("a") as file:
            file.write('{"at":"2026-')

        assert newest_anchor(path)[0] == NOW.isoformat()

    def test_is_asked_for_from_a_long_file_without_reading_it_whole(self, path):
        path.parent.mkdir()
        path.write_text((json.dumps({"at": "before", "heads": []}) + "\n") * 20_000)
        write_anchor(path, NOW)

        assert newest_anchor(path)[0] == NOW.isoformat()

    def test_is_none_before_the_first(self, path):
        assert newest_anchor(path) is None
        assert behind_anchor(path) is None


class TestJob:
    def test_is_due_once_an_hour(self, app):
        assert list(due_hours(NOW)) == list(due_hours(NOW.replace(minute=59)))
        assert list(due_hours(NOW)) != list(due_hours(NOW + timedelta(hours=1)))

    def test_writes_where_the_settings_say(self, app, path, monkeypatch):
        class Settings:
            audit_anchor_file = str(path)

        monkeypatch.setitem(app.extensions, "tithe", Settings)

        anchor("2026-08-07T15", NOW)

        assert newest_anchor(path)[0] == NOW.isoformat()


class TestVerify:
    def test_says_how_far_the_chain_reaches(self, app, path):
        happen(2)
        run = app.test_cli_runner().invoke
        assert "No anchor has been written yet" in run(args=["audit", "verify", "--anchors", str(path)]).output

        write_anchor(path, NOW)
        result = run(args=["audit", "verify", "--anchors", str(path)])

        assert (result.exit_code, result.output) == (
            0,
            f"Every chain holds and reaches the anchor of {NOW.isoformat()}\n",
        )

    def test_fails_on_a_cut_end(self, app, path):
        happen(5)
        write_anchor(path, NOW)
        cut_the_end(keep=2)
        db.session.commit()

        result = app.test_cli_runner().invoke(args=["audit", "verify", "--anchors", str(path)])

        assert result.exit_code == 1
        assert "Stream 0 lost or changed event 5" in result.output
