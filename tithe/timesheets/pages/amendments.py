"""Reopening an approved week in the browser: one's own, or one decided oneself once its quarter is closed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, TitheError
from tithe.timesheets.forms.weeks import AmendForm, parse_monday
from tithe.timesheets.operations import amending
from tithe.timesheets.queries.weeks import WeekRow, get_week, own_week
from tithe.web.guards import current_actor, needs

pages = Blueprint("amendments", __name__)


@pages.route("/weeks/<monday>/amend", methods=["GET", "POST"])
@needs(Permission.WEEK_AMEND)
def amend(monday: str) -> ResponseReturnValue:
    week = own_week(current_actor(), parse_monday(monday))
    back = url_for("timesheets.week", monday=week.starts_on)
    return _reopen(week, url_for(".amend", monday=week.starts_on), back, "Change what needs changing")


@pages.route("/approvals/<int:week_id>/reopen", methods=["GET", "POST"])
@needs(Permission.WEEK_AMEND)
def reopen(week_id: int) -> ResponseReturnValue:
    week = get_week(week_id, by=current_actor(), to=Permission.WEEK_AMEND)
    note_reads(ReadKind.WEEK, [week.owner_id], actor=current_actor(), now=clock.now())
    back = url_for("approvals.awaiting")
    return _reopen(week, url_for(".reopen", week_id=week_id), back, "Its owner can change it now")


def _reopen(week: WeekRow, here: str, back: str, done: str) -> ResponseReturnValue:
    form = AmendForm()
    if form.validate_on_submit():
        try:
            if week.id is None:
                raise NotFound
            words = form.reason.data or ""
            amending.amend_week(actor=current_actor(), week_id=week.id, reason=words, now=clock.now())
            flash(f"Week reopened. {done}")
            return redirect(back, 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return render_template("timesheets/amend.html", week=week, form=form, here=here, back=back), form.status
