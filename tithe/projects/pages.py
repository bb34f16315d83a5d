"""Projects in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken, TitheError
from tithe.projects import operations, queries
from tithe.projects.flags import flags_of, flags_waiting, get_flag
from tithe.projects.forms import FlagForm, ProjectForm, SettleFlagForm
from tithe.projects.guests import guests_of
from tithe.projects.rules import flag_grounds
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("projects", __name__)


@pages.get("/projects")
@needs(Permission.PROJECT_LIST)
def projects() -> ResponseReturnValue:
    text = request.args.get("q", "").strip()[:100]
    cursor = Cursor.read(request.args.get("after"))
    found, following = queries.list_registered(text=text, after=cursor)
    last = Cursor.write(*following) if following else None
    mine = [] if text or cursor else queries.list_mine(current_actor())
    return render_template("projects/projects.html", mine=mine, found=found, text=text, after=last)


@pages.route("/projects/new", methods=["GET", "POST"])
@needs(Permission.PROJECT_REGISTER)
def new_project() -> ResponseReturnValue:
    form = ProjectForm()
    if form.validate_on_submit():
        register = request.form.get("action") != "draft"
        try:
            project_id = operations.draft_project(
                actor=current_actor(), answers=form.answers, register=register, now=clock.now()
            )
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash(_registered(project_id) if register else "Draft saved. Only you can see it")
            return redirect(url_for(".project", project_id=project_id), 303)
    return render_template("projects/edit.html", form=form, project=None), form.status


@pages.get("/projects/<int:project_id>")
@needs(Permission.PROJECT_READ)
def project(project_id: int) -> ResponseReturnValue:
    viewer = current_actor()
    found = queries.get_project(project_id, by=viewer, to=Permission.PROJECT_READ)
    concerned = viewer.id in found.member_ids or permits(viewer, Permission.FLAG_SETTLE, found)
    return render_template(
        "projects/project.html",
        project=found,
        flags=flags_of(project_id) if concerned else [],
        guests=[] if viewer.outside else guests_of(project_id, clock.today()),
    )


@pages.route("/projects/<int:project_id>/edit", methods=["GET", "POST"])
@needs(Permission.PROJECT_EDIT)
def edit_project(project_id: int) -> ResponseReturnValue:
    found = queries.get_project(project_id, by=current_actor(), to=Permission.PROJECT_EDIT)
    form = ProjectForm(obj=found)
    if form.validate_on_submit():
        register = request.form.get("action") == "register"
        try:
            operations.edit_project(
                actor=current_actor(),
                project_id=project_id,
                version=form.sent_version,
                answers=form.answers,
                register=register,
                now=clock.now(),
            )
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash(_registered(project_id) if register else "Changes saved")
            return redirect(url_for(".project", project_id=project_id), 303)
    return render_template("projects/edit.html", form=form, project=found), form.status


def _registered(project_id: int) -> str:
    found = queries.get_project(project_id, by=current_actor(), to=Permission.PROJECT_READ)
    now = "You can log time to it once a coordinator has looked at it" if found.halted else "You can log time to it now"
    return f"Project registered. {now}"


@pages.route("/projects/<int:project_id>/flag", methods=["GET", "POST"])
@needs(Permission.FLAG_RAISE)
def flag(project_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), FlagForm()
    found = queries.get_project(project_id, by=actor, to=Permission.FLAG_RAISE)
    form.offer(flag_grounds(coordinator=permits(actor, Permission.FLAG_SETTLE, found)))
    if form.validate_on_submit():
        try:
            said = {"ground": form.ground.data, "words": form.words.data or ""}
            operations.raise_flag(actor=actor, project_id=project_id, now=clock.now(), **said)
            flash("Sent to the coordinators of the unit")
            return redirect(url_for(".project", project_id=project_id), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return render_template("projects/flag.html", form=form, project=found), form.status


@pages.get("/flags")
@needs(Permission.FLAG_SETTLE)
def flags() -> ResponseReturnValue:
    found, following = flags_waiting(current_actor(), after=Cursor.read(request.args.get("after")))
    return render_template("projects/flags.html", flags=found, after=Cursor.write(*following) if following else None)


@pages.route("/flags/<int:flag_id>", methods=["GET", "POST"])
@needs(Permission.FLAG_SETTLE)
def settle(flag_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), SettleFlagForm()
    found, project = get_flag(flag_id, by=actor, to=Permission.FLAG_SETTLE)
    if form.validate_on_submit():
        try:
            said = {"outcome": form.outcome.data, "reason": form.reason.data or ""}
            operations.settle_flag(actor=actor, flag_id=flag_id, now=clock.now(), **said)
            flash("Recorded. Everybody on the project is told")
            return redirect(url_for(".flags"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return render_template("projects/settle.html", form=form, flag=found, project=project), form.status
