"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people import sessions
from tithe.people.forms.sign_in import SignInForm
from tithe.people.operations import identity
from tithe.web.guards import current_actor, is_local, needs, public

pages = Blueprint("people", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    wanted = request.args.get("next", "")
    target = wanted if is_local(wanted) else url_for("home.home")
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target, 303)
    form = SignInForm()
    if form.validate_on_submit():
        settings = current_app.extensions["tithe"]
        try:
            secret = identity.sign_in(
                email=form.email.data,
                password=form.password.data,
                cost=settings.password_cost,
                hours=settings.session_hours,
                now=clock.now(),
            )
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            sessions.start(secret)
            return redirect(target, 303)
    demo = current_app.extensions["tithe_demo_accounts"]()
    return render_template(
        "people/sign-in.html", form=form, demo=demo, action=request.full_path.rstrip("?")
    ), form.status


@pages.post("/sign-out")
@needs(Permission.SESSION_END)
def sign_out() -> ResponseReturnValue:
    identity.sign_out(actor=current_actor(), now=clock.now())
    session.clear()
    return redirect(url_for(".sign_in"), 303)
