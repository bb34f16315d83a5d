"""The shape of ending sessions: a button and nothing else."""

from __future__ import annotations

from tithe.kernel.errors import RuleBroken
from tithe.web.forms import TitheForm


class EndForm(TitheForm):
    """Carries the token of the page alone."""

    def refuse_unknown(self) -> None:
        """Refuse fields the page does not have."""
        if not self.validate():
            raise RuleBroken(str(self.problems[0]["text"]))
