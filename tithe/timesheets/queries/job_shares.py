"""Which tithed time leaves a shared post without cover, and who may read who else holds the post.

Asked only for people who share a post: nothing else costs a statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import or_, select, union

from tithe.access.actor import Actor
from tithe.access.grants import QUEUE_KEEPERS
from tithe.allowance.queries.schedules import schedules_of
from tithe.kernel.db import db, table_of
from tithe.people.queries import POSTS_HELD, managed_by, person_names, unit_tree
from tithe.people.rules.job_shares import Share
from tithe.people.sharing import shares_of
from tithe.timesheets.models import PlannedBlock, TimeEntry
from tithe.timesheets.rules.entries import TITHED, Entry
from tithe.timesheets.rules.job_shares import Held, Judged, Uncovered, judged, uncovered
from tithe.timesheets.rules.plans import BlockStatus

ENTRY, BLOCK = table_of(TimeEntry).c, table_of(PlannedBlock).c
Days = Mapping[date, Uncovered]


def uncovered_days(tithed: Mapping[int, Collection[date]], *, lock: bool = False) -> dict[int, Days]:
    """The days of some people's tithed time that leave a post they share without cover, in three statements at most.

    With `lock` two sharers who write at once do so one after the other.
    """
    wanted = {person_id: sorted(days) for person_id, days in tithed.items() if days}
    if not wanted:
        return {}
    first, last = min(days[0] for days in wanted.values()), max(days[-1] for days in wanted.values())
    shares: defaultdict[int, list[Share]] = defaultdict(list)
    for share in shares_of(wanted, first, last, lock=lock):
        shares[share.person_id].append(share)
    if not shares:
        return {}
    sharers = {each.sharer_id for theirs in shares.values() for each in theirs}
    schedules = schedules_of(sorted(shares.keys() | sharers), first, last + timedelta(days=1))
    on_tithe = _on_tithe(sharers, first, last)
    return {
        person_id: uncovered(wanted[person_id], theirs, schedules, on_tithe) for person_id, theirs in shares.items()
    }


def _on_tithe(person_ids: Iterable[int], first: date, last: date) -> set[tuple[int, date]]:
    """The days on which some people have tithed time, logged in any week of theirs or planned."""
    person_ids = list(person_ids)
    logged = select(ENTRY.person_id, ENTRY.day).where(
        ENTRY.person_id.in_(person_ids), ENTRY.day.between(first, last), ENTRY.kind.in_(TITHED)
    )
    planned = select(BLOCK.person_id, BLOCK.day).where(
        BLOCK.person_id.in_(person_ids), BLOCK.day.between(first, last), BLOCK.kind.in_(TITHED),
        BLOCK.status == BlockStatus.PLANNED,
    )  # fmt: skip
    return {(person_id, day) for person_id, day in db.session.execute(union(logged, planned))}


def own_uncovered(owner: Actor, days: Iterable[date], *, lock: bool = False) -> Days:
    """The same for one's own days; nothing is asked for somebody who shares no post."""
    if not owner.shares_post:
        return {}
    return uncovered_days({owner.person_id: set(days)}, lock=lock).get(owner.person_id, {})


def judged_for(owner: Actor, entries: Sequence[Entry], held: Held, *, lock: bool = False) -> Judged:
    """What to refuse and what to say of the entries of one's own week, which `held` some before."""
    return judged(entries, held, own_uncovered(owner, (each.day for each in entries if each.tithed), lock=lock))


def names_shown_to(viewer: Actor, person_ids: Iterable[int], day: date) -> dict[int, str]:
    """The names of those of some people whom, on a day, the viewer manages, or somebody they stand in for does, or
    whose HR queue they keep."""
    managed = managed_by([viewer.person_id, *viewer.stands_in_for], day)
    posts = POSTS_HELD.subquery("posts")
    kept = (
        select(posts.c.person_id)
        .join(unit_tree, unit_tree.c.descendant_id == posts.c.unit_id)
        .where(unit_tree.c.ancestor_id.in_(viewer.units_as(*QUEUE_KEEPERS)))
    )
    seen = or_(person_names.c.id.in_(managed), person_names.c.id.in_(kept))
    found = select(person_names.c.id, person_names.c.name).where(person_names.c.id.in_(list(person_ids)), seen)
    rows = db.session.execute(found, {"start": day, "end": day + timedelta(days=1)})
    return {row.id: row.name for row in rows}
