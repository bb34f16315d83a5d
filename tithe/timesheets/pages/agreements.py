"""Agreeing in advance, in the browser."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.forms.agreements import AnswerForm, AskForm, EndForm, WithdrawForm
from tithe.timesheets.operations import agreements as operations
from tithe.timesheets.presenters import agreements as presenters
from tithe.timesheets.queries import agreements as queries
from tithe.timesheets.queries.agreements import RequestRow
from tithe.timesheets.rules.agreements import RequestShape, RequestStatus
from tithe.web.forms import TitheForm
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("agreements", __name__)


@pages.get("/agreements")
@needs(Permission.AGREEMENT_READ)
def agreements() -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    mine, following = queries.own_requests(actor, after=Cursor.read(request.args.get("after")))
    decides = permits(actor, Permission.AGREEMENT_DECIDE)
    team = queries.team_requests(actor, today) if decides else []
    weeks = queries.approved_lately(actor, today) if decides else []
    note_reads(ReadKind.AGREEMENT, [row.owner_id for row in team], actor=actor, now=clock.now())
    note_reads(ReadKind.WEEK, [each.owner_id for each in weeks], actor=actor, now=clock.now())
    titles = projects.titles_of({each for row in (*mine, *team) for each in row.project_ids})
    return render_template(
        "timesheets/agreements.html",
        mine=[presenters.shown(row, titles, today) for row in mine],
        team=[presenters.shown(row, titles, today) for row in team],
        decides=decides,
        weeks=weeks,
        after=Cursor.write(*following) if following else None,
    )


@pages.route("/agreements/new", methods=["GET", "POST"])
@needs(Permission.AGREEMENT_ASK)
def new_agreement() -> ResponseReturnValue:
    actor, form, shape = current_actor(), AskForm(), _shape(request.args.get("shape"))
    mine = projects.memberships_of(actor.person_id)
    form.take(shape, [(each.project_id, each.title) for each in mine if each.closed_on is None])
    if form.validate_on_submit():
        try:
            operations.ask_agreement(actor=actor, asked=form.asked, now=clock.now())
            flash("Asked. Your manager has been told")
            return redirect(url_for(".agreements"), 303)
        except RuleBroken as broken:
            form.absorb(broken)
    return render_template("timesheets/agreements_new.html", form=form, shape=shape), form.status


@pages.get("/agreements/<int:request_id>")
@needs(Permission.AGREEMENT_READ)
def agreement(request_id: int) -> ResponseReturnValue:
    return _page(_found(request_id, Permission.AGREEMENT_READ), AnswerForm(formdata=None))


@pages.post("/agreements/<int:request_id>")
@needs(Permission.AGREEMENT_DECIDE)
def decide(request_id: int) -> ResponseReturnValue:
    actor, found, form = current_actor(), _found(request_id, Permission.AGREEMENT_DECIDE), AnswerForm()
    if form.validate_on_submit():
        try:
            if request.form.get("action") == "agree":
                operations.agree(actor=actor, request_id=request_id, now=clock.now())
            else:
                said = {"ground": form.ground.data, "reason": form.reason.data or ""}
                operations.refuse(actor=actor, request_id=request_id, **said, now=clock.now())
            flash(f"Answered. {found.owner} has been told")
            return redirect(url_for(".agreements"), 303)
        except RuleBroken as refusal:
            form.absorb(refusal)
    return _page(found, form)


@pages.post("/agreements/<int:request_id>/withdraw")
@needs(Permission.AGREEMENT_ASK)
def withdraw(request_id: int) -> ResponseReturnValue:
    form, found = WithdrawForm(), _found(request_id, Permission.AGREEMENT_ASK)
    if form.validate_on_submit():
        operations.withdraw_agreement(actor=current_actor(), request_id=request_id, now=clock.now())
        flash("Taken back")
        return redirect(url_for(".agreements"), 303)
    return _page(found, form)


@pages.post("/agreements/<int:request_id>/end")
@needs(Permission.AGREEMENT_END)
def end(request_id: int) -> ResponseReturnValue:
    found, form = _found(request_id, Permission.AGREEMENT_END), EndForm()
    if form.validate_on_submit():
        try:
            day = form.ended_from.day or date.min
            operations.end_agreement(actor=current_actor(), request_id=request_id, ended_from=day, now=clock.now())
            flash("Ended. The other side has been told")
            return redirect(url_for(".agreements"), 303)
        except RuleBroken as refusal:
            form.absorb(refusal)
    return _page(found, form)


def _shape(text: str | None) -> RequestShape:
    if text and text not in list(RequestShape):
        raise NotFound
    return RequestShape(text or RequestShape.RHYTHM)


def _found(request_id: int, to: Permission) -> RequestRow:
    return queries.get_request(request_id, by=current_actor(), to=to, today=clock.today())


def _page(found: RequestRow, form: TitheForm) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    note_reads(ReadKind.AGREEMENT, [found.owner_id], actor=actor, now=clock.now())
    decides = found.status is RequestStatus.ASKED and permits(actor, Permission.AGREEMENT_DECIDE, found)
    warnings = []
    if decides and found.unit_id is not None:
        most = policy.in_force(found.unit_id, today).settings.min_cover_warn_pct
        warnings = presenters.warnings(queries.cover_with(found, today), most)
    return render_template(
        "timesheets/agreement.html",
        each=presenters.shown(found, projects.titles_of(found.project_ids), today),
        decides=decides,
        ends=found.status is RequestStatus.AGREED and found.last_day >= today,
        withdraws=found.status is RequestStatus.ASKED and found.owner_id == actor.id,
        warnings=warnings,
        form=form,
        answer=form if isinstance(form, AnswerForm) else AnswerForm(formdata=None),
        ending=form if isinstance(form, EndForm) else EndForm(formdata=None, data={"ended_from": str(today)}),
    ), form.status
