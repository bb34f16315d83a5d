"""Auditors find what happened by person, thing, verb and days, and take it with them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.audit.auditing import auditor_of
from tests.factories.people import PersonFactory
from tests.support.contents import counted
from tests.support.pages import ApiClient, PageClient, apart
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.actor import SYSTEM
from tithe.audit import events
from tithe.audit.events import Choice
from tithe.audit.models import AuditEvent
from tithe.audit.operations import record
from tithe.kernel import clock
from tithe.kernel.db import atomic, db
from tithe.oversight.presenters.events import facts_in_words, verb_in_words
from tithe.oversight.queries.events import Event


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    story.approved()
    return story


@pytest.fixture
def auditor(story):
    return auditor_of(story.team.department)


@atomic
def happen(verb="test:happen", *, actor=SYSTEM, about="test", number=None, at=NOW, **facts):
    record(verb, actor=actor, about=about, id=number, at=at, **facts)


def listed(choice: Choice) -> list[str]:
    db.session.rollback()
    return [row.verb for row in events.list_events(choice)[0]]


class TestListEvents:
    def test_is_the_newest_first_in_pages_without_gaps(self, app):
        for number in range(25):
            happen(number=number, at=NOW + timedelta(seconds=number // 3))
        seen, after = [], None
        while True:
            rows, after = events.list_events(Choice(), after=after, size=4)
            seen += [row.subject_id for row in rows]
            if after is None:
                break

        assert seen == list(reversed(range(25)))

    def test_finds_what_a_person_did_and_what_was_done_about_them_once_each(self, app):
        person = PersonFactory()
        someone = type(SYSTEM)(id=person.id, name="P")
        happen("test:by", actor=someone)
        happen("test:about", about="person", number=person.id, at=NOW + timedelta(seconds=1))
        happen("test:both", actor=someone, about="person", number=person.id, at=NOW + timedelta(seconds=2))
        happen("test:neither", about="unit", number=person.id)

        assert listed(Choice(person_id=person.id)) == ["test:both", "test:about", "test:by"]

    def test_narrows_by_thing_number_verb_and_instants(self, app):
        happen("test:one", about="week", number=1)
        happen("test:two", about="week", number=2, at=NOW + timedelta(days=1))

        assert listed(Choice(thing="week", thing_id=2)) == ["test:two"]
        assert listed(Choice(verb="test:one")) == ["test:one"]
        assert listed(Choice(since=NOW + timedelta(hours=1))) == ["test:two"]
        assert listed(Choice(until=NOW + timedelta(hours=1))) == ["test:one"]
        assert listed(Choice(thing="unit")) == []

    def test_names_every_verb_once(self, app):
        for verb in ("b:b", "a:a", "b:b", "c:c"):
            happen(verb)
        db.session.rollback()

        assert events.verbs() == ["a:a", "b:b", "c:c"]

    def test_goes_by_an_index_for_every_choice(self, app):
        if db.engine.dialect.name != "sqlite":
            pytest.skip("its planner does not say before there are many rows")
        for choice in (Choice(), Choice(verb="a:a"), Choice(thing="week", thing_id=1), Choice(person_id=1)):
            for part in events._parts(choice):
                compiled = events._page(part, (NOW, 9), 51).compile(db.engine, compile_kwargs={"literal_binds": False})
                plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", compiled.params)
                steps = " ".join(row[3] for row in plan)
                assert "ix_audit_event" in steps, steps
                assert "TEMP B-TREE" not in steps, steps


class TestPage:
    def test_says_who_did_what_about_what(self, app, story, auditor):
        page = PageClient(app).sign_in(auditor.person).get("/audit?verb=week:approve")

        assert page.status == 200
        assert "Max Manager" in page.text
        assert "Week: approve" in page.text
        assert "Ada Owner" not in page.words("th")

    def test_takes_the_same_statements_however_much_happened(self, app, story, auditor):
        browser = PageClient(app).sign_in(auditor.person)
        browser.get("/audit")
        few = counted(lambda: browser.get("/audit"))
        for number in range(60):
            happen(number=number)

        assert counted(lambda: browser.get("/audit")) == few <= 8

    def test_shows_auditors_their_units_alone(self, app, story):
        other, unit = auditor_of(None), auditor_of(story.team.unit)
        happen("quarter:close", about="quarter")

        assert "Max Manager" not in PageClient(app).sign_in(other.person).get("/audit").text
        page = PageClient(app).sign_in(unit.person).get("/audit?verb=week:approve")
        assert "Max Manager" in page.text
        assert "The system" not in PageClient(app).sign_in(unit.person).get("/audit?verb=quarter:close").text

    def test_shows_everything_to_whoever_covers_every_top_unit(self, app, story):
        happen("quarter:close", about="quarter")
        db.session.rollback()
        auditor = auditor_of(story.team.department)
        browser = PageClient(app).sign_in(auditor.person)

        assert "The system" not in browser.get("/audit?verb=quarter:close").text, "there is another top unit"

    @pytest.mark.parametrize("words", ["ada.owner@example.org", "Ada Owner"])
    def test_finds_a_person_by_address_or_name(self, app, story, auditor, words):
        page = PageClient(app).sign_in(auditor.person).get(f"/audit?person={words}&thing=week")

        assert page.status == 200
        assert "Ada Owner" in page.text
        assert "Week: approve" not in page.words("span")

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("person=nobody@example.org", "Nobody you may look at"),
            ("first=2026-13-01", "Write the first day"),
            ("first=2026-08-04&last=2026-08-03", "The last day is before the first"),
            ("thing_id=x", "Write the number alone"),
            ("colour=red", "no field called colour"),
            ("after=x", "damaged"),
        ],
    )
    def test_says_what_does_not_fit_and_keeps_what_was_typed(self, app, story, auditor, query, words):
        page = PageClient(app).sign_in(auditor.person).get(f"/audit?{query}&verb=week:approve")

        assert page.status == 422
        assert words in page.errors[0]

    def test_tells_an_unknown_person_from_nobody(self, app, story):
        """Somebody outside the units looks like somebody who is not there."""
        browser = PageClient(app).sign_in(auditor_of(None).person)

        known, unknown = (browser.get(f"/audit?person={who}@example.org").errors for who in ("ada.owner", "no.one"))
        assert known == unknown

    def test_says_when_the_chain_was_verified(self, app, story, auditor):
        browser = PageClient(app).sign_in(auditor.person)
        assert "not been verified yet" in browser.get("/audit").text
        happen("invariants:check", checks=9, broken=["B2"])
        assert "and held" in browser.get("/audit").text
        happen("invariants:check", checks=9, broken=["U2"], at=NOW + timedelta(days=1))
        assert "did not hold" in browser.get("/audit").text


class TestExport:
    def export(self, app, auditor, **data):
        browser = PageClient(app).sign_in(auditor.person)
        data |= {"csrf_token": browser.token()}
        return apart(browser.http.post, "/audit/export", data=data, buffered=True)

    def test_holds_what_the_page_shows(self, app, story, auditor):
        listed = [row.id for row in events.list_events(Choice(verb="week:approve"))[0]]
        answer = self.export(app, auditor, shape="jsonl", verb="week:approve")
        lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]

        assert [line["id"] for line in lines] == listed != []
        assert lines[0]["actor"] == "Max Manager"
        assert len(lines[0]["hash"]) == 64

    def test_defuses_what_a_spreadsheet_would_run(self, app, story):
        person = PersonFactory(name="=1+1", email="formula@example.org")
        happen(actor=type(SYSTEM)(id=person.id, name="P"))
        auditor = auditor_of(story.team.department)
        answer = app.test_cli_runner().invoke(args=["audit", "export", "--person", person.email, "--format", "csv"])
        rows = list(csv.DictReader(io.StringIO(answer.output)))

        assert auditor
        assert [row["actor"] for row in rows] == ["'=1+1"]

    def test_is_itself_recorded_before_it_leaves(self, app, story, auditor):
        self.export(app, auditor, shape="csv", thing="week")
        db.session.rollback()
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "audit:export")).one()

        assert event.actor_id == auditor.person.id
        assert json.loads(event.details) == {"shape": "csv", "thing": "week"}

    def test_is_refused_in_another_shape(self, app, story, auditor):
        assert self.export(app, auditor, shape="pdf").status_code == 422

    def test_streams_more_than_one_batch_in_order(self, app, monkeypatch):
        monkeypatch.setattr(events, "AT_ONCE", 7)
        for number in range(20):
            happen(number=number)
        result = app.test_cli_runner().invoke(args=["audit", "export", "--verb", "test:happen"])
        numbers = [json.loads(line)["thing_id"] for line in result.output.splitlines()]

        assert numbers == list(reversed(range(20)))


class TestApi:
    def test_lists_events_a_page_at_a_time(self, app, story, auditor, monkeypatch):
        monkeypatch.setattr(events, "PAGE", 2)
        program = ApiClient(app).as_(auditor.person)
        first = program.get("/audit?thing=week")

        assert first.status_code == 200
        assert first.json["events"][0]["verb"] == "week:approve"
        assert first.json["events"][0]["at"] == NOW.isoformat()

    def test_takes_days_as_people_count_them(self, app, story, auditor):
        program = ApiClient(app).as_(auditor.person)

        assert program.get(f"/audit?thing=week&first={NOW.date()}&last={NOW.date()}").json["events"]
        assert program.get(f"/audit?thing=week&last={MONDAY - timedelta(days=1)}").json["events"] == []
        assert program.get("/audit?first=2026-08-04&last=2026-08-03").status_code == 422

    def test_is_for_auditors_alone(self, app, story):
        assert ApiClient(app).as_(story.team.hr).get("/audit").status_code == 404


class TestWords:
    def test_say_what_was_and_what_is(self):
        details = '{"was":{"unit_id":1,"grade":"HEO"},"is":{"unit_id":2,"grade":"HEO"},"on":"2026-08-03"}'
        row = events.EventRow(
            1, datetime(2026, 8, 3, tzinfo=UTC), "person:change", None, "person", 1, details, 0, 1, ""
        )

        assert facts_in_words(Event(row, "The system", "Ada")) == ["Unit number: 1, now 2", "On: 2026-08-03"]

    @pytest.mark.parametrize(
        ("verb", "words"),
        [("week:hand-over", "Week: hand over"), ("api_token:issue", "Api token: issue"), ("odd", "odd")],
    )
    def test_name_a_verb(self, verb, words):
        assert verb_in_words(verb) == words
