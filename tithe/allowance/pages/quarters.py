"""Where the books of each quarter stand, in the browser."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import periods
from tithe.allowance.rules.ledger import STATE_WORDS
from tithe.kernel import clock
from tithe.web.guards import needs

pages = Blueprint("quarters", __name__)


@pages.get("/quarters")
@needs(Permission.QUARTER_READ)
def quarters() -> ResponseReturnValue:
    return render_template("allowance/quarters.html", periods=periods(clock.today()), words=STATE_WORDS)
