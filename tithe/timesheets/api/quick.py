"""Adding time in one line, the timer, favourites and weeks without any, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.db import LARGEST_ID
from tithe.timesheets.forms.quick import PLACE, parse_row
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import favourites, quick, timer
from tithe.timesheets.presenters import quick as presenters
from tithe.timesheets.queries.favourites import own_favourites
from tithe.timesheets.queries.timer import own_timer
from tithe.timesheets.rules.entries import TimeKind
from tithe.timesheets.rules.quick import LONGEST_LINE
from tithe.web.api import PREFIX, ApiBlueprint, StrictSchema, Text, refusals
from tithe.web.guards import current_actor, needs

api = ApiBlueprint("time-api", __name__, url_prefix=PREFIX, description="Logging time in one go")

Whole = fields.Integer
ROW = validate.Regexp(f"^(?:{PLACE.pattern})$")
KINDS = validate.OneOf([kind.value for kind in TimeKind])


class LineBody(StrictSchema):
    """A line like "1h30 Rainfall maps yesterday". `row`, the id of a project or a kind, settles what it leaves open."""

    line = Text(required=True, validate=validate.Length(max=LONGEST_LINE))
    row = Text(load_default=None, allow_none=True, validate=ROW)


class StartBody(LineBody):
    """What the timer is for, without a length. `stop_first` logs a timer that runs already, rounded up if too short."""

    stop_first = fields.Boolean(load_default=False)


class StopBody(StrictSchema):
    """Whether what is below the shortest entry is rounded up to it."""

    round_up = fields.Boolean(load_default=False)


class UndoBody(StrictSchema):
    """What an answer named under `undo`."""

    row = Text(required=True, validate=ROW)
    date = fields.Date(required=True)
    version = Whole(required=True, strict=True, validate=validate.Range(0, LARGEST_ID))
    minutes = Whole(required=True, strict=True, validate=validate.Range(0, 1440))
    note_length = Whole(required=True, strict=True, validate=validate.Range(0, 500))


class DayBody(StrictSchema):
    """The day to log a favourite on; today if left out."""

    date = fields.Date()


class NothingBody(StrictSchema):
    """`version`, when given, must be the one last read."""

    version = Whole(strict=True, validate=validate.Range(0, LARGEST_ID))


class PlacedAnswer(StrictSchema):
    """An entry as it is now."""

    date = fields.Date(required=True)
    project_id = Whole(required=True, allow_none=True)
    kind = fields.String(required=True, validate=KINDS)
    minutes = Whole(required=True)
    note = fields.String(required=True)


class LoggedAnswer(StrictSchema):
    """What was added, the limits the week now breaks, what it means for the cover of a post one shares, and what to
    send to undo it."""

    added_minutes = Whole(required=True)
    entry = fields.Nested(PlacedAnswer, required=True)
    title = fields.String(required=True)
    monday = fields.Date(required=True)
    version = Whole(required=True)
    warnings = fields.List(fields.String(), required=True)
    cover = fields.List(fields.String(), required=True)
    undo = fields.Nested(UndoBody, required=True)


class RestoredAnswer(StrictSchema):
    """The week after an undo."""

    monday = fields.Date(required=True)
    version = Whole(required=True)
    total_minutes = Whole(required=True)


class RunningAnswer(StrictSchema):
    """A timer. `minutes` is what it is worth now, to the nearest minute; after `runs_until` it counts no further."""

    row = fields.String(required=True)
    title = fields.String(required=True)
    note = fields.String(required=True)
    started_at = fields.DateTime(required=True)
    runs_until = fields.DateTime(required=True)
    minutes = Whole(required=True)
    capped = fields.Boolean(required=True)


class TimerAnswer(StrictSchema):
    """The timer that runs; null when none does."""

    timer = fields.Nested(RunningAnswer, required=True, allow_none=True)


class FavouriteAnswer(StrictSchema):
    """Time that is logged often."""

    id = Whole(required=True)
    project_id = Whole(required=True, allow_none=True)
    kind = fields.String(required=True, validate=KINDS)
    title = fields.String(required=True)
    minutes = Whole(required=True)
    note = fields.String(required=True)


class FavouritesAnswer(StrictSchema):
    """One's favourites, the one used last first; a dozen at most."""

    favourites = fields.List(fields.Nested(FavouriteAnswer), required=True)


class NothingAnswer(StrictSchema):
    """Since when a week is declared to be without time; null when it is not."""

    monday = fields.Date(required=True)
    version = Whole(required=True)
    nothing_since = fields.DateTime(required=True, allow_none=True)


