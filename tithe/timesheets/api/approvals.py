"""The weeks that wait for somebody, deciding them, and asking about them, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, TitheError
from tithe.timesheets.api.weeks import AmendBody, EntryBody, WeekAnswer
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import amending, decisions, questions
from tithe.timesheets.operations.deciding_many import MOST_IN_A_CALL, Wanted, decide_weeks
from tithe.timesheets.presenters.approvals import awaiting_as_json, question_as_json
from tithe.timesheets.presenters.weeks import week_as_json
from tithe.timesheets.queries.inbox import inbox_of
from tithe.timesheets.queries.questions import question_about
from tithe.timesheets.queries.weeks import WeekRow, get_week, own_week
from tithe.timesheets.rules.deciding import DecisionHow, ReturnGround
from tithe.timesheets.rules.questions import NOTHING_ASKED
from tithe.timesheets.rules.unusual import Reason
from tithe.web.api import PREFIX, ApiBlueprint, ErrorSchema, StrictSchema, Text, refusals
from tithe.web.errors import envelope
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("approvals-api", __name__, url_prefix=PREFIX, description="Deciding weeks, and asking about them")

Whole = fields.Integer
VERSION: dict[str, Any] = {"required": True, "strict": True, "validate": validate.Range(0, 2**31 - 1)}
WORDS: dict[str, Any] = {"required": True, "validate": validate.Length(max=1000)}


class AwaitingEntry(EntryBody):
    """An entry with the title of its project, or the name of its kind."""

    project = fields.String(required=True)


class UnusualThing(StrictSchema):
    """Something to look at before approving."""

    reason = fields.String(required=True, validate=validate.OneOf(list(Reason)))
    words = fields.String(required=True)


class QuestionAnswer(StrictSchema):
    """What was asked about a week as it stands, and what its owner answered."""

    asked_by = fields.String(required=True)
    asked_at = fields.DateTime(required=True)
    words = fields.String(required=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = fields.DateTime(required=True, allow_none=True)


class AwaitingAnswer(StrictSchema):
    """A week that waits for a decision. Send its `version` with the decision.

    `how` says as whom one decides it, `for_whom` names the manager one stands in for, and `balance_left` is what its
    owner has left, in minutes, in the quarter of its Monday before it is approved; null until it is worked out.
    """

    id = Whole(required=True)
    owner = fields.String(required=True)
    monday = fields.Date(required=True)
    version = Whole(required=True)
    total_minutes = Whole(required=True)
    submitted_at = fields.DateTime(required=True)
    due_on = fields.Date(required=True)
    how = fields.String(required=True, validate=validate.OneOf(list(DecisionHow)))
    for_whom = fields.String(required=True, allow_none=True)
    balance_left = Whole(required=True, allow_none=True)
    unusual = fields.List(fields.Nested(UnusualThing), required=True)
    question = fields.Nested(QuestionAnswer, required=True, allow_none=True)
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
    version = Whole(**VERSION)
    ground = Text(allow_none=True, load_default=None, metadata={"enum": [*ReturnGround, None]})
    reason = Text(allow_none=True, load_default="", validate=validate.Length(max=4000))


class ManyItem(DecisionBody):
    """A decision on the version of one week that was read."""

    week_id = Whole(required=True, strict=True, validate=validate.Range(1, 2**31 - 1))


class ManyBody(StrictSchema):
    """From 1 to 100 decisions, each on another week."""

    decisions = fields.List(
        fields.Nested(ManyItem),
        required=True,
        validate=validate.Length(1, MOST_IN_A_CALL, error=f"Send from 1 to {MOST_IN_A_CALL} decisions in a call."),
    )


class ManyResult(StrictSchema):
    """What became of one decision. `status` is what deciding this week alone would have been answered with; without
    `refusal` it was done."""

    week_id = Whole(required=True)
    status = Whole(required=True)
    refusal = fields.Nested(ErrorSchema, required=True, allow_none=True)


class ManyAnswer(StrictSchema):
    """A result for each decision, in the order they were sent."""

    results = fields.List(fields.Nested(ManyResult), required=True)


class CallBackBody(StrictSchema):
    """Why a week that only an agreement approved goes back: a ground and at least forty characters of reason."""

    version = Whole(**VERSION)
    ground = Text(required=True, validate=validate.OneOf(list(ReturnGround)))
    reason = Text(required=True, validate=validate.Length(max=4000))


class AskBody(StrictSchema):
    """A question about the version that was read."""

    version = Whole(**VERSION)
    words = Text(**WORDS)


class AnswerBody(StrictSchema):
    """The owner's answer."""

    answer = Text(**WORDS)


