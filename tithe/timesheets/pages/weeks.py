"""One's own weeks in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people import queries as people
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.forms.weeks import WeekForm, parse_monday
from tithe.timesheets.operations import weeks as operations
from tithe.timesheets.presenters import weeks as presenters
from tithe.timesheets.presenters.plans import waiting_for_answer
from tithe.timesheets.presenters.weeks import Grid
from tithe.timesheets.queries.ahead import last_week, problems_in
from tithe.timesheets.queries.job_shares import judged_for
from tithe.timesheets.queries.questions import QuestionRow, question_about
from tithe.timesheets.queries.room import Room, room_in
from tithe.timesheets.queries.weeks import LastDecision, WeekRow, last_decision, list_own, own_week
from tithe.timesheets.rules.deciding import GROUNDS
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.job_shares import minutes_held
from tithe.web.forms import refuse_others
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
    question: QuestionRow | None
    approver: str | None


@pages.get("/weeks")
@needs(Permission.WEEK_READ)
def weeks() -> ResponseReturnValue:
    today = clock.today()
    found = list_own(current_actor(), today - WEEKS_SHOWN)
    return render_template("timesheets/weeks.html", weeks=found, this_monday=policy.monday_of(today))


@pages.get("/weeks/this")
@needs(Permission.WEEK_SAVE)
def this_week() -> ResponseReturnValue:
    return redirect(url_for(".week", monday=policy.monday_of(clock.today())), 303)


@pages.get("/weeks/<monday>")
@needs(Permission.WEEK_READ)
def week(monday: str) -> ResponseReturnValue:
    actor = current_actor()
    shown = _page(actor, parse_monday(monday), set(request.args.get("rows", "").split(",")))
    form = WeekForm(data={"version": str(shown.week.version)})
    form.take(shown.week.starts_on, {})
    if shown.week.is_open:
        _warn(actor, shown, form, shown.week.entries)
    return _render(shown, form)


@pages.post("/weeks/<monday>")
@needs(Permission.WEEK_SAVE)
def save_week(monday: str) -> ResponseReturnValue:
    actor, day, form = current_actor(), parse_monday(monday), _sent(monday)
    if not form.refused:
        try:
            flash(_save(actor, day, form))
            return redirect(url_for(".week", monday=monday), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    shown = _page(actor, day, form.kinds)
    form.fill(shown.grid)
    if form.overtaken:
        form.version.data = str(shown.week.version)
    return _render(shown, form)


@pages.post("/weeks/<monday>/check")
@needs(Permission.WEEK_SAVE)
def check_week(monday: str) -> ResponseReturnValue:
    """Say what would keep what is typed from being submitted; nothing is written."""
    actor, form = current_actor(), _sent(monday)
    shown = _page(actor, parse_monday(monday), form.kinds)
    form.fill(shown.grid)
    _warn(actor, shown, form, form.entries)
    if request.accept_mimetypes.best == "application/json":
        return presenters.checked_as_json(shown.grid, form.form_errors + form.in_the_way)
    return _render(shown, form, checked=not form.refused)


@pages.post("/weeks/<monday>/fill")
@needs(Permission.WEEK_SAVE)
def fill_week(monday: str) -> ResponseReturnValue:
    """Add a row, or copy last week into what is empty, and show it; nothing is written."""
    actor, day, form = current_actor(), parse_monday(monday), _sent(monday)
    held = last_week(actor, day) if request.form.get("action") == "copy" else []
    shown = _page(actor, day, form.kinds | {entry.line for entry in held})
    if request.form.get("action") == "copy":
        form.notice = presenters.copied(form.copy(held, shown.grid))
    form.fill(shown.grid)
    _warn(actor, shown, form, form.entries)
    return _render(shown, form)


def _sent(monday: str) -> WeekForm:
    """The grid as it was sent."""
    form = WeekForm()
    form.validate_on_submit()
    form.take(parse_monday(monday), request.form)
    return form


def _warn(actor: Actor, shown: WeekPage, form: WeekForm, entries: Sequence[Entry]) -> None:
    """Put what would keep these entries from being submitted beside their cells, and what leaves a shared post without
    cover."""
    problems = problems_in(
        entries,
        actor=actor,
        monday=shown.week.starts_on,
        room=shown.room,
        today=clock.today(),
    )
    judged = judged_for(actor, entries, minutes_held(shown.week.entries))
    form.warn(shown.grid, judged.refused + problems, entries)
    form.cover(shown.grid, judged.said, entries)


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
    refuse_others()
    operations.recall_week(actor=current_actor(), monday=parse_monday(monday), now=clock.now())
    flash("Week taken back. Change it, then submit it again")
    return redirect(url_for(".week", monday=monday), 303)


def _page(actor: Actor, monday: date, kinds: set[str]) -> WeekPage:
    """Read what the page of a week shows, in a fixed number of statements."""
    found = own_week(actor, monday)
    room = room_in(found, clock.today())
    known = {each.project_id: each.title for each in room.memberships}
    unknown = {entry.project_id for entry in found.entries if entry.project_id} - set(known)
    titles = known | (projects.titles_of(unknown) if unknown else {})
    return WeekPage(
        week=found,
        grid=presenters.grid_of(found, titles, room, clock.today(), kinds),
        room=room,
        decision=last_decision(found.id) if found.id and found.decided_at else None,
        question=question_about(found),
        approver=_approver(found, room),
    )


def _approver(week: WeekRow, room: Room) -> str | None:
    """The name of who decides a week, or would; None is the unit's HR queue."""
    if week.is_open:
        return room.approver.name if room.approver else None
    return people.names_of([week.approver_id])[week.approver_id] if week.approver_id else None


def _render(shown: WeekPage, form: WeekForm, *, checked: bool = False) -> ResponseReturnValue:
    marked = shown.grid.marked
    this_monday = shown.room.schedule.weeks.monday_of(clock.today())
    week = shown.week
    return render_template(
        "timesheets/week.html",
        page=shown,
        week=week,
        grid=shown.grid,
        form=form,
        grounds=GROUNDS,
        summary=form.summary(marked),
        warnings=form.warnings(marked),
        cover=presenters.cover_lines(marked),
        checked=checked,
        balances=list(shown.room.balances.values()),
        room=shown.room,
        planned=waiting_for_answer(shown.room, clock.today(), week.starts_on) if week.is_open else [],
        before=week.starts_on - timedelta(days=7),
        this_monday=this_monday,
        following=week.starts_on + timedelta(days=7) if week.starts_on < this_monday else None,
    ), form.status