@api.route("/time", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(LineBody)
@api.response(200, LoggedAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def add_line(body: dict[str, Any]) -> dict[str, Any]:
    """Add the time that one line of words says to one's own week."""
    asked = {"line": body["line"], "row": parse_row(body["row"])}
    return presenters.logged_as_json(quick.add_line(actor=current_actor(), **asked, now=clock.now()))


@api.route("/time/undo", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(UndoBody)
@api.response(200, RestoredAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def undo(body: dict[str, Any]) -> dict[str, Any]:
    """Take back what was added, while the week has not moved on."""
    facts = {name: body[name] for name in ("version", "minutes", "note_length")}
    day, row = body["date"], body["row"]
    week = quick.undo_time(actor=current_actor(), line=row, day=day, **facts, now=clock.now())
    return {"monday": week.starts_on, "version": week.version, "total_minutes": week.total_minutes}


@api.route("/timer", methods=["GET"])
@needs(Permission.WEEK_READ)
@api.response(200, TimerAnswer)
@refusals(api, 401, 403)
def read_timer() -> dict[str, Any]:
    """Read one's own timer."""
    running = own_timer(current_actor())
    return {"timer": presenters.timer_as_json(running, clock.now()) if running else None}


@api.route("/timer", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(StartBody)
@api.response(200, TimerAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def start(body: dict[str, Any]) -> dict[str, Any]:
    """Start a timer; there is one at a time."""
    asked = {"line": body["line"], "row": parse_row(body["row"]), "stop_first": body["stop_first"]}
    now = clock.now()
    return {"timer": presenters.timer_as_json(timer.start_timer(actor=current_actor(), **asked, now=now), now)}


@api.route("/timer/stop", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(StopBody)
@api.response(200, LoggedAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def stop(body: dict[str, Any]) -> dict[str, Any]:
    """Stop one's timer and log what it counted."""
    logged = timer.stop_timer(actor=current_actor(), now=clock.now(), round_up=body["round_up"])
    return presenters.logged_as_json(logged)


@api.route("/timer", methods=["DELETE"])
@needs(Permission.WEEK_SAVE)
@api.response(200, TimerAnswer)
@refusals(api, 401, 403, 404)
def discard() -> dict[str, Any]:
    """Stop one's timer and log nothing."""
    timer.discard_timer(actor=current_actor(), now=clock.now())
    return {"timer": None}


@api.route("/favourites", methods=["GET"])
@needs(Permission.WEEK_READ)
@api.response(200, FavouritesAnswer)
@refusals(api, 401, 403)
def list_favourites() -> dict[str, Any]:
    """List one's own favourites."""
    return {"favourites": [presenters.favourite_as_json(each) for each in own_favourites(current_actor())]}


@api.route("/favourites", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(LineBody)
@api.response(201, FavouriteAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def keep(body: dict[str, Any]) -> dict[str, Any]:
    """Keep what a line says as a favourite. Its day does not count."""
    asked = {"line": body["line"], "row": parse_row(body["row"])}
    return presenters.favourite_as_json(favourites.keep_favourite(actor=current_actor(), **asked, now=clock.now()))


@api.route("/favourites/<int:favourite_id>", methods=["DELETE"])
@needs(Permission.WEEK_SAVE)
@api.response(200, FavouritesAnswer)
@refusals(api, 401, 403, 404)
def delete(favourite_id: int) -> dict[str, Any]:
    """Delete a favourite; those that are left are answered."""
    favourites.delete_favourite(actor=current_actor(), favourite_id=favourite_id, now=clock.now())
    return {"favourites": [presenters.favourite_as_json(each) for each in own_favourites(current_actor())]}


@api.route("/favourites/<int:favourite_id>/log", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(DayBody)
@api.response(200, LoggedAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def log(body: dict[str, Any], favourite_id: int) -> dict[str, Any]:
    """Add a favourite to a day of one's own week."""
    now = clock.now()
    day = body.get("date", clock.local_date(now))
    logged = favourites.log_favourite(actor=current_actor(), favourite_id=favourite_id, day=day, now=now)
    return presenters.logged_as_json(logged)


@api.route("/weeks/<monday>/nothing", methods=["POST"])
@needs(Permission.WEEK_SAVE)
@api.arguments(NothingBody)
@api.response(200, NothingAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def declare_nothing(body: dict[str, Any], monday: str) -> dict[str, Any]:
    """Say that nothing was done in a week of one's own. It is no submission; nobody decides it."""
    day, version = parse_monday(monday), body.get("version")
    week = quick.declare_nothing(actor=current_actor(), monday=day, version=version, now=clock.now())
    return presenters.nothing_as_json(week)


@api.route("/weeks/<monday>/nothing", methods=["DELETE"])
@needs(Permission.WEEK_SAVE)
@api.response(200, NothingAnswer)
@refusals(api, 401, 403, 404, 409, 422)
def take_back_nothing(monday: str) -> dict[str, Any]:
    """Take back that nothing was done."""
    week = quick.take_back_nothing(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    return presenters.nothing_as_json(week)
