"""Adding time in one line, taking it back, and saying that nothing was done."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.calendar import named
from tithe.kernel.errors import TitheError
from tithe.projects.queries import memberships_of
from tithe.timesheets.forms.quick import ClickForm, LineForm, UndoForm, parse_row
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import quick as operations
from tithe.timesheets.operations.timer import start_timer
from tithe.timesheets.presenters.quick import LOGGED, as_banner
from tithe.timesheets.rules.quick import rows_on
from tithe.web.guards import current_actor, needs

pages = Blueprint("quick", __name__)


@pages.get("/time")
@needs(Permission.WEEK_SAVE)
def add() -> ResponseReturnValue:
    return _render(LineForm())


@pages.post("/time")
@needs(Permission.WEEK_SAVE)
def add_line() -> ResponseReturnValue:
    """Add the time a line says, or start a timer on what it names; then home, which says what was done."""
    form = LineForm()
    if form.validate_on_submit():
        try:
            _carry_out(form)
            return redirect(url_for("home.home"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return _render(form)


def _carry_out(form: LineForm) -> None:
    asked: dict[str, Any] = {"line": form.line.data or "", "row": parse_row(request.form.get("row"))}
    if request.form.get("action") == "start":
        start_timer(actor=current_actor(), **asked, now=clock.now(), stop_first="stop_first" in request.form)
    else:
        session[LOGGED] = as_banner(operations.add_line(actor=current_actor(), **asked, now=clock.now()))


def _render(form: LineForm) -> ResponseReturnValue:
    rows = rows_on(clock.today(), memberships_of(current_actor().person_id))
    action = "start" if request.form.get("action") == "start" else "add"
    return render_template("timesheets/quick.html", form=form, rows=rows, action=action), form.status


@pages.post("/time/undo")
@needs(Permission.WEEK_SAVE)
def undo() -> ResponseReturnValue:
    row, day, version, minutes, note_length = UndoForm().facts()
    former = {"version": version, "minutes": minutes, "note_length": note_length}
    operations.undo_time(actor=current_actor(), line=row, day=day, **former, now=clock.now())
    flash("Undone. The week is as it was before")
    return redirect(url_for("home.home"), 303)


@pages.post("/weeks/<monday>/nothing")
@needs(Permission.WEEK_SAVE)
def declare_nothing(monday: str) -> ResponseReturnValue:
    day = _clicked(monday)
    operations.declare_nothing(actor=current_actor(), monday=day, now=clock.now())
    flash(f"Noted: nothing in the week of {named(day)}. If you do log time in it, that takes this back")
    return _back(day)


@pages.post("/weeks/<monday>/nothing/take-back")
@needs(Permission.WEEK_SAVE)
def take_back_nothing(monday: str) -> ResponseReturnValue:
    day = _clicked(monday)
    operations.take_back_nothing(actor=current_actor(), monday=day, now=clock.now())
    flash(f"Taken back. The week of {named(day)} waits for your time")
    return _back(day)


def _back(monday: date) -> Response:
    """To the page the button was on: home, or the week's."""
    home = "back" in request.form
    return redirect(url_for("home.home") if home else url_for("timesheets.week", monday=monday), 303)


def _clicked(monday: str) -> date:
    """The Monday of a page whose button was clicked; nothing else may be sent with it."""
    ClickForm().require()
    return parse_monday(monday)
