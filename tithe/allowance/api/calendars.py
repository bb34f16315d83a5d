"""Holiday calendars as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.allowance.operations import calendars as operations
from tithe.allowance.presenters import calendars as presenters
from tithe.allowance.queries import calendars as queries
from tithe.allowance.rules.holidays import FIRST_YEAR, LAST_YEAR, LONGEST_CODE, NATIONAL, DayKind, Holiday
from tithe.allowance.rules.published import read_published
from tithe.kernel import clock
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("calendars-api", __name__, url_prefix=PREFIX, description="Calendars of public holidays")

KIND = validate.OneOf([kind.value for kind in DayKind])
MOST_DAYS = 1000


class CalendarsQuery(StrictSchema):
    """Where to read on: the `next` of the page before."""

    after = Text(load_default="", validate=validate.Length(max=LONGEST_CODE))


class CalendarYearQuery(StrictSchema):
    """Which year; this one if left out."""

    year = fields.Integer(validate=validate.Range(FIRST_YEAR, LAST_YEAR))


class HolidayBody(StrictSchema):
    """A holiday."""

    date = fields.Date(required=True)
    name = Text(required=True)
    kind = Text(load_default="bank", validate=KIND)


class CalendarBody(StrictSchema):
    """A calendar of one's own, and the calendar and years its first days come from."""

    code = Text(required=True)
    name = Text(required=True)
    copied_from = Text(required=True)
    first_year = fields.Integer(required=True, strict=True)
    last_year = fields.Integer(required=True, strict=True)


class CalendarNameBody(StrictSchema):
    """Another name."""

    name = Text(required=True)


class HolidaysBody(StrictSchema):
    """All holidays of some years, both ends included."""

    first_year = fields.Integer(required=True, strict=True)
    last_year = fields.Integer(required=True, strict=True)
    days = fields.List(fields.Nested(HolidayBody), required=True, validate=validate.Length(max=MOST_DAYS))


class HolidayListBody(StrictSchema):
    """A list in the shape GOV.UK publishes, and the division to follow. Without `commit` nothing is saved."""

    division = Text(required=True, validate=validate.OneOf(NATIONAL))
    lists = fields.Dict(keys=Text(), values=fields.Raw(), required=True)
    commit = fields.Boolean(load_default=False)


class HolidayAnswer(StrictSchema):
    """A holiday."""

    date = fields.Date(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=KIND)


