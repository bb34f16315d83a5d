"""Changing a policy together with what it does to allowances: one transaction, whichever door it comes by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tithe.access.actor import Actor
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.queries.periods import first_open_day, oldest_unclosed
from tithe.allowance.queries.preview import Preview, adding, preview, removing
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import allow_long_statements, atomic
from tithe.people import placed
from tithe.people import queries as people
from tithe.policy import operations as policy
from tithe.policy import queries
from tithe.policy.operations import Proposal

LONGEST_NAME = 100  # of a unit, as the ledger's reason repeats it


def rehearse_adoption(
    *, actor: Actor, unit_id: int, starts_on: date, settings: Mapping[str, Any], reason: str, now: datetime
) -> Preview:
    """What adopting these settings would change, and for whom; refuses whatever adopting would. Writes nothing."""
    proposal = Proposal(unit_id, starts_on, settings, reason, _earliest(now))
    policy.rehearse_adoption(actor=actor, proposal=proposal, today=local_date(now))
    return preview(unit_id, starts_on, adding(starts_on, settings))


@atomic
def adopt(
    *, actor: Actor, unit_id: int, starts_on: date, settings: Mapping[str, Any], reason: str, now: datetime
) -> int:
    """Give a unit new settings from a day on and post what that does to the accruals of everybody at or below it.
    Returns the version's id."""
    policy_id = policy.adopt_policy(
        actor=actor,
        unit_id=unit_id,
        starts_on=starts_on,
        settings=settings,
        reason=reason,
        now=now,
        earliest=_earliest(now),
    )
    _work_out_again(actor, unit_id, starts_on, now)
    return policy_id


def rehearse_withdrawal(*, actor: Actor, unit_id: int, version: int, now: datetime) -> Preview:
    """What taking a version back would change, and for whom; refuses whatever withdrawing would. Writes nothing."""
    policy.rehearse_withdrawal(actor=actor, unit_id=unit_id, version=version, today=local_date(now))
    withdrawn = queries.own_version(unit_id, version)
    return preview(unit_id, withdrawn.starts_on, removing(withdrawn.id))


@atomic
def withdraw(*, actor: Actor, unit_id: int, version: int, now: datetime) -> None:
    """Take back a version that has not begun, and what it did to accruals already posted."""
    policy.withdraw_policy(actor=actor, unit_id=unit_id, version=version, now=now)
    _work_out_again(actor, unit_id, queries.own_version(unit_id, version).starts_on, now)


def _earliest(now: datetime) -> date:
    """The first day a change may reach back to: that of this quarter, or of the oldest posted to that is still open."""
    current, oldest = Quarter.containing(local_date(now)), oldest_unclosed()
    return max(first_open_day(), min(current.start, oldest.start if oldest else current.start))


def _work_out_again(actor: Actor, unit_id: int, since: date, now: datetime) -> None:
    allow_long_statements(600)
    name = people.get_unit_by_id(unit_id).name[:LONGEST_NAME]
    concerned = placed.people_at_or_below(unit_id, since)
    accrue_for(actor=actor, person_ids=concerned, since=since, why=f"the policy of {name} changed", now=now)
