"""Favourites in the browser: keeping one, logging one with a click, letting one go."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.projects.queries import memberships_of
from tithe.timesheets.forms.quick import ClickForm, FavouriteForm, LineForm, parse_row
from tithe.timesheets.operations import favourites as operations
from tithe.timesheets.presenters.quick import LOGGED, as_banner
from tithe.timesheets.queries.favourites import MOST, own_favourites
from tithe.timesheets.rules.quick import rows_on
from tithe.web.guards import current_actor, needs

pages = Blueprint("favourites", __name__)


@pages.get("/favourites")
@needs(Permission.WEEK_SAVE)
def favourites() -> ResponseReturnValue:
    return _render(LineForm())


@pages.post("/favourites")
@needs(Permission.WEEK_SAVE)
def keep() -> ResponseReturnValue:
    form = LineForm()
    if form.validate_on_submit():
        try:
            row = parse_row(request.form.get("row"))
            operations.keep_favourite(actor=current_actor(), line=form.line.data or "", row=row, now=clock.now())
            flash("Favourite saved. It is on your home page now")
            return redirect(url_for(".favourites"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return _render(form)


@pages.post("/favourites/<int:favourite_id>/log")
@needs(Permission.WEEK_SAVE)
def log(favourite_id: int) -> ResponseReturnValue:
    form, now = FavouriteForm(), clock.now()
    form.require()
    day = form.day.data or clock.local_date(now)
    logged = operations.log_favourite(actor=current_actor(), favourite_id=favourite_id, day=day, now=now)
    session[LOGGED] = as_banner(logged)
    return redirect(url_for("home.home"), 303)


@pages.post("/favourites/<int:favourite_id>/delete")
@needs(Permission.WEEK_SAVE)
def delete(favourite_id: int) -> ResponseReturnValue:
    ClickForm().require()
    operations.delete_favourite(actor=current_actor(), favourite_id=favourite_id, now=clock.now())
    flash("Favourite deleted. What you logged with it stays")
    return redirect(url_for(".favourites"), 303)


def _render(form: LineForm) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    rows = rows_on(today, memberships_of(actor.person_id))
    kept = own_favourites(actor)
    return render_template(
        "timesheets/favourites.html", form=form, rows=rows, favourites=kept, most=MOST, today=today
    ), form.status
