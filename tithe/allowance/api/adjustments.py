"""Corrections as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.operations import adjustments as operations
from tithe.allowance.presenters import adjustments as presenters
from tithe.allowance.queries import adjustments as queries
from tithe.allowance.rules.adjustments import MOST, Proposal
from tithe.allowance.rules.ledger import AdjustmentStatus
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("adjustments-api", __name__, url_prefix=PREFIX, description="Corrections of people's minutes")


class AdjustmentBody(StrictSchema):
    """A correction: whose, by e-mail address or staff number, about which quarter (2026-27Q2), how many minutes."""

    person = Text(required=True)
    quarter = Text(required=True)
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(-MOST, MOST))
    reason = Text(required=True)


class AdjustmentAnswer(StrictSchema):
    """A correction, with both names once it is decided."""

    id = fields.Integer(required=True)
    person = fields.String(required=True)
    unit = fields.String(required=True)
    quarter = fields.String(required=True)
    minutes = fields.Integer(required=True)
    reason = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in AdjustmentStatus]))
    proposed_by = fields.String(required=True)
    proposed_at = fields.DateTime(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)
    decision_words = fields.String(required=True)


class AdjustmentQuery(StrictSchema):
    """Those that wait, or those decided; where to go on from."""

    decided = fields.Boolean(load_default=False)
    after = Text()


class AdjustmentPage(StrictSchema):
    """A page of corrections; `next` is the `after` of the page that follows, if one does."""

    adjustments = fields.List(fields.Nested(AdjustmentAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class AdjustmentDecision(StrictSchema):
    """A decision on what somebody else proposed. Refusing needs words of at least twenty characters."""

    decision = Text(required=True, validate=validate.OneOf(["post", "refuse"]))
    words = Text(load_default="")


@api.route("/adjustments", methods=["GET"])
@needs(Permission.ADJUSTMENT_PROPOSE)
@api.arguments(AdjustmentQuery, location="query")
@api.response(200, AdjustmentPage)
@refusals(api, 401, 403, 404, 422)
def list_adjustments(query: dict[str, Any]) -> dict[str, Any]:
    """List corrections of the people one's HR role covers: those that wait, or with `decided` those decided."""
    found, following = queries.list_adjustments(
        current_actor(), decided=query["decided"], today=clock.today(), after=Cursor.read(query.get("after"))
    )
    note_reads(ReadKind.CORRECTION, [each.owner_id for each in found], actor=current_actor(), now=clock.now())
    return {
        "adjustments": [presenters.as_json(each) for each in found],
        "next": Cursor.write(*following) if following else None,
    }


@api.route("/adjustments", methods=["POST"])
@needs(Permission.ADJUSTMENT_PROPOSE)
@api.arguments(AdjustmentBody)
@api.response(201, AdjustmentAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def propose_adjustment(body: dict[str, Any]) -> dict[str, Any]:
    """Propose a correction. It counts once a second person posts it."""
    proposal = Proposal(Quarter.parse(body["quarter"]), body["minutes"], body["reason"])
    adjustment_id = operations.propose_adjustment(
        actor=current_actor(), person=body["person"].strip(), proposal=proposal, now=clock.now()
    )
    return _one(adjustment_id)


@api.route("/adjustments/<int:adjustment_id>", methods=["GET"])
@needs(Permission.ADJUSTMENT_PROPOSE)
@api.response(200, AdjustmentAnswer)
@refusals(api, 401, 403, 404)
def read_adjustment(adjustment_id: int) -> dict[str, Any]:
    """Read one correction."""
    found = queries.get_adjustment(
        adjustment_id, by=current_actor(), to=Permission.ADJUSTMENT_PROPOSE, today=clock.today()
    )
    note_reads(ReadKind.CORRECTION, [found.owner_id], actor=current_actor(), now=clock.now())
    return presenters.as_json(found)


@api.route("/adjustments/<int:adjustment_id>", methods=["POST"])
@needs(Permission.ADJUSTMENT_DECIDE)
@api.arguments(AdjustmentDecision)
@api.response(200, AdjustmentAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def decide_adjustment(body: dict[str, Any], adjustment_id: int) -> dict[str, Any]:
    """Post or refuse a correction somebody else proposed."""
    about: dict[str, Any] = {"actor": current_actor(), "adjustment_id": adjustment_id, "now": clock.now()}
    if body["decision"] == "post":
        operations.post_adjustment(**about)
    else:
        operations.refuse_adjustment(**about, words=body["words"])
    return _one(adjustment_id)


def _one(adjustment_id: int) -> dict[str, Any]:
    return presenters.as_json(
        queries.get_adjustment(adjustment_id, by=current_actor(), to=Permission.ADJUSTMENT_PROPOSE, today=clock.today())
    )
