"""People from outside, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.outside import operations, presenters, queries
from tithe.people.operations import acceptance
from tithe.people.operations import outside as accounts
from tithe.people.operations.outside import Invitee
from tithe.people.outside import current_terms
from tithe.people.rules.outside import StayStatus
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("outside-api", __name__, url_prefix=PREFIX, description="People from outside")


class InvitationBody(StrictSchema):
    """Who is invited, the ids of the projects they may see, and their last day."""

    name = Text(required=True)
    email = Text(required=True)
    organisation = Text(required=True)
    projects = fields.List(fields.Integer(), required=True, validate=validate.Length(max=100))
    last_day = fields.Date(required=True)


class LastDayBody(StrictSchema):
    """Another last day."""

    last_day = fields.Date(required=True)


class ProjectsBody(StrictSchema):
    """The ids of the projects of one's own that they may see."""

    projects = fields.List(fields.Integer(), required=True, validate=validate.Length(max=100))


class SharedProject(StrictSchema):
    """A project they may see."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)


class StayAnswer(StrictSchema):
    """Somebody from outside. Without a host, HR of the unit looks after them."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    organisation = fields.String(required=True)
    last_day = fields.Date(required=True)
    unit = fields.String(required=True)
    host = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf([each.value for each in StayStatus]))
    projects = fields.List(fields.Nested(SharedProject), required=True)
    invited_at = fields.DateTime(required=True)
    accepted_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    last_sign_in = fields.DateTime(required=True, allow_none=True)


class OwnStayAnswer(StrictSchema):
    """One's own stay, as somebody from outside."""

    name = fields.String(required=True)
    last_day = fields.Date(required=True)
    host = fields.String(required=True, allow_none=True)
    projects = fields.List(fields.Nested(SharedProject), required=True)


class StayQuery(StrictSchema):
    """Those who are here, or with `over` were; where to go on from."""

    over = fields.Boolean(load_default=False)
    after = Text()


