"""The directory as JSON: people, units, one's team, those whom nobody manages, and one's own skills."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people import directory, teams, units
from tithe.people.forms.directory import LONGEST, find_in, read_place, write_place
from tithe.people.operations.skills import set_skills
from tithe.people.presenters.directory import branch_as_json, card_as_json, member_as_json, orphan_as_json
from tithe.people.presenters.team import changes_in_words
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("directory-api", __name__, url_prefix=PREFIX, description="Who works where, and for whom")

SHORT = validate.Length(max=LONGEST)


class FindQuery(StrictSchema):
    """How words of a name begin; a unit's code, or how words of its name begin; how a skill begins."""

    q = Text(load_default="", validate=SHORT)
    unit = Text(load_default="", validate=SHORT)
    skill = Text(load_default="", validate=SHORT)
    after = Text()


class PlaceQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class CardPostAnswer(StrictSchema):
    """A post as all staff may see it; `calendar` is the code of its public holidays."""

    title = fields.String(required=True)
    grade = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    manager_id = fields.Integer(required=True, allow_none=True)
    manager = fields.String(required=True, allow_none=True)
    calendar = fields.String(required=True)


class CardAnswer(StrictSchema):
    """Somebody employed today."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    posts = fields.List(fields.Nested(CardPostAnswer), required=True)
    skills = fields.List(fields.String(), required=True)


class CardPage(StrictSchema):
    """A page of people by name; `next` is the `after` of the page that follows, if one does."""

    people = fields.List(fields.Nested(CardAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class BranchAnswer(StrictSchema):
    """A unit; `headcount` counts who works in it or below today."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    headcount = fields.Integer(required=True)


class TopsAnswer(StrictSchema):
    """The units with none above them."""

    units = fields.List(fields.Nested(BranchAnswer), required=True)


class UnitAnswer(BranchAnswer):
    """A unit, the codes of those above it from the top down, and the units just below."""

    above = fields.List(fields.String(), required=True)
    below = fields.List(fields.Nested(BranchAnswer), required=True)


class TeamPostAnswer(StrictSchema):
    """A post as its manager sees it: hours in contracted minutes a week, and since when."""

    title = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    grade = fields.String(required=True, allow_none=True)
    weekly_minutes = fields.Integer(required=True)
    starts_on = fields.Date(required=True)


class MemberAnswer(StrictSchema):
    """Somebody one manages; `changes` says in words what is known to change."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    posts = fields.List(fields.Nested(TeamPostAnswer), required=True)
    changes = fields.List(fields.String(), required=True)


class TeamAnswer(StrictSchema):
    """A page of those one manages today, by name; `next` is the `after` of the page that follows, if one does."""

    team = fields.List(fields.Nested(MemberAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class OrphanAnswer(StrictSchema):
    """A post whose holder nobody manages; `left` names a manager who has left."""

    person_id = fields.Integer(required=True)
    name = fields.String(required=True)
    post_id = fields.Integer(required=True)
    title = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    since = fields.Date(required=True)
    left = fields.String(required=True, allow_none=True)


class OrphansAnswer(StrictSchema):
    """A page of posts without a manager, by name; `next` is the `after` of the page that follows, if one does."""

    orphans = fields.List(fields.Nested(OrphanAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class SkillsBody(StrictSchema):
    """One's skills and interests, in the place of those before."""

    skills = fields.List(Text(), required=True, validate=validate.Length(max=100))


@api.route("/people", methods=["GET"])
@needs(Permission.DIRECTORY_READ)
@api.arguments(FindQuery, location="query")
@api.response(200, CardPage)
@refusals(api, 401, 403, 422)
def find_people(query: dict[str, Any]) -> dict[str, Any]:
    """Find people employed today, by name."""
    after, find = read_place(query.pop("after", None)), find_in(query)
    found, following = directory.find_people(find, clock.today(), by=current_actor(), after=after)
    return {"people": [card_as_json(each) for each in found], "next": write_place(following)}


@api.route("/people/<int:person_id>", methods=["GET"])
@needs(Permission.DIRECTORY_READ)
@api.response(200, CardAnswer)
@refusals(api, 401, 403, 404)
def read_person(person_id: int) -> dict[str, Any]:
    """Read where somebody employed today works, as what and for whom."""
    return card_as_json(directory.get_card(person_id, clock.today(), by=current_actor()))


@api.route("/people/me/skills", methods=["PUT"])
@needs(Permission.PROFILE_EDIT)
@api.arguments(SkillsBody)
@api.response(200, SkillsBody)
@refusals(api, 401, 403, 422)
def put_skills(body: dict[str, Any]) -> dict[str, Any]:
    """Say what one can do or would like to."""
    return {"skills": set_skills(actor=current_actor(), skills=body["skills"], now=clock.now())}


@api.route("/people/orphans", methods=["GET"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(PlaceQuery, location="query")
@api.response(200, OrphansAnswer)
@refusals(api, 401, 403, 404, 422)
def list_orphans(query: dict[str, Any]) -> dict[str, Any]:
    """List posts without a manager in the units one's HR role covers."""
    after = read_place(query.get("after"))
    found, following = teams.orphans_of(current_actor(), clock.today(), after=after)
    note_reads(ReadKind.POSTS, [each.person_id for each in found], actor=current_actor(), now=clock.now())
    return {"orphans": [orphan_as_json(each) for each in found], "next": write_place(following)}


@api.route("/units", methods=["GET"])
@needs(Permission.DIRECTORY_READ)
@api.response(200, TopsAnswer)
@refusals(api, 401, 403)
def list_units() -> dict[str, Any]:
    """List the units with none above them."""
    return {"units": [branch_as_json(each) for each in units.list_tops(clock.today(), by=current_actor())]}


@api.route("/units/<code>", methods=["GET"])
@needs(Permission.DIRECTORY_READ)
@api.response(200, UnitAnswer)
@refusals(api, 401, 403, 404)
def read_unit(code: str) -> dict[str, Any]:
    """Read where a unit stands in the tree. Its people are found with its code as `unit` of `/people`."""
    found = units.unit_page(code, clock.today(), by=current_actor())
    below = [branch_as_json(each) for each in found.below]
    above = [each.code for each in found.row.above]
    return {
        "code": found.row.code, "name": found.row.name, "headcount": found.headcount, "above": above, "below": below,
    }  # fmt: skip


@api.route("/team", methods=["GET"])
@needs(Permission.TEAM_READ)
@api.arguments(PlaceQuery, location="query")
@api.response(200, TeamAnswer)
@refusals(api, 401, 403, 404, 422)
def read_team(query: dict[str, Any]) -> dict[str, Any]:
    """List those one manages today, and what is known to change."""
    actor, after = current_actor(), read_place(query.get("after"))
    found, following = teams.team_of(actor, clock.today(), after=after)
    note_reads(ReadKind.POSTS, [each.id for each in found], actor=actor, now=clock.now())
    places = current_app.extensions["tithe_calendars"]()
    members = [member_as_json(each, changes_in_words(each, places)) for each in found]
    return {"team": members, "next": write_place(following)}
