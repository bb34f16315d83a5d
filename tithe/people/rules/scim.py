"""What an identity provider says of somebody, put into the words tithe keeps. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tithe.kernel.errors import RuleBroken
from tithe.people.rules.hr_feed import ADDRESS, LONGEST

NAME = "name.formatted"


@dataclass(frozen=True)
class Told:
    """Somebody as told: `unit` is a code or a path of names, and none when nothing is said of it."""

    email: str
    staff_number: str | None
    name: str
    active: bool
    unit: str | None = None


def completed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A new or replaced account, with what it leaves out filled in from what it says.

    A name may come in parts, or only as the display name; the user name is the address; and an account is active
    unless it says otherwise.
    """
    found = {"active": True, **payload}
    name: Any = found.get("name")
    name = name if isinstance(name, dict) else {}
    parts = " ".join(str(name[each]) for each in ("givenName", "familyName") if name.get(each))
    if not name.get("formatted") and (parts or found.get("displayName")):
        found["name"] = {"formatted": parts or found["displayName"]}
    if not found.get("emails"):
        found["emails"] = [{"value": found.get("userName"), "primary": True}]
    return found


def pointed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A patch whose changes of the display name are changes of the name: tithe keeps one."""
    operations = payload.get("Operations")
    if not isinstance(operations, list):
        return dict(payload)
    return {**payload, "Operations": [_pointed(each) for each in operations]}


def _pointed(operation: Any) -> Any:
    if not isinstance(operation, dict):
        return operation
    if str(operation.get("path", "")).casefold() == "displayname":
        return {**operation, "path": NAME}
    value = operation.get("value")
    if isinstance(value, dict) and "displayName" in value and "path" not in operation:
        rest = {name: each for name, each in value.items() if name != "displayName"}
        return {**operation, "value": {NAME: value["displayName"], **rest}}
    return operation


def told(
    *,
    user_name: str,
    primary: str | None,
    staff_number: str | None,
    name: str,
    active: bool,
    unit: str | None,
    was: str,
) -> Told:
    """What to keep of somebody whose address was `was`. The user name wins over the primary address, unless only that
    one is new."""
    address = (primary if primary and user_name.lower() == was else user_name).strip().lower()
    if len(address) > LONGEST["email"] or not ADDRESS.fullmatch(address):
        raise RuleBroken(
            "A user name is an address like name@example.org. Map it to the mail address", field="userName"
        )
    number = (staff_number or "").strip() or None
    _refuse_words(number or "", LONGEST["staff_number"], "externalId")
    _refuse_words(name, LONGEST["name"], NAME)
    if not name.strip():
        raise RuleBroken("Somebody has a name. Map one", field=NAME)
    return Told(address, number, name.strip(), active, unit)


def _refuse_words(words: str, longest: int, field: str) -> None:
    if len(words) > longest or not words.isprintable():
        raise RuleBroken(f"{field} has at most {longest} characters, all of which can be printed", field=field)
