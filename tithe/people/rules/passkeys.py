"""What passkeys are held to, and how a false one is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tithe.kernel.errors import RuleBroken

MOST = 20  # passkeys of one person
CHALLENGE_LASTS = timedelta(minutes=5)
TOO_OLD = "That took too long. Try again"
SOMEBODY_ELSES = "That passkey is somebody else’s. Choose your own"
UNKNOWN = "tithe does not know that passkey. Sign in another way, then add it under your account"


class NoProof(RuleBroken):
    """An answer of a browser that proves nothing. The words tell a forger nothing; `why` is for the log."""

    def __init__(self, why: str):
        super().__init__("That passkey did not prove who you are. Try again, or go on another way")
        self.why = why


@dataclass(frozen=True)
class NewCredential:
    """What a device made: its name for it, the public key, and how often it was used, in base64url and a number."""

    credential_id: str
    public_key: str
    sign_count: int
