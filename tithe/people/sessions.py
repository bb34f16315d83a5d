"""From a cookie or a bearer token to the person acting: the only place that reads either."""

from __future__ import annotations

from flask import Request, current_app, session

from tithe.access.actor import Actor
from tithe.kernel import clock
from tithe.people import queries
from tithe.people.rules.secrets import hashed
from tithe.web.guards import by_token, login_manager

SECRET, SEEN = "sign_in", "seen"
BEARER = "Bearer "


def start(secret: str) -> None:
    """Begin a browser session: whatever the cookie held before is gone."""
    session.clear()
    session[SECRET], session[SEEN] = secret, _minute()


@login_manager.request_loader  # type: ignore[untyped-decorator]
def load_actor(request: Request) -> Actor | None:
    """Who sent this request. Pages go by the cookie alone, the API by the token alone."""
    if by_token():
        header = request.headers.get("Authorization", "")
        return (
            queries.actor_by_token(hashed(header.removeprefix(BEARER)), clock.now())
            if header.startswith(BEARER)
            else None
        )
    secret, seen = session.get(SECRET), session.get(SEEN, 0)
    if not secret:
        return None
    if _minute() - seen > current_app.extensions["tithe"].session_idle_minutes:
        session.clear()
        return None
    if seen != _minute():
        session[SEEN] = _minute()
    return queries.actor_by_sign_in(hashed(secret), clock.now())


def _minute() -> int:
    return int(clock.now().timestamp() // 60)
