"""The inbox and the page of choices in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.notices import presenters, queries
from tithe.notices.forms import ChoicesForm, ReadForm
from tithe.notices.operations.inbox import choose, mark_all_read, mark_read
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("inbox", __name__)


@pages.get("/inbox")
@needs(Permission.NOTICE_READ)
def inbox() -> ResponseReturnValue:
    return _inbox(ReadForm())


def _inbox(form: ReadForm) -> ResponseReturnValue:
    found = queries.inbox_of(current_actor(), clock.now(), Cursor.read(request.args.get("after")))
    page = presenters.inbox(found)
    return render_template("notices/inbox.html", inbox=page, form=form, after=request.args.get("after")), form.status


@pages.post("/inbox/read")
@needs(Permission.NOTICE_MARK)
def read() -> ResponseReturnValue:
    """Mark one message as read, or all that the page showed and those before them."""
    form, actor, now = ReadForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        try:
            if form.newest:
                mark_all_read(actor=actor, now=now, up_to=form.newest)
            else:
                mark_read(actor=actor, ids=form.wanted, now=now)
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("All marked as read" if form.newest else "Marked as read")
            return redirect(url_for(".inbox", after=request.args.get("after")), 303)
    return _inbox(form)


@pages.route("/inbox/choices", methods=["GET", "POST"])
@needs(Permission.NOTICE_CHOOSE)
def choices() -> ResponseReturnValue:
    actor = current_actor()
    form = ChoicesForm(data={group.value: how.value for group, how in queries.choices_of(actor).items()})
    if form.validate_on_submit():
        try:
            choose(actor=actor, answers=form.answers, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Your choices are saved")
            return redirect(url_for(".inbox"), 303)
    return render_template("notices/choices.html", form=form), form.status


def unread(actor: Actor) -> int:
    """The number of unread messages for the navigation of the pages that show it."""
    return queries.count_unread(actor, clock.now())
