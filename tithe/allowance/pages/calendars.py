"""Holiday calendars in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.forms.calendars import CopyForm, DayForm, DeleteForm, ImportForm, NameForm, RemoveForm
from tithe.allowance.operations import calendars as operations
from tithe.allowance.presenters import calendars as presenters
from tithe.allowance.queries import calendars as queries
from tithe.allowance.queries.calendars import CalendarRow
from tithe.allowance.rules import holidays as rules
from tithe.allowance.rules.holidays import Difference
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken, TitheError
from tithe.web.guards import current_actor, needs

pages = Blueprint("calendars", __name__)


@pages.get("/calendars")
@needs(Permission.CALENDAR_READ)
def calendars() -> ResponseReturnValue:
    today = clock.today()
    found, following = queries.list_calendars(today, after=request.args.get("after", "")[: rules.LONGEST_CODE])
    ending = queries.ending_calendars(today) if permits(current_actor(), Permission.CALENDAR_WRITE) else []
    return render_template(
        "allowance/calendars.html",
        calendars=found,
        following=following,
        ending=[presenters.ending(each) for each in ending],
        origin=presenters.origin,
        today=today,
    )


@pages.route("/calendars/new", methods=["GET", "POST"])
@needs(Permission.CALENDAR_WRITE)
def new_calendar() -> ResponseReturnValue:
    this_year = clock.today().year
    form = CopyForm(first_year=str(this_year), last_year=str(this_year + 2))
    form.offer(queries.calendar_names())
    if form.validate_on_submit():
        try:
            operations.copy_calendar(actor=current_actor(), **form.answers, now=clock.now())
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash("Calendar made. Change its days here; posts that name it will use it")
            return redirect(url_for(".calendar", calendar=form.code.data), 303)
    return render_template("allowance/calendars_new.html", form=form), form.status


@pages.get("/calendars/<calendar>")
@needs(Permission.CALENDAR_READ)
def calendar(calendar: str) -> ResponseReturnValue:
    today = clock.today()
    found = queries.get_calendar(calendar, by=current_actor(), to=Permission.CALENDAR_READ, today=today)
    year = _year(request.args.get("year"), today.year)
    days = queries.days_of(found.code, year, year)
    return render_template(
        "allowance/calendars_year.html",
        calendar=found,
        today=today,
        year=year,
        years=(rules.FIRST_YEAR, rules.LAST_YEAR),
        days=days,
        months=presenters.year_drawn(year, days),
        names=presenters.KINDS,
        kinds=presenters.kinds_in(days),
        origin=presenters.origin(found),
    )


@pages.route("/calendars/<calendar>/add", methods=["GET", "POST"])
@needs(Permission.CALENDAR_WRITE)
def add_day(calendar: str) -> ResponseReturnValue:
    found, form = _to_change(calendar), DayForm()
    if form.validate_on_submit():
        new = form.holiday
        try:
            lines = operations.add_day(actor=current_actor(), code=found.code, holiday=new, now=clock.now())
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash(f"{new.name} added. {_worked_out(lines)}")
            return redirect(url_for(".calendar", calendar=found.code, year=new.day.year), 303)
    return render_template("allowance/calendars_day.html", form=form, calendar=found), form.status


@pages.post("/calendars/<calendar>/remove")
@needs(Permission.CALENDAR_WRITE)
def remove_day(calendar: str) -> ResponseReturnValue:
    found, form = _to_change(calendar), RemoveForm()
    if not form.validate_on_submit():
        raise RuleBroken("Go back, reload the page and choose the day to remove again")
    day = form.chosen
    lines = operations.remove_day(actor=current_actor(), code=found.code, day=day, now=clock.now())
    flash(f"{day.day} {day:%B %Y} removed. {_worked_out(lines)}")
    return redirect(url_for(".calendar", calendar=found.code, year=day.year), 303)


@pages.route("/calendars/<calendar>/rename", methods=["GET", "POST"])
@needs(Permission.CALENDAR_WRITE)
def rename(calendar: str) -> ResponseReturnValue:
    found = _to_change(calendar)
    form = NameForm(obj=found)
    if form.validate_on_submit():
        try:
            operations.rename_calendar(
                actor=current_actor(), code=found.code, name=form.name.data or "", now=clock.now()
            )
        except TitheError as refusal:
            form.absorb(refusal)
        else:
            flash("Name saved")
            return redirect(url_for(".calendar", calendar=found.code), 303)
    return render_template("allowance/calendars_rename.html", form=form, calendar=found), form.status


@pages.post("/calendars/<calendar>/delete")
@needs(Permission.CALENDAR_WRITE)
def delete(calendar: str) -> ResponseReturnValue:
    found = _to_change(calendar)
    if not DeleteForm().validate_on_submit():
        raise RuleBroken("Go back, reload the page and choose to delete the calendar again")
    operations.delete_calendar(actor=current_actor(), code=found.code, now=clock.now())
    flash(f"{found.name} deleted")
    return redirect(url_for(".calendars"), 303)


@pages.route("/calendars/<calendar>/import", methods=["GET", "POST"])
@needs(Permission.CALENDAR_WRITE)
def import_days(calendar: str) -> ResponseReturnValue:
    found = _to_change(calendar)
    form = ImportForm(division=found.copied_from)
    preview = None
    if form.validate_on_submit():
        try:
            preview = _preview(found, form)
            if request.form.get("action") == "save":
                return _save(found, form)
        except TitheError as refusal:
            form.absorb(refusal)
    return _import_page(found, form, preview), form.status


def _import_page(found: CalendarRow, form: ImportForm, preview: Difference | None) -> str:
    """The upload, or what it would change once that is known."""
    if preview is None:
        return render_template("allowance/calendars_import.html", form=form, calendar=found)
    return render_template(
        "allowance/calendars_preview.html",
        form=form,
        calendar=found,
        preview=preview,
        changes=presenters.changes(preview),
        names=presenters.KINDS,
    )


def _preview(found: CalendarRow, form: ImportForm) -> Difference:
    """What following the uploaded list would change. Nothing to change is a refusal: there is nothing to agree to."""
    differs = operations.rehearse_import(actor=current_actor(), code=found.code, published=form.published.days)
    if not differs:
        raise RuleBroken("The calendar already has every day of this list. There is nothing to change", field="file")
    return differs


def _save(found: CalendarRow, form: ImportForm) -> ResponseReturnValue:
    days = form.published.days
    operations.import_days(
        actor=current_actor(), code=found.code, published=days, now=clock.now(), seen=form.seen.data or ""
    )
    flash(f"{found.name} now follows the list from {days[0].day.year} to {days[-1].day.year}")
    return redirect(url_for(".calendar", calendar=found.code), 303)


def _to_change(code: str) -> CalendarRow:
    """A calendar that may be changed."""
    found = queries.get_calendar(code, by=current_actor(), to=Permission.CALENDAR_WRITE, today=clock.today())
    rules.refuse_national(found.code)
    return found


def _year(sent: str | None, this_year: int) -> int:
    """The year asked for in an address, this one if none is."""
    if sent is None:
        return this_year
    if not (sent.isascii() and sent.isdigit() and rules.FIRST_YEAR <= int(sent[:9]) <= rules.LAST_YEAR):
        raise RuleBroken(f"Choose a year from {rules.FIRST_YEAR} to {rules.LAST_YEAR}", field="year")
    return int(sent)


def _worked_out(lines: int) -> str:
    """What a change did to allowances, in words."""
    if not lines:
        return "Nobody’s allowance changes"
    return f"{lines} accrual{'s were' if lines > 1 else ' was'} worked out again"
