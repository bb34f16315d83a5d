"""What needs doing for one person, how their allowance stands, and that of the people they manage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import Permission
from tithe.allowance.queries.balances import Balance
from tithe.allowance.queries.mine import Account, account_of
from tithe.allowance.queries.team import Place, TeamRow, team_of
from tithe.allowance.rules.carry import Books, Closing, Lot, close, unspent
from tithe.kernel.calendar import Quarter
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.projects.flags import count_flags
from tithe.projects.queries import ProjectRow
from tithe.timesheets.queries.favourites import FavouriteRow, own_favourites
from tithe.timesheets.queries.inbox import count_awaiting
from tithe.timesheets.queries.room import Room, room_in, waiting_of
from tithe.timesheets.queries.standing import counting_under, standing_of
from tithe.timesheets.queries.timer import TimerRow, own_timer
from tithe.timesheets.queries.weeks import WeekRow, WeekSummary, list_own, own_week
from tithe.timesheets.rules.lifecycle import WeekStatus

WEEKS_BACK = timedelta(weeks=13)
WEEKS_ASKED = 4  # how many of the last weeks somebody is asked about


@dataclass(frozen=True)
class Home:
    """The start page: this week and the room in it, timer and favourites, weeks that need something, and the balance.

    `silent` are the Mondays of the last four weeks in which nothing was logged and nothing said about it.
    """

    today: date
    week: WeekRow
    room: Room
    waiting: int
    timer: TimerRow | None
    favourites: list[FavouriteRow]
    returned: list[WeekSummary]
    unsubmitted: list[WeekSummary]
    silent: list[date]
    projects: list[ProjectRow]
    to_decide: int
    flags: int

    @property
    def balance(self) -> Balance:
        return self.room.balances[Quarter.containing(self.today)]


def home_of(viewer: Actor, today: date) -> Home:
    """Everything on the start page, in a fixed number of statements."""
    quarter, monday = Quarter.containing(today), policy.monday_of(today)
    weeks = list_own(viewer, monday - WEEKS_BACK)
    week = own_week(viewer, monday)
    room = room_in(week, today)
    return Home(
        today=today,
        week=week,
        room=room,
        waiting=room.waiting_in_all(quarter),
        timer=own_timer(viewer),
        favourites=own_favourites(viewer),
        returned=[week for week in weeks if week.status is WeekStatus.RETURNED],
        unsubmitted=[
            week for week in weeks if week.status is WeekStatus.DRAFT and week.starts_on < monday and week.total_minutes
        ],
        silent=_silent(viewer, room, monday, {each.starts_on for each in weeks if each.nothing or not each.is_empty}),
        projects=projects.list_mine(viewer)[:5],
        to_decide=count_awaiting(viewer) if permits(viewer, Permission.WEEK_DECIDE) else 0,
        flags=count_flags(viewer) if permits(viewer, Permission.FLAG_SETTLE) else 0,
    )


def _silent(viewer: Actor, room: Room, monday: date, spoken_for: set[date]) -> list[date]:
    """The Mondays of the last weeks of which nothing is known, the newest first, while the viewer was employed."""
    starts_on, leaves_on = viewer.employed
    before = [monday - timedelta(weeks=back) for back in range(1, WEEKS_ASKED + 1)]
    days = {each: room.schedule.weeks.days_of(each) for each in before if each not in spoken_for}
    return [
        each
        for each, (first, *_, last) in days.items()
        if last >= starts_on and (leaves_on is None or first <= leaves_on)
    ]


@dataclass(frozen=True)
class Mine:
    """One's own allowance in a quarter, what waits for approval counted as used.

    `stays` is false for somebody who leaves before the next quarter begins: they carry nothing over.
    """

    account: Account
    waiting: int
    planned: int
    today: date
    stays: bool

    @property
    def quarter(self) -> Quarter:
        return self.account.quarter

    @property
    def balance(self) -> Balance:
        return self.account.balance

    @property
    def left(self) -> int:
        return self.balance.left - self.waiting

    @property
    def left_after_plans(self) -> int:
        """What would be left if everything planned were done."""
        return self.left - self.planned

    @property
    def is_closed(self) -> bool:
        return self.account.state.closed_at is not None

    @cached_property
    def usable(self) -> int:
        """Minutes that can be used today: where a policy says so, only of what was earned so far."""
        not_yet = 0 if self.is_closed else self.account.schedule.not_earned_by(self.today)
        return max(0, self.left - not_yet)

    @property
    def books(self) -> Books:
        """The quarter as closing would take it if all that waits were approved."""
        books = self.account.ledger.books(self.account.protected)
        return replace(books, spent=books.spent + self.waiting)

    @cached_property
    def lots(self) -> list[Lot]:
        """What is left of minutes carried in, by the quarter at whose end they lapse."""
        books = self.books
        return [] if self.is_closed else unspent(books.lots, books.spent + max(0, -books.adjusted))

    @cached_property
    def closing(self) -> Closing | None:
        """What closing would do with today's balance; None once it is done."""
        if self.is_closed:
            return None
        return close(self.quarter, self.books, self.account.schedule.settings, stays=self.stays)


def mine_of(viewer: Actor, quarter: Quarter, today: date) -> Mine:
    """The viewer's own allowance, in seven statements and one more where their calendar is not a national one."""
    last_day = viewer.employed[1]
    account = account_of(viewer, quarter)
    standing = standing_of(viewer.person_id, [quarter], counting_under(account.schedule))
    return Mine(
        account=account,
        waiting=standing.waiting[quarter],
        planned=standing.planned[quarter],
        today=today,
        stays=last_day is None or last_day > quarter.last_day,
    )


@dataclass(frozen=True)
class TeamLine:
    """One of the team, and how much of their minutes waits for approval."""

    row: TeamRow
    waiting: int

    @property
    def left(self) -> int:
        return self.row.balance.left - self.waiting


@dataclass(frozen=True)
class Team:
    """A page of the team's balances this quarter; `following` is where the next page begins, if there is one."""

    quarter: Quarter
    lines: list[TeamLine]
    following: Place | None


def my_team(viewer: Actor, today: date, *, after: Place | None = None) -> Team:
    """The balances of those the viewer manages today, in at most three statements."""
    rows, more = team_of(viewer, today, after=after)
    quarter = Quarter.containing(today)
    waiting = waiting_of([row.person_id for row in rows], quarter)
    lines = [TeamLine(row, waiting.get(row.person_id, 0)) for row in rows]
    return Team(quarter, lines, rows[-1].place if more else None)
