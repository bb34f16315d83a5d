"""The file of people from HR in the browser: choose, check, import."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.people.operations.hr_feed import import_people
from tithe.people.rules.hr_feed import FeedRefused, Report, read_hr_feed
from tithe.web.guards import current_actor, needs
from tithe.web.uploads import FeedForm

pages = Blueprint("people-import", __name__)


@pages.route("/people/import", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def import_file() -> ResponseReturnValue:
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
        flash(f"Imported: {report.added} added, {report.changed} changed, {report.left} leaving")
        return redirect(url_for(".import_file"), 303)
    return render_template("people/import.html", form=form, report=report), form.status


def _read(form: FeedForm, commit: bool) -> Report:
    content = form.read().getvalue()
    return import_people(
        actor=current_actor(),
        read=lambda: read_hr_feed(BytesIO(content)),
        calendars=current_app.extensions["tithe_calendars"](),
        now=clock.now(),
        commit=commit,
        skip_bad_rows=form.skip_bad_rows.data,
    )
