"""The timer that runs for somebody, and those that have run out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from tithe.access.actor import Actor
from tithe.kernel.db import db
from tithe.projects import queries as projects
from tithe.timesheets.models import Timer
from tithe.timesheets.rules.entries import KINDS, TimeKind
from tithe.timesheets.rules.timer import worth


@dataclass(frozen=True)
class TimerRow:
    """A running timer of somebody's, and the row of the week it is for."""

    owner_id: int
    project_id: int | None
    kind: TimeKind
    note: str
    started_at: datetime
    runs_until: datetime
    project: str | None

    @property
    def title(self) -> str:
        return self.project or KINDS[self.kind]

    @property
    def line(self) -> str:
        """The row of the week, as `Entry.line` names it."""
        return str(self.project_id) if self.project_id else self.kind.value

    def minutes(self, now: datetime) -> int:
        """What it is worth if it is stopped now."""
        return worth(self.started_at, min(now, self.runs_until))

    def is_capped(self, now: datetime) -> bool:
        """It counts no further."""
        return now >= self.runs_until


def own_timer(owner: Actor, *, lock: bool = False) -> TimerRow | None:
    """The timer that runs for somebody, if one does."""
    titles = projects.project_titles
    found = (
        select(
            Timer.person_id,
            Timer.project_id,
            Timer.kind,
            Timer.note,
            Timer.started_at,
            Timer.runs_until,
            titles.c.title,
        )
        .outerjoin(titles, titles.c.id == Timer.project_id)
        .where(Timer.person_id == owner.id)
    )
    row = db.session.execute(found.with_for_update(of=Timer) if lock else found).first()
    return TimerRow(*row) if row else None


def still_running(about: list[tuple[int, int]]) -> set[int]:
    """Of messages about somebody's timer, each with the id of that person, those whose timer still runs."""
    owners = {owner_id for _, owner_id in about}
    running = set(db.session.scalars(select(Timer.person_id).where(Timer.person_id.in_(owners))))
    return {message_id for message_id, owner_id in about if owner_id in running}
