"""Who holds which role, in the browser: give, confirm or refuse, end."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people import roles as queries
from tithe.people.forms.roles import DecideForm, EndForm, ProposeForm
from tithe.people.operations import roles as operations
from tithe.people.rules.roles import TITLES
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("roles", __name__)


@pages.get("/roles")
@needs(Permission.ROLE_READ)
def roles() -> ResponseReturnValue:
    after = queries.read_place(request.args.get("after"))
    found, following = queries.list_grants(current_actor(), clock.today(), after=after)
    _note([each.owner_id for each in found])
    return render_template("people/roles.html", found=found, after=following, titles=TITLES)


@pages.get("/roles/requests")
@needs(Permission.ROLE_READ)
def requests() -> ResponseReturnValue:
    decided, after = request.args.get("show") == "decided", Cursor.read(request.args.get("after"))
    found, following = queries.list_requests(current_actor(), decided=decided, after=after)
    _note([each.owner_id for each in found])
    last = Cursor.write(*following) if following else None
    return render_template("people/roles_requests.html", found=found, decided=decided, after=last, titles=TITLES)


@pages.route("/roles/new", methods=["GET", "POST"])
@needs(Permission.ROLE_GRANT)
def propose() -> ResponseReturnValue:
    form, now = ProposeForm(), clock.now()
    if form.validate_on_submit():
        who = {"person": form.person.data or "", "unit": form.unit.data or ""}
        try:
            given = operations.propose_role(actor=current_actor(), **who, wanted=form.wanted, now=now)
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Role proposed. It waits for a second person" if given.waits else "Role given. They have been told")
            return redirect(url_for(".requests" if given.waits else ".roles"), 303)
    return render_template("people/roles_new.html", form=form), form.status


@pages.get("/roles/requests/<int:request_id>")
@needs(Permission.ROLE_READ)
def request_page(request_id: int) -> ResponseReturnValue:
    return _page(request_id, DecideForm(formdata=None))


@pages.post("/roles/requests/<int:request_id>")
@needs(Permission.ROLE_CONFIRM)
def decide(request_id: int) -> ResponseReturnValue:
    form, confirmed = DecideForm(), request.form.get("action") == "confirm"
    if form.validate_on_submit():
        try:
            if confirmed:
                operations.confirm_role(actor=current_actor(), request_id=request_id, now=clock.now())
            else:
                _refuse(request_id, form)
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Role confirmed. They have been told" if confirmed else "Role refused. Its proposer knows why")
            return redirect(url_for(".requests"), 303)
    return _page(request_id, form)


def _refuse(request_id: int, form: DecideForm) -> None:
    operations.refuse_role(
        actor=current_actor(), request_id=request_id, words=form.words.data or "", now=clock.now()
    )  # fmt: skip


@pages.route("/roles/<int:grant_id>/end", methods=["GET", "POST"])
@needs(Permission.ROLE_GRANT)
def end(grant_id: int) -> ResponseReturnValue:
    form, actor = EndForm(), current_actor()
    grant = queries.get_grant(grant_id, by=actor, to=Permission.ROLE_GRANT)
    _note([grant.owner_id])
    if form.validate_on_submit():
        try:
            operations.end_role(actor=actor, grant_id=grant_id, last_day=form.last_day.day, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Done. They have been told")
            return redirect(url_for(".roles"), 303)
    return render_template("people/roles_end.html", form=form, grant=grant, title=TITLES[grant.role]), form.status


def _note(people: list[int]) -> None:
    note_reads(ReadKind.ROLE, people, actor=current_actor(), now=clock.now())


def _page(request_id: int, form: DecideForm) -> ResponseReturnValue:
    found = queries.get_request(request_id, by=current_actor(), to=Permission.ROLE_READ)
    _note([found.owner_id])
    return render_template("people/roles_one.html", asked=found, form=form, title=TITLES[found.role]), form.status
