"""What a door asks of a post, by the names people use: the code of a unit, the address of a manager."""

from __future__ import annotations

from typing import Any

from tithe.kernel.errors import RuleBroken, either
from tithe.people import queries
from tithe.people.rules.grades import Grade, reference_grade

NOBODY = ""


def unit_called(code: str) -> int:
    """The id of the unit with a code; refuses one that nobody knows."""
    unit = queries.find_unit(code)
    if unit is None:
        raise RuleBroken(f"There is no unit with the code {code[:60]}. Check it, then try again", field="unit")
    return unit.id


def person_called(key: str, field: str) -> int:
    """The id of the member of staff with an address or staff number; refuses one that none of them has, and none."""
    if not key:
        raise RuleBroken("Enter an address or staff number", field=field)
    person_id = queries.id_of(key, staff=True)
    if person_id is None:
        words = f"Nobody has the address or staff number {key[:60]}. Check it, then try again"
        raise RuleBroken(words, field=field)
    return person_id


def grade_called(text: str) -> Grade:
    """The grade that somebody's words stand for; refuses what nobody could tell."""
    grade = reference_grade(text)
    if grade is None:
        raise RuleBroken(f"“{text[:20]}” is not a grade. Choose {either(Grade)}", field="grade")
    return grade


def changes_of(
    *, unit: str | None, manager: str | None, grade: str | None, weekly_minutes: int | None, calendar: str | None
) -> dict[str, Any]:
    """The fields of a post that change, with their new values. A blank manager means none from now on."""
    changes: dict[str, Any] = {}
    if unit is not None:
        changes["unit_id"] = unit_called(unit)
    if manager is not None:
        changes["line_manager_id"] = None if manager == NOBODY else person_called(manager, "manager")
    if grade is not None:
        changes["grade"] = grade_called(grade)
    if weekly_minutes is not None:
        changes["weekly_minutes"] = weekly_minutes
    if calendar is not None:
        changes["calendar"] = calendar
    return changes
