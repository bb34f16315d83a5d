"""Saying that two people share a post, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import insert, update

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import NotFound, RuleBroken, RulesBroken
from tithe.people import history, queries
from tithe.people.job_shares import get_share
from tithe.people.models import JobShare
from tithe.people.rules.job_shares import Share, problems_in
from tithe.people.sharing import shares_of
from tithe.people.standing import nearest_day

SHARES = table_of(JobShare)


@atomic
def share_post(*, actor: Actor, wanted: Share, now: datetime) -> int:
    """Two people share one post from a day on. Returns the id of their share.

    Refuses somebody the actor's role does not cover, who holds no post that day, or who shares one already.
    """
    today = local_date(now)
    lock_table(JobShare)  # two changes at once could give somebody two posts to share
    _covered(actor, wanted.person_id, today)
    _refuse(wanted)
    try:
        _covered(actor, wanted.sharer_id, today)
    except NotFound:
        raise RuleBroken("Choose somebody your role covers, and not yourself", field="sharer") from None
    held = history.stretches_of([wanted.person_id, wanted.sharer_id])
    for person_id, who in ((wanted.person_id, "They hold"), (wanted.sharer_id, "The other holds")):
        if not any(each.holds_on(wanted.starts_on) for each in held[person_id]):
            raise RuleBroken(f"{who} no post on {named(wanted.starts_on)}. Choose another day", field="starts_on")
    first, second = sorted((wanted.person_id, wanted.sharer_id))
    row = {"first_id": first, "second_id": second, "starts_on": wanted.starts_on, "ends_on": wanted.ends_on}
    share_id = int(db.session.execute(insert(SHARES).values(row).returning(SHARES.c.id)).scalar_one())
    for person_id in (first, second):
        record("job-share:begin", actor=actor, about="person", id=person_id, at=now, share=share_id, **row)
    return share_id


@atomic
def end_share(*, actor: Actor, share_id: int, ends_on: date, now: datetime) -> None:
    """Give a job share a last day, or another one. Whoever covers one of the two may."""
    lock_table(JobShare)
    share = get_share(share_id, by=actor, to=Permission.PERSON_MANAGE, today=local_date(now))
    if ends_on == share.ends_on:
        raise RuleBroken("That is its last day already. Choose another", field="ends_on")
    _refuse(replace(share, ends_on=ends_on), besides=share)
    db.session.execute(update(SHARES).where(SHARES.c.id == share_id).values(ends_on=ends_on))
    for each in sorted((share.person_id, share.sharer_id)):
        facts = {"share": share_id, "ends_on": ends_on, "was": share.ends_on}
        record("job-share:end", actor=actor, about="person", id=each, at=now, **facts)


def _covered(actor: Actor, person_id: int, today: date) -> None:
    queries.get_person(person_id, by=actor, to=Permission.PERSON_MANAGE, on=nearest_day(person_id, today))


def _refuse(wanted: Share, *, besides: Share | None = None) -> None:
    """Refuse a share that cannot be beside what either of the two has, except the one that is changed."""
    others = shares_of([wanted.person_id, wanted.sharer_id], wanted.starts_on, wanted.ends_on or date.max)
    same = (besides, besides and besides.turned)
    if problems := problems_in(wanted, [each for each in others if each not in same]):
        raise RulesBroken(problems)
