"""Time away in the browser: one's own, a calendar file, and a file from HR."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.forms.absences import AwayForm, CalendarForm, RemoveForm, offered, read_span
from tithe.allowance.forms.absences_calendar import read_calendar
from tithe.allowance.operations import absences as operations
from tithe.allowance.operations.absences_feed import import_absences
from tithe.allowance.presenters import absences as presenters
from tithe.allowance.queries import absences as queries
from tithe.allowance.queries.absences import Away
from tithe.allowance.rules.absences import ONE_DAY, OWN, Event, events_of
from tithe.allowance.rules.absences_feed import FeedRefused, Report, read_feed
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.web.guards import current_actor, needs
from tithe.web.uploads import FeedForm

pages = Blueprint("absences", __name__)


@pages.route("/allowance/away", methods=["GET", "POST"])
@needs(Permission.ABSENCE_WRITE)
def away() -> ResponseReturnValue:
    actor, form = current_actor(), AwayForm()
    if form.validate_on_submit():
        try:
            effect = operations.enter_absence(actor=actor, spell=form.spell, replacing=form.replacing, now=clock.now())
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash(f"Time away saved. {presenters.effect_in_words(effect)}")
            return redirect(url_for(".away"), 303)
    return _away_page(form)


@pages.post("/allowance/away/remove")
@needs(Permission.ABSENCE_WRITE)
def remove() -> ResponseReturnValue:
    form = RemoveForm()
    if form.validate_on_submit():
        try:
            first, last = form.days
            effect = operations.remove_absences(
                actor=current_actor(), source=form.source.data, first_day=first, last_day=last, now=clock.now()
            )
            flash(f"Time away taken out. {presenters.effect_in_words(effect)}")
            return redirect(url_for(".away"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return _away_page(AwayForm(formdata=None), removing=form)


def _away_page(form: AwayForm, removing: RemoveForm | None = None) -> ResponseReturnValue:
    shown = queries.away_of(current_actor(), clock.today())
    periods = presenters.periods_of(shown.rows, shown.schedule)
    span = read_span(request.args.get("change", ""))
    changing = next((p for p in periods if p.source == OWN and (p.first_day, p.last_day) == span), None)
    if changing and request.method == "GET":
        form.show(changing)
    return render_template(
        "allowance/away.html",
        form=form,
        problems=form.problems + (removing.problems if removing else []),
        refused=removing is not None,
        periods=periods,
        months=presenters.months_of(shown.rows, shown.schedule, *shown.months),
        since=shown.since,
        lowers=shown.schedule.settings.accrual_basis == "available",
    ), (removing or form).status


@pages.route("/allowance/away/calendar", methods=["GET", "POST"])
@needs(Permission.ABSENCE_WRITE)
def calendar() -> ResponseReturnValue:
    actor, form, events = current_actor(), CalendarForm(), list[Event]()
    shown = queries.away_of(actor, clock.today())
    adding = request.form.get("action") == "add"
    if form.validate_on_submit():
        try:
            events = form.events if adding else read_calendar(form.content, shown.since, shown.months[1])
            if adding:
                return _add(form, events)
        except TitheError as refusal:
            form.absorb(refusal)
    return _calendar_page(form, events, shown, form.ticks if adding else None)


def _add(form: CalendarForm, events: list[Event]) -> ResponseReturnValue:
    """Put in what was ticked, and say what that did."""
    chosen = events_of(events, form.ticks)
    effect = operations.take_from_calendar(actor=current_actor(), events=chosen, gone=form.gone, now=clock.now())
    flash(f"Calendar read. {presenters.effect_in_words(effect)}")
    return redirect(url_for(".away"), 303)


def _calendar_page(
    form: CalendarForm, events: list[Event], shown: Away, ticks: list[str] | None
) -> ResponseReturnValue:
    rows = queries.from_calendars(current_actor(), shown.since) if events else []
    choice = presenters.choice_of(events, rows, shown.schedule, shown.since, ticks) if events else None
    read = form.is_submitted() and not form.refused
    return render_template(
        "allowance/away-calendar.html",
        form=form,
        choice=choice,
        offered=offered,
        gone=form.gone,
        nothing=read and (choice is None or not (choice.offered or choice.gone)),
        last_day=shown.months[1] - ONE_DAY,
    ), form.status


@pages.route("/absences/import", methods=["GET", "POST"])
@needs(Permission.ABSENCE_IMPORT)
def import_feed() -> ResponseReturnValue:
    form, report, commit = FeedForm(), None, request.form.get("action") == "import"
    if form.validate_on_submit():
        try:
            report = _read(form, commit)
        except FeedRefused as refusal:
            report = refusal.report
            form.refuse_rows()
        except TitheError as refusal:
            form.absorb(refusal)
    if report and commit and not form.refused:
        flash(f"Imported: {report.added} added, {report.changed} changed, for {report.people} people")
        return redirect(url_for(".import_feed"), 303)
    return render_template("allowance/absences-import.html", form=form, report=report), form.status


def _read(form: FeedForm, commit: bool) -> Report:
    return import_absences(
        actor=current_actor(),
        rows=read_feed(form.read()),
        now=clock.now(),
        commit=commit,
        skip_bad_rows=form.skip_bad_rows.data,
    )
