"""In what a post differs from what it was before, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tithe.kernel.minutes import spoken


@dataclass(frozen=True)
class Said:
    """A post by the names people use. Keys tell units and managers apart that have one name; hours are minutes a week,
    `calendar` is the code of the public holidays."""

    unit_key: object
    unit: str
    manager_id: int | None
    manager: str | None
    grade: str | None
    weekly_minutes: int
    calendar: str
    title: str = ""


def differences(was: Said | None, post: Said, places: Mapping[str, str]) -> str:
    """What is new about a post, or the whole of it for one that was not held before."""
    if was is None:
        under = f", reporting to {post.manager}" if post.manager else ", with no manager"
        return f"takes up {post.title or 'a post'} in {post.unit}{under}, {spoken(post.weekly_minutes)} a week"
    said = [
        (was.unit_key != post.unit_key, f"moves to {post.unit}"),
        (was.manager_id != post.manager_id, f"reports to {post.manager}" if post.manager else "has no manager"),
        (was.grade != post.grade, f"becomes {post.grade}" if post.grade else "has no grade"),
        (was.weekly_minutes != post.weekly_minutes, f"works {spoken(post.weekly_minutes)} a week"),
        (was.calendar != post.calendar, f"has the public holidays of {places.get(post.calendar, post.calendar)}"),
    ]
    return ", ".join(words for differs, words in said if differs) or "stays as it is"
