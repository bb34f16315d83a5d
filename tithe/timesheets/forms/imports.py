"""A file of time, where its projects and tags go, and what was agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from flask import request
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from tithe.timesheets.forms.imports_calendar import is_calendar, read_events
from tithe.timesheets.rules.imports.cells import DateOrder
from tithe.timesheets.rules.imports.layouts import Format
from tithe.timesheets.rules.imports.sheet import Sheet, read_sheet
from tithe.web.uploads import FeedForm

MAP = "map-"
ORDERS = {
    "": "As the file shows",
    DateOrder.DAY_FIRST: "Day first: 03/08 is 3 August",
    DateOrder.MONTH_FIRST: "Month first: 03/08 is 8 March",
}


def read_time(content: bytes, today: date, wanted: Format | None = None, order: DateOrder | None = None) -> Sheet:
    """What a file holds: a calendar, or a table that one of the tools wrote."""
    if wanted is Format.ICAL or (wanted is None and is_calendar(content)):
        return read_events(content, today)
    return read_sheet(BytesIO(content), wanted, order)


class TimeForm(FeedForm):
    """A file, then the same file with a choice for each of its names, numbered in the order of `Sheet.names`."""

    missing = "Choose a file to read"
    file = FileField("Your file")
    dates = SelectField(
        "How are its dates written?",
        choices=[SelectChoice(value, label) for value, label in ORDERS.items()],
        default="",
        validate_choice=False,
    )
    seen = HiddenField(default="")

    def unknown(self, sent: Iterable[str]) -> list[str]:
        """Which numbers fit depends on the file, so `chosen` looks at them."""
        return [name for name in super().unknown(sent) if not name.removeprefix(MAP).isdigit()]

    def sheet(self, today: date) -> Sheet:
        """What the file holds."""
        order = next((each for each in DateOrder if each == self.dates.data), None)
        return read_time(self.read().getvalue(), today, order=order)

    def chosen(self, sheet: Sheet) -> dict[str, str]:
        """Where the person sends each name of the file; empty before they were asked."""
        sent = request.form
        return {name: sent[f"{MAP}{at}"] for at, name in enumerate(sheet.names) if f"{MAP}{at}" in sent}


def choices(sheet: Sheet, mapping: Mapping[str, str], lines: Mapping[str, str]) -> list[dict[str, Any]]:
    """A select for each name of a file: how much of the file it is, and where its rows go."""
    return [
        {
            "id": f"{MAP}{at}",
            "name": name,
            "rows": [row for row in sheet.rows if name in row.names],
            "items": [
                {"value": line, "text": words, "selected": line == mapping.get(name)} for line, words in lines.items()
            ],
        }
        for at, name in enumerate(sheet.names)
    ]
