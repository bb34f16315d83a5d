"""Secrets that are stored only as hashes: session keys and tokens. They are long and random, so SHA-256 is enough."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "tithe_"  # noqa: S105 a mark that helps scanners find a leaked token


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
