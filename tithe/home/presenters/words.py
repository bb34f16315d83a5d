"""One's own allowance in words: every figure with the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from tithe.allowance.queries.mine import LedgerRow, UnitName
from tithe.allowance.rules.carry import Closing
from tithe.allowance.rules.entitlement import plain
from tithe.allowance.rules.ledger import LedgerKind
from tithe.allowance.rules.standing import DayWorth
from tithe.allowance.rules.worktime import WHOLE
from tithe.home.queries import Mine, TeamLine
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.minutes import spoken
from tithe.web.filters import figure, moment, short_day

# The ledger in the order in which it adds up, whatever the order in which it was written.
GROUPS = (
    ("Carried in", (LedgerKind.CARRY_IN,)),
    ("Earned", (LedgerKind.ACCRUAL,)),
    ("Corrections", (LedgerKind.ADJUSTMENT,)),
    ("Held for pledges", (LedgerKind.HOLD, LedgerKind.RELEASE)),
    ("Used", (LedgerKind.USE, LedgerKind.REVERSAL)),
    ("Carried over", (LedgerKind.CARRY_OUT,)),
    ("Lapsed", (LedgerKind.LAPSE,)),
)
CLOSE_ENOUGH = 60  # minutes: no rounding moves an entitlement further


@dataclass(frozen=True)
class Part:
    """A part of the bar: its colour's name, what it stands for, its minutes, and for how many of them it is drawn."""

    kind: str
    text: str
    minutes: int
    drawn: int


@dataclass(frozen=True)
class Line:
    """A line with the sum after it, and sentences that say why it is what it is. `days` unfolds the day table."""

    reason: str
    minutes: int
    after: int
    when: str
    why: list[str]
    days: bool = False


@dataclass(frozen=True)
class Group:
    """The lines of one kind, what they come to, and the sum after them."""

    title: str
    minutes: int
    after: int
    lines: list[Line]


@dataclass(frozen=True)
class Stretch:
    """Days on which the same share holds, in the same units; what of them counts in all, and what that earns."""

    days: list[DayWorth]
    rate: str
    units: list[UnitName]
    counts: Fraction
    earns: Fraction


def page(mine: Mine) -> dict[str, Any]:
    """What the page of one's own allowance shows beside the allowance itself."""
    return {
        "quarter": named(mine),
        "basis": basis(mine),
        "figures": figures(mine),
        "bar": own_bar(mine),
        "plans": after_plans(mine),
        "outlook": outlook(mine),
        "overdrawn": overdrawn(mine),
        "groups": groups(mine),
        "stretches": stretches(mine),
        "exactly": exactly,
    }


def named(mine: Mine) -> str:
    """The quarter in months, and as it is called where its owner works: "Jan to Mar 2026, 2025-26 Q4"."""
    return f"{mine.quarter.label}, {mine.quarter.name(mine.account.schedule.settings.fy_start_month)}"


def basis(mine: Mine) -> str:
    """On what the time rests. Source: §1.4 of the scheme's time rules: unless adopted as a term, it is a policy."""
    if mine.account.schedule.settings.contractual:
        return "This time is a term of your employment."
    return "This time is given by a policy; it is not a term of your employment."


def team_bar(line: TeamLine) -> list[Part]:
    """The bar of one of the team."""
    balance = line.row.balance
    return bar_of(balance.accrued, balance.other, balance.used, line.waiting)


def bar_of(accrued: int, other: int, used: int, waiting: int, planned: int = 0) -> list[Part]:
    """What is left of what there is, and what has been used beyond it. What is planned is part of what is left."""
    whole = max(0, accrued + other)
    used_of_it = min(max(0, used), whole)
    waiting_of_it = min(waiting, whole - used_of_it)
    left = accrued + other - used - waiting
    of_plans = [Part("planned", "Planned", planned, min(planned, max(0, left)))] if planned else []
    free = left - sum(part.drawn for part in of_plans)
    words = "Left after plans" if planned else "Left"
    rest = Part("left", words, free, free) if left >= 0 else Part("over", "More than there is", -left, -left)
    return [
        Part("used", "Used", used, used_of_it),
        Part("waiting", "Waiting for approval", waiting, waiting_of_it),
        *of_plans,
        rest,
    ]


def own_bar(mine: Mine) -> list[Part]:
    """The bar of a quarter: until it closes what is left, from then on what became of it."""
    balance, sums = mine.balance, mine.account.ledger.sums
    if not mine.is_closed:
        return bar_of(balance.accrued, balance.other, balance.used, mine.waiting, mine.planned)
    carried, lapsed = (max(0, -sums.get(kind, 0)) for kind in (LedgerKind.CARRY_OUT, LedgerKind.LAPSE))
    became = (("used", "Used", balance.used), ("waiting", "Carried over", carried), ("lapsed", "Lapsed", lapsed))
    return [Part(kind, text, minutes, max(0, minutes)) for kind, text, minutes in became]


