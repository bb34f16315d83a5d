"""Local passwords: argon2id at the cost the settings name, and the same time spent whether or not an account exists."""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tithe.people.rules.passwords import LONGEST

Cost = tuple[int, int, int]
TWO_AT_ONCE = BoundedSemaphore(2)  # each takes a core and tens of megabytes for as long as it lasts


@lru_cache
def _hasher(cost: Cost) -> PasswordHasher:
    passes, kibibytes, lanes = cost
    return PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)


@lru_cache
def _nobody(cost: Cost) -> str:
    return _hasher(cost).hash("nobody has this password")


def hashed(password: str, cost: Cost) -> str:
    return _hasher(cost).hash(password)


def outdated(stored: str, cost: Cost) -> bool:
    """True if a hash was made at another cost: it would take another time to check than the rest."""
    return _hasher(cost).check_needs_rehash(stored)


def matches(password: str, stored: str | None, cost: Cost) -> bool:
    """True if the password is right. With nothing stored a hash is checked all the same, so time tells nothing."""
    try:
        with TWO_AT_ONCE:
            _hasher(cost).verify(stored or _nobody(cost), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
