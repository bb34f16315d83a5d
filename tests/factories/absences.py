"""Days away."""

from __future__ import annotations

import datetime

from tests.factories.base import TitheFactory
from tithe.allowance.models import Absence


class AbsenceFactory(TitheFactory):
    """A whole standard day somebody said themselves they are away; give `person_id`."""

    class Meta:
        model = Absence

    day = datetime.date(2026, 8, 12)
    minutes = 444
    reduces_accrual = True
    source = "own"
    source_key = ""
