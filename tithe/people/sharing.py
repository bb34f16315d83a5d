"""Who shares a post with whom, for whatever asks who somebody is or what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from tithe.kernel.db import db, table_of
from tithe.people.models import JobShare
from tithe.people.rules.job_shares import Share

SHARE = table_of(JobShare).c
SIDES = (SHARE.first_id, SHARE.second_id, SHARE.starts_on, SHARE.ends_on)


def is_sharer(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Somebody has shared a post at any time: a question to put inside another statement."""
    found = select(SHARE.id).where(or_(SHARE.first_id == person, SHARE.second_id == person))
    return found.correlate_except(table_of(JobShare)).exists()


def shares_of(person_ids: Iterable[int], first: date, last: date, *, lock: bool = False) -> list[Share]:
    """The shares of some people that touch the days from one to another, the last included, as each of them has it.

    With `lock` none of them changes, and nobody else locks them, until the transaction ends: of two sharers who write
    at once the second sees what the first wrote.
    """
    person_ids = list(person_ids)
    touches = SHARE.starts_on <= last, or_(SHARE.ends_on.is_(None), SHARE.ends_on >= first)
    of_theirs = or_(SHARE.first_id.in_(person_ids), SHARE.second_id.in_(person_ids))
    found = select(*SIDES).where(of_theirs, *touches)
    rows = db.session.execute((found.with_for_update() if lock else found).order_by(SHARE.id)).all()
    shares = [Share(*row) for row in rows]
    return [each for each in (*shares, *(each.turned for each in shares)) if each.person_id in person_ids]
