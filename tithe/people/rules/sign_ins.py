"""How people sign in, who may use a local account, and what is kept of where they came from."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum

from tithe.kernel.errors import RuleBroken


class SignInMethod(StrEnum):
    """What somebody showed first: a local password, a token of the organisation's own provider, or a passkey."""

    PASSWORD = "password"  # noqa: S105 the name of a method, not a password
    OIDC = "oidc"
    PASSKEY = "passkey"


class LocalAccounts(StrEnum):
    """For whom local passwords work: everybody who has one, administrators in an emergency, or nobody."""

    ON = "on"
    BREAK_GLASS = "break-glass"
    OFF = "off"


@dataclass(frozen=True)
class Origin:
    """Where a sign-in came from: the browser in words, and the address of the network."""

    browser: str = ""
    address: str = ""
    method: SignInMethod = SignInMethod.PASSWORD
    digest_key: str = field(default="", repr=False)  # what keeps digests of refused sign-ins from being tried out


class Why(StrEnum):
    """Why somebody was not let in. The audit keeps it; they themselves are told less."""

    UNKNOWN = "unknown account"
    NO_PASSWORD = "no local password"  # noqa: S105 a reason, not a password
    WRONG_PASSWORD = "wrong password"  # noqa: S105
    NOT_ALLOWED = "local accounts are not for them"
    NOT_EMPLOYED = "not employed"
    SECOND_FACTOR = "wrong second factor"
    PASSKEY = "passkey refused"
    PROVIDER = "provider's answer refused"
    THROTTLED = "too many tries"


class NotLetIn(RuleBroken):
    """Somebody was not let in. `reason` is for the audit, the words are for them."""

    def __init__(self, message: str, reason: Why, *, field: str | None = None):
        super().__init__(message, field=field)
        self.reason = reason

    @property
    def kind(self) -> str:
        return RuleBroken.__name__


def may_use_password(accounts: LocalAccounts, *, administrator: bool, outside: bool = False) -> bool:
    """Say whether a local password counts for somebody. For people from outside it always does: no provider knows
    them."""
    return outside or accounts is LocalAccounts.ON or (accounts is LocalAccounts.BREAK_GLASS and administrator)


# The first that is found in what a browser says of itself is its name: most call themselves by others' names too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def browser_in_words(user_agent: str) -> str:
    """Name the browser and the system, like "Firefox on Windows", from what the browser says of itself."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser we do not know")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


def network_of(address: str) -> str:
    """What counts as one place to try from: an IPv4 address, or the /64 that one IPv6 customer has to themselves."""
    try:
        found = ipaddress.ip_address(re.sub(r"%.*", "", address))
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
