"""Planned blocks, and requests to agree in advance."""

from __future__ import annotations

import datetime

import factory

from tests.factories.base import TitheFactory
from tithe.timesheets.models import PlannedBlock, TitheRequest
from tithe.timesheets.rules.agreements import RequestShape, RequestStatus
from tithe.timesheets.rules.entries import TimeKind
from tithe.timesheets.rules.plans import BlockStatus

ASKED = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)


class BlockFactory(TitheFactory):
    """An hour of learning planned for a Friday in August 2026. Give it whose it is."""

    class Meta:
        model = PlannedBlock

    class Params:
        dropped = factory.Trait(status=BlockStatus.DROPPED, settled_at=ASKED)

    kind = TimeKind.LEARNING
    day = datetime.date(2026, 8, 14)
    minutes = 60


class RequestFactory(TitheFactory):
    """Three hours on Fridays until Christmas 2026 that wait for an answer. Give it who asks."""

    class Meta:
        model = TitheRequest

    class Params:
        withdrawn = factory.Trait(status=RequestStatus.WITHDRAWN)
        burst = factory.Trait(shape=RequestShape.BURST, weekdays=127, week_minutes=10080)

    shape = RequestShape.RHYTHM
    starts_on = datetime.date(2026, 8, 3)
    last_day = datetime.date(2026, 12, 18)
    weekdays = 0b11111
    week_minutes = 240
    project_ids = factory.LazyFunction(list)
    asked_at = ASKED
