"""Changing somebody's post from a day on, joining and leaving: by operation, over the API and by command."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team, UnitFactory
from tests.people.hr_files import CALENDARS, NOW, TODAY, person, posts
from tests.support.contents import contents
from tests.support.pages import ApiClient
from tests.timesheets.weeks import Story, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people import queries
from tithe.people.operations.posts import Newcomer, change_post, join, leave
from tithe.people.rules.grades import Grade
from tithe.people.rules.posts_over_time import Post

SOON = date(2026, 9, 1)
EVE = date(2026, 8, 31)
START = date(2020, 1, 1)


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def hr(team):
    RoleGrantFactory(person_id=team.hr.id, unit_id=team.unit.id, role=Role.HR_MANAGER)
    return actor(team.hr)


def change(who, starts_on=SOON, by=SYSTEM, **changes):
    db.session.rollback()
    return change_post(
        actor=by, person_id=who.id, starts_on=starts_on, changes=changes, calendars=CALENDARS, now=NOW
    )  # fmt: skip


def refuse(who, words, field, **changes):
    before = contents()
    with pytest.raises(RuleBroken, match=words) as refusal:
        change(who, **changes)
    assert refusal.value.field == field
    assert contents() == before


class TestChangePost:
    def test_takes_effect_on_its_day_and_keeps_what_was(self, team):
        change(team.owner, unit_id=team.department.id, line_manager_id=team.director.id, weekly_minutes=1110)

        boss = team.manager.staff_number
        assert posts(team.owner.staff_number) == [
            (START, EVE, team.unit.id, boss, 2220),
            (SOON, None, team.department.id, team.director.staff_number, 1110),
        ]
        assert queries.managers_above(team.owner.id, EVE)[0] == team.manager.id
        assert queries.managers_above(team.owner.id, SOON)[0] == team.director.id

    def test_is_recorded_with_what_was(self, team):
        change(team.owner, grade=Grade.SEO)

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "person:change")).one()
        facts = json.loads(event.details)
        assert (event.subject_id, facts["from"]) == (team.owner.id, str(SOON))
        assert (facts["was"]["grade"], facts["is"]["grade"]) == ("HEO", "SEO")

    def test_may_be_dated_back_to_the_post_on_record_and_no_further(self, team):
        change(team.owner, date(2026, 7, 1), weekly_minutes=1110)

        refuse(team.owner, "stays as it was", "starts_on", starts_on=date(2026, 7, 1), weekly_minutes=60)
        refuse(team.owner, "from 1 July 2026 is on record", "starts_on", starts_on=date(2026, 6, 1), weekly_minutes=60)

    def test_leaves_decisions_and_queues_of_before_alone(self, app):
        story = Story()
        week = story.submitted()
        change(story.team.owner, line_manager_id=story.team.director.id)

        assert story.week() == week

    @pytest.mark.parametrize(
        ("changes", "words", "field"),
        [
            ({"calendar": "mars"}, "no calendar mars", "calendar"),
            ({"weekly_minutes": 10081}, "at most 168", "weekly_minutes"),
            ({"weekly_minutes": 2220}, "their post already", None),
            ({"starts_on": date(2019, 12, 31), "weekly_minutes": 60}, "no post on 31 December 2019", "starts_on"),
        ],
    )
    def test_refuses_what_cannot_be(self, team, changes, words, field):
        refuse(team.owner, words, field, **changes)

    def test_refuses_loops_and_managers_who_are_gone(self, team):
        gone = PersonFactory(leaves_on=EVE)
        refuse(team.owner, "employed on 1 September", "manager", line_manager_id=gone.id)
        refuse(team.owner, "manages themselves", "manager", line_manager_id=team.owner.id)
        refuse(team.director, "not managed by them in turn", "manager", line_manager_id=team.owner.id)

    def test_refuses_a_loop_that_closes_later(self, team):
        change(team.colleague, line_manager_id=team.director.id)
        change(team.manager, SOON + timedelta(days=30), line_manager_id=None)
        change(team.director, SOON + timedelta(days=30), line_manager_id=team.manager.id)

        refuse(
            team.manager, "in turn", "manager", starts_on=SOON + timedelta(days=60), line_manager_id=team.colleague.id
        )

    def test_refuses_a_line_of_more_than_fifteen_steps(self, team):
        above = team.owner
        for _ in range(13):  # the owner is two steps down already
            above = self.under(above, team)
        refuse(self.under(team.manager, team), "at most 15 steps", "manager", line_manager_id=above.id)

    def under(self, boss, team):
        new = PersonFactory()
        AssignmentFactory(person_id=new.id, unit_id=team.unit.id, line_manager_id=boss.id, person=None, unit=None)
        return new

    def test_is_for_hr_managers_of_the_person_and_of_the_new_unit(self, team, hr):
        change(team.owner, by=hr, weekly_minutes=1110)

        elsewhere = UnitFactory()
        refuse(team.colleague, "unit that your role covers", "unit", by=hr, unit_id=elsewhere.id)
        for who, by in ((team.director, hr), (team.hr, hr), (team.owner, actor(team.manager))):
            with pytest.raises(NotFound):
                change(who, by=by, weekly_minutes=60)


class TestLeave:
    def test_ends_the_post_and_the_right_to_sign_in(self, team):
        leave(actor=SYSTEM, person_id=team.owner.id, last_day=TODAY, now=NOW)

        assert posts(team.owner.staff_number)[0][1] == person(team.owner.staff_number).leaves_on == TODAY
        assert actor(team.owner).id == team.owner.id
        with pytest.raises(NotFound):
            actor(team.owner, NOW + timedelta(days=1))

    def test_may_be_moved_or_taken_back_until_it_is_over(self, team):
        for last_day in (SOON, EVE, None):
            db.session.rollback()
            leave(actor=SYSTEM, person_id=team.owner.id, last_day=last_day, now=NOW)
            assert posts(team.owner.staff_number)[0][1] == last_day

        db.session.rollback()
        leave(actor=SYSTEM, person_id=team.owner.id, last_day=TODAY, now=NOW)
        with pytest.raises(RuleBroken, match="left on 7 August 2026"):
            leave(actor=SYSTEM, person_id=team.owner.id, last_day=SOON, now=NOW + timedelta(days=1))


class TestJoin:
    def test_adds_somebody_with_a_first_post(self, team):
        post = Post(team.unit.id, team.manager.id, Grade.EO, 2220, "scotland")
        newcomer = Newcomer("N1", "New Comer", "new@example.org", SOON)
        db.session.rollback()
        join(actor=SYSTEM, newcomer=newcomer, post=post, calendars=CALENDARS, now=NOW)

        assert posts("N1") == [(SOON, None, team.unit.id, team.manager.staff_number, 2220)]
        with pytest.raises(RuleBroken, match="Somebody has N1 already"):
            join(actor=SYSTEM, newcomer=newcomer, post=post, calendars=CALENDARS, now=NOW)


class TestApi:
    @pytest.fixture
    def program(self, app, team, hr):
        return ApiClient(app).as_(team.hr)

    def test_changes_a_post_and_lists_what_was(self, team, program):
        path, body = f"/people/{team.owner.id}", {"starts_on": str(SOON), "manager": None, "grade": "SEO"}
        before = contents()

        rehearsed = program.call("PATCH", f"{path}/post", body | {"rehearse": True})
        assert (rehearsed.status_code, rehearsed.json) == (200, {"saved": False, "closed": 1, "opened": 1})
        assert contents() == before
        assert program.call("PATCH", f"{path}/post", body).json["saved"] is True
        listed = program.call("GET", f"{path}/posts").json["posts"]
        assert [(each["starts_on"], each["manager"], each["grade"]) for each in listed] == [
            (str(SOON), None, "SEO"),
            (str(START), team.manager.email, "HEO"),
        ]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"unit": "NOWHERE"}, "unit"),
            ({"manager": "nobody@example.org"}, "manager"),
            ({"calendar": "mars"}, "calendar"),
            ({"grade": "Wizard"}, "grade"),
            ({"hours": 37}, "hours"),
        ],
    )
    def test_names_the_field_it_refuses(self, team, program, body, field):
        answer = program.call("PATCH", f"/people/{team.owner.id}/post", {"starts_on": str(SOON), **body})

        assert (answer.status_code, answer.json["field"]) == (422, field)

    def test_shows_everybody_their_own_posts_and_no_others(self, app, team):
        program = ApiClient(app).as_(team.owner)

        assert program.call("GET", f"/people/{team.owner.id}/posts").status_code == 200
        assert program.call("GET", f"/people/{team.colleague.id}/posts").status_code == 404


class TestCommands:
    @pytest.fixture
    def run(self, app, team):
        def run(*arguments):
            db.session.rollback()
            return app.test_cli_runner().invoke(args=["people", *map(str, arguments)])

        return run

    def test_change_rehearses_unless_told_to_save(self, team, run):
        asked = (
            "change",
            team.owner.email,
            "--from",
            SOON,
            "--unit",
            "DEPT",
            "--manager",
            "nobody",
            "--hours",
            "22:12",
        )
        before = contents()

        result = run(*asked)
        assert (result.exit_code, "Nothing was saved" in result.output) == (0, True), result.output
        assert contents() == before
        result = run(*asked, "--commit")
        assert "until 31 August 2026: what was on record\nfrom 1 September 2026: the new post\nSaved" in result.output
        assert posts(team.owner.staff_number)[1][2:] == (team.department.id, None, 1332)

    def test_leave_and_join_save_too(self, team, run):
        assert "Saved, and the allowance follows it" in run("leave", team.owner.email, SOON, "--commit").output
        assert person(team.owner.staff_number).leaves_on == SOON
        result = run("join", "N1", "New Comer", "New@example.org", "--from", SOON, "--unit", "DEPT", "--commit")
        assert result.exit_code == 0, result.output
        assert person("N1").email == "new@example.org"
        assert posts("N1") == [(SOON, None, team.department.id, None, 2220)]

    def test_say_what_is_wrong(self, run):
        result = run("change", "nobody@example.org", "--from", SOON, "--hours", "37")

        assert (result.exit_code, "Nobody has the address" in result.output) == (1, True)
