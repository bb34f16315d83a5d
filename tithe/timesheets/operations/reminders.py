"""Reminding those who have something to do with weeks. Every reminder is asked about once more before it goes."""

from __future__ import annotations

from datetime import date, datetime

from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic
from tithe.notices import operations as notices
from tithe.people import around
from tithe.timesheets.queries.reminders import deciders_to_remind, queues_of
from tithe.timesheets.queries.unlogged import owners_to_remind

# The names of messages, of their questions, and of what they replace.
WEEKS_WAIT, WEEKS_MISSING = "weeks-wait", "weeks-missing"


@atomic
def remind_deciders(*, since: date, now: datetime) -> int:
    """Tell whoever has weeks to decide how many wait, once their clock has come to a day of reminding since a day.

    One message each, to those who stand in for them too; return how many. Source: §1.6 of the scheme's time rules.
    """
    today = local_date(now)
    deciders = deciders_to_remind(since, today)
    delegates = around.delegates_of(deciders, today)
    readers = deciders.union(*delegates.values())
    messages = [
        notices.compose(
            WEEKS_WAIT,
            to=person_id,
            path="/approvals",
            at=now,
            collapse_key=WEEKS_WAIT,
            recheck=WEEKS_WAIT,
            about_id=person_id,
            count="1 week waits" if len(queue) == 1 else f"{len(queue)} weeks wait",
            due=named(min(week.due_on for week in queue)),
        )
        for person_id, queue in sorted(queues_of(readers, today).items())
        if any(week.approver_id in deciders for week in queue)
    ]
    notices.queue(messages)
    return len(messages)


@atomic
def remind_owners(*, since: date, now: datetime) -> int:
    """Tell whoever said nothing of one of the last weeks which ones, once since a day; return how many people.

    Saying that there was nothing ends it. Source: §1.6 of the scheme's time rules.
    """
    told = 0
    for missing in owners_to_remind(since, local_date(now)):
        notices.queue(
            [
                notices.compose(
                    WEEKS_MISSING,
                    to=person_id,
                    path=f"/weeks/{mondays[0]}" if len(mondays) == 1 else "/weeks",
                    at=now,
                    collapse_key=WEEKS_MISSING,
                    recheck=WEEKS_MISSING,
                    about_id=person_id,
                    weeks=listed([named(monday) for monday in mondays]),
                )
                for person_id, mondays in missing.items()
            ]
        )
        told += len(missing)
    return told


def listed(words: list[str]) -> str:
    """Some words as a sentence lists them: "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
