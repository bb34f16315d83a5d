"""The organisation's own sign-in service, asked over HTTPS: OpenID Connect, code flow, PKCE with S256.

It is loaded only where one is configured, since its libraries take long to import.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jws import JWSRegistry
from requests.exceptions import RequestException

from tithe.kernel.errors import Unavailable
from tithe.people.rules.oidc import ALGORITHMS, Distrusted, Expected, OutsideIdentity, identity_in

log = logging.getLogger(__name__)

PATIENCE = 5  # seconds for each answer
FLOW_SECONDS = 600  # how long somebody may take at the provider
DESCRIPTION_LASTS = timedelta(hours=1)
KEYS_AGAIN = timedelta(minutes=1)  # how soon keys may be fetched again for a token that names one we do not know
WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(Unavailable):
    """The provider does not answer. Whoever is signed in stays so."""

    def __init__(self) -> None:
        super().__init__(
            "Your organisation’s sign-in service does not answer just now. Nothing is wrong with your account. "
            "Try again in a few minutes"
        )


@dataclass(frozen=True)
class Flow:
    """One sign-in on its way: kept in the browser's signed cookie until the provider sends its owner back."""

    state: str
    nonce: str
    verifier: str
    target: str
    begun: int  # seconds since 1970

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Provider:
    """One provider, found by its discovery address. Its description and keys are remembered for a while."""

    def __init__(
        self,
        *,
        discovery_url: str,
        client_id: str,
        client_secret: str,
        scopes: str,
        staff_number_claim: str,
        name: str,
        base_url: str,
    ) -> None:
        self.discovery_url, self.client_id, self.client_secret = discovery_url, client_id, client_secret
        self.scopes, self.staff_number_claim, self.name, self.base_url = scopes, staff_number_claim, name, base_url
        self._lock = Lock()
        self._description: tuple[datetime, dict[str, Any]] | None = None
        self._keys: tuple[datetime, list[Key]] | None = None

    def begin(self, *, target: str, now: datetime) -> tuple[str, Flow]:
        """The address to send somebody to, and what to remember until they are back."""
        description = self._describe(now)
        flow = Flow(generate_token(32), generate_token(32), generate_token(64), target, int(now.timestamp()))
        with self._session(description) as session:
            address, _ = session.create_authorization_url(
                description["authorization_endpoint"],
                state=flow.state,
                nonce=flow.nonce,
                code_verifier=flow.verifier,
            )
        return str(address), flow

    def resume(self, kept: Mapping[str, Any] | None, now: datetime) -> Flow:
        """The flow that the browser kept, unless it began too long ago or in another browser."""
        if kept is None or not 0 <= now.timestamp() - kept["begun"] <= FLOW_SECONDS:
            raise Distrusted("no sign-in was begun here, or too long ago")
        return Flow(**kept)

    def finish(self, *, flow: Flow, answer: Mapping[str, str], now: datetime) -> OutsideIdentity:
        """Who came back, once everything the provider sent holds together."""
        description = self._describe(now)
        state, issuer = answer.get("state", ""), answer.get("iss")
        if not hmac.compare_digest(state.encode(), flow.state.encode()):
            raise Distrusted("the state is of another request")
        named = description.get("authorization_response_iss_parameter_supported") is True
        if issuer != description["issuer"] and (issuer is not None or named):
            raise Distrusted("another provider answered")
        if "error" in answer or not answer.get("code"):
            raise Distrusted("the provider let nobody in")
        claims = self._claims(self._id_token(description, answer["code"], flow), description, now)
        expected = Expected(description["issuer"], self.client_id, flow.nonce, self.staff_number_claim)
        return identity_in(claims, expected, now)

    def sign_out_address(self, now: datetime) -> str | None:
        """Where somebody can end their session with the provider as well, if it offers that and answers."""
        with suppress(ProviderDown, Distrusted):
            end = self._describe(now).get("end_session_endpoint")
            if isinstance(end, str) and self._safe(end):
                back = {"client_id": self.client_id, "post_logout_redirect_uri": f"{self.base_url}/sign-in"}
                return f"{end}{'&' if '?' in end else '?'}{urlencode(back)}"
        return None

    def _session(self, description: Mapping[str, Any]) -> OAuth2Session:
        offered = description.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Session(
            self.client_id,
            self.client_secret or None,
            token_endpoint_auth_method=basic if self.client_secret else "none",
            scope=self.scopes,
            redirect_uri=f"{self.base_url}/sign-in/oidc/back",
            code_challenge_method="S256",
            default_timeout=PATIENCE,
        )

    def _id_token(self, description: Mapping[str, Any], code: str, flow: Flow) -> str:
        """Trade the code for an ID token."""
        try:
            with self._session(description) as session:
                given = session.fetch_token(
                    description["token_endpoint"], code=code, code_verifier=flow.verifier, allow_redirects=False
                )
        except RequestException as error:
            if isinstance(error, ValueError):  # it answered, with something else than JSON
                raise Distrusted("the token endpoint did not answer with JSON") from error
            raise ProviderDown from error
        except (OAuthError, ValueError, TypeError, AttributeError, KeyError) as error:
            raise Distrusted("the token endpoint gave no token") from error
        token = given.get("id_token") if isinstance(given, dict) else None
        if not isinstance(token, str):
            raise Distrusted("there is no ID token")
        return token

    def _claims(self, token: str, description: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """What the token says, if one of the provider's keys signed it."""
        try:
            try:
                return self._decoded(token, self._key_set(description, now))
            except InvalidKeyIdError:
                return self._decoded(token, self._key_set(description, now, again=True))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise Distrusted(f"the signature does not hold: {type(error).__name__}") from error

    def _decoded(self, token: str, keys: list[Key]) -> dict[str, Any]:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        claims: Any = jwt.decode(token, KeySet(keys), algorithms=list(ALGORITHMS), registry=registry).claims
        if not isinstance(claims, dict):
            raise TypeError("claims are an object")
        return claims

    def _key_set(self, description: Mapping[str, Any], now: datetime, *, again: bool = False) -> list[Key]:
        """The provider's keys, fetched again for an unknown one at most once a minute."""
        with self._lock:
            wait = KEYS_AGAIN if again else DESCRIPTION_LASTS
            if self._keys is None or not timedelta() <= now - self._keys[0] < wait:
                listed = self._fetch(description["jwks_uri"]).get("keys")
                keys = [key for each in listed if (key := _usable(each))] if isinstance(listed, list) else []
                self._keys = (now, keys)
            return self._keys[1]

    def _describe(self, now: datetime) -> dict[str, Any]:
        """The provider's description of itself; refuses one that speaks for another issuer or in the clear."""
        with self._lock:
            if self._description is None or not timedelta() <= now - self._description[0] < DESCRIPTION_LASTS:
                found = self._fetch(self.discovery_url)
                if not all(isinstance(found.get(each), str) for each in NEEDED):
                    raise Distrusted("the provider's description is not whole")
                if found["issuer"].rstrip("/") != self.discovery_url.removesuffix(WELL_KNOWN).rstrip("/"):
                    raise Distrusted("the provider's description is of another issuer")
                if not all(self._safe(found[each]) for each in NEEDED[1:]):
                    raise Distrusted("the provider's description leads out of HTTPS")
                self._description = (now, found)
            return self._description[1]

    def _safe(self, address: str) -> bool:
        """Never in the clear, unless the provider itself is: on a developer's machine."""
        return address.startswith("https://") or self.discovery_url.startswith("http://")

    def _fetch(self, address: str) -> dict[str, Any]:
        try:
            with self._session({}) as session:
                answer = session.request("GET", address, withhold_token=True, allow_redirects=False)
                answer.raise_for_status()
                found = answer.json()
        except (RequestException, ValueError) as error:
            log.warning("the sign-in provider does not answer: %s", type(error).__name__)
            raise ProviderDown from error
        if not isinstance(found, dict):
            raise ProviderDown
        return found


def _usable(listed: Any) -> Key | None:
    """A key that may sign. A provider may list kinds we do not know; those are left out."""
    if not isinstance(listed, dict) or listed.get("use", "sig") != "sig" or listed.get("kty") == "oct":
        return None
    try:
        return import_key(listed)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
