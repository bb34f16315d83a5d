"""Counting tries before they are looked at, so that a hundred at once are a hundred and not one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.jobs import insert_once
from tithe.people.models import Try
from tithe.people.rules import throttle as rules
from tithe.people.rules.sign_ins import network_of
from tithe.people.rules.throttle import ACCOUNT, ADDRESS, Limit, TooManyTries, Tries, key_of

KEPT = timedelta(days=1)


@atomic
def begin(*, limits: Mapping[str, Limit], now: datetime, field: str | None = None) -> None:
    """Count one try under each name, or refuse it and say how long to wait. A refused try does not count."""
    table = table_of(Try)
    for key in sorted(limits):
        insert_once(db.session.connection(), table, key=key, tries=0, last_at=now)
    found = db.session.execute(select(table).where(table.c.key.in_(limits)).order_by(table.c.key).with_for_update())
    known = {row.key: Tries(row.tries, row.last_at) for row in found}
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
    """A try was right: forget those of the account, and take this one off the address. Old rows go too."""
    table = table_of(Try)
    accounts = [key for key, limit in names.items() if limit is ACCOUNT]
    db.session.execute(delete(table).where(table.c.key.in_(accounts) | (table.c.last_at < now - KEPT)))
    others = [key for key in names if key not in accounts]
    db.session.execute(update(table).where(table.c.key.in_(others), table.c.tries > 0).values(tries=table.c.tries - 1))
