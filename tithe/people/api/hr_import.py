"""What an HR system tells of people, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app
from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock, minutes
from tithe.kernel.feeds import LONGEST_CELL
from tithe.people.operations.hr_feed import import_people
from tithe.people.rules.hr_feed import read_hr_row
from tithe.people.rules.posts_over_time import MOST_WEEKLY
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("people-import-api", __name__, url_prefix=PREFIX, description="Who joins, moves and leaves")

MOST_ROWS = 5000
CELL = validate.Length(max=LONGEST_CELL)


class PersonRowBody(StrictSchema):
    """One person as the HR system tells it. What is left out stays as it is stored; null says there is none.

    `unit` is a code, or a path of names from the top down. `effective_date` is the day from which the row counts.
    """

    staff_number = Text(required=True, validate=CELL)
    name = Text(required=True, validate=CELL)
    email = Text(required=True, validate=CELL)
    unit = Text(required=True, validate=CELL)
    weekly_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_WEEKLY))
    grade = Text(allow_none=True, validate=CELL)
    calendar = Text(allow_none=True, validate=CELL)
    manager_staff_number = Text(allow_none=True, validate=CELL)
    start = fields.Date(allow_none=True)
    leave = fields.Date(allow_none=True)
    probation_end = fields.Date(allow_none=True)
    effective_date = fields.Date(allow_none=True)


class PeopleFeedBody(StrictSchema):
    """Rows to take in. Without `commit` they are only checked."""

    rows = fields.List(fields.Nested(PersonRowBody), required=True, validate=validate.Length(min=1, max=MOST_ROWS))
    commit = fields.Boolean(load_default=False)
    skip_bad_rows = fields.Boolean(load_default=False)


class PersonRowError(StrictSchema):
    """What is wrong with a row, the first being 1, and what was expected."""

    line = fields.Integer(required=True)
    column = fields.String(required=True)
    message = fields.String(required=True)


class PeopleReport(StrictSchema):
    """What reading the rows found; the same with and without `commit`. `left` are people whose last day is new.

    `errors` are the first thousand faults, `unnamed` the bad rows that none of them is about.
    """

    rows = fields.Integer(required=True)
    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    left = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    bad = fields.Integer(required=True)
    errors = fields.List(fields.Nested(PersonRowError), required=True)
    unnamed = fields.Integer(required=True)


@api.route("/people/import", methods=["POST"])
@needs(Permission.PERSON_MANAGE)
@api.arguments(PeopleFeedBody)
@api.response(200, PeopleReport)
@refusals(api, 401, 403, 404, 409, 422)
def import_rows(body: dict[str, Any]) -> dict[str, Any]:
    """Take in people one's HR role covers. The same rows twice change nothing; a bad row refuses them all, unless it
    may be skipped."""
    rows = [_words(row) for row in body["rows"]]
    report = import_people(
        actor=current_actor(),
        read=lambda: (read_hr_row(line, row) for line, row in enumerate(rows, 1)),
        calendars=current_app.extensions["tithe_calendars"](),
        now=clock.now(),
        commit=body["commit"],
        skip_bad_rows=body["skip_bad_rows"],
    )
    return asdict(report) | {"unnamed": report.unnamed}


def _words(row: dict[str, Any]) -> dict[str, str]:
    """A row as a file would hold it."""
    weekly = minutes.clock(row["weekly_minutes"])
    told = {name: "" if value is None else str(value) for name, value in row.items() if name != "weekly_minutes"}
    return told | {"weekly_hours": weekly}
