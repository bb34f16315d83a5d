"""Joining and leaving as JSON."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import current_app
from marshmallow import ValidationError, fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people.api.posts import NAME, PostChangeAnswer, follow
from tithe.people.operations import posts as operations
from tithe.people.rules.grades import Grade
from tithe.people.rules.hr_feed import ADDRESS, LONGEST
from tithe.people.rules.posts_over_time import DEFAULT_CALENDAR, FULL_WEEK, MOST_WEEKLY, Post
from tithe.people.wanted import person_called, unit_called
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("joining-api", __name__, url_prefix=PREFIX, description="Who joins and who leaves")


class Line(Text):
    """Words on one line, without the space around them: not none, and nothing that cannot be printed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        words = super()._deserialize(value, attr, data, **kwargs).strip()
        if not words or not words.isprintable():
            raise ValidationError("Expected words on one line.")
        return words


class JoinBody(StrictSchema):
    """Somebody new, and their first post: full time in England unless told otherwise.

    `unit` is a code; `manager` is an address or staff number, and null for nobody. With `rehearse` nothing is saved:
    the answer says what saving would do.
    """

    staff_number = Line(required=True, validate=validate.Length(1, LONGEST["staff_number"]))
    name = Line(required=True, validate=validate.Length(1, LONGEST["name"]))
    email = Line(
        required=True,
        validate=[validate.Length(1, LONGEST["email"]), validate.Regexp(rf"{ADDRESS.pattern}\Z", error="No address.")],
    )
    starts_on = fields.Date(required=True)
    leaves_on = fields.Date(allow_none=True, load_default=None)
    probation_ends_on = fields.Date(allow_none=True, load_default=None)
    unit = Line(required=True, validate=NAME)
    manager = Line(allow_none=True, load_default=None, validate=NAME)
    grade = fields.String(allow_none=True, load_default=None, validate=validate.OneOf([*Grade, None]))
    weekly_minutes = fields.Integer(load_default=FULL_WEEK, strict=True, validate=validate.Range(1, MOST_WEEKLY))
    calendar = Line(load_default=DEFAULT_CALENDAR, validate=NAME)
    rehearse = fields.Boolean(load_default=False)


class JoinAnswer(StrictSchema):
    """Who joined; `id` is null for a rehearsal."""

    id = fields.Integer(required=True, allow_none=True)
    saved = fields.Boolean(required=True)


class ProbationAnswer(StrictSchema):
    """The last day of somebody's probation."""

    saved = fields.Boolean(required=True)
    last_day = fields.Date(required=True, allow_none=True)


class LeaveBody(StrictSchema):
    """Somebody's last day, of employment or of probation; null takes it back."""

    last_day = fields.Date(required=True, allow_none=True)
    rehearse = fields.Boolean(load_default=False)


@api.route("/people", methods=["POST"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(JoinBody)
@api.response(201, JoinAnswer)
@api.alt_response(200, schema=JoinAnswer, description="A rehearsal")
@refusals(api, 401, 403, 404, 409, 422)
def join(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Add somebody new to a unit one's HR role covers, with their first post."""
    keep = not body.pop("rehearse")
    who = {name: body[name] for name in ("staff_number", "name", "starts_on", "leaves_on", "probation_ends_on")}
    post = Post(
        unit_id=unit_called(body["unit"]),
        line_manager_id=person_called(body["manager"], "manager") if body["manager"] else None,
        grade=Grade(body["grade"]) if body["grade"] else None,
        **{name: body[name] for name in ("weekly_minutes", "calendar")},
    )
    newcomer = operations.Newcomer(**who, email=body["email"].lower())
    calendars = current_app.extensions["tithe_calendars"]()
    change = partial(operations.join, newcomer=newcomer, post=post, calendars=calendars)
    done = operations.attempt(partial(change, actor=current_actor(), now=clock.now()), keep=keep, then=follow())
    return {"id": done.person_id if keep else None, "saved": keep}, 201 if keep else 200


@api.route("/people/<int:person_id>/leave", methods=["POST"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(LeaveBody)
@api.response(200, PostChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def leave(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Say which day is somebody's last. From the day after it they cannot sign in."""
    change = partial(operations.leave, actor=current_actor(), person_id=person_id, last_day=body["last_day"])
    keep = not body["rehearse"]
    done = operations.attempt(partial(change, now=clock.now()), keep=keep, then=follow()).writes
    return {"saved": not body["rehearse"], "closed": len(done.updated) + len(done.removed), "opened": len(done.added)}


@api.route("/people/<int:person_id>/probation", methods=["PUT"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(LeaveBody)
@api.response(200, ProbationAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def set_probation(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Say which day is the last of somebody's probation; null for none."""
    last_day, keep = body["last_day"], not body["rehearse"]
    change = partial(operations.set_probation, actor=current_actor(), person_id=person_id, last_day=last_day)
    operations.attempt(partial(change, now=clock.now()), keep=keep, then=follow())
    return {"saved": keep, "last_day": last_day}
