"""Reading what was taken in from files of other tools before."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from tithe.access.actor import Actor
from tithe.kernel.db import db, table_of
from tithe.projects import queries as projects
from tithe.projects.rules import Membership
from tithe.timesheets.models import ImportedRow, ImportName
from tithe.timesheets.rules.entries import KINDS, TimeKind
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.imports.plan import LEAVE_OUT, Known, suggested

ROW, NAME = table_of(ImportedRow).c, table_of(ImportName).c


def as_line(project_id: int | None, kind: TimeKind | None) -> str:
    """The line of a week that two columns name; without a kind, none."""
    if kind is None:
        return LEAVE_OUT
    return str(project_id) if kind is TimeKind.TITHE else kind.value


def names_of(owner: Actor) -> dict[str, str]:
    """Where somebody sent each name of another tool, by name."""
    found = select(NAME.name, NAME.project_id, NAME.kind).where(NAME.person_id == owner.person_id)
    return {name: as_line(project_id, kind) for name, project_id, kind in db.session.execute(found)}


def rows_of(owner: Actor) -> dict[str, tuple[Format, Known]]:
    """The rows somebody loaded, by what each is known by."""
    found = select(ROW.key, ROW.source, ROW.day, ROW.project_id, ROW.kind, ROW.seconds)
    return {
        key: (source, Known(day, as_line(project_id, kind), seconds))
        for key, source, day, project_id, kind, seconds in db.session.execute(
            found.where(ROW.person_id == owner.person_id)
        )
    }


def lines_for(owner: Actor) -> dict[str, str]:
    """Where rows may go, with the words for it: one's projects by title, the kinds of time, nowhere."""
    mine = {str(each.project_id): each.title for each in projects.memberships_of(owner.person_id)}
    return {LEAVE_OUT: "Leave out", **mine, **{kind.value: words for kind, words in KINDS.items()}}


def mapping_for(owner: Actor, names: Iterable[str], memberships: Iterable[Membership]) -> dict[str, str]:
    """Where each name would go unless somebody says otherwise."""
    remembered, mine = names_of(owner), list(memberships)
    return {name: suggested(name, remembered, mine) for name in names}
