"""Erasing what is held about those who left, class by class as its time ends.

Names, addresses and words go; days, minutes and states stay under the number of a person who has no name any more. So
sums, reports and the audit, which never held a name, are what they were.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    String,
    Table,
    UniqueConstraint,
    cast,
    delete,
    insert,
    literal,
    null,
    update,
)  # fmt: skip

from tithe.access.actor import SYSTEM
from tithe.audit.operations import record
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.db import Base, allow_long_statements, atomic, db
from tithe.kernel.privacy import GOES, REMOVED, Held, Kept, Label
from tithe.oversight.labels import LABELS
from tithe.oversight.models import Erasure
from tithe.oversight.queries.erasure import Due, list_due
from tithe.oversight.queries.own_data import is_about, leads_to, names_person
from tithe.oversight.rules import retention
from tithe.timesheets.operations.erasure import remove_notes

PATIENCE_SECONDS = 600
TABLES = Base.metadata.tables
PSEUDONYMS = {("person", "name"): ("Former colleague ", ""), ("person", "email"): ("former.", "@erased.invalid")}


@dataclass(frozen=True)
class Erased:
    """Whose records were erased, and how many old rows of everybody's went."""

    people: list[Due]
    old_rows: int


@atomic
def erase_due(*, now: datetime) -> Erased:
    """Erase whatever has been kept long enough: records of leavers, and old messages and sign-ins of everybody."""
    allow_long_statements(PATIENCE_SECONDS)
    old_rows = _remove_old(now)
    due = list_due(local_date(now))
    for each in due:
        _erase(each, now)
    return Erased(due, old_rows)


def _erase(due: Due, now: datetime) -> None:
    for name, held in LABELS.items():
        if held.kept in due.classes:
            _erase_rows_about(TABLES[name], held, due.person_id)
        if Kept.DECISIONS in due.classes:
            _remove_words_by(TABLES[name], held, due.person_id)
    if Kept.TIME in due.classes:
        remove_notes(person_id=due.person_id)
    rows = [{"person_id": due.person_id, "kept": kept, "erased_at": now} for kept in due.classes]
    db.session.execute(insert(Erasure), rows)
    record("person:erase", actor=SYSTEM, about="person", id=due.person_id, at=now, classes=list(due.classes))


def _erase_rows_about(table: Table, held: Held, person_id: int) -> None:
    about = is_about(table, held, person_id)
    if held.deleted:
        db.session.execute(delete(table).where(about))
        return
    for name, label in held.labels.items():
        column = table.c[name]
        if label in GOES and not isinstance(column.type, JSON):
            _replace(column, label, about)


def _remove_words_by(table: Table, held: Held, person_id: int) -> None:
    """Words they wrote about others, as a decider for instance."""
    for name, author in held.words_by.items():
        if held.labels[name] is Label.WORDS and author not in held.of and names_person(table.c[author]):
            _replace(table.c[name], Label.WORDS, leads_to(table.c[author], person_id))


def _replace(column: Column[Any], label: Label, which: ColumnElement[bool]) -> None:
    table = column.table
    if label is Label.WORDS:
        which = which & (column != "")
    db.session.execute(update(table).where(which).values({column.name: _in_place_of(column, label)}))


def _in_place_of(column: Column[Any], label: Label) -> Any:
    """What stands in a column afterwards: nothing where that is possible, and never the same where it must differ."""
    table: Any = column.table
    if label is Label.WORDS:
        return REMOVED
    if (table.name, column.name) in PSEUDONYMS:
        before, after = PSEUDONYMS[table.name, column.name]
        return literal(before) + cast(table.c.id, String) + after
    if column.nullable:
        return null()
    unique = column.unique or any(column.name in each.columns for each in _unique_keys(table))
    return literal("erased-") + cast(table.c.id, String) if unique else ""


def _unique_keys(table: Table) -> Collection[UniqueConstraint]:
    return [each for each in table.constraints if isinstance(each, UniqueConstraint)]


def _remove_old(now: datetime) -> int:
    """Remove rows of everybody that are older than their class is kept: they may name anybody."""
    removed = 0
    for name, held in LABELS.items():
        if held.ages_by:
            oldest = datetime.combine(retention.oldest_kept(held.kept, local_date(now)), time(), LONDON)
            old = delete(TABLES[name]).where(TABLES[name].c[held.ages_by] < oldest)
            removed += int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]  # of a deletion there is one
    if removed:
        record("records:remove-old", actor=SYSTEM, about="records", id=None, at=now, rows=removed)
    return removed
