"""Who holds which role, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission, Role
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people import roles as queries
from tithe.people.operations import roles as operations
from tithe.people.presenters.roles import WAITING, grant_as_json, request_as_json
from tithe.people.rules.roles import RoleOutcome, Span, Wanted
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("roles-api", __name__, url_prefix=PREFIX, description="Who holds which role, and who gave it")

ROLE = validate.OneOf([role.value for role in Role])


class RoleBody(StrictSchema):
    """To whom, by e-mail address or staff number; a unit by its code; from when to when, the last day included."""

    person = Text(required=True)
    role = Text(required=True, validate=ROLE)
    unit = Text(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None, allow_none=True)
    reason = Text(required=True)


class RoleGivenAnswer(StrictSchema):
    """What became of it: a grant that counts, or with `waits` a request that a second person has to confirm."""

    id = fields.Integer(required=True)
    waits = fields.Boolean(required=True)


class RoleAnswer(StrictSchema):
    """A role somebody holds or will hold, for a unit and all below it."""

    id = fields.Integer(required=True)
    person = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=ROLE)
    unit = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)


class RoleQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class RolePage(StrictSchema):
    """A page of roles, the newest first; `next` is the `after` of the page that follows, if one does."""

    roles = fields.List(fields.Nested(RoleAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class RoleEndBody(StrictSchema):
    """The last day on which the role counts; none ends it at once."""

    last_day = fields.Date(load_default=None, allow_none=True)


class RoleRequestAnswer(StrictSchema):
    """A role that somebody proposed, with both names once it is decided."""

    id = fields.Integer(required=True)
    person = fields.String(required=True)
    role = fields.String(required=True, validate=ROLE)
    unit = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    reason = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([WAITING, *RoleOutcome]))
    asked_by = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)
    decision_words = fields.String(required=True)


class RoleRequestQuery(StrictSchema):
    """Those that wait, or those decided; where to go on from."""

    decided = fields.Boolean(load_default=False)
    after = Text()


class RoleRequestPage(StrictSchema):
    """A page of proposed roles; `next` is the `after` of the page that follows, if one does."""

    requests = fields.List(fields.Nested(RoleRequestAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class RoleDecision(StrictSchema):
    """A decision on what somebody else proposed. Refusing needs words of at least twenty characters."""

    decision = Text(required=True, validate=validate.OneOf(["confirm", "refuse"]))
    words = Text(load_default="")


@api.route("/roles", methods=["GET"])
@needs(Permission.ROLE_READ)
@api.arguments(RoleQuery, location="query")
@api.response(200, RolePage)
@refusals(api, 401, 403, 404, 422)
def list_roles(query: dict[str, Any]) -> dict[str, Any]:
    """List the roles held today or later in the units one's own role covers."""
    after = queries.read_place(query.get("after"))
    found, following = queries.list_grants(current_actor(), clock.today(), after=after)
    note_reads(ReadKind.ROLE, [each.owner_id for each in found], actor=current_actor(), now=clock.now())
    return {"roles": [grant_as_json(each) for each in found], "next": str(following) if following else None}


@api.route("/roles", methods=["POST"])
@needs(Permission.ROLE_GRANT)
@api.arguments(RoleBody)
@api.response(201, RoleGivenAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def propose_role(body: dict[str, Any]) -> dict[str, Any]:
    """Give a role. An HR manager, finance or administrator counts once a second person confirms it."""
    wanted = Wanted(Role(body["role"]), Span(body["starts_on"], body["ends_on"]), body["reason"])
    who = {"person": body["person"].strip(), "unit": body["unit"].strip()}
    return vars(operations.propose_role(actor=current_actor(), **who, wanted=wanted, now=clock.now()))


@api.route("/roles/<int:grant_id>/end", methods=["POST"])
@needs(Permission.ROLE_GRANT)
@api.arguments(RoleEndBody)
@api.response(204)
@refusals(api, 401, 403, 404, 409, 422)
def end_role(body: dict[str, Any], grant_id: int) -> None:
    """End somebody's role on a day, or at once."""
    operations.end_role(actor=current_actor(), grant_id=grant_id, last_day=body["last_day"], now=clock.now())


@api.route("/role-requests", methods=["GET"])
@needs(Permission.ROLE_READ)
@api.arguments(RoleRequestQuery, location="query")
@api.response(200, RoleRequestPage)
@refusals(api, 401, 403, 404, 422)
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """List proposed roles in the units one's own role covers: those that wait, or with `decided` those decided."""
    after = Cursor.read(query.get("after"))
    found, following = queries.list_requests(current_actor(), decided=query["decided"], after=after)
    note_reads(ReadKind.ROLE, [each.owner_id for each in found], actor=current_actor(), now=clock.now())
    place = Cursor.write(*following) if following else None
    return {"requests": [request_as_json(each) for each in found], "next": place}


@api.route("/role-requests/<int:request_id>", methods=["POST"])
@needs(Permission.ROLE_CONFIRM)
@api.arguments(RoleDecision)
@api.response(200, RoleRequestAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def decide_request(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Confirm or refuse a role that somebody else proposed."""
    about: dict[str, Any] = {"actor": current_actor(), "request_id": request_id, "now": clock.now()}
    if body["decision"] == "confirm":
        operations.confirm_role(**about)
    else:
        operations.refuse_role(**about, words=body["words"])
    return request_as_json(queries.get_request(request_id, by=current_actor(), to=Permission.ROLE_READ))
