"""A sign-in provider for tests that lies on request, and the bad ID tokens it can be asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.timesheets.weeks import NOW
from tithe.people.provider import Provider

CLIENT, SECRET, SUBJECT, CLAIM = "tithe-client", "a secret the provider gave us", "subject-1", "employee_number"
OURS, OTHERS, CURVE = (
    RSAKey.generate_key(2048, {"kid": "k1"}),
    RSAKey.generate_key(2048, {"kid": "k1"}),
    ECKey.generate_key("P-256", {"kid": "k2"}),
)
FOR_SECRECY = RSAKey.generate_key(2048, {"kid": "k3", "use": "enc"})
Lie = Callable[["Liar", dict[str, Any]], Any]


class Liar:
    """Answers discovery, keys and tokens over HTTP with what a test puts here."""

    def __init__(self) -> None:
        self.keys: list[Any] = [key.as_dict(private=False) for key in (OURS, CURVE, FOR_SECRECY)]
        self.description: dict[str, Any] = {}
        self.tokens: list[dict[str, Any]] = []  # what each request for a token sent
        self.asked: list[str] = []
        self.token: Any = None
        self.extra: dict[str, Response] = {}  # answers instead of the usual ones, by path
        self.issuer = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if request.path in self.extra:
            return self.extra[request.path](environ, start_response)
        if request.path == "/token":
            self.tokens.append({**request.form.to_dict(), "authorization": request.headers.get("Authorization")})
        body = {
            "/.well-known/openid-configuration": self.description,
            "/jwks": {"keys": self.keys},
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": self.token},
        }[request.path]
        return Response(json.dumps(body), mimetype="application/json")(environ, start_response)

    def claims(self, nonce: str, **changes: Any) -> dict[str, Any]:
        """What a good token says; a change to None leaves a claim out."""
        now = int(NOW.timestamp())
        good = {"iss": self.issuer, "aud": CLIENT, "sub": SUBJECT, "iat": now, "exp": now + 300, "nonce": nonce}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def provider(self) -> Provider:
        return Provider(
            discovery_url=f"{self.issuer}/.well-known/openid-configuration",
            client_id=CLIENT,
            client_secret=SECRET,
            scopes="openid",
            staff_number_claim=CLAIM,
            name="Government ID",
            base_url="http://tithe.test",
        )


@contextmanager
def lying_provider() -> Iterator[Liar]:
    """Serve a liar on a port of its own."""
    liar = Liar()
    server = make_server("127.0.0.1", 0, liar, threaded=True)
    liar.issuer = f"http://127.0.0.1:{server.server_port}"
    liar.description = {
        "issuer": liar.issuer,
        "authorization_endpoint": f"{liar.issuer}/authorize",
        "token_endpoint": f"{liar.issuer}/token",
        "jwks_uri": f"{liar.issuer}/jwks",
        "end_session_endpoint": f"{liar.issuer}/end",
        "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],  # it would, would it not
    }
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(claims: Any, key: Key = OURS, alg: str = "RS256", **header: Any) -> str:
    """A token as the provider would make it."""
    return str(jwt.encode({"alg": alg, "kid": key.kid, **header}, claims, key, algorithms=[alg]))


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(header: dict[str, Any], claims: Any, secret: bytes | None = None) -> str:
    """A token that libraries refuse to make: unsigned, or signed with a secret that is none."""
    body = f"{part(header)}.{part(claims)}"
    mark = hmac.new(secret, body.encode(), hashlib.sha256).digest() if secret else b""
    return f"{body}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def changed(**changes: Any) -> Lie:
    """A token properly signed that says something it must not."""
    return lambda liar, claims: signed({k: v for k, v in {**claims, **changes}.items() if v is not None})


def later(**time: int) -> int:
    return int((NOW + timedelta(**time)).timestamp())


def tampered(liar: Liar, claims: dict[str, Any]) -> str:
    head, _, mark = signed({**claims, "sub": "somebody"}).split(".")
    return f"{head}.{part(claims)}.{mark}"


PEM = OURS.as_pem(private=False)
BAD: dict[str, Lie] = {
    "signed with another key of the same name": lambda liar, claims: signed(claims, OTHERS),
    "changed after it was signed": tampered,
    "not signed, and saying so": lambda liar, claims: by_hand({"alg": "none"}, claims),
    "not signed, naming a key": lambda liar, claims: by_hand({"alg": "None", "kid": "k1"}, claims),
    "without the signature it announces": lambda liar, claims: by_hand({"alg": "RS256", "kid": "k1"}, claims),
    "signed with the public key as a secret": lambda liar, claims: by_hand({"alg": "HS256", "kid": "k1"}, claims, PEM),
    "signed with the client's secret": lambda liar, claims: by_hand({"alg": "HS256"}, claims, SECRET.encode()),
    "signed with a key it brings along": lambda liar, claims: signed(claims, OTHERS, jwk=OTHERS.as_dict(private=False)),
    "signed with a key it says where to fetch": lambda liar, claims: signed(claims, OTHERS, jku=f"{liar.issuer}/jwks"),
    "signed with a key for secrecy": lambda liar, claims: signed(claims, RSAKey.import_key(
        {k: v for k, v in FOR_SECRECY.as_dict(private=True).items() if k not in ("use", "key_ops")})),
    "naming a key of another kind": lambda liar, claims: signed(claims, OURS, kid="k2"),
    "naming a key nobody has": lambda liar, claims: signed(claims, OURS, kid="k9"),
    "with demands we do not know": lambda liar, claims: by_hand(
        {"alg": "RS256", "kid": "k1", "crit": ["mystery"], "mystery": 1}, claims),
    "of another issuer": changed(iss="https://elsewhere.example"),
    "of no issuer": changed(iss=None),
    "of an issuer that is a list": lambda liar, claims: signed({**claims, "iss": [liar.issuer]}),
    "for somebody else": changed(aud="another-client"),
    "for nobody": changed(aud=None),
    "for others, though we are named as party": changed(aud=["another-client"], azp=CLIENT),
    "for us and others, naming no party": changed(aud=[CLIENT, "another-client"]),
    "for us, given to another party": changed(azp="another-client"),
    "expired": changed(exp=later(minutes=-2)),
    "never expiring": changed(exp=None),
    "expiring at a word": changed(exp="tomorrow"),
    "expiring at yes": changed(exp=True),
    "from the future": changed(iat=later(minutes=5)),
    "from nobody knows when": changed(iat=None),
    "a day old": changed(iat=later(days=-1)),
    "not valid yet": changed(nbf=later(minutes=5)),
    "without the nonce": changed(nonce=None),
    "with the nonce of another request": changed(nonce="of-another-request"),
    "with a nonce that is no text": changed(nonce=["a"]),
    "about nobody": changed(sub=None),
    "about an empty name": changed(sub=""),
    "about a number": changed(sub=17),
    "about a list": changed(sub=[SUBJECT]),
    "about a name too long": changed(sub="s" * 256),
    "about a name with a line break": changed(sub="subject\n1"),
    "no token at all": lambda liar, claims: None,
    "a word": lambda liar, claims: "word",
    "dots": lambda liar, claims: "..",
    "five parts": lambda liar, claims: "a.b.c.d.e",
    "a list": lambda liar, claims: [signed(claims)],
    "a list of claims": lambda liar, claims: by_hand({"alg": "RS256", "kid": "k1"}, ["sub", SUBJECT]),
    "no letters": lambda liar, claims: "\u2028.\u2029.é",
}  # fmt: skip
SHARED = OctKey.generate_key(256)
