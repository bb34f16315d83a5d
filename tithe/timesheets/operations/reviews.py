"""Asking for a return to be looked at again, and saying what that comes to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission, Role
from tithe.allowance.operations.posting import protect
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.audit.operations import record
from tithe.kernel.calendar import add_working_days, named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import around
from tithe.people import queries as people
from tithe.projects import queries as projects
from tithe.timesheets.models import PanelOpinion, ReviewRequest
from tithe.timesheets.operations.decisions import approve_on_review
from tithe.timesheets.queries.reviews import (
    ReviewRow,
    get_review,
    returned_by,
    reviewer_for,
    reviews_of,
)
from tithe.timesheets.queries.room import room_in
from tithe.timesheets.queries.weeks import WeekRow, own_week, week_on_record
from tithe.timesheets.rules.entries import from_shown, use_by_quarter
from tithe.timesheets.rules.limits import over_limits
from tithe.timesheets.rules.reviews import (
    OUTCOMES,
    REVIEW_WD,
    PanelSeat,
    ReviewOutcome,
    ReviewStage,
    last_day_to_ask,
    problem_with_asking,
    problems_with_outcome,
    stricter,
)

NOT_RETURNED = "Only a week that stands returned can be looked at again. This one does not, or was changed since"
TOO_LATE = "This could be asked until {}. You can still change the week and submit it again"
ASKED_ALREADY = "This is being looked at already. You will get a message when it is settled"
NO_FURTHER = "A panel has looked at this, and that is final. Change the week and submit it again"
SETTLED = "This review was settled since you opened the page. Nothing was changed"
SEAT_TAKEN = "Somebody of your role has given an opinion already. The other one is for another role and person"
MOVED_ON = "The owner has changed the week since it was returned, so there is nothing left to review"
NO_ROOM = "The week no longer fits: {}. Choose that it goes back for changes; its minutes are protected"
FELLOW = "You work on a project in this week, so you cannot review it. Somebody else who may has to"


@atomic
def ask_review(*, actor: Actor, monday: date, words: str, now: datetime) -> int:
    """Ask for the return of one's own week to be looked at again: by the countersigning manager and, if they uphold it,
    by a panel of two. Returns the id of the review. Source: §1.6."""
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.REVIEW_ASK, week)
    returned = returned_by(week)
    if week.id is None or returned is None or week.unit_id is None:
        raise RuleBroken(NOT_RETURNED, field="words")
    decider, manager, decided_at = returned
    today, version = local_date(now), week.version - 1
    earlier = reviews_of(week.id, version)
    last = _last_day(earlier, decided_at)
    if today > last:
        raise RuleBroken(TOO_LATE.format(named(last)), field="words")
    if problem := problem_with_asking(words):
        raise RulesBroken([problem])
    reviewer = None if earlier else reviewer_for(week, manager or decider, today)
    stage = ReviewStage.PANEL if reviewer is None else ReviewStage.COUNTERSIGNER
    calendar = people.calendar_of(reviewer or week.owner_id, today) or DEFAULT_CALENDAR
    due_on = add_working_days(today, REVIEW_WD, holidays_over(calendar, today.year, today.year + 1))
    row = {"week_id": week.id, "version": version, "stage": stage, "reviewer_id": reviewer, "unit_id": week.unit_id}
    row |= {"words": words.strip(), "asked_at": now, "due_on": due_on}
    review_id = db.session.execute(insert(table_of(ReviewRequest)).values(row).returning(ReviewRequest.id)).scalar_one()
    facts = {"week_id": week.id, "version": version, "stage": stage, "reviewer_id": reviewer}
    record("review:ask", actor=actor, about="review", id=review_id, at=now, **facts)
    readers = [reviewer] if reviewer is not None else around.keepers_of([week.unit_id], today).get(week.unit_id, [])
    facts = {"owner": actor.name, "week": named(monday), "words": words.strip(), "due": named(due_on)}
    _tell("review-asked", [each for each in readers if each != actor.id], f"/reviews/{review_id}", facts, now)
    return int(review_id)


def _last_day(earlier: Sequence[ReviewRow], decided_at: datetime) -> date:
    """The last day on which the next review may be asked for, or why none may."""
    if not earlier:
        return last_day_to_ask(local_date(decided_at))
    newest = earlier[-1]
    if newest.settled_at is None:
        raise Conflict(ASKED_ALREADY)
    if newest.stage is ReviewStage.PANEL:
        raise RuleBroken(NO_FURTHER, field="words")
    return last_day_to_ask(local_date(newest.settled_at))


@atomic
def settle_review(*, actor: Actor, review_id: int, outcome: str | None, reason: str, now: datetime) -> None:
    """Say what a review comes to. On a panel each of the two says so; what they agree on counts, else the stricter."""
    review = get_review(review_id, by=actor, to=Permission.REVIEW_DECIDE, lock=True)
    if review.settled_at is not None:
        raise Conflict(SETTLED)
    problems = problems_with_outcome(outcome, reason)
    if problems or outcome is None:  # no outcome is itself a problem
        raise RulesBroken(problems)
    week = week_on_record(review.week_id)
    if week.version != review.version + 1:
        raise Conflict(MOVED_ON)
    if actor.id in projects.members_of({entry.project_id for entry in week.entries if entry.project_id}):
        raise RuleBroken(FELLOW, field="outcome")
    wanted, words = ReviewOutcome(outcome), reason.strip()
    if wanted is ReviewOutcome.OVERTURN:
        _refuse_without_room(week, local_date(now))
    if review.stage is ReviewStage.PANEL:
        others = _add_opinion(review, actor, wanted, words, now)
        if not others:
            return
        wanted, words = stricter(wanted, others[0].outcome), f"{others[0].reason}\n\n{words}"
    _settle(review, actor, week, wanted, words, now)


def _refuse_without_room(week: WeekRow, today: date) -> None:
    if problems := over_limits(week.entries, room_in(week, today).limits(week.starts_on)):
        raise RuleBroken(NO_ROOM.format(problems[0].message), field="outcome")


def _add_opinion(review: ReviewRow, actor: Actor, outcome: ReviewOutcome, reason: str, now: datetime) -> Any:
    """Take the free seat the actor's roles allow on a panel; the opinions given before."""
    if actor.id in {each.person_id for each in review.opinions}:
        raise RuleBroken(SEAT_TAKEN, field="outcome")
    taken = {each.seat for each in review.opinions}
    seats = [each for each in PanelSeat if actor.units_as(Role(each.value)) & review.unit_path and each not in taken]
    if not seats:
        raise RuleBroken(SEAT_TAKEN, field="outcome")
    row = {"week_id": review.week_id, "version": review.version, "seat": seats[0], "person_id": actor.person_id}
    db.session.execute(insert(table_of(PanelOpinion)).values(**row, outcome=outcome, reason=reason, given_at=now))
    record("review:opine", actor=actor, about="review", id=review.id, at=now, seat=seats[0], outcome=outcome)
    return review.opinions


