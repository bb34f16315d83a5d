"""What the signed cookie keeps for a while about second factors, and the guard that asks somebody to show again who
they are.

Another door puts the guard under its right: `@needs(...)`, then `@freshly_proved`.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, redirect, render_template, request, session, url_for
from flask_login import current_user

from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.kernel.late import late
from tithe.people import second_factor, sessions
from tithe.people.forms.security import CodeForm
from tithe.people.logins import Login
from tithe.people.operations import totp
from tithe.people.operations.passkeys import Shown
from tithe.people.rules.passkeys import CHALLENGE_LASTS
from tithe.people.rules.sign_ins import LocalAccounts, SignInMethod
from tithe.people.rules.totp import in_groups
from tithe.people.sealing import seal, unseal
from tithe.web.guards import View, current_actor, is_local

if TYPE_CHECKING:  # it is only loaded where passkeys can work
    from tithe.people.relying_party import RelyingParty

segno = late("segno")

CHALLENGE, APP, CODES = "passkey.challenge", "totp.secret", "recovery.codes"


def freshly_proved(view: View) -> View:
    """Let nobody into a view who has not shown within ten minutes who they are: they are sent to do so and brought
    back, to the view itself if it is a page."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if second_factor.recently_proved(current_actor(), clock.now()):
            return view(*args, **kwargs)
        page = "GET" in (request.url_rule.methods or ()) if request.url_rule else False
        target = request.full_path.rstrip("?") if page else url_for("security.security")
        return redirect(url_for("proving.prove", next=target), 303)

    return cast(View, guarded)


def target(default: str) -> str:
    """Where somebody was going, if that is here."""
    wanted = request.args.get("next", "")
    return wanted if is_local(wanted) else default


def local_login() -> Login | None:
    """How whoever is signed in signs in here; None for those who do so elsewhere."""
    local = LocalAccounts(current_app.extensions["tithe"].local_accounts)
    return second_factor.local_login(current_actor().person_id, local, clock.now())


def app_page(form: CodeForm, person_id: int, email: str, *, first: bool) -> str:
    """Setting up an app: the picture it reads, and the same secret to type. `first` is before there is a session."""
    secret = app_secret(person_id)
    picture = segno.make(totp.address_for_app(secret, email), error="m")
    return render_template(
        "people/totp-set-up.html",
        form=form,
        picture=picture.svg_data_uri(scale=5, border=4, dark="#0b0c0c", light="#fff"),
        secret=in_groups(secret, " "),
        email=email,
        first=first,
        action=request.full_path.rstrip("?"),
    )


def party() -> RelyingParty:
    """Who passkeys are made for, where they can work."""
    found: RelyingParty | None = current_app.extensions["tithe_passkeys"]
    if found is None:
        raise NotFound("Passkeys do not work here. Ask the people who run tithe to set its address")
    return found


def ask_for_passkey(options: dict[str, Any], purpose: str, **kept: str) -> dict[str, Any]:
    """Remember the challenge of these options, and what for, and hand them on to the browser."""
    session[CHALLENGE] = {"value": options["challenge"], "for": purpose, "at": _second(), **kept}
    return options


def passkey_shown(credential: str, purpose: str, method: SignInMethod = SignInMethod.PASSKEY) -> tuple[Shown, str]:
    """What a browser answered, with the challenge it was given less than five minutes ago; each is taken out once.

    The name by which devices know somebody comes along where one was made.
    """
    kept = session.pop(CHALLENGE, None) or {}
    fresh = kept.get("for") == purpose and 0 <= _second() - kept["at"] < CHALLENGE_LASTS.total_seconds()
    return Shown(kept["value"] if fresh else None, credential, sessions.origin(method)), kept.get("handle", "")


def app_secret(person_id: int) -> str:
    """The secret of the app somebody is setting up: the same until they have, so that a page can be loaded again."""
    purpose = f"new totp of {person_id}"
    secret = unseal(session.get(APP, ""), purpose=purpose, key=_key())
    if secret is None:
        secret = totp.new_secret()
        session[APP] = seal(secret, purpose=purpose, key=_key())
    return secret


def keep_codes(codes: tuple[str, ...], person_id: int) -> None:
    """Put new recovery codes aside for the page that shows them, and forget the secret of the app."""
    session.pop(APP, None)
    if codes:
        session[CODES] = seal(json.dumps(codes), purpose=f"codes of {person_id}", key=_key())


def take_codes(person_id: int) -> tuple[str, ...]:
    """The codes put aside for somebody, once."""
    kept = unseal(session.pop(CODES, ""), purpose=f"codes of {person_id}", key=_key())
    return tuple(json.loads(kept)) if kept else ()


def who_is_asked() -> int | None:
    """Whoever is signed in, or whose second step is awaited; None for a stranger."""
    if current_user.is_authenticated:
        return current_actor().person_id
    waiting = sessions.pending()
    return waiting.person_id if waiting else None


def _key() -> str:
    return str(current_app.extensions["tithe"].secret_key)


def _second() -> int:
    return int(clock.now().timestamp())
