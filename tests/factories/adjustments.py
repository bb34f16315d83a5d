"""Corrections."""

from __future__ import annotations

import datetime

from tests.factories.base import TitheFactory
from tithe.allowance.models import Adjustment


class AdjustmentFactory(TitheFactory):
    """An hour and a half more that waits for a second person. Give it whose minutes and who proposed it."""

    class Meta:
        model = Adjustment

    applies_to = "2026-27Q2"
    minutes = 90
    reason = "A week of September was counted twice"
    proposed_at = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)
