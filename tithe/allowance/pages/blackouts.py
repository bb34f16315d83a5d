"""Blackouts in the browser."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.forms.blackouts import BlackoutForm
from tithe.allowance.operations import blackouts as operations
from tithe.allowance.presenters import blackouts as presenters
from tithe.allowance.queries import blackouts as queries
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.policy import queries as policy
from tithe.web.forms import refuse_others
from tithe.web.guards import current_actor, needs

pages = Blueprint("blackouts", __name__)


@pages.get("/blackouts")
@needs(Permission.BLACKOUT_READ)
def blackouts() -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    unit = queries.unit_for(actor, request.args.get("unit", "").strip())
    settings = policy.in_force(unit.id, today).settings
    year = presenters.year_in(request.args.get("year"), today, settings.fy_start_month)
    rows, following = queries.list_blackouts(unit.id, after=presenters.place_in(request.args.get("after")))
    return render_template(
        "allowance/blackouts.html",
        unit=unit,
        drawn=presenters.drawn(year, queries.held_in(unit.id, year), settings.blackout_max_wd, today),
        sections=presenters.sections(rows, today),
        after=presenters.place_as_text(following),
        may_set=permits(actor, Permission.BLACKOUT_WRITE, unit),
    )


@pages.route("/blackouts/new", methods=["GET", "POST"])
@needs(Permission.BLACKOUT_WRITE)
def new_blackout() -> ResponseReturnValue:
    actor, now, effect = current_actor(), clock.now(), None
    form = BlackoutForm(unit=request.args.get("unit", ""))
    if form.validate_on_submit():
        asked: dict[str, Any] = {"actor": actor, "unit": form.unit.data or "", "plan": form.plan}
        try:
            if request.form.get("action") == "set":
                operations.set_blackout(**asked, now=now)
                flash("Blackout set. Everybody concerned sees it on their week")
                return redirect(url_for(".blackouts", unit=form.unit.data), 303)
            effect = operations.rehearse_blackout(**asked, today=clock.local_date(now))
        except TitheError as refusal:
            form.absorb(refusal)
    units = queries.units_open_to(actor)
    return render_template("allowance/blackouts_new.html", form=form, effect=effect, units=units), form.status


@pages.post("/blackouts/<int:blackout_id>/lift")
@needs(Permission.BLACKOUT_WRITE)
def lift(blackout_id: int) -> ResponseReturnValue:
    blackout = queries.get_blackout(blackout_id, by=current_actor(), to=Permission.BLACKOUT_WRITE)
    refuse_others()
    operations.lift_blackout(actor=current_actor(), blackout_id=blackout_id, now=clock.now())
    flash("Blackout lifted")
    return redirect(url_for(".blackouts", unit=blackout.unit_code), 303)
