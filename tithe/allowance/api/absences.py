"""Time away as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.operations import absences as operations
from tithe.allowance.operations.absences_feed import import_absences
from tithe.allowance.presenters import absences as presenters
from tithe.allowance.queries import absences as queries
from tithe.allowance.rules.absences import CSV, ICAL, OWN, Length, Spell
from tithe.allowance.rules.absences_feed import FeedRow
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.feeds import LONGEST_CELL
from tithe.kernel.minutes import DAY
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

api = ApiBlueprint("absences-api", __name__, url_prefix=PREFIX, description="Time away: minutes, never a reason")

MOST_ROWS = 5000
MINUTES = validate.Range(1, DAY)


class AbsenceAnswer(StrictSchema):
    """Minutes away on a day, and who told us."""

    id = fields.Integer(required=True)
    date = fields.Date(required=True)
    minutes = fields.Integer(required=True)
    reduces_accrual = fields.Boolean(required=True)
    source = fields.String(required=True, validate=validate.OneOf([OWN, CSV, ICAL]))


class AbsenceQuery(StrictSchema):
    """From which day on, this quarter's first if left out, and where to go on from."""

    since = fields.Date()
    after = Text()


class AbsencePage(StrictSchema):
    """A page of absences in order of day; `next` is the `after` of the page that follows, if one does."""

    absences = fields.List(fields.Nested(AbsenceAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class SpellBody(StrictSchema):
    """Days away in a row, both included: whole working days, or at most so many minutes of each."""

    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    minutes = fields.Integer(strict=True, validate=MINUTES)


class AbsenceEffect(StrictSchema):
    """How many working days that filled or freed, and by how many minutes the allowance changed."""

    days = fields.Integer(required=True)
    change_minutes = fields.Integer(required=True)


class AbsenceRowBody(StrictSchema):
    """One absence as the HR system tells it. `minutes` is null for all that is scheduled that day."""

    staff_number = Text(load_default="", validate=validate.Length(max=LONGEST_CELL))
    email = Text(load_default="", validate=validate.Length(max=LONGEST_CELL))
    date = fields.Date(required=True)
    minutes = fields.Integer(required=True, strict=True, allow_none=True, validate=MINUTES)
    reduces_accrual = fields.Boolean(load_default=True)
    reference = Text(load_default="", validate=validate.Length(max=LONGEST_CELL))


class AbsenceFeedBody(StrictSchema):
    """Rows to take in. Without `commit` they are only checked."""

    rows = fields.List(fields.Nested(AbsenceRowBody), required=True, validate=validate.Length(min=1, max=MOST_ROWS))
    commit = fields.Boolean(load_default=False)
    skip_bad_rows = fields.Boolean(load_default=False)


class AbsenceRowError(StrictSchema):
    """What is wrong with a row, the first being 1, and what was expected."""

    line = fields.Integer(required=True)
    column = fields.String(required=True)
    message = fields.String(required=True)


class AbsenceReport(StrictSchema):
    """What reading the rows found; the same with and without `commit`."""

    rows = fields.Integer(required=True)
    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    not_scheduled = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    people = fields.Integer(required=True)
    errors = fields.List(fields.Nested(AbsenceRowError), required=True)


@api.route("/absences", methods=["GET"])
@needs(Permission.ABSENCE_WRITE)
@api.arguments(AbsenceQuery, location="query")
@api.response(200, AbsencePage)
@refusals(api, 401, 403, 422)
def list_absences(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own absences."""
    since = query.get("since") or Quarter.containing(clock.today()).start
    place = Cursor.read(query.get("after"))
    after = (place[0].date(), place[1]) if place else None
    rows = queries.list_own(current_actor(), since, after=after, limit=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    following = (
        Cursor.write(datetime.combine(shown[-1].day, time(), UTC), shown[-1].id) if rows[queries.PAGE :] else None
    )
    return {"absences": [presenters.as_json(each) for each in shown], "next": following}


@api.route("/absences", methods=["POST"])
@needs(Permission.ABSENCE_WRITE)
@api.arguments(SpellBody)
@api.response(201, AbsenceEffect)
@refusals(api, 401, 403, 409, 422)
def add_absence(body: dict[str, Any]) -> dict[str, int]:
    """Say when one is away oneself. Working days only are filled; what one said of them before is replaced."""
    length = Length.PART if "minutes" in body else Length.WHOLE
    spell = Spell(body["first_day"], body["last_day"], length, body.get("minutes", 0))
    effect = operations.enter_absence(actor=current_actor(), spell=spell, now=clock.now())
    return {"days": effect.days, "change_minutes": effect.change}


@api.route("/absences/<int:absence_id>", methods=["DELETE"])
@needs(Permission.ABSENCE_WRITE)
@api.response(200, AbsenceEffect)
@refusals(api, 401, 403, 404, 409, 422)
def remove_absence(absence_id: int) -> dict[str, int]:
    """Take out one day of one's own absences, unless it came from HR."""
    effect = operations.remove_absence(actor=current_actor(), absence_id=absence_id, now=clock.now())
    return {"days": effect.days, "change_minutes": effect.change}


@api.route("/absences/import", methods=["POST"])
@needs(Permission.ABSENCE_IMPORT)
@api.arguments(AbsenceFeedBody)
@api.response(200, AbsenceReport)
@refusals(api, 401, 403, 404, 409, 422)
def import_rows(body: dict[str, Any]) -> dict[str, Any]:
    """Take in absences of the people one's HR role covers. A bad row refuses them all, unless it may be skipped."""
    report = import_absences(
        actor=current_actor(),
        rows=[_row(line, row) for line, row in enumerate(body["rows"], 1)],
        now=clock.now(),
        commit=body["commit"],
        skip_bad_rows=body["skip_bad_rows"],
    )
    return asdict(report)


def _row(line: int, row: dict[str, Any]) -> FeedRow:
    names = {"staff_number": row["staff_number"].strip(), "email": row["email"].strip().lower()}
    return FeedRow(
        line=line,
        day=row["date"],
        minutes=row["minutes"],
        reduces_accrual=row["reduces_accrual"],
        reference=row["reference"].strip(),
        **names,
    )
