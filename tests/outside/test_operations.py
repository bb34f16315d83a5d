"""Inviting, extending, ending and handing on, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from tests.factories.delegations import DelegationFactory
from tests.factories.people import AssignmentFactory, RoleGrantFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.outside.conftest import GUEST, UNTIL
from tests.people.signing_in import COST, PASSWORD
from tests.support.threads import at_once, errors_in
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Permission
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.outside import operations, queries
from tithe.people import outside
from tithe.people import queries as people
from tithe.people.directory import Find, find_people, get_card, list_staff
from tithe.people.models import OutsideMember, OutsideTerms, Password, Person
from tithe.people.operations import acceptance, identity, posts, resets
from tithe.people.operations import outside as accounts
from tithe.people.rules.outside import FIRST_TERMS, StayStatus
from tithe.people.rules.secrets import LINK_PATH, hashed
from tithe.people.wanted import person_called
from tithe.policy.operations import adopt_policy
from tithe.projects.models import ProjectMember


def handle_mailed(person_id: int) -> str:
    db.session.rollback()
    found = db.session.query(Notice).filter_by(person_id=person_id, event="outside-invited").order_by(Notice.id).all()
    return found[-1].path.removeprefix(LINK_PATH)


def accept(party, person_id: int, **changes):
    asked = {"password": PASSWORD, "terms": 1, "cost": COST, "now": party.hands.now} | changes
    resets.use_link(handle=handle_mailed(person_id), **asked)


def status(party, person_id: int) -> StayStatus:
    db.session.rollback()
    stay = outside.get_stay(person_id, by=SYSTEM, to=Permission.OUTSIDE_READ, today=party.hands.now.date())
    return stay.status


def told(event: str) -> set[int]:
    db.session.rollback()
    return {each.person_id for each in db.session.query(Notice).filter_by(event=event)}


class TestInviting:
    def test_opens_an_account_that_ends_by_itself(self, party):
        person = db.session.get(Person, party.invite())

        assert (person.outside, person.staff_number, person.leaves_on) == (True, None, UNTIL)
        stay = queries.get_stay(
            person.id, by=party.actor(party.owner), to=Permission.OUTSIDE_READ, today=party.hands.now.date()
        )
        assert (stay.row.status, stay.row.sponsor) == (StayStatus.INVITED, "Ada Owner")
        assert [each.title for each in stay.projects] == ["Plain letters"]
        assert told("outside-invited") == {person.id}
        assert {"outside:invite", "outside:place"} <= {each.verb for each in db.session.query(AuditEvent)}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"email": "nowhere"}, "email"),
            ({"email": "max.manager@example.org"}, "email"),
            ({"organisation": ""}, "organisation"),
            ({"until": date(2026, 8, 2)}, "last_day"),
            ({"until": date(2027, 2, 28)}, "last_day"),
        ],
    )
    def test_refuses_what_cannot_be(self, party, changes, field):
        with pytest.raises(RuleBroken) as refusal:
            party.invite(**changes)
        assert refusal.value.field == field
        assert db.session.query(OutsideMember).count() == 0

    def test_says_all_that_is_wrong_at_once(self, party):
        with pytest.raises(RulesBroken) as refusal:
            party.invite(name="", organisation="", until=date(2030, 1, 1))
        assert [each.field for each in refusal.value.problems] == ["name", "organisation", "last_day"]

    def test_is_only_for_projects_the_host_works_on(self, party):
        for ids in ({party.others.id}, {party.project.id, party.others.id}, set()):
            with pytest.raises(RuleBroken) as refusal:
                operations.invite(
                    actor=party.actor(party.owner), invitee=GUEST, project_ids=ids, last_day=UNTIL, now=party.hands.now
                )
            assert refusal.value.field == "projects"
        assert db.session.query(Person).filter(Person.outside).count() == 0

    def test_is_not_for_drafts(self, party):
        draft = ProjectFactory(draft=True, owner_id=party.owner.id, owner=None)
        with pytest.raises(RuleBroken, match="registered projects"):
            operations.invite(
                actor=party.actor(party.owner), invitee=GUEST, project_ids={draft.id}, last_day=UNTIL,
                now=party.hands.now,
            )  # fmt: skip

    @pytest.mark.parametrize(("months", "latest"), [(1, date(2026, 9, 7)), (12, date(2027, 8, 7))])
    def test_follows_the_policy_of_the_unit(self, party, months, latest):
        unit_id, day = party.team.department.id, date(2026, 8, 1)
        settings = {"outside_months": months}
        adopt_policy(actor=SYSTEM, unit_id=unit_id, starts_on=day, settings=settings, reason="Why", now=party.hands.now)
        with pytest.raises(RuleBroken, match=str(latest.year)):
            party.invite(until=latest + timedelta(days=1))
        assert party.invite(until=latest)

    def test_refuses_whoever_is_here_already_and_takes_back_who_was(self, party):
        first = party.invite()
        with pytest.raises(RuleBroken, match="already"):
            party.invite()
        accept(party, first)
        party.hands.forward(days=160)
        again = party.invite(until=date(2027, 2, 1), name="Gita Married")

        assert again == first
        stored = db.session.get(OutsideMember, first)
        assert (stored.terms_version, stored.accepted_at) == (None, None), "the terms are accepted anew"

    def test_of_one_person_by_two_at_once_counts_once(self, app, party):
        hosts = [party.actor(each) for each in (party.owner, party.team.colleague)]
        asked = {"invitee": GUEST, "project_ids": {party.project.id}, "last_day": UNTIL, "now": party.hands.now}
        results = at_once(app, [partial(operations.invite, actor=each, **asked) for each in hosts])

        [refusal] = errors_in(results)
        assert isinstance(refusal, (RuleBroken, Conflict))
        assert db.session.query(OutsideMember).count() == 1


class TestAccepting:
    def test_counts_once_for_one_link(self, app, party):
        person_id = party.invite()
        handle = handle_mailed(person_id)
        one = partial(resets.use_link, handle=handle, password=PASSWORD, terms=1, cost=COST, now=party.hands.now)
        refusals = errors_in(at_once(app, [one] * 4))

        assert len(refusals) == 3
        assert all(isinstance(each, NotFound) for each in refusals)
        db.session.rollback()
        verbs = [each.verb for each in db.session.query(AuditEvent)]
        assert verbs.count("outside:accept-terms") == 1
        assert told("outside-accepted") == {party.owner.id}

    @pytest.mark.parametrize("shown", [None, 0, 2])
    def test_is_of_the_terms_as_they_are(self, party, shown):
        person_id = party.invite()
        with pytest.raises(RuleBroken, match="newer version"):
            accept(party, person_id, terms=shown)
        assert db.session.get(Password, person_id) is None

    def test_is_asked_for_again_at_the_next_sign_in_after_new_terms(self, party):
        person_id = party.invite()
        accept(party, person_id)
        secret = identity.start_session(person_id=person_id, hours=12, now=party.hands.now)
        token = identity.issue_token(email=GUEST.email, scopes=(), days=9, now=party.hands.now)
        party.hands.forward(minutes=5)
        assert acceptance.publish_terms(actor=SYSTEM, words="New words. " * 30, now=party.hands.now) == 2
        party.hands.forward(minutes=5)

        assert not people.actor_by_sign_in(hashed(secret), party.hands.now).terms_due
        assert people.actor_by_token(hashed(token), party.hands.now).terms_due, "a token never signs in"
        secret = identity.start_session(person_id=person_id, hours=12, now=party.hands.now)
        guest = people.actor_by_sign_in(hashed(secret), party.hands.now)
        assert guest.terms_due
        acceptance.accept_terms(actor=guest, version=2, now=party.hands.now)
        assert not people.actor_by_sign_in(hashed(secret), party.hands.now).terms_due
        assert not people.actor_by_token(hashed(token), party.hands.now).terms_due

    def test_keeps_published_terms_as_they_were(self, party):
        acceptance.publish_terms(actor=SYSTEM, words="New words. " * 30, now=party.hands.now)
        for change in ("UPDATE outside_terms SET words = 'x'", "DELETE FROM outside_terms"):
            with pytest.raises(IntegrityError, match="never change"), db.engine.begin() as connection:
                connection.execute(text(change))
        with pytest.raises(RuleBroken, match="already"):
            acceptance.publish_terms(actor=SYSTEM, words="New words. " * 30, now=party.hands.now)
        assert outside.current_terms().version == 2
        assert db.session.query(OutsideTerms).count() == 1
        assert FIRST_TERMS.version == 1


class TestExpiry:
    @pytest.mark.parametrize("zone", ["summer", "winter"])
    def test_is_at_midnight_in_london_with_no_job(self, party, zone):
        last_day, midnight = {
            "summer": (date(2026, 8, 31), datetime(2026, 8, 31, 23, tzinfo=UTC)),
            "winter": (date(2026, 12, 31), datetime(2027, 1, 1, 0, tzinfo=UTC)),
        }[zone]
        person_id = party.invite(until=last_day)
        accept(party, person_id)
        party.hands.now = midnight - timedelta(hours=2)
        secret = identity.start_session(person_id=person_id, hours=12, now=party.hands.now)
        token = identity.issue_token(email=GUEST.email, scopes=(), days=9, now=party.hands.now)
        operations.send_again(actor=party.actor(party.owner), person_id=person_id, now=party.hands.now)
        handle = handle_mailed(person_id)

        before, after = midnight - timedelta(seconds=1), midnight
        assert people.actor_by_sign_in(hashed(secret), before).id == person_id
        assert people.actor_by_token(hashed(token), before).id == person_id
        assert people.actor_by_sign_in(hashed(secret), after) is None
        assert people.actor_by_token(hashed(token), after) is None
        with pytest.raises(NotFound):
            resets.use_link(handle=handle, password=PASSWORD, terms=1, cost=COST, now=after)
        with pytest.raises(RuleBroken, match="not right"):
            identity.sign_in(email=GUEST.email, password=PASSWORD, cost=COST, hours=1, now=after)
        with pytest.raises(Conflict):
            operations.extend(actor=party.actor(party.owner), person_id=person_id, last_day=UNTIL, now=after)

    def test_comes_later_when_the_host_extends_it_as_far_from_today_as_any(self, party):
        person_id = party.invite(until=date(2026, 8, 31))
        host = party.actor(party.owner)
        with pytest.raises(RuleBroken):
            operations.extend(actor=host, person_id=person_id, last_day=date(2027, 2, 28), now=party.hands.now)
        operations.extend(actor=host, person_id=person_id, last_day=UNTIL, now=party.hands.now)

        assert db.session.get(Person, person_id, populate_existing=True).leaves_on == UNTIL
        assert told("outside-extended") == {person_id}

    def test_is_announced_to_host_and_member_once(self, party):
        person_id = party.invite(until=date(2026, 8, 31))
        day = date(2026, 8, 17)
        party.hands.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
        assert operations.remind(since=day - timedelta(days=1), now=party.hands.now) == 1
        assert operations.remind(since=day, now=party.hands.now) == 0
        assert told("outside-ending") == {person_id, party.owner.id}
        assert outside.still_ending([person_id], day, date(2026, 8, 31)) == {person_id}
        operations.extend(actor=party.actor(party.owner), person_id=person_id, last_day=UNTIL, now=party.hands.now)
        assert outside.still_ending([person_id], day, date(2026, 8, 31)) == set()


class TestEnding:
    @pytest.mark.parametrize("who", ["owner", "hr"])
    def test_takes_everything_at_once_on_the_very_first_day(self, party, who):
        person_id = party.invite()
        accept(party, person_id)
        secret = identity.start_session(person_id=person_id, hours=12, now=party.hands.now)
        token = identity.issue_token(email=GUEST.email, scopes=(), days=9, now=party.hands.now)
        accounts.end_stay(actor=party.actor(getattr(party.team, who)), person_id=person_id, now=party.hands.now)

        assert status(party, person_id) is StayStatus.ENDED
        assert people.actor_by_sign_in(hashed(secret), party.hands.now) is None
        assert people.actor_by_token(hashed(token), party.hands.now) is None
        with pytest.raises(RuleBroken, match="not right"):
            identity.sign_in(email=GUEST.email, password=PASSWORD, cost=COST, hours=1, now=party.hands.now)
        assert told("outside-ended") == {person_id} | ({party.owner.id} if who == "hr" else set())

    def test_is_for_the_host_and_hr_alone_and_counts_once(self, app, party):
        person_id = party.invite()
        for who in ("colleague", "manager", "director"):
            with pytest.raises(NotFound):
                accounts.end_stay(actor=party.actor(getattr(party.team, who)), person_id=person_id, now=party.hands.now)
        host = party.actor(party.owner)
        one = partial(accounts.end_stay, actor=host, person_id=person_id, now=party.hands.now)
        assert len(errors_in(at_once(app, [one] * 3))) == 2


class TestHosts:
    def leave(self, party, person):
        db.session.execute(update(Person).where(Person.id == person.id).values(leaves_on=date(2026, 8, 8)))
        db.session.commit()

    def host(self, person_id):
        return db.session.get(OutsideMember, person_id, populate_existing=True).sponsor_id

    def test_who_stay_stay(self, party):
        person_id = party.invite()
        assert operations.hand_on_orphans(now=party.hands.now) == 0
        assert self.host(person_id) == party.owner.id

    def test_who_leave_are_followed_by_their_manager_then_by_hr(self, party):
        person_id = party.invite()
        self.leave(party, party.owner)
        party.hands.forward(days=9)
        assert operations.hand_on_orphans(now=party.hands.now) == 1
        assert self.host(person_id) == party.team.manager.id
        assert operations.hand_on_orphans(now=party.hands.now) == 0, "the manager need not work on the project"
        assert told("outside-handed-on") == {party.team.manager.id}

        self.leave(party, party.team.manager)
        self.leave(party, party.team.director)
        assert operations.hand_on_orphans(now=party.hands.now) == 1
        assert self.host(person_id) is None
        assert told("outside-handed-on") == {party.team.manager.id, party.team.hr.id}
        accounts.end_stay(actor=party.actor(party.team.hr), person_id=person_id, now=party.hands.now)

    def test_who_are_no_longer_on_the_project_are_followed_too(self, party):
        person_id = party.invite()
        gone = ProjectMember.person_id == party.owner.id
        db.session.execute(update(ProjectMember).where(gone).values(left_on=party.hands.now.date() - timedelta(days=1)))
        db.session.commit()
        assert operations.hand_on_orphans(now=party.hands.now) == 1
        assert self.host(person_id) == party.team.manager.id


class TestDatabase:
    """Whatever a program does, nobody from outside becomes staff."""

    @pytest.fixture
    def guest(self, party):
        return party.invite()

    def test_refuses_posts_roles_delegations_and_projects(self, party, guest):
        staff, unit = party.owner.id, party.team.unit.id
        given = [
            lambda: AssignmentFactory(person_id=guest, person=None, unit_id=unit, unit=None),
            lambda: AssignmentFactory(unit_id=unit, unit=None, line_manager_id=guest),
            lambda: RoleGrantFactory(person_id=guest, unit_id=unit),
            lambda: DelegationFactory(manager_id=staff, delegate_id=guest),
            lambda: DelegationFactory(manager_id=guest, delegate_id=staff),
            lambda: MemberFactory(project_id=party.project.id, person_id=guest),
            lambda: ProjectFactory(owner_id=guest, owner=None),
        ]
        for give in given:
            with pytest.raises(IntegrityError, match="from outside"):
                give()
            db.session.rollback()

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE assignment SET line_manager_id = {guest} WHERE person_id = {staff}",
            "UPDATE project SET owner_id = {guest}",
            "UPDATE person SET outside = false WHERE id = {guest}",
            "UPDATE person SET outside = true WHERE id = {staff}",
            "UPDATE person SET leaves_on = NULL WHERE id = {guest}",
            "UPDATE outside_member SET sponsor_id = {guest}",
        ],
    )
    def test_refuses_to_make_them_staff_later(self, party, guest, change):
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text(change.format(guest=guest, staff=party.owner.id)))

    def test_keeps_them_out_of_lists_and_of_what_names_staff(self, party, guest):
        db.session.rollback()
        assert GUEST.email not in {each.email for each in list_staff(party.hands.now.date())}
        with pytest.raises(RuleBroken, match="Nobody has"):
            person_called(GUEST.email, "manager")
        newcomer = posts.Newcomer("S9", "Gita", GUEST.email, party.hands.now.date())
        post = posts.Post(party.team.unit.id, None, None, 2220, "england-and-wales")
        with pytest.raises(RuleBroken, match="already"):
            posts.join(actor=SYSTEM, newcomer=newcomer, post=post, calendars={"england-and-wales"}, now=party.hands.now)
        staff, today = party.actor(party.team.hr), party.hands.now.date()
        for find in (Find(name="Gita"), Find()):
            assert guest not in {each.id for each in find_people(find, today, by=staff)[0]}
        with pytest.raises(NotFound):
            get_card(guest, today, by=staff)
