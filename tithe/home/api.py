"""One's own allowance, and the balances of one's team, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.rules.ledger import LedgerKind
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.home import queries
from tithe.home.forms import read_place, write_place
from tithe.home.presenters import values
from tithe.home.queries import Mine
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("allowance-api", __name__, url_prefix=PREFIX, description="Balances and what stands behind them")

Whole = fields.Integer
EXACT = {"type": ["integer", "string"], "description": "Minutes; a decimal string where not whole"}


class AllowanceQuery(StrictSchema):
    """A quarter, written like 2026-27Q1; this one if left out."""

    quarter = Text()


class TeamPageQuery(StrictSchema):
    """Where to go on from."""

    after = Text()


class LotAnswer(StrictSchema):
    """Minutes that lapse at the end of a quarter."""

    expires = fields.String(required=True)
    minutes = Whole(required=True)


class AtCloseAnswer(StrictSchema):
    """What closing the quarter would do with today's balance, what waits counted as used."""

    carried = fields.List(fields.Nested(LotAnswer), required=True)
    lapsed_minutes = Whole(required=True)
    debt_minutes = Whole(required=True)
    written_off_minutes = Whole(required=True)


class LedgerLineAnswer(StrictSchema):
    """A line of the ledger. `facts` hold its arithmetic; `by` is null where tithe itself posted it."""

    id = Whole(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in LedgerKind]))
    minutes = Whole(required=True)
    reason = fields.String(required=True)
    at = fields.DateTime(required=True)
    by = fields.String(required=True, allow_none=True)
    unit = fields.String(required=True, allow_none=True)
    applies_to = fields.String(required=True, allow_none=True)
    expires = fields.String(required=True, allow_none=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)


class AllowanceAnswer(StrictSchema):
    """A quarter of one's own. Until it is posted the entitlement is a forecast. `name` is what people call the quarter
    where one works; `contractual` says whether the scheme is a term of employment there."""

    quarter = fields.String(required=True)
    name = fields.String(required=True)
    contractual = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "closed", "locked"]))
    posted = fields.Boolean(required=True)
    entitlement_minutes = Whole(required=True)
    carried_in_minutes = Whole(required=True)
    adjusted_minutes = Whole(required=True)
    used_minutes = Whole(required=True)
    waiting_minutes = Whole(required=True)
    planned_minutes = Whole(required=True)
    left_minutes = Whole(required=True)
    left_after_plans_minutes = Whole(required=True)
    usable_minutes = Whole(required=True)
    lots = fields.List(fields.Nested(LotAnswer), required=True)
    at_close = fields.Nested(AtCloseAnswer, required=True, allow_none=True)
    lines = fields.List(fields.Nested(LedgerLineAnswer), required=True)


class DayWorthAnswer(StrictSchema):
    """A date: minutes due, what was taken off, and what counts, at the rates in force in the units worked for."""

    date = fields.Date(required=True)
    base = fields.Raw(required=True, metadata=EXACT)
    holiday = fields.Boolean(required=True)
    absence = Whole(required=True)
    available = fields.Raw(required=True, metadata=EXACT)
    rates_bp = fields.List(Whole(), required=True)
    units = fields.List(fields.String(), required=True)


class DayTableAnswer(StrictSchema):
    """The day table of a quarter by what is on record today, for every date on which a post is held."""

    quarter = fields.String(required=True)
    entitlement_minutes = Whole(required=True)
    available_minutes = fields.Raw(required=True, metadata=EXACT)
    days = fields.List(fields.Nested(DayWorthAnswer), required=True)


class TeamMemberAnswer(StrictSchema):
    """One of the team, this quarter."""

    id = Whole(required=True)
    name = fields.String(required=True)
    entitlement_minutes = Whole(required=True)
    used_minutes = Whole(required=True)
    waiting_minutes = Whole(required=True)
    left_minutes = Whole(required=True)


class TeamBalancesAnswer(StrictSchema):
    """A page of the team, the overdrawn first; `next` is the `after` of the page that follows, if one does."""

    quarter = fields.String(required=True)
    people = fields.List(fields.Nested(TeamMemberAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


def _mine(query: dict[str, Any]) -> Mine:
    today = clock.today()
    quarter = Quarter.parse(query["quarter"]) if "quarter" in query else Quarter.containing(today)
    return queries.mine_of(current_actor(), quarter, today)


@api.route("/allowance", methods=["GET"])
@needs(Permission.ALLOWANCE_READ)
@api.arguments(AllowanceQuery, location="query")
@api.response(200, AllowanceAnswer)
@refusals(api, 401, 403, 422)
def read_allowance(query: dict[str, Any]) -> dict[str, Any]:
    """Read one's own balance, every line behind it, and what lapses when."""
    return values.allowance(_mine(query))


@api.route("/allowance/days", methods=["GET"])
@needs(Permission.ALLOWANCE_READ)
@api.arguments(AllowanceQuery, location="query")
@api.response(200, DayTableAnswer)
@refusals(api, 401, 403, 422)
def read_days(query: dict[str, Any]) -> dict[str, Any]:
    """Read what each day of a quarter is worth to oneself."""
    return values.days(_mine(query))


@api.route("/allowance/team", methods=["GET"])
@needs(Permission.ALLOWANCE_READ_TEAM)
@api.arguments(TeamPageQuery, location="query")
@api.response(200, TeamBalancesAnswer)
@refusals(api, 401, 403, 404, 422)
def read_team(query: dict[str, Any]) -> dict[str, Any]:
    """Read the balances of those one manages."""
    found = queries.my_team(current_actor(), clock.today(), after=read_place(query.get("after")))
    shown = [line.row.person_id for line in found.lines]
    note_reads(ReadKind.BALANCE, shown, actor=current_actor(), now=clock.now())
    return {**values.team_page(found), "next": write_place(found.following)}
