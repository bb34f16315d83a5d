"""What happened and who looked, as JSON for auditors' programs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.db import LARGEST_ID
from tithe.oversight.forms.place import read_place
from tithe.oversight.presenters import events as presenters
from tithe.oversight.queries import events as queries
from tithe.oversight.queries.events import Asked
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("audit-api", __name__, url_prefix=PREFIX, description="What happened, for auditors")

SHORT: dict[str, Any] = {"load_default": "", "validate": validate.Length(max=254)}
Whole = fields.Integer


class AuditQuery(StrictSchema):
    """Which events: those by or about a person (address, staff number or name, exactly), about a thing, with a verb,
    on days from `first` to `last`."""

    person = Text(**SHORT)
    thing = Text(**SHORT)
    thing_id = Whole(load_default=None, validate=validate.Range(0, LARGEST_ID))
    verb = Text(**SHORT)
    first = fields.Date(load_default=None)
    last = fields.Date(load_default=None)
    after = Text()


class EventAnswer(StrictSchema):
    """An accepted change, with its place on the chain and its link. No actor means the system itself."""

    id = Whole(required=True)
    at = fields.DateTime(required=True)
    actor_id = Whole(required=True, allow_none=True)
    actor = fields.String(required=True)
    verb = fields.String(required=True)
    thing = fields.String(required=True)
    thing_id = Whole(required=True, allow_none=True)
    person = fields.String(required=True, allow_none=True)
    details = fields.Dict(keys=fields.String(), required=True)
    stream = Whole(required=True)
    seq = Whole(required=True)
    hash = fields.String(required=True)


class EventsPage(StrictSchema):
    """A page of events, the newest first; `next` is the `after` of the page that follows, if one does."""

    events = fields.List(fields.Nested(EventAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class ReadsQuery(StrictSchema):
    """Whose record was shown, and to whom: an address, staff number or name, exactly."""

    person = Text(**SHORT)
    reader = Text(**SHORT)
    before = Text()


class ReadAnswer(StrictSchema):
    """Somebody was shown a record of somebody else's: once a day, however often they looked."""

    day = fields.Date(required=True)
    first_at = fields.DateTime(required=True)
    reader_id = Whole(required=True)
    reader = fields.String(required=True)
    person_id = Whole(required=True)
    person = fields.String(required=True)
    kind = fields.String(required=True)


class ReadsPage(StrictSchema):
    """A page of them, the newest first; `next` is the `before` of the page that follows, if one does."""

    reads = fields.List(fields.Nested(ReadAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


@api.route("/audit", methods=["GET"])
@needs(Permission.AUDIT_READ)
@api.arguments(AuditQuery, location="query")
@api.response(200, EventsPage)
@refusals(api, 401, 403, 404, 422)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """List what happened in the units one's role covers."""
    place = Cursor.read(query.pop("after", None))
    found, following = queries.list_events(queries.choice_of(current_actor(), Asked(**query)), after=place)
    note_reads(ReadKind.EVENT, queries.people_in(found), actor=current_actor(), now=clock.now())
    return {
        "events": [presenters.as_json(each) for each in found],
        "next": Cursor.write(*following) if following else None,
    }


@api.route("/audit/reads", methods=["GET"])
@needs(Permission.AUDIT_READ)
@api.arguments(ReadsQuery, location="query")
@api.response(200, ReadsPage)
@refusals(api, 401, 403, 404, 422)
def list_reads(query: dict[str, Any]) -> dict[str, Any]:
    """List who was shown whose record in the units one's role covers."""
    place = read_place(query.pop("before", None))
    found, following = queries.list_reads(current_actor(), **query, before=place)
    note_reads(ReadKind.EVENT, queries.people_in(found), actor=current_actor(), now=clock.now())
    reads = [{**vars(each.row), "reader": each.reader, "person": each.person} for each in found]
    return {"reads": reads, "next": str(following) if following else None}
