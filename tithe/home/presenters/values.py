"""One's own allowance and one's team's as plain values for JSON. Dates and instants stay what they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tithe.allowance.queries.mine import LedgerRow
from tithe.allowance.rules.carry import Lot
from tithe.allowance.rules.entitlement import plain
from tithe.allowance.rules.ledger import LedgerKind
from tithe.home.queries import Mine, Team


def allowance(mine: Mine) -> dict[str, Any]:
    """Everything about a quarter of one's own."""
    account, closing = mine.account, mine.closing
    return {
        "quarter": mine.quarter.code,
        "name": mine.quarter.name(account.schedule.settings.fy_start_month),
        "contractual": account.schedule.settings.contractual,
        "state": state_of(mine),
        "posted": account.is_posted,
        "entitlement_minutes": mine.balance.accrued,
        "carried_in_minutes": account.carried_in,
        "adjusted_minutes": account.ledger.sums.get(LedgerKind.ADJUSTMENT, 0),
        "used_minutes": mine.balance.used,
        "waiting_minutes": mine.waiting,
        "planned_minutes": mine.planned,
        "left_minutes": mine.left,
        "left_after_plans_minutes": mine.left_after_plans,
        "usable_minutes": mine.usable,
        "lots": _lots(mine.lots),
        "at_close": closing
        and {
            "carried": _lots(closing.carried),
            "lapsed_minutes": closing.lapsed,
            "debt_minutes": -closing.debt,
            "written_off_minutes": closing.written_off,
        },
        "lines": [_line(line, mine) for line in account.lines],
    }


def state_of(mine: Mine) -> str:
    """How far the books of the quarter are closed."""
    state = mine.account.state
    return "locked" if state.locked_at else "closed" if state.closed_at else "open"


def _lots(lots: Iterable[Lot]) -> list[dict[str, Any]]:
    return [{"expires": lot.expires.code, "minutes": lot.minutes} for lot in lots]


def _line(line: LedgerRow, mine: Mine) -> dict[str, Any]:
    unit = mine.account.units.get(line.unit_id)
    return {
        "id": line.id,
        "kind": line.kind.value,
        "minutes": line.minutes,
        "reason": line.reason,
        "at": line.at,
        "by": line.actor,
        "unit": unit and unit.code,
        "applies_to": line.applies_to,
        "expires": line.expires,
        "facts": dict(line.facts),
    }


def days(mine: Mine) -> dict[str, Any]:
    """The day table: every date of the quarter on which a post is held."""
    units, earned = mine.account.units, mine.account.schedule.entitlement
    return {
        "quarter": mine.quarter.code,
        "entitlement_minutes": earned.minutes,
        "available_minutes": plain(earned.available),
        "days": [
            {
                "date": each.day,
                "base": plain(each.due),
                "holiday": each.holiday,
                "absence": each.absence,
                "available": plain(each.counts),
                "rates_bp": list(each.rates),
                "units": [units[unit_id].code for unit_id in each.unit_ids],
            }
            for each in mine.account.days
        ],
    }


def team_page(team: Team) -> dict[str, Any]:
    """A page of the team's balances."""
    return {
        "quarter": team.quarter.code,
        "people": [
            {
                "id": line.row.person_id,
                "name": line.row.name,
                "entitlement_minutes": line.row.balance.accrued,
                "used_minutes": line.row.balance.used,
                "waiting_minutes": line.waiting,
                "left_minutes": line.left,
            }
            for line in team.lines
        ],
    }
