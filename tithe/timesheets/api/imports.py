"""Time from files of other tools, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.feeds import LONGEST_CELL
from tithe.timesheets.forms.imports import read_time
from tithe.timesheets.operations import imports as operations
from tithe.timesheets.presenters import imports as presenters
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import Format, recognise
from tithe.timesheets.rules.imports.plan import Fate
from tithe.timesheets.rules.imports.sheet import LONGEST_NOTE, Sheet, read_cells
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("time-import-api", __name__, url_prefix=PREFIX, description="Time logged in other tools")

MOST_ROWS = 5000
PLAIN = ("date", "project", "minutes", "note", "reference")
Whole = fields.Integer


class TimeRowBody(StrictSchema):
    """Minutes on a day. `project` is a name of yours that `map` gives a meaning; rows with a `reference` are known by
    it, others by day, project and order."""

    date = fields.Date(required=True)
    project = Text(required=True, validate=validate.Length(min=1, max=LONGEST_CELL))
    minutes = Whole(required=True, strict=True, validate=validate.Range(1, 1440))
    note = Text(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    reference = Text(load_default="", validate=validate.Length(max=LONGEST_CELL))


class TimeImportBody(StrictSchema):
    """Either `rows`, or `text`: what a CSV or iCalendar file holds. Without `commit` it is only tried out.

    `map` says where each project or tag (with # before it) goes: the number of a project, `help`, `secondment`,
    `learning`, or `out` to leave it out.
    """

    rows = fields.List(fields.Nested(TimeRowBody), validate=validate.Length(min=1, max=MOST_ROWS))
    text = Text(validate=validate.Length(min=1))
    format = fields.String(validate=validate.OneOf(list(Format)))
    dates = fields.String(validate=validate.OneOf(list(DateOrder)))
    map = fields.Dict(keys=Text(), values=Text(), load_default=dict)
    commit = fields.Boolean(load_default=False)
    skip_bad_rows = fields.Boolean(load_default=False)

    @validates_schema
    def one_of_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        """There is one source, and only a file has a format."""
        if ("rows" in data) == ("text" in data):
            raise ValidationError("Send either rows or text.", "rows")
        if "rows" in data and ("format" in data or "dates" in data):
            raise ValidationError("Only text has a format.", "format")


class TimeCell(StrictSchema):
    """A change in a week: `row` is the number of a project or a kind of time, `rows` how many of the file make it."""

    date = fields.Date(required=True)
    row = fields.String(required=True)
    before_minutes = Whole(required=True)
    after_minutes = Whole(required=True)
    rows = Whole(required=True)


class TimeWeek(StrictSchema):
    """What changes in one week."""

    monday = fields.Date(required=True)
    cells = fields.List(fields.Nested(TimeCell), required=True)


class TimeReason(StrictSchema):
    """Why some rows are not loaded, and their lines."""

    fate = fields.String(required=True, validate=validate.OneOf([Fate.LEFT_OUT, Fate.CLOSED]))
    why = fields.String(required=True)
    lines = fields.List(Whole(), required=True)


class TimeRowError(StrictSchema):
    """What is wrong with a row, and what was expected."""

    line = Whole(required=True)
    column = fields.String(required=True)
    message = fields.String(required=True)


class TimeImportReport(StrictSchema):
    """What becomes of every row; the six fates add up to `rows`. The same with and without `commit`."""

    format = fields.String(required=True)
    order = fields.String(required=True)
    order_shown = fields.Boolean(required=True)
    passed_over = fields.List(fields.String(), required=True)
    untagged = Whole(required=True)
    rows = Whole(required=True)
    loaded = Whole(required=True)
    changed = Whole(required=True)
    known = Whole(required=True)
    left_out = Whole(required=True)
    closed = Whole(required=True)
    wrong = Whole(required=True)
    missing = Whole(required=True)
    whole_weeks = Whole(required=True)
    whose = fields.String(required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    weeks = fields.List(fields.Nested(TimeWeek), required=True)
    reasons = fields.List(fields.Nested(TimeReason), required=True)
    errors = fields.List(fields.Nested(TimeRowError), required=True)


@api.route("/time/import", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(TimeImportBody)
@api.response(200, TimeImportReport)
@refusals(api, 401, 403, 409, 422)
def import_time(body: dict[str, Any]) -> dict[str, Any]:
    """Load time into one's own open weeks. The same rows twice add nothing; a wrong row refuses them all, unless such
    rows may be skipped."""
    report = operations.import_time(
        actor=current_actor(),
        sheet=_sheet(body),
        mapping=body["map"],
        now=clock.now(),
        commit=body["commit"],
        skip_bad_rows=body["skip_bad_rows"],
    )
    return presenters.as_json(report)


def _sheet(body: dict[str, Any]) -> Sheet:
    if "text" in body:
        wanted = Format(body["format"]) if "format" in body else None
        order = DateOrder(body["dates"]) if "dates" in body else None
        return read_time(body["text"].encode(), clock.today(), wanted, order)
    rows = [(line, [str(row[name]) for name in PLAIN]) for line, row in enumerate(body["rows"], 1)]
    return read_cells(recognise(PLAIN), rows)
