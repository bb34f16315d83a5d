"""Stays as plain values, for JSON and for pages."""

from __future__ import annotations

from typing import Any

from tithe.outside.queries import Stay
from tithe.people.rules.outside import StayStatus

# Of each status: its name and its colour.
WORDS = {
    StayStatus.INVITED: ("Invited", "blue"),
    StayStatus.ACTIVE: ("Active", "green"),
    StayStatus.ENDED: ("Ended early", "grey"),
    StayStatus.OVER: ("Over", "grey"),
}


def tag(stay: Stay) -> dict[str, str]:
    """The status as the tag component takes it."""
    name, colour = WORDS[stay.row.status]
    return {"text": name, "classes": f"govuk-tag--{colour}"}


def host(stay: Stay) -> str:
    """Who hosts them: a person, or HR of the unit."""
    return stay.row.sponsor or f"HR of {stay.row.unit}"


def as_json(stay: Stay) -> dict[str, Any]:
    kept = ("id", "name", "email", "organisation", "last_day", "unit", "invited_at", "accepted_at", "ended_at")
    return {name: getattr(stay.row, name) for name in kept} | {
        "last_sign_in": stay.row.last_sign_in,
        "status": stay.row.status.value,
        "host": stay.row.sponsor,
        "projects": [{"id": each.id, "title": each.title} for each in stay.projects],
    }


def own_as_json(stay: Stay) -> dict[str, Any]:
    """What somebody from outside reads of their own stay."""
    return {
        "name": stay.row.name,
        "last_day": stay.row.last_day,
        "host": stay.row.sponsor,
        "projects": [{"id": each.id, "title": each.title} for each in stay.projects],
    }
