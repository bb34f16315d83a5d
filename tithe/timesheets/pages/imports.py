"""Taking in time from a file in the browser: choose it, say what is what, look, load."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.projects import queries as projects
from tithe.timesheets.forms.imports import TimeForm, choices
from tithe.timesheets.operations import imports as operations
from tithe.timesheets.operations.imports import ImportRefused, Report
from tithe.timesheets.presenters import imports as presenters
from tithe.timesheets.queries import imports as queries
from tithe.timesheets.rules.imports.sheet import Sheet
from tithe.web.guards import current_actor, needs

pages = Blueprint("time-import", __name__)


@dataclass(frozen=True)
class Step:
    """How far a person has come with a file: where its names go, and once they said so, what it would do."""

    sheet: Sheet
    mapping: dict[str, str]
    report: Report | None


@pages.route("/weeks/import", methods=["GET", "POST"])
@needs(Permission.WEEK_SAVE)
def import_time() -> ResponseReturnValue:
    form, step, load = TimeForm(), None, request.form.get("action") == "load"
    if form.validate_on_submit():
        try:
            step = _step(form, load)
        except TitheError as refusal:
            form.absorb(refusal)
    if step and step.report and load and not form.refused:
        flash(presenters.done(step.report))
        return redirect(url_for("timesheets.weeks"), 303)
    return _render(form, step)


def _step(form: TimeForm, load: bool) -> Step:
    """Read the file. Names that nobody was asked about yet are asked about first."""
    actor, sheet = current_actor(), form.sheet(clock.today())
    chosen = form.chosen(sheet)
    suggested = queries.mapping_for(actor, sheet.names, projects.memberships_of(actor.person_id))
    asked = bool(chosen) or set(sheet.names) <= set(queries.names_of(actor))
    report = _report(form, sheet, chosen, commit=load) if asked else None
    return Step(sheet, {**suggested, **chosen}, report)


def _report(form: TimeForm, sheet: Sheet, chosen: dict[str, str], *, commit: bool) -> Report | None:
    """What the file does, or would do where it may not be loaded as it is."""
    try:
        return operations.import_time(
            actor=current_actor(),
            sheet=sheet,
            mapping=chosen,
            now=clock.now(),
            commit=commit,
            skip_bad_rows=form.skip_bad_rows.data,
            seen=form.seen.data if commit else None,
        )
    except ImportRefused as refusal:
        form.refuse_rows()
        return refusal.report
    except TitheError as refusal:
        form.absorb(refusal)
        return _report(form, sheet, chosen, commit=False) if commit else None


def _render(form: TimeForm, step: Step | None) -> ResponseReturnValue:
    lines = queries.lines_for(current_actor()) if step else {}
    return render_template(
        "timesheets/import.html",
        form=form,
        step=step,
        report=step.report if step else None,
        choices=choices(step.sheet, step.mapping, lines) if step else [],
        titles=lines,
        shown=presenters,
    ), form.status
