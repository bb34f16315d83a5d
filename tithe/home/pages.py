"""The start page, one's own allowance, one's team's balances, running the scheme, and the health check."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tithe.access.grants import permits, rights_of, runs_scheme
from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.home import queries
from tithe.home.forms import read_place, write_place
from tithe.home.presenters import start, words
from tithe.home.presenters.duties import DUTIES
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound
from tithe.outside import presenters
from tithe.outside.queries import own_stay
from tithe.timesheets.forms.quick import LineForm
from tithe.timesheets.presenters.quick import LOGGED
from tithe.web.guards import current_actor, needs, public

pages = Blueprint("home", __name__)
allowance = Blueprint("allowance", __name__)


@pages.get("/")
@needs(Permission.HOME_READ)
def home() -> ResponseReturnValue:
    now = clock.now()
    if current_actor().outside:
        stay = own_stay(current_actor(), clock.local_date(now))
        return render_template("home/outside.html", stay=stay, host=presenters.host(stay))
    found = queries.home_of(current_actor(), clock.local_date(now))
    logged = session.pop(LOGGED, None)  # what was added last is said once
    page = start.page(found, now)
    banner = start.banner(page, found, logged)
    return render_template("home/home.html", home=found, page=page, logged=logged, banner=banner, form=LineForm())


@allowance.get("/allowance")
@needs(Permission.ALLOWANCE_READ)
def mine() -> ResponseReturnValue:
    today = clock.today()
    now = Quarter.containing(today)
    quarter = Quarter.parse(request.args["quarter"]) if "quarter" in request.args else now
    found = queries.mine_of(current_actor(), quarter, today)
    return render_template("allowance/mine.html", mine=found, page=words.page(found), now=now)


@allowance.get("/allowance/team")
@needs(Permission.ALLOWANCE_READ_TEAM)
def team() -> ResponseReturnValue:
    found = queries.my_team(current_actor(), clock.today(), after=read_place(request.args.get("after")))
    shown = [line.row.person_id for line in found.lines]
    note_reads(ReadKind.BALANCE, shown, actor=current_actor(), now=clock.now())
    bars = {line.row.person_id: words.team_bar(line) for line in found.lines}
    return render_template("allowance/team.html", team=found, bars=bars, after=write_place(found.following))


@pages.get("/scheme")
@needs(Permission.HOME_READ)
def scheme() -> ResponseReturnValue:
    """Only for those who run some part of it."""
    actor = current_actor()
    if not runs_scheme(rights_of(actor)):
        raise NotFound
    duties = [duty for duty in DUTIES if permits(actor, duty.permission)]
    return render_template("home/scheme.html", duties=duties)


@pages.get("/health")
@public
def health() -> ResponseReturnValue:
    """200 while the database answers; 503 otherwise, by way of the error handler."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")
