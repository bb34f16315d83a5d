"""The weeks that wait for somebody, as a page shows them and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tithe.kernel.calendar import named
from tithe.timesheets.presenters.weeks import entries_as_json
from tithe.timesheets.queries.inbox import Waiting
from tithe.timesheets.queries.questions import QuestionRow
from tithe.timesheets.rules.deciding import DecisionHow

NAMED = 12  # the most weeks a message names one by one


@dataclass
class Inbox:
    """A page of the queue. `ticked` are the weeks whose boxes are ticked, by id."""

    weeks: Sequence[Waiting]
    ticked: set[int] = field(default_factory=set)
    moved: list[dict[str, str]] = field(default_factory=list)

    @property
    def usual(self) -> set[int]:
        """The weeks with nothing unusual about them, by id."""
        return {each.week.id for each in self.weeks if not each.unusual}

    @property
    def boxes(self) -> str:
        """Where the boxes begin, as an address within the page."""
        return f"#week-{self.weeks[0].week.id}" if self.weeks else "#all-weeks"

    def tick_usual(self) -> None:
        self.ticked = self.usual

    def keep(self, chosen: Mapping[int, int]) -> None:
        """Keep the ticks of the weeks that are still as they were chosen, and say which are not."""
        here = {each.week.id: each.week for each in self.weeks}
        self.ticked = {week_id for week_id, version in chosen.items() if _version(here.get(week_id)) == version}
        gone = sorted(chosen.keys() - self.ticked)
        for week in (here[week_id] for week_id in gone if week_id in here):
            words = f"{week.owner_name}, week of {named(week.starts_on)}, has changed since you opened this page"
            self.moved.append({"text": words, "href": f"#week-{week.id}"})
        if away := [week_id for week_id in gone if week_id not in here]:
            count = "One week" if len(away) == 1 else f"{len(away)} weeks"
            waits = "waits" if len(away) == 1 else "wait"
            self.moved.append({"text": f"{count} you ticked no longer {waits} for you", "href": "#all-weeks"})


def _version(week: Any) -> int | None:
    return week.version if week else None


def as_whom(waiting: Waiting) -> str:
    """As whom the viewer decides a week, in words; nothing where they are its own approver."""
    if waiting.how is DecisionHow.QUEUE:
        return f"No manager was found: in the queue of {waiting.week.unit}"
    if waiting.how is DecisionHow.COUNTERSIGNER:
        return "As countersigning manager"
    return f"For {waiting.for_whom}" if waiting.for_whom else ""


def approved_words(names: Sequence[str]) -> str:
    """What was approved, by name: "3 weeks approved: Amir Shah, 3 August 2026; …"."""
    if len(names) == 1:
        return f"Week approved: {names[0]}"
    more = f"; and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)} weeks approved: {'; '.join(names[:NAMED])}{more}"


def awaiting_as_json(waiting: Waiting) -> dict[str, Any]:
    week, lines = waiting.week, entries_as_json(entry for entry, _ in waiting.entries)
    return {
        "id": week.id,
        "owner": week.owner_name,
        "monday": week.starts_on,
        "version": week.version,
        "total_minutes": week.total_minutes,
        "submitted_at": week.submitted_at,
        "due_on": week.due_on,
        "how": waiting.how.value,
        "for_whom": waiting.for_whom,
        "balance_left": waiting.left,
        "unusual": [{"reason": each.reason.value, "words": each.words} for each in waiting.unusual],
        "question": question_as_json(week.question) if week.question else None,
        "entries": [{**line, "project": title} for line, (_, title) in zip(lines, waiting.entries, strict=True)],
    }


def question_as_json(question: QuestionRow) -> dict[str, Any]:
    return {
        "asked_by": question.asker,
        "asked_at": question.asked_at,
        "words": question.words,
        "answer": question.answer or None,
        "answered_at": question.answered_at,
    }
