"""Secrets that are stored only as hashes: session keys and tokens. They are long and random, so SHA-256 is enough.

What a mailed link carries is not stored at all: see `sealed`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from enum import StrEnum

TOKEN_PREFIX = "tithe_"  # noqa: S105 a mark that helps scanners find a leaked token


class LinkPurpose(StrEnum):
    """Why a link that sets a password is mailed."""

    RESET = "reset"
    INVITATION = "invitation"


LINK_PATH = "/password/link/"
LINK_LASTS = {LinkPurpose.RESET: timedelta(minutes=30), LinkPurpose.INVITATION: timedelta(days=7)}


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def sealed(handle: str, key: str) -> str:
    """What a mailed link carries: the stored handle, and a mark that only the holder of the key can make.

    The database keeps the handle and never the mark, so that nobody who reads it can make the link.
    """
    return f"{handle}.{_mark(handle, key)}"


def as_mailed(path: str, key: str) -> str:
    """The path of a message's page as it is mailed: a stored link gets its mark on the way out, others stay."""
    return LINK_PATH + sealed(path.removeprefix(LINK_PATH), key) if path.startswith(LINK_PATH) else path


def opened(token: str, key: str) -> str | None:
    """The handle a link carries; None if its mark is not ours."""
    handle, _, mark = token.partition(".")
    return handle if hmac.compare_digest(mark.encode(), _mark(handle, key).encode()) else None


def _mark(handle: str, key: str) -> str:
    return hmac.new(f"mailed link {key}".encode(), handle.encode(), hashlib.sha256).hexdigest()[:43]
