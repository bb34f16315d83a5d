"""What a passkey is made for and checked against: this installation's own address. The only place that knows WebAuthn.

Loaded only where passkeys can work, since its library is slow to import.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tithe.people.rules.passkeys import NewCredential, NoProof

T = TypeVar("T")
VERIFIED = UserVerificationRequirement.REQUIRED
# What a made-up answer of a browser has been seen to raise while it is taken apart.
UNREADABLE = (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, LookupError, AttributeError)


class RelyingParty:
    """tithe as devices know it: by the host of BASE_URL, reached from that very address."""

    def __init__(self, base_url: str):
        parts = urlsplit(base_url)
        self.host = parts.hostname or ""
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def creation_options(self, *, name: str, email: str, handle: str, known: list[str]) -> dict[str, Any]:
        """What a browser needs to make a passkey that its owner can sign in with by itself. The challenge is new."""
        options = generate_registration_options(
            rp_id=self.host,
            rp_name="tithe",
            user_id=base64url_to_bytes(handle),
            user_name=email,
            user_display_name=name,
            exclude_credentials=_described(known),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
        )
        return options_to_json_dict(options)

    def request_options(self, known: list[str]) -> dict[str, Any]:
        """What a browser needs to show a passkey: one of those known, or any it has for this address."""
        options = generate_authentication_options(
            rp_id=self.host, allow_credentials=_described(known), user_verification=VERIFIED
        )
        return options_to_json_dict(options)

    def check_new(self, credential: str, challenge: str) -> NewCredential:
        """The passkey a browser made for a challenge; its owner must have been verified."""
        made = _read(
            lambda: verify_registration_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        )
        return NewCredential(
            bytes_to_base64url(made.credential_id), bytes_to_base64url(made.credential_public_key), made.sign_count
        )

    def check(self, credential: str, challenge: str, *, public_key: str, sign_count: int) -> int:
        """How often the device says the passkey was used now, if the answer is sound and that number has grown."""
        shown = _read(
            lambda: verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=base64url_to_bytes(public_key),
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        )
        return shown.new_sign_count

    def named(self, credential: str) -> str:
        """Which passkey an answer says it is from. That is checked later."""
        found = _read(lambda: json.loads(credential)["id"])
        return found if isinstance(found, str) else ""


def _described(known: list[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]


def _read(check: Callable[[], T]) -> T:
    try:
        return check()
    except UNREADABLE as error:
        raise NoProof(f"{type(error).__name__}: {error}"[:200]) from error
