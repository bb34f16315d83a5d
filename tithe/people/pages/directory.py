"""The staff directory in the browser: finding people, and the page of one."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people import directory as queries
from tithe.people.forms.directory import find_in, read_place, write_place
from tithe.people.queries import find_unit
from tithe.web.guards import current_actor, needs

pages = Blueprint("directory", __name__)


@pages.get("/people")
@needs(Permission.DIRECTORY_READ)
def people() -> ResponseReturnValue:
    find, after = find_in(request.args), read_place(request.args.get("after"))
    found, following = queries.find_people(find, clock.today(), by=current_actor(), after=after)
    about = {"find": find, "found": found, "after": write_place(following), "first": after is None}
    return render_template("people/directory.html", **about, places=current_app.extensions["tithe_calendars"]())


@pages.get("/people/<int:person_id>")
@needs(Permission.DIRECTORY_READ)
def person(person_id: int) -> ResponseReturnValue:
    today = clock.today()
    card = queries.get_card(person_id, today, by=current_actor())
    return render_template(
        "people/person.html",
        card=card,
        unit=find_unit(card.posts[0].unit) if card.posts else None,
        reports=queries.reports_of(person_id, today),
        projects=current_app.extensions["tithe_projects_of"](person_id, today),
        places=current_app.extensions["tithe_calendars"](),
    )
