"""A process that submits and approves weeks, one after the other, until it is killed. Run it with a database's address.

It writes a line for every write that was acknowledged: what was done, whose week, its Monday, and the version it then
had.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

from tests.conftest import test_settings
from tests.timesheets.weeks import MONDAY, NOW, approve
from tithe.access.actor import Actor
from tithe.app import create_app
from tithe.people.queries import actor_by_email
from tithe.projects.queries import memberships_of
from tithe.timesheets.operations.amending import amend_week
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekStatus

WEEKS = 4


def write_for_ever(owner: Actor, manager: Actor, tell: Callable[[str], None]) -> None:
    [project] = memberships_of(owner.person_id)
    for number in cycle(range(WEEKS)):
        monday = MONDAY - timedelta(days=7 * number)
        week = own_week(owner, monday)
        if week.status is WeekStatus.APPROVED:
            amend_week(actor=owner, week_id=week.id or 0, reason="It was another day", now=NOW)
        if week.status is not WeekStatus.SUBMITTED:
            minutes = 60 if week.total_minutes != 60 else 75
            entries = [Entry(monday + timedelta(days=1), project.project_id, minutes)]
            save_week(actor=owner, monday=monday, entries=entries, now=NOW)
            submit_week(actor=owner, monday=monday, now=NOW)
            tell(f"submitted {monday} {own_week(owner, monday).version}")
        approve(manager, own_week(owner, monday))
        tell(f"approved {monday} {own_week(owner, monday).version}")


if __name__ == "__main__":
    with create_app(test_settings(sys.argv[1])).app_context():
        people = [actor_by_email(f"{name}@example.org", NOW) for name in ("ada.owner", "max.manager")]
        write_for_ever(*people, lambda line: print(line, flush=True))
