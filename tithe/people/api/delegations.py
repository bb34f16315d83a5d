"""Standing in for a manager, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people.delegations import delegations_of, get_delegation
from tithe.people.operations import delegations as operations
from tithe.people.presenters.delegations import as_json
from tithe.people.rules.delegations import DelegationStatus
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("delegations-api", __name__, url_prefix=PREFIX, description="Who decides in a manager's place")


class DelegationBody(StrictSchema):
    """Who is asked, by e-mail address or staff number, and the days, the last included; at most eight weeks."""

    delegate = Text(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    words = Text(load_default="")


class DelegationAnswer(StrictSchema):
    """A delegation with both names, and where it stands today."""

    id = fields.Integer(required=True)
    manager = fields.String(required=True)
    delegate = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    words = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in DelegationStatus]))
    asked_at = fields.DateTime(required=True)
    accepted_at = fields.DateTime(required=True, allow_none=True)
    declined_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class DelegationQuery(StrictSchema):
    """What waits, comes or is in force, or what is over; where to go on from."""

    over = fields.Boolean(load_default=False)
    after = Text()


class DelegationPage(StrictSchema):
    """A page of delegations; `next` is the `after` of the page that follows, if one does."""

    delegations = fields.List(fields.Nested(DelegationAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


@api.route("/delegations", methods=["GET"])
@needs(Permission.DELEGATION_READ)
@api.arguments(DelegationQuery, location="query")
@api.response(200, DelegationPage)
@refusals(api, 401, 403, 422)
def list_delegations(query: dict[str, Any]) -> dict[str, Any]:
    """List what one gave and took: what waits, comes or is in force, or with `over` what no longer counts."""
    after = Cursor.read(query.get("after"))
    found, following = delegations_of(current_actor().person_id, clock.today(), over=query["over"], after=after)
    place = Cursor.write(*following) if following else None
    return {"delegations": [as_json(each) for each in found], "next": place}


@api.route("/delegations", methods=["POST"])
@needs(Permission.DELEGATION_ASK)
@api.arguments(DelegationBody)
@api.response(201, DelegationAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """Ask somebody to decide in one's place. Nothing follows until they accept."""
    body["delegate"] = body["delegate"].strip()
    return _one(operations.ask_delegate(actor=current_actor(), **body, now=clock.now()))


@api.route("/delegations/<int:delegation_id>/accept", methods=["POST"])
@needs(Permission.DELEGATION_ANSWER)
@api.response(200, DelegationAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def accept(delegation_id: int) -> dict[str, Any]:
    """Accept to decide in somebody's place."""
    return _do(operations.accept_delegation, delegation_id)


@api.route("/delegations/<int:delegation_id>/decline", methods=["POST"])
@needs(Permission.DELEGATION_ANSWER)
@api.response(200, DelegationAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def decline(delegation_id: int) -> dict[str, Any]:
    """Decline to decide in somebody's place."""
    return _do(operations.decline_delegation, delegation_id)


@api.route("/delegations/<int:delegation_id>/end", methods=["POST"])
@needs(Permission.DELEGATION_END)
@api.response(200, DelegationAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def end(delegation_id: int) -> dict[str, Any]:
    """End a delegation at once, from either side, or take back what was not answered."""
    return _do(operations.end_delegation, delegation_id)


def _do(operation: Callable[..., None], delegation_id: int) -> dict[str, Any]:
    operation(actor=current_actor(), delegation_id=delegation_id, now=clock.now())
    return _one(delegation_id)


def _one(delegation_id: int) -> dict[str, Any]:
    found = get_delegation(delegation_id, by=current_actor(), to=Permission.DELEGATION_READ, today=clock.today())
    return as_json(found)
