"""Local passwords: argon2id at the cost the settings name, and the same time spent whether or not an account exists."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 15, 128

Cost = tuple[int, int, int]


@lru_cache
def _hasher(cost: Cost) -> PasswordHasher:
    passes, kibibytes, lanes = cost
    return PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)


@lru_cache
def _nobody(cost: Cost) -> str:
    return _hasher(cost).hash("nobody has this password")


def hashed(password: str, cost: Cost) -> str:
    return _hasher(cost).hash(password)


def matches(password: str, stored: str | None, cost: Cost) -> bool:
    """True if the password is right. With nothing stored a hash is checked all the same, so time tells nothing."""
    try:
        _hasher(cost).verify(stored or _nobody(cost), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
