"""How long a stay may last, what of it is true on a day, and who has to host."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tithe.access.actor import Actor, RoleHeld
from tithe.access.grants import permits
from tithe.access.permissions import BEFORE_TERMS, OUTSIDE_RIGHTS, Permission, Role
from tithe.people.rules import outside as rules
from tithe.people.rules.outside import LIVE, StayStatus

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
MONTHS = st.integers(1, 12)


@given(today=DAYS, months=MONTHS)
def test_the_latest_day_is_later_with_more_months_and_never_skips_one(today, months):
    latest = rules.latest_day(today, months)

    assert latest > rules.latest_day(today, months - 1)
    assert (latest.year - today.year) * 12 + latest.month - today.month == months
    assert latest.day <= today.day


@given(today=DAYS, months=MONTHS, ahead=st.integers(-500, 500))
def test_a_stay_may_end_on_any_day_from_today_to_the_latest_and_on_no_other(today, months, ahead):
    day = today + timedelta(days=ahead)
    allowed = rules.problem_with_day(day, today, months) is None

    assert allowed == (today <= day <= rules.latest_day(today, months))


@given(today=DAYS, ahead=st.integers(-50, 50))
def test_with_no_months_nobody_is_invited(today, ahead):
    assert rules.problem_with_day(today + timedelta(days=ahead), today, 0) is not None


@given(last_day=DAYS, ahead=st.integers(-500, 500), accepted=st.booleans())
def test_a_stay_goes_on_through_its_last_day_and_never_after(last_day, ahead, accepted):
    status = rules.status_on(last_day + timedelta(days=ahead), last_day=last_day, accepted=accepted, ended=False)

    assert (status in LIVE) == (ahead <= 0)


@given(day=DAYS, last_day=DAYS, accepted=st.booleans())
def test_a_stay_that_was_ended_never_goes_on(day, last_day, accepted):
    assert rules.status_on(day, last_day=last_day, accepted=accepted, ended=True) is StayStatus.ENDED


@given(starts_on=DAYS, lasted=st.integers(0, 500))
def test_a_stay_that_is_ended_has_no_day_left_unless_it_began_that_day(starts_on, lasted):
    day = starts_on + timedelta(days=lasted)
    last_day = rules.ends_before(day, starts_on)

    assert starts_on <= last_day
    assert last_day < day or lasted == 0


def test_whoever_has_left_never_goes_on_hosting_and_whoever_takes_part_does_not_have_to_stop():
    for takes_part, handed_on in product((True, False), repeat=2):
        facts = {"host_takes_part": takes_part, "handed_on": handed_on}
        assert rules.must_be_handed_on(host_is_here=False, **facts)
        assert rules.must_be_handed_on(host_is_here=True, **facts) == (not takes_part and not handed_on)


@st.composite
def actors(draw):
    """Anybody, whatever they hold."""
    roles = draw(st.lists(st.builds(RoleHeld, st.sampled_from(Role), st.integers(1, 3)), max_size=4))
    return Actor(
        id=1, name="Gita", unit_id=draw(st.none() | st.integers(1, 3)), manages=draw(st.booleans()),
        senior=draw(st.booleans()), roles=tuple(roles), stands_in_for=draw(st.frozensets(st.integers(2, 4))),
    )  # fmt: skip


class Anything:
    """A subject that grants whatever is asked of it."""

    is_draft = False
    approver_id, reviewer_id, asked_by, proposed_by = None, None, 99, 99
    barred: frozenset[int] = frozenset()

    def __init__(self, actor: Actor) -> None:
        self.owner_id = self.sponsor_id = self.delegate_id = self.manager_id = actor.id
        self.member_ids = self.guest_ids = self.manager_ids = frozenset({actor.id})
        self.unit_path = frozenset({held.unit_id for held in actor.roles} | {actor.unit_id})


@given(actor=actors(), permission=st.sampled_from(Permission), asked=st.booleans(), due=st.booleans())
def test_nothing_gives_somebody_from_outside_more_than_the_few_rights(actor, permission, asked, due):
    guest = Actor(**vars(actor) | {"outside": True, "terms_due": due})

    if permits(guest, permission, Anything(guest) if asked else None):
        assert permission in (BEFORE_TERMS if due else OUTSIDE_RIGHTS)


def test_a_manager_with_every_role_who_were_from_outside_could_still_do_nothing():
    roles = tuple(RoleHeld(role, 1) for role in Role)
    guest = Actor(id=1, name="Gita", unit_id=1, manages=True, senior=True, roles=roles, outside=True)

    assert {each for each in Permission if permits(guest, each)} == OUTSIDE_RIGHTS
