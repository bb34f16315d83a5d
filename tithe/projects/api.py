"""Projects as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.projects import operations, presenters, queries
from tithe.projects.flags import flags_of, flags_waiting, get_flag
from tithe.projects.operations import LONGEST
from tithe.projects.rules import FlagGround, FlagOutcome, ProjectStatus
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("projects-api", __name__, url_prefix=PREFIX, description="Self-directed projects")


class ProjectBody(StrictSchema):
    """A project to write down. With status `registered` (the default) every answer is needed."""

    title = Text(required=True, validate=validate.Length(max=LONGEST["title"]))
    problem = Text(load_default="", validate=validate.Length(max=LONGEST["problem"]))
    beneficiaries = Text(load_default="", validate=validate.Length(max=LONGEST["beneficiaries"]))
    hypothesis = Text(load_default="", validate=validate.Length(max=LONGEST["hypothesis"]))
    status = Text(load_default="registered", validate=validate.OneOf(["draft", "registered"]))


class ProjectAnswer(StrictSchema):
    """A project. It takes no time while it `waits_for_coordinator`, nor from the day `closed_on` once it is stopped."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    problem = fields.String(required=True)
    beneficiaries = fields.String(required=True)
    hypothesis = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(list(ProjectStatus)))
    owner = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    registered_at = fields.DateTime(required=True, allow_none=True)
    waits_for_coordinator = fields.Boolean(required=True)
    closed_on = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True)


class ProjectQuery(StrictSchema):
    """Which projects to list."""

    mine = fields.Boolean(load_default=False)
    q = Text(load_default="", validate=validate.Length(max=100))
    after = Text()


class ProjectPage(StrictSchema):
    """A page of projects; `next` is the `after` of the page that follows, if one does."""

    projects = fields.List(fields.Nested(ProjectAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class FlagBody(StrictSchema):
    """What a coordinator is asked to look at, and why, in at least forty characters. Only coordinators ask about the
    scope, and only for ten working days after the project was registered."""

    ground = Text(required=True, validate=validate.OneOf([each for each in FlagGround if each != "first_look"]))
    words = Text(required=True, validate=validate.Length(max=LONGEST["problem"]))


class SettleFlagBody(StrictSchema):
    """What becomes of a flagged project, and why, in at least forty characters."""

    outcome = Text(required=True, validate=validate.OneOf(list(FlagOutcome)))
    reason = Text(required=True, validate=validate.Length(max=LONGEST["problem"]))


class FlagAnswer(StrictSchema):
    """A flag. Without an outcome it is open, and while it `halts` the project takes no time. Without `raised_by` the
    unit's policy asks for a first look."""

    id = fields.Integer(required=True)
    project_id = fields.Integer(required=True)
    title = fields.String(required=True)
    owner = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    ground = fields.String(required=True, validate=validate.OneOf(list(FlagGround)))
    words = fields.String(required=True)
    raised_by = fields.String(required=True, allow_none=True)
    raised_at = fields.DateTime(required=True)
    halts = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    settled_by = fields.String(required=True, allow_none=True)
    settled_at = fields.DateTime(required=True, allow_none=True)


class FlagQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class FlagPage(StrictSchema):
    """A page of open flags, oldest first; `next` is the `after` of the page that follows, if one does."""

    flags = fields.List(fields.Nested(FlagAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


@api.route("/projects", methods=["GET"])
@needs(Permission.PROJECT_LIST)
@api.arguments(ProjectQuery, location="query")
@api.response(200, ProjectPage)
@refusals(api, 401, 403, 422)
def list_projects(query: dict[str, Any]) -> dict[str, Any]:
    """List registered projects, newest first, or with `mine` one's own, drafts included."""
    if query["mine"]:
        return {
            "projects": [presenters.as_json(each) for each in queries.list_mine(current_actor())],
            "next": None,
        }
    found, following = queries.list_registered(text=query["q"], after=Cursor.read(query.get("after")))
    return {
        "projects": [presenters.as_json(each) for each in found],
        "next": Cursor.write(*following) if following else None,
    }


@api.route("/projects", methods=["POST"])
@needs(Permission.PROJECT_REGISTER)
@api.arguments(ProjectBody)
@api.response(201, ProjectAnswer)
@refusals(api, 401, 403, 409, 422)
def register_project(body: dict[str, Any]) -> dict[str, Any]:
    """Register a project of one's own, or keep it as a draft."""
    register = body.pop("status") == "registered"
    answers = {name: words.strip() for name, words in body.items()}
    project_id = operations.draft_project(actor=current_actor(), answers=answers, register=register, now=clock.now())
    return presenters.as_json(queries.get_project(project_id, by=current_actor(), to=Permission.PROJECT_REGISTER))


@api.route("/projects/<int:project_id>", methods=["GET"])
@needs(Permission.PROJECT_READ)
@api.response(200, ProjectAnswer)
@refusals(api, 401, 403, 404)
def read_project(project_id: int) -> dict[str, Any]:
    """Read one project."""
    return presenters.as_json(queries.get_project(project_id, by=current_actor(), to=Permission.PROJECT_READ))


@api.route("/projects/<int:project_id>/flags", methods=["GET"])
@needs(Permission.FLAG_RAISE)
@api.response(200, FlagPage)
@refusals(api, 401, 403, 404)
def list_flags(project_id: int) -> dict[str, Any]:
    """List what was asked about a project of one's own, or one a coordinator's role covers, the newest first; fifty at
    most, so `next` is null."""
    queries.get_project(project_id, by=current_actor(), to=Permission.FLAG_RAISE)
    return {"flags": [presenters.flag_as_json(each) for each in flags_of(project_id)], "next": None}


@api.route("/projects/<int:project_id>/flags", methods=["POST"])
@needs(Permission.FLAG_RAISE)
@api.arguments(FlagBody)
@api.response(201, FlagAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def raise_flag(body: dict[str, Any], project_id: int) -> dict[str, Any]:
    """Ask a coordinator to look at a project. While a conflict or a risk to security is open it takes no time."""
    flag_id = operations.raise_flag(actor=current_actor(), project_id=project_id, now=clock.now(), **body)
    return presenters.flag_as_json(get_flag(flag_id, by=current_actor(), to=Permission.FLAG_RAISE)[0])


@api.route("/flags", methods=["GET"])
@needs(Permission.FLAG_SETTLE)
@api.arguments(FlagQuery, location="query")
@api.response(200, FlagPage)
@refusals(api, 401, 403, 422)
def list_waiting_flags(query: dict[str, Any]) -> dict[str, Any]:
    """List the flagged projects that wait for oneself as a coordinator, oldest first."""
    found, following = flags_waiting(current_actor(), after=Cursor.read(query.get("after")))
    return {
        "flags": [presenters.flag_as_json(each) for each in found],
        "next": Cursor.write(*following) if following else None,
    }


@api.route("/flags/<int:flag_id>", methods=["POST"])
@needs(Permission.FLAG_SETTLE)
@api.arguments(SettleFlagBody)
@api.response(200, FlagAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def settle_flag(body: dict[str, Any], flag_id: int) -> dict[str, Any]:
    """Clear a flagged project, or stop it: then it takes no more time, from the day it says."""
    operations.settle_flag(actor=current_actor(), flag_id=flag_id, now=clock.now(), **body)
    return presenters.flag_as_json(get_flag(flag_id, by=current_actor(), to=Permission.FLAG_SETTLE)[0])
