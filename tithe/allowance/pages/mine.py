"""One's own allowance in the browser."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.queries.balances import balances_of, ledger_of
from tithe.allowance.queries.schedules import schedule_of
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.web.guards import current_actor, needs

pages = Blueprint("allowance", __name__)


@pages.get("/allowance")
@needs(Permission.ALLOWANCE_READ)
def mine() -> ResponseReturnValue:
    now = Quarter.containing(clock.today())
    quarter = Quarter.parse(request.args["quarter"]) if "quarter" in request.args else now
    actor = current_actor()
    return render_template(
        "allowance/mine.html",
        balance=balances_of(actor.person_id, [quarter])[quarter],
        lines=ledger_of(actor, quarter),
        schedule=schedule_of(actor.person_id, quarter.start, quarter.end),
        following=quarter.next if quarter < now else None,
    )
