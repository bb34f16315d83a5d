"""Codes of an authenticator app and recovery codes: which moments count, and how codes are made and written."""

from __future__ import annotations

import secrets
from datetime import datetime

STEP_SECONDS = 30
DRIFT = 1  # steps by which a phone's clock may be off, either way
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16  # of 32 letters and digits: 80 bits, so a plain hash of it cannot be searched
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which look alike


def step_of(now: datetime) -> int:
    """How many steps of 30 seconds have passed since 1970. Source: RFC 6238 §4.2."""
    return int(now.timestamp()) // STEP_SECONDS


def steps_that_count(now: datetime, last_step: int) -> list[int]:
    """The steps whose code is taken now: this one and its neighbours, and none up to the last that was used.

    Source: RFC 6238 §5.2, which wants each code to count once.
    """
    here = step_of(now)
    return [step for step in range(here - DRIFT, here + DRIFT + 1) if step > last_step]


def tidied(code: str) -> str:
    """A code as somebody typed it, without the spaces and hyphens that it is read out with."""
    return "".join(code.lower().replace("-", " ").split())


def is_app_code(code: str) -> bool:
    """True for six digits, as an app shows them; anything else can only be a recovery code."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes, tidied."""
    return tuple("".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))


def in_groups(text: str, mark: str = "-") -> str:
    """Four characters at a time, so that somebody can copy it by hand."""
    return mark.join(text[at : at + 4] for at in range(0, len(text), 4))
