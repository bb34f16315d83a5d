"""Agreeing in advance, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.policy import queries as policy
from tithe.timesheets.operations import agreements as operations
from tithe.timesheets.presenters import agreements as presenters
from tithe.timesheets.queries import agreements as queries
from tithe.timesheets.rules.agreements import LONGEST_WEEK, Asked, RefusalGround, RequestShape, RequestStatus
from tithe.timesheets.rules.plans import WEEKDAYS
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("agreements-api", __name__, url_prefix=PREFIX, description="What is agreed in advance")

DAY_NAMES = [name.lower() for name in WEEKDAYS]
EITHER = ("agree", "refuse")
Whole = fields.Integer


class AgreementBody(StrictSchema):
    """A rhythm with days of the week and a cap a week, or a burst of whole days; no projects means any of one's own."""

    shape = Text(load_default=RequestShape.RHYTHM.value, validate=validate.OneOf(list(RequestShape)))
    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    weekdays = fields.List(Text(validate=validate.OneOf(DAY_NAMES)), load_default=list)
    week_minutes = Whole(load_default=0, strict=True)
    project_ids = fields.List(Whole(strict=True, validate=validate.Range(1, 2**31 - 1)), load_default=list)
    duties = Text(load_default="")


class AgreementAnswer(StrictSchema):
    """A request and where it stands. Ended, it no longer counts from `ended_from` on."""

    id = Whole(required=True)
    owner = fields.String(required=True)
    shape = fields.String(required=True, validate=validate.OneOf([shape.value for shape in RequestShape]))
    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    weekdays = fields.List(fields.String(), required=True)
    week_minutes = Whole(required=True, allow_none=True)
    project_ids = fields.List(Whole(), required=True)
    duties = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in RequestStatus]))
    asked_at = fields.DateTime(required=True)
    decided_at = fields.DateTime(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    ground = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    ended_from = fields.Date(required=True, allow_none=True)


class AgreementWarned(AgreementAnswer):
    """A request with what its decider is warned about: days on which too few of the team would be left."""

    warnings = fields.List(fields.String(), required=True)


class AgreementsQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class AgreementsPage(StrictSchema):
    """One's own requests, the newest first; `next` is the `after` of the page that follows, if one does."""

    agreements = fields.List(fields.Nested(AgreementAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class AgreedWeekAnswer(StrictSchema):
    """A week that an agreement approved."""

    id = Whole(required=True)
    owner = fields.String(required=True)
    monday = fields.Date(required=True)
    total_minutes = Whole(required=True)
    decided_at = fields.DateTime(required=True)


class TeamAgreementsAnswer(StrictSchema):
    """What one's staff asked, what is agreed with them, and the weeks approved under it in the last four weeks."""

    agreements = fields.List(fields.Nested(AgreementAnswer), required=True)
    weeks = fields.List(fields.Nested(AgreedWeekAnswer), required=True)


class DecideAgreementBody(StrictSchema):
    """Agree, or refuse with a ground and at least forty characters."""

    decision = Text(required=True, validate=validate.OneOf(EITHER))
    ground = Text(allow_none=True, load_default=None, metadata={"enum": [*RefusalGround]})
    reason = Text(load_default="")


class EndAgreementBody(StrictSchema):
    """The day from which it no longer counts; today if left out."""

    ended_from = fields.Date(allow_none=True, load_default=None)


@api.route("/agreements", methods=["GET"])
@needs(Permission.AGREEMENT_READ)
@api.arguments(AgreementsQuery, location="query")
@api.response(200, AgreementsPage)
@refusals(api, 401, 403, 422)
def list_agreements(query: dict[str, Any]) -> dict[str, Any]:
    """List what one asked one's manager to agree to."""
    rows, following = queries.own_requests(current_actor(), after=Cursor.read(query.get("after")))
    place = Cursor.write(*following) if following else None
    return {"agreements": [presenters.as_json(row) for row in rows], "next": place}


@api.route("/agreements/team", methods=["GET"])
@needs(Permission.AGREEMENT_DECIDE)
@api.response(200, TeamAgreementsAnswer)
@refusals(api, 401, 403, 404)
def list_team() -> dict[str, Any]:
    """List what waits for one and what is agreed with one's staff."""
    actor, today = current_actor(), clock.today()
    rows, weeks = queries.team_requests(actor, today), queries.approved_lately(actor, today)
    note_reads(ReadKind.AGREEMENT, [row.owner_id for row in rows], actor=actor, now=clock.now())
    note_reads(ReadKind.WEEK, [each.owner_id for each in weeks], actor=actor, now=clock.now())
    return {
        "agreements": [presenters.as_json(row) for row in rows],
        "weeks": [presenters.week_as_json(each) for each in weeks],
    }


@api.route("/agreements", methods=["POST"])
@needs(Permission.AGREEMENT_ASK)
@api.arguments(AgreementBody)
@api.response(201, AgreementAnswer)
@refusals(api, 401, 403, 409, 422)
def ask(body: dict[str, Any]) -> dict[str, Any]:
    """Ask one's line manager to agree in advance."""
    burst = body["shape"] == RequestShape.BURST
    weekdays = frozenset(range(7)) if burst else frozenset(DAY_NAMES.index(name) for name in body["weekdays"])
    asked = Asked(
        shape=RequestShape(body["shape"]),
        starts_on=body["starts_on"],
        last_day=body["last_day"],
        weekdays=weekdays,
        week_minutes=LONGEST_WEEK if burst else body["week_minutes"],
        project_ids=frozenset(body["project_ids"]),
        duties=body["duties"],
    )
    return _one(operations.ask_agreement(actor=current_actor(), asked=asked, now=clock.now()))


@api.route("/agreements/<int:request_id>", methods=["GET"])
@needs(Permission.AGREEMENT_READ)
@api.response(200, AgreementWarned)
@refusals(api, 401, 403, 404)
def read_agreement(request_id: int) -> dict[str, Any]:
    """Read one request; while it waits, with what its decider is warned about."""
    today = clock.today()
    found = queries.get_request(request_id, by=current_actor(), to=Permission.AGREEMENT_READ, today=today)
    note_reads(ReadKind.AGREEMENT, [found.owner_id], actor=current_actor(), now=clock.now())
    warnings = []
    if found.status is RequestStatus.ASKED and found.unit_id is not None:
        most = policy.in_force(found.unit_id, today).settings.min_cover_warn_pct
        warnings = presenters.warnings(queries.cover_with(found, today), most)
    return presenters.as_json(found) | {"warnings": warnings}


@api.route("/agreements/<int:request_id>", methods=["POST"])
@needs(Permission.AGREEMENT_DECIDE)
@api.arguments(DecideAgreementBody)
@api.response(200, AgreementAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def decide(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """Agree to what somebody of one's staff asked for, or refuse it."""
    decided: dict[str, Any] = {"actor": current_actor(), "request_id": request_id, "now": clock.now()}
    if body["decision"] == "agree":
        operations.agree(**decided)
    else:
        operations.refuse(**decided, ground=body["ground"], reason=body["reason"])
    return _one(request_id)


@api.route("/agreements/<int:request_id>/withdraw", methods=["POST"])
@needs(Permission.AGREEMENT_ASK)
@api.response(200, AgreementAnswer)
@refusals(api, 401, 403, 404, 409)
def withdraw(request_id: int) -> dict[str, Any]:
    """Take back what nobody has answered."""
    operations.withdraw_agreement(actor=current_actor(), request_id=request_id, now=clock.now())
    return _one(request_id)


@api.route("/agreements/<int:request_id>/end", methods=["POST"])
@needs(Permission.AGREEMENT_END)
@api.arguments(EndAgreementBody)
@api.response(200, AgreementAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def end(body: dict[str, Any], request_id: int) -> dict[str, Any]:
    """End an agreement from a day on, from either side."""
    day = body["ended_from"] or clock.today()
    operations.end_agreement(actor=current_actor(), request_id=request_id, ended_from=day, now=clock.now())
    return _one(request_id)


def _one(request_id: int) -> dict[str, Any]:
    found = queries.get_request(request_id, by=current_actor(), to=Permission.AGREEMENT_READ, today=clock.today())
    return presenters.as_json(found)
