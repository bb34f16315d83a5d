"""Two of a team who share a post: one works from Monday to Wednesday, the other from Wednesday to Friday."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from tests.factories.job_shares import JobShareFactory
from tests.factories.projects import ProjectFactory
from tests.policy.policies import adopt
from tests.timesheets.weeks import MONDAY, Story, actor
from tithe.allowance.models import WorkingPattern
from tithe.kernel.db import db
from tithe.timesheets.rules.entries import Entry

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=number) for number in (1, 2, 3))
FIRST_HALF, SECOND_HALF = [444, 444, 444, 0, 0, 0, 0], [0, 0, 444, 444, 444, 0, 0]
ON_TUESDAY = "The post you share would be without cover on Tuesday 4 August 2026"
ON_WEDNESDAY = "The post you share would be without cover on Wednesday 5 August 2026"


class Sharing(Story):
    """The owner and the colleague share a post. Both have a project of their own."""

    def __init__(self, policy: str = "", *, owner: list[int] = FIRST_HALF, colleague: list[int] = SECOND_HALF) -> None:
        super().__init__()
        team = self.team
        for person, week in ((team.owner, owner), (team.colleague, colleague)):
            row = {"person_id": person.id, "starts_on": MONDAY - timedelta(weeks=20), "weeks": [week]}
            db.session.execute(insert(WorkingPattern).values(row))
        db.session.commit()
        JobShareFactory(first_id=team.owner.id, second_id=team.colleague.id)
        if policy:
            adopt(team.department, job_share_cover=policy)
        self.theirs = ProjectFactory(owner_id=team.colleague.id, owner=None, title="Maps")
        self.owner, self.colleague = actor(team.owner), actor(team.colleague)

    def on_tithe(self, day: int) -> None:
        """The colleague logs an hour on a day of the week, and does not submit it."""
        self.saved(Entry(MONDAY + timedelta(days=day), self.theirs.id, 60), by=self.colleague)
