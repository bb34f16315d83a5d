"""What is asked of the directory, where a page of it begins, and one's own skills."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import TextAreaField

from tithe.kernel.db import LARGEST_ID
from tithe.kernel.errors import RuleBroken
from tithe.people.directory import Find, Place
from tithe.web.forms import TitheForm

LONGEST = 100


class SkillsForm(TitheForm):
    """Skills and interests, one a line."""

    skills = TextAreaField("Skills and interests (optional)")

    @property
    def lines(self) -> list[str]:
        return (self.skills.data or "").splitlines()


def find_in(args: Mapping[str, str]) -> Find:
    """Who is looked for, from the address of a page."""
    name, unit, skill = (args.get(key, "").strip()[:LONGEST] for key in ("q", "unit", "skill"))
    return Find(name, unit, skill)


def write_place(place: Place | None) -> str | None:
    """The last row of a page, from which the next goes on."""
    return f"{place[1]}.{place[0]}" if place else None


def read_place(text: str | None) -> Place | None:
    """The place a link names; None at the start of the list. Refuses what `write_place` did not make."""
    if not text:
        return None
    number, dot, name = text.partition(".")
    if not dot or not (number.isascii() and number.isdigit() and len(number) < 11 and 0 < int(number) <= LARGEST_ID):
        raise RuleBroken("This link is damaged. Start again from the first page", field="after")
    return name, int(number)
