"""The queue of weeks that wait for somebody, and deciding them, in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people import queries as people
from tithe.timesheets.forms.weeks import ApproveForm, ReturnForm
from tithe.timesheets.operations import decisions
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.queries.weeks import WeekRow, amendment, entries_of, get_week
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("approvals", __name__)


@pages.route("/approvals", methods=["GET", "POST"])
@needs(Permission.WEEK_LIST_AWAITING)
def awaiting() -> ResponseReturnValue:
    form = ApproveForm()
    if form.validate_on_submit():
        try:
            chosen = form.chosen(request.form.getlist("weeks"))
            decisions.approve_weeks(actor=current_actor(), versions=chosen, now=clock.now())
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash(f"{len(chosen)} weeks approved" if len(chosen) > 1 else "Week approved")
            return redirect(url_for(".awaiting"), 303)
    weeks, more = weeks_awaiting(current_actor(), after=Cursor.read(request.args.get("after")))
    last = Cursor.write(weeks[-1].submitted_at, weeks[-1].id) if more else None
    entries = entries_of(week.id for week in weeks)
    return render_template(
        "timesheets/approvals.html", weeks=weeks, entries=entries, form=form, after=last, today=clock.today()
    ), form.status


@pages.get("/approvals/<int:week_id>")
@needs(Permission.WEEK_DECIDE)
def decision(week_id: int) -> ResponseReturnValue:
    week = get_week(week_id, by=current_actor(), to=Permission.WEEK_DECIDE)
    form = ReturnForm(formdata=None, data={"version": str(week.version)})
    return _render(week_id, week, form)


@pages.post("/approvals/<int:week_id>")
@needs(Permission.WEEK_DECIDE)
def decide(week_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ReturnForm()
    week = get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
    if form.validate_on_submit():
        version = form.sent_version
        try:
            if request.form.get("action") == "approve":
                decisions.approve_weeks(actor=actor, versions={week_id: version}, now=clock.now())
                flash("Week approved")
            else:
                decisions.return_week(
                    actor=actor,
                    week_id=week_id,
                    version=version,
                    ground=form.ground.data,
                    reason=form.reason.data or "",
                    now=clock.now(),
                )
                flash("Week returned, with your words")
            return redirect(url_for(".awaiting"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return _render(week_id, week, form)


def _render(week_id: int, week: WeekRow, form: ReturnForm) -> ResponseReturnValue:
    entries = entries_of([week_id]).get(week_id, [])
    owner = people.names_of([week.owner_id])[week.owner_id]
    changes = amendment(week) if week.is_amendment else []
    return render_template(
        "timesheets/decide.html", week=week, owner=owner, entries=entries, changes=changes, form=form
    ), form.status
