"""Flags on projects."""

from __future__ import annotations

import datetime

import factory

from tests.factories.base import TitheFactory
from tithe.projects.models import ProjectFlag
from tithe.projects.rules import FlagGround, FlagOutcome

RAISED = datetime.datetime(2026, 8, 5, 9, tzinfo=datetime.UTC)
WORDS = "A supplier that tenders to us this year employs somebody close to me."
CLEARED = "The supplier has nothing to do with this project, so there is no conflict."


class FlagFactory(TitheFactory):
    """An open flag because of a conflict of interest, raised by the Wednesday of the week of the story."""

    class Meta:
        model = ProjectFlag

    class Params:
        cleared = factory.Trait(
            outcome=FlagOutcome.CLEARED, reason=CLEARED, settled_at=RAISED + datetime.timedelta(hours=1)
        )

    ground = FlagGround.CONFLICT
    words = WORDS
    raised_at = RAISED
