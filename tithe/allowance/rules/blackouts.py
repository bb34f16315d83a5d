"""Dates on which a unit can spare no tithed time. Source: §1.5."""

from __future__ import annotations

from enum import StrEnum


class BlackoutGround(StrEnum):
    """Why a unit needs everybody on these dates."""

    DEADLINE = "deadline"
    PEAK = "peak"
    INCIDENT = "incident"
    REORGANISATION = "reorganisation"
    ELECTION = "election"
