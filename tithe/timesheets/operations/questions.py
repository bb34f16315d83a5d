"""Asking the owner of a week, and answering. Neither changes the week, so its version stays; its clock is stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.allowance.queries.calendars import holidays_over
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.notices import operations as notices
from tithe.people import queries as people
from tithe.timesheets.models import Question, Week
from tithe.timesheets.operations.claiming import MOVED_ON
from tithe.timesheets.queries.inbox import waits_for
from tithe.timesheets.queries.questions import question_about
from tithe.timesheets.queries.weeks import WeekRow, get_week, own_week
from tithe.timesheets.rules.deciding import in_place_of
from tithe.timesheets.rules.questions import (
    ANSWERED_ALREADY,
    ASKED_ALREADY,
    NOTHING_ASKED,
    due_after,
    problem_with_words,
)


@atomic
def ask_question(*, actor: Actor, week_id: int, version: int, words: str, now: datetime) -> None:
    """Ask the owner about a week that waits for the actor, once a version; the decision is due later meanwhile."""
    week = get_week(week_id, by=actor, to=Permission.WEEK_ASK)
    if problem := problem_with_words(words, "question"):
        raise RuleBroken(problem, field="words")
    if question_about(week) is not None:
        raise RuleBroken(ASKED_ALREADY, field="words")
    due_was, today = week.due_on or local_date(now), local_date(now)
    due_on = due_after(due_was, today, None, _holidays(week, today))
    waiting = (waits_for(actor), Week.id == week_id, Week.version == version)
    asked = update(Week).where(*waiting).values(due_on=due_on).returning(Week.id)
    if db.session.scalar(asked.execution_options(synchronize_session=False)) is None:
        raise Conflict(MOVED_ON)
    row = {"week_id": week_id, "version": version, "asked_by": actor.person_id, "asked_at": now, "due_was": due_was}
    question_id = db.session.scalar(
        insert(table_of(Question)).values(**row, words=words.strip()).returning(Question.id)
    )
    facts = {"week_id": week_id, "version": version, "due_on": due_on}
    record("week:ask", actor=actor, about="question", id=question_id, at=now, **facts)
    message: dict[str, Any] = {"decider": _asker(actor, week), "week": named(week.starts_on), "words": words.strip()}
    path = f"/weeks/{week.starts_on}/question"
    notices.queue([notices.compose("week-question", to=week.owner_id, path=path, at=now, **message)])


@atomic
def answer_question(*, actor: Actor, monday: date, answer: str, now: datetime) -> None:
    """Answer what was asked about one's own week; the clock goes on from here."""
    week = own_week(actor, monday, lock=True)
    ensure(actor, Permission.WEEK_ANSWER, week)
    question = question_about(week)
    if question is None:
        raise NotFound(NOTHING_ASKED)
    if not question.is_open:
        raise Conflict(ANSWERED_ALREADY)
    if problem := problem_with_words(answer, "answer"):
        raise RuleBroken(problem, field="answer")
    asked_on, today = local_date(question.asked_at), local_date(now)
    holidays = _holidays(week, today)
    due_on = week.due_on
    if due_on == due_after(question.due_was, asked_on, None, holidays):  # else somebody has set another day since
        due_on = due_after(question.due_was, asked_on, today, holidays)
    answered = update(Question).where(Question.id == question.id).values(answer=answer.strip(), answered_at=now)
    db.session.execute(answered.execution_options(synchronize_session=False))
    moved = update(Week).where(Week.id == week.id).values(due_on=due_on)
    db.session.execute(moved.execution_options(synchronize_session=False))
    facts = {"week_id": week.id, "version": week.version, "due_on": due_on}
    record("week:answer", actor=actor, about="question", id=question.id, at=now, **facts)
    words: dict[str, Any] = {
        "owner": actor.name,
        "week": named(monday),
        "words": answer.strip(),
        "due": named(due_on or today),
    }
    path = f"/approvals/{week.id}"
    notices.queue([notices.compose("week-answered", to=question.asked_by, path=path, at=now, **words)])


def _asker(actor: Actor, week: WeekRow) -> str:
    """Who asks, and for whom if they stand in."""
    if week.approver_id not in actor.stands_in_for:
        return actor.name
    return in_place_of(actor.name, people.names_of([week.approver_id])[week.approver_id])


def _holidays(week: WeekRow, today: date) -> Collection[date]:
    """The holidays of whoever is to decide, else of the owner; over two years, from that of today."""
    calendar = people.calendar_of(week.approver_id or week.owner_id, today)
    return holidays_over(calendar or DEFAULT_CALENDAR, today.year, today.year + 1)
