"""The timer in the browser. It lives in the database, so a closed browser does not stop it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.projects.queries import memberships_of
from tithe.timesheets.forms.quick import LineForm, TimerForm
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import timer as operations
from tithe.timesheets.presenters.quick import LOGGED, as_banner, in_words, timer_shown
from tithe.timesheets.queries.timer import own_timer
from tithe.timesheets.rules.quick import rows_on
from tithe.web.guards import current_actor, needs

pages = Blueprint("timer", __name__)


@pages.get("/timer")
@needs(Permission.WEEK_SAVE)
def timer() -> ResponseReturnValue:
    return _render(TimerForm())


@pages.post("/timer/stop")
@needs(Permission.WEEK_SAVE)
def stop() -> ResponseReturnValue:
    """Log what it counted, and say so on the page it was stopped from."""
    form = TimerForm()
    if form.validate_on_submit():
        try:
            round_up = "round_up" in request.form
            logged = operations.stop_timer(actor=current_actor(), now=clock.now(), round_up=round_up)
            if _week():
                flash(in_words(logged))
            else:
                session[LOGGED] = as_banner(logged)
            return _back()
        except TitheError as refusal:
            form.absorb(refusal)
    return _render(form)


@pages.post("/timer/discard")
@needs(Permission.WEEK_SAVE)
def discard() -> ResponseReturnValue:
    form = TimerForm()
    if form.validate_on_submit():
        operations.discard_timer(actor=current_actor(), now=clock.now())
        flash("Timer discarded. Nothing was logged")
        return _back()
    return _render(form)


def _week() -> date | None:
    """The week whose page the button or the link was on; None for home."""
    named = request.values.get("back")
    return parse_monday(named) if named else None


def _back() -> Response:
    week = _week()
    return redirect(url_for("timesheets.week", monday=week) if week else url_for("home.home"), 303)


def _render(form: TimerForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    running = own_timer(actor)
    rows = () if running else rows_on(clock.local_date(now), memberships_of(actor.person_id))
    shown = timer_shown(running, now) if running else None
    asked = {"line": LineForm(formdata=None), "back": _week()}
    return render_template("timesheets/timer.html", form=form, timer=shown, rows=rows, **asked), form.status
