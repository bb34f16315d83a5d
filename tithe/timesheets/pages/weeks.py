"""One's own weeks in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.calendar import monday_of
from tithe.kernel.errors import TitheError
from tithe.people import queries as people
from tithe.projects import queries as projects
from tithe.timesheets.forms.weeks import WeekForm, parse_monday
from tithe.timesheets.operations import weeks as operations
from tithe.timesheets.presenters import weeks as presenters
from tithe.timesheets.presenters.weeks import Grid
from tithe.timesheets.queries.room import Room, room_in
from tithe.timesheets.queries.weeks import LastDecision, WeekRow, last_decision, list_own, own_week
from tithe.timesheets.rules.deciding import GROUNDS
from tithe.web.guards import current_actor, needs

pages = Blueprint("timesheets", __name__)

WEEKS_SHOWN = timedelta(weeks=26)


@dataclass(frozen=True)
class WeekPage:
    """Everything the page of a week shows."""

    week: WeekRow
    grid: Grid
    room: Room
    decision: LastDecision | None
    approver: str | None


@pages.get("/weeks")
@needs(Permission.WEEK_READ)
def weeks() -> ResponseReturnValue:
    today = clock.today()
    found = list_own(current_actor(), today - WEEKS_SHOWN)
    return render_template("timesheets/weeks.html", weeks=found, this_monday=monday_of(today))


@pages.get("/weeks/this")
@needs(Permission.WEEK_SAVE)
def this_week() -> ResponseReturnValue:
    return redirect(url_for(".week", monday=monday_of(clock.today())), 303)


@pages.get("/weeks/<monday>")
@needs(Permission.WEEK_READ)
def week(monday: str) -> ResponseReturnValue:
    shown = _page(current_actor(), parse_monday(monday))
    form = WeekForm(data={"version": str(shown.week.version)})
    return _render(shown, form)


@pages.post("/weeks/<monday>")
@needs(Permission.WEEK_SAVE)
def save_week(monday: str) -> ResponseReturnValue:
    actor, day, form = current_actor(), parse_monday(monday), WeekForm()
    form.validate_on_submit()
    form.take(day, request.form)
    if not form.refused:
        try:
            flash(_save(actor, day, form))
            return redirect(url_for(".week", monday=monday), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    shown = _page(actor, day)
    form.fill(shown.grid)
    return _render(shown, form)


def _save(actor: Actor, monday: date, form: WeekForm) -> str:
    """Save, then submit if asked; say what was done. A week that may not be submitted stays saved."""
    now = clock.now()
    saved = operations.save_week(actor=actor, monday=monday, entries=form.entries, now=now, version=form.sent_version)
    form.version.data = str(saved.version)
    if request.form.get("action") != "submit":
        return "Week saved"
    operations.submit_week(actor=actor, monday=monday, now=now, version=saved.version)
    return "Week submitted"


@pages.post("/weeks/<monday>/recall")
@needs(Permission.WEEK_RECALL)
def recall_week(monday: str) -> ResponseReturnValue:
    operations.recall_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    flash("Week taken back. Change it, then submit it again")
    return redirect(url_for(".week", monday=monday), 303)


def _page(actor: Actor, monday: date) -> WeekPage:
    """Read what the page of a week shows, in a fixed number of statements."""
    found = own_week(actor, monday)
    room = room_in(found, clock.today())
    memberships = projects.memberships_of(actor.person_id)
    known = {each.project_id: each.title for each in memberships}
    unknown = {entry.project_id for entry in found.entries if entry.project_id} - set(known)
    titles = known | (projects.titles_of(unknown) if unknown else {})
    names = people.names_of([found.approver_id]) if found.approver_id else {}
    return WeekPage(
        week=found,
        grid=presenters.grid_of(found, memberships, titles, room, clock.today()),
        room=room,
        decision=last_decision(found.id) if found.id and found.decided_at else None,
        approver=names.get(found.approver_id or 0),
    )


def _render(shown: WeekPage, form: WeekForm) -> ResponseReturnValue:
    this_monday = monday_of(clock.today())
    week = shown.week
    return render_template(
        "timesheets/week.html",
        page=shown,
        week=week,
        grid=shown.grid,
        form=form,
        grounds=GROUNDS,
        summary=form.summary(shown.grid),
        balances=list(shown.room.balances.values()),
        room=shown.room,
        before=week.starts_on - timedelta(days=7),
        this_monday=this_monday,
        following=week.starts_on + timedelta(days=7) if week.starts_on < this_monday else None,
    ), form.status
