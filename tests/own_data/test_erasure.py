"""When the time has ended, names and words are gone everywhere, and sums, reports and the audit are what they were."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update

from tests.factories.people import PersonFactory
from tests.own_data.planting import MARK, Planted
from tests.support.contents import contents
from tests.timesheets.weeks import NOW, Story
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.audit.models import AuditEvent
from tithe.audit.operations import record
from tithe.audit.queries import first_broken_link
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import atomic, db
from tithe.kernel.privacy import REMOVED, Kept
from tithe.oversight.jobs import due_months, erase
from tithe.oversight.labels import LABELS
from tithe.oversight.models import Erasure
from tithe.oversight.operations.erasure import erase_due
from tithe.people.models import Person
from tithe.reports.queries import utilisation_of_all
from tithe.timesheets.checks import CHECKS
from tithe.timesheets.models import Decision, TimeEntry

LEFT = date(2026, 9, 30)
AFTER = datetime(2030, 4, 1, 3, 30, tzinfo=UTC)
QUARTER = Quarter.containing(NOW.date())


@atomic
def leave(person_id: int, last_day: date = LEFT) -> None:
    db.session.execute(update(Person).where(Person.id == person_id).values(leaves_on=last_day))


def left_of(table: str) -> str:
    return repr(contents()[table])


class TestErasure:
    def test_leaves_no_canary_of_the_person_in_any_table(self, app):
        planted = Planted()
        leave(planted.person.id)
        erase_due(now=AFTER)

        published = {
            words
            for where, words in planted.canaries.items()
            if LABELS[where.split(".")[0]].labels[where.split(".")[1]] == "published"
        }
        kept = "\n".join(repr(rows) for rows in contents(leave_out=set()).values())
        theirs = self.about_or_by(planted)
        found = {where for where, words in planted.canaries.items() if words in kept and words not in published}

        assert found & theirs == set()
        assert MARK in kept, "what was published stays"

    @staticmethod
    def about_or_by(planted: Planted) -> set[str]:
        return {where for where in planted.canaries if LABELS[where.split(".")[0]].of}

    def test_takes_out_what_a_leaver_wrote_about_others(self, app):
        planted = Planted()
        leave(planted.story.team.manager.id)
        erase_due(now=AFTER)

        assert planted.canaries["decision.reason"] not in left_of("decision")
        assert REMOVED in left_of("decision")
        assert planted.canaries["time_entry.note"] in left_of("time_entry"), "that is somebody else's"

    def test_leaves_those_alone_who_have_not_left(self, app):
        planted = Planted()
        leave(planted.story.team.colleague.id)
        before = contents()
        erase_due(now=NOW + timedelta(days=30))

        assert contents() == before

    def test_keeps_sums_reports_the_chain_and_every_promise(self, app):
        story = Story()
        entry = story.entry(day=1, note="Rang my mother")
        story.approved(entry)
        accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)
        leave(story.owner.person_id)
        figures = {name: left_of(name) for name in ("person_quarter", "project")}
        report = utilisation_of_all(QUARTER)
        minutes = db.session.execute(select(TimeEntry.day, TimeEntry.minutes)).all()

        erase_due(now=AFTER)
        db.session.rollback()

        assert utilisation_of_all(QUARTER) == report
        assert {name: left_of(name) for name in figures} == figures
        assert db.session.execute(select(TimeEntry.day, TimeEntry.minutes)).all() == minutes
        assert first_broken_link() is None
        assert "mother" not in repr(contents())
        assert [row[3] for row in db.session.scalar(select(Decision.entries))] == [REMOVED]
        broken = {check.code: list(check.find(NOW)) for check in CHECKS}
        assert {code: rows for code, rows in broken.items() if rows} == {}

    def test_gives_the_person_a_name_that_is_nobodys(self, app):
        story = Story()
        leave(story.owner.person_id)
        erase_due(now=AFTER)
        db.session.rollback()
        person = db.session.get(Person, story.owner.id)

        assert (person.name, person.email) == (
            f"Former colleague {person.id}",
            f"former.{person.id}@erased.invalid",
        )
        assert person.staff_number is None

    def test_goes_class_by_class_and_does_each_once(self, app):
        person = PersonFactory(leaves_on=LEFT)
        dates = [date(2027, 10, 1), date(2027, 10, 1), date(2027, 10, 31), date(2029, 10, 1), date(2030, 4, 1)]
        found = [erase_due(now=datetime(day.year, day.month, day.day, 12, tzinfo=UTC)).people for day in dates]

        assert [sorted(kept for each in due for kept in each.classes) for due in found] == [
            [Kept.MESSAGES], [], [Kept.ACCESS], [Kept.DECISIONS], [Kept.PERSON, Kept.TIME],
        ]  # fmt: skip
        db.session.rollback()
        assert set(db.session.scalars(select(Erasure.kept).where(Erasure.person_id == person.id))) == set(Kept) - {
            Kept.ALWAYS
        }

    def test_is_recorded_by_number_alone(self, app):
        person = PersonFactory(leaves_on=LEFT)
        erase_due(now=AFTER)
        db.session.rollback()
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "person:erase")).one()

        assert event.subject_id == person.id
        assert person.name not in event.details

    def test_removes_old_messages_of_everybody(self, app):
        story = Story()
        story.submitted()
        assert story.owner.name in left_of("notice"), "their manager was told"
        erase_due(now=NOW + timedelta(days=360))
        assert story.owner.name in left_of("notice")

        assert erase_due(now=NOW + timedelta(days=370)).old_rows >= 1
        assert left_of("notice") == "[]"


class TestChain:
    def test_never_holds_a_name_or_an_address(self, app):
        @atomic
        def rename():
            was = {"name": "Ada Owner", "email": "ada@example.org", "staff_number": None}
            facts = {"was": was, "is": {**was, "name": "Ada Lovelace"}, "people": [{"email": "ada@example.org"}]}
            record("person:rename", actor=SYSTEM, about="person", id=1, at=NOW, **facts)

        rename()
        db.session.rollback()
        (details,) = db.session.scalars(select(AuditEvent.details))

        assert "Ada" not in details
        assert "ada@" not in details
        assert '"staff_number":null' in details
        assert first_broken_link() is None


class TestCommand:
    @pytest.fixture
    def person(self, app):
        return PersonFactory(leaves_on=date(2019, 1, 1), starts_on=date(2018, 1, 1))

    def test_only_says_what_it_would_do(self, app, person):
        before = contents()
        result = app.test_cli_runner().invoke(args=["people", "erase", "--due"])

        assert result.exit_code == 0, result.output
        assert f"Person {person.id}, who left on 2019-01-01" in result.output
        assert "Would erase records of 1 people" in result.output
        assert contents() == before

    def test_erases_when_told_to(self, app, person):
        result = app.test_cli_runner().invoke(args=["people", "erase", "--due", "--commit"])

        assert "Erased records of 1 people" in result.output
        assert person.name not in left_of("person")


class TestJob:
    def test_is_due_once_a_month(self):
        assert list(due_months(NOW)) == ["2026-08"]

    def test_erases(self, app):
        person = PersonFactory(leaves_on=LEFT)
        erase("2030-04", AFTER)
        db.session.rollback()

        assert db.session.scalar(text("SELECT count(*) FROM erasure WHERE person_id = :id"), {"id": person.id}) == 5
