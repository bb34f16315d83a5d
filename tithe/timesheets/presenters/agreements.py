"""Agreements ready to read: where each stands, whom it would leave, and plain values for JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tithe.kernel.minutes import spoken
from tithe.timesheets.queries.agreements import ApprovedWeek, Cover, RequestRow
from tithe.timesheets.rules.agreements import RequestShape, RequestStatus, thin_days
from tithe.timesheets.rules.plans import WEEKDAYS, days_said
from tithe.web.filters import short_day

# Of each status: its name and its colour.
STATUS = {
    RequestStatus.ASKED: ("Waiting", "blue"),
    RequestStatus.AGREED: ("Agreed", "green"),
    RequestStatus.REFUSED: ("Refused", "orange"),
    RequestStatus.WITHDRAWN: ("Taken back", "grey"),
    RequestStatus.ENDED: ("Ended", "grey"),
}


@dataclass(frozen=True)
class Shown:
    """A request as a page shows it."""

    row: RequestRow
    title: str
    days: str
    projects: str
    tag: dict[str, str]


def shown(row: RequestRow, titles: Mapping[int, str], today: date) -> Shown:
    """A request in words. One that was agreed and has had its last day is over."""
    name, colour = STATUS[row.status]
    if row.status is RequestStatus.AGREED and row.last_day < today:
        name, colour = "Over", "grey"
    burst = row.shape is RequestShape.BURST
    title = "Burst: whole days" if burst else f"Up to {spoken(row.week_minutes)} a week on {days_said(row.weekdays)}"
    days = f"{short_day(row.starts_on)} to {short_day(row.last_day)}"
    if row.ended_from:
        days += f", ended from {short_day(row.ended_from)} on"
    projects = ", ".join(sorted(titles.get(each, "a project") for each in row.project_ids)) or "Any project of theirs"
    return Shown(row, title, days, projects, {"text": name, "classes": f"govuk-tag--{colour}"})


def warnings(cover: Cover, most_pct: int) -> list[str]:
    """On which days too few of a team would be left, by day of the week."""
    thin = thin_days(cover.away, cover.team, most_pct)
    by_weekday: defaultdict[int, list[tuple[date, int]]] = defaultdict(list)
    for day, count in thin.items():
        by_weekday[day.weekday()].append((day, count))
    found = []
    for weekday, days in sorted(by_weekday.items()):
        most = max(count for _, count in days)
        name = WEEKDAYS[weekday]
        times = f"{len(days)} {name}s, the first on {short_day(days[0][0])}" if len(days) > 1 else short_day(days[0][0])
        found.append(f"{most} of {cover.team} people would be on tithe at once on {times}")
    return found


def as_json(row: RequestRow) -> dict[str, Any]:
    """A request for JSON; a burst has no cap a week."""
    return {
        "id": row.id,
        "owner": row.owner,
        "shape": row.shape.value,
        "starts_on": row.starts_on,
        "last_day": row.last_day,
        "weekdays": [WEEKDAYS[day].lower() for day in sorted(row.weekdays)],
        "week_minutes": None if row.shape is RequestShape.BURST else row.week_minutes,
        "project_ids": sorted(row.project_ids),
        "duties": row.duties,
        "status": row.status.value,
        "asked_at": row.asked_at,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
        "ground": row.ground and row.ground.value,
        "reason": row.reason,
        "ended_from": row.ended_from,
    }


def week_as_json(week: ApprovedWeek) -> dict[str, Any]:
    return {
        "id": week.id,
        "owner": week.owner,
        "monday": week.starts_on,
        "total_minutes": week.total_minutes,
        "decided_at": week.decided_at,
    }
