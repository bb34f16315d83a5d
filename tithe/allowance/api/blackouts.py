"""Blackouts as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.operations import blackouts as operations
from tithe.allowance.presenters import blackouts as presenters
from tithe.allowance.queries import blackouts as queries
from tithe.allowance.rules.blackouts import BlackoutGround, BlackoutState, Plan
from tithe.kernel import clock
from tithe.policy import queries as policy
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("blackouts-api", __name__, url_prefix=PREFIX, description="Dates on which units can spare no time")


class BlackoutQuery(StrictSchema):
    """Which unit, by code, one's own if left out; the year to count, by the calendar year in which it starts, this one
    if left out; where to go on from."""

    unit = Text(load_default="")
    year = fields.Integer(validate=validate.Range(presenters.YEARS[0], presenters.YEARS[-1]))
    after = Text()


class BlackoutBody(StrictSchema):
    """A blackout for a unit and all below it. An emergency needs no notice but a reason of forty characters."""

    unit = Text(required=True)
    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    ground = Text(required=True, metadata={"enum": [*BlackoutGround]})
    reason = Text(required=True)
    emergency = fields.Boolean(load_default=False)


class BlackoutAnswer(StrictSchema):
    """A blackout; both its days are included."""

    id = fields.Integer(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True)
    working_days = fields.Integer(required=True)
    ground = fields.String(required=True)
    reason = fields.String(required=True)
    emergency = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in BlackoutState]))
    set_by = fields.String(required=True)
    set_at = fields.DateTime(required=True)
    lifted_at = fields.DateTime(required=True, allow_none=True)


class BlackoutPage(StrictSchema):
    """The blackouts of a unit, of those above and of those below it, the latest first day first. Of the working days
    of the year, from `year_starts_on`, `max_days` may be blacked out and `used_days` are, by the unit itself or from
    above."""

    unit = fields.String(required=True)
    year = fields.Integer(required=True)
    year_starts_on = fields.Date(required=True)
    used_days = fields.Integer(required=True)
    max_days = fields.Integer(required=True)
    emergencies = fields.Integer(required=True)
    blackouts = fields.List(fields.Nested(BlackoutAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


@api.route("/blackouts", methods=["GET"])
@needs(Permission.BLACKOUT_READ)
@api.arguments(BlackoutQuery, location="query")
@api.response(200, BlackoutPage)
@refusals(api, 401, 403, 404, 422)
def list_blackouts(query: dict[str, Any]) -> dict[str, Any]:
    """List the blackouts that bear on a unit, with the count of a year."""
    today, unit = clock.today(), queries.unit_for(current_actor(), query["unit"])
    settings = policy.in_force(unit.id, today).settings
    year = presenters.year_in(str(query.get("year", "")), today, settings.fy_start_month)
    rows, following = queries.list_blackouts(unit.id, after=presenters.place_in(query.get("after")))
    drawn = presenters.drawn(year, queries.held_in(unit.id, year), settings.blackout_max_wd, today)
    return {
        "unit": unit.code,
        "year": year.number,
        "year_starts_on": year.start,
        "used_days": drawn.used,
        "max_days": drawn.limit,
        "emergencies": drawn.emergencies,
        "blackouts": [presenters.as_json(row, today) for row in rows],
        "next": presenters.place_as_text(following),
    }


@api.route("/blackouts", methods=["POST"])
@needs(Permission.BLACKOUT_WRITE)
@api.arguments(BlackoutBody)
@api.response(201, BlackoutAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def set_blackout(body: dict[str, Any]) -> dict[str, Any]:
    """Set a blackout for a unit and all below it."""
    now, unit = clock.now(), body.pop("unit")
    blackout_id = operations.set_blackout(actor=current_actor(), unit=unit, plan=Plan(**body), now=now)
    return _one(blackout_id)


@api.route("/blackouts/<int:blackout_id>/lift", methods=["POST"])
@needs(Permission.BLACKOUT_WRITE)
@api.response(200, BlackoutAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def lift_blackout(blackout_id: int) -> dict[str, Any]:
    """End a blackout: one that has not begun is taken away, one under way holds until the end of today."""
    operations.lift_blackout(actor=current_actor(), blackout_id=blackout_id, now=clock.now())
    return _one(blackout_id)


def _one(blackout_id: int) -> dict[str, Any]:
    found = queries.get_blackout(blackout_id, by=current_actor(), to=Permission.BLACKOUT_WRITE)
    return presenters.as_json(found, clock.today())
