"""From a cookie or a bearer token to the person acting: the only place that reads either."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass

from flask import Request, current_app, request, session

from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.kernel import clock
from tithe.kernel.errors import TitheError, Unavailable
from tithe.people import queries
from tithe.people.logins import SEEN_EVERY
from tithe.people.operations import identity
from tithe.people.operations.identity import Passed
from tithe.people.operations.refused import note_token
from tithe.people.rules.secrets import hashed
from tithe.people.rules.sign_ins import Origin, SignInMethod, browser_in_words
from tithe.web.guards import by_token, login_manager

log = logging.getLogger(__name__)

SECRET, SEEN, PENDING = "sign_in", "seen", "sign_in.pending"
BEARER = "Bearer "
SEEN_MINUTES = int(SEEN_EVERY.total_seconds() // 60)
PENDING_MINUTES = 10


@dataclass(frozen=True)
class Pending:
    """Somebody whose first factor was right and whose second is awaited, and where they were going."""

    person_id: int
    method: SignInMethod
    target: str


def start(secret: str) -> None:
    """Begin a browser session: whatever the cookie held before is gone."""
    session.clear()
    session[SECRET], session[SEEN] = secret, _minute()


def wait_for_second_factor(passed: Passed, target: str) -> None:
    """Note in the signed cookie who still has to show a second factor. It opens nothing and is soon forgotten."""
    session.clear()
    session[PENDING] = {"person": passed.person_id, "method": passed.method, "target": target, "at": _minute()}


def pending() -> Pending | None:
    """Who has to show a second factor in this browser, if they began less than ten minutes ago."""
    kept = session.get(PENDING)
    if kept is None or not 0 <= _minute() - kept["at"] < PENDING_MINUTES:
        return None
    return Pending(kept["person"], SignInMethod(kept["method"]), kept["target"])


def origin(method: SignInMethod = SignInMethod.PASSWORD) -> Origin:
    """Where this request comes from, as it is kept with a session."""
    key = current_app.extensions["tithe"].secret_key
    return Origin(browser_in_words(request.user_agent.string), request.remote_addr or "", method, key)


def two_steps_for() -> frozenset[Role]:
    """The roles that need a second factor here."""
    return frozenset(map(Role, current_app.extensions["tithe"].second_factor_roles))


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_actor(request: Request) -> Actor | None:
    """Who sent this request. Pages go by the cookie alone, the API by the token alone."""
    if by_token():
        return _by_token(request.headers.get("Authorization", ""))
    secret, seen = session.get(SECRET), session.get(SEEN, 0)
    if not secret:
        return None
    if _minute() - seen > current_app.extensions["tithe"].session_idle_minutes:
        session.clear()
        return None
    if seen != _minute():
        session[SEEN] = _minute()
        _note(secret, seen)
    return queries.actor_by_sign_in(hashed(secret), clock.now())


def _by_token(header: str) -> Actor | None:
    """The owner of a live token. One that is not is noted; the answer is the same if that cannot be written."""
    token, now = header.removeprefix(BEARER), clock.now()
    if not header.startswith(BEARER) or not token:
        return None
    actor = queries.actor_by_token(hashed(token), now)
    if actor is None:
        try:
            note_token(token=token, origin=origin(), now=now)
        except TitheError:
            log.warning("a refused token could not be noted", exc_info=True)
    return actor


def _note(secret: str, seen: int) -> None:
    """Keep in the database, once in a quarter of an hour, that the session is in use. A page never fails for it."""
    if seen // SEEN_MINUTES != _minute() // SEEN_MINUTES:
        with suppress(Unavailable):
            identity.note_seen(secret=secret, now=clock.now())


def _minute() -> int:
    return int(clock.now().timestamp() // 60)
