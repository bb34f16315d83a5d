"""Corrections in the browser."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.forms.adjustments import DecideForm, ProposeForm
from tithe.allowance.operations import adjustments as operations
from tithe.allowance.queries import adjustments as queries
from tithe.allowance.rules.adjustments import signed
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RuleBroken
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("adjustments", __name__)


@pages.get("/adjustments")
@needs(Permission.ADJUSTMENT_PROPOSE)
def adjustments() -> ResponseReturnValue:
    decided, after = request.args.get("show") == "decided", Cursor.read(request.args.get("after"))
    found, following = queries.list_adjustments(current_actor(), decided=decided, today=clock.today(), after=after)
    note_reads(ReadKind.CORRECTION, [each.owner_id for each in found], actor=current_actor(), now=clock.now())
    last = Cursor.write(*following) if following else None
    return render_template("allowance/adjustments.html", found=found, decided=decided, after=last, signed=signed)


@pages.route("/adjustments/new", methods=["GET", "POST"])
@needs(Permission.ADJUSTMENT_PROPOSE)
def new_adjustment() -> ResponseReturnValue:
    form = ProposeForm()
    form.offer(Quarter.containing(clock.today()))
    if form.validate_on_submit():
        try:
            adjustment_id = operations.propose_adjustment(
                actor=current_actor(), person=form.person.data or "", proposal=form.proposal, now=clock.now()
            )
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Correction proposed. It waits for a second person")
            return redirect(url_for(".adjustment", adjustment_id=adjustment_id), 303)
    return render_template("allowance/adjustments_new.html", form=form), form.status


@pages.get("/adjustments/<int:adjustment_id>")
@needs(Permission.ADJUSTMENT_PROPOSE)
def adjustment(adjustment_id: int) -> ResponseReturnValue:
    return _page(adjustment_id, DecideForm(formdata=None))


@pages.post("/adjustments/<int:adjustment_id>")
@needs(Permission.ADJUSTMENT_DECIDE)
def decide(adjustment_id: int) -> ResponseReturnValue:
    form = DecideForm()
    about: dict[str, Any] = {"actor": current_actor(), "adjustment_id": adjustment_id, "now": clock.now()}
    if form.validate_on_submit():
        try:
            if request.form.get("action") == "post":
                operations.post_adjustment(**about)
                flash("Correction posted. The person has been told")
            else:
                operations.refuse_adjustment(**about, words=form.words.data or "")
                flash("Correction refused. Whoever proposed it has been told why")
            return redirect(url_for(".adjustments"), 303)
        except RuleBroken as broken:
            form.absorb(broken)
    return _page(adjustment_id, form)


def _page(adjustment_id: int, form: DecideForm) -> ResponseReturnValue:
    found = queries.get_adjustment(
        adjustment_id, by=current_actor(), to=Permission.ADJUSTMENT_PROPOSE, today=clock.today()
    )
    note_reads(ReadKind.CORRECTION, [found.owner_id], actor=current_actor(), now=clock.now())
    return render_template("allowance/adjustments_one.html", adjustment=found, form=form, signed=signed), form.status
