"""Delegations as plain values, for JSON and for pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tithe.people.delegations import DelegationRow, InForce
from tithe.people.rules.delegations import LIVE, DelegationStatus

# Of each status: its name, its colour, and what it is called by the manager and by the delegate.
WORDS = {
    DelegationStatus.WAITING: (
        "No answer yet", "blue", "You asked {delegate} to stand in for you", "{manager} asks you to stand in",
    ),
    DelegationStatus.COMING: (
        "Accepted", "green", "{delegate} will stand in for you", "You will stand in for {manager}",
    ),
    DelegationStatus.IN_FORCE: (
        "In force today", "green", "{delegate} stands in for you", "You stand in for {manager}",
    ),
    DelegationStatus.DECLINED: (
        "Declined", "orange", "{delegate} declined to stand in for you", "You declined to stand in for {manager}",
    ),
    DelegationStatus.ENDED: (
        "Ended early", "grey", "{delegate} was to stand in for you", "You were to stand in for {manager}",
    ),
    DelegationStatus.LAPSED: (
        "Never answered", "grey", "{delegate} did not answer you", "You did not answer {manager}",
    ),
    DelegationStatus.OVER: ("Over", "grey", "{delegate} stood in for you", "You stood in for {manager}"),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A delegation as one of its two sides reads it, with what they may do about it."""

    row: DelegationRow
    title: str
    tag: dict[str, str]
    answers: bool
    ends: str | None


def shown(row: DelegationRow, person_id: int) -> Shown:
    """Say it from one side: who stands in for whom, and which buttons that side has."""
    gave = row.manager_id == person_id
    name, colour, by_manager, by_delegate = WORDS[row.status]
    waits = row.status is DelegationStatus.WAITING
    ends = None
    if row.status in LIVE and (gave or not waits):
        ends = "Take it back" if waits else "End it now"
    title = (by_manager if gave else by_delegate).format(manager=row.manager, delegate=row.delegate)
    tag = {"text": name, "classes": f"govuk-tag--{colour}"}
    return Shown(row, title, tag, answers=waits and not gave, ends=ends)


def as_json(row: DelegationRow) -> dict[str, Any]:
    kept = ("id", "manager", "delegate", "starts_on", "ends_on", "words", "asked_at", "accepted_at", "declined_at")
    return {name: getattr(row, name) for name in kept} | {"ended_at": row.ended_at, "status": row.status.value}


def in_force_as_json(row: InForce) -> dict[str, Any]:
    days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
    return {"id": row.id, "manager": row.manager_email, "delegate": row.delegate_email, **days}
