"""Signing in, by password or by the organisation's own provider, and out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people import sessions
from tithe.people.forms.sign_in import SignInForm
from tithe.people.operations import identity, oidc
from tithe.people.operations.identity import Passed
from tithe.people.operations.refused import noted
from tithe.people.rules.oidc import Distrusted
from tithe.people.rules.sign_ins import LocalAccounts, SignInMethod, Why
from tithe.people.rules.throttle import TooManyTries
from tithe.web.guards import current_actor, is_local, needs, public

if TYPE_CHECKING:  # it is only loaded where a provider is configured
    from tithe.people.provider import Provider

log = logging.getLogger(__name__)
pages = Blueprint("people", __name__)

FLOW = "sign_in.flow"


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(_target(), 303)
    form, refusal = SignInForm(), None
    if form.validate_on_submit():
        try:
            return _enter(_by_password(form), _target())
        except RuleBroken as broken:
            refusal = broken
            form.absorb(broken)
    return _page(form, refusal)


@pages.get("/sign-in/oidc")
@public
def leave_for_provider() -> ResponseReturnValue:
    """Send somebody to the provider. What must be known when they are back goes into their signed cookie."""
    address, flow = _provider().begin(target=_target(), now=clock.now())
    session[FLOW] = flow.as_dict()
    return redirect(address, 303)


@pages.get("/sign-in/oidc/back")
@public
def back_from_provider() -> ResponseReturnValue:
    """Let in whom the provider vouches for. Each flow counts once, whatever comes of it."""
    provider, now, origin = _provider(), clock.now(), sessions.origin(SignInMethod.OIDC)
    try:
        with noted(why=Why.PROVIDER, origin=origin, now=now):
            flow = provider.resume(session.pop(FLOW, None), now)
            who = provider.finish(flow=flow, answer=request.args.to_dict(), now=now)
    except Distrusted as refusal:
        log.warning("an answer of the sign-in provider was refused: %s", refusal.why)
        raise
    hours = current_app.extensions["tithe"].session_hours
    return _enter(oidc.sign_in(who=who, hours=hours, now=now, origin=origin), flow.target)


@pages.post("/sign-out")
@needs(Permission.SESSION_END)
def sign_out() -> ResponseReturnValue:
    method = identity.sign_out(actor=current_actor(), now=clock.now())
    session.clear()
    return redirect(url_for(".signed_out" if method is SignInMethod.OIDC else ".sign_in"), 303)


@pages.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """Where signing out leads whoever came by the provider: they may still be signed in there."""
    provider = _provider()
    if current_user.is_authenticated:
        return redirect(url_for("home.home"), 303)
    return render_template("people/signed-out.html", name=provider.name, address=provider.sign_out_address(clock.now()))


def _provider() -> Provider:
    provider: Provider | None = current_app.extensions["tithe_provider"]
    if provider is None:
        raise NotFound
    return provider


def _target() -> str:
    wanted = request.args.get("next", "")
    return wanted if is_local(wanted) else url_for("home.home")


def _by_password(form: SignInForm) -> Passed:
    settings = current_app.extensions["tithe"]
    return identity.sign_in(
        email=form.email.data,
        password=form.password.data,
        cost=settings.password_cost,
        hours=settings.session_hours,
        now=clock.now(),
        local=LocalAccounts(settings.local_accounts),
        origin=sessions.origin(),
        two_steps_for=sessions.two_steps_for(),
    )


def _enter(passed: Passed, target: str) -> ResponseReturnValue:
    """Go on: into tithe, or to where a second factor is asked for."""
    if passed.secret is None:
        sessions.wait_for_second_factor(passed, target)
        return redirect(url_for("second_step.second_step"), 303)
    sessions.start(passed.secret)
    return redirect(target, 303)


def _page(form: SignInForm, refusal: RuleBroken | None) -> ResponseReturnValue:
    provider = current_app.extensions["tithe_provider"]
    page = render_template(
        "people/sign-in.html",
        form=form,
        demo=current_app.extensions["tithe_demo_accounts"](),
        action=request.full_path.rstrip("?"),
        provider=provider.name if provider else None,
        next=request.args.get("next") or None,
        from_outside=request.args.get("from") == "outside",
        local=LocalAccounts(current_app.extensions["tithe"].local_accounts),
        mails=bool(current_app.extensions["tithe_mail"].host),
        passkeys=current_app.extensions["tithe_passkeys"] is not None,
    )
    if isinstance(refusal, TooManyTries):
        return page, refusal.status, {"Retry-After": str(refusal.seconds)}
    return page, form.status
