"""Giving roles by one person or two, ending them, and that they end by themselves."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, Team, UnitFactory
from tests.support.contents import contents
from tests.timesheets.weeks import NOW, actor
from tithe.access.actor import SYSTEM, RoleHeld
from tithe.access.permissions import Role
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.notices.models import Notice
from tithe.people import roles
from tithe.people.models import RoleGrant, RoleRequest
from tithe.people.operations import roles as operations
from tithe.people.rules.roles import BY_TWO_PEOPLE, Span, Wanted, problems_in

TODAY = date(2026, 8, 7)
WHY = "Takes over from a colleague who moves on"


class Office:
    """A team with two administrators, an HR manager, and an administrator of a department elsewhere."""

    def __init__(self) -> None:
        self.team = Team()
        self.first, self.second = (self.holder(Role.ADMINISTRATOR) for _ in range(2))
        self.hr = self.holder(Role.HR_MANAGER)
        self.other = UnitFactory(code="OTHER", name="Department of Others")
        self.stranger = PersonFactory()
        RoleGrantFactory(person_id=self.stranger.id, role=Role.ADMINISTRATOR, unit_id=self.other.id)

    def holder(self, role):
        person = PersonFactory()
        AssignmentFactory(person_id=person.id, person=None, unit_id=self.team.unit.id, unit=None)
        RoleGrantFactory(person_id=person.id, role=role, unit_id=self.team.department.id)
        return person


@pytest.fixture
def office(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


def propose(by, person, role=Role.FINANCE, unit="DEPT", starts_on=TODAY, ends_on=None, reason=WHY, now=NOW):
    wanted = Wanted(role, Span(starts_on, ends_on), reason)
    who = by if by is SYSTEM else actor(by, now)
    return operations.propose_role(actor=who, person=person.email, unit=unit, wanted=wanted, now=now)


def confirm(by, request_id, now=NOW):
    return operations.confirm_role(actor=actor(by, now), request_id=request_id, now=now)


def held(person, now=NOW):
    return {each.role for each in actor(person, now).roles}


def refuse(words, field, *asked, **changes):
    before = contents()
    with pytest.raises(RuleBroken, match=words) as refusal:
        propose(*asked, **changes)
    assert field in {problem.field for problem in refusal.value.problems}
    assert contents() == before


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class TestGiving:
    @pytest.mark.parametrize("role", sorted(set(Role) - BY_TWO_PEOPLE))
    def test_takes_one_person_for_most_roles(self, office, role):
        given = propose(office.first, office.team.owner, role)

        assert not given.waits
        assert actor(office.team.owner).roles == (RoleHeld(role, office.team.department.id),)

    @pytest.mark.parametrize("role", sorted(BY_TWO_PEOPLE))
    def test_takes_two_for_the_powerful_ones(self, office, role):
        given = propose(office.first, office.team.owner, role)

        assert given.waits
        assert held(office.team.owner) == set()
        confirm(office.second, given.id)
        assert held(office.team.owner) == {role}

    def test_takes_one_on_the_server_and_is_recorded_as_such(self, office):
        given = propose(SYSTEM, office.team.owner, Role.ADMINISTRATOR)

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "role:grant")).one()
        assert (given.waits, event.actor_id, event.subject_id) == (False, None, given.id)
        assert held(office.team.owner) == {Role.ADMINISTRATOR}

    def test_is_for_units_one_administers(self, office):
        refuse("you administer", "unit", office.stranger, office.team.owner)
        refuse("you administer", "unit", office.hr, office.team.owner)
        refuse("you administer", "unit", office.first, office.team.owner, unit="OTHER")
        refuse("you administer", "unit", office.first, office.team.owner, unit="NO-SUCH-UNIT")

    def test_is_never_to_oneself(self, office):
        refuse("themselves", "person", office.first, office.first, Role.HR_ANALYST)

    def test_refuses_what_cannot_be(self, office):
        gone, someone = PersonFactory(leaves_on=TODAY), office.team.owner
        tomorrow, yesterday = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
        refuse("not employed", "person", office.first, gone, starts_on=tomorrow)
        refuse("gone by", "starts_on", office.first, someone, starts_on=yesterday)
        refuse("the first day", "ends_on", office.first, someone, ends_on=yesterday)
        refuse("at least 20", "reason", office.first, someone, reason="Why not")

    def test_refuses_the_same_role_twice(self, office):
        propose(office.first, office.team.owner, Role.AUDITOR)
        propose(office.first, office.team.owner, Role.FINANCE)

        refuse("already", "starts_on", office.first, office.team.owner, Role.AUDITOR)
        refuse("second person already", "role", office.second, office.team.owner, Role.FINANCE)

    def test_tells_those_who_may_confirm_and_then_the_holder(self, office):
        given = propose(office.first, office.team.owner)
        told = {notice.person_id for notice in db.session.scalars(select(Notice))}
        assert told == {office.second.id, office.hr.id}

        confirm(office.hr, given.id)
        db.session.rollback()
        [notice] = db.session.scalars(select(Notice).where(Notice.person_id == office.team.owner.id))
        assert office.first.name in notice.body
        assert office.hr.name in notice.body


class TestConfirming:
    def test_is_for_a_second_person_of_the_unit(self, office):
        given = propose(office.first, office.team.owner)

        for other in (office.first, office.team.owner, office.team.manager, office.stranger, office.team.hr):
            with pytest.raises(NotFound):
                confirm(other, given.id)
        assert held(office.team.owner) == set()

    def test_is_never_of_ones_own(self, office):
        given = propose(office.first, office.second)

        with pytest.raises(NotFound):
            confirm(office.second, given.id)

    def test_happens_once(self, office):
        given = propose(office.first, office.team.owner)
        confirm(office.hr, given.id)

        with pytest.raises(Conflict):
            confirm(office.second, given.id)

    def test_is_recorded_with_both(self, office):
        given = propose(office.first, office.team.owner)
        confirm(office.hr, given.id)

        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "role:confirm")).one()
        assert (event.actor_id, json.loads(event.details)["asked_by"]) == (office.hr.id, office.first.id)

    def test_late_begins_that_day_and_never_after_its_last(self, office):
        given = propose(office.first, office.team.owner, ends_on=TODAY + timedelta(days=5))
        later = at(TODAY + timedelta(days=3))
        confirm(office.hr, given.id, later)
        db.session.rollback()
        assert (
            db.session.scalars(select(RoleGrant.starts_on).where(RoleGrant.role == Role.FINANCE)).one() == later.date()
        )

        other = propose(office.first, office.team.colleague, ends_on=TODAY)
        with pytest.raises(RuleBroken, match="was to end"):
            confirm(office.hr, other.id, later)


class TestRefusing:
    def test_needs_words_and_tells_whoever_proposed_it(self, office):
        given = propose(office.first, office.team.owner)
        with pytest.raises(RuleBroken, match="at least 20"):
            operations.refuse_role(actor=actor(office.hr), request_id=given.id, words="No", now=NOW)
        operations.refuse_role(actor=actor(office.hr), request_id=given.id, words=WHY, now=NOW)

        db.session.rollback()
        [notice] = db.session.scalars(select(Notice).where(Notice.event == "role-refused"))
        assert (notice.person_id, WHY in notice.body) == (office.first.id, True)
        assert held(office.team.owner) == set()
        assert propose(office.first, office.team.owner).waits


class TestEnding:
    def test_comes_by_itself_on_the_day(self, office):
        last = TODAY + timedelta(days=2)
        propose(office.first, office.team.owner, Role.AUDITOR, ends_on=last)

        assert held(office.team.owner, at(last)) == {Role.AUDITOR}
        assert held(office.team.owner, at(last + timedelta(days=1))) == set()

    def test_of_one_that_ended_yesterday_has_happened_today(self, office):
        RoleGrantFactory(
            person_id=office.team.owner.id,
            role=Role.AUDITOR,
            unit_id=office.team.unit.id,
            ends_on=TODAY - timedelta(days=1),
        )

        assert held(office.team.owner) == set()
        assert roles.list_grants(SYSTEM, TODAY)[0][0].person != office.team.owner.name

    def test_is_at_once_or_on_a_day_by_one_person(self, office):
        grant = RoleGrantFactory(person_id=office.team.owner.id, role=Role.FINANCE, unit_id=office.team.unit.id)
        last = TODAY + timedelta(days=2)
        operations.end_role(actor=actor(office.first), grant_id=grant.id, last_day=last, now=NOW)
        assert held(office.team.owner, at(last)) == {Role.FINANCE}
        assert held(office.team.owner, at(last + timedelta(days=1))) == set()

        operations.end_role(actor=actor(office.second), grant_id=grant.id, last_day=None, now=NOW)
        assert held(office.team.owner) == set()

    def test_at_once_of_one_that_began_today_leaves_room_to_give_it_again(self, office):
        given = propose(office.first, office.team.owner, Role.AUDITOR)
        operations.end_role(actor=actor(office.first), grant_id=given.id, last_day=None, now=NOW)
        assert held(office.team.owner) == set()

        propose(office.first, office.team.owner, Role.AUDITOR)
        assert held(office.team.owner) == {Role.AUDITOR}

    def test_is_for_administrators_of_the_unit_and_never_of_ones_own(self, office):
        [own] = db.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == office.first.id))

        for other in (office.first, office.stranger, office.hr, office.team.owner):
            with pytest.raises(NotFound):
                operations.end_role(actor=actor(other), grant_id=own, last_day=None, now=NOW)

    @pytest.mark.parametrize(("days", "words"), [(-1, "at once"), (5, "already"), (6, "give it again")])
    def test_on_a_day_only_makes_it_shorter(self, office, days, words):
        given = propose(office.first, office.team.owner, Role.AUDITOR, ends_on=TODAY + timedelta(days=5))

        day = TODAY + timedelta(days=days)

        with pytest.raises(RuleBroken, match=words):
            operations.end_role(actor=actor(office.first), grant_id=given.id, last_day=day, now=NOW)

    def test_of_one_that_is_over_is_a_conflict(self, office):
        ended = TODAY - timedelta(days=1)
        grant = RoleGrantFactory(person_id=office.team.owner.id, unit_id=office.team.unit.id, ends_on=ended)

        with pytest.raises(Conflict):
            operations.end_role(actor=actor(office.first), grant_id=grant.id, last_day=None, now=NOW)


class TestLists:
    def test_hold_the_units_ones_own_role_covers(self, office):
        for unit, person in (("DEPT", office.team.owner), ("OTHER", office.team.colleague)):
            propose(SYSTEM, person, Role.STAFF_REP, unit=unit)

        def seen(viewer):
            rows = roles.list_grants(viewer, TODAY)[0]
            return {row.person for row in rows if row.role is Role.STAFF_REP}

        assert seen(actor(office.first)) == {office.team.owner.name}
        assert seen(actor(office.stranger)) == {office.team.colleague.name}
        assert seen(SYSTEM) == {office.team.owner.name, office.team.colleague.name}

    def test_read_on_page_by_page(self, office, monkeypatch):
        monkeypatch.setattr("tithe.people.roles.PAGE", 2)
        viewer = actor(office.first)
        for role in (Role.FINANCE, Role.HR_MANAGER, Role.ADMINISTRATOR):
            propose(office.first, office.team.owner, role)

        first, place = roles.list_requests(viewer, decided=False)
        rest, end = roles.list_requests(viewer, decided=False, after=place)
        assert {row.role for row in first + rest} == BY_TWO_PEOPLE
        assert (len(first), end) == (2, None)

        grants, following = roles.list_grants(viewer, TODAY)
        more, _ = roles.list_grants(viewer, TODAY, after=following)
        assert not {row.id for row in grants} & {row.id for row in more}
        assert more
        assert db.session.scalar(select(RoleRequest.id).where(RoleRequest.outcome.is_not(None))) is None


class TestDays:
    @pytest.mark.parametrize(
        ("held_from", "held_to", "fine"),
        [(-9, -1, True), (-9, 0, False), (-9, None, False), (3, 9, False), (4, 9, True), (4, None, True)],
    )
    def test_of_one_role_do_not_overlap(self, held_from, held_to, fine):
        wanted = Wanted(Role.AUDITOR, Span(TODAY, TODAY + timedelta(days=3)), WHY)
        last = None if held_to is None else TODAY + timedelta(days=held_to)

        problems = problems_in(wanted, [Span(TODAY + timedelta(days=held_from), last)], TODAY)

        assert (problems == []) == fine
