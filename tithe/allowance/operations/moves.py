"""Shares of somebody's time lent elsewhere: a loan, a part-time move. Only the share at home earns tithed time."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, insert, update

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.models import OutwardMove
from tithe.allowance.operations.patterns import refuse, settle
from tithe.allowance.queries.patterns import MoveRow, get_move, moves_of
from tithe.allowance.queries.periods import first_open_day
from tithe.allowance.rules import patterns as rules
from tithe.allowance.rules.worktime import WHOLE, Move
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import RuleBroken
from tithe.people import queries as people

MOVES = table_of(OutwardMove)
WHY = "a share of your time moved"


@atomic
def lend(*, actor: Actor, person_id: int, starts_on: date, last_day: date | None, share_bp: int, now: datetime) -> int:
    """Record that a share of somebody's time, in basis points, belongs elsewhere. Returns the id of the record.

    The last day is included; without one it goes on. Refuses more than the whole of any day, naming the day.
    """
    known = _open(actor, person_id, now)
    if not 1 <= share_bp <= WHOLE:
        raise RuleBroken("A share is more than 0% and at most 100%", field="share")
    refuse(rules.problems_with_days([starts_on], first_open_day(), "starts_on"))
    _refuse_last_day(starts_on, last_day)
    _refuse_too_much([each.move for each in known], Move(starts_on, last_day, share_bp))
    values = {"person_id": person_id, "starts_on": starts_on, "last_day": last_day, "share_bp": share_bp}
    move_id = int(db.session.execute(insert(MOVES).values(values).returning(MOVES.c.id)).scalar_one())
    record("move:lend", actor=actor, about="move", id=move_id, at=now, **values)
    what = f"{share_bp / 100:g}% of your time is lent elsewhere from {named(starts_on)}"
    settle(actor, person_id, since=starts_on, why=WHY, what=what, now=now)
    return move_id


@atomic
def end_move(*, actor: Actor, person_id: int, move_id: int, last_day: date | None, now: datetime) -> None:
    """Give a share lent elsewhere another last day, or none."""
    known = _open(actor, person_id, now)
    move = get_move(person_id, move_id)
    if move.last_day == last_day:
        raise RuleBroken("That is its last day already. Choose another", field="last_day")
    _refuse_last_day(move.starts_on, last_day)
    since = rules.first_day_changed(move.last_day, last_day)
    refuse(rules.problems_with_days([since], first_open_day(), "last_day"))
    others = [each.move for each in known if each.id != move_id]
    _refuse_too_much(others, Move(move.starts_on, last_day, move.share_bp), field="last_day")
    db.session.execute(update(MOVES).where(MOVES.c.id == move_id).values(last_day=last_day))
    facts = {"person_id": person_id, "last_day": last_day, "was": move.last_day}
    record("move:end", actor=actor, about="move", id=move_id, at=now, **facts)
    ends = f"is lent elsewhere to {named(last_day)}" if last_day else "stays lent elsewhere without an end"
    what = f"{move.share_bp / 100:g}% of your time {ends}"
    settle(actor, person_id, since=since, why=WHY, what=what, now=now)


@atomic
def remove_move(*, actor: Actor, person_id: int, move_id: int, now: datetime) -> None:
    """Take a share lent elsewhere off the record, as if it never was. One from a closed quarter can only be ended."""
    _open(actor, person_id, now)
    move = get_move(person_id, move_id)
    refuse(rules.problems_with_days([move.starts_on], first_open_day(), "move"))
    db.session.execute(delete(MOVES).where(MOVES.c.id == move_id))
    facts = {"person_id": person_id, "starts_on": move.starts_on, "last_day": move.last_day, "share_bp": move.share_bp}
    record("move:remove", actor=actor, about="move", id=move_id, at=now, **facts)
    what = f"the {move.share_bp / 100:g}% lent elsewhere from {named(move.starts_on)} is removed"
    settle(actor, person_id, since=move.starts_on, why=WHY, what=what, now=now)


def _open(actor: Actor, person_id: int, now: datetime) -> list[MoveRow]:
    """What somebody has lent elsewhere, for one who may change it. Two who change it at once wait for each other."""
    people.get_person(person_id, by=actor, to=Permission.MOVE_WRITE, on=local_date(now))
    lock_table(OutwardMove)
    return moves_of(person_id)


def _refuse_last_day(starts_on: date, last_day: date | None) -> None:
    if last_day is not None and not starts_on <= last_day <= rules.LATEST:
        raise RuleBroken(
            f"The last day is not before the first, {named(starts_on)}. Leave it empty if no end is known",
            field="last_day",
        )


def _refuse_too_much(others: list[Move], new: Move, field: str = "share") -> None:
    over = rules.over_lent(others, new)
    if over:
        day, left = over
        raise RuleBroken(
            f"On {named(day)} only {left / 100:g}% is left to lend. Lend less, or end another share first", field=field
        )
