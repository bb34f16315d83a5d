"""Working hours in the browser: one's own, and for managers and HR those they may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.allowance.forms.patterns import ChangeForm, DaysForm, MoveForm, PatternForm, as_id
from tithe.allowance.operations import moves as lending
from tithe.allowance.operations import patterns as operations
from tithe.allowance.presenters import patterns as presenters
from tithe.allowance.presenters.patterns import Drawing
from tithe.allowance.queries import patterns as queries
from tithe.allowance.queries.patterns import MoveRow
from tithe.allowance.rules import patterns as rules
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.people import queries as people
from tithe.people.queries import PersonRow
from tithe.web.filters import short_day
from tithe.web.guards import current_actor, needs

pages = Blueprint("patterns", __name__)


@dataclass(frozen=True)
class Change:
    """A change somebody asked for: what it is in words, from which day it counts, and the operation that saves it."""

    words: list[str]
    since: date
    save: Callable[[], object]
    drawing: Drawing | None = None
    warning: str | None = None


@dataclass(frozen=True)
class Asked:
    """Who wants to change whose hours, and when."""

    actor: Actor
    person: PersonRow
    now: datetime

    def to(self, operation: Callable[..., object], **facts: object) -> Callable[[], object]:
        return partial(operation, actor=self.actor, person_id=self.person.id, now=self.now, **facts)


@pages.get("/allowance/pattern")
@needs(Permission.PATTERN_READ)
def mine() -> ResponseReturnValue:
    return _hours(current_actor().person_id, own=True)


@pages.get("/people/<int:person_id>/pattern")
@needs(Permission.PATTERN_READ)
def of_person(person_id: int) -> ResponseReturnValue:
    return _hours(person_id, own=False)


def _hours(person_id: int, *, own: bool) -> ResponseReturnValue:
    since = request.args.get("days_from")
    days_from = rules.read_day(since, "days_from") if since else None
    found = queries.hours_of(person_id, by=current_actor(), today=clock.today(), days_from=days_from)
    note_reads(ReadKind.HOURS, [person_id], actor=current_actor(), now=clock.now())
    shown = presenters.for_page(found, clock.today())
    return render_template("allowance/pattern.html", hours=found, own=own, **shown)


@pages.route("/people/<int:person_id>/pattern/weeks", methods=["GET", "POST"])
@needs(Permission.PATTERN_WRITE)
def weeks(person_id: int) -> ResponseReturnValue:
    asked, form = _asked(person_id, Permission.PATTERN_WRITE), PatternForm()
    if request.method == "GET":
        form.show(queries.weeks_on(person_id, clock.local_date(asked.now)))
    return _decide(asked, form, "allowance/pattern-weeks.html", partial(_new_weeks, asked, form))


def _new_weeks(asked: Asked, form: PatternForm) -> Change:
    if form.remove.data:
        day = form.day("remove", "")
        save = asked.to(operations.remove_pattern, starts_on=day)
        return Change([f"The hours that were to hold from {short_day(day)} are removed."], day, save)
    day, given = form.read("first_day", "weeks")
    until = queries.last_day_of(asked.person.id, day)
    return Change(
        words=[presenters.coming_in_words(day, until, given)],
        since=day,
        save=asked.to(operations.set_pattern, starts_on=day, weeks=given),
        drawing=presenters.drawing(given),
        warning=presenters.mismatch(given, queries.contracted_on(asked.person.id, [day])[day]),
    )


@pages.route("/people/<int:person_id>/pattern/days", methods=["GET", "POST"])
@needs(Permission.PATTERN_WRITE)
def days(person_id: int) -> ResponseReturnValue:
    asked, form = _asked(person_id, Permission.PATTERN_WRITE), DaysForm()
    return _decide(asked, form, "allowance/pattern-days.html", partial(_new_days, asked, form))


def _new_days(asked: Asked, form: DaysForm) -> Change:
    given = form.changes
    words = presenters.days_in_words(given)
    return Change(words, min(given), asked.to(operations.set_days, days=given))


@pages.route("/people/<int:person_id>/pattern/moves", methods=["GET", "POST"])
@needs(Permission.MOVE_WRITE)
def moves(person_id: int) -> ResponseReturnValue:
    asked, form = _asked(person_id, Permission.MOVE_WRITE), MoveForm()
    if request.method == "GET":
        form.move.data = request.args.get("move", "")
    wanted = form.remove.data or form.move.data
    move = queries.get_move(person_id, as_id(wanted)) if wanted else None
    return _decide(asked, form, "allowance/pattern-moves.html", partial(_new_move, asked, form, move), move=move)


def _new_move(asked: Asked, form: MoveForm, move: MoveRow | None) -> Change:
    if move and form.remove.data:
        save = asked.to(lending.remove_move, move_id=move.id)
        return Change([f"{presenters.lent(move)}: this is removed."], move.starts_on, save)
    if move:
        ends = form.ends
        save = asked.to(lending.end_move, move_id=move.id, last_day=ends)
        words = [f"{presenters.lent(move)}: {presenters.ending(ends)}."]
        return Change(words, rules.first_day_changed(move.last_day, ends), save)
    share, day, ends = form.read("share_bp", "first_day", "ends")
    save = asked.to(lending.lend, starts_on=day, last_day=ends, share_bp=share)
    return Change([f"{presenters.percent_of(share)} lent from {short_day(day)}: {presenters.ending(ends)}."], day, save)


def _asked(person_id: int, permission: Permission) -> Asked:
    actor, now = current_actor(), clock.now()
    person = people.get_person(person_id, by=actor, to=permission, on=clock.local_date(now))
    note_reads(ReadKind.HOURS, [person_id], actor=actor, now=now)
    return Asked(actor, person, now)


def _decide(
    asked: Asked, form: ChangeForm, template: str, plan: Callable[[], Change], **shown: object
) -> ResponseReturnValue:
    """Show the form; once it is filled in show what it would do; once that is confirmed save it."""
    person, action = asked.person, request.form.get("action")
    if form.validate_on_submit() and action != "edit":
        try:
            change = plan()
            if action == "save":
                change.save()
                flash(f"Working hours of {person.name} saved")
                return redirect(url_for(".of_person", person_id=person.id), 303)
            today = clock.local_date(asked.now)
            effects = operations.with_effects(
                change.save, person_id=person.id, since=change.since, today=today, keep=False
            )
        except (RuleBroken, Conflict) as refusal:
            form.absorb(refusal)
        else:
            lines = presenters.effects_in_words(effects)
            page = {"person": person, "form": form, "change": change, "effects": lines}
            return render_template("allowance/pattern-confirm.html", **page)
    return render_template(template, form=form, person=person, **shown), form.status
