"""Two people who hold one post together."""

from __future__ import annotations

import datetime

from tests.factories.base import TitheFactory
from tithe.people.models import JobShare


class JobShareFactory(TitheFactory):
    """A share since 2025 that goes on. Give it both ids, the smaller first."""

    class Meta:
        model = JobShare

    starts_on = datetime.date(2025, 1, 6)


# What breaks the promise about job shares: its code, the statement, and the row that is named.
SHARE_BREACH = (
    "A11",
    "INSERT INTO job_share (id, first_id, second_id, starts_on) VALUES "
    "(1, {manager}, {owner}, '2026-08-03'), (2, {owner}, {colleague}, '2026-08-10')",
    "job share 1",
)
