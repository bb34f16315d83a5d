"""My team, and those whom nobody manages, in the browser."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.people import teams as queries
from tithe.people.forms.directory import read_place, write_place
from tithe.people.presenters.team import changes_in_words
from tithe.web.guards import current_actor, needs

pages = Blueprint("team", __name__)


@pages.get("/team")
@needs(Permission.TEAM_READ)
def team() -> ResponseReturnValue:
    actor, today, after = current_actor(), clock.today(), read_place(request.args.get("after"))
    found, following = queries.team_of(actor, today, after=after)
    coming = queries.coming_to(actor, today) if after is None else []
    shown = [*found, *coming]
    note_reads(ReadKind.POSTS, [each.id for each in shown], actor=actor, now=clock.now())
    places = current_app.extensions["tithe_calendars"]()
    changes = {each.id: changes_in_words(each, places) for each in shown}
    about = {"members": found, "coming": coming, "changes": changes}
    return render_template("people/team.html", **about, after=write_place(following))


@pages.get("/people/orphans")
@needs(Permission.PERSON_MANAGE)
def orphans() -> ResponseReturnValue:
    """People whom nobody manages, in the units one's HR role covers."""
    after = read_place(request.args.get("after"))
    found, following = queries.orphans_of(current_actor(), clock.today(), after=after)
    note_reads(ReadKind.POSTS, [each.person_id for each in found], actor=current_actor(), now=clock.now())
    return render_template("people/orphans.html", found=found, after=write_place(following))
