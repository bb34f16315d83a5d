"""Taking somebody's words out of what was decided on their weeks, once they may no longer be kept."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import bindparam, select, update

from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.privacy import REMOVED
from tithe.timesheets.models import Decision, Week
from tithe.timesheets.rules.entries import Entry, as_shown, digest_of, from_shown

DECISION, WEEK = table_of(Decision), table_of(Week)


@atomic
def remove_notes(*, person_id: int) -> None:
    """Take the notes out of the entries that decisions on a person's weeks keep; days and minutes stay.

    The digest follows, so that it is still that of what the decision keeps. The one that was shown stays in the audit.
    """
    weeks = select(WEEK.c.id).where(WEEK.c.person_id == person_id)
    found = select(DECISION.c.id, DECISION.c.version, DECISION.c.entries).where(DECISION.c.week_id.in_(weeks))
    rows = []
    for row in db.session.execute(found).all():
        entries = [_without_note(from_shown(each)) for each in row.entries]
        shown = [as_shown(each) for each in entries]
        rows.append({"decision_id": row.id, "entries": shown, "digest": digest_of(row.version, entries)})
    if rows:
        changed = update(DECISION).where(DECISION.c.id == bindparam("decision_id"))
        db.session.execute(changed.values(entries=bindparam("entries"), digest=bindparam("digest")), rows)


def _without_note(entry: Entry) -> Entry:
    return replace(entry, note=REMOVED) if entry.note else entry
