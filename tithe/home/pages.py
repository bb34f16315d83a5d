"""The start page, and the health check that load balancers ask."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from tithe.access.permissions import Permission
from tithe.home import queries
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.web.guards import current_actor, needs, public

pages = Blueprint("home", __name__)


@pages.get("/")
@needs(Permission.HOME_READ)
def home() -> ResponseReturnValue:
    return render_template("home/home.html", home=queries.home_of(current_actor(), clock.today()))


@pages.get("/health")
@public
def health() -> ResponseReturnValue:
    """200 while the database answers; 503 otherwise, by way of the error handler."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")
