"""What happens to minutes nobody used when a quarter closes. Source: the scheme's time rules, §1.4 and §1.2.

Minutes are used first-expiring-first: those carried in before those earned. Of what was earned and not used, a share
carries on; minutes asked for in time and refused carry above that; the rest lapses. Nothing is created: what came in
equals what was used, carried out and lapsed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tithe.kernel.calendar import Quarter
from tithe.policy.rules import Settings


@dataclass(frozen=True)
class Lot:
    """Minutes carried in that die at the end of the quarter `expires`."""

    expires: Quarter
    minutes: int


@dataclass(frozen=True)
class Books:
    """One person's quarter as it stands when it closes.

    `spent` is used time less reversals, minutes carried in as a debt included; `adjusted` is the sum of corrections,
    of either sign; `protected` are minutes asked for in time and not granted, or still waiting for a decision.
    """

    accrued: int
    lots: tuple[Lot, ...]
    spent: int
    adjusted: int = 0
    protected: int = 0


@dataclass(frozen=True)
class Closing:
    """What closing posts: `carried` on by quarter of expiry, a debt carried (negative), and what lapses.

    `written_off` are the minutes of a debt beyond what may be carried; they are given back. `cap` is the most that
    could carry of what the quarter earned.
    """

    carried: tuple[Lot, ...] = ()
    debt: int = 0
    lapsed: int = 0
    written_off: int = 0
    cap: int = 0

    @property
    def carried_minutes(self) -> int:
        return sum(lot.minutes for lot in self.carried)


def close(quarter: Quarter, books: Books, settings: Settings, *, stays: bool = True) -> Closing:
    """Settle one person's quarter. Whoever does not stay on carries nothing: neither minutes nor a debt."""
    earned = books.accrued + max(0, books.adjusted)
    to_find = books.spent + max(0, -books.adjusted)
    balance = sum(lot.minutes for lot in books.lots) + earned - to_find
    if balance < 0:
        debt = max(balance, settings.overdraft_floor_min) if stays else 0
        return Closing(debt=debt, written_off=debt - balance)
    if not stays:
        return Closing(lapsed=balance)
    left = unspent(books.lots, to_find)  # minutes taken back from an earlier quarter fill no lot
    unused = balance - sum(lot.minutes for lot in left)
    crosses = settings.carry_over_year_end or not quarter.ends_year(settings.fy_start_month)
    living = [lot for lot in left if crosses and lot.expires > quarter]
    cap = _cap(books.accrued, settings, crosses)
    fresh = min(unused, cap + _above_cap(books, settings))
    if fresh:
        living.append(Lot(_after(quarter, max(1, settings.carry_life_periods)), fresh))
    carried = merged(living)
    return Closing(carried, lapsed=balance - sum(lot.minutes for lot in carried), cap=cap)


def unspent(lots: Iterable[Lot], spent: int) -> list[Lot]:
    """What is left of minutes carried in once some are spent: those that expire first go first.

    Source: §1.4 of the scheme's time rules.
    """
    left = []
    for lot in sorted(lots, key=lambda each: each.expires):
        taken = min(lot.minutes, max(0, spent))
        spent -= taken
        left.append(Lot(lot.expires, lot.minutes - taken))
    return [lot for lot in left if lot.minutes]


def _cap(accrued: int, settings: Settings, crosses: bool) -> int:
    """The share of the quarter's own entitlement that may be carried, rounded down to whole steps."""
    if not crosses or not settings.carry_life_periods:
        return 0
    return accrued * settings.carry_cap_pct // 100 // settings.round_to * settings.round_to


def _above_cap(books: Books, settings: Settings) -> int:
    """Protected minutes carry above the cap, over the end of a year too: they were asked for in time."""
    return books.protected if settings.protect_refused else 0


def _after(quarter: Quarter, count: int) -> Quarter:
    for _ in range(count):
        quarter = quarter.next
    return quarter


def merged(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """One lot a quarter of expiry, the first to expire first."""
    sums: dict[Quarter, int] = {}
    for lot in lots:
        sums[lot.expires] = sums.get(lot.expires, 0) + lot.minutes
    return tuple(Lot(expires, sums[expires]) for expires in sorted(sums))
