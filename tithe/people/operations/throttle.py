"""Counting tries before they are looked at, so that a hundred at once are a hundred and not one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.jobs import locked_or_inserted
from tithe.people.models import Try
from tithe.people.rules import throttle as rules
from tithe.people.rules.sign_ins import network_of
from tithe.people.rules.throttle import ACCOUNT, ADDRESS, Limit, TooManyTries, Tries, key_of

KEPT = timedelta(days=1)


@atomic
def begin(*, limits: Mapping[str, Limit], now: datetime, field: str | None = None) -> None:
    """Count one try under each name, or refuse it and say how long to wait. A refused try does not count."""
    table = table_of(Try)
    known = {key: _locked(key, now) for key in sorted(limits)}
    if seconds := max(rules.wait(tries, limits[key], now) for key, tries in known.items()):
        raise TooManyTries(seconds, field)
    for key, tries in known.items():
        count = rules.remembered(tries, limits[key], now) + 1
        db.session.execute(update(table).where(table.c.key == key).values(tries=count, last_at=now))


def names_of(email: str, address: str, *, at_home: bool) -> dict[str, Limit]:
    """The names under which a try of an account is counted.

    Somebody who is tried by strangers can still sign in from where they usually do: there they are counted apart.
    """
    network = network_of(address)
    place = (network,) if at_home else ()
    return {key_of("account", email.strip().lower(), *place): ACCOUNT, key_of("address", network): ADDRESS}


@atomic
def forgive(*, names: Mapping[str, Limit], now: datetime) -> None:
    """A try was right: forget those of the account, and take this one off the address. Old rows go too, but for those
    that somebody is counting at this moment."""
    table = table_of(Try)
    for key in sorted(names):
        mine = table.c.key == key
        if names[key] is ACCOUNT:
            db.session.execute(delete(table).where(mine))
        else:
            db.session.execute(update(table).where(mine, table.c.tries > 0).values(tries=table.c.tries - 1))
    old = select(table.c.key).where(table.c.last_at < now - KEPT).with_for_update(skip_locked=True)
    db.session.execute(delete(table).where(table.c.key.in_(old)))


def _locked(key: str, now: datetime) -> Tries:
    """The tries under a name, kept from changing until this transaction ends. Whoever takes several names takes them
    in order, so that nobody waits for each other."""
    row = locked_or_inserted(db.session.connection(), table_of(Try), key=key, tries=0, last_at=now)
    return Tries(row.tries, row.last_at)
