"""Policies as JSON: what is in force. Changing one changes allowances too, so that is theirs."""

from __future__ import annotations

from typing import Any

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.policy import presenters, queries
from tithe.policy.schemas import PolicyAnswer, PolicyQuery
from tithe.web.api import PREFIX, ApiBlueprint, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("policy-api", __name__, url_prefix=PREFIX, description="Settings of the scheme by unit")


@api.route("/policies/<code>", methods=["GET"])
@needs(Permission.POLICY_READ)
@api.arguments(PolicyQuery, location="query")
@api.response(200, PolicyAnswer)
@refusals(api, 401, 403, 404, 422)
def read_policy(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Read what is in force in a unit, where each value comes from, and what will change."""
    unit = queries.unit_for(code, by=current_actor(), to=Permission.POLICY_READ)
    return presenters.as_json(queries.policy_of(unit, query.get("on") or clock.today()))
