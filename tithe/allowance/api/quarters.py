"""Where the books of each quarter stand, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import periods
from tithe.kernel import clock
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, refusals
from tithe.web.guards import needs

api = ApiBlueprint("quarters-api", __name__, url_prefix=PREFIX, description="The books of each quarter")


class QuarterAnswer(StrictSchema):
    """A quarter. `closes_after` is the last day late entries are taken, `locks_after` the last of managers' changes."""

    quarter = fields.Function(lambda row: row.quarter.code, required=True, metadata={"type": "string"})
    label = fields.Function(lambda row: row.quarter.label, required=True, metadata={"type": "string"})
    state = fields.String(required=True)
    closes_after = fields.Date(required=True)
    locks_after = fields.Date(required=True)
    closed_at = fields.DateTime(required=True, allow_none=True)
    locked_at = fields.DateTime(required=True, allow_none=True)


class QuartersAnswer(StrictSchema):
    """Every quarter anything was posted to, the newest first."""

    quarters = fields.List(fields.Nested(QuarterAnswer), required=True)


@api.route("/quarters", methods=["GET"])
@needs(Permission.QUARTER_READ)
@api.response(200, QuartersAnswer)
@refusals(api, 401, 403)
def quarters() -> dict[str, Any]:
    """Read which quarters are open, in their days of grace, closed or locked."""
    return {"quarters": periods(clock.today())}
