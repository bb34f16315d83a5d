"""Posts over time as JSON."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import current_app
from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people import history, queries
from tithe.people.operations import posts as operations
from tithe.people.rules.grades import Grade
from tithe.people.rules.posts_over_time import MOST_WEEKLY
from tithe.people.wanted import NOBODY, changes_of
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("people-api", __name__, url_prefix=PREFIX, description="Who holds which post, where and for whom")

NAME = validate.Length(1, 254)


class PostBody(StrictSchema):
    """What changes from a day on; what is left out stays. A null `manager` means none.

    `manager` is an address or staff number. `post` is needed only for who holds two posts that day. With `rehearse`
    nothing is saved: the answer says what saving would do.
    """

    starts_on = fields.Date(required=True)
    unit = Text(validate=NAME)
    manager = Text(allow_none=True, validate=NAME)
    grade = fields.String(validate=validate.OneOf(list(Grade)))
    weekly_minutes = fields.Integer(strict=True, validate=validate.Range(1, MOST_WEEKLY))
    calendar = Text(validate=NAME)
    post = fields.Integer(strict=True, validate=validate.Range(1, 2**31 - 1))
    rehearse = fields.Boolean(load_default=False)


class PostAnswer(StrictSchema):
    """A post as it is held from one day to another, the last included; `manager` is an address."""

    id = fields.Integer(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    manager = fields.String(required=True, allow_none=True)
    manager_name = fields.String(required=True, allow_none=True)
    grade = fields.String(required=True, allow_none=True, validate=validate.OneOf([*Grade, None]))
    weekly_minutes = fields.Integer(required=True)
    calendar = fields.String(required=True)
    post_title = fields.String(required=True)


class PostsAnswer(StrictSchema):
    """Every post somebody held, holds or will hold, the newest first."""

    posts = fields.List(fields.Nested(PostAnswer), required=True)


class PostChangeAnswer(StrictSchema):
    """What changed: the stretches of time that were and are on record."""

    saved = fields.Boolean(required=True)
    closed = fields.Integer(required=True)
    opened = fields.Integer(required=True)


def follow() -> partial[Any]:
    """What a change of somebody's post brings about in features above."""
    return partial(current_app.extensions["tithe_post_changed"], actor=current_actor(), now=clock.now())


@api.route("/people/<int:person_id>/posts", methods=["GET"])
@needs(Permission.PERSON_HISTORY)
@api.response(200, PostsAnswer)
@refusals(api, 401, 403, 404, 422)
def posts(person_id: int) -> dict[str, Any]:
    """The posts of somebody: oneself, or a person one's HR role covers."""
    found = history.history_of(person_id, by=current_actor(), on=clock.today())
    note_reads(ReadKind.POSTS, [person_id], actor=current_actor(), now=clock.now())
    return {"posts": [vars(each) for each in found]}


@api.route("/people/<int:person_id>/post", methods=["PATCH"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(PostBody)
@api.response(200, PostChangeAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def change_post(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Change somebody's post from a day on. Their allowance follows it at once."""
    actor, starts_on = current_actor(), body["starts_on"]
    queries.get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=max(starts_on, clock.today()))
    manager = (body["manager"] or NOBODY) if "manager" in body else None
    asked = {name: body.get(name) for name in ("unit", "grade", "weekly_minutes", "calendar")}
    change = partial(
        operations.change_post, actor=actor, person_id=person_id, starts_on=starts_on, post_id=body.get("post"),
        changes=changes_of(manager=manager, **asked), calendars=current_app.extensions["tithe_calendars"](),
        now=clock.now(),
    )  # fmt: skip
    outcome = operations.attempt(change, keep=not body["rehearse"], then=follow())
    done = outcome.writes
    return {"saved": not body["rehearse"], "closed": len(done.updated) + len(done.removed), "opened": len(done.added)}
