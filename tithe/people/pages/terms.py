"""The terms of use, for people from outside: nothing else works before they are accepted."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people.forms.passwords import AcceptForm
from tithe.people.operations import acceptance
from tithe.people.outside import current_terms
from tithe.web.guards import current_actor, needs

pages = Blueprint("terms", __name__)


@pages.get("/terms")
@needs(Permission.OUTSIDE_STAY)
def terms() -> ResponseReturnValue:
    return _page(AcceptForm(formdata=None))


@pages.post("/terms")
@needs(Permission.OUTSIDE_ACCEPT)
def accept() -> ResponseReturnValue:
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            acceptance.accept_terms(actor=current_actor(), version=form.version, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Terms accepted")
            return redirect(url_for("home.home"), 303)
    return _page(form)


def _page(form: AcceptForm) -> ResponseReturnValue:
    due = current_actor().terms_due or form.refused
    return render_template("people/terms.html", terms=current_terms(), due=due, form=form), form.status
