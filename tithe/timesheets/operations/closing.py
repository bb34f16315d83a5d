"""Closing a quarter with what this feature knows: the minutes that still wait for a decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tithe.access.actor import Actor
from tithe.allowance.operations import closing
from tithe.kernel.calendar import Quarter
from tithe.timesheets.queries.room import waiting_between


def close_quarter(
    *, actor: Actor, quarter: Quarter, now: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Close the books of a quarter for everybody; return how many people had minutes to settle."""
    return closing.close_quarter(actor=actor, quarter=quarter, waiting=waiting_between, now=now, progress=progress)
