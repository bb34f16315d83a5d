"""Weeks that moved on because they were not decided in time, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people.wanted import person_called
from tithe.timesheets.operations.handover import reassign_weeks
from tithe.timesheets.presenters.escalation import moved_as_json
from tithe.timesheets.queries.escalation import moved_from
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("escalation-api", __name__, url_prefix=PREFIX, description="Weeks that were not decided in time")


class MovedQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class MovedAnswer(StrictSchema):
    """A week one did not decide in time: to whom it went, nobody being the queue of its unit, and where it stands."""

    id = fields.Integer(required=True)
    owner = fields.String(required=True)
    monday = fields.Date(required=True)
    due_was = fields.Date(required=True)
    moved_at = fields.DateTime(required=True)
    to = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(list(WeekStatus)))


class MovedPage(StrictSchema):
    """A page of those of the last four weeks, newest first; `next` is the `after` of the page that follows."""

    weeks = fields.List(fields.Nested(MovedAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


@api.route("/approvals/moved", methods=["GET"])
@needs(Permission.WEEK_LIST_AWAITING)
@api.arguments(MovedQuery, location="query")
@api.response(200, MovedPage)
@refusals(api, 401, 403, 422)
def list_moved(query: dict[str, Any]) -> dict[str, Any]:
    """List the weeks that no longer wait for oneself because they were not decided in time."""
    weeks, following = moved_from(current_actor(), clock.now(), after=Cursor.read(query.get("after")))
    note_reads(ReadKind.WEEK, [each.owner_id for each in weeks], actor=current_actor(), now=clock.now())
    return {
        "weeks": [moved_as_json(each) for each in weeks],
        "next": Cursor.write(*following) if following else None,
    }


class ReassignBody(StrictSchema):
    """Whose weeks: an e-mail address or a staff number."""

    person = Text(required=True, validate=validate.Length(max=200))


class ReassignAnswer(StrictSchema):
    """How many weeks wait for somebody else now."""

    moved = fields.Integer(required=True)


@api.route("/approvals/reassign", methods=["POST"])
@needs(Permission.WEEK_REASSIGN)
@api.arguments(ReassignBody)
@api.response(200, ReassignAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def reassign(body: dict[str, Any]) -> dict[str, Any]:
    """Let the undecided weeks of somebody wait for the manager they have today."""
    person_id = person_called(body["person"], "person")
    return {"moved": reassign_weeks(actor=current_actor(), person_id=person_id, now=clock.now())}
