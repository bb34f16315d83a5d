"""Second factors: their routes, who may use them, and their tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("GET", "/sign-in/second-step"): "public",
    ("POST", "/sign-in/second-step"): "public",
    ("GET", "/sign-in/second-step/set-up"): "public",
    ("POST", "/sign-in/second-step/set-up"): "public",
    ("POST", "/sign-in/passkey"): "public",
    ("POST", "/sign-in/passkey/options"): "public",
    ("GET", "/account/prove"): "account:manage",
    ("POST", "/account/prove"): "account:manage",
    ("GET", "/account/security"): "account:manage",
    ("GET", "/account/security/app"): "account:manage",
    ("POST", "/account/security/app"): "account:manage",
    ("GET", "/account/security/app/off"): "account:manage",
    ("POST", "/account/security/app/off"): "account:manage",
    ("GET", "/account/security/codes"): "account:manage",
    ("POST", "/account/security/codes"): "account:manage",
    ("GET", "/account/security/passkeys/new"): "account:manage",
    ("POST", "/account/security/passkeys/new"): "account:manage",
    ("POST", "/account/security/passkeys/options"): "account:manage",
    ("POST", "/account/security/passkeys/<int:passkey_id>/remove"): "account:manage",
}
PUBLIC = {rule for (_, rule), permission in ROUTES.items() if permission == "public"}

AT = "'2026-08-03 12:00:00'"
VALID = {
    "totp": {"person_id": "{owner}", "sealed": "'s'", "last_step": "1", "added_at": AT},
    "recovery_code": {"person_id": "{owner}", "code_hash": "'h'", "made_at": AT},
    "passkey": {
        "person_id": "{owner}", "credential_id": "'c'", "user_handle": "'u'", "public_key": "'k'",
        "sign_count": "4294967295", "name": "'n'", "added_at": AT,
    },
    "spent_challenge": {"key": "'k'", "spent_at": AT},
}  # fmt: skip
VIOLATIONS = [
    ("ck_totp_last_step_not_negative", "totp", {"last_step": "-1"}),
    ("ck_passkey_sign_count_in_32_bits", "passkey", {"sign_count": "-1"}),
    ("ck_passkey_sign_count_in_32_bits", "passkey", {"sign_count": "4294967296"}),
]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Everybody has a page of their own; nobody in the matrix has a local account, so nothing can be set up."""
    strange = {"unknown": "field"}
    yield "GET", "/account/security", everybody
    yield "GET", "/account/security/codes", everybody
    yield "POST", "/account/security/codes", everybody, 422, "", "", strange
    for page in ("/account/prove", "/account/security/app", "/account/security/app/off"):
        yield "GET", page, set() if page != "/account/prove" else everybody
        yield "POST", page, set() if page != "/account/prove" else everybody, 422, "", "", strange
    yield "GET", "/account/security/passkeys/new", set()
    yield "POST", "/account/security/passkeys/new", set(), 422, "", "", strange
    yield "POST", "/account/security/passkeys/options", set(), 422, "", "", strange
    yield "POST", "/account/security/passkeys/<int:passkey_id>/remove", everybody, 422, "absent", "", strange
