"""Reading the staff directory: everybody employed on a day, the posts they hold, who manages them, what they can do.

No hours, no part time and no time worked: those are records, and this is open to all staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.kernel.db import LARGEST_ID, db, table_of
from tithe.kernel.errors import NotFound
from tithe.kernel.letters import fold
from tithe.people.models import Assignment, NameWord, Person, PersonSkill, Unit, UnitClosure
from tithe.people.queries import ASSIGNMENT, PERSON, employed_on, holds_on
from tithe.people.rules.grades import Grade
from tithe.people.rules.skills import LAST, key_of

PAGE = 25
MOST_WORDS = 5
MOST_REPORTS = 100

Place = tuple[str, int]  # in a list by name: a name, and the id of who has it

UNIT, TREE = table_of(Unit).c, table_of(UnitClosure).c
WORD, SKILL = table_of(NameWord).c, table_of(PersonSkill).c
MANAGER = table_of(Person).alias("manager")
STAFF = PERSON.outside.is_(False)  # people from outside are in no directory


@dataclass(frozen=True)
class StaffRow:
    """One person in one post. `fte_bp` counts ten-thousandths of full time."""

    staff_number: str | None
    name: str
    email: str
    unit: str
    grade: Grade | None
    grade_text: str
    post_title: str
    weekly_minutes: int
    fte_bp: int
    manager: str | None
    starts_on: date


def list_staff(today: date, unit_id: int | None = None) -> Iterator[StaffRow]:
    """Everybody with a post today, in one unit and all below it when it is given. Managers are addresses."""
    manager = aliased(Person)
    found = (
        select(
            Person.staff_number, Person.name, Person.email, Unit.code, Assignment.grade,
            Assignment.grade_text, Assignment.post_title, Assignment.weekly_minutes, Assignment.fte_bp,
            manager.email, Assignment.starts_on,
        )
        .join(Assignment, and_(Assignment.person_id == Person.id, holds_on(today)))
        .join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(manager, manager.id == Assignment.line_manager_id)
        .where(employed_on(today))
        .order_by(Unit.code, Person.id, Assignment.id)
    )  # fmt: skip
    if unit_id is not None:
        below = select(UnitClosure.descendant_id).where(UnitClosure.ancestor_id == unit_id)
        found = found.where(Assignment.unit_id.in_(below))
    return (StaffRow(*row) for row in db.session.execute(found))


@dataclass(frozen=True)
class Find:
    """Who is looked for: how words of their name begin, where they work, how a skill of theirs begins."""

    name: str = ""
    unit: str = ""
    skill: str = ""

    @property
    def is_empty(self) -> bool:
        """Everybody is meant."""
        return not (self.name or self.unit or self.skill)


@dataclass(frozen=True)
class PostCard:
    """A post as all staff may see it."""

    title: str
    grade: str
    unit: str
    unit_name: str
    manager_id: int | None
    manager: str | None
    calendar: str


@dataclass(frozen=True)
class PersonCard:
    """Somebody as all staff may see them: several posts if they hold several, the newest first."""

    id: int
    name: str
    email: str
    posts: tuple[PostCard, ...] = ()
    skills: tuple[str, ...] = ()

    @property
    def owner_id(self) -> int:
        """Their card is their own."""
        return self.id


@dataclass(frozen=True)
class Named:
    """Somebody by name."""

    id: int
    name: str


def find_people(
    find: Find, today: date, *, by: Actor, after: Place | None = None
) -> tuple[list[PersonCard], Place | None]:
    """A page of those employed today who fit, by name, and the place to read on from when more follow."""
    ensure(by, Permission.DIRECTORY_READ, None)
    wanted = [_called(word) for word in fold(find.name).split()[:MOST_WORDS]]
    if find.skill:
        wanted.append(PERSON.id.in_(_able(find.skill)))
    if find.unit:
        there = _in_units(find.unit, today)
        # With few left to look at, each is asked for a post there; otherwise the unit is read for who works in it.
        wanted.append(there.where(ASSIGNMENT.person_id == PERSON.id).exists() if wanted else PERSON.id.in_(there))
    return _page(wanted, today, after)


def people_in(unit_id: int, today: date, *, after: Place | None = None) -> tuple[list[PersonCard], Place | None]:
    """A page of those who hold a post in this very unit today, and the place to read on from when more follow."""
    return _page([PERSON.id.in_(holders_in(unit_id, today))], today, after)


def holders_in(unit_id: int, today: date) -> Select[int]:
    """The ids of those who hold a post in this very unit today: a question to put inside another statement."""
    return select(ASSIGNMENT.person_id).where(ASSIGNMENT.unit_id == unit_id, holds_on(today))


def get_card(person_id: int, today: date, *, by: Actor) -> PersonCard:
    """Somebody employed today, in three statements. Who has left is no longer in the directory."""
    ensure(by, Permission.DIRECTORY_READ, None)
    found = select(PERSON.id, PERSON.name, PERSON.email).where(PERSON.id == person_id, STAFF, employed_on(today))
    row = db.session.execute(found).first() if person_id <= LARGEST_ID else None
    if row is None:
        raise NotFound
    return _cards([PersonCard(*row)], today)[0]


def reports_of(manager_id: int, today: date) -> list[Named]:
    """Those somebody manages today, by name; a hundred at most."""
    theirs = select(ASSIGNMENT.person_id).where(ASSIGNMENT.line_manager_id == manager_id, holds_on(today))
    found = select(PERSON.id, PERSON.name).where(PERSON.id.in_(theirs), employed_on(today))
    rows = db.session.execute(found.order_by(PERSON.name, PERSON.id).limit(MOST_REPORTS))
    return [Named(*row) for row in rows]


def _called(word: str) -> ColumnElement[bool]:
    """A word of the name begins like this, in small letters without marks on both sides."""
    ids = select(WORD.person_id).where(WORD.word >= word, WORD.word < word + LAST)
    return PERSON.id.in_(ids)


def _in_units(text: str, today: date) -> Select[int]:
    """Who works in a unit with this code, or whose name has words that begin so, or below it."""
    name = literal(" ") + func.fold(UNIT.name)
    words = [name.contains(f" {word}") for word in fold(_plain(text)).split()]
    named = [and_(*words[:MOST_WORDS])] if words else []
    chosen = select(UNIT.id).where(or_(func.lower(UNIT.code) == func.lower(text), *named))
    below = table_of(Assignment).join(table_of(UnitClosure), TREE.descendant_id == ASSIGNMENT.unit_id)
    tops = list(db.session.scalars(chosen))
    return select(ASSIGNMENT.person_id).select_from(below).where(TREE.ancestor_id.in_(tops), holds_on(today))


def _plain(text: str) -> str:
    """Words without the letters that stand for any other."""
    return text.replace("%", "").replace("_", "").replace("\\", "")


def _able(text: str) -> Select[int]:
    key = key_of(text)
    return select(SKILL.person_id).where(SKILL.key >= key, SKILL.key < key + LAST)


def _page(wanted: list[ColumnElement[bool]], today: date, after: Place | None) -> tuple[list[PersonCard], Place | None]:
    found = select(PERSON.id, PERSON.name, PERSON.email).where(STAFF, employed_on(today), *wanted)
    if after:
        found = found.where(tuple_(PERSON.name, PERSON.id) > after)
    names: Any = PERSON
    if wanted:  # who fits is found first: read in the order of names, few would be looked for among all
        fitting = found.cte("fitting").prefix_with("MATERIALIZED")
        found, names = select(fitting), fitting.c
    rows = db.session.execute(found.order_by(names.name, names.id).limit(PAGE + 1)).all()
    following = (rows[PAGE - 1].name, rows[PAGE - 1].id) if len(rows) > PAGE else None
    return _cards([PersonCard(*row) for row in rows[:PAGE]], today), following


def _cards(people: list[PersonCard], today: date) -> list[PersonCard]:
    """The same people with their posts and skills, in two statements."""
    ids = [each.id for each in people]
    posts, skills = _posts_of(ids, today), _skills_of(ids)
    return [
        PersonCard(each.id, each.name, each.email, tuple(posts.get(each.id, ())), tuple(skills.get(each.id, ())))
        for each in people
    ]


def _posts_of(person_ids: Iterable[int], today: date) -> dict[int, list[PostCard]]:
    found = (
        select(
            ASSIGNMENT.person_id, ASSIGNMENT.post_title, ASSIGNMENT.grade, ASSIGNMENT.grade_text, UNIT.code, UNIT.name,
            MANAGER.c.id, MANAGER.c.name, ASSIGNMENT.calendar,
        )
        .join(table_of(Unit), UNIT.id == ASSIGNMENT.unit_id)
        .outerjoin(MANAGER, MANAGER.c.id == ASSIGNMENT.line_manager_id)
        .where(ASSIGNMENT.person_id.in_(person_ids), holds_on(today))
        .order_by(ASSIGNMENT.starts_on.desc(), ASSIGNMENT.id)
    )  # fmt: skip
    posts: dict[int, list[PostCard]] = {}
    for person_id, title, grade, published, *rest in db.session.execute(found):
        posts.setdefault(person_id, []).append(PostCard(title, str(grade or published), *rest))
    return posts


def _skills_of(person_ids: Iterable[int]) -> dict[int, list[str]]:
    found = select(SKILL.person_id, SKILL.skill).where(SKILL.person_id.in_(person_ids)).order_by(SKILL.key)
    skills: dict[int, list[str]] = {}
    for person_id, skill in db.session.execute(found):
        skills.setdefault(person_id, []).append(skill)
    return skills
