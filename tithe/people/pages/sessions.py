"""Where somebody is signed in, and ending it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.people import logins
from tithe.people.forms.sessions import EndForm
from tithe.people.operations import identity
from tithe.web.guards import current_actor, needs

pages = Blueprint("sessions", __name__)


@pages.get("/account/sessions")
@needs(Permission.ACCOUNT_MANAGE)
def mine() -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    idle = current_app.extensions["tithe"].session_idle_minutes
    return render_template(
        "people/sessions.html",
        sessions=logins.list_sessions(by=actor, now=now, idle_minutes=idle),
        login=logins.login_of(actor.person_id, now),
        form=EndForm(),
    )


@pages.post("/account/sessions/<int:session_id>/end")
@needs(Permission.ACCOUNT_MANAGE)
def end(session_id: int) -> ResponseReturnValue:
    EndForm().refuse_unknown()
    identity.end_session(actor=current_actor(), session_id=session_id, now=clock.now())
    flash("Signed out there")
    return redirect(url_for(".mine"), 303)


@pages.post("/account/sessions/end-others")
@needs(Permission.ACCOUNT_MANAGE)
def end_others() -> ResponseReturnValue:
    EndForm().refuse_unknown()
    ended = identity.end_other_sessions(actor=current_actor(), now=clock.now())
    flash(f"Signed out in {ended} other {'place' if ended == 1 else 'places'}")
    return redirect(url_for(".mine"), 303)
