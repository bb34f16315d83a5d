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


# What breaks each promise about flags: its code, the statements, and the row that is named.
_FLAG = (
    "INSERT INTO project_flag (id, project_id, ground, words, reason, raised_by, raised_at, outcome, settled_by, "
    "settled_at) VALUES (1, {{project}}, 'conflict', 'WORDS', 'WORDS', {{owner}}, '2026-08-04 10:00:00', {0})"
).replace("WORDS", WORDS)
_BY_SILENCE = "UPDATE decision SET how = 'deemed', decided_by = NULL"
FLAG_BREACHES = [
    ("P1", "UPDATE project SET status = 'stopped', closed_on = '2026-08-05'", "project {project}"),
    ("P1", _FLAG.format("'stopped', {director}, '2026-08-05 10:00:00'"), "project {project}"),
    ("P2", _FLAG.format("'cleared', {owner}, '2026-08-05 10:00:00'"), "flag 1"),
    ("P3", "; ".join([_FLAG.format("NULL, NULL, NULL"), _BY_SILENCE]), "decision {decision}"),
]
