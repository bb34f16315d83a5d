"""Showing again who one is, before something that somebody at an unlocked desk must not do."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people import proving, second_factor, sessions
from tithe.people.answers import answer_to
from tithe.people.forms.security import CredentialForm, PasswordForm
from tithe.people.operations import passkeys
from tithe.people.operations.second_factor import prove_by_password
from tithe.web.guards import current_actor, needs

pages = Blueprint("proving", __name__)


@pages.route("/account/prove", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
def prove() -> ResponseReturnValue:
    form = CredentialForm() if "credential" in request.form else PasswordForm()
    return answer_to(form, partial(_prove, form), partial(_page, form))


def _prove(form: CredentialForm | PasswordForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    if isinstance(form, CredentialForm):
        shown, _ = proving.passkey_shown(form.credential.data, "show")
        passkeys.prove(actor=actor, party=proving.party(), shown=shown, now=now)
    else:
        cost = current_app.extensions["tithe"].password_cost
        prove_by_password(actor=actor, password=form.password.data, cost=cost, now=now, origin=sessions.origin())
    return redirect(proving.target(url_for("security.security")), 303)


def _page(form: CredentialForm | PasswordForm) -> str:
    factors = second_factor.factors_of(current_actor().person_id)
    return render_template(
        "people/security-prove.html",
        form=form,
        password=getattr(form, "password", None) or PasswordForm(formdata=None).password,
        login=proving.local_login(),
        passkeys=bool(factors.passkeys) and current_app.extensions["tithe_passkeys"] is not None,
        action=request.full_path.rstrip("?"),
    )
