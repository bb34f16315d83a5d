"""The inbox and choices about mail: everybody has their own and nobody another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

INBOX, READ, CHOICES = "/inbox", "/inbox/read", "/inbox/choices"
ROUTES = {
    ("GET", INBOX): "notice:read",
    ("POST", READ): "notice:mark",
    ("GET", CHOICES): "notice:choose",
    ("POST", CHOICES): "notice:choose",
    ("GET", f"/api/v1{INBOX}"): "notice:read",
    ("POST", f"/api/v1{READ}"): "notice:mark",
    ("GET", f"/api/v1{CHOICES}"): "notice:read",
    ("PUT", f"/api/v1{CHOICES}"): "notice:choose",
}
OPERATIONS = [(method, path) for method, path in ROUTES if path.startswith("/api/")]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for prefix in ("", "/api/v1"):
        for path in (INBOX, CHOICES):
            yield "GET", prefix + path, everybody
        yield "POST", prefix + READ, everybody, 422
    yield "POST", CHOICES, everybody, 422, "", "", {"decisions": "off"}
    yield "PUT", f"/api/v1{CHOICES}", everybody, 422, "", "", {"choices": {"decisions": "off"}}


VALID = {
    "notice_choice": {"person_id": "{owner}", "message_group": "'reminders'", "how": "'daily'"},
}
VIOLATIONS = [
    ("ck_notice_choice_group", "notice_choice", {"message_group": "'gossip'"}),
    ("ck_notice_choice_how", "notice_choice", {"how": "'hourly'"}),
    ("ck_notice_digested_has_a_digest", "notice", {"status": "'digested'"}),
    ("ck_notice_rechecked_is_about_something", "notice", {"recheck": "'still-late'"}),
]
