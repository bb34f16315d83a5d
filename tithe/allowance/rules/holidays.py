"""Public holidays: their kinds, and which of the national calendars there are. Source: §1.9."""

from __future__ import annotations

from enum import StrEnum

DEFAULT_CALENDAR = "england-and-wales"
NATIONAL = ("england-and-wales", "scotland", "northern-ireland")


class DayKind(StrEnum):
    """Why a day is a holiday."""

    BANK = "bank"
    PRIVILEGE = "privilege"
    LOCAL = "local"
    ONE_OFF = "one_off"
