"""Time planned ahead, in the browser."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.queries.schedules import schedule_of
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.forms.plans import DropForm, MoveForm, PlanForm, SettleForm
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import plans as operations
from tithe.timesheets.operations.plans import Prospect
from tithe.timesheets.presenters import plans as presenters
from tithe.timesheets.queries.job_shares import own_uncovered
from tithe.timesheets.queries.plans import get_block, list_blocks
from tithe.timesheets.rules.plans import PlanShape
from tithe.web.guards import current_actor, needs

pages = Blueprint("plans", __name__)


@pages.get("/plans")
@needs(Permission.PLAN_READ)
def plans() -> ResponseReturnValue:
    return _page(SettleForm(formdata=None))


@pages.route("/plans/new", methods=["GET", "POST"])
@needs(Permission.PLAN_WRITE)
def new_plan() -> ResponseReturnValue:
    actor, now, prospect = current_actor(), clock.now(), None
    form, shape = PlanForm(), _shape(request.args.get("shape"))
    form.take(shape, presenters.rows_for(projects.memberships_of(actor.person_id)))
    if form.validate_on_submit():
        try:
            if request.form.get("action") == "plan":
                return _planned(operations.make_plan(actor=actor, wish=form.wish, now=now))
            prospect = operations.rehearse_plan(actor=actor, wish=form.wish, today=clock.local_date(now))
        except RuleBroken as refusal:
            form.absorb(refusal)
    return _form(form, shape, prospect)


def _planned(count: int) -> ResponseReturnValue:
    flash(f"{count} blocks planned" if count > 1 else "Block planned")
    return redirect(url_for(".plans"), 303)


@pages.route("/plans/<int:block_id>/move", methods=["GET", "POST"])
@needs(Permission.PLAN_WRITE)
def move(block_id: int) -> ResponseReturnValue:
    block = get_block(block_id, by=current_actor(), to=Permission.PLAN_WRITE)
    form = MoveForm()
    if form.validate_on_submit():
        try:
            day = form.day.day or date.min
            operations.move_block(actor=current_actor(), block_id=block_id, day=day, now=clock.now())
            flash("Block moved")
            return redirect(url_for(".plans"), 303)
        except RuleBroken as refusal:
            form.absorb(refusal)
    return render_template("timesheets/plans_move.html", block=block, form=form), form.status


@pages.post("/plans/<int:block_id>/drop")
@needs(Permission.PLAN_WRITE)
def drop(block_id: int) -> ResponseReturnValue:
    form = DropForm()
    if form.validate_on_submit():
        rest = request.form.get("action") == "rest"
        count = operations.drop_block(actor=current_actor(), block_id=block_id, rest=rest, now=clock.now())
        flash(f"{count} blocks dropped" if count > 1 else "Block dropped")
        return redirect(_back(form, clock.today()), 303)
    return _page(form)


@pages.post("/plans/<int:block_id>/confirm")
@needs(Permission.PLAN_WRITE)
def confirm(block_id: int) -> ResponseReturnValue:
    form = SettleForm()
    if form.validate_on_submit():
        try:
            actor, now = current_actor(), clock.now()
            monday = operations.confirm_block(actor=actor, block_id=block_id, minutes=form.took, now=now)
            flash("Logged. Submit the week when it is complete")
            return redirect(_back(form, monday), 303)
        except RuleBroken as broken:
            form.absorb(broken)
    return _page(form, block_id)


@pages.post("/plans/weeks/<monday>/confirm")
@needs(Permission.PLAN_WRITE)
def confirm_week(monday: str) -> ResponseReturnValue:
    form = SettleForm()
    if form.validate_on_submit():
        try:
            day = parse_monday(monday)
            count = operations.confirm_week(actor=current_actor(), monday=day, now=clock.now())
            flash(f"{count} blocks logged" if count > 1 else "Block logged")
            return redirect(_back(form, day), 303)
        except RuleBroken as broken:
            form.absorb(broken)
    return _page(form)


def _shape(text: str | None) -> PlanShape:
    if text and text not in list(PlanShape):
        raise NotFound
    return PlanShape(text or PlanShape.RHYTHM)


def _back(form: DropForm, monday: date) -> str:
    """The page an answer was given on."""
    places = {"home": url_for("home.home"), "week": url_for("timesheets.week", monday=monday)}
    return places.get(form.back.data, url_for(".plans"))


def _page(form: DropForm, block_id: int = 0) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    blocks, following = list_blocks(actor, after=presenters.place_in(request.args.get("after")))
    end = blocks[-1].day + timedelta(days=1) if blocks else today
    schedule = schedule_of(actor.person_id, today, end) if end > today else None
    uncovered = own_uncovered(actor, [each.day for each in blocks])
    rows = presenters.shown(blocks, schedule, uncovered, today)
    return render_template(
        "timesheets/plans.html",
        rows=rows,
        strip=presenters.strip_of(rows, today, policy.weeks()),
        form=form,
        blamed=form.blame(block_id) if isinstance(form, SettleForm) and block_id else None,
        typed={block_id: form.minutes.data or ""},
        after=presenters.place_as_text(following),
    ), form.status


def _form(form: PlanForm, shape: PlanShape, prospect: Prospect | None) -> ResponseReturnValue:
    return render_template(
        "timesheets/plans_new.html",
        form=form,
        shape=shape,
        prospect=prospect,
        drawn=presenters.drawn_days(prospect) if prospect else None,
        quarters=presenters.prospect_words(prospect) if prospect else [],
    ), form.status
