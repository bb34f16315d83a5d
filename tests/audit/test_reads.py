"""Whoever is shown somebody else's record leaves a note: once a day, and nothing for their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.audit.auditing import auditor_of
from tests.support.contents import contents, statements
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import NOW, Story
from tithe.access.actor import SYSTEM
from tithe.audit.models import RecordRead
from tithe.audit.reads import list_reads, note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.oversight.queries import events as oversight


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Story()


def noted() -> list[tuple[int, int, str]]:
    db.session.rollback()
    found = select(RecordRead.reader_id, RecordRead.person_id, RecordRead.kind).order_by(RecordRead.id)
    return [tuple(row) for row in db.session.execute(found)]


class TestNoteReads:
    def test_notes_a_reader_a_person_and_a_kind_once_a_day(self, story):
        owner, manager = story.owner, story.manager
        for hours in (0, 1, 24):
            note_reads(ReadKind.WEEK, [owner.id], actor=manager, now=NOW + timedelta(hours=hours))
        note_reads(ReadKind.BALANCE, [owner.id], actor=manager, now=NOW)

        week, balance = (manager.id, owner.id, "week"), (manager.id, owner.id, "balance")
        assert noted() == [week, week, balance]

    def test_notes_nothing_of_ones_own_nor_of_the_system(self, story):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.owner, now=NOW)
        note_reads(ReadKind.WEEK, [story.owner.id], actor=SYSTEM, now=NOW)

        assert noted() == []

    def test_takes_one_statement_for_a_page_and_one_more_the_first_time(self, story):
        team = story.team
        everybody = [each.id for each in (team.owner, team.colleague, team.hr, team.director)]
        db.session.rollback()
        with statements() as first:
            note_reads(ReadKind.BALANCE, everybody, actor=story.manager, now=NOW)
        with statements() as again:
            note_reads(ReadKind.BALANCE, everybody, actor=story.manager, now=NOW)

        assert (len(first), len(again)) == (2, 1)
        assert not again[0].startswith("INSERT")
        assert len(noted()) == 4

    @pytest.mark.parametrize("statement", ["UPDATE record_read SET day = '2026-01-01'", "DELETE FROM record_read"])
    def test_leaves_what_nobody_can_change(self, story, statement):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW)

        with pytest.raises(DBAPIError, match="never"), db.engine.begin() as connection:
            connection.execute(text(statement))


class TestDoors:
    def test_note_a_week_that_is_shown_to_whoever_decides_it(self, app, story):
        week, manager, owner = story.submitted(), story.manager, story.owner
        browser = PageClient(app).sign_in(story.team.manager)
        for path in ("/approvals", f"/approvals/{week.id}"):
            before = contents()
            assert browser.get(path).status == 200
            assert contents() == before, "nothing else"

        assert noted() == [(manager.id, owner.id, "week")]

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/allowance/team", "balance"),
            ("/people/{owner}/pattern", "hours"),
        ],
    )
    def test_note_what_managers_are_shown(self, app, story, path, kind):
        browser, program = PageClient(app).sign_in(story.team.manager), ApiClient(app).as_(story.team.manager)
        path = path.format(owner=story.owner.id)
        assert browser.get(path).status == 200
        pages = noted()
        assert program.get(path).status_code == 200

        assert (story.manager.id, story.owner.id, kind) in pages
        assert noted() == pages, "the API notes the same, and the day has its note"

    def test_note_nothing_of_ones_own_record(self, app, story):
        browser = PageClient(app).sign_in(story.team.owner)
        for path in ("/allowance/pattern", "/allowance", "/weeks", "/account/my-data"):
            assert browser.get(path).status == 200

        assert noted() == []

    def test_do_not_note_what_was_refused(self, app, story):
        browser = PageClient(app).sign_in(story.team.colleague)
        assert browser.get(f"/people/{story.owner.id}/pattern").status == 404

        assert noted() == []


class TestReading:
    def test_shows_a_person_who_has_looked(self, app, story):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW)
        page = PageClient(app).sign_in(story.team.owner).get("/account/my-data")

        assert "Max Manager" in page.text
        assert "a week and its entries" in page.text

    def test_is_paged_without_gaps(self, story):
        for day in range(7):
            note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW + timedelta(days=day))
        db.session.rollback()
        seen, before = [], None
        while True:
            rows, before = list_reads(of=story.owner.id, before=before, size=3)
            seen += [row.id for row in rows]
            if before is None:
                break

        assert len(seen) == 7
        assert seen == sorted(set(seen), reverse=True)

    def test_is_for_auditors_of_the_unit(self, app, story):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW)
        auditor = auditor_of(story.team.unit)
        stranger = auditor_of(None)

        assert "Max Manager" in PageClient(app).sign_in(auditor.person).get("/audit/reads").text
        assert "Max Manager" not in PageClient(app).sign_in(stranger.person).get("/audit/reads").text
        assert PageClient(app).sign_in(story.team.owner).get("/audit/reads").status == 404

    def test_can_be_narrowed_to_a_reader(self, app, story):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW)
        auditor = auditor_of(story.team.department)
        db.session.rollback()

        found, _ = oversight.list_reads(auditor.actor, reader="max.manager@example.org")
        others, _ = oversight.list_reads(auditor.actor, reader="dora.director@example.org")

        assert [(each.reader, each.person) for each in found] == [("Max Manager", "Ada Owner")]
        assert others == []

    def test_is_answered_to_programs(self, app, story):
        note_reads(ReadKind.WEEK, [story.owner.id], actor=story.manager, now=NOW)
        answer = ApiClient(app).as_(auditor_of(story.team.unit).person).get("/audit/reads")

        assert [each["person"] for each in answer.json["reads"]] == ["Ada Owner"]
        assert answer.json["next"] is None
