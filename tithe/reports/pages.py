"""Utilisation in the browser."""

from __future__ import annotations

import re

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.queries.periods import is_closed
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.reports import operations, presenters, queries
from tithe.reports.queries import Report
from tithe.web.forms import TitheForm, refuse_others
from tithe.web.guards import current_actor, needs

pages = Blueprint("reports", __name__)

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")  # in a file's name


def _asked(*, opening: bool = False) -> Report:
    code = request.values.get("quarter", "")
    quarter = Quarter.parse(code) if code else Quarter.containing(clock.today())
    return queries.report_for(current_actor(), quarter, request.values.get("unit"), opening=opening)


@pages.get("/reports/utilisation")
@needs(Permission.REPORT_READ)
def utilisation() -> ResponseReturnValue:
    asked = _asked(opening=True)
    lines = asked.lines(all_below=False)
    this_quarter = Quarter.containing(clock.today())
    over = asked.quarter < this_quarter and not asked.frozen
    return render_template(
        "reports/utilisation.html",
        asked=asked,
        form=TitheForm(formdata=None),
        whole=next((line for line in lines if line.unit_id == asked.unit.id), None),
        parts=[line for line in lines if line.unit_id != asked.unit.id],
        path=queries.path_names(current_actor(), asked.unit),
        following=asked.quarter.next if asked.quarter < this_quarter else None,
        closed=over and is_closed(asked.quarter),
        may_freeze=over and queries.may_freeze(current_actor()),
    )


@pages.get("/reports/utilisation.csv")
@needs(Permission.REPORT_READ)
def download() -> ResponseReturnValue:
    asked = _asked()
    rows = presenters.as_rows(asked.quarter, asked.lines(all_below=True), asked.status)
    name = f"utilisation-{asked.quarter}-{UNSAFE.sub('-', asked.unit.code)}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(presenters.as_csv(rows), mimetype="text/csv", headers=headers)


@pages.post("/reports/utilisation/freeze")
@needs(Permission.REPORT_FREEZE)
def freeze() -> ResponseReturnValue:
    refuse_others("unit", "quarter")
    asked = _asked()
    stored = operations.freeze_quarter(actor=current_actor(), quarter=asked.quarter, now=clock.now())
    flash(
        f"{asked.quarter.label} is frozen"
        if stored
        else f"{asked.quarter.label} was frozen before; nothing has changed"
    )
    return redirect(url_for(".utilisation", quarter=asked.quarter.code, unit=asked.unit.code), 303)
