"""Weeks and approvals as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import amending, decisions
from tithe.timesheets.operations import weeks as operations
from tithe.timesheets.presenters import weeks as presenters
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.queries.weeks import entries_of, get_week, own_week
from tithe.timesheets.rules.deciding import ReturnGround
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("weeks-api", __name__, url_prefix=PREFIX, description="Weeks of tithed time, and deciding them")

Whole = fields.Integer


class EntryBody(StrictSchema):
    """Minutes on one day on one project, or of a kind that has none (`project_id` null). No kind means tithe."""

    date = fields.Date(required=True)
    project_id = Whole(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    kind = fields.String(load_default=TimeKind.TITHE, validate=validate.OneOf(list(TimeKind)))
    minutes = Whole(required=True, strict=True, validate=validate.Range(1, 1440))
    note = Text(load_default="", validate=validate.Length(max=500))


class WeekBody(StrictSchema):
    """All the entries of a week. `version`, when given, must be the one last read."""

    entries = fields.List(fields.Nested(EntryBody), required=True, validate=validate.Length(max=200))
    version = Whole(strict=True, validate=validate.Range(0, 2**31 - 1))


class WeekAnswer(StrictSchema):
    """A week. `id` is null and `version` 0 until something is saved."""

    id = Whole(required=True, allow_none=True)
    monday = fields.Date(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["draft", "submitted", "approved", "returned"]))
    version = Whole(required=True)
    total_minutes = Whole(required=True)
    submitted_at = fields.DateTime(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    decided_at = fields.DateTime(required=True, allow_none=True)
    amends_version = Whole(required=True, allow_none=True)
    amend_reason = fields.String(required=True)
    entries = fields.List(fields.Nested(EntryBody), required=True)


class AmendBody(StrictSchema):
    """Why an approved week is opened again, in at least ten characters."""

    reason = Text(required=True, validate=validate.Length(max=500))


class AwaitingEntry(EntryBody):
    """An entry with the title of its project, or the name of its kind."""

    project = fields.String(required=True)


class AwaitingAnswer(StrictSchema):
    """A week that waits for a decision. Send its `version` with the decision."""

    id = Whole(required=True)
    owner = fields.String(required=True)
    monday = fields.Date(required=True)
    version = Whole(required=True)
    total_minutes = Whole(required=True)
    submitted_at = fields.DateTime(required=True)
    due_on = fields.Date(required=True)
    entries = fields.List(fields.Nested(AwaitingEntry), required=True)


class AwaitingPage(StrictSchema):
    """A page of the queue, oldest first; `next` is the `after` of the page that follows, if one does."""

    weeks = fields.List(fields.Nested(AwaitingAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class PageQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class DecisionBody(StrictSchema):
    """A decision on the version that was read. Returning needs a ground and at least forty characters of reason."""

    decision = Text(required=True, validate=validate.OneOf(["approve", "return"]))
    version = Whole(required=True, strict=True, validate=validate.Range(0, 2**31 - 1))
    ground = Text(allow_none=True, load_default=None, metadata={"enum": [*ReturnGround, None]})
    reason = Text(allow_none=True, load_default="", validate=validate.Length(max=4000))


def _own(monday: str) -> dict[str, Any]:
    return presenters.week_as_json(own_week(current_actor(), parse_monday(monday)))


@api.route("/weeks/<monday>", methods=["GET"])
@needs(Permission.WEEK_READ)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 422)
def read_week(monday: str) -> dict[str, Any]:
    """Read one's own week, named by its Monday (2026-08-03)."""
    return _own(monday)


@api.route("/weeks/<monday>", methods=["PUT"])
@needs(Permission.WEEK_SAVE)
@api.arguments(WeekBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 409, 422)
def replace_week(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Replace the entries of one's own open week."""
    entries = [
        Entry(each["date"], each["project_id"], each["minutes"], each["note"].strip(), TimeKind(each["kind"]))
        for each in body["entries"]
    ]
    saved = operations.save_week(
        actor=current_actor(),
        monday=parse_monday(monday),
        entries=entries,
        now=clock.now(),
        version=body.get("version"),
    )
    return presenters.week_as_json(saved)


@api.route("/weeks/<monday>/submit", methods=["POST"])
@needs(Permission.WEEK_SUBMIT)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 409, 422)
def submit_week(monday: str) -> dict[str, Any]:
    """Send one's own week for approval; every limit it breaks is named."""
    operations.submit_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    return _own(monday)


@api.route("/weeks/<monday>/recall", methods=["POST"])
@needs(Permission.WEEK_RECALL)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 409, 422)
def recall_week(monday: str) -> dict[str, Any]:
    """Take back one's own week while nobody has decided it."""
    operations.recall_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    return _own(monday)


@api.route("/weeks/<monday>/amend", methods=["POST"])
@needs(Permission.WEEK_AMEND)
@api.arguments(AmendBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def amend_week(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Reopen one's own approved week. What was approved counts until the changed week is approved."""
    week = own_week(current_actor(), parse_monday(monday))
    if week.id is None:
        raise NotFound
    amending.amend_week(actor=current_actor(), week_id=week.id, reason=body["reason"], now=clock.now())
    return _own(monday)


@api.route("/approvals/<int:week_id>/reopen", methods=["POST"])
@needs(Permission.WEEK_AMEND)
@api.arguments(AmendBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def reopen_week(body: dict[str, Any], week_id: int) -> dict[str, Any]:
    """Reopen a week one decided, once its quarter is closed, for its owner to correct."""
    actor = current_actor()
    amending.amend_week(actor=actor, week_id=week_id, reason=body["reason"], now=clock.now())
    return presenters.week_as_json(get_week(week_id, by=actor, to=Permission.WEEK_AMEND))


@api.route("/approvals", methods=["GET"])
@needs(Permission.WEEK_LIST_AWAITING)
@api.arguments(PageQuery, location="query")
@api.response(200, AwaitingPage)
@refusals(api, 401, 403, 422)
def list_awaiting(query: dict[str, Any]) -> dict[str, Any]:
    """List the weeks that wait for oneself, oldest first."""
    weeks, more = weeks_awaiting(current_actor(), after=Cursor.read(query.get("after")))
    entries = entries_of(week.id for week in weeks)
    return {
        "weeks": [presenters.awaiting_as_json(week, entries.get(week.id, [])) for week in weeks],
        "next": Cursor.write(weeks[-1].submitted_at, weeks[-1].id) if more else None,
    }


@api.route("/approvals/<int:week_id>", methods=["POST"])
@needs(Permission.WEEK_DECIDE)
@api.arguments(DecisionBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def decide_week(body: dict[str, Any], week_id: int) -> dict[str, Any]:
    """Approve or return a week that waits for oneself."""
    actor, now = current_actor(), clock.now()
    if body["decision"] == "approve":
        decisions.approve_weeks(actor=actor, versions={week_id: body["version"]}, now=now)
    else:
        decisions.return_week(
            actor=actor,
            week_id=week_id,
            version=body["version"],
            ground=body["ground"],
            reason=body["reason"] or "",
            now=now,
        )
    return presenters.week_as_json(get_week(week_id, by=actor, to=Permission.WEEK_DECIDE))