class CalendarAnswer(StrictSchema):
    """A calendar. National ones have no last day: they are known for any year."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    national = fields.Boolean(required=True)
    copied_from = fields.String(required=True, allow_none=True)
    last_day = fields.Date(required=True, allow_none=True)
    ends_soon = fields.Boolean(required=True)
    people = fields.Integer(required=True)


class CalendarYearAnswer(CalendarAnswer):
    """A calendar and its holidays in a year."""

    year = fields.Integer(required=True)
    days = fields.List(fields.Nested(HolidayAnswer), required=True)


class CalendarsAnswer(StrictSchema):
    """A page of calendars; `next` is the `after` of the page that follows, if one does."""

    calendars = fields.List(fields.Nested(CalendarAnswer), required=True)
    next = fields.String(required=True, allow_none=True)


class HolidayRenamedAnswer(StrictSchema):
    """A holiday that keeps its date and has another name or kind."""

    before = fields.Nested(HolidayAnswer, required=True)
    after = fields.Nested(HolidayAnswer, required=True)


class HolidaysChangedAnswer(StrictSchema):
    """What was changed, or would be; days of a list that fall at a weekend are left out."""

    saved = fields.Boolean(required=True)
    added = fields.List(fields.Nested(HolidayAnswer), required=True)
    removed = fields.List(fields.Nested(HolidayAnswer), required=True)
    changed = fields.List(fields.Nested(HolidayRenamedAnswer), required=True)
    at_weekends = fields.List(fields.Nested(HolidayAnswer), required=True)


@api.route("/calendars", methods=["GET"])
@needs(Permission.CALENDAR_READ)
@api.arguments(CalendarsQuery, location="query")
@api.response(200, CalendarsAnswer)
@refusals(api, 401, 403, 422)
def list_calendars(query: dict[str, Any]) -> dict[str, Any]:
    """List the calendars, national ones first, and how many people use each."""
    today = clock.today()
    found, following = queries.list_calendars(today, after=query["after"])
    return {"calendars": [presenters.as_json(each, today) for each in found], "next": following}


@api.route("/calendars", methods=["POST"])
@needs(Permission.CALENDAR_WRITE)
@api.arguments(CalendarBody)
@api.response(201, CalendarYearAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def copy_calendar(body: dict[str, Any]) -> dict[str, Any]:
    """Copy a calendar. Answers with the first year of the copy."""
    operations.copy_calendar(actor=current_actor(), **body, now=clock.now())
    return _year(body["code"], body["first_year"])


@api.route("/calendars/<calendar>", methods=["GET"])
@needs(Permission.CALENDAR_READ)
@api.arguments(CalendarYearQuery, location="query")
@api.response(200, CalendarYearAnswer)
@refusals(api, 401, 403, 404, 422)
def read_calendar(query: dict[str, Any], calendar: str) -> dict[str, Any]:
    """Read the holidays of a year."""
    return _year(calendar, query.get("year"))


@api.route("/calendars/<calendar>", methods=["PUT"])
@needs(Permission.CALENDAR_WRITE)
@api.arguments(CalendarNameBody)
@api.response(200, CalendarYearAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def rename_calendar(body: dict[str, Any], calendar: str) -> dict[str, Any]:
    """Give a calendar another name. Its code stays."""
    operations.rename_calendar(actor=current_actor(), code=calendar, name=body["name"], now=clock.now())
    return _year(calendar, None)


@api.route("/calendars/<calendar>", methods=["DELETE"])
@needs(Permission.CALENDAR_WRITE)
@api.response(204)
@refusals(api, 401, 403, 404, 409, 422)
def delete_calendar(calendar: str) -> None:
    """Delete a calendar nobody has ever used."""
    operations.delete_calendar(actor=current_actor(), code=calendar, now=clock.now())


@api.route("/calendars/<calendar>/days", methods=["PUT"])
@needs(Permission.CALENDAR_WRITE)
@api.arguments(HolidaysBody)
@api.response(200, HolidaysChangedAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def replace_days(body: dict[str, Any], calendar: str) -> dict[str, Any]:
    """Replace the holidays of some years. Allowances of the people who use the calendar are worked out again."""
    body["days"] = [Holiday(each["date"], each["name"], DayKind(each["kind"])) for each in body["days"]]
    changed = operations.replace_days(actor=current_actor(), code=calendar, **body, now=clock.now())
    return presenters.difference_as_json(changed, saved=True)


@api.route("/calendars/<calendar>/import", methods=["POST"])
@needs(Permission.CALENDAR_WRITE)
@api.arguments(HolidayListBody)
@api.response(200, HolidaysChangedAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def import_days(body: dict[str, Any], calendar: str) -> dict[str, Any]:
    """Follow a list of bank holidays as GOV.UK publishes it, or with `commit` false say what that would change."""
    actor, now = current_actor(), clock.now()
    operations.check_may_change(actor=actor, code=calendar)
    published = read_published(body["lists"], body["division"])
    if body["commit"]:
        changed = operations.import_days(actor=actor, code=calendar, published=published.days, now=now)
    else:
        changed = operations.rehearse_import(actor=actor, code=calendar, published=published.days)
    return presenters.difference_as_json(changed, saved=body["commit"], at_weekends=published.at_weekends)


def _year(code: str, year: int | None) -> dict[str, Any]:
    today = clock.today()
    found = queries.get_calendar(code, by=current_actor(), to=Permission.CALENDAR_READ, today=today)
    chosen = year or today.year
    return presenters.year_as_json(found, today, chosen, queries.days_of(code, chosen, chosen))
