"""Reading the questions asked about weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from tithe.kernel.db import db
from tithe.people.queries import person_names
from tithe.timesheets.models import Question
from tithe.timesheets.queries.weeks import WeekRow
from tithe.timesheets.rules.lifecycle import WeekStatus


@dataclass(frozen=True)
class QuestionRow:
    """What was asked about a week as it stands, by whom, and the answer if there is one."""

    id: int
    asked_by: int
    asker: str
    asked_at: datetime
    words: str
    due_was: date
    answer: str
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Its owner has not answered."""
        return self.answered_at is None


ASKERS = person_names.alias("askers")
COLUMNS = (
    Question.id, Question.asked_by, ASKERS.c.name, Question.asked_at, Question.words, Question.due_was,
    Question.answer, Question.answered_at,
)  # fmt: skip


def question_about(week: WeekRow) -> QuestionRow | None:
    """The question about a submitted week as it stands; what was asked before it changed is closed."""
    if week.id is None or week.status is not WeekStatus.SUBMITTED:
        return None
    found = (
        select(*COLUMNS)
        .join(ASKERS, ASKERS.c.id == Question.asked_by)
        .where(Question.week_id == week.id, Question.version == week.version)
    )
    row = db.session.execute(found).first()
    return QuestionRow(*row) if row else None
