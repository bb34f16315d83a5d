"""Who gains and who loses by a change, counted: by how much, and how many in each band. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

MOST_BANDS = 6  # on either side of those who neither gain nor lose
WIDTHS = (15, 30, 60, 120, 300, 600, 1200, 2400, 4800, 9600)  # minutes


@dataclass(frozen=True)
class Tally:
    """People and whole minutes. `lost` is written without its sign."""

    gaining: int = 0
    losing: int = 0
    unchanged: int = 0
    gained: int = 0
    lost: int = 0

    @property
    def people(self) -> int:
        return self.gaining + self.losing + self.unchanged

    @property
    def net(self) -> int:
        """Minutes gained less minutes lost."""
        return self.gained - self.lost


@dataclass(frozen=True)
class Band:
    """How many people gain from `least` to `most` minutes, both included; losses are below nothing."""

    least: int
    most: int
    people: int


def tally(differences: Mapping[int, int]) -> Tally:
    """Count people by how many minutes they gain: `differences` says how many people there are for each."""
    up = {minutes: people for minutes, people in differences.items() if minutes > 0}
    down = {minutes: people for minutes, people in differences.items() if minutes < 0}
    return Tally(
        gaining=sum(up.values()),
        losing=sum(down.values()),
        unchanged=differences.get(0, 0),
        gained=sum(minutes * people for minutes, people in up.items()),
        lost=-sum(minutes * people for minutes, people in down.items()),
    )


def bands(differences: Mapping[int, int]) -> list[Band]:
    """The same people in bands of one width, from the largest loss to the largest gain, none left out in between.

    The width is the least that needs no more than `MOST_BANDS` on either side; whoever neither gains nor loses is in a
    band of their own.
    """
    largest = max((abs(minutes) for minutes, people in differences.items() if people), default=0)
    width = next((each for each in WIDTHS if largest <= each * MOST_BANDS), WIDTHS[-1])
    counts: Counter[int] = Counter()
    for minutes, people in differences.items():
        counts[_place(minutes, width)] += people
    return [_band(place, width, counts[place]) for place in range(min(counts), max(counts) + 1)] if counts else []


def _place(minutes: int, width: int) -> int:
    """0 for no difference, 1 and −1 for the first band on either side, and so on."""
    away = -(-abs(minutes) // width)
    return away if minutes > 0 else -away


def _band(place: int, width: int, people: int) -> Band:
    least, most = (abs(place) - 1) * width + 1, abs(place) * width
    if place < 0:
        return Band(-most, -least, people)
    return Band(least, most, people) if place else Band(0, 0, people)
