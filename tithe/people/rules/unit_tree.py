"""Units as published files name them: department, organisation, unit; and the short codes made for them."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

MAX_CODE = 60
MAX_NAME = 200
SMALL_WORDS = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to"}

Path = tuple[str, ...]
"""Names from the top down, folded for comparison. A unit is its path, whatever the capitals."""


@dataclass(frozen=True)
class PlannedUnit:
    """A unit to have. `spare_code` is for when another unit already holds `code`."""

    path: Path
    code: str
    spare_code: str
    name: str
    parent_code: str | None


@dataclass(frozen=True)
class Place:
    """Where a row stands: names from the top down, and how many of them are organisations and not units."""

    names: tuple[str, ...]
    organisations: int

    @property
    def path(self) -> Path:
        return tuple(name.casefold() for name in self.names)


def place_of(department: str, organisation: str, unit: str) -> Place:
    """Put a row in its place, leaving out blanks and a level that repeats the one above."""
    names: list[str] = []
    for name in (department, organisation):
        if name and (not names or name.casefold() != names[-1].casefold()):
            names.append(name)
    organisations = len(names)
    if unit and (not names or unit.casefold() != names[-1].casefold()):
        names.append(unit)
    return Place(tuple(names), organisations)


def plan_units(places: Iterable[Place]) -> list[PlannedUnit]:
    """Plan the units of these places and all above them, parents first. First spellings are kept."""
    spelling: dict[Path, str] = {}
    organisations: set[Path] = set()
    for place in dict.fromkeys(places):
        for depth in range(1, len(place.path) + 1):
            spelling.setdefault(place.path[:depth], place.names[depth - 1])
        organisations.update(place.path[:depth] for depth in range(1, place.organisations + 1))
    codes: dict[Path, str] = {}
    planned = []
    for level in sorted({len(path) for path in spelling}):
        paths = sorted(path for path in spelling if len(path) == level)
        plain = {path: _plain_code(path, path in organisations, codes) for path in paths}
        held = Counter(plain.values()) + Counter(codes.values())
        for path in paths:
            spare = _with_mark(plain[path], path)
            codes[path] = plain[path] if held[plain[path]] == 1 else spare
            above = codes.get(path[:-1])
            planned.append(PlannedUnit(path, codes[path], spare, shortened(spelling[path], MAX_NAME), above))
    return planned


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def slug(text: str) -> str:
    """Write text in small letters, digits and hyphens, so that it can stand in a code or an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")


def _plain_code(path: Path, is_organisation: bool, codes: dict[Path, str]) -> str:
    """Give departments and organisations their initials, and a unit its organisation's code and its name."""
    above = codes.get(path[:-1], "")
    own = _initials(path[-1]) if is_organisation else slug(path[-1]).upper()
    code = own if is_organisation or not above else f"{above}-{own}".strip("-")
    if not own or len(code) > MAX_CODE:
        return _with_mark(code or "UNIT", path)
    return code


def _initials(name: str) -> str:
    words = [word for word in slug(name).split("-") if word]
    if len(words) == 1:
        return words[0].upper()
    telling = [word for word in words if word not in SMALL_WORDS]
    letters = "".join(word[0] for word in telling)
    return ("mo" + letters[1:] if words[:2] == ["ministry", "of"] else letters).upper()


def _with_mark(code: str, path: Path) -> str:
    mark = hashlib.sha256("\x1f".join(path).encode()).hexdigest()[:8].upper()
    return f"{code[: MAX_CODE - 9].rstrip('-')}-{mark}"
