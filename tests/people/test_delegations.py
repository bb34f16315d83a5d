"""Asking somebody to stand in, answering, ending, and who therefore acts for whom."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.delegations import DelegationFactory
from tests.factories.people import AssignmentFactory, RoleGrantFactory, Team
from tests.support.contents import contents, statements
from tests.timesheets.weeks import NOW, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.notices.models import Notice
from tithe.people.delegations import delegations_of, in_force, stand_ins_for
from tithe.people.models import Assignment, Person
from tithe.people.operations import delegations as operations
from tithe.people.operations import identity
from tithe.people.operations.posts import leave
from tithe.people.queries import actor_by_token
from tithe.people.rules.delegations import DelegationStatus
from tithe.people.rules.grades import Grade
from tithe.people.rules.secrets import hashed

TODAY, SOON, LATER = date(2026, 8, 7), date(2026, 8, 10), date(2026, 8, 14)
NEXT_WEEK = datetime(2026, 8, 12, 9, tzinfo=UTC)


@pytest.fixture
def team(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Team()


@pytest.fixture
def peer(team):
    """Another manager of the same grade."""
    return AssignmentFactory(unit_id=team.unit.id, unit=None, grade=Grade.G7, line_manager_id=team.director.id)


def ask(manager, delegate, starts_on=SOON, ends_on=LATER, now=NOW, **more):
    asked = {"delegate": delegate.email, "starts_on": starts_on, "ends_on": ends_on, **more}
    return operations.ask_delegate(actor=actor(manager, now), **asked, now=now)


def accept(delegate, delegation_id, now=NOW):
    operations.accept_delegation(actor=actor(delegate, now), delegation_id=delegation_id, now=now)


def agreed(manager, delegate, **days):
    delegation_id = ask(manager, delegate, **days)
    accept(delegate, delegation_id)
    return delegation_id


def refuse(words, manager, delegate, field="delegate", **days):
    before = contents()
    with pytest.raises(RuleBroken, match=words) as refusal:
        ask(manager, delegate, **days)
    assert refusal.value.field == field
    assert contents() == before


def person_of(post):
    return db.session.get(Person, post.person_id)


def events():
    db.session.rollback()
    return [event for event in db.session.scalars(select(AuditEvent)) if event.verb.startswith("delegation:")]


class TestAsking:
    def test_changes_nothing_until_it_is_accepted(self, team):
        ask(team.manager, team.director)

        assert actor(team.director, NEXT_WEEK).stands_in_for == frozenset()
        assert stand_ins_for([team.manager.id], SOON) == {}

    def test_takes_a_staff_number_too(self, team):
        asked = {"delegate": team.director.staff_number, "starts_on": SOON, "ends_on": LATER}

        assert operations.ask_delegate(actor=actor(team.manager), **asked, now=NOW)

    def test_is_recorded_with_both_ids_and_tells_both(self, team):
        delegation_id = ask(team.manager, team.director, words="I am on leave")

        [event] = events()
        facts = json.loads(event.details)
        assert (event.verb, event.subject_id, event.actor_id) == ("delegation:ask", delegation_id, team.manager.id)
        assert (facts["manager_id"], facts["delegate_id"]) == (team.manager.id, team.director.id)
        told = {notice.person_id: notice for notice in db.session.scalars(select(Notice))}
        assert set(told) == {team.manager.id, team.director.id}
        assert "I am on leave" in told[team.director.id].body

    def test_refuses_a_lower_grade(self, team):
        refuse("grade or above", team.manager, team.hr)

    def test_refuses_days_gone_by_and_more_than_eight_weeks(self, team):
        yesterday = TODAY - timedelta(days=1)
        refuse("gone by", team.manager, team.director, "starts_on", starts_on=yesterday)
        refuse("8 weeks", team.manager, team.director, "ends_on", ends_on=SOON + timedelta(days=56))

    def test_refuses_oneself_and_people_who_will_have_left(self, team):
        leave(actor=SYSTEM, person_id=team.director.id, last_day=SOON, now=NOW)

        refuse("themselves", team.manager, team.manager)
        refuse("not employed", team.manager, team.director)

    def test_refuses_somebody_nobody_knows(self, team):
        with pytest.raises(RuleBroken, match="Nobody has the address"):
            operations.ask_delegate(
                actor=actor(team.manager), delegate="who@example.org", starts_on=SOON, ends_on=LATER, now=NOW
            )

    def test_is_for_those_who_manage_somebody(self, team):
        with pytest.raises(NotFound):
            ask(team.owner, team.director)

    def test_refuses_a_second_delegate_for_the_same_days(self, team, peer):
        agreed(team.manager, team.director)

        refuse("already", team.manager, person_of(peer), starts_on=LATER, ends_on=LATER)
        assert ask(team.manager, person_of(peer), starts_on=date(2026, 8, 15), ends_on=date(2026, 8, 15))

    def test_refuses_chains_either_way(self, team, peer):
        boss = person_of(peer)
        db.session.execute(
            update(Assignment).where(Assignment.person_id == team.colleague.id).values(line_manager_id=boss.id)
        )
        db.session.commit()
        agreed(boss, team.manager)

        refuse("not passed on", team.manager, team.director)
        refuse("given to somebody else", team.manager, boss)


class TestAccepting:
    def test_lets_the_delegate_act_on_its_days_and_no_others(self, team):
        agreed(team.manager, team.director)

        managed = frozenset({team.manager.id})
        assert actor(team.director).stands_in_for == frozenset()
        assert actor(team.director, NEXT_WEEK).stands_in_for == managed
        assert actor(team.director, NEXT_WEEK + timedelta(days=2)).stands_in_for == managed
        assert actor(team.director, NEXT_WEEK + timedelta(days=3)).stands_in_for == frozenset()
        assert stand_ins_for([team.manager.id, team.owner.id], SOON) == {team.manager.id: team.director.id}

    def test_reaches_a_token_too_in_one_statement(self, team):
        agreed(team.manager, team.director, starts_on=TODAY)
        RoleGrantFactory(person_id=team.director.id, unit_id=team.unit.id, role=Role.AUDITOR)
        RoleGrantFactory(person_id=team.director.id, unit_id=team.department.id, role=Role.COORDINATOR)
        token = identity.issue_token(email=team.director.email, scopes=(), days=1, now=NOW)

        with statements() as sent:
            found = actor_by_token(hashed(token), NOW)

        assert len(sent) == 1
        assert found.stands_in_for == {team.manager.id}
        assert {held.role for held in found.roles} == {Role.AUDITOR, Role.COORDINATOR}
        assert len(found.roles) == 2

    def test_is_for_the_one_who_was_asked(self, team):
        delegation_id = ask(team.manager, team.director)

        for other in (team.manager, team.owner, team.hr):
            with pytest.raises(NotFound):
                accept(other, delegation_id)

    def test_happens_once(self, team):
        delegation_id = agreed(team.manager, team.director)

        with pytest.raises(Conflict):
            accept(team.director, delegation_id)

    def test_checks_for_chains_again(self, team, peer):
        boss = person_of(peer)
        db.session.execute(
            update(Assignment).where(Assignment.person_id == team.colleague.id).values(line_manager_id=boss.id)
        )
        db.session.commit()
        waiting = ask(team.manager, team.director)
        agreed(boss, team.manager)

        with pytest.raises(RuleBroken, match="not passed on"):
            accept(team.director, waiting)

    def test_is_too_late_after_the_last_day(self, team):
        delegation_id = ask(team.manager, team.director)

        with pytest.raises(Conflict):
            accept(team.director, delegation_id, now=NEXT_WEEK + timedelta(days=3))


class TestDeclining:
    def test_leaves_the_days_free(self, team):
        delegation_id = ask(team.manager, team.director)
        operations.decline_delegation(actor=actor(team.director), delegation_id=delegation_id, now=NOW)

        with pytest.raises(Conflict):
            accept(team.director, delegation_id)
        assert [event.verb for event in events()] == ["delegation:ask", "delegation:decline"]
        assert ask(team.manager, team.director)


class TestEnding:
    @pytest.mark.parametrize("side", ["manager", "director"])
    def test_is_at_once_from_either_side(self, team, side):
        delegation_id = agreed(team.manager, team.director, starts_on=TODAY)
        assert actor(team.director).stands_in_for
        operations.end_delegation(actor=actor(getattr(team, side)), delegation_id=delegation_id, now=NOW)

        assert actor(team.director).stands_in_for == frozenset()
        assert stand_ins_for([team.manager.id], TODAY) == {}
        [row] = delegations_of(team.manager.id, TODAY, over=True)[0]
        assert row.status is DelegationStatus.ENDED
        assert db.session.query(Notice).count() == 6

    def test_is_for_neither_a_third_person_nor_twice(self, team):
        delegation_id = agreed(team.manager, team.director)
        with pytest.raises(NotFound):
            operations.end_delegation(actor=actor(team.owner), delegation_id=delegation_id, now=NOW)
        operations.end_delegation(actor=actor(team.manager), delegation_id=delegation_id, now=NOW)

        with pytest.raises(Conflict):
            operations.end_delegation(actor=actor(team.manager), delegation_id=delegation_id, now=NOW)

    @pytest.mark.parametrize("side", ["manager", "director"])
    def test_comes_by_itself_when_either_side_leaves(self, team, side):
        agreed(team.manager, team.director, starts_on=TODAY)
        leave(actor=SYSTEM, person_id=getattr(team, side).id, last_day=SOON, now=NOW)
        db.session.rollback()

        assert stand_ins_for([team.manager.id], SOON) == {team.manager.id: team.director.id}
        assert stand_ins_for([team.manager.id], SOON + timedelta(days=1)) == {}
        assert len(in_force(SOON)) == 1
        assert in_force(SOON + timedelta(days=1)) == []
        if side == "manager":
            assert actor(team.director, NEXT_WEEK).stands_in_for == frozenset()


class TestList:
    def test_reads_on_page_by_page(self, team, monkeypatch):
        monkeypatch.setattr("tithe.people.delegations.PAGE", 2)
        made = [
            DelegationFactory(manager_id=team.manager.id, delegate_id=team.director.id, declined=True).id
            for _ in range(3)
        ]

        first, place = delegations_of(team.director.id, TODAY, over=True)
        rest, end = delegations_of(team.director.id, TODAY, over=True, after=place)

        assert [row.id for row in first + rest] == made[::-1]
        assert end is None