def figures(mine: Mine) -> list[tuple[str, str]]:
    """The figures at the top of the page, by name."""
    balance, sums = mine.balance, mine.account.ledger.sums
    found = [("Overdrawn by", -mine.left) if mine.left < 0 else ("Left", mine.left)]
    if mine.is_closed:
        found = [
            ("Carried over", -sums.get(LedgerKind.CARRY_OUT, 0)),
            ("Lapsed", -sums.get(LedgerKind.LAPSE, 0)),
        ]
    elif mine.usable != max(0, mine.left):
        found.append(("Usable today", mine.usable))
    found.append(("Used", balance.used))
    if not mine.is_closed:
        found.append(("Waiting for approval", mine.waiting))
        if mine.planned:
            found.append(("Planned", mine.planned))
    found.append(("Entitlement", balance.accrued))
    if mine.account.carried_in:
        found.append(("Carried in", mine.account.carried_in))
    (first, most), *rest = found
    return [(first, spoken(most)), *((name, figure(minutes)) for name, minutes in rest)]


def groups(mine: Mine) -> list[Group]:
    """Every line under its kind, with the sum as it runs; a forecast stands where the accrual will be posted."""
    found, after = [], 0
    for title, kinds in GROUPS:
        rows = [line for line in mine.account.lines if line.kind in kinds]
        lines = []
        if LedgerKind.ACCRUAL in kinds and not mine.account.is_posted and mine.balance.accrued:
            after += mine.balance.accrued
            lines.append(_forecast(mine, after))
        for row in rows:
            after += row.minutes
            newest = row.kind is LedgerKind.ACCRUAL and row is rows[-1]
            why = [*_why(row, mine), *(_drifted(mine) if newest else ())]
            lines.append(Line(row.reason, row.minutes, after, short_day(local_date(row.at)), why, days=newest))
        if lines:
            found.append(Group(title, sum(line.minutes for line in lines), after, lines))
    return found


def _forecast(mine: Mine, after: int) -> Line:
    earned, settings = mine.account.schedule.entitlement, mine.account.schedule.settings
    facts = {
        "available": plain(earned.available),
        "days": earned.accruing_days,
        "rate_bp": settings.rate_bp,
        "entitlement": earned.minutes,
        "before": 0,
    }
    reason = f"Forecast for {mine.quarter.label}"
    return Line(reason, earned.minutes, after, "Not posted yet", list(_earned(facts, earned.minutes)), days=True)


def _why(row: LedgerRow, mine: Mine) -> Iterator[str]:
    """Why a line is what it is, from the facts kept with it, and who posted it."""
    if row.kind is LedgerKind.ACCRUAL:
        yield from _earned(row.facts, row.minutes)
    elif {"cap", "carried", "lapsed"} <= set(row.facts):
        yield from _carried(row.facts)
    elif row.kind is LedgerKind.USE:
        yield from _used(row)
    elif row.kind is LedgerKind.REVERSAL:
        yield "The week was opened again to put it right: what had been counted for it is given back."
    if row.expires:
        yield f"It can be used until {short_day(Quarter.parse(row.expires).last_day)}; then it lapses."
    if row.applies_to and row.applies_to != mine.quarter.code:
        yield f"It is about {Quarter.parse(row.applies_to).label}, whose books are closed."
    unit = mine.account.units.get(row.unit_id)
    where = f" for your post in {unit.name}" if unit else ""
    yield f"Posted {moment(row.at)} by {row.actor or 'tithe itself'}{where}."


def _earned(facts: Mapping[str, Any], minutes: int) -> Iterator[str]:
    if "available" not in facts:
        return
    available, entitlement, before = Fraction(str(facts["available"])), facts["entitlement"], facts["before"]
    yield f"{exactly(available)} counted, on {facts['days']} days: the time due, less holidays and time away."
    product = available * facts["rate_bp"] / WHOLE
    if abs(product - entitlement) < CLOSE_ENOUGH:
        yield f"{facts['rate_bp'] / 100:g}% of that is {exactly(product)}, which is rounded to {spoken(entitlement)}."
    else:
        yield f"The share of each day that was yours adds up to {spoken(entitlement)}, rounded once."
    if before:
        yield f"{spoken(before)} had been posted before, so the difference is {spoken(entitlement - before)}."
    if minutes != entitlement - before:
        yield f"{spoken(minutes)} of it belongs to this post."


def _drifted(mine: Mine) -> Iterator[str]:
    now = mine.account.schedule.entitlement.minutes
    if now == mine.balance.accrued:
        return
    if mine.is_closed:
        yield f"By what is on record today it would be {spoken(now)}. A closed quarter is only changed by a correction."
    else:
        yield f"By what is on record today it is {spoken(now)}. The difference is posted with the next accruals."


