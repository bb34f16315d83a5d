"""Working hours as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.operations import moves as lending
from tithe.allowance.operations import patterns as operations
from tithe.allowance.presenters import patterns as presenters
from tithe.allowance.queries import patterns as queries
from tithe.allowance.rules import patterns as rules
from tithe.allowance.rules.patterns import PatternState
from tithe.allowance.rules.worktime import WHOLE
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("patterns-api", __name__, url_prefix=PREFIX, description="Working hours, and time lent elsewhere")

Whole = fields.Integer
Minutes = partial(Whole, strict=True, validate=validate.Range(0, 1440))
WEEK = fields.List(Minutes(), validate=validate.Length(equal=7))
WEEKS = fields.List(WEEK, required=True, validate=validate.Length(1, rules.LONGEST_CYCLE))


class RehearsalField(StrictSchema):
    """With `rehearse` nothing is saved: the answer says what saving would do."""

    rehearse = fields.Boolean(load_default=False)


class HoursQuery(StrictSchema):
    """From which day on dated days are listed; this quarter's first day if left out."""

    days_from = fields.Date()


class HoursBody(RehearsalField):
    """Hours from a day on: one to four weeks, each of seven days' minutes, Monday first."""

    starts_on = fields.Date(required=True)
    weeks = WEEKS


class PatternQuery(RehearsalField):
    """Which coming hours to remove."""

    starts_on = fields.Date(required=True)


class SingleDayBody(StrictSchema):
    """Minutes on one date; null goes back to the pattern."""

    date = fields.Date(required=True)
    minutes = Minutes(required=True, allow_none=True)


class SingleDaysBody(RehearsalField):
    """Hours on single dates. Dates that are not named stay as they are."""

    days = fields.List(fields.Nested(SingleDayBody), required=True, validate=validate.Length(1, rules.MOST_DAYS))


class LendingBody(RehearsalField):
    """A share lent elsewhere, in basis points. The last day is included; without one it goes on."""

    starts_on = fields.Date(required=True)
    last_day = fields.Date(load_default=None, allow_none=True)
    share_bp = Whole(required=True, strict=True, validate=validate.Range(1, WHOLE))


class LendingEndBody(RehearsalField):
    """Another last day for a share lent elsewhere; null is none."""

    last_day = fields.Date(required=True, allow_none=True)


class PatternAnswer(StrictSchema):
    """Hours on record. `last_day` is null while nothing follows; `warning` says where they are not what the post is."""

    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True, allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(list(PatternState)))
    weeks = WEEKS
    average_weekly_minutes = Whole(required=True)
    warning = fields.String(required=True, allow_none=True)


class LendingAnswer(StrictSchema):
    """A share lent elsewhere."""

    id = Whole(required=True)
    starts_on = fields.Date(required=True)
    last_day = fields.Date(required=True, allow_none=True)
    share_bp = Whole(required=True)


class SingleDayAnswer(StrictSchema):
    """Minutes on one date."""

    date = fields.Date(required=True)
    minutes = Whole(required=True)


class HoursAnswer(StrictSchema):
    """Somebody's working hours. `default_week` stands in where nothing is on record today.

    `days_before` and `days_after` are the `days_from` of the pages of dated days round this one.
    """

    person_id = Whole(required=True)
    name = fields.String(required=True)
    contracted_weekly_minutes = Whole(required=True, allow_none=True)
    default_week = fields.List(Whole(), required=True, allow_none=True)
    patterns = fields.List(fields.Nested(PatternAnswer), required=True)
    days = fields.List(fields.Nested(SingleDayAnswer), required=True)
    days_before = fields.Date(required=True, allow_none=True)
    days_after = fields.Date(required=True, allow_none=True)
    moves = fields.List(fields.Nested(LendingAnswer), required=True)


class HoursEffectAnswer(StrictSchema):
    """What a quarter is worth before and after, in minutes."""

    quarter = fields.String(required=True)
    before = Whole(required=True)
    after = Whole(required=True)
    change = Whole(required=True)


class HoursChangeAnswer(StrictSchema):
    """What a change did, or would do, to the quarters it touches."""

    saved = fields.Boolean(required=True)
    effects = fields.List(fields.Nested(HoursEffectAnswer), required=True)


