"""One's own account: what one signs in with, in one place, and changing it."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.people import logins, proving, second_factor, sessions
from tithe.people.answers import answer_to
from tithe.people.forms.security import CodeForm, PasskeyForm, TurnOffForm
from tithe.people.forms.sessions import EndForm
from tithe.people.operations import passkeys, totp
from tithe.people.operations.second_factor import renew_codes
from tithe.people.proving import freshly_proved
from tithe.people.rules.totp import in_groups
from tithe.web.guards import current_actor, needs

pages = Blueprint("security", __name__)
NO_LOCAL_ACCOUNT = "You sign in with your organisation’s account. Its second step is set up there"


@pages.get("/account/security")
@needs(Permission.ACCOUNT_MANAGE)
def security() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    idle = current_app.extensions["tithe"].session_idle_minutes
    return render_template(
        "people/security.html",
        login=proving.local_login(),
        factors=second_factor.factors_of(actor.person_id),
        sessions=logins.list_sessions(by=actor, now=now, idle_minutes=idle),
        needed=any(held.role in sessions.two_steps_for() for held in actor.roles),
        passkeys=current_app.extensions["tithe_passkeys"] is not None,
    )


@pages.route("/account/security/app", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
@freshly_proved
def set_up_app() -> ResponseReturnValue:
    actor, form = current_actor(), CodeForm()
    _refuse_outsiders()
    if second_factor.factors_of(actor.person_id).app_since:
        return redirect(url_for(".security"), 303)
    page = partial(proving.app_page, form, actor.person_id, actor.email, first=False)
    return answer_to(form, partial(_set_up, form), page)


@pages.route("/account/security/app/off", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
def turn_off_app() -> ResponseReturnValue:
    _refuse_outsiders()
    if not second_factor.factors_of(current_actor().person_id).app_since:
        return redirect(url_for(".security"), 303)
    form = TurnOffForm()
    return answer_to(form, partial(_turn_off, form), partial(render_template, "people/totp-off.html", form=form))


@pages.get("/account/security/codes")
@needs(Permission.ACCOUNT_MANAGE)
def codes() -> ResponseReturnValue:
    """Show codes that were just made, this once; else how many are left."""
    actor = current_actor()
    return render_template(
        "people/totp-codes.html",
        codes=[in_groups(code) for code in proving.take_codes(actor.person_id)],
        factors=second_factor.factors_of(actor.person_id),
        onward=proving.target(url_for(".security")),
    )


@pages.post("/account/security/codes")
@needs(Permission.ACCOUNT_MANAGE)
@freshly_proved
def make_codes() -> ResponseReturnValue:
    EndForm().refuse_unknown()
    return _with_codes(renew_codes(actor=current_actor(), now=clock.now()))


@pages.route("/account/security/passkeys/new", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
@freshly_proved
def add_passkey() -> ResponseReturnValue:
    _refuse_outsiders()
    proving.party()
    form = PasskeyForm()
    return answer_to(form, partial(_add_passkey, form), partial(render_template, "people/passkey-new.html", form=form))


@pages.post("/account/security/passkeys/options")
@needs(Permission.ACCOUNT_MANAGE)
@freshly_proved
def new_passkey_options() -> ResponseReturnValue:
    """What the browser needs to make a passkey. The challenge goes into the signed cookie, for five minutes."""
    _refuse_outsiders()
    EndForm().refuse_unknown()
    options, handle = passkeys.creation_options(actor=current_actor(), party=proving.party())
    return jsonify(proving.ask_for_passkey(options, "add", handle=handle))


@pages.post("/account/security/passkeys/<int:passkey_id>/remove")
@needs(Permission.ACCOUNT_MANAGE)
@freshly_proved
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    EndForm().refuse_unknown()
    roles = sessions.two_steps_for()
    name = passkeys.remove(actor=current_actor(), passkey_id=passkey_id, roles=roles, now=clock.now())
    flash(f"Removed the passkey “{name}”. Delete it in your device or password manager too")
    return redirect(url_for(".security"), 303)


def _refuse_outsiders() -> None:
    """Refuse those who sign in elsewhere."""
    if proving.local_login() is None:
        raise NotFound(NO_LOCAL_ACCOUNT)


def _with_codes(codes: tuple[str, ...]) -> ResponseReturnValue:
    """Go on to the page that shows new recovery codes, if there are any."""
    proving.keep_codes(codes, current_actor().person_id)
    return redirect(url_for(".codes" if codes else ".security"), 303)


def _set_up(form: CodeForm) -> ResponseReturnValue:
    actor, key = current_actor(), current_app.extensions["tithe"].secret_key
    secret = proving.app_secret(actor.person_id)
    made = totp.set_up(actor=actor, secret=secret, code=form.code.data, key=key, now=clock.now())
    flash("Your app is set up. Signing in with your password now asks for its code")
    return _with_codes(made)


def _turn_off(form: TurnOffForm) -> ResponseReturnValue:
    settings = current_app.extensions["tithe"]
    totp.turn_off(
        actor=current_actor(),
        password=form.password.data,
        code=form.code.data,
        cost=settings.password_cost,
        key=settings.secret_key,
        roles=sessions.two_steps_for(),
        now=clock.now(),
        origin=sessions.origin(),
    )
    flash("Your app is turned off. Delete tithe in it too")
    return redirect(url_for(".security"), 303)


def _add_passkey(form: PasskeyForm) -> ResponseReturnValue:
    shown, handle = proving.passkey_shown(form.credential.data, "add")
    made = passkeys.add(
        actor=current_actor(),
        party=proving.party(),
        shown=shown,
        handle=handle,
        name=form.name.data,
        now=clock.now(),
    )
    flash("Passkey added. You can sign in with it alone")
    return _with_codes(made)
