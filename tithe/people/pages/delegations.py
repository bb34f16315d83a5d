"""Standing in for a manager, in the browser."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people.delegations import delegations_of
from tithe.people.forms.delegations import AnswerForm, AskForm
from tithe.people.operations import delegations as operations
from tithe.people.presenters.delegations import shown
from tithe.web.forms import TitheForm
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("delegations", __name__)


@pages.get("/delegations")
@needs(Permission.DELEGATION_READ)
def delegations() -> ResponseReturnValue:
    return _page(AskForm(formdata=None))


@pages.post("/delegations")
@needs(Permission.DELEGATION_ASK)
def ask() -> ResponseReturnValue:
    form = AskForm()
    if form.validate_on_submit():
        try:
            operations.ask_delegate(actor=current_actor(), **form.asked, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Asked. Nothing changes until they accept")
            return redirect(url_for(".delegations"), 303)
    return _page(form)


@pages.post("/delegations/<int:delegation_id>/accept")
@needs(Permission.DELEGATION_ANSWER)
def accept(delegation_id: int) -> ResponseReturnValue:
    return _answer(operations.accept_delegation, delegation_id, "Accepted. Both of you have been told")


@pages.post("/delegations/<int:delegation_id>/decline")
@needs(Permission.DELEGATION_ANSWER)
def decline(delegation_id: int) -> ResponseReturnValue:
    return _answer(operations.decline_delegation, delegation_id, "Declined. Both of you have been told")


@pages.post("/delegations/<int:delegation_id>/end")
@needs(Permission.DELEGATION_END)
def end(delegation_id: int) -> ResponseReturnValue:
    return _answer(operations.end_delegation, delegation_id, "Ended. Both of you have been told")


def _answer(operation: Callable[..., None], delegation_id: int, words: str) -> ResponseReturnValue:
    """Do what a button asks, or show the page again with why it cannot be done."""
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            operation(actor=current_actor(), delegation_id=delegation_id, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash(words)
            return redirect(url_for(".delegations"), 303)
    return _page(AskForm(formdata=None), form)


def _page(form: AskForm, answer: TitheForm | None = None) -> ResponseReturnValue:
    actor, over = current_actor(), request.args.get("show") == "over"
    after = Cursor.read(request.args.get("after"))
    found, following = delegations_of(actor.person_id, clock.today(), over=over, after=after)
    rows = [shown(each, actor.person_id) for each in found]
    last = Cursor.write(*following) if following else None
    refused = answer if answer and answer.refused else form
    about = {"rows": rows, "over": over, "after": last, "ask": form, "form": refused}
    return render_template("people/delegations.html", **about), refused.status
