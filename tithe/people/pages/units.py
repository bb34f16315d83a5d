"""Units in the browser: the tree, and the page of one with its people and their projects."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people import units as queries
from tithe.people.directory import people_in
from tithe.people.forms.directory import read_place, write_place
from tithe.web.guards import current_actor, needs

pages = Blueprint("units", __name__)


@pages.get("/units")
@needs(Permission.DIRECTORY_READ)
def units() -> ResponseReturnValue:
    return render_template("people/units.html", tops=queries.list_tops(clock.today(), by=current_actor()))


@pages.get("/units/<code>")
@needs(Permission.DIRECTORY_READ)
def unit(code: str) -> ResponseReturnValue:
    today, after = clock.today(), read_place(request.args.get("after"))
    found = queries.unit_page(code, today, by=current_actor())
    staff, following = people_in(found.row.id, today, after=after)
    about = {"unit": found, "staff": staff, "after": write_place(following), "first": after is None}
    projects = current_app.extensions["tithe_projects_in"](found.row.id, today)
    return render_template("people/unit.html", **about, projects=projects)
