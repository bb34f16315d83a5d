"""Where the books of each quarter stand, in the browser."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import periods
from tithe.allowance.rules.ledger import STATE_WORDS
from tithe.kernel import clock
from tithe.policy import queries as policy
from tithe.web.guards import current_actor, needs

pages = Blueprint("quarters", __name__)


@pages.get("/quarters")
@needs(Permission.QUARTER_READ)
def quarters() -> ResponseReturnValue:
    today = clock.today()
    start_month = policy.settings_for(current_actor().unit_id, today).fy_start_month
    return render_template(
        "allowance/quarters.html", periods=periods(today), words=STATE_WORDS, start_month=start_month
    )
