"""Tithed time that leaves a shared post without cover. Source: §1.2 of the scheme's time rules, decision 0040."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tithe.allowance.rules.schedule import Schedule
from tithe.kernel.calendar import named
from tithe.kernel.errors import Problem
from tithe.people.rules.job_shares import Share
from tithe.timesheets.rules.entries import Entry

Held = Mapping[tuple[date, int, str], int]  # minutes by the place of an entry

BRIEFLY = "No cover"
NO_COVER = "The post you share would be without cover"
ELSEWHERE = "Move this time to a day on which whoever shares it with you is at work and not on tithe"


@dataclass(frozen=True)
class Uncovered:
    """A day that leaves a shared post without cover, who else holds the post, and whether the policy refuses that."""

    day: date
    sharer_id: int
    refused: bool

    @property
    def words(self) -> str:
        """For one of the two. They say nothing of why the other is not there."""
        return f"{NO_COVER} on {self.day:%A} {named(self.day)}"


@dataclass(frozen=True)
class Judged:
    """What a week's time means for a shared post: what is refused, and what is only said, each beside its entry."""

    refused: list[Problem]
    said: list[Problem]


def uncovered(
    days: Iterable[date],
    shares: Iterable[Share],
    schedules: Mapping[int, Schedule],
    tithed: Collection[tuple[int, date]],
) -> dict[date, Uncovered]:
    """The days of somebody's tithed time that leave the post they share without cover.

    On a day the post is to be filled when one of the two is due at work. It is covered if the other is, and not on
    tithe. `tithed` are the people and days with tithed time, logged or planned. Where the other holds no post on a day
    nobody shares one.
    """
    found = {}
    for share in shares:
        owner, sharer = schedules[share.person_id], schedules[share.sharer_id]
        for day in days:
            policy = owner.settings_on(day).job_share_cover
            if policy == "off" or not share.holds_on(day) or not sharer.holds_post_on(day):
                continue
            to_be_filled = owner.on(day).due or sharer.on(day).due
            covered = sharer.on(day).due and (share.sharer_id, day) not in tithed
            if to_be_filled and not covered:
                found[day] = Uncovered(day, share.sharer_id, policy == "block")
    return found


def judged(entries: Sequence[Entry], held: Held, found: Mapping[date, Uncovered]) -> Judged:
    """What to refuse and what to say of the entries of a week. What it `held` before may stay, whatever came since."""
    refused, said = [], []
    for number, entry in enumerate(entries):
        day = found.get(entry.day)
        if day is None or not entry.tithed:
            continue
        at = f"entries.{number}"
        if day.refused and entry.minutes > held.get(entry.place, 0):
            refused.append(Problem(f"{day.words}. {ELSEWHERE}", at, BRIEFLY))
        else:
            said.append(Problem(day.words, at, BRIEFLY))
    return Judged(refused, said)


def minutes_held(entries: Iterable[Entry]) -> Held:
    """What a week holds, by place."""
    return {entry.place: entry.minutes for entry in entries}


def for_decider(day: str, name: str | None) -> str:
    """What whoever decides a week reads of a day; the other sharer has a `name` only for those who manage them."""
    whose = f"the post shared with {name}" if name else "a shared post"
    return f"{day}: {whose} would be without cover"
