"""A small department to try tithe with: the Youth Justice Board as published in 2011, with made-up people.

History is made by the same operations that people use, at the times they would have used them: two finished
quarters, of which the earlier is frozen, and the one under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from tithe.access.actor import SYSTEM, Actor
from tithe.access.permissions import Role
from tithe.allowance.operations import accrual as allowance
from tithe.allowance.queries.calendars import holidays_over
from tithe.developers.demo_ahead import flag_projects, look_ahead
from tithe.developers.demo_projects import PROJECTS
from tithe.developers.demo_scheme import run_the_scheme
from tithe.kernel.calendar import Quarter, is_working_day, monday_of, week_days
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.db import db, unit_of_work
from tithe.notices.operations import inbox
from tithe.outside import operations as outside
from tithe.people import queries as people
from tithe.people.models import Assignment, Password, Person, Unit
from tithe.people.operations import identity
from tithe.people.operations.acceptance import accept_terms
from tithe.people.operations.organogram import import_organogram
from tithe.people.operations.outside import Invitee
from tithe.people.outside import current_terms
from tithe.people.passwords import Cost
from tithe.people.rules.grades import Grade
from tithe.people.rules.organogram import read_organogram
from tithe.people.rules.published import NamedBytes
from tithe.policy import operations as policy
from tithe.projects import operations as projects
from tithe.projects.models import ProjectMember
from tithe.reports import operations as reports
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules.entries import Entry

PASSWORD = "a quiet friday afternoon"  # noqa: S105 of made-up people, in development only
DATA = Path(__file__).parent / "data"
FILES = ("youth_justice_board-2011-09-30-senior.csv", "youth_justice_board-2011-09-30-junior.csv")
CALENDAR = "england-and-wales"
TAKING_PART = 44
HR = (Role.HR_ANALYST, Role.HR_MANAGER, Role.HR_MANAGER, Role.COORDINATOR)  # from the last of the staff backwards
PURPOSES = ("Member of staff", "Line manager", "HR analyst", "HR manager", "Coordinator", "Outside member")
FLAGGED, CLEARED = 6, 10  # of the projects
STEPS = ("people", "accounts", "projects", "weeks", "reports", "scheme", "ahead")
GUEST = Invitee("Olu Adeyemi", "olu.adeyemi@leeds.example", "University of Leeds")
WORDS_OF_RETURN = "Tuesday was the inspection and you were in it all day. Please move that time to the right day."


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in to the demo."""

    what: str
    email: str
    password: str


@dataclass(frozen=True)
class Member:
    """Somebody who takes part, and the project they give time to."""

    actor: Actor
    project_id: int


def accounts(now: datetime) -> list[Account]:
    """The people of the demo who have a password, with what each is for today."""
    found = db.session.scalars(select(Person.email).join(Password, Password.person_id == Person.id).order_by(Person.id))
    known = [people.actor_by_email(email, now) for email in found]
    named: dict[str, Account] = {}
    for each in known:
        what = _purpose(each)
        what = f"Another {what}" if what in named else what
        named[what] = Account(what, each.email, PASSWORD)
    return [named[what] for what in sorted(named, key=_in_order)]


def _in_order(what: str) -> tuple[int, bool]:
    return PURPOSES.index(what.removeprefix("Another ")), what.startswith("Another ")


def _purpose(actor: Actor) -> str:
    staff, manager, analyst, hr_manager, coordinator, guest = PURPOSES
    if actor.outside:
        return guest
    if actor.units_as(Role.COORDINATOR):
        return coordinator
    if actor.roles:
        return hr_manager if actor.units_as(Role.HR_MANAGER) else analyst
    return manager if actor.manages else staff


