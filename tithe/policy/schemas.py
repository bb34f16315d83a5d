"""The shape of a policy as JSON, for every door that speaks it."""

from __future__ import annotations

from marshmallow import fields, validate

from tithe.policy import rules
from tithe.web.api import StrictSchema, Text


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
    """One setting. Without a source it has its default; `effect` says who acts on it if tithe does not."""

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
