"""Time planned ahead, as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.queries.schedules import schedule_of
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import plans as operations
from tithe.timesheets.presenters import plans as presenters
from tithe.timesheets.queries.job_shares import own_uncovered
from tithe.timesheets.queries.plans import get_block, list_blocks
from tithe.timesheets.rules.entries import TimeKind
from tithe.timesheets.rules.plans import WEEKDAYS, BlockStatus, PlanShape, Wish
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("plans-api", __name__, url_prefix=PREFIX, description="Time planned ahead")

DAY_NAMES = [name.lower() for name in WEEKDAYS]
Whole = fields.Integer


class PlanBody(StrictSchema):
    """A rhythm on some days of the week every 1 to 4 weeks, a burst, or a single day; a project, or a kind of time."""

    shape = Text(required=True, validate=validate.OneOf(list(PlanShape)))
    project_id = Whole(allow_none=True, load_default=None)
    kind = Text(load_default=TimeKind.TITHE.value, validate=validate.OneOf(list(TimeKind)))
    starts_on = fields.Date(required=True)
    last_day = fields.Date(allow_none=True, load_default=None)
    minutes = Whole(required=True, strict=True)
    weekdays = fields.List(Text(validate=validate.OneOf(DAY_NAMES)), load_default=list)
    every_weeks = Whole(load_default=1, strict=True)
    note = Text(load_default="", validate=validate.Length(max=500))


class BlockAnswer(StrictSchema):
    """A planned block; `in_the_way` says why it cannot be on its day any more, if it cannot, and `cover` that it leaves
    a post one shares without cover, if it does."""

    id = Whole(required=True)
    plan_id = Whole(required=True, allow_none=True)
    date = fields.Date(required=True)
    minutes = Whole(required=True)
    project_id = Whole(required=True, allow_none=True)
    kind = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf([status.value for status in BlockStatus]))
    in_the_way = fields.String(required=True, allow_none=True)
    cover = fields.String(required=True, allow_none=True)


class PlansQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class PlansPage(StrictSchema):
    """What is still planned, the earliest first; `next` is the `after` of the page that follows, if one does."""

    blocks = fields.List(fields.Nested(BlockAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class PlannedDayAnswer(StrictSchema):
    """A date a plan falls on, and why it is left out if it is."""

    date = fields.Date(required=True)
    in_the_way = fields.String(required=True, allow_none=True)


class PlannedQuarterAnswer(StrictSchema):
    """Minutes left in a quarter: today, after what is planned already, and after this as well."""

    quarter = fields.String(required=True)
    left_minutes = Whole(required=True)
    planned_after_minutes = Whole(required=True)
    then_minutes = Whole(required=True)


class PlanProspectAnswer(StrictSchema):
    """What a plan would do; `cover` names the days that leave a post one shares without cover."""

    days = fields.List(fields.Nested(PlannedDayAnswer), required=True)
    minutes = Whole(required=True)
    cover = fields.List(fields.String(), required=True)
    quarters = fields.List(fields.Nested(PlannedQuarterAnswer), required=True)


class MoveBlockBody(StrictSchema):
    """The day a block moves to."""

    date = fields.Date(required=True)


class DropBlockBody(StrictSchema):
    """With `rest`, every later block of the same plan goes too."""

    rest = fields.Boolean(load_default=False)


class ConfirmBlockBody(StrictSchema):
    """How long it took; as planned if left out."""

    minutes = Whole(allow_none=True, load_default=None, strict=True)


class BlocksCountAnswer(StrictSchema):
    """How many blocks it was."""

    blocks = Whole(required=True)


def _wish(body: dict[str, Any]) -> Wish:
    """The plan a body describes."""
    project_id, kind, last_day = body.pop("project_id"), body.pop("kind"), body.pop("last_day")
    if (kind == TimeKind.TITHE) != (project_id is not None) or not 0 <= (project_id or 0) < 2**31:
        raise RuleBroken("Name a project for tithe, and none for other kinds of time", field="project_id")
    weekdays = frozenset(DAY_NAMES.index(name) for name in body.pop("weekdays"))
    line = str(project_id) if kind == TimeKind.TITHE else kind
    shape = PlanShape(body.pop("shape"))
    return Wish(shape=shape, line=line, last_day=last_day or body["starts_on"], weekdays=weekdays, **body)


@api.route("/plans", methods=["GET"])
@needs(Permission.PLAN_READ)
@api.arguments(PlansQuery, location="query")
@api.response(200, PlansPage)
@refusals(api, 401, 403, 422)
def list_plans(query: dict[str, Any]) -> dict[str, Any]:
    """List what one still has planned, days gone by included until they are answered."""
    actor, today = current_actor(), clock.today()
    blocks, following = list_blocks(actor, after=presenters.place_in(query.get("after")))
    end = blocks[-1].day + timedelta(days=1) if blocks else today
    schedule = schedule_of(actor.person_id, today, end) if end > today else None
    uncovered = own_uncovered(actor, [each.day for each in blocks])
    rows = [
        presenters.as_json(block, presenters.in_the_way(block, schedule, today), presenters.cover_of(block, uncovered))
        for block in blocks
    ]
    return {"blocks": rows, "next": presenters.place_as_text(following)}


@api.route("/plans", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.arguments(PlanBody)
@api.response(201, BlocksCountAnswer)
@refusals(api, 401, 403, 409, 422)
def make_plan(body: dict[str, Any]) -> dict[str, Any]:
    """Plan time ahead. Days that have no room are left out; the preview names them."""
    return {"blocks": operations.make_plan(actor=current_actor(), wish=_wish(body), now=clock.now())}


@api.route("/plans/preview", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.arguments(PlanBody)
@api.response(200, PlanProspectAnswer)
@refusals(api, 401, 403, 422)
def preview_plan(body: dict[str, Any]) -> dict[str, Any]:
    """What a plan would do. Nothing is saved."""
    found = operations.rehearse_plan(actor=current_actor(), wish=_wish(body), today=clock.today())
    return presenters.prospect_as_json(found)


@api.route("/plans/<int:block_id>/move", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.arguments(MoveBlockBody)
@api.response(200, BlockAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def move_block(body: dict[str, Any], block_id: int) -> dict[str, Any]:
    """Move a block to another day."""
    operations.move_block(actor=current_actor(), block_id=block_id, day=body["date"], now=clock.now())
    return _one(block_id)


@api.route("/plans/<int:block_id>/drop", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.arguments(DropBlockBody)
@api.response(200, BlocksCountAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def drop_block(body: dict[str, Any], block_id: int) -> dict[str, Any]:
    """Give a block up, or it and the rest of its plan."""
    return {"blocks": operations.drop_block(actor=current_actor(), block_id=block_id, **body, now=clock.now())}


@api.route("/plans/<int:block_id>/confirm", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.arguments(ConfirmBlockBody)
@api.response(200, BlockAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def confirm_block(body: dict[str, Any], block_id: int) -> dict[str, Any]:
    """Say that a block was done: it becomes an entry of its week. A token needs the scope weeks:write as well."""
    operations.confirm_block(actor=current_actor(), block_id=block_id, **body, now=clock.now())
    return _one(block_id)


@api.route("/plans/weeks/<monday>/confirm", methods=["POST"])
@needs(Permission.PLAN_WRITE)
@api.response(200, BlocksCountAnswer)
@refusals(api, 401, 403, 409, 422)
def confirm_week(monday: str) -> dict[str, Any]:
    """Say that all that is planned in a week up to today was done. A token needs the scope weeks:write as well."""
    count = operations.confirm_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    return {"blocks": count}


def _one(block_id: int) -> dict[str, Any]:
    block = get_block(block_id, by=current_actor(), to=Permission.PLAN_READ)
    uncovered = own_uncovered(current_actor(), [block.day])
    return presenters.as_json(block, cover=presenters.cover_of(block, uncovered))
