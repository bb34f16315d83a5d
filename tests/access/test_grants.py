"""The whole map of who may do what, tried on made-up people and things of every kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tithe.access.actor import SYSTEM, Actor, RoleHeld
from tithe.access.grants import GRANTS, ensure, permits
from tithe.access.permissions import SCOPES, Permission, Role
from tithe.kernel.errors import NotFound

READING = {
    Permission.HOME_READ,
    Permission.PROJECT_LIST,
    Permission.PROJECT_READ,
    Permission.WEEK_READ,
    Permission.WEEK_LIST_AWAITING,
    Permission.ALLOWANCE_READ,
    Permission.ALLOWANCE_READ_TEAM,
    Permission.ALLOWANCE_EXPLAIN,
    Permission.PATTERN_READ,
    Permission.CALENDAR_READ,
    Permission.BLACKOUT_READ,
    Permission.QUARTER_READ,
    Permission.PERSON_HISTORY,
    Permission.DIRECTORY_READ,
    Permission.TEAM_READ,
    Permission.OWN_DATA_READ,
    Permission.AUDIT_READ,
    Permission.POLICY_READ,
    Permission.REPORT_READ,
    Permission.NOTICE_READ,
    Permission.ROLE_READ,
    Permission.DELEGATION_READ,
    Permission.PLAN_READ,
    Permission.AGREEMENT_READ,
    Permission.OUTSIDE_READ,
    Permission.OUTSIDE_OVERSEE,
    Permission.OUTSIDE_STAY,
}
WRITING = set(Permission) - READING
# Nothing a program would call.
PAGE_ONLY = {Permission.HOME_READ, Permission.SESSION_END, Permission.OWN_DATA_READ, Permission.ACCOUNT_MANAGE}
OF_NO_UNIT = {Permission.CALENDAR_WRITE, Permission.OUTSIDE_TERMS}  # what belongs to the whole service
TIMED_ONLY = {Permission.QUARTER_CLOSE}  # done by the timetable, or on the server itself
OF_A_WEEK = [each for each in Permission if each.startswith("week:") and each is not Permission.WEEK_LIST_AWAITING]


@dataclass(frozen=True)
class Thing:
    """A week, a project, a person and a unit in one: everything a predicate may ask about."""

    owner_id: int
    approver_id: int | None
    member_ids: frozenset[int]
    unit_path: frozenset[int]
    is_draft: bool
    manager_ids: frozenset[int] = frozenset()
    proposed_by: int = 0
    asked_by: int = 0
    manager_id: int = 0
    delegate_id: int = 0
    reviewer_id: int | None = None
    barred: frozenset[int] = frozenset()
    sponsor_id: int | None = None
    guest_ids: frozenset[int] = frozenset()


PEOPLE = st.integers(min_value=1, max_value=4)
UNITS = st.integers(min_value=1, max_value=4)
HELD = st.builds(RoleHeld, st.sampled_from(Role), UNITS)
SCOPE_SETS = st.frozensets(st.sampled_from([*SCOPES, "everything", ""]))
PERSONS = st.builds(
    Actor,
    id=PEOPLE,
    name=st.just("Somebody"),
    unit_id=st.none() | UNITS,
    manages=st.booleans(),
    senior=st.booleans(),
    roles=st.lists(HELD, max_size=3).map(tuple),
)
ACTORS = PERSONS | st.just(SYSTEM)
THINGS = st.builds(
    Thing,
    owner_id=PEOPLE,
    approver_id=st.none() | PEOPLE,
    member_ids=st.frozensets(PEOPLE),
    unit_path=st.frozensets(UNITS, min_size=1),
    is_draft=st.booleans(),
    manager_ids=st.frozensets(PEOPLE),
    proposed_by=PEOPLE,
    asked_by=PEOPLE,
    manager_id=PEOPLE,
    delegate_id=PEOPLE,
    reviewer_id=st.none() | PEOPLE,
    barred=st.frozensets(PEOPLE),
    sponsor_id=st.none() | PEOPLE,
    guest_ids=st.frozensets(PEOPLE),
)
SUBJECTS = st.none() | THINGS
PLENTY = settings(max_examples=200, deadline=None)


def rights(actor, subject):
    """Everything an actor may do to a subject."""
    return {each for each in Permission if permits(actor, each, subject)}


@given(PERSONS, THINGS)
@PLENTY
def test_nobody_decides_their_own_week(person, week):
    own = replace(week, owner_id=person.id)

    assert not permits(person, Permission.WEEK_DECIDE, own)


@given(PERSONS, THINGS, HELD, SCOPE_SETS)
@PLENTY
def test_no_role_and_no_token_lets_somebody_decide_their_own_week(person, week, role, scopes):
    trusted = replace(person, roles=(*person.roles, role), manages=True, scopes=scopes)

    assert not permits(trusted, Permission.WEEK_DECIDE, replace(week, owner_id=person.id, approver_id=person.id))


@given(ACTORS, THINGS)
@PLENTY
def test_a_week_with_an_approver_is_decided_by_nobody_else(actor, week):
    if week.approver_id is not None and permits(actor, Permission.WEEK_DECIDE, week):
        assert actor.id == week.approver_id


@given(ACTORS, THINGS)
@PLENTY
def test_a_week_without_an_approver_is_decided_only_by_a_role_over_its_unit(actor, week):
    unassigned = replace(week, approver_id=None)

    if permits(actor, Permission.WEEK_DECIDE, unassigned):
        covering = {held.role for held in actor.roles if held.unit_id in week.unit_path}
        assert covering & {Role.HR_MANAGER, Role.COORDINATOR}


@given(ACTORS, THINGS)
@PLENTY
def test_only_its_owner_changes_a_week(actor, week):
    for permission in (Permission.WEEK_SAVE, Permission.WEEK_SUBMIT, Permission.WEEK_RECALL):
        assert permits(actor, permission, week) == (actor.id == week.owner_id)


@given(ACTORS, THINGS)
@PLENTY
def test_a_week_is_read_by_its_owner_and_those_who_may_decide_it(actor, week):
    reads = permits(actor, Permission.WEEK_READ, week)

    assert reads == (actor.id == week.owner_id or permits(actor, Permission.WEEK_DECIDE, week))


@given(ACTORS, THINGS)
@PLENTY
def test_a_draft_project_is_seen_only_by_its_members(actor, project):
    draft = replace(project, is_draft=True)

    assert permits(actor, Permission.PROJECT_READ, draft) == (actor.id in draft.member_ids)


@given(PERSONS, SUBJECTS, st.lists(UNITS, min_size=1, max_size=4))
@PLENTY
def test_being_an_auditor_never_lets_anybody_write(person, subject, units):
    auditor = replace(person, roles=(*person.roles, *(RoleHeld(Role.AUDITOR, unit) for unit in units)))

    assert rights(auditor, subject) & WRITING == rights(person, subject) & WRITING


@given(ACTORS, SUBJECTS, HELD)
@PLENTY
def test_a_role_more_never_takes_a_right_away(actor, subject, role):
    promoted = replace(actor, roles=(*actor.roles, role))

    assert rights(actor, subject) <= rights(promoted, subject)


@given(PERSONS, THINGS, HELD)
@PLENTY
def test_a_role_elsewhere_gives_no_right_here(person, thing, role):
    elsewhere = replace(person, roles=(*person.roles, replace(role, unit_id=99)))

    assert rights(elsewhere, thing) - OF_NO_UNIT == rights(person, thing) - OF_NO_UNIT


@given(ACTORS, SUBJECTS, SCOPE_SETS)
@PLENTY
def test_the_scopes_of_a_token_never_add_a_right_and_remove_those_they_do_not_name(actor, subject, scopes):
    named = {permission for scope in scopes if scope in SCOPES for permission in SCOPES[scope]}

    by_token = rights(replace(actor, scopes=scopes), subject)

    assert by_token == rights(replace(actor, scopes=None), subject) & named


@given(ACTORS, SCOPE_SETS | st.none(), THINGS)
@PLENTY
def test_whoever_may_do_it_to_one_thing_may_do_it_at_all(actor, scopes, thing):
    """Guards and menus ask with no subject: an answer of no there must not hide what a row would allow."""
    actor = replace(actor, scopes=scopes)

    assert rights(actor, thing) <= rights(actor, None)


@given(THINGS)
@PLENTY
def test_the_system_itself_configures_imports_and_closes_and_decides_nothing(thing):
    assert rights(SYSTEM, thing) == rights(SYSTEM, None)
    assert rights(SYSTEM, None) == {
        Permission.POLICY_ADOPT,
        Permission.AUDIT_READ,
        Permission.REPORT_FREEZE,
        Permission.QUARTER_CLOSE,
        Permission.ABSENCE_IMPORT,
        Permission.PERSON_MANAGE,
        Permission.DIRECTORY_READ,
        Permission.PATTERN_READ,
        Permission.PATTERN_WRITE,
        Permission.MOVE_WRITE,
        Permission.CALENDAR_WRITE,
        Permission.ROLE_READ,
        Permission.ROLE_GRANT,
        Permission.OUTSIDE_READ,
        Permission.OUTSIDE_OVERSEE,
        Permission.OUTSIDE_MANAGE,
        Permission.OUTSIDE_TERMS,
    }


@given(PERSONS, THINGS, HELD)
@PLENTY
def test_nobody_corrects_their_own_minutes_or_decides_what_they_proposed(person, thing, role):
    trusted = replace(person, roles=(*person.roles, role))

    assert not permits(trusted, Permission.ADJUSTMENT_PROPOSE, replace(thing, owner_id=person.id))
    assert not permits(trusted, Permission.ADJUSTMENT_DECIDE, replace(thing, owner_id=person.id))
    assert not permits(trusted, Permission.ADJUSTMENT_DECIDE, replace(thing, proposed_by=person.id))


@given(PERSONS, THINGS, HELD)
@PLENTY
def test_nobody_gives_their_own_role_or_confirms_what_they_proposed(person, thing, role):
    trusted = replace(person, roles=(*person.roles, role))

    assert not permits(trusted, Permission.ROLE_GRANT, replace(thing, owner_id=person.id))
    assert not permits(trusted, Permission.ROLE_CONFIRM, replace(thing, owner_id=person.id))
    assert not permits(trusted, Permission.ROLE_CONFIRM, replace(thing, asked_by=person.id))


@given(PERSONS, THINGS, HELD)
@PLENTY
def test_nobody_answers_for_another_delegate(person, thing, role):
    trusted, other = replace(person, roles=(*person.roles, role)), person.id + 1

    assert not permits(trusted, Permission.DELEGATION_ANSWER, replace(thing, delegate_id=other))
    assert not permits(trusted, Permission.DELEGATION_END, replace(thing, delegate_id=other, manager_id=other))


@given(PERSONS, THINGS, HELD)
@PLENTY
def test_nobody_sets_their_own_working_hours(person, thing, role):
    trusted = replace(person, roles=(*person.roles, role))

    assert not permits(trusted, Permission.PATTERN_WRITE, replace(thing, owner_id=person.id))


@given(ACTORS, SUBJECTS)
@PLENTY
def test_ensuring_refuses_exactly_what_is_not_permitted_in_the_words_for_what_is_absent(actor, subject):
    for permission in Permission:
        if permits(actor, permission, subject):
            ensure(actor, permission, subject)
        else:
            with pytest.raises(NotFound, match=NotFound().message):
                ensure(actor, permission, subject)


class TestGrants:
    @pytest.mark.parametrize("permission", Permission)
    def test_name_somebody_for_every_permission(self, permission):
        assert GRANTS[permission]

    def test_name_nothing_else(self):
        assert set(GRANTS) == set(Permission)

    @pytest.mark.parametrize("permission", Permission)
    def test_spell_every_permission_as_a_thing_and_a_verb(self, permission):
        thing, colon, verb = permission.partition(":")

        assert thing.replace("-", "").isalpha()
        assert colon
        assert verb.replace("-", "").isalpha()


class TestScopes:
    def test_hold_every_permission_but_those_of_pages_alone(self):
        held = frozenset().union(*SCOPES.values())

        assert set(Permission) - held == PAGE_ONLY | TIMED_ONLY

    def test_share_no_permission(self):
        assert sum(len(each) for each in SCOPES.values()) == len(frozenset().union(*SCOPES.values()))

    @pytest.mark.parametrize("scope", SCOPES)
    def test_that_say_read_hold_nothing_that_writes(self, scope):
        assert SCOPES[scope] <= (READING if scope.endswith(":read") else WRITING)

    def test_that_nobody_knows_hold_nothing(self):
        token = Actor(id=1, name="Somebody", manages=True, scopes=frozenset({"everything", "weeks", "weeks:read "}))

        assert rights(token, None) == set()


class TestPermits:
    @pytest.mark.parametrize("name", ["week:destroy", "", "WEEK_READ", "week:read ", "*"])
    def test_does_not_know_a_permission_that_is_not_in_the_list(self, name):
        with pytest.raises(ValueError, match="is not a valid Permission"):
            permits(Actor(id=1, name="Somebody"), name)

    @pytest.mark.parametrize("permission", OF_A_WEEK)
    def test_gives_a_stranger_nothing_on_a_week(self, permission):
        stranger = Actor(id=1, name="Stranger", unit_id=1, manages=True)
        week = Thing(owner_id=2, approver_id=3, member_ids=frozenset(), unit_path=frozenset({1}), is_draft=False)

        assert not permits(stranger, permission, week)

    def test_lets_a_manager_of_nobody_decide_the_weeks_that_still_wait_for_them(self):
        """The last report moved on; the week stays with whoever it was sent to (§1.6)."""
        manager = Actor(id=1, name="Manager", manages=False)
        week = Thing(owner_id=2, approver_id=1, member_ids=frozenset(), unit_path=frozenset({1}), is_draft=False)

        assert permits(manager, Permission.WEEK_DECIDE, week)
        assert permits(manager, Permission.WEEK_DECIDE), "the guard of the page asks this first"
