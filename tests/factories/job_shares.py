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
