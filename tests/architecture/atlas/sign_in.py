"""Signing in, sessions and passwords: their routes, who may use them, and their tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/sign-in/oidc"): "public",
    ("GET", "/sign-in/oidc/back"): "public",
    ("GET", "/signed-out"): "public",
    ("GET", "/password/forgotten"): "public",
    ("POST", "/password/forgotten"): "public",
    ("GET", "/password/link/<link_token>"): "public",
    ("GET", "/password/choose"): "public",
    ("POST", "/password/choose"): "public",
    ("GET", "/account/sessions"): "account:manage",
    ("POST", "/account/sessions/<int:session_id>/end"): "account:manage",
    ("POST", "/account/sessions/end-others"): "account:manage",
    ("GET", "/account/password"): "account:manage",
    ("POST", "/account/password"): "account:manage",
}
PUBLIC = {rule for (_, rule), permission in ROUTES.items() if permission == "public"}
VALUES = {"link_token": "no-such-link"}

AT = "'2026-08-03 12:00:00'"
LATER = "'2026-08-03 12:30:00'"
VALID = {
    "identity": {"issuer": "'https://id.example'", "subject": "'s'", "person_id": "{owner}", "linked_at": AT},
    "password_link": {
        "handle": "'h'", "person_id": "{owner}", "purpose": "'reset'", "created_at": AT, "expires_at": LATER,
    },
    "try": {"key": "'k'", "tries": "1", "last_at": AT},
}  # fmt: skip
VIOLATIONS = [
    ("ck_sign_in_signinmethod", "sign_in", {"method": "'guess'"}),
    ("ck_password_link_linkpurpose", "password_link", {"purpose": "'whim'"}),
    ("ck_password_link_expires_later", "password_link", {"expires_at": AT}),
    ("ck_try_tries_not_negative", "try", {"tries": "-1"}),
]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Everybody has sessions and ends their own alone; nobody in the matrix has a password."""
    yield "GET", "/account/sessions", everybody
    yield "POST", "/account/sessions/end-others", everybody, 422, "", "", {"unknown": "field"}
    yield "POST", "/account/sessions/<int:session_id>/end", everybody, 422, "absent", "", {"unknown": "field"}
    for method in ("GET", "POST"):
        yield method, "/account/password", set()
