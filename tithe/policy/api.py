"""Policies as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.policy import operations, presenters, queries, rules
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("policy-api", __name__, url_prefix=PREFIX, description="Settings of the scheme by unit")


class PolicyQuery(StrictSchema):
    """On which day; today if left out."""

    on = fields.Date(validate=validate.Range(max=rules.LAST_DAY))


class PolicyBody(StrictSchema):
    """A new version. It names everything the unit decides for itself; whatever it leaves out is inherited again."""

    starts_on = fields.Date(required=True)
    settings = fields.Dict(keys=Text(), values=fields.Raw(), required=True)
    reason = Text(required=True)


class SourceAnswer(StrictSchema):
    """The version a value comes from."""

    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    version = fields.Integer(required=True)
    since = fields.Date(required=True)


class SettingAnswer(StrictSchema):
    """One setting. Without a source it has its default; `effect` says when no rule reads it yet."""

    value = fields.Raw(required=True)
    label = fields.String(required=True)
    text = fields.String(required=True)
    effect = fields.String(required=True, allow_none=True)
    source = fields.Nested(SourceAnswer, required=True, allow_none=True)


class ChangeAnswer(StrictSchema):
    """A setting that will have another value from a day on."""

    starts_on = fields.Date(required=True)
    name = fields.String(required=True)
    before = fields.Raw(required=True)
    after = fields.Raw(required=True)


class VersionAnswer(StrictSchema):
    """What a unit, this one or one above it, decided from a day on; `state` is as of the day asked for."""

    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in rules.VersionState]))
    starts_on = fields.Date(required=True)
    settings = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    reason = fields.String(required=True)
    adopted_by = fields.String(required=True, allow_none=True)
    adopted_at = fields.DateTime(required=True)
    withdrawn_by = fields.String(required=True, allow_none=True)
    withdrawn_at = fields.DateTime(required=True, allow_none=True)


class PolicyAnswer(StrictSchema):
    """The policy of a unit on a day."""

    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    on = fields.Date(required=True)
    settings = fields.Dict(keys=fields.String(), values=fields.Nested(SettingAnswer), required=True)
    changes = fields.List(fields.Nested(ChangeAnswer), required=True)
    versions = fields.List(fields.Nested(VersionAnswer), required=True)


@api.route("/policies/<code>", methods=["GET"])
@needs(Permission.POLICY_READ)
@api.arguments(PolicyQuery, location="query")
@api.response(200, PolicyAnswer)
@refusals(api, 401, 403, 404, 422)
def read_policy(query: dict[str, Any], code: str) -> dict[str, Any]:
    """Read what is in force in a unit, where each value comes from, and what will change."""
    unit = queries.unit_for(code, by=current_actor(), to=Permission.POLICY_READ)
    return presenters.as_json(queries.policy_of(unit, query.get("on") or clock.today()))


@api.route("/policies/<code>", methods=["POST"])
@needs(Permission.POLICY_ADOPT)
@api.arguments(PolicyBody)
@api.response(201, PolicyAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def adopt_policy(body: dict[str, Any], code: str) -> dict[str, Any]:
    """Adopt a new version for a unit. Answers with the policy on its first day."""
    actor, now = current_actor(), clock.now()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    earliest = rules.earliest_start(clock.local_date(now))
    operations.adopt_policy(actor=actor, unit_id=unit.id, **body, now=now, earliest=earliest)
    return presenters.as_json(queries.policy_of(unit, body["starts_on"]))


@api.route("/policies/<code>/<int:version>", methods=["DELETE"])
@needs(Permission.POLICY_ADOPT)
@api.response(204)
@refusals(api, 401, 403, 404, 409, 422)
def withdraw_policy(code: str, version: int) -> None:
    """Withdraw a version that has not begun. It stays on record and never counts."""
    actor = current_actor()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    operations.withdraw_policy(actor=actor, unit_id=unit.id, version=version, now=clock.now())
