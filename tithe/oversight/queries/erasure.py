"""Which leavers have records whose time has ended."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from tithe.kernel.db import db
from tithe.kernel.privacy import Kept
from tithe.oversight.models import Erasure
from tithe.oversight.rules import retention
from tithe.people.lookup import leavers_before


@dataclass(frozen=True)
class Due:
    """A leaver, their last day, and the classes of records to be erased."""

    person_id: int
    last_day: date
    classes: tuple[Kept, ...]


def list_due(today: date) -> list[Due]:
    """Every leaver with something to be erased today."""
    done: dict[int, set[Kept]] = defaultdict(set)
    for person_id, kept in db.session.execute(select(Erasure.person_id, Erasure.kept)):
        done[person_id].add(kept)
    found = []
    for person_id, last_day in leavers_before(retention.first_due(today)).items():
        if classes := retention.due_classes(last_day, today, done[person_id]):
            found.append(Due(person_id, last_day, tuple(classes)))
    return found
