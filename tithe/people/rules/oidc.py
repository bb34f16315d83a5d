"""What an ID token must say before anybody is let in by it. The signature is checked before this is asked.

Identity is the pair of issuer and subject. An address in a token is never looked at: a provider may let people write
whatever they like there.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tithe.kernel.errors import RuleBroken

# Signatures by a private key only. With a shared secret, or none, whoever knows the public part could sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY = timedelta(seconds=60)  # clocks differ
OLDEST = timedelta(minutes=10)  # a token is used as soon as it is given
LONGEST_SUBJECT = 255
LONGEST_STAFF_NUMBER = 40


class Distrusted(RuleBroken):
    """The provider's answer does not hold. `why` is for the log; the person is told what to do instead."""

    def __init__(self, why: str):
        super().__init__(
            "We could not be sure who you are from what your organisation’s sign-in service sent. Go to the start page "
            "and sign in again. If it happens twice, tell the people who run tithe"
        )
        self.why = why

    @property
    def kind(self) -> str:
        return RuleBroken.__name__


@dataclass(frozen=True)
class Expected:
    """What this sign-in began with: whose token it must be, for whom, and for which request."""

    issuer: str
    client_id: str
    nonce: str
    staff_number_claim: str = ""


@dataclass(frozen=True)
class OutsideIdentity:
    """Somebody as their provider knows them, and the staff number it gave, if any."""

    issuer: str
    subject: str
    staff_number: str | None


def identity_in(claims: Mapping[str, Any], expected: Expected, now: datetime) -> OutsideIdentity:
    """Who the token is about; refuses one that is not for this client, this request and this moment.

    Source: OpenID Connect Core 1.0, section 3.1.3.7.
    """
    if claims.get("iss") != expected.issuer:
        raise Distrusted("the issuer is another")
    _refuse_audience(claims, expected.client_id)
    _refuse_times(claims, now.timestamp())
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise Distrusted("the nonce is missing or of another request")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not _is_plain(subject):
        raise Distrusted("the subject is missing or no name")
    return OutsideIdentity(expected.issuer, subject, _staff_number(claims.get(expected.staff_number_claim)))


def _refuse_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience = claims.get("aud")
    everybody = audience if isinstance(audience, list) else [audience]
    if client_id not in everybody:
        raise Distrusted("the audience is somebody else")
    party = claims.get("azp")
    if party is None and len(everybody) > 1:
        raise Distrusted("there are several audiences and no authorised party")
    if party is not None and party != client_id:
        raise Distrusted("the authorised party is somebody else")


def _refuse_times(claims: Mapping[str, Any], now: float) -> None:
    leeway = LEEWAY.total_seconds()
    expires, issued, begins = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or expires <= now - leeway:
        raise Distrusted("the token has expired, or never would")
    if issued is None or issued > now + leeway:
        raise Distrusted("the token says it is from the future, or not from when")
    if issued < now - OLDEST.total_seconds():
        raise Distrusted("the token is old")
    if begins is not None and begins > now + leeway:
        raise Distrusted("the token does not count yet")


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise Distrusted(f"{name} is no time")
    return float(value)


def _staff_number(value: object) -> str | None:
    """A staff number as HR would write it. Some providers send figures as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _is_plain(value):
        return None
    value = value.strip()
    return value if 0 < len(value) <= LONGEST_STAFF_NUMBER else None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
