"""What tests of second factors share: an app to read codes from, and a device that makes and shows passkeys."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tests.people.signing_in import PASSWORD, sign_in
from tests.support.pages import Page, PageClient

HOST, ORIGIN = "tithe.test", "http://tithe.test"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
KEY = re.compile(r'class="tithe-key"><code>([A-Z2-7 ]+)</code>')
CODE = re.compile(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>")


class App:
    """An authenticator app with one account in it."""

    def __init__(self, key: str):
        self.totp = pyotp.TOTP(key.replace(" ", ""))

    def shows(self, at: datetime) -> str:
        return self.totp.at(at)


def key_on(page: Page) -> str:
    found = KEY.search(page.text)
    assert found, "no key on the page"
    return found[1]


def set_up_app(browser: PageClient, at: datetime) -> tuple[App, list[str]]:
    """Set up an app as a person would; return it with the recovery codes they are shown."""
    app = App(key_on(browser.get("/account/security/app")))
    assert browser.post("/account/security/app", {"code": app.shows(at)}).location == "/account/security/codes"
    return app, CODE.findall(browser.get("/account/security/codes").text)


def enter(browser: PageClient, email: str, code: str, **where: str) -> Page:
    """Sign in with the password, then answer with a code. Returns what the second step answered."""
    page = sign_in(browser, email, PASSWORD, **where)
    assert page.location == "/sign-in/second-step", page.text
    return second_step(browser, code, **where)


def second_step(browser: PageClient, code: str, *, at: str = "192.0.2.1") -> Page:
    token = browser.get("/sign-in/second-step").value("csrf_token")
    sent = {"csrf_token": token, "code": code}
    return browser.post("/sign-in/second-step", sent, environ_base={"REMOTE_ADDR": at})


@dataclass
class Device:
    """A device that keeps one passkey, and can be told to say false things of itself."""

    host: str = HOST
    origin: str = ORIGIN
    count: int = 1
    counts: bool = True
    flags: int = PRESENT | VERIFIED
    kind: dict[str, str] = field(default_factory=lambda: {"make": "webauthn.create", "show": "webauthn.get"})

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)

    def make(self, options: dict[str, Any]) -> str:
        """A new passkey, as the browser hands it on."""
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(public)
        stated = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + about}
        said = {"clientDataJSON": self._client(options, "make"), "attestationObject": cbor2.dumps(stated)}
        return self._answer(said)

    def show(self, options: dict[str, Any]) -> str:
        """The passkey shown for a challenge, as the browser hands it on."""
        self.count += self.counts
        client, data = self._client(options, "show"), self._data(0)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signed})

    def _client(self, options: dict[str, Any], what: str) -> bytes:
        said = {"type": self.kind[what], "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        stated = (self.flags | flags).to_bytes(1, "big") + self.count.to_bytes(4, "big")
        return hashlib.sha256(self.host.encode()).digest() + stated

    def _answer(self, said: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.id)
        response = {each: bytes_to_base64url(value) for each, value in said.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def options(browser: PageClient, path: str = "/sign-in/passkey/options", token: str = "") -> dict[str, Any]:
    page = browser.post(path, {"csrf_token": token} if token else {})
    assert page.status == 200, page.text
    return json.loads(page.text)


def add_passkey(browser: PageClient, device: Device, name: str = "work phone") -> Page:
    asked = options(browser, "/account/security/passkeys/options")
    assert base64url_to_bytes(asked["challenge"])
    return browser.post("/account/security/passkeys/new", {"name": name, "credential": device.make(asked)})


def show_passkey(browser: PageClient, device: Device, path: str = "/sign-in/passkey") -> Page:
    return browser.post(path, {"credential": device.show(options(browser))})
