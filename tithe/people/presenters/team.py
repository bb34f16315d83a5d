"""What is known to change for somebody in a team, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from tithe.kernel.calendar import named
from tithe.people.presenters.changes import Said, differences
from tithe.people.teams import Member, PostRow


def changes_in_words(member: Member, places: Mapping[str, str]) -> list[str]:
    """A line for each later change, in order of its day, and one for the last day of employment."""
    known = [*member.posts, *member.later]
    lines = []
    for each in member.later:
        was = _before(each, known)
        lines.append(f"From {named(each.starts_on)}: {differences(_said(was) if was else None, _said(each), places)}")
    lines += [
        f"Holds this post until {named(each.ends_on)}"
        for each in member.posts
        if each.ends_on and each.ends_on != member.leaves_on and not _goes_on(each, member.later)
    ]
    return lines + ([f"Leaves: {named(member.leaves_on)} is the last day"] if member.leaves_on else [])


def _goes_on(post: PostRow, later: tuple[PostRow, ...]) -> bool:
    return any(_before(each, [post]) is post for each in later)


def _before(post: PostRow, known: list[PostRow]) -> PostRow | None:
    """What the same post was until the day before, if it was held."""
    eve: date = post.starts_on - timedelta(days=1)
    return next((each for each in known if each.ends_on == eve and each.source_key == post.source_key), None)


def _said(post: PostRow) -> Said:
    return Said(
        post.unit, post.unit_name, post.manager_id, post.manager, post.grade, post.weekly_minutes, post.calendar,
        post.title,
    )  # fmt: skip