def _settle(review: ReviewRow, actor: Actor, week: WeekRow, outcome: ReviewOutcome, words: str, now: datetime) -> None:
    """Write down what it comes to and do it: an overturned week is approved as it stands, a varied one protected."""
    settled = update(ReviewRequest).where(ReviewRequest.id == review.id)
    settled = settled.values(outcome=outcome, reason=words, settled_at=now)
    db.session.execute(settled.execution_options(synchronize_session=False))
    facts = {"week_id": review.week_id, "version": review.version, "outcome": outcome}
    record("review:settle", actor=actor, about="review", id=review.id, at=now, **facts)
    if outcome is ReviewOutcome.OVERTURN:
        approve_on_review(actor=actor, week_id=review.week_id, version=week.version, words=words, now=now)
    if outcome is ReviewOutcome.VARY:
        asked_for = use_by_quarter(map(from_shown, review.entries), week.counts_on)
        protect(review.owner_id, {quarter.code: asked_for[quarter] for quarter in asked_for}, "week", review.week_id)
    said = {"owner": review.owner_name, "week": named(review.starts_on), "what": OUTCOMES[outcome], "words": words}
    _tell("review-settled", [review.owner_id], f"/weeks/{review.starts_on}", said, now)
    deciders = [each for each in (review.decided_by, review.on_behalf_of) if each is not None]
    _tell("review-settled-decider", deciders, "/approvals", said, now)


def _tell(event: str, readers: Sequence[int], path: str, facts: dict[str, Any], now: datetime) -> None:
    notices.queue([notices.compose(event, to=reader, path=path, at=now, **facts) for reader in readers])