class StayPage(StrictSchema):
    """A page of people from outside; `next` is the `after` of the page that follows, if one does."""

    members = fields.List(fields.Nested(StayAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class TermsAnswer(StrictSchema):
    """The terms of use as they are now. Version 1 came with tithe and has no instant."""

    version = fields.Integer(required=True)
    words = fields.String(required=True)
    published_at = fields.DateTime(required=True, allow_none=True)


class TermsBody(StrictSchema):
    """The words of a new version."""

    words = Text(required=True)


class AcceptBody(StrictSchema):
    """The version one has read and accepts."""

    version = fields.Integer(required=True)


@api.route("/outside-members", methods=["GET"])
@needs(Permission.OUTSIDE_READ)
@api.arguments(StayQuery, location="query")
@api.response(200, StayPage)
@refusals(api, 401, 403, 422)
def list_hosted(query: dict[str, Any]) -> dict[str, Any]:
    """List the people from outside whom one hosts."""
    return _list(query, overseen=False)


@api.route("/outside-members/all", methods=["GET"])
@needs(Permission.OUTSIDE_OVERSEE)
@api.arguments(StayQuery, location="query")
@api.response(200, StayPage)
@refusals(api, 401, 403, 404, 422)
def list_overseen(query: dict[str, Any]) -> dict[str, Any]:
    """List all people from outside in the units one's HR role covers."""
    return _list(query, overseen=True)


@api.route("/outside-members", methods=["POST"])
@needs(Permission.OUTSIDE_INVITE)
@api.arguments(InvitationBody)
@api.response(201, StayAnswer)
@refusals(api, 401, 403, 409, 422)
def invite(body: dict[str, Any]) -> dict[str, Any]:
    """Invite somebody from outside to projects one works on. A link is mailed to them."""
    invitee = Invitee(*(body[name].strip() for name in ("name", "email", "organisation")))
    asked: dict[str, Any] = {"project_ids": set(body["projects"]), "last_day": body["last_day"]}
    return _one(operations.invite(actor=current_actor(), invitee=invitee, **asked, now=clock.now()))


@api.route("/outside-members/me", methods=["GET"])
@needs(Permission.OUTSIDE_STAY)
@api.response(200, OwnStayAnswer)
@refusals(api, 401, 403, 404)
def read_own() -> dict[str, Any]:
    """Read one's own stay, as somebody from outside."""
    return presenters.own_as_json(queries.own_stay(current_actor(), clock.today()))


@api.route("/outside-members/me/terms", methods=["GET"])
@needs(Permission.OUTSIDE_STAY)
@api.response(200, TermsAnswer)
@refusals(api, 401, 403, 404)
def read_terms() -> Any:
    """Read the terms of use, as somebody from outside."""
    return vars(current_terms())


@api.route("/outside-members/me/terms", methods=["POST"])
@needs(Permission.OUTSIDE_ACCEPT)
@api.arguments(AcceptBody)
@api.response(200, OwnStayAnswer)
@refusals(api, 401, 403, 404, 422)
def accept_terms(body: dict[str, Any]) -> dict[str, Any]:
    """Accept the terms of use. Nothing else works before."""
    acceptance.accept_terms(actor=current_actor(), version=body["version"], now=clock.now())
    return presenters.own_as_json(queries.own_stay(current_actor(), clock.today()))


@api.route("/outside-terms", methods=["GET"])
@needs(Permission.OUTSIDE_TERMS)
@api.response(200, TermsAnswer)
@refusals(api, 401, 403, 404)
def read_published() -> Any:
    """Read the terms for people from outside, as those who write them."""
    return vars(current_terms())


@api.route("/outside-terms", methods=["POST"])
@needs(Permission.OUTSIDE_TERMS)
@api.arguments(TermsBody)
@api.response(201, TermsAnswer)
@refusals(api, 401, 403, 404, 422)
def publish_terms(body: dict[str, Any]) -> Any:
    """Publish new terms. Everybody from outside is asked to accept them at their next sign-in."""
    acceptance.publish_terms(actor=current_actor(), words=body["words"], now=clock.now())
    return vars(current_terms())


@api.route("/outside-members/<int:person_id>", methods=["GET"])
@needs(Permission.OUTSIDE_READ)
@api.response(200, StayAnswer)
@refusals(api, 401, 403, 404)
def read(person_id: int) -> dict[str, Any]:
    """Read one of those one hosts, or whom one's HR role covers."""
    return _one(person_id)


@api.route("/outside-members/<int:person_id>/extend", methods=["POST"])
@needs(Permission.OUTSIDE_MANAGE)
@api.arguments(LastDayBody)
@api.response(200, StayAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def extend(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Set another last day."""
    operations.extend(actor=current_actor(), person_id=person_id, last_day=body["last_day"], now=clock.now())
    return _one(person_id)


@api.route("/outside-members/<int:person_id>/projects", methods=["PUT"])
@needs(Permission.OUTSIDE_MANAGE)
@api.arguments(ProjectsBody)
@api.response(200, StayAnswer)
@refusals(api, 401, 403, 404, 422)
def choose_projects(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Say which of one's own projects they may see."""
    chosen = set(body["projects"])
    operations.choose_projects(actor=current_actor(), person_id=person_id, project_ids=chosen, now=clock.now())
    return _one(person_id)


@api.route("/outside-members/<int:person_id>/invitation", methods=["POST"])
@needs(Permission.OUTSIDE_MANAGE)
@api.response(200, StayAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def send_again(person_id: int) -> dict[str, Any]:
    """Mail them a new link, which overtakes older ones."""
    operations.send_again(actor=current_actor(), person_id=person_id, now=clock.now())
    return _one(person_id)


@api.route("/outside-members/<int:person_id>/end", methods=["POST"])
@needs(Permission.OUTSIDE_MANAGE)
@api.response(200, StayAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def end(person_id: int) -> dict[str, Any]:
    """End a stay at once."""
    accounts.end_stay(actor=current_actor(), person_id=person_id, now=clock.now())
    return _one(person_id)


def _list(query: dict[str, Any], *, overseen: bool) -> dict[str, Any]:
    which: dict[str, Any] = {"overseen": overseen, "over": query["over"], "after": Cursor.read(query.get("after"))}
    found, following = queries.list_stays(current_actor(), **which, today=clock.today())
    note_reads(ReadKind.OUTSIDE, [each.row.id for each in found], actor=current_actor(), now=clock.now())
    place = Cursor.write(*following) if following else None
    return {"members": [presenters.as_json(each) for each in found], "next": place}


def _one(person_id: int) -> dict[str, Any]:
    found = queries.get_stay(person_id, by=current_actor(), to=Permission.OUTSIDE_READ, today=clock.today())
    note_reads(ReadKind.OUTSIDE, [person_id], actor=current_actor(), now=clock.now())
    return presenters.as_json(found)
