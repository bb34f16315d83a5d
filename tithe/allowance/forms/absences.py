"""What people send about time away: an entry, a calendar file and what they ticked in it."""

from __future__ import annotations

import re
from datetime import date

from flask import request
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from tithe.allowance.presenters.absences import Period
from tithe.allowance.rules.absences import OWN, Event, Length, Spell
from tithe.kernel import minutes
from tithe.kernel.errors import Problem, RuleBroken, RulesBroken
from tithe.kernel.feeds import read_date
from tithe.web.forms import DAY_LIKE, TitheForm, day_typed, strip
from tithe.web.uploads import STALE, sent_file

LENGTHS = {Length.WHOLE: "The whole of each working day", Length.HALF: "Half of each working day"}
SPAN = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]{4}-[0-9]{2}-[0-9]{2})")
OFFER = re.compile(r"([0-9a-f]{40}) (\S{10})/(\S{10}) ([0-9]{1,4}) ([0-9]{1,4}) ([01]) (.{0,120})")


def read_span(text: str) -> tuple[date, date] | None:
    """The first and last day of an entry as a link names them: 2026-07-06/2026-07-10."""
    found = SPAN.fullmatch(text)
    first, last = (read_date(found[1]), read_date(found[2])) if found else (None, None)
    return (first, last) if first and last else None


class AwayForm(TitheForm):
    """Days away. Which of them are worked, and what may still be changed, are rules."""

    was = HiddenField(default="")
    first_day = StringField("First day away", filters=[strip, day_typed])
    last_day = StringField("Last day away", filters=[strip, day_typed])
    length = RadioField(
        "How much of each day?",
        choices=[
            *(SelectChoice(kind.value, words) for kind, words in LENGTHS.items()),
            SelectChoice(Length.PART.value, "Part of each working day"),
        ],
        default=Length.WHOLE.value,
        validate_choice=False,
    )
    minutes = StringField("How long each day?", filters=[strip])

    @property
    def replacing(self) -> tuple[date, date] | None:
        """The entry that is being changed, if one is."""
        if not self.was.data:
            return None
        span = read_span(self.was.data)
        if span is None:
            raise RuleBroken("This link is damaged. Choose the entry again in the list below")
        return span

    @property
    def spell(self) -> Spell:
        """What was typed, or every fault in it."""
        problems: list[Problem] = []
        first = self._day(self.first_day.data, "first_day", problems)
        last = self._day(self.last_day.data or self.first_day.data, "last_day", problems)
        length = next((each for each in Length if each == self.length.data), None)
        if length is None:
            problems.append(Problem("Choose how much of each day you are away", "length"))
        long = 0
        if length is Length.PART:
            try:
                long = minutes.parse(self.minutes.data or "")
            except RuleBroken as broken:
                problems.append(Problem(broken.message, "minutes"))
        if problems or first is None or last is None or length is None:
            raise RulesBroken(problems)
        return Spell(first, last, length, long)

    def _day(self, text: str | None, field: str, problems: list[Problem]) -> date | None:
        day = read_date(text or "")
        if day is None and (field == "first_day" or text != self.first_day.data):
            which = "first" if field == "first_day" else "last"
            problems.append(Problem(f"Enter the {which} day you are away, {DAY_LIKE}", field))
        return day

    def show(self, period: Period) -> None:
        """Fill in an entry of one's own, to change it."""
        self.was.data = f"{period.first_day}/{period.last_day}"
        self.first_day.data, self.last_day.data = str(period.first_day), str(period.last_day)
        self.length.data = Length.WHOLE.value if period.whole else Length.PART.value
        self.minutes.data = "" if period.whole else minutes.clock(period.a_day)


class RemoveForm(TitheForm):
    """Which entry of the list to take out."""

    source = HiddenField(default=OWN)
    span = HiddenField(default="")

    @property
    def days(self) -> tuple[date, date]:
        span = read_span(self.span.data or "")
        if span is None:
            raise RuleBroken("Choose an entry in the list to take out")
        return span


class CalendarForm(TitheForm):
    """A calendar file, or what was ticked in one. The page carries the events, so that nothing of them is stored."""

    file = FileField("Calendar file")
    besides = frozenset({"action", "offer", "take", "gone"})

    @property
    def content(self) -> bytes:
        return sent_file(self.file.data, "Choose a calendar file (.ics) to read")

    @property
    def events(self) -> list[Event]:
        """The events the page offered."""
        found = [OFFER.fullmatch(each) for each in request.form.getlist("offer")]
        if not all(found):
            raise RuleBroken(STALE, field="file")
        return [_event(each) for each in found if each]

    @property
    def ticks(self) -> list[str]:
        return request.form.getlist("take")

    @property
    def gone(self) -> list[str]:
        return request.form.getlist("gone")


def offered(event: Event) -> str:
    """An event as the page carries it."""
    numbers = f"{event.first_minutes} {event.last_minutes} {int(event.likely)}"
    return f"{event.key} {event.first_day}/{event.last_day} {numbers} {event.title}"


def _event(found: re.Match[str]) -> Event:
    first, last = read_date(found[2]), read_date(found[3])
    if first is None or last is None or last < first:
        raise RuleBroken(STALE, field="file")
    return Event(found[1], first, last, int(found[4]), int(found[5]), found[6] == "1", found[7])
