"""Asking for a return to be looked at again, and doing so, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import reviews
from tithe.timesheets.presenters.reviews import review_as_json
from tithe.timesheets.queries.reviews import get_review, reviews_of, reviews_waiting
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules.deciding import ReturnGround
from tithe.timesheets.rules.reviews import ReviewOutcome, ReviewStage
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("reviews-api", __name__, url_prefix=PREFIX, description="Reviews of weeks that were returned")

WORDS = validate.Length(max=4000)


class ReviewsQuery(StrictSchema):
    """Where to go on from."""

    after = fields.Integer(validate=validate.Range(0, 2**31 - 1))


class AskReviewBody(StrictSchema):
    """Why the return should be looked at again, in at least forty characters."""

    words = Text(required=True, validate=WORDS)


class SettleBody(StrictSchema):
    """What the review comes to, and why, in at least forty characters."""

    outcome = Text(required=True, validate=validate.OneOf(list(ReviewOutcome)))
    reason = Text(required=True, validate=WORDS)


class ReviewAnswer(StrictSchema):
    """A review of a return. Without an outcome it is open; a panel needs two people."""

    id = fields.Integer(required=True)
    owner = fields.String(required=True)
    monday = fields.Date(required=True)
    stage = fields.String(required=True, validate=validate.OneOf(list(ReviewStage)))
    words = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    due_on = fields.Date(required=True)
    ground = fields.String(required=True, validate=validate.OneOf(list(ReturnGround)))
    decision_reason = fields.String(required=True)
    total_minutes = fields.Integer(required=True)
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    settled_at = fields.DateTime(required=True, allow_none=True)


class ReviewsPage(StrictSchema):
    """A page of reviews, oldest first; `next` is the `after` of the page that follows, if one does."""

    reviews = fields.List(fields.Nested(ReviewAnswer), required=True)
    next = fields.Integer(required=True, allow_none=True)


@api.route("/weeks/<monday>/review", methods=["POST"])
@needs(Permission.REVIEW_ASK)
@api.arguments(AskReviewBody)
@api.response(200, ReviewAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def ask_review(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Ask for the return of one's own week to be looked at again, within 14 days of it."""
    actor, day = current_actor(), parse_monday(monday)
    reviews.ask_review(actor=actor, monday=day, words=body["words"], now=clock.now())
    week = own_week(actor, day)
    return review_as_json(reviews_of(week.id or 0, week.version - 1)[-1])


@api.route("/reviews", methods=["GET"])
@needs(Permission.REVIEW_DECIDE)
@api.arguments(ReviewsQuery, location="query")
@api.response(200, ReviewsPage)
@refusals(api, 401, 403, 422)
def list_reviews(query: dict[str, Any]) -> dict[str, Any]:
    """List the reviews that wait for oneself, oldest first."""
    rows, following = reviews_waiting(current_actor(), after=query.get("after"))
    note_reads(ReadKind.WEEK, [each.owner_id for each in rows], actor=current_actor(), now=clock.now())
    return {"reviews": [review_as_json(each) for each in rows], "next": following}


@api.route("/reviews/<int:review_id>", methods=["POST"])
@needs(Permission.REVIEW_DECIDE)
@api.arguments(SettleBody)
@api.response(200, ReviewAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def settle_review(body: dict[str, Any], review_id: int) -> dict[str, Any]:
    """Say what a review comes to. Of a panel of two each says so; the stricter counts where they differ."""
    actor = current_actor()
    reviews.settle_review(actor=actor, review_id=review_id, now=clock.now(), **body)
    return review_as_json(get_review(review_id, by=actor, to=Permission.REVIEW_DECIDE))
