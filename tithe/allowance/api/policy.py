"""Changing a policy by JSON, with what that does to allowances."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from tithe.access.permissions import Permission
from tithe.allowance.operations import policy as operations
from tithe.allowance.presenters import policy as presenters
from tithe.kernel import clock
from tithe.policy import presenters as policies
from tithe.policy import queries
from tithe.policy.schemas import ChangeAnswer, PolicyAnswer, PolicyBody
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("policy-change-api", __name__, url_prefix=PREFIX, description="Changing the settings of a unit")


class UnitChangesAnswer(StrictSchema):
    """What would change in a unit below that decides something itself, where that differs."""

    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    changes = fields.List(fields.Nested(ChangeAnswer), required=True)


class TallyAnswer(StrictSchema):
    """How many people gain, lose and stay the same, and whole minutes; `lost` has no sign, `net` has."""

    people = fields.Integer(required=True)
    gaining = fields.Integer(required=True)
    losing = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    gained = fields.Integer(required=True)
    lost = fields.Integer(required=True)
    net = fields.Integer(required=True)


class UnitEffectAnswer(TallyAnswer):
    """The same for one unit’s own people."""

    unit = fields.String(required=True)
    unit_name = fields.String(required=True)


class BandAnswer(StrictSchema):
    """How many people gain from `least` to `most` minutes, both included; losses are negative."""

    least = fields.Integer(required=True)
    most = fields.Integer(required=True)
    people = fields.Integer(required=True)


class QuarterEffectAnswer(TallyAnswer):
    """Who gains and loses in a quarter, and the ten units in which that is most."""

    quarter = fields.String(required=True)
    bands = fields.List(fields.Nested(BandAnswer), required=True)
    units = fields.List(fields.Nested(UnitEffectAnswer), required=True)


class PreviewAnswer(StrictSchema):
    """What a version would change, in the quarter it starts in and the next.

    Where `exact` is false there are so many people that time away, single days and shares lent were left out.
    """

    starts_on = fields.Date(required=True)
    exact = fields.Boolean(required=True)
    changes = fields.List(fields.Nested(ChangeAnswer), required=True)
    below = fields.List(fields.Nested(UnitChangesAnswer), required=True)
    quarters = fields.List(fields.Nested(QuarterEffectAnswer), required=True)


@api.route("/policies/<code>", methods=["POST"])
@needs(Permission.POLICY_ADOPT)
@api.arguments(PolicyBody)
@api.response(201, PolicyAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def adopt_policy(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Adopt a new version for a unit and post what it does to allowances. Answers with the policy on its first day."""
    actor = current_actor()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    operations.adopt(actor=actor, unit_id=unit.id, **body, now=clock.now())
    return policies.as_json(queries.policy_of(unit, body["starts_on"]))


@api.route("/policies/<code>/preview", methods=["POST"])
@needs(Permission.POLICY_ADOPT)
@api.arguments(PolicyBody)
@api.response(200, PreviewAnswer)
@refusals(api, 401, 403, 404, 422)
def preview_policy(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Say what adopting a version would change and who would gain and lose. Nothing is saved."""
    actor = current_actor()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    return presenters.as_json(operations.rehearse_adoption(actor=actor, unit_id=unit.id, **body, now=clock.now()))


@api.route("/policies/<code>/<int:version>", methods=["DELETE"])
@needs(Permission.POLICY_ADOPT)
@api.response(204)
@refusals(api, 401, 403, 404, 409, 422)
def withdraw_policy(code: str, version: int) -> None:
    """Withdraw a version that has not begun. It stays on record and never counts."""
    actor = current_actor()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    operations.withdraw(actor=actor, unit_id=unit.id, version=version, now=clock.now())
