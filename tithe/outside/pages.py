"""People from outside, in the browser: those one hosts, all of those HR looks after, and the terms of use."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.outside import operations, presenters, queries
from tithe.outside.forms import ConfirmForm, ExtendForm, InviteForm, ProjectsForm, TermsForm
from tithe.people.operations import acceptance
from tithe.people.operations import outside as accounts
from tithe.people.outside import current_terms
from tithe.people.rules.outside import LIVE, latest_day
from tithe.web.forms import TitheForm
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("outside", __name__)


@pages.get("/outside")
@needs(Permission.OUTSIDE_READ)
def hosted() -> ResponseReturnValue:
    return _list(overseen=False)


@pages.get("/outside/all")
@needs(Permission.OUTSIDE_OVERSEE)
def overseen() -> ResponseReturnValue:
    return _list(overseen=True)


@pages.route("/outside/new", methods=["GET", "POST"])
@needs(Permission.OUTSIDE_INVITE)
def invite() -> ResponseReturnValue:
    actor, now, form = current_actor(), clock.now(), InviteForm()
    on_offer = queries.projects_on_offer(actor, clock.local_date(now))
    form.offer(on_offer)
    if form.validate_on_submit():
        asked: dict[str, Any] = {"invitee": form.invitee, "project_ids": form.chosen, "last_day": form.until}
        try:
            person_id = operations.invite(actor=actor, **asked, now=now)
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Invited. A link is on its way to them")
            return redirect(url_for(".stay", person_id=person_id), 303)
    today = clock.local_date(now)
    months = operations.longest_stay(actor.unit_id, today)
    shown = {"form": form, "on_offer": on_offer, "months": months, "latest": latest_day(today, months)}
    return render_template("outside/invite.html", **shown), form.status


@pages.get("/outside/<int:person_id>")
@needs(Permission.OUTSIDE_READ)
def stay(person_id: int) -> ResponseReturnValue:
    return _page(person_id)


@pages.post("/outside/<int:person_id>/extend")
@needs(Permission.OUTSIDE_MANAGE)
def extend(person_id: int) -> ResponseReturnValue:
    form = ExtendForm()
    return _do(form, person_id, partial(_extend, form), "The last day is changed")


@pages.post("/outside/<int:person_id>/projects")
@needs(Permission.OUTSIDE_MANAGE)
def choose_projects(person_id: int) -> ResponseReturnValue:
    form = ProjectsForm()
    return _do(form, person_id, partial(_choose, form), "Saved. They see these projects from now on")


@pages.post("/outside/<int:person_id>/send-again")
@needs(Permission.OUTSIDE_MANAGE)
def send_again(person_id: int) -> ResponseReturnValue:
    return _do(ConfirmForm(), person_id, operations.send_again, "A new link is on its way to them")


@pages.post("/outside/<int:person_id>/end")
@needs(Permission.OUTSIDE_MANAGE)
def end(person_id: int) -> ResponseReturnValue:
    return _do(ConfirmForm(), person_id, accounts.end_stay, "Ended. Nothing of their account works")


@pages.route("/outside/terms", methods=["GET", "POST"])
@needs(Permission.OUTSIDE_TERMS)
def publish() -> ResponseReturnValue:
    form, terms = TermsForm(), current_terms()
    if form.validate_on_submit():
        try:
            acceptance.publish_terms(actor=current_actor(), words=form.words.data, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Published. Everybody from outside is asked to accept it at their next sign-in")
            return redirect(url_for(".publish"), 303)
    return render_template("outside/terms.html", form=form, terms=terms), form.status


def _list(*, overseen: bool) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    over, after = request.args.get("show") == "over", Cursor.read(request.args.get("after"))
    found, following = queries.list_stays(actor, overseen=overseen, over=over, after=after, today=today)
    note_reads(ReadKind.OUTSIDE, [each.row.id for each in found], actor=actor, now=clock.now())
    rows = [(each, presenters.tag(each), presenters.host(each)) for each in found]
    last = Cursor.write(*following) if following else None
    return render_template("outside/list.html", rows=rows, overseen=overseen, over=over, after=last)


def _extend(form: ExtendForm, **by: Any) -> None:
    operations.extend(last_day=form.until, **by)


def _choose(form: ProjectsForm, **by: Any) -> None:
    operations.choose_projects(project_ids=form.chosen, **by)


def _do(form: TitheForm, person_id: int, change: Callable[..., object], words: str) -> ResponseReturnValue:
    """Do what a form of the page asks, or show the page again with why it cannot be done."""
    if form.validate_on_submit():
        try:
            change(actor=current_actor(), person_id=person_id, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash(words)
            return redirect(url_for(".stay", person_id=person_id), 303)
    return _page(person_id, form)


def _page(person_id: int, sent: TitheForm | None = None) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    found = queries.get_stay(person_id, by=actor, to=Permission.OUTSIDE_READ, today=today)
    note_reads(ReadKind.OUTSIDE, [person_id], actor=actor, now=clock.now())
    form = sent or ConfirmForm(formdata=None)
    extend = sent if isinstance(sent, ExtendForm) else ExtendForm(formdata=None)
    latest = latest_day(today, operations.longest_stay(found.row.unit_id, today))
    choose = sent if isinstance(sent, ProjectsForm) else ProjectsForm(formdata=None)
    mine = {each.id for each in queries.projects_on_offer(actor, today)}
    choose.offer(queries.projects_on_offer(actor, today))
    if choose is not sent:
        choose.projects.data = [each.id for each in found.projects if each.id in mine]
    about = {"stay": found, "tag": presenters.tag(found), "host": presenters.host(found), "latest": latest}
    live = found.row.status in LIVE and permits(actor, Permission.OUTSIDE_MANAGE, found.row)
    return render_template(
        "outside/stay.html", **about, live=live, extend=extend, choose=choose, form=form
    ), form.status
