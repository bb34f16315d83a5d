"""Blackouts."""

from __future__ import annotations

import datetime

from tests.factories.base import TitheFactory
from tithe.allowance.models import BlackoutPeriod
from tithe.allowance.rules.blackouts import BlackoutGround


class BlackoutFactory(TitheFactory):
    """A week's blackout in October 2026. Give it a unit and who set it."""

    class Meta:
        model = BlackoutPeriod

    starts_on = datetime.date(2026, 10, 5)
    last_day = datetime.date(2026, 10, 9)
    ground = BlackoutGround.PEAK
    reason = "Everybody answers letters this week"
    set_at = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)
