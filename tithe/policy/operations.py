"""Adopting a policy, and taking one back before it begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import LARGEST_ID, atomic, db, lock_table
from tithe.kernel.errors import NotFound, Problem, RuleBroken, RulesBroken
from tithe.people import queries as people
from tithe.people.queries import UnitRow
from tithe.policy import queries, rules
from tithe.policy.models import TithePolicy
from tithe.policy.queries import UnitBelow
from tithe.policy.rules import SUNDAY_FIRST, WEEK_START, Change, Version


@dataclass(frozen=True)
class Proposal:
    """Settings for a unit from a day on, and why. `earliest` is the first day a change may reach back to, if any."""

    unit_id: int
    starts_on: date
    settings: Mapping[str, Any]
    reason: str
    earliest: date | None = None


@atomic
def adopt_policy(
    *,
    actor: Actor,
    unit_id: int,
    starts_on: date,
    settings: Mapping[str, Any],
    reason: str,
    now: datetime,
    earliest: date | None = None,
) -> int:
    """Give a unit new settings from a day on, as a new version; what it does not name is inherited. Returns its id.

    Refuses whatever would contradict itself here or in any unit below, on any day the version would be in force.
    """
    lock_table(TithePolicy)  # what one adopts above may contradict what another adopts below
    proposal = Proposal(unit_id, starts_on, settings, reason, earliest)
    rehearse_adoption(actor=actor, proposal=proposal, today=local_date(now))
    newest = db.session.scalar(select(func.max(TithePolicy.version)).where(TithePolicy.unit_id == unit_id)) or 0
    policy = TithePolicy(
        unit_id=unit_id,
        version=newest + 1,
        starts_on=starts_on,
        settings=dict(settings),
        reason=reason.strip(),
        adopted_by=actor.id,
        adopted_at=now,
    )
    db.session.add(policy)
    db.session.flush()  # the audit names its id
    facts = {"unit_id": unit_id, "version": policy.version, "starts_on": starts_on, "settings": dict(settings)}
    record("policy:adopt", actor=actor, about="policy", id=policy.id, at=now, **facts)
    return policy.id


def rehearse_adoption(*, actor: Actor, proposal: Proposal, today: date) -> list[Change]:
    """What adopting would change in the unit on its first day; refuses whatever adopting would. Writes nothing."""
    unit = people.get_unit_by_id(proposal.unit_id)
    ensure(actor, Permission.POLICY_ADOPT, unit)
    problems = rules.problems_in(proposal.settings)
    if problems := problems + rules.problems_with(proposal.reason, proposal.starts_on, proposal.earliest):
        raise RulesBroken(problems)
    units = queries.units_at_or_below(proposal.unit_id)
    _refuse_what_is_there(units[0], proposal)
    _refuse_other_weeks(unit, proposal, today)
    after = {unit.id: [*unit.versions, _as_version(proposal, unit)] for unit in units}
    _refuse_contradictions(units, after, proposal.starts_on)
    return _difference(units[0], after[proposal.unit_id], proposal.starts_on)


@atomic
def withdraw_policy(*, actor: Actor, unit_id: int, version: int, now: datetime) -> None:
    """Take back a version that has not begun. It stays on record and never counts again."""
    lock_table(TithePolicy)  # what one adopts above may contradict what another adopts below
    rehearse_withdrawal(actor=actor, unit_id=unit_id, version=version, today=local_date(now))
    policy = _get_version(unit_id, version)
    policy.withdrawn_at, policy.withdrawn_by = now, actor.id
    record("policy:withdraw", actor=actor, about="policy", id=policy.id, at=now, unit_id=unit_id, version=version)


def rehearse_withdrawal(*, actor: Actor, unit_id: int, version: int, today: date) -> list[Change]:
    """What withdrawing would change in the unit on the version's first day; refuses whatever withdrawing would."""
    ensure(actor, Permission.POLICY_ADOPT, people.get_unit_by_id(unit_id))
    policy = _get_version(unit_id, version)
    if policy.withdrawn_at is not None:
        raise RuleBroken(f"Version {version} was withdrawn before. There is nothing left to do", field="version")
    if policy.starts_on <= today:
        raise RuleBroken(f"Version {version} has begun. Adopt a new version from a later day instead", field="version")
    units = queries.units_at_or_below(unit_id)
    after = {unit.id: [each for each in unit.versions if each.id != policy.id] for unit in units}
    _refuse_contradictions(units, after, policy.starts_on)
    return _difference(units[0], after[unit_id], policy.starts_on)


def _get_version(unit_id: int, version: int) -> TithePolicy:
    if version > LARGEST_ID:
        raise NotFound
    found = select(TithePolicy).where(TithePolicy.unit_id == unit_id, TithePolicy.version == version)
    policy = db.session.scalar(found)
    if policy is None:
        raise NotFound(f"This unit has no version {version}")
    return policy


def _as_version(proposal: Proposal, unit: UnitBelow) -> Version:
    return Version(0, unit.own_depth, proposal.starts_on, proposal.settings)


def _own(versions: Iterable[Version]) -> list[Version]:
    return [each for each in versions if each.depth == 0]


def _refuse_what_is_there(unit: UnitBelow, proposal: Proposal) -> None:
    """A day has one version, and a version changes something."""
    own = _own(unit.versions)
    if any(each.starts_on == proposal.starts_on for each in own):
        words = "This unit already has a version from that day. Choose another day, or withdraw that one first"
        raise RuleBroken(words, field="starts_on")
    current = rules.chain_on(own, proposal.starts_on)
    if dict(proposal.settings) == (dict(current[-1].settings) if current else {}):
        raise RuleBroken("This unit has exactly these settings on that day. Change at least one", field="settings")


def _refuse_other_weeks(unit: UnitRow, proposal: Proposal, today: date) -> None:
    """Where the week starts is said once for everybody, at the top, and for no day that has come."""
    if unit.parent_id is not None:
        if WEEK_START in proposal.settings:
            words = (
                f"{WEEK_START} is one for the whole organisation. Leave it out here: only the unit at the top sets it"
            )
            raise RuleBroken(words, field=WEEK_START)
        return
    versions = queries.at_the_top()
    said = any(unit_id == unit.id and named.get(WEEK_START) == SUNDAY_FIRST for unit_id, _, named in versions)
    if proposal.settings.get(WEEK_START) == SUNDAY_FIRST and not said and len(people.top_units()) > 1:
        words = f"{WEEK_START} is one for everybody, and there are several units with none above them. Leave it out"
        raise RuleBroken(words, field=WEEK_START)
    after = rules.weeks_from([*versions, (unit.id, proposal.starts_on, proposal.settings)])
    if problems := rules.problems_with_weeks(rules.weeks_from(versions), after, today):
        raise RulesBroken(problems)


def _refuse_contradictions(units: list[UnitBelow], after: dict[int, list[Version]], start: date) -> None:
    """Look at the unit that changes, the first, and at every unit below that decides something, from that day on."""
    problems = []
    for unit in units:
        found = rules.contradictions_from(start, after[unit.id])
        where = "" if unit is units[0] else f"In {unit.name} ({unit.code}), which is below: "
        problems += [Problem(where + each.message, each.field) for each in found]
    if problems:
        raise RulesBroken(problems)


def _difference(unit: UnitBelow, after: list[Version], day: date) -> list[Change]:
    return rules.differences(day, rules.settings_on(unit.versions, day), rules.settings_on(after, day))
