"""Posts over time in the browser: somebody's history, changing their post, leaving and joining.

Each change is tried first: the page says what it would do, and a second button does it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people.forms.posts import JoinForm, LeaveForm, PostForm
from tithe.people.history import history_of
from tithe.people.job_shares import list_shares
from tithe.people.operations import posts as operations
from tithe.people.operations.posts import Outcome
from tithe.people.presenters.history import Names, effects, posts_in, timeline
from tithe.people.queries import PersonRow, get_person, names_of
from tithe.people.rules.grades import Grade
from tithe.people.standing import nearest_day
from tithe.people.units import names_of_units
from tithe.web.forms import TitheForm
from tithe.web.guards import current_actor, needs

pages = Blueprint("posts", __name__)


@pages.get("/people/<int:person_id>/history")
@needs(Permission.PERSON_HISTORY)
def history(person_id: int) -> ResponseReturnValue:
    actor, today = current_actor(), clock.today()
    day = nearest_day(person_id, today)
    person = get_person(person_id, by=actor, to=Permission.PERSON_HISTORY, on=day)
    rows = history_of(person_id, by=actor, on=day)
    note_reads(ReadKind.POSTS, [person_id], actor=actor, now=clock.now())
    shares = list_shares(person_id, by=actor, to=Permission.PERSON_HISTORY, on=day)
    about = {"person": person, "posts": rows, "drawn": timeline(rows, today), "today": today, "shares": shares}
    return render_template("people/history.html", **about, places=current_app.extensions["tithe_calendars"]())


@pages.route("/people/<int:person_id>/post", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def change(person_id: int) -> ResponseReturnValue:
    person, form = _managed(person_id), PostForm(request.form or request.args)
    outcome = None
    if form.validate_on_submit():
        outcome = _tried(form, lambda: _changed(person_id, form))
        if outcome and _saves():
            flash("Saved. Their allowance follows it")
            return redirect(url_for(".history", person_id=person_id), 303)
    posts = history_of(person_id, by=current_actor(), on=nearest_day(person_id, clock.today()))
    about = {"person": person, "posts": posts, "grades": list(Grade), "effects": _effects(outcome)}
    places = current_app.extensions["tithe_calendars"]()
    return render_template("people/post.html", form=form, **about, places=places), form.status


@pages.route("/people/<int:person_id>/leave", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def leave(person_id: int) -> ResponseReturnValue:
    person, form, outcome = _managed(person_id), LeaveForm(), None
    if form.validate_on_submit():
        leaving = partial(operations.leave, person_id=person_id, last_day=form.last_day.day)
        outcome = _tried(form, lambda: partial(leaving, actor=current_actor(), now=clock.now()))
        if outcome and _saves():
            flash("Saved. Their allowance follows it")
            return redirect(url_for(".history", person_id=person_id), 303)
    about = {"person": person, "effects": _effects(outcome)}
    return render_template("people/leave.html", form=form, **about), form.status


@pages.route("/people/new", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def join() -> ResponseReturnValue:
    form, outcome = JoinForm(), None
    if form.validate_on_submit():
        outcome = _tried(form, lambda: _joined(form))
        if outcome and _saves():
            flash("Added. They can be invited to sign in")
            return redirect(url_for(".history", person_id=outcome.person_id), 303)
    about = {"grades": list(Grade), "effects": _effects(outcome)}
    places = current_app.extensions["tithe_calendars"]()
    return render_template("people/join.html", form=form, **about, places=places), form.status


def _managed(person_id: int) -> PersonRow:
    """Whose post somebody with an HR role may change. The page shows what is on record, so that is noted."""
    day = nearest_day(person_id, clock.today())
    person = get_person(person_id, by=current_actor(), to=Permission.PERSON_MANAGE, on=day)
    note_reads(ReadKind.POSTS, [person_id], actor=current_actor(), now=clock.now())
    return person


def _saves() -> bool:
    return request.form.get("action") == "save"


def _effects(outcome: Outcome | None) -> list[str] | None:
    """What a change that was tried would do, in words; none if none was."""
    if outcome is None:
        return None
    posts = posts_in(outcome)
    units = names_of_units({each.unit_id for each in posts})
    people = names_of({each.line_manager_id for each in posts if each.line_manager_id is not None})
    return effects(outcome, Names(units, people, current_app.extensions["tithe_calendars"]()))


def _changed(person_id: int, form: PostForm) -> Callable[[], Outcome]:
    return partial(
        operations.change_post, actor=current_actor(), person_id=person_id, starts_on=form.first_day,
        changes=form.changes, post_id=form.post_id, calendars=current_app.extensions["tithe_calendars"](),
        now=clock.now(),
    )  # fmt: skip


def _joined(form: JoinForm) -> Callable[[], Outcome]:
    calendars = current_app.extensions["tithe_calendars"]()
    about = {"newcomer": form.newcomer, "post": form.first_post, "calendars": calendars}
    return partial(operations.join, actor=current_actor(), **about, now=clock.now())


def _tried(form: TitheForm, wanted: Callable[[], Callable[[], Outcome]]) -> Outcome | None:
    """Do it, or only try it where nothing is to be saved; none if it was refused, and the form says why."""
    follow = partial(current_app.extensions["tithe_post_changed"], actor=current_actor(), now=clock.now())
    try:
        return operations.attempt(wanted(), keep=_saves(), then=follow)
    except TitheError as refusal:
        form.absorb(refusal)
        return None