@api.route("/approvals/<int:week_id>/reopen", methods=["POST"])
@needs(Permission.WEEK_AMEND)
@api.arguments(AmendBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def reopen_week(body: dict[str, Any], week_id: int) -> dict[str, Any]:
    """Reopen a week one decided, once its quarter is closed, for its owner to correct. One that only an agreement
    approved is called back instead."""
    actor = current_actor()
    amending.amend_week(actor=actor, week_id=week_id, reason=body["reason"], now=clock.now())
    return week_as_json(get_week(week_id, by=actor, to=Permission.WEEK_AMEND))


@api.route("/approvals/<int:week_id>/call-back", methods=["POST"])
@needs(Permission.WEEK_AMEND)
@api.arguments(CallBackBody)
@api.response(200, WeekAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def call_back_week(body: dict[str, Any], week_id: int) -> dict[str, Any]:
    """Return a week that only an agreement approved. What was approved counts until it is approved again."""
    actor = current_actor()
    amending.call_back_week(actor=actor, week_id=week_id, now=clock.now(), **body)
    return week_as_json(get_week(week_id, by=actor, to=Permission.WEEK_AMEND))


@api.route("/approvals", methods=["GET"])
@needs(Permission.WEEK_LIST_AWAITING)
@api.arguments(PageQuery, location="query")
@api.response(200, AwaitingPage)
@refusals(api, 401, 403, 422)
def list_awaiting(query: dict[str, Any]) -> dict[str, Any]:
    """List the weeks that wait for oneself, oldest first."""
    weeks, following = inbox_of(current_actor(), after=Cursor.read(query.get("after")))
    note_reads(ReadKind.WEEK, [each.week.owner_id for each in weeks], actor=current_actor(), now=clock.now())
    return {
        "weeks": [awaiting_as_json(each) for each in weeks],
        "next": Cursor.write(*following) if following else None,
    }


@api.route("/approvals", methods=["POST"])
@needs(Permission.WEEK_DECIDE)
@api.arguments(ManyBody)
@api.response(200, ManyAnswer)
@refusals(api, 401, 403, 409, 422)
def decide_many(body: dict[str, Any]) -> dict[str, Any]:
    """Approve and return up to 100 weeks that wait for oneself. Each is decided for itself: one that is refused is
    left as it is and says so in its result, and the others are decided all the same."""
    wanted = [
        Wanted(each["week_id"], each["version"], each["decision"] == "approve", each["ground"], each["reason"] or "")
        for each in body["decisions"]
    ]
    refused = decide_weeks(actor=current_actor(), wanted=wanted, now=clock.now())
    return {"results": [_result(each.week_id, why) for each, why in zip(wanted, refused, strict=True)]}


def _result(week_id: int, refusal: TitheError | None) -> dict[str, Any]:
    return {
        "week_id": week_id,
        "status": refusal.status if refusal else 200,
        "refusal": envelope(refusal) if refusal else None,
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
    return week_as_json(get_week(week_id, by=actor, to=Permission.WEEK_DECIDE))


@api.route("/approvals/<int:week_id>/question", methods=["POST"])
@needs(Permission.WEEK_ASK)
@api.arguments(AskBody)
@api.response(200, QuestionAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def ask_question(body: dict[str, Any], week_id: int) -> dict[str, Any]:
    """Ask the owner about a week that waits for oneself, once a version. The decision is due later meanwhile."""
    actor = current_actor()
    questions.ask_question(actor=actor, week_id=week_id, version=body["version"], words=body["words"], now=clock.now())
    return _question(get_week(week_id, by=actor, to=Permission.WEEK_ASK))


@api.route("/weeks/<monday>/question", methods=["GET"])
@needs(Permission.WEEK_READ)
@api.response(200, QuestionAnswer)
@refusals(api, 401, 403, 404, 422)
def read_question(monday: str) -> dict[str, Any]:
    """Read what was asked about one's own week while it waits for a decision."""
    return _question(own_week(current_actor(), parse_monday(monday)))


@api.route("/weeks/<monday>/question", methods=["POST"])
@needs(Permission.WEEK_ANSWER)
@api.arguments(AnswerBody)
@api.response(200, QuestionAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def answer_question(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Answer what was asked about one's own week."""
    actor, day = current_actor(), parse_monday(monday)
    questions.answer_question(actor=actor, monday=day, answer=body["answer"], now=clock.now())
    return _question(own_week(actor, day))


def _question(week: WeekRow) -> dict[str, Any]:
    question = question_about(week)
    if question is None:
        raise NotFound(NOTHING_ASKED)
    return question_as_json(question)
