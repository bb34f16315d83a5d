"""Who shares a post with whom, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people.api.posts import NAME
from tithe.people.job_shares import get_share, list_shares
from tithe.people.operations import job_shares as operations
from tithe.people.queries import get_person
from tithe.people.rules.job_shares import Share
from tithe.people.standing import nearest_day
from tithe.people.wanted import person_called
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("job-shares-api", __name__, url_prefix=PREFIX, description="Who shares a post with whom")


class ShareBody(StrictSchema):
    """Who else holds the post, by address or staff number, and from when to when; null for no last day yet."""

    sharer = Text(required=True, validate=NAME)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(allow_none=True, load_default=None)


class EndShareBody(StrictSchema):
    """The last day of a job share."""

    ends_on = fields.Date(required=True)


class ShareAnswer(StrictSchema):
    """A job share as one of the two has it."""

    id = fields.Integer(required=True, validate=validate.Range(min=1))
    sharer = fields.String(required=True)
    email = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True, allow_none=True)


class SharesAnswer(StrictSchema):
    """Every job share somebody has, had or will have, the newest first."""

    shares = fields.List(fields.Nested(ShareAnswer), required=True)


def _shares(person_id: int) -> dict[str, Any]:
    day = nearest_day(person_id, clock.today())
    found = list_shares(person_id, by=current_actor(), to=Permission.PERSON_HISTORY, on=day)
    read = [person_id, *(each.sharer_id for each in found)]
    note_reads(ReadKind.POSTS, read, actor=current_actor(), now=clock.now())
    names = ("id", "sharer", "email", "starts_on", "ends_on")
    return {"shares": [{name: getattr(each, name) for name in names} for each in found]}


@api.route("/people/<int:person_id>/job-shares", methods=["GET"])
@needs(Permission.PERSON_HISTORY)
@api.response(200, SharesAnswer)
@refusals(api, 401, 403, 404)
def read_shares(person_id: int) -> dict[str, Any]:
    """List the job shares of oneself, or of a person one's HR role covers."""
    return _shares(person_id)


@api.route("/people/<int:person_id>/job-shares", methods=["POST"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(ShareBody)
@api.response(201, SharesAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def share_post(body: dict[str, Any], person_id: int) -> dict[str, Any]:
    """Say that two people share one post. Each keeps hours and an allowance of their own."""
    actor, day = current_actor(), nearest_day(person_id, clock.today())
    get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=day)
    wanted = Share(person_id, person_called(body["sharer"], "sharer"), body["starts_on"], body["ends_on"])
    operations.share_post(actor=actor, wanted=wanted, now=clock.now())
    return _shares(person_id)


@api.route("/job-shares/<int:share_id>", methods=["PATCH"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(EndShareBody)
@api.response(200, SharesAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def end_share(body: dict[str, Any], share_id: int) -> dict[str, Any]:
    """Give a job share a last day, or another one. Those of one of the two are answered."""
    actor, now = current_actor(), clock.now()
    share = get_share(share_id, by=actor, to=Permission.PERSON_MANAGE, today=clock.today())
    operations.end_share(actor=actor, share_id=share_id, ends_on=body["ends_on"], now=now)
    return _shares(share.person_id)
