"""The inbox and what one chose about mail, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.notices import presenters, queries
from tithe.notices.operations import inbox
from tithe.notices.rules.choices import How
from tithe.notices.rules.wording import Group
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("notices-api", __name__, url_prefix=PREFIX, description="Messages to oneself")

LARGEST = 2**62
GROUP = validate.OneOf([each.value for each in Group])
HOW = validate.OneOf([each.value for each in How])


class InboxQuery(StrictSchema):
    """Which page."""

    after = Text()


class MessageAnswer(StrictSchema):
    """A message: what it says, why it came, and the page it is about."""

    id = fields.Integer(required=True)
    group = fields.String(required=True)
    subject = fields.String(required=True)
    words = fields.String(required=True)
    why = fields.String(required=True)
    path = fields.String(required=True)
    created_at = fields.DateTime(required=True)
    read_at = fields.DateTime(required=True, allow_none=True)


class InboxAnswer(StrictSchema):
    """A page of messages and the number unread on all; `next` is the `after` of the page that follows, if one does."""

    messages = fields.List(fields.Nested(MessageAnswer), required=True)
    unread = fields.Integer(required=True)
    next = fields.String(required=True, allow_none=True)


class ReadBody(StrictSchema):
    """The messages that were read, by id, or `all`."""

    ids = fields.List(
        fields.Integer(strict=True, validate=validate.Range(min=1, max=LARGEST)), validate=validate.Length(max=1000)
    )
    all = fields.Boolean(load_default=False)


class UnreadAnswer(StrictSchema):
    """How many messages are unread."""

    unread = fields.Integer(required=True)


class ChoicesBody(StrictSchema):
    """When to get mail, by group. A group left out has its default."""

    choices = fields.Dict(keys=Text(validate=GROUP), values=Text(validate=HOW), required=True)


class ChoiceAnswer(StrictSchema):
    """A group of messages, when one gets them, and what may be chosen, the default first."""

    group = fields.String(required=True, validate=GROUP)
    name = fields.String(required=True)
    about = fields.String(required=True)
    how = fields.String(required=True, validate=HOW)
    allowed = fields.List(fields.String(validate=HOW), required=True)


class ChoicesAnswer(StrictSchema):
    """One's choices, every group."""

    choices = fields.List(fields.Nested(ChoiceAnswer), required=True)


@api.route("/inbox", methods=["GET"])
@needs(Permission.NOTICE_READ)
@api.arguments(InboxQuery, location="query")
@api.response(200, InboxAnswer)
@refusals(api, 401, 403, 422)
def read_inbox(query: dict[str, Any]) -> dict[str, Any]:
    """Read one's own messages, the newest first. Reading them here does not mark them as read."""
    return presenters.inbox(queries.inbox_of(current_actor(), clock.now(), Cursor.read(query.get("after"))))


@api.route("/inbox/read", methods=["POST"])
@needs(Permission.NOTICE_MARK)
@api.arguments(ReadBody)
@api.response(200, UnreadAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def mark_read(body: dict[str, Any]) -> dict[str, Any]:
    """Mark one's own messages as read: some by their ids, or all."""
    actor, now = current_actor(), clock.now()
    if body["all"] and "ids" in body:
        raise RuleBroken("Send ids or all, not both", field="ids")
    if body["all"]:
        inbox.mark_all_read(actor=actor, now=now)
    else:
        inbox.mark_read(actor=actor, ids=body.get("ids", []), now=now)
    return {"unread": queries.count_unread(actor, now)}


@api.route("/inbox/choices", methods=["GET"])
@needs(Permission.NOTICE_READ)
@api.response(200, ChoicesAnswer)
@refusals(api, 401, 403)
def read_choices() -> dict[str, Any]:
    """Read when one gets mail of each group, and what may be chosen."""
    return {"choices": presenters.choices(queries.choices_of(current_actor()))}


@api.route("/inbox/choices", methods=["PUT"])
@needs(Permission.NOTICE_CHOOSE)
@api.arguments(ChoicesBody)
@api.response(200, ChoicesAnswer)
@refusals(api, 401, 403, 409, 422)
def choose(body: dict[str, Any]) -> dict[str, Any]:
    """Choose when to get mail. Decisions and what waits for one cannot be switched off."""
    actor = current_actor()
    inbox.choose(actor=actor, answers=body["choices"], now=clock.now())
    return {"choices": presenters.choices(queries.choices_of(actor))}
