"""Two people who hold one post together: which days, and what cannot be. Source: §1.2 of the scheme's time rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem


@dataclass(frozen=True)
class Share:
    """A job share as one of the two has it; `ends_on` is the last day, None while it goes on."""

    person_id: int
    sharer_id: int
    starts_on: date
    ends_on: date | None = None

    @property
    def turned(self) -> Share:
        """The same share as the other has it."""
        return replace(self, person_id=self.sharer_id, sharer_id=self.person_id)

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def meets(self, other: Share) -> bool:
        """Both hold on a day."""
        return (other.ends_on is None or self.starts_on <= other.ends_on) and (
            self.ends_on is None or other.starts_on <= self.ends_on
        )


def problems_in(wanted: Share, others: Iterable[Share]) -> list[Problem]:
    """Why a share cannot be beside the `others` that either of the two has: nobody shares two posts on one day."""
    if wanted.person_id == wanted.sharer_id:
        return [Problem("Nobody shares a post with themselves. Choose somebody else", "sharer")]
    if wanted.ends_on is not None and wanted.ends_on < wanted.starts_on:
        return [Problem(f"Choose {named(wanted.starts_on)}, the first day, or a later one", "ends_on")]
    clash = next((each for each in others if each.meets(wanted)), None)
    if clash is None:
        return []
    whose = "They share" if clash.person_id == wanted.person_id else "The other shares"
    until = f" to {named(clash.ends_on)}" if clash.ends_on else " on"
    return [Problem(f"{whose} a post from {named(clash.starts_on)}{until} already. End that first", "starts_on")]