def load(*, now: datetime, cost: Cost, progress: Callable[[], object]) -> bool:
    """Fill an empty database; leave one that holds anybody alone. Returns whether anything was loaded."""
    if db.session.scalar(select(func.count()).select_from(Person)):
        return False
    this_quarter = Quarter.containing(local_date(now))
    quarters = [this_quarter.previous.previous, this_quarter.previous, this_quarter]
    chance = Random(2011)  # noqa: S311 a plausible past, the same every time
    with unit_of_work():
        _people(quarters[0], now)
        progress()
        staff = _accounts(quarters, cost)
        progress()
        members = _projects(staff, quarters[0], chance)
        progress()
        for monday in _mondays(quarters[0].start, local_date(now)):
            _week(members, monday, now, chance)
        progress()
        frozen_at = _at(quarters[0].end + timedelta(days=16), 9)
        reports.freeze_quarter(actor=SYSTEM, quarter=quarters[0], now=min(frozen_at, now))
        progress()
        _guest(members[0], now, cost)
        _scheme([member.actor for member in members], now)
        progress()
        _ahead(members, quarters[1], now)
        for member in members:
            inbox.mark_all_read(actor=member.actor, now=now)
        progress()
    return True


def _people(first: Quarter, now: datetime) -> None:
    senior, junior = (NamedBytes(name, (DATA / name).read_bytes()) for name in FILES)
    plan = read_organogram(senior, junior)
    import_organogram(actor=SYSTEM, plan=plan, now=now, today=local_date(now), since=first.start, commit=True)


def _accounts(quarters: list[Quarter], cost: Cost) -> list[Person]:
    """Give the top unit a policy, everybody their accruals, and a password to one member of staff, their line manager
    and those who run the scheme. Returns the staff who could take part, the demo's own first."""
    first = _at(quarters[0].start, 8)
    top = db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None))).one()
    policy.adopt_policy(
        actor=SYSTEM, unit_id=top, starts_on=quarters[0].start, settings={"rate_bp": 2000},
        reason="A fifth of working time, as agreed with staff", now=first,
    )  # fmt: skip
    for quarter in quarters:
        allowance.accrue_quarter(actor=SYSTEM, quarter=quarter, now=_at(quarter.start, 8))
    staff = _staff()
    member, analyst, *hr = staff[0], *staff[: -len(HR) - 1 : -1]
    manager_id, _ = people.managers_above(member.id, quarters[-1].start)
    for person_id in (member.id, manager_id or analyst.id, analyst.id, *(person.id for person in hr)):
        identity.set_password(actor=SYSTEM, person_id=person_id, password=PASSWORD, cost=cost, now=first)
    for person, role in zip((analyst, *hr), HR, strict=True):
        identity.grant_role(
            actor=SYSTEM, person_id=person.id, role=role, unit_id=top, starts_on=quarters[0].start, now=first
        )
    return staff[: -len(HR)]


def _scheme(members: list[Actor], now: datetime) -> None:
    """Let the first HR manager run the scheme, for the top unit and everybody in it."""
    top = db.session.scalars(select(Unit.code).where(Unit.parent_id.is_(None))).one()
    run_the_scheme(manager=_signed_in("HR manager", now), unit=top, members=members, now=now)


def _ahead(members: list[Member], before: Quarter, now: datetime) -> None:
    """Let the demo's member of staff and manager agree on days to come, and flag two projects."""
    manager = _signed_in("Line manager", now)
    colleague = next(each.actor for each in members[1:] if _manager_of(each.actor, now) == manager.id)
    member = members[0]
    look_ahead(member=member.actor, colleague=colleague, manager=manager, project_id=member.project_id, now=now)
    flag_projects(
        coordinator=_signed_in("Coordinator", now),
        open_on=(members[FLAGGED].actor, members[FLAGGED].project_id),
        cleared_on=(members[CLEARED].actor, members[CLEARED].project_id),
        then=_at(before.start + timedelta(days=10), 11),
        now=now,
    )


def _manager_of(actor: Actor, now: datetime) -> int | None:
    return people.managers_above(actor.person_id, local_date(now))[0]


def _signed_in(what: str, now: datetime) -> Actor:
    """The first of the demo's people who can sign in and is there for something."""
    return people.actor_by_email(next(each.email for each in accounts(now) if each.what == what), now)


