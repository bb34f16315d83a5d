"""The directory as plain values for JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tithe.people.directory import PersonCard
from tithe.people.teams import Member, Orphan
from tithe.people.units import Branch


def card_as_json(card: PersonCard) -> dict[str, Any]:
    return asdict(card) | {"posts": [asdict(each) for each in card.posts], "skills": list(card.skills)}


def branch_as_json(branch: Branch) -> dict[str, Any]:
    return {"code": branch.code, "name": branch.name, "headcount": branch.headcount}


def member_as_json(member: Member, changes: list[str]) -> dict[str, Any]:
    kept = ("title", "unit", "unit_name", "grade", "weekly_minutes", "starts_on")
    posts = [{name: getattr(each, name) for name in kept} for each in member.posts]
    return {"id": member.id, "name": member.name, "posts": posts, "changes": changes}


def orphan_as_json(orphan: Orphan) -> dict[str, Any]:
    return asdict(orphan)
