"""The policy in force, in the browser."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.grants import covers_queue, permits
from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people import queries as people
from tithe.people.queries import UnitRow
from tithe.policy import presenters, queries
from tithe.web.guards import current_actor, needs

pages = Blueprint("policy", __name__)


@pages.get("/policy")
@needs(Permission.POLICY_READ)
def mine() -> ResponseReturnValue:
    unit_id = current_actor().unit_id
    return _page(people.get_unit_by_id(unit_id) if unit_id else None)


@pages.get("/policy/<code>")
@needs(Permission.POLICY_READ)
def unit(code: str) -> ResponseReturnValue:
    return _page(queries.unit_for(code, by=current_actor(), to=Permission.POLICY_READ))


def _page(unit: UnitRow | None) -> str:
    text, after = request.args.get("q", "").strip()[:100], request.args.get("after", "")[:60]
    chooses = _chooses(current_actor())
    found, following = queries.list_units(text=text, after=after) if chooses else ([], None)
    policy = queries.policy_of(unit, clock.today()) if unit else None
    return render_template(
        "policy/policy.html",
        policy=policy,
        chooses=chooses,
        text=text,
        choosing=bool(text or after) or not policy,
        found=found,
        following=following,
        **(presenters.for_page(policy) if policy else {}),
    )


def _chooses(actor: Actor) -> bool:
    """Those with a role over part of the organisation look up other units; the address of each is open to all."""
    return permits(actor, Permission.REPORT_READ) or covers_queue(actor, None)
