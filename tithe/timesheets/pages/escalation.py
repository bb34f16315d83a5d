"""Weeks that moved on because they were not decided in time, in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people.wanted import person_called
from tithe.timesheets.forms.approvals import ReassignForm
from tithe.timesheets.operations.handover import reassign_weeks
from tithe.timesheets.queries.escalation import moved_from
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("escalation", __name__)

MOVED = {
    0: "No week of theirs waits for another manager. Nothing changed",
    1: "1 week now waits for their manager of today",
}


@pages.get("/approvals/moved")
@needs(Permission.WEEK_LIST_AWAITING)
def moved() -> ResponseReturnValue:
    weeks, following = moved_from(current_actor(), clock.now(), after=Cursor.read(request.args.get("after")))
    note_reads(ReadKind.WEEK, [each.owner_id for each in weeks], actor=current_actor(), now=clock.now())
    after = Cursor.write(*following) if following else None
    return render_template("timesheets/moved.html", weeks=weeks, after=after)


@pages.route("/approvals/reassign", methods=["GET", "POST"])
@needs(Permission.WEEK_REASSIGN)
def reassign() -> ResponseReturnValue:
    form = ReassignForm()
    if form.validate_on_submit():
        try:
            person_id = person_called(form.person.data or "", "person")
            moved = reassign_weeks(actor=current_actor(), person_id=person_id, now=clock.now())
            flash(MOVED.get(moved, f"{moved} weeks now wait for their manager of today"))
            return redirect(url_for(".reassign"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return render_template("timesheets/reassign.html", form=form), form.status
