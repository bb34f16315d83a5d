"""Utilisation as plain values: the same rows for JSON, CSV and the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from tithe.kernel.calendar import Quarter
from tithe.kernel.minutes import hours
from tithe.reports.rules import Line

COLUMNS = (
    "period",
    "unit_code",
    "unit_name",
    "parent_code",
    "eligible_headcount",
    "participants",
    "participation_rate",
    "entitlement_hours",
    "used_hours",
    "utilisation_rate",
    "status",
)
RISKY = ("=", "+", "-", "@", "\t", "\r")


def as_rows(quarter: Quarter, lines: Iterable[Line], status: str) -> list[dict[str, Any]]:
    """One dict a unit. Hours to two places, rates in per cent to one; None where there is nothing to divide by."""
    lines = list(lines)
    codes = {line.unit_id: line.unit_code for line in lines}
    return [
        {
            "period": quarter.code,
            "unit_code": line.unit_code,
            "unit_name": line.unit_name,
            "parent_code": codes.get(line.parent_id or 0),
            "eligible_headcount": line.eligible,
            "participants": line.participants,
            "participation_rate": _number(line.participation),
            "entitlement_hours": float(hours(line.entitlement_minutes)),
            "used_hours": float(hours(line.used_minutes)),
            "utilisation_rate": _number(line.utilisation),
            "status": status,
        }
        for line in lines
    ]


def as_json(quarter: Quarter, lines: Iterable[Line], status: str) -> list[dict[str, Any]]:
    """The same with exact minutes beside the hours."""
    lines = list(lines)
    return [
        {**row, "entitlement_minutes": line.entitlement_minutes, "used_minutes": line.used_minutes}
        for row, line in zip(as_rows(quarter, lines, status), lines, strict=True)
    ]


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def as_csv(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The rows as CSV text, one line at a time."""
    yield csv_line(COLUMNS)
    for row in rows:
        yield csv_line("" if row[name] is None else row[name] for name in COLUMNS)


def csv_line(values: Iterable[Any]) -> str:
    """A line of CSV. Every export writes its lines here: text that a spreadsheet would run is defused."""
    out = io.StringIO()
    csv.writer(out).writerow(
        [f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value for value in values]
    )
    return out.getvalue()
