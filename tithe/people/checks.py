"""The promises of lines of management and job shares, and what checks of features above need to know of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import aliased

from tithe.access.grants import QUEUE_KEEPERS
from tithe.kernel.checks import Check, stream
from tithe.kernel.clock import local_date
from tithe.people.models import Assignment, Delegation, JobShare, Person, RoleGrant
from tithe.people.queries import in_force, unit_tree
from tithe.people.rules.posts_over_time import LONGEST_CHAIN

# When somebody is employed, who keeps the queue of a unit when, and who stood in for whom: checks of features above
# join to these.
EMPLOYMENT = select(Person.id, Person.starts_on, Person.leaves_on).subquery("employment")
KEEPERS = (
    select(RoleGrant.person_id, RoleGrant.starts_on, RoleGrant.ends_on, unit_tree.c.descendant_id.label("unit_id"))
    .join(unit_tree, unit_tree.c.ancestor_id == RoleGrant.unit_id)
    .where(RoleGrant.role.in_(QUEUE_KEEPERS))
    .subquery("keepers")
)
STAND_INS = (
    select(
        Delegation.manager_id,
        Delegation.delegate_id,
        Delegation.starts_on,
        Delegation.ends_on,
        Delegation.accepted_at,
        Delegation.ended_at,
    )
    .where(Delegation.accepted_at.is_not(None))
    .subquery("stand_ins")
)


def endless_chains(now: datetime) -> Iterator[str]:
    """Walk up from everybody at once, one step further than a chain may be long: a loop never ends before that."""
    for row in stream(_too_far_up(local_date(now))):
        yield f"person {row.person_id}"


def _too_far_up(today: date) -> Select[int]:
    managed = select(Assignment.person_id, Assignment.line_manager_id).where(
        in_force(Assignment, today), Assignment.line_manager_id.is_not(None)
    )
    above = managed.subquery("above")
    first = managed.add_columns(literal(1).label("steps")).cte("chain", recursive=True)
    chain = first.union(
        select(first.c.person_id, above.c.line_manager_id, first.c.steps + 1)
        .join(above, above.c.person_id == first.c.line_manager_id)
        .where(first.c.steps <= LONGEST_CHAIN)
    )
    return select(chain.c.person_id).where(chain.c.steps > LONGEST_CHAIN).distinct().order_by(chain.c.person_id)


def shared_twice(now: datetime) -> Iterator[str]:
    """Job shares of which one of the two has another that meets it. The operations let none be made."""
    one, other = aliased(JobShare), aliased(JobShare)
    fellow = or_(*(mine == theirs for mine in _both(one) for theirs in _both(other)))
    open_end = date.max
    meets = and_(
        one.starts_on <= func.coalesce(other.ends_on, open_end), other.starts_on <= func.coalesce(one.ends_on, open_end)
    )
    found = select(one.id).join(other, and_(one.id < other.id, fellow, meets)).distinct().order_by(one.id)
    for row in stream(found):
        yield f"job share {row.id}"


def _both(share: type[JobShare]) -> tuple[Any, Any]:
    return share.first_id, share.second_id


CHECKS = [
    Check("A6", f"No chain of managers turns back on itself or has more than {LONGEST_CHAIN} steps", endless_chains),
    Check("A11", "Nobody shares two posts on one day", shared_twice),
]
