"""The queue of weeks that wait for somebody, and deciding them, in the browser."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people import queries as people
from tithe.timesheets.forms.approvals import ApproveForm, AskForm, ReturnForm
from tithe.timesheets.operations import decisions
from tithe.timesheets.presenters import approvals as presenters
from tithe.timesheets.presenters.approvals import Inbox
from tithe.timesheets.queries.agreements import for_inbox
from tithe.timesheets.queries.inbox import inbox_of, owners_of, waiting_week
from tithe.timesheets.queries.questions import question_about
from tithe.timesheets.queries.weeks import WeekRow, amendment, entries_of, get_week
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("approvals", __name__)


@pages.get("/approvals")
@needs(Permission.WEEK_LIST_AWAITING)
def awaiting() -> ResponseReturnValue:
    return _list(ApproveForm(formdata=None), tick_usual=request.args.get("tick") == "usual")


@pages.post("/approvals")
@needs(Permission.WEEK_LIST_AWAITING)
def approve() -> ResponseReturnValue:
    form = ApproveForm()
    form.chosen = {}
    if form.validate_on_submit():
        try:
            form.take(request.form.getlist("weeks"))
            flash(_approve(current_actor(), form.chosen))
            return redirect(url_for(".awaiting", after=request.args.get("after")), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return _list(form)


def _approve(actor: Actor, chosen: Mapping[int, int]) -> str:
    """Approve, and say which weeks were."""
    decisions.approve_weeks(actor=actor, versions=chosen, now=clock.now())
    return presenters.approved_words(owners_of(chosen))


def _list(form: ApproveForm, *, tick_usual: bool = False) -> ResponseReturnValue:
    here = request.args.get("after")
    weeks, following = inbox_of(current_actor(), after=Cursor.read(here))
    note_reads(ReadKind.WEEK, [each.week.owner_id for each in weeks], actor=current_actor(), now=clock.now())
    inbox = Inbox(weeks)
    if form.refused:
        inbox.keep(form.chosen)
    elif tick_usual:
        inbox.tick_usual()
    return render_template(
        "timesheets/approvals.html",
        inbox=inbox,
        problems=[{"href": inbox.boxes, **each} for each in form.problems] + inbox.moved,
        agreements=None if weeks else for_inbox(current_actor(), clock.today()),
        form=form,
        here=here,
        after=Cursor.write(*following) if following else None,
        as_whom=presenters.as_whom,
        today=clock.today(),
    ), form.status


@pages.get("/approvals/<int:week_id>")
@needs(Permission.WEEK_DECIDE)
def decision(week_id: int) -> ResponseReturnValue:
    return show(get_week(week_id, by=current_actor(), to=Permission.WEEK_DECIDE))


@pages.post("/approvals/<int:week_id>")
@needs(Permission.WEEK_DECIDE)
def decide(week_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), ReturnForm()
    week = get_week(week_id, by=actor, to=Permission.WEEK_DECIDE)
    if form.validate_on_submit():
        try:
            flash(_decide(actor, week_id, form))
            return redirect(url_for(".awaiting"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return show(week, form=form)


def _decide(actor: Actor, week_id: int, form: ReturnForm) -> str:
    """Approve or return, as the button says; tell what was done."""
    if request.form.get("action") == "approve":
        return _approve(actor, {week_id: form.sent_version})
    decisions.return_week(
        actor=actor,
        week_id=week_id,
        version=form.sent_version,
        ground=form.ground.data,
        reason=form.reason.data or "",
        now=clock.now(),
    )
    return "Week returned, with your words"


def show(week: WeekRow, *, form: ReturnForm | None = None, asking: AskForm | None = None) -> ResponseReturnValue:
    """The page of one week to decide, with whichever form was refused."""
    version = {"version": str(week.version)}
    refused = asking or form
    week_id = week.id or 0
    note_reads(ReadKind.WEEK, [week.owner_id], actor=current_actor(), now=clock.now())
    return render_template(
        "timesheets/decide.html",
        week=week,
        waiting=waiting_week(current_actor(), week_id),
        as_whom=presenters.as_whom,
        owner=people.names_of([week.owner_id])[week.owner_id],
        entries=entries_of([week_id]).get(week_id, []),
        changes=amendment(week) if week.is_amendment else [],
        question=question_about(week),
        form=form or ReturnForm(formdata=None, data=version),
        asking=asking or AskForm(formdata=None, data=version),
        problems=refused.problems if refused else [],
        refused=refused is not None,
    ), refused.status if refused else 200
