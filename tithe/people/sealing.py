"""What is kept unreadable without the key of this installation: secrets of authenticator apps, and codes on their way
to a page.

Whoever has the database alone, or a cookie alone, has neither. With another SECRET_KEY nothing sealed opens again.
"""

from __future__ import annotations

import base64
from typing import Any

from tithe.kernel.late import late

fernet = late("cryptography.fernet")
hashes, hkdf = (late(f"cryptography.hazmat.primitives.{name}") for name in ("hashes", "kdf.hkdf"))

MARK = "\x1f"


def seal(text: str, *, purpose: str, key: str) -> str:
    """Encrypt a text for one purpose, such as one person's app: sealed for another it does not open."""
    sealed: bytes = _box(key).encrypt(f"{purpose}{MARK}{text}".encode())
    return sealed.decode()


def unseal(sealed: str, *, purpose: str, key: str) -> str | None:
    """What was sealed for this purpose; None if it was for another, with another key, or is not ours."""
    try:
        opened: str = _box(key).decrypt(sealed.encode()).decode()
    except (fernet.InvalidToken, UnicodeError):
        return None
    found, _, text = opened.partition(MARK)
    return text if found == purpose else None


def _box(key: str) -> Any:
    derived = hkdf.HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tithe second factor").derive(
        key.encode()
    )
    return fernet.Fernet(base64.urlsafe_b64encode(derived))
