"""A canary in every column that can say who somebody is or hold their words, in a row of every table."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import JSON, Enum, String, text

from tests.architecture.test_schema import VALID
from tests.factories.calendars import CalendarFactory
from tests.timesheets.weeks import Story
from tithe.kernel.db import Base, db
from tithe.kernel.privacy import Label
from tithe.oversight.labels import LABELS

GOES = {Label.IDENTIFYING, Label.SENSITIVE, Label.WORDS}
SAID = GOES | {Label.PUBLISHED}
MARK = "CANARY"
# Rows that decide something are decided by the person: the words are theirs.
DECIDED = {
    "decision": {"decided_by": "{manager}"},
    "tithe_request": {
        "status": "'refused'", "decided_by": "{manager}", "decided_at": "'2026-08-07 15:00:00'", "ground": "'cover'",
    },
    "adjustment": {"status": "'posted'", "decided_at": "'2026-08-07 15:00:00'", "decided_by": "{director}"},
    "role_request": {"outcome": "'refused'", "decided_at": "'2026-08-07 15:00:00'", "decided_by": "{director}"},
    "tithe_policy": {"adopted_by": "{manager}"},
    "delegation": {"manager_id": "{owner}"},
    "week": {"amends_version": "1"},
    "question": {"answered_at": "'2026-08-07 15:00:00'"},
}  # fmt: skip


def canary(table: str, column: str) -> str:
    """Words that no other column holds, long enough for columns with a least length."""
    return f"{MARK}-{table}-{column}-" + "x" * 20


def columns(table: str, labels: set[Label]) -> Iterator[str]:
    """The columns of words in a table with these labels that are wide enough for a canary."""
    for column in Base.metadata.tables[table].c:
        wide = isinstance(column.type, String) and not isinstance(column.type, Enum)
        fits = wide and (column.type.length or 1000) >= len(canary(table, column.name))
        if fits and LABELS[table].labels[column.name] in labels:
            yield column.name


class Planted:
    """A team, and around one of it a row of every table, with canaries."""

    def __init__(self) -> None:
        story = Story()
        CalendarFactory(code="place")
        team = story.team
        self.story, self.person = story, team.owner
        week = story.saved().id or 0
        self.ids = {
            "owner": team.owner.id, "manager": team.manager.id, "director": team.director.id, "unit": team.unit.id,
            "project": story.project.id, "week": week,
        }  # fmt: skip
        self.canaries: dict[str, str] = {}
        for table in Base.metadata.sorted_tables:
            if table.name in VALID and table.name not in ("audit_event", "erasure", "person", "period"):
                self._plant(table.name)
        self._rename()

    def _plant(self, table: str) -> None:
        row = {**VALID[table], **DECIDED.get(table, {})}
        for column in columns(table, SAID):
            self.canaries[f"{table}.{column}"] = canary(table, column)
            row[column] = f"'{canary(table, column)}'"
        for column in Base.metadata.tables[table].c:
            if isinstance(column.type, JSON) and LABELS[table].labels[column.name] in GOES:
                self.canaries[f"{table}.{column.name}"] = canary(table, column.name)
                shown = [["2026-08-05", self.ids["project"], 60, canary(table, column.name)]]
                row[column.name] = "'" + json.dumps(shown).replace(":", r"\:") + "'"
        values = ", ".join(value if "[[" in value else value.format(**self.ids) for value in row.values())
        with db.engine.begin() as connection:
            connection.execute(text(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({values})'))  # noqa: S608 names come from the models, not from outside

    def _rename(self) -> None:
        """The person is called by a canary too."""
        for column in ("name", "email", "staff_number"):
            self.canaries[f"person.{column}"] = f"{MARK}-person-{column}"
        said = {column: f"{MARK}-person-{column}" for column in ("name", "email", "staff_number")}
        with db.engine.begin() as connection:
            statement = "UPDATE person SET name = :name, email = :email, staff_number = :staff_number WHERE id = :id"
            connection.execute(text(statement), {**said, "id": self.person.id})
