"""Reopening an approved week in the browser: one's own, or one decided oneself once its quarter is closed; and calling
back one that only an agreement approved."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, TitheError
from tithe.people import queries as people
from tithe.timesheets.forms.approvals import ReturnForm
from tithe.timesheets.forms.weeks import AmendForm, parse_monday
from tithe.timesheets.operations import amending
from tithe.timesheets.queries.agreements import may_be_called_back
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
    if may_be_called_back(week, by=current_actor()):
        return _call_back(week)
    back = url_for("approvals.awaiting")
    return _reopen(week, url_for(".reopen", week_id=week_id), back, "Its owner can change it now")


def _call_back(week: WeekRow) -> ResponseReturnValue:
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            amending.call_back_week(
                actor=current_actor(),
                week_id=week.id or 0,
                version=form.sent_version,
                ground=form.ground.data,
                reason=form.reason.data or "",
                now=clock.now(),
            )
            flash("Week called back, with your words")
            return redirect(url_for("agreements.agreements"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    form.version.data = str(week.version)
    owner = people.names_of([week.owner_id])[week.owner_id]
    return render_template("timesheets/call_back.html", week=week, owner=owner, form=form), form.status


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
