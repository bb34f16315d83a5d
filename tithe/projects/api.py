"""Projects as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.projects import operations, presenters, queries
from tithe.projects.operations import LONGEST
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
    """A project."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    problem = fields.String(required=True)
    beneficiaries = fields.String(required=True)
    hypothesis = fields.String(required=True)
    status = fields.String(required=True)
    owner = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    registered_at = fields.DateTime(required=True, allow_none=True)
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
