"""Changing one's password, and setting one by a mailed link."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people import logins, sessions
from tithe.people.forms.passwords import ChangeForm, ChooseForm, ForgottenForm, JoinForm
from tithe.people.operations import identity, resets
from tithe.people.outside import current_terms
from tithe.people.rules.secrets import opened
from tithe.people.rules.sign_ins import LocalAccounts
from tithe.people.rules.throttle import TooManyTries
from tithe.web.guards import current_actor, needs, public

pages = Blueprint("passwords", __name__)

LINK = "password_link"


@pages.route("/account/password", methods=["GET", "POST"])
@needs(Permission.ACCOUNT_MANAGE)
def change() -> ResponseReturnValue:
    login = logins.login_of(current_actor().person_id, clock.now())
    if login is None or login.hash is None or (_local() is LocalAccounts.OFF and not login.outside):
        raise NotFound("You have no password here: you sign in with your organisation’s account")
    form, refusal = ChangeForm(), None
    if form.validate_on_submit():
        try:
            secret = _change(form)
        except RuleBroken as broken:
            refusal = broken
            form.absorb(broken)
        else:
            sessions.start(secret)
            flash("Password changed. You are signed out everywhere else")
            return redirect(url_for("sessions.mine"), 303)
    return _answer("people/password-change.html", form, refusal)


@pages.route("/password/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> ResponseReturnValue:
    """Ask for a link. The answer is the same whoever asks, and whoever is asked for."""
    if _local() is LocalAccounts.OFF or not current_app.extensions["tithe_mail"].host:
        raise NotFound("Links are not mailed here. Ask the people who run tithe for one")
    form, refusal = ForgottenForm(), None
    if form.validate_on_submit():
        email = form.email.data
        try:
            resets.request_reset(email=email, local=_local(), origin=sessions.origin(), now=clock.now())
        except TooManyTries as broken:
            refusal = broken
            form.absorb(broken)
        else:
            return render_template("people/password-sent.html", email=email)
    return _answer("people/password-forgotten.html", form, refusal)


@pages.get("/password/link/<link_token>")
@public
def follow(link_token: str) -> ResponseReturnValue:
    """Take the link's secret out of the address before a page is shown, so that it stays in no history."""
    session[LINK] = link_token
    return redirect(url_for(".choose"), 303)


@pages.route("/password/choose", methods=["GET", "POST"])
@public
def choose() -> ResponseReturnValue:
    """Set the password a link is for. Opening the link does nothing; sending the form does."""
    settings = current_app.extensions["tithe"]
    handle = opened(session.get(LINK, ""), settings.secret_key)
    link = logins.find_link(handle, clock.now()) if handle else None
    if handle is None or link is None or (_local() is LocalAccounts.OFF and not link.outside):
        raise NotFound(resets.STALE)
    terms = current_terms() if link.terms_due else None
    form = JoinForm() if terms else ChooseForm()
    if form.validate_on_submit():
        try:
            asked = {"password": form.password.data, "terms": form.version if terms else None}
            resets.use_link(handle=handle, **asked, cost=settings.password_cost, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            session.clear()
            flash("Password set. Sign in with it")
            return redirect(url_for("people.sign_in"), 303)
    return render_template("people/password-choose.html", form=form, link=link, terms=terms), form.status


def _local() -> LocalAccounts:
    return LocalAccounts(current_app.extensions["tithe"].local_accounts)


def _change(form: ChangeForm) -> str:
    settings = current_app.extensions["tithe"]
    return identity.change_password(
        actor=current_actor(),
        current=form.current.data,
        new=form.new.data,
        cost=settings.password_cost,
        hours=settings.session_hours,
        now=clock.now(),
        origin=sessions.origin(),
    )


def _answer(template: str, form: ChangeForm | ForgottenForm, refusal: RuleBroken | None) -> ResponseReturnValue:
    page = render_template(template, form=form)
    if isinstance(refusal, TooManyTries):
        return page, refusal.status, {"Retry-After": str(refusal.seconds)}
    return page, form.status
