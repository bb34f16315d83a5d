"""Utilisation as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.reports import presenters, queries
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("reports-api", __name__, url_prefix=PREFIX, description="Utilisation by unit")


class ReportQuery(StrictSchema):
    """Which report. Without a quarter, this one; without a unit, the top of what one's role covers."""

    quarter = Text()
    unit = Text(validate=validate.Length(max=60))
    depth = Text(load_default="all", validate=validate.OneOf(["all", "one"]))


class ReportLine(StrictSchema):
    """One unit with everything below it rolled up."""

    period = fields.String(required=True)
    unit_code = fields.String(required=True)
    unit_name = fields.String(required=True)
    parent_code = fields.String(required=True, allow_none=True)
    eligible_headcount = fields.Integer(required=True)
    participants = fields.Integer(required=True)
    participation_rate = fields.Float(required=True, allow_none=True)
    entitlement_hours = fields.Float(required=True)
    used_hours = fields.Float(required=True)
    utilisation_rate = fields.Float(required=True, allow_none=True)
    entitlement_minutes = fields.Integer(required=True)
    used_minutes = fields.Integer(required=True)
    status = fields.String(required=True)


class ReportAnswer(StrictSchema):
    """A quarter's utilisation; `status` says whether it is frozen or live."""

    quarter = fields.String(required=True)
    label = fields.String(required=True)
    unit = fields.String(required=True)
    status = fields.String(required=True)
    frozen_at = fields.DateTime(required=True, allow_none=True)
    units = fields.List(fields.Nested(ReportLine), required=True)


@api.route("/reports/utilisation", methods=["GET"])
@needs(Permission.REPORT_READ)
@api.arguments(ReportQuery, location="query")
@api.response(200, ReportAnswer)
@refusals(api, 401, 403, 404, 422)
def utilisation(query: dict[str, Any]) -> dict[str, Any]:
    """Read a quarter's utilisation of a unit and the units below it."""
    quarter = Quarter.parse(query["quarter"]) if query.get("quarter") else Quarter.containing(clock.today())
    report = queries.report_for(current_actor(), quarter, query.get("unit"))
    lines = report.lines(all_below=query["depth"] == "all")
    return {
        "quarter": quarter.code,
        "label": quarter.label,
        "unit": report.unit.code,
        "status": report.status,
        "frozen_at": report.frozen.frozen_at if report.frozen else None,
        "units": presenters.as_json(quarter, lines, report.status),
    }
