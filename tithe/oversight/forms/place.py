"""Where to read on in a list that is in the order of its ids."""

from __future__ import annotations

from tithe.kernel.errors import RuleBroken


def read_place(text: str | None) -> int | None:
    """The id a link names; None at the start of the list. Refuses what is no id."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RuleBroken("This link is damaged. Start again from the first page", field="before")
    return int(text)
