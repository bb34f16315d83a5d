"""Projects in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken, TitheError
from tithe.projects import operations, queries
from tithe.projects.forms import ProjectForm
from tithe.projects.guests import guests_of
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
            flash("Project registered. You can log time to it now" if register else "Draft saved. Only you can see it")
            return redirect(url_for(".project", project_id=project_id), 303)
    return render_template("projects/edit.html", form=form, project=None), form.status


@pages.get("/projects/<int:project_id>")
@needs(Permission.PROJECT_READ)
def project(project_id: int) -> ResponseReturnValue:
    found = queries.get_project(project_id, by=current_actor(), to=Permission.PROJECT_READ)
    guests = [] if current_actor().outside else guests_of(project_id, clock.today())
    return render_template("projects/project.html", project=found, guests=guests)


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
            flash("Project registered. You can log time to it now" if register else "Changes saved")
            return redirect(url_for(".project", project_id=project_id), 303)
    return render_template("projects/edit.html", form=form, project=found), form.status
