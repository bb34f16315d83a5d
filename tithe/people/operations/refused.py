"""Sign-ins and tokens that were refused, on the chain: ids and digests, never what was typed or sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tithe.access.actor import SYSTEM
from tithe.audit.refusals import Window, note_refusal
from tithe.audit.rules import digest
from tithe.kernel.errors import RuleBroken
from tithe.people.rules.sign_ins import NotLetIn, Origin, Why, network_of
from tithe.people.rules.throttle import TooManyTries

MOST_AN_HOUR = 500  # of all refused sign-ins together, and of all refused tokens


@contextmanager
def noted(
    *, why: Why, origin: Origin, now: datetime, person_id: int | None = None, account: str = ""
) -> Iterator[None]:
    """Note it if what is inside refuses to let somebody in, and refuse as before.

    Not for the inside of an operation: what it wrote is undone, and this must not be. `account` is what was typed.
    """
    try:
        yield
    except RuleBroken as refusal:
        known = refusal.reason if isinstance(refusal, NotLetIn) else why
        reason = Why.THROTTLED if isinstance(refusal, TooManyTries) else known
        _note(reason, origin, now, person_id, account.strip().lower())
        raise


def _note(why: Why, origin: Origin, now: datetime, person_id: int | None, account: str) -> None:
    """Once an hour for each account and network: whether somebody has the account makes no difference to that."""
    network = digest("network", network_of(origin.address), key=origin.digest_key)
    typed = digest("account", account, key=origin.digest_key)
    facts = {"why": why, "method": origin.method, "network": network}
    if person_id is None and account:
        facts["account"] = typed
    note_refusal(
        "sign-in:refuse",
        once=(why is Why.THROTTLED, typed if account else person_id, network),
        window=Window(f"sign-ins of {now.astimezone(UTC):%Y-%m-%dT%H}", MOST_AN_HOUR),
        actor=SYSTEM,
        about="sign_in" if person_id is None else "person",
        id=person_id,
        at=now,
        **facts,
    )


def note_token(*, token: str, origin: Origin, now: datetime) -> None:
    """Note that a program came with a token nobody has, or whose time is over: once an hour for each token and network,
    counted apart from sign-ins, so that programs cannot hide those."""
    sent = {"token": token, "network": network_of(origin.address)}
    digests = {name: digest(name, value, key=origin.digest_key) for name, value in sent.items()}
    note_refusal(
        "token:refuse",
        once=sorted(digests.items()),
        window=Window(f"tokens of {now.astimezone(UTC):%Y-%m-%dT%H}", MOST_AN_HOUR),
        actor=SYSTEM,
        about="api_token",
        id=None,
        at=now,
        **digests,
    )