def _staff() -> list[Person]:
    """Full-time staff who manage nobody and have a manager with many reports first; an analyst is the last."""
    managed = select(Assignment.line_manager_id).where(Assignment.line_manager_id.is_not(None))
    reports_of = (
        select(Assignment.line_manager_id, func.count().label("reports"))
        .group_by(Assignment.line_manager_id)
        .subquery()
    )
    found = (
        select(Person)
        .join(Assignment, Assignment.person_id == Person.id)
        .join(reports_of, reports_of.c.line_manager_id == Assignment.line_manager_id)
        .where(Assignment.weekly_minutes == 2220, Person.id.not_in(managed))
        .where(Assignment.grade.in_([Grade.EO, Grade.HEO, Grade.SEO]))
        .order_by(reports_of.c.reports.desc(), Assignment.line_manager_id, Person.id)
    )
    return list(db.session.scalars(found))


def _projects(staff: list[Person], first: Quarter, chance: Random) -> list[Member]:
    """Register the projects, each by one of the staff, and let the others join one each."""
    taking_part = staff[:TAKING_PART]
    when = _at(first.start + timedelta(days=2), 10)
    owners = [people.actor_by_email(person.email, when) for person in taking_part]
    ids = []
    for number, project in enumerate(PROJECTS):
        owner = owners[number]
        ids.append(
            projects.draft_project(actor=owner, answers=project, register=True, now=when + timedelta(hours=number))
        )
    members = []
    for number, actor in enumerate(owners):
        project_id = ids[number] if number < len(ids) else chance.choice(ids)
        if number >= len(ids):
            db.session.add(ProjectMember(project_id=project_id, person_id=actor.id, joined_on=first.start))
        members.append(Member(actor, project_id))
    db.session.flush()  # the weeks below ask who is a member
    return members


def _guest(host: Member, now: datetime, cost: Cost) -> None:
    """Let the member of staff host somebody from outside, who has accepted the terms."""
    person_id = outside.invite(
        actor=people.actor_by_email(host.actor.email, now), invitee=GUEST, project_ids={host.project_id},
        last_day=local_date(now) + timedelta(days=90), now=now,
    )  # fmt: skip
    identity.set_password(actor=SYSTEM, person_id=person_id, password=PASSWORD, cost=cost, now=now)
    accept_terms(actor=people.actor_by_email(GUEST.email, now), version=current_terms().version, now=now)


def _mondays(start: date, today: date) -> Iterator[date]:
    monday = monday_of(start + timedelta(days=6))
    while monday <= today:
        yield monday
        monday += timedelta(days=7)


def _week(members: list[Member], monday: date, now: datetime, chance: Random) -> None:
    """One week as it would have gone: most log some time, submit on Friday, and are decided the week after."""
    holidays = holidays_over(CALENDAR, monday.year, monday.year + 1)
    worked = [day for day in week_days(monday) if is_working_day(day, holidays) and day <= local_date(now)]
    age = (monday_of(local_date(now)) - monday).days // 7
    for number, member in enumerate(members):
        if not worked or chance.random() > (0.75 if number else 1):
            continue
        days = chance.sample(worked, min(len(worked), chance.choice([1, 2, 2])))
        entries = [Entry(day, member.project_id, chance.choice([60, 90, 150, 180, 222, 300])) for day in sorted(days)]
        saved = min(_at(monday + timedelta(days=4), 15), now)
        save_week(actor=member.actor, monday=monday, entries=entries, now=saved)
        if age == 0 or (age == 1 and chance.random() < 0.25 and number):
            continue  # still a draft
        submit_week(actor=member.actor, monday=monday, now=saved)
        undecided = age < 2 or (age == 2 and chance.random() < 0.5) or (age < 5 and not number)
        if not undecided:
            at = min(_at(monday + timedelta(days=8), 10), now)
            _decide(member, monday, at, returned=age < 7 and chance.random() < 0.12)


def _decide(member: Member, monday: date, at: datetime, *, returned: bool) -> None:
    week = own_week(member.actor, monday)
    if week.id is None or week.approver_id is None:
        return  # it waits in the HR queue
    decider = Actor(id=week.approver_id, name=people.names_of([week.approver_id])[week.approver_id])
    if returned:
        decisions.return_week(
            actor=decider, week_id=week.id, version=week.version, ground="wrong_entry", reason=WORDS_OF_RETURN, now=at
        )
    else:
        decisions.approve_weeks(actor=decider, versions={week.id: week.version}, now=at)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), LONDON).astimezone(UTC)
