"""The accounts of people from outside: opened, extended, ended, handed on; and the terms of use they accept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, lock_table, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import outside
from tithe.people.models import ApiToken, OutsideMember, PasswordLink, Person
from tithe.people.operations import identity, resets, throttle
from tithe.people.outside import StayRow
from tithe.people.rules import outside as rules
from tithe.people.rules.outside import LIVE, LONGEST, WANTED
from tithe.people.rules.secrets import LINK_PATH, LinkPurpose
from tithe.people.rules.throttle import MAIL, key_of

DECIDED = "This stay has ended meanwhile. Invite them again if they are to come back"
MEMBER = table_of(OutsideMember)


@dataclass(frozen=True)
class Invitee:
    """Who is invited, as the host knows them."""

    name: str
    email: str
    organisation: str


@atomic
def open_stay(*, actor: Actor, invitee: Invitee, last_day: date, months: int, unit_id: int, now: datetime) -> int:
    """Open an account for somebody from outside, hosted by the actor until a day; return whose it is.

    Whoever was here before has the same account again, and accepts the terms anew. Refuses an address of staff, and of
    somebody whose stay goes on.
    """
    ensure(actor, Permission.OUTSIDE_INVITE, None)
    today = local_date(now)
    problems = _wrong_with(invitee)
    if problem := rules.problem_with_day(last_day, today, months):
        problems.append(problem)
    if problems:
        raise RulesBroken(problems)
    lock_table(OutsideMember)  # two may invite the same person at once
    person_id = _account(invitee, last_day, today)
    stay = {
        "organisation": invitee.organisation, "sponsor_id": actor.person_id, "unit_id": unit_id,
        "invited_by": actor.person_id, "invited_at": now,
    }  # fmt: skip
    again = dict.fromkeys(("handed_on_at", "terms_version", "accepted_at", "ended_at", "ended_by"))
    known = update(MEMBER).where(MEMBER.c.person_id == person_id).values(**stay, **again).returning(MEMBER.c.person_id)
    if db.session.scalar(known) is None:
        db.session.execute(insert(MEMBER).values(person_id=person_id, **stay))
    record("outside:invite", actor=actor, about="person", id=person_id, at=now, last_day=last_day, unit_id=unit_id)
    return person_id


def _wrong_with(invitee: Invitee) -> list[Problem]:
    problems = []
    for field, words in WANTED.items():
        value = getattr(invitee, field)
        if not value:
            problems.append(Problem(words, field))
        elif len(value) > LONGEST[field]:
            problems.append(Problem(f"Write at most {LONGEST[field]} characters; this has {len(value)}", field))
    before, _, after = invitee.email.partition("@")
    if invitee.email and not (before and "." in after and " " not in invitee.email):
        problems.append(Problem("Enter an e-mail address like name@example.org", "email"))
    return problems


def _account(invitee: Invitee, last_day: date, today: date) -> int:
    """The account of somebody new, or of somebody from outside whose last stay is over."""
    email = invitee.email.lower()
    known = db.session.execute(
        select(Person.id, Person.outside, OutsideMember.ended_at, Person.leaves_on)
        .outerjoin(OutsideMember, OutsideMember.person_id == Person.id)
        .where(Person.email == email)
    ).first()
    if known is None:
        facts = {"email": email, "name": invitee.name, "starts_on": today, "leaves_on": last_day, "outside": True}
        return int(db.session.execute(insert(Person).values(facts).returning(Person.id)).scalar_one())
    if not known.outside:
        raise RuleBroken("Somebody who works here has this address. They need no invitation", field="email")
    if known.ended_at is None and known.leaves_on >= today:
        raise RuleBroken("Somebody from outside has this address already. Ask HR who hosts them", field="email")
    db.session.execute(update(Person).where(Person.id == known.id).values(name=invitee.name, leaves_on=last_day))
    return int(known.id)


@atomic
def mail_invitation(*, stay: StayRow, host: str, projects: list[str], now: datetime) -> str:
    """Mail a link to somebody from outside with which they accept the terms and choose a password; return its handle.

    It overtakes older ones.
    """
    handle = resets.make_link(person_id=stay.id, purpose=LinkPurpose.INVITATION, now=now, mail=False)
    facts: dict[str, Any] = {"host": host, "projects": "; ".join(projects), "day": named(stay.last_day)}
    path = f"{LINK_PATH}{handle}"
    notices.queue([notices.compose("outside-invited", to=stay.id, path=path, at=now, **facts)])
    return handle


def send_again(*, actor: Actor, person_id: int, projects: list[str], now: datetime) -> str:
    """Mail a new link, for one that was lost or a password that was forgotten; as often as anybody may be sent one."""
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=local_date(now))
    if stay.status not in LIVE:
        raise Conflict(DECIDED)
    throttle.begin(limits={key_of("mail", stay.email): MAIL}, now=now)
    return mail_invitation(stay=stay, host=actor.name, projects=projects, now=now)


@atomic
def extend_stay(*, actor: Actor, person_id: int, last_day: date, months: int, now: datetime) -> None:
    """Set another last day, at most so many months from today. The member is told."""
    today = local_date(now)
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=today)
    if stay.status not in LIVE:
        raise Conflict(DECIDED)
    if problem := rules.problem_with_day(last_day, today, months):
        raise RulesBroken([problem])
    if last_day == stay.last_day:
        raise RuleBroken("That is the last day already. Choose another", field="last_day")
    _claim(person_id)
    db.session.execute(update(Person).where(Person.id == person_id).values(leaves_on=last_day))
    record("outside:extend", actor=actor, about="person", id=person_id, at=now, last_day=last_day, was=stay.last_day)
    facts: dict[str, Any] = {"day": named(last_day), "decider": actor.name}
    notices.queue([notices.compose("outside-extended", to=person_id, path="/", at=now, **facts)])


@atomic
def end_stay(*, actor: Actor, person_id: int, now: datetime) -> None:
    """End a stay at once: sessions, tokens and links stop working. The member and the host are told."""
    today = local_date(now)
    stay = outside.get_stay(person_id, by=actor, to=Permission.OUTSIDE_MANAGE, today=today)
    if stay.status not in LIVE:
        raise Conflict(DECIDED)
    _claim(person_id, ended_at=now, ended_by=actor.id)
    last_day = rules.ends_before(today, stay.starts_on)
    db.session.execute(update(Person).where(Person.id == person_id).values(leaves_on=last_day))
    identity.end_sessions(person_id=person_id, now=now)
    for table, column in ((ApiToken, "revoked_at"), (PasswordLink, "used_at")):
        theirs = update(table).where(table.person_id == person_id, getattr(table, column).is_(None))
        db.session.execute(theirs.values({column: now}))
    record("outside:end", actor=actor, about="person", id=person_id, at=now, was=stay.last_day)
    facts: dict[str, Any] = {"guest": stay.name, "decider": actor.name}
    told = [each for each in (person_id, stay.sponsor_id) if each is not None and each != actor.id]
    notices.queue([notices.compose("outside-ended", to=each, path="/outside", at=now, **facts) for each in told])


@atomic
def hand_on(*, person_id: int, heir: int | None, actor: Actor, was: int | None, now: datetime) -> bool:
    """Let somebody else host a stay, or HR of its unit; say whether it still was with whom it was taken from."""
    held = MEMBER.c.sponsor_id == was if was is not None else MEMBER.c.sponsor_id.is_(None)
    moved = update(MEMBER).where(MEMBER.c.person_id == person_id, held, MEMBER.c.ended_at.is_(None))
    if db.session.scalar(moved.values(sponsor_id=heir, handed_on_at=now).returning(MEMBER.c.person_id)) is None:
        return False
    record("outside:hand-on", actor=actor, about="person", id=person_id, at=now, was=was, **{"is": heir})
    return True


def _claim(person_id: int, **values: Any) -> None:
    """Write on a stay that has not ended; of two at once the second meets a conflict."""
    standing = (MEMBER.c.person_id == person_id) & MEMBER.c.ended_at.is_(None)
    stay = values or {"organisation": MEMBER.c.organisation}
    if db.session.scalar(update(MEMBER).where(standing).values(stay).returning(MEMBER.c.person_id)) is None:
        raise Conflict(DECIDED)