@api.route("/people/me/pattern", methods=["GET"])
@needs(Permission.PATTERN_READ)
@api.arguments(HoursQuery, location="query")
@api.response(200, HoursAnswer)
@refusals(api, 401, 403, 404, 422)
def read_own_hours(query: dict[str, Any]) -> dict[str, Any]:
    """Read one's own working hours."""
    return _hours(current_actor().person_id, query)


@api.route("/people/<int:person_id>/pattern", methods=["GET"])
@needs(Permission.PATTERN_READ)
@api.arguments(HoursQuery, location="query")
@api.response(200, HoursAnswer)
@refusals(api, 401, 403, 404, 422)
def read_hours(query: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Read the working hours of somebody one manages, or whom one's HR role covers."""
    return _hours(person_id, query)


@api.route("/people/<int:person_id>/pattern", methods=["POST"])
@needs(Permission.PATTERN_WRITE)
@api.arguments(HoursBody)
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def set_pattern(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Set hours from a day on, in place of those that begin on that very day."""
    facts = {"starts_on": body["starts_on"], "weeks": body["weeks"]}
    return _change(operations.set_pattern, person_id, body, since=body["starts_on"], **facts)


@api.route("/people/<int:person_id>/pattern", methods=["DELETE"])
@needs(Permission.PATTERN_WRITE)
@api.arguments(PatternQuery, location="query")
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def remove_pattern(query: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Remove hours that have not begun."""
    day = query["starts_on"]
    return _change(operations.remove_pattern, person_id, query, since=day, starts_on=day)


@api.route("/people/<int:person_id>/pattern/days", methods=["PUT"])
@needs(Permission.PATTERN_WRITE)
@api.arguments(SingleDaysBody)
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def set_days(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Set hours on single dates, whatever the pattern says."""
    days = {each["date"]: each["minutes"] for each in body["days"]}
    return _change(operations.set_days, person_id, body, since=min(days), days=days)


@api.route("/people/<int:person_id>/moves", methods=["POST"])
@needs(Permission.MOVE_WRITE)
@api.arguments(LendingBody)
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def lend_share(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Record that a share of somebody's time belongs elsewhere."""
    facts = {name: body[name] for name in ("starts_on", "last_day", "share_bp")}
    return _change(lending.lend, person_id, body, since=body["starts_on"], **facts)


@api.route("/people/<int:person_id>/moves/<int:move_id>", methods=["PUT"])
@needs(Permission.MOVE_WRITE)
@api.arguments(LendingEndBody)
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def end_share(body: dict[str, Any], person_id: int, move_id: int) -> dict[str, Any]:
    """Give a share lent elsewhere another last day."""
    last_day = body["last_day"]
    since = rules.first_day_changed(queries.get_move(person_id, move_id).last_day, last_day)
    return _change(lending.end_move, person_id, body, since=since, move_id=move_id, last_day=last_day)


@api.route("/people/<int:person_id>/moves/<int:move_id>", methods=["DELETE"])
@needs(Permission.MOVE_WRITE)
@api.arguments(RehearsalField, location="query")
@api.response(200, HoursChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def remove_share(query: dict[str, Any], person_id: int, move_id: int) -> dict[str, Any]:
    """Take a share lent elsewhere off the record, as if it never was."""
    since = queries.get_move(person_id, move_id).starts_on
    return _change(lending.remove_move, person_id, query, since=since, move_id=move_id)


def _hours(person_id: int, query: dict[str, Any]) -> dict[str, Any]:
    found = queries.hours_of(person_id, by=current_actor(), today=clock.today(), days_from=query.get("days_from"))
    note_reads(ReadKind.HOURS, [person_id], actor=current_actor(), now=clock.now())
    return presenters.as_json(found)


def _change(
    operation: Callable[..., object], person_id: int, asked: dict[str, Any], *, since: date, **facts: object
) -> dict[str, Any]:
    """Do what was asked, or only say what it would do."""
    now, rehearse = clock.now(), asked["rehearse"]
    save = partial(operation, actor=current_actor(), person_id=person_id, now=now, **facts)
    today = clock.local_date(now)
    effects = operations.with_effects(save, person_id=person_id, since=since, today=today, keep=not rehearse)
    return {"saved": not rehearse, "effects": presenters.effects_as_json(effects)}
