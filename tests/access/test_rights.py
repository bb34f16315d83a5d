"""What somebody could be permitted at all hangs on what they are, and is the same for all who are the same."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tithe.access.actor import SYSTEM, Actor, RoleHeld
from tithe.access.grants import DUTIES, permits, rights_of, runs_scheme
from tithe.access.permissions import SCOPES, Permission, Role

IDS = st.integers(0, 9)
ACTORS = st.builds(
    Actor,
    id=IDS | st.none(),
    name=st.sampled_from(["Ann", "Ben"]),
    email=st.sampled_from(["", "ann@example.org"]),
    unit_id=IDS | st.none(),
    manages=st.booleans(),
    senior=st.booleans(),
    roles=st.lists(st.builds(RoleHeld, st.sampled_from(Role), IDS), max_size=3).map(tuple),
    scopes=st.none() | st.frozensets(st.sampled_from(sorted(SCOPES)), max_size=3),
    session_id=IDS | st.none(),
    employed=st.just((date(2020, 1, 6), None)),
    stands_in_for=st.frozensets(IDS, max_size=2),
    shares_post=st.booleans(),
    outside=st.booleans(),
    terms_due=st.booleans(),
)


class TestRights:
    @given(ACTORS)
    def test_are_all_that_could_be_permitted(self, actor):
        assert rights_of(actor) == {each for each in Permission if permits(actor, each)}

    @given(ACTORS)
    def test_say_who_runs_the_scheme(self, actor):
        assert runs_scheme(rights_of(actor)) == any(permits(actor, duty) for duty in DUTIES)

    def test_are_worked_out_once_for_all_who_are_the_same(self):
        ann = Actor(1, "Ann", "ann@example.org", unit_id=3, session_id=7, roles=(RoleHeld(Role.AUDITOR, 4),))
        ben = Actor(2, "Ben", unit_id=5, roles=(RoleHeld(Role.AUDITOR, 6), RoleHeld(Role.AUDITOR, 7)))

        assert rights_of(ann) is rights_of(ben)
        assert Permission.AUDIT_READ in rights_of(ann)
        assert Permission.AUDIT_READ not in rights_of(Actor(3, "Cal"))
        assert rights_of(SYSTEM) != rights_of(ann)
