"""Reviews of weeks that were returned: those of a week, and those that wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select

from tithe.access.actor import Actor
from tithe.access.grants import QUEUE_KEEPERS, ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db
from tithe.kernel.errors import NotFound
from tithe.people import around
from tithe.people import queries as people
from tithe.people.queries import person_names, unit_tree
from tithe.projects import queries as projects
from tithe.timesheets.models import Decision, PanelOpinion, ReviewRequest, Week
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.deciding import ReturnGround
from tithe.timesheets.rules.reviews import PanelSeat, ReviewOutcome, ReviewStage, is_fit

PAGE = 50


@dataclass(frozen=True)
class Opinion:
    """What one of a panel said."""

    seat: PanelSeat
    person_id: int
    outcome: ReviewOutcome
    reason: str


@dataclass(frozen=True)
class ReviewRow:
    """A review with what it is about. `barred` may not take part; `unit_path` is filled when one is loaded."""

    id: int
    week_id: int
    version: int
    stage: ReviewStage
    reviewer_id: int | None
    unit_id: int
    words: str
    asked_at: datetime
    due_on: date
    outcome: ReviewOutcome | None
    reason: str
    settled_at: datetime | None
    owner_id: int
    owner_name: str
    starts_on: date
    total_minutes: int
    decided_by: int | None
    on_behalf_of: int | None
    ground: ReturnGround
    decision_reason: str
    entries: list[Any]
    barred: frozenset[int] = frozenset()
    unit_path: frozenset[int] = frozenset()
    opinions: tuple[Opinion, ...] = ()


ROWS: Select[*tuple[Any, ...]] = (
    select(
        ReviewRequest.id, ReviewRequest.week_id, ReviewRequest.version, ReviewRequest.stage, ReviewRequest.reviewer_id,
        ReviewRequest.unit_id, ReviewRequest.words, ReviewRequest.asked_at, ReviewRequest.due_on, ReviewRequest.outcome,
        ReviewRequest.reason, ReviewRequest.settled_at, Week.person_id, person_names.c.name, Week.starts_on,
        Decision.total_minutes, Decision.decided_by, Decision.on_behalf_of, Decision.ground, Decision.reason,
        Decision.entries,
    )
    .join(Week, Week.id == ReviewRequest.week_id)
    .join(person_names, person_names.c.id == Week.person_id)
    .join(Decision, and_(Decision.week_id == ReviewRequest.week_id, Decision.version == ReviewRequest.version))
)  # fmt: skip


def get_review(review_id: int, *, by: Actor, to: Permission, lock: bool = False) -> ReviewRow:
    """One review, if it exists and the actor may take part in it."""
    found = ROWS.where(ReviewRequest.id == review_id)
    if lock:
        found = found.with_for_update(of=ReviewRequest)
    row = db.session.execute(found).first() if review_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    review = ReviewRow(*row)
    about = (PanelOpinion.week_id == review.week_id, PanelOpinion.version == review.version)
    said = select(PanelOpinion.seat, PanelOpinion.person_id, PanelOpinion.outcome, PanelOpinion.reason).where(*about)
    earlier = select(ReviewRequest.reviewer_id).where(
        ReviewRequest.week_id == review.week_id,
        ReviewRequest.version == review.version,
        ReviewRequest.id != review.id,
    )
    involved = {review.owner_id, review.decided_by, review.on_behalf_of, *db.session.scalars(earlier)}
    review = replace(
        review,
        barred=frozenset(each for each in involved if each is not None),
        unit_path=people.get_unit_by_id(review.unit_id).unit_path,
        opinions=tuple(Opinion(*each) for each in db.session.execute(said)),
    )
    ensure(by, to, review)
    return review


def reviews_waiting(viewer: Actor, *, after: int | None = None) -> tuple[list[ReviewRow], int | None]:
    """The reviews that wait for somebody by name or, for a panel they may sit on, in the queue of a unit; the oldest
    first, with the id to read on from when more follow."""
    tops = viewer.units_as(*QUEUE_KEEPERS)
    below = select(unit_tree.c.descendant_id).where(unit_tree.c.ancestor_id.in_(tops))
    panels = and_(ReviewRequest.stage == ReviewStage.PANEL, ReviewRequest.unit_id.in_(below), *_not_involved(viewer))
    mine = ReviewRequest.reviewer_id == viewer.id
    stands = (ReviewRequest.settled_at.is_(None), Week.version == ReviewRequest.version + 1)
    found = ROWS.where(*stands, or_(mine, panels) if tops else mine)
    if after:
        found = found.where(ReviewRequest.id > min(after, LARGEST_ID))
    rows = [ReviewRow(*row) for row in db.session.execute(found.order_by(ReviewRequest.id).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def _not_involved(viewer: Actor) -> tuple[Any, ...]:
    """Neither theirs, nor decided or reviewed by them, and they have not said anything yet."""
    first = ReviewRequest.__table__.alias("first")
    reviewed = select(first.c.id).where(
        first.c.week_id == ReviewRequest.week_id,
        first.c.version == ReviewRequest.version,
        first.c.reviewer_id == viewer.id,
    )
    said = select(PanelOpinion.seat).where(
        PanelOpinion.week_id == ReviewRequest.week_id,
        PanelOpinion.version == ReviewRequest.version,
        PanelOpinion.person_id == viewer.id,
    )
    return (
        Week.person_id != viewer.id,
        Decision.decided_by.is_distinct_from(viewer.id),
        Decision.on_behalf_of.is_distinct_from(viewer.id),
        ~reviewed.exists(),
        ~said.exists(),
    )


def reviews_of(week_id: int, version: int) -> list[ReviewRow]:
    """The reviews of one decision, the first before the panel."""
    found = ROWS.where(ReviewRequest.week_id == week_id, ReviewRequest.version == version)
    return [ReviewRow(*row) for row in db.session.execute(found.order_by(ReviewRequest.id))]


def returned_by(week: WeekRow) -> Sequence[Any] | None:
    """Who returned a week as it stands, for whom and when; None when it does not stand returned."""
    if week.id is None:
        return None
    found = select(Decision.decided_by, Decision.on_behalf_of, Decision.decided_at).where(
        Decision.week_id == week.id, Decision.version == week.version - 1, Decision.ground.is_not(None)
    )
    return db.session.execute(found).first()


def reviewer_for(week: WeekRow, decider: int | None, today: date) -> int | None:
    """The countersigning manager who may look again at a return, if there is one who may."""
    _, candidate = people.managers_above(week.owner_id, week.starts_on)
    if candidate is None or not around.employed_among([candidate], today):
        return None
    above = {each for each in people.managers_above(candidate, today) if each is not None}
    fellows = projects.members_of({entry.project_id for entry in week.entries if entry.project_id})
    return candidate if is_fit(candidate, week.owner_id, decider, above, fellows) else None
