"""Reading a calendar file. It may come from anywhere, so its size, its repeats and what they may ask for are bounded.

Titles are for the person to look at and go no further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from tithe.allowance.rules.absences import ONE_DAY, Event
from tithe.kernel.clock import LONDON
from tithe.kernel.errors import RuleBroken
from tithe.kernel.late import late
from tithe.kernel.minutes import DAY

icalendar, recurring_ical_events = late("icalendar"), late("recurring_ical_events")

T = TypeVar("T")
LARGEST_FILE = 1024 * 1024
MOST_REPEATING = 500  # series and exceptions to them
MOST_COSTLY = 40  # series by month or year, which take longest to find out that they never happen
MOST_EVENTS = 5000
OLDEST = 10  # years before the first day asked for in which a series may begin
LONGEST_TITLE = 120
NOT_READ = "We could not read this as a calendar file. Export it again as iCalendar (.ics) and choose that file"
TOO_MUCH = "This calendar holds too many repeating events. Export only the months ahead, or only your leave"
# Rules that go by the hour are no leave. Days and weeks take no filter that might never be met: a search for such a day
# would go on to the year 9999.
ALLOWED = {
    "DAILY": {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"},
    "WEEKLY": {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"},
    "MONTHLY": {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH"},
}


def read_calendar(content: bytes, start: date, end: date) -> list[Event]:
    """The events of a calendar file that touch the days from `start` up to but not including `end`, in order.

    Repeats are counted out over these days. Cancelled events, and repeats by the hour, are left out.
    """
    found = occurrences(content, start, end, _event)
    by_key = {event.key: event for event in reversed(found) if event.last_day >= start and event.first_day < end}
    return sorted(by_key.values(), key=lambda each: (not each.likely, each.first_day, each.last_day, each.key))


def occurrences(content: bytes, start: date, end: date, read: Callable[[Any, set[str]], T | None]) -> list[T]:
    """What `read` makes of every event of a calendar file in these days and of the names of its series, unless None."""
    if not content.strip():
        raise RuleBroken("The file is empty. Choose a calendar file (.ics)", field="file")
    if len(content) > LARGEST_FILE:
        raise RuleBroken("The file is larger than 1 MB. Export only the months ahead", field="file")
    try:
        return list(_occurrences(content, start, end, read))
    except RuleBroken:
        raise
    except Exception as error:  # the library raises whatever a broken file leads it to; all of it means the same here
        raise RuleBroken(NOT_READ, field="file") from error


def _occurrences(content: bytes, start: date, end: date, read: Callable[[Any, set[str]], T | None]) -> Iterator[T]:
    calendar = icalendar.Calendar.from_ical(content)
    kept = [each for each in calendar.walk("VEVENT") if _is_bounded(each, start)]
    _refuse_too_much(kept)
    calendar.subcomponents = [each for each in calendar.subcomponents if each.name != "VEVENT"] + kept
    series = {str(each.get("UID", "")) for each in kept if _repeats(each)}
    for count, event in enumerate(recurring_ical_events.of(calendar, skip_bad_series=True).between(start, end)):
        if count >= MOST_EVENTS:
            raise RuleBroken(TOO_MUCH, field="file")
        if str(event.get("STATUS", "")).upper() != "CANCELLED" and (found := read(event, series)):
            yield found


def _repeats(event: Any) -> bool:
    return any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def _is_bounded(event: Any, start: date) -> bool:
    """Whether an event happens once, or repeats in a way that ends quickly when counted out."""
    rule, begins = event.get("RRULE"), event.get("DTSTART")
    if not isinstance(begins, icalendar.vDDDTypes) or not isinstance(begins.dt, date):
        return False
    if rule is None:
        return True
    if not isinstance(rule, icalendar.vRecur):  # it cannot be read, or there are several
        return False
    kind = str(rule.get("FREQ", [""])[0]).upper()
    return set(map(str.upper, rule)) <= ALLOWED.get(kind, set()) and begins.dt.year >= start.year - OLDEST


def _refuse_too_much(events: list[Any]) -> None:
    costly = [
        each for each in events if str(each.get("RRULE", {}).get("FREQ", [""])[0]).upper() in ("MONTHLY", "YEARLY")
    ]
    if sum(map(_repeats, events)) > MOST_REPEATING or len(costly) > MOST_COSTLY:
        raise RuleBroken(TOO_MUCH, field="file")


def _event(event: Any, series: set[str]) -> Event | None:
    """One occurrence as days, or None if it has no length. Times are read as in London."""
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    all_day = not isinstance(begins, datetime)
    first, last = _local(begins), _local(ends)
    if last <= first:
        return None
    last_day = (last - timedelta(minutes=1)).date()
    alone = first.date() == last_day
    end_of_first = last if alone else datetime.combine(first.date() + ONE_DAY, time())
    start_of_last = first if alone else datetime.combine(last_day, time())
    return Event(
        key=key_of(event, series),
        first_day=first.date(),
        last_day=last_day,
        first_minutes=DAY if all_day else _minutes(end_of_first - first),
        last_minutes=DAY if all_day else _minutes(last - start_of_last),
        likely=_looks_like_leave(event, all_day),
        title=" ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_TITLE] or "(no title)",
    )


def _minutes(length: timedelta) -> int:
    return min(DAY, max(1, round(length.total_seconds() / 60)))


def _local(moment: date) -> datetime:
    """A date or time of a calendar file as the clock in London shows it, without its zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return (moment.astimezone(LONDON) if moment.tzinfo else moment).replace(tzinfo=None)


def key_of(event: Any, series: set[str]) -> str:
    """What stands for the event and, if it repeats, for this repeat of it. It cannot be read back."""
    uid = str(event.get("UID", ""))
    repeat = event.get("RECURRENCE-ID") if uid in series else None
    which = repeat.dt.isoformat() if repeat else "" if uid else f"{event['DTSTART'].dt}/{event['DTEND'].dt}"
    return sha256(f"{uid}\n{which}".encode()).hexdigest()[:40]


def _looks_like_leave(event: Any, all_day: bool) -> bool:
    """Out of office, or a whole day that is not shown as free."""
    status = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    free = status == "FREE" or str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return status == "OOF" or (all_day and not free)
