"""Trying the rule on a scenario, as JSON."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import fields

from tithe.access.permissions import Permission
from tithe.allowance.queries.scenario import holidays_of
from tithe.allowance.rules import scenario
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, refusals
from tithe.web.guards import needs

api = ApiBlueprint("scenario-api", __name__, url_prefix=PREFIX, description="What a scenario of working time is worth")

AMOUNT = {"type": ["integer", "string"]}


class ScenarioPeriodBody(StrictSchema):
    """The days asked about; `end` is the first day that no longer counts."""

    start = fields.Date(required=True)
    end = fields.Date(required=True)


class ScenarioPatternBody(StrictSchema):
    """Minutes from Monday to Sunday, for one to four weeks. The cycle starts in the week of `from`."""

    starts_on = fields.Date(required=True, data_key="from")
    weeks = fields.List(fields.List(fields.Integer()), required=True)


class ScenarioAbsenceBody(StrictSchema):
    """Minutes away on a day. They lower what is earned unless `reduces_accrual` is false."""

    date = fields.Date(required=True)
    minutes = fields.Integer(required=True)
    reduces_accrual = fields.Boolean()


class ScenarioOverrideBody(StrictSchema):
    """The minutes of one day, whatever the pattern says."""

    date = fields.Date(required=True)
    minutes = fields.Integer(required=True)


class ScenarioEmploymentBody(StrictSchema):
    """The first and last day of employment, and the last of probation."""

    start = fields.Date(required=True)
    end = fields.Date(allow_none=True)
    probation_end = fields.Date(allow_none=True)


class ScenarioMoveBody(StrictSchema):
    """A share of working time that belongs elsewhere, in basis points; `to` is the last day, or null."""

    starts_on = fields.Date(required=True, data_key="from")
    to = fields.Date(allow_none=True)
    share_bp = fields.Integer(required=True)


class ScenarioBody(StrictSchema):
    """Working time written down. Everything but the period may be left out."""

    period = fields.Nested(ScenarioPeriodBody, required=True)
    policy = fields.Dict(keys=fields.String(), values=fields.Raw())
    patterns = fields.List(fields.Nested(ScenarioPatternBody))
    calendar = fields.String()
    absences = fields.List(fields.Nested(ScenarioAbsenceBody))
    overrides = fields.List(fields.Nested(ScenarioOverrideBody))
    employment = fields.Nested(ScenarioEmploymentBody)
    moves = fields.List(fields.Nested(ScenarioMoveBody))


class ScenarioDayAnswer(StrictSchema):
    """One date. Minutes that are not whole are decimal strings."""

    date = fields.String(required=True, metadata={"format": "date"})
    base = fields.Raw(required=True, metadata=AMOUNT)
    holiday = fields.Boolean(required=True)
    absence = fields.Integer(required=True)
    available = fields.Raw(required=True, metadata=AMOUNT)
    rate_bp = fields.Integer(required=True)


class ScenarioLeftOutAnswer(StrictSchema):
    """A line that counts for no day: its path, like "absences.1", and why."""

    field = fields.String(required=True)
    reason = fields.String(required=True)


class ScenarioAnswer(StrictSchema):
    """What a scenario is worth. Minutes that are not whole are decimal strings. Under `not_counted` stand the absences
    and overrides outside the period, or on a day on which nobody is employed."""

    entitlement_minutes = fields.Integer(required=True)
    available_minutes = fields.Raw(required=True, metadata=AMOUNT)
    days = fields.List(fields.Nested(ScenarioDayAnswer), required=True)
    not_counted = fields.List(fields.Nested(ScenarioLeftOutAnswer), required=True)


@api.route("/allowance/explain", methods=["POST"])
@needs(Permission.ALLOWANCE_EXPLAIN)
@api.doc(requestBody={"required": True, "content": {"application/json": {"schema": ScenarioBody}}})
@api.response(200, ScenarioAnswer)
@refusals(api, 401, 403, 422)
def explain_scenario() -> dict[str, Any]:
    """Work out a scenario day by day. The body is read by the same rule as the file of the command."""
    return scenario.explain(scenario.read(scenario.parse(request.get_data()), holidays_of))
