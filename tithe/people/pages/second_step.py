"""Signing in further: the step after the password, setting it up where a role needs it, and signing in by passkey."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tithe.kernel import clock
from tithe.kernel.errors import NotFound
from tithe.people import logins, proving, second_factor, sessions
from tithe.people.answers import answer_to
from tithe.people.forms.security import CodeForm, CredentialForm
from tithe.people.forms.sessions import EndForm
from tithe.people.operations import passkeys, totp
from tithe.people.rules.sign_ins import LocalAccounts, SignInMethod
from tithe.people.sessions import Pending
from tithe.web.guards import public

pages = Blueprint("second_step", __name__)


@pages.route("/sign-in/second-step", methods=["GET", "POST"])
@public
def second_step() -> ResponseReturnValue:
    waiting = sessions.pending()
    if waiting is None:
        return redirect(url_for("people.sign_in"), 303)
    if not second_factor.second_factor_needed(waiting.person_id):
        return redirect(url_for(".set_up"), 303)
    form = CodeForm()
    return answer_to(form, partial(_pass, form, waiting), partial(_page, form, waiting))


@pages.route("/sign-in/second-step/set-up", methods=["GET", "POST"])
@public
def set_up() -> ResponseReturnValue:
    """Lead somebody whose role needs a second factor to set one up. Whoever has one must show it instead."""
    waiting = sessions.pending()
    login = logins.login_of(waiting.person_id, clock.now()) if waiting else None
    if waiting is None or login is None:
        return redirect(url_for("people.sign_in"), 303)
    if second_factor.second_factor_needed(waiting.person_id):
        return redirect(url_for(".second_step"), 303)
    form = CodeForm()
    page = partial(proving.app_page, form, waiting.person_id, login.owner.email, first=True)
    return answer_to(form, partial(_set_up, form, waiting), page)


@pages.post("/sign-in/passkey")
@public
def by_passkey() -> ResponseReturnValue:
    """Let in whoever holds a passkey, alone or after their password."""
    form, waiting = CredentialForm(), sessions.pending()
    return answer_to(form, partial(_by_passkey, form, waiting), partial(_page, form, waiting))


@pages.post("/sign-in/passkey/options")
@public
def passkey_options() -> ResponseReturnValue:
    """What the browser needs to show a passkey: one of whoever is signed in or awaited, or of anybody's."""
    EndForm().refuse_unknown()
    person_id = proving.who_is_asked()
    known = second_factor.credentials_of(person_id) if person_id else []
    return jsonify(proving.ask_for_passkey(proving.party().request_options(known), "show"))


def _page(form: CodeForm | CredentialForm, waiting: Pending | None) -> str:
    """The second step, or for whoever has taken no first one what was wrong with their passkey."""
    if waiting is None:
        return render_template("people/passkey-refused.html", form=form, next=request.args.get("next"))
    factors = second_factor.factors_of(waiting.person_id)
    code = form if isinstance(form, CodeForm) else CodeForm(formdata=None)
    return render_template("people/totp.html", form=form, code=code.code, factors=factors, passkeys=_passkeys(factors))


def _passkeys(factors: second_factor.Factors) -> bool:
    return bool(factors.passkeys) and current_app.extensions["tithe_passkeys"] is not None


def _pass(form: CodeForm, waiting: Pending) -> ResponseReturnValue:
    settings = current_app.extensions["tithe"]
    secret = totp.pass_second_step(
        person_id=waiting.person_id,
        code=form.code.data,
        key=settings.secret_key,
        hours=settings.session_hours,
        now=clock.now(),
        origin=sessions.origin(waiting.method),
    )
    sessions.start(secret)
    return redirect(waiting.target, 303)


def _set_up(form: CodeForm, waiting: Pending) -> ResponseReturnValue:
    settings = current_app.extensions["tithe"]
    secret, codes = totp.set_up_first(
        person_id=waiting.person_id,
        secret=proving.app_secret(waiting.person_id),
        code=form.code.data,
        key=settings.secret_key,
        hours=settings.session_hours,
        now=clock.now(),
        origin=sessions.origin(waiting.method),
    )
    sessions.start(secret)
    proving.keep_codes(codes, waiting.person_id)
    return redirect(url_for("security.codes", next=waiting.target), 303)


def _by_passkey(form: CredentialForm, waiting: Pending | None) -> ResponseReturnValue:
    settings = current_app.extensions["tithe"]
    if current_user.is_authenticated:
        raise NotFound("You are signed in already")
    method = waiting.method if waiting else SignInMethod.PASSKEY
    shown, _ = proving.passkey_shown(form.credential.data, "show", method)
    secret = passkeys.sign_in(
        party=proving.party(),
        shown=shown,
        awaited=waiting.person_id if waiting else None,
        local=LocalAccounts(settings.local_accounts),
        hours=settings.session_hours,
        now=clock.now(),
    )
    sessions.start(secret)
    return redirect(waiting.target if waiting else proving.target(url_for("home.home")), 303)