def _carried(facts: Mapping[str, Any]) -> Iterator[str]:
    if not facts["carried"] and not facts["lapsed"]:
        yield "More had been used than there was. A debt goes on to the next quarter as far as the policy lets it."
        return
    yield f"At most {spoken(facts['cap'])} of what the quarter earned could carry over."
    if facts.get("above_cap"):
        yield f"{spoken(facts['above_cap'])} more was protected: asked for in time and not granted, or undecided."
    yield f"{spoken(facts['carried'])} was carried over and {spoken(facts['lapsed'])} lapsed."


def _used(row: LedgerRow) -> Iterator[str]:
    total = row.facts.get("total")
    if total is not None and total != -row.minutes:
        yield f"The whole week holds {spoken(total)}; {spoken(-row.minutes)} of it is used from this quarter."
    else:
        yield "All the time of that week that was approved."
    if row.facts.get("amends"):
        yield "It stands in place of what had been approved for that week before."


def stretches(mine: Mine) -> list[Stretch]:
    """The day table, cut where the share or the unit changes. Days on which nothing was due are left out."""
    due = [day for day in mine.account.days if day.due or day.absence]
    return [
        _stretch(list(days), rates, [mine.account.units[each] for each in unit_ids])
        for (rates, unit_ids), days in groupby(due, key=lambda day: (day.rates, day.unit_ids))
    ]


def _stretch(days: list[DayWorth], rates: tuple[int, ...], units: list[UnitName]) -> Stretch:
    rate = " and ".join(f"{each / 100:g}%" for each in rates)
    return Stretch(
        days, rate, units, sum((d.counts for d in days), Fraction()), sum((d.earns for d in days), Fraction())
    )


def exactly(minutes: Fraction) -> str:
    """Minutes that need not be whole: 96h 15m, 54h 45.6m."""
    if minutes.denominator == 1:
        return spoken(int(minutes))
    hours, rest = divmod(minutes, 60)
    return f"{hours:,}h {float(rest):.4g}m" if hours else f"{float(rest):.4g}m"


def after_plans(mine: Mine) -> str:
    """What would be left at the end of the quarter if all that is planned were done; nothing where nothing is."""
    if mine.is_closed or not mine.planned:
        return ""
    end, left = short_day(mine.quarter.last_day), mine.left_after_plans
    if left < 0:
        return (
            f"You have planned {spoken(mine.planned)} until {end}: {spoken(-left)} more than is left. Drop or shorten "
            "some of it."
        )
    return f"You have planned {spoken(mine.planned)} until {end}. If you do all of it, {spoken(left)} is left then."


def outlook(mine: Mine) -> list[str]:
    """What lapses when: what closing would do if nothing more were used."""
    closing = mine.closing
    if closing is None or mine.left < 0:
        return []
    return list(_at_the_end(mine, closing)) if mine.left else ["Nothing is left to lapse or to carry over."]


def _at_the_end(mine: Mine, closing: Closing) -> Iterator[str]:
    end, settings = short_day(mine.quarter.last_day), mine.account.schedule.settings
    if closing.lapsed:
        old = sum(lot.minutes for lot in mine.lots if lot.expires <= mine.quarter)
        first = f" {spoken(old)} of it was carried in and is used first." if old else ""
        yield f"{spoken(closing.lapsed)} lapses after {end} if nothing more is used by then.{first}"
    for lot in closing.carried:
        yield f"{spoken(lot.minutes)} would carry over, to be used by {short_day(lot.expires.last_day)}."
    if not mine.stays:
        yield "You leave before the next quarter begins, so nothing carries over."
    elif closing.lapsed:
        yield f"At most {settings.carry_cap_pct}% of what a quarter earns carries over: {spoken(closing.cap)} here."
    if mine.account.protected and closing.carried and settings.protect_refused:
        yield f"{spoken(mine.account.protected)} is protected beyond that: it was asked for and could not be spared."


def overdrawn(mine: Mine) -> list[str]:
    """What it means to have used more than there is, and what to do."""
    closing = mine.closing
    if closing is None or mine.left >= 0:
        return []
    words = [
        f"You have used or submitted {spoken(-mine.left)} more than you have. This happens when your entitlement "
        "goes down, or is corrected, after the time was logged.",
        "You cannot submit more time this quarter until the balance is above nothing. If a figure is wrong, look for "
        "the line below and ask HR for a correction. If a week still waits, you can take it back and move its time.",
    ]
    fates = [f"{spoken(-closing.debt)} is taken from {mine.quarter.next.label}"] if closing.debt else []
    fates += [f"{spoken(closing.written_off)} is written off"] if closing.written_off else []
    return [*words, f"If it stays so until the quarter closes, {' and '.join(fates)}."]
