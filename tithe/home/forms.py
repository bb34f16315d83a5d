"""Where a page of a list begins, as text for a link."""

from __future__ import annotations

from tithe.allowance.queries.team import Place
from tithe.kernel.db import LARGEST_ID
from tithe.kernel.errors import RuleBroken


def write_place(place: Place | None) -> str | None:
    """The last row of a page, from which the next goes on."""
    if place is None:
        return None
    first, name, person_id = place
    return f"{first}.{person_id}.{name}"


def read_place(text: str | None) -> Place | None:
    """The place a link names; None at the start of the list. Refuses what `write_place` did not make."""
    if not text:
        return None
    first, _, rest = text.partition(".")
    number, dot, name = rest.partition(".")
    if first not in ("0", "1") or not dot or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise RuleBroken("This link is damaged. Start again from the first page", field="after")
    if not 0 < int(number) <= LARGEST_ID:
        raise RuleBroken("This link is damaged. Start again from the first page", field="after")
    return int(first), name, int(number)
