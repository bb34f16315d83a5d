"""What is kept unreadable without the key of this installation: secrets of authenticator apps, and codes on their way
to a page.

Whoever has the database alone, or a cookie alone, has neither. With another SECRET_KEY nothing sealed opens again. The
library is imported by the first who needs it, as it is large and many workers never do.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

MARK = "\x1f"


def seal(text: str, *, purpose: str, key: str) -> str:
    """Encrypt a text for one purpose, such as one person's app: sealed for another it does not open."""
    return _box(key).encrypt(f"{purpose}{MARK}{text}".encode()).decode()


def unseal(sealed: str, *, purpose: str, key: str) -> str | None:
    """What was sealed for this purpose; None if it was for another, with another key, or is not ours."""
    from cryptography.fernet import InvalidToken

    try:
        opened = _box(key).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        return None
    found, _, text = opened.partition(MARK)
    return text if found == purpose else None


def _box(key: str) -> Fernet:
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tithe second factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
