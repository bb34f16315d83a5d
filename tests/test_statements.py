"""The number of SQL statements behind a page does not grow with its rows, and is small for the pages people live on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.factories.people import AssignmentFactory, PersonFactory, UnitFactory
from tests.factories.projects import ProjectFactory
from tests.support.contents import statements
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.access.actor import SYSTEM
from tithe.allowance.operations import accrual as allowance
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

FEW, MANY = 10, 100
QUARTER = Quarter.containing(MONDAY)
# The most statements a page may take, signing in included; None where only growth matters.
PAGES = {
    "/": ("owner", None),
    f"/weeks/{MONDAY}": ("owner", 8),
    "/weeks": ("owner", 8),
    "/approvals": ("manager", 8),
    "/projects": ("owner", 8),
    "/allowance": ("owner", 8),
    "/allowance/team": ("manager", 8),
    f"/reports/utilisation?quarter={QUARTER}": ("hr", 8),
    f"/reports/utilisation.csv?quarter={QUARTER}": ("hr", 8),
}


@pytest.fixture
def story(app, monkeypatch) -> Story:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("tithe.timesheets.queries.inbox.PAGE", 1000)
    monkeypatch.setattr("tithe.projects.queries.PAGE", 1000)
    return Story()


def grow(story: Story, start: int, end: int) -> None:
    """Add rows of every kind a page may list: projects, weeks with entries, people, units."""
    team = story.team
    for number in range(start, end):
        project = ProjectFactory(owner_id=team.owner.id, owner=None)
        unit = UnitFactory(parent_id=team.department.id)
        person = PersonFactory()
        AssignmentFactory(person_id=person.id, person=None, unit_id=unit.id, unit=None, line_manager_id=team.manager.id)
        for owner, monday in ((person, MONDAY), (team.owner, MONDAY - timedelta(weeks=number + 1))):
            week = {
                "person_id": owner.id,
                "starts_on": monday,
                "status": WeekStatus.SUBMITTED,
                "total_minutes": 60,
                "unit_id": unit.id,
                "approver_id": team.manager.id,
                "submitted_at": NOW,
                "due_on": MONDAY,
                "version": 1,
            }
            week_id = db.session.scalar(insert(Week).values(**week).returning(Week.id))
            entry = {"week_id": week_id, "person_id": owner.id, "project_id": project.id, "day": monday, "minutes": 60}
            db.session.execute(insert(TimeEntry).values(**entry, note=""))
    db.session.commit()
    allowance.accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)


def count(browser: PageClient, path: str) -> int:
    with statements() as sent:
        assert browser.get(path).status == 200
    return len(sent)


class TestStatements:
    def test_do_not_grow_with_the_rows_and_stay_few(self, app, story, record_property):
        browsers = {who: PageClient(app).sign_in(getattr(story.team, who)) for _, (who, _) in PAGES.items()}
        story.saved()
        counts = []
        for start, end in ((0, FEW), (FEW, MANY)):
            grow(story, start, end)
            counts.append({path: count(browsers[who], path) for path, (who, _) in PAGES.items()})
        few, many = counts
        for path, found in many.items():
            record_property(path, found)

        assert few == many
        assert {path: found for path, found in many.items() if found > (PAGES[path][1] or 99)} == {}

    def test_of_a_save_are_the_same_for_few_rows_and_many(self, app, story):
        story.saved()
        counts = []
        for start, end in ((0, FEW), (FEW, MANY)):
            grow(story, start, end)
            browser = PageClient(app).sign_in(story.team.owner)
            token = browser.token()
            version = str(story.week().version)
            sent = {"csrf_token": token, "version": version, f"m-{story.project.id}-{MONDAY}": f"{end + 20}m"}
            with statements() as found:
                assert browser.post(f"/weeks/{MONDAY}", sent).status == 303
            counts.append(len(found))

        assert counts[1] <= counts[0] <= 9  # the first takes an entry away, the second only changes one
