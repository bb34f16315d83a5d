"""One's own weeks as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import amending
from tithe.timesheets.operations import weeks as operations
from tithe.timesheets.presenters import weeks as presenters
from tithe.timesheets.queries.ahead import check_own
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules.entries import Entry, TimeKind
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.web import etags
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("weeks-api", __name__, url_prefix=PREFIX, description="Weeks of tithed time")

Whole = fields.Integer


class EntryBody(StrictSchema):
    """Minutes on one day on one project, or of a kind that has none (`project_id` null). No kind means tithe."""

    date = fields.Date(required=True)
    project_id = Whole(load_default=None, allow_none=True, strict=True, validate=validate.Range(1, 2**31 - 1))
    kind = fields.String(load_default=TimeKind.TITHE, validate=validate.OneOf(list(TimeKind)))
    minutes = Whole(required=True, strict=True, validate=validate.Range(1, 1440))
    note = Text(load_default="", validate=validate.Length(max=500))


class EntriesBody(StrictSchema):
    """All the entries of a week."""

    entries = fields.List(fields.Nested(EntryBody), required=True, validate=validate.Length(max=200))


class ProblemAnswer(StrictSchema):
    """What to change, and which entry it is about ("entries.0"), or the week as a whole ("entries")."""

    message = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)


class CheckAnswer(StrictSchema):
    """Everything that would keep a week from being submitted, nothing if nothing would; and in `cover` the entries that
    leave a post one shares without cover that day."""

    problems = fields.List(fields.Nested(ProblemAnswer), required=True)
    cover = fields.List(fields.Nested(ProblemAnswer), required=True)


class WeekBody(EntriesBody):
    """All the entries of a week. `version`, when given, must be the one last read."""

    version = Whole(strict=True, validate=validate.Range(0, 2**31 - 1))


class WeekAnswer(StrictSchema):
    """A week. `id` is null and `version` 0 until something is saved. Once it was submitted, `counts_on` is the day in
    whose quarter all of it counts; without one each day counts in its own."""

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
    nothing_since = fields.DateTime(required=True, allow_none=True)
    counts_on = fields.Date(required=True, allow_none=True)
    entries = fields.List(fields.Nested(EntryBody), required=True)


class SavedWeekAnswer(WeekAnswer):
    """A week as it was saved, and in `cover` the entries that leave a post one shares without cover that day. The ETag
    is of the week alone."""

    cover = fields.List(fields.Nested(ProblemAnswer), required=True)


class AmendBody(StrictSchema):
    """Why an approved week is opened again, in at least ten characters."""

    reason = Text(required=True, validate=validate.Length(max=500))


def _own(monday: str) -> Any:
    return etags.tagged(*_now(monday))


def _now(monday: str) -> tuple[int, dict[str, Any]]:
    """One's own week as it is, with its version."""
    week = own_week(current_actor(), parse_monday(monday))
    return week.version, presenters.week_as_json(week)


def _read_before(monday: str) -> int | None:
    """The version named in If-Match, if the call brings one."""
    return etags.expected(lambda: _now(monday))


@api.route("/weeks/<monday>", methods=["GET"])
@needs(Permission.WEEK_READ)
@api.response(200, WeekAnswer)
@api.alt_response(304, description="Known already: If-None-Match names it")
@api.doc(parameters=[etags.IF_NONE_MATCH])
@refusals(api, 401, 403, 422)
def read_week(monday: str) -> Any:
    """Read one's own week, named by its Monday (2026-08-03)."""
    return _own(monday)


def _entries(body: dict[str, Any]) -> list[Entry]:
    return [
        Entry(each["date"], each["project_id"], each["minutes"], each["note"].strip(), TimeKind(each["kind"]))
        for each in body["entries"]
    ]


@api.route("/weeks/<monday>/check", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(EntriesBody)
@api.response(200, CheckAnswer)
@refusals(api, 401, 403, 422)
def check_week(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Say what would keep these entries from being submitted as one's own week; nothing is written."""
    found = check_own(current_actor(), parse_monday(monday), _entries(body), clock.today())
    return {"problems": [vars(each) for each in found.problems], "cover": [vars(each) for each in found.cover]}


@api.route("/weeks/<monday>", methods=["PUT"])
@needs(Permission.WEEK_SAVE)
@api.arguments(WeekBody)
@api.response(200, SavedWeekAnswer)
@api.doc(parameters=[etags.IF_MATCH])
@refusals(api, 401, 403, 409, 412, 422)
def replace_week(body: dict[str, Any], monday: str) -> Any:
    """Replace the entries of one's own open week."""
    actor, read = current_actor(), _read_before(monday)
    saved = operations.save_week(
        actor=actor,
        monday=parse_monday(monday),
        entries=_entries(body),
        now=clock.now(),
        version=body.get("version", read),
    )
    said = judged_for(actor, saved.entries, minutes_held(saved.entries)).said
    answer, status, headers = etags.tagged(saved.version, presenters.week_as_json(saved))
    return {**answer, "cover": [vars(each) for each in said]}, status, headers


@api.route("/weeks/<monday>/submit", methods=["POST"])
@needs(Permission.WEEK_SUBMIT)
@api.response(200, WeekAnswer)
@api.doc(parameters=[etags.IF_MATCH])
@refusals(api, 401, 403, 409, 412, 422)
def submit_week(monday: str) -> Any:
    """Send one's own week for approval; every limit it breaks is named."""
    read = _read_before(monday)
    operations.submit_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now(), version=read)
    return _own(monday)


@api.route("/weeks/<monday>/recall", methods=["POST"])
@needs(Permission.WEEK_RECALL)
@api.response(200, WeekAnswer)
@api.doc(parameters=[etags.IF_MATCH])
@refusals(api, 401, 403, 409, 412, 422)
def recall_week(monday: str) -> Any:
    """Take back one's own week while nobody has decided it."""
    read = _read_before(monday)
    operations.recall_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now(), version=read)
    return _own(monday)


@api.route("/weeks/<monday>/amend", methods=["POST"])
@needs(Permission.WEEK_AMEND)
@api.arguments(AmendBody)
@api.response(200, WeekAnswer)
@api.doc(parameters=[etags.IF_MATCH])
@refusals(api, 401, 403, 404, 409, 412, 422)
def amend_week(body: dict[str, Any], monday: str) -> Any:
    """Reopen one's own approved week. What was approved counts until the changed week is approved."""
    actor, read = current_actor(), _read_before(monday)
    week = own_week(actor, parse_monday(monday))
    if week.id is None:
        raise NotFound
    amending.amend_week(actor=actor, week_id=week.id, reason=body["reason"], now=clock.now(), version=read)
    return _own(monday)
