"""Drafting and registering projects, letting people from outside see them, flagging them, and what a coordinator says
to that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update

from tithe.access.actor import SYSTEM, Actor
from tithe.access.grants import COORDINATORS, permits
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.notices import operations as notices
from tithe.people import around
from tithe.policy import queries as policy
from tithe.projects import flags, guests, queries, rules
from tithe.projects.models import Project, ProjectFlag, ProjectGuest, ProjectMember
from tithe.projects.queries import ProjectRow
from tithe.projects.rules import (
    FIRST_LOOK_WORDS,
    FLAG_OUTCOMES,
    FLAGS,
    FULL_GATE,
    NO_GATE,
    FlagGround,
    FlagOutcome,
    ProjectMove,
    ProjectStatus,
)

NO_UNIT = (
    "This project belongs to no unit, so no coordinator could look at it. Ask HR to put the owner’s post on record"
)
POLICY = "The policy of the unit"  # for whom a flag is raised that nobody raised
NOT_CHECKED = "The policy of this unit has no check of projects, so they are not flagged. Talk to its owner instead"
ASKED_ALREADY = "This was flagged already and waits for a coordinator. Nothing needs to be said twice"
NOT_REGISTERED = "Only a registered project can be flagged. This one takes no time"
SETTLED = "This flag was settled since you opened it. Nothing was changed"

LONGEST = {"title": 120, "problem": 4000, "beneficiaries": 2000, "hypothesis": 4000}


@atomic
def draft_project(*, actor: Actor, answers: dict[str, str], register: bool, now: datetime) -> int:
    """Write down a project of one's own, and register it at once if asked. Returns its id."""
    _check_answers(answers, complete=register)
    project = Project(owner_id=actor.id, created_at=now, status=ProjectStatus.DRAFT, **answers)
    db.session.add(project)
    db.session.flush()  # members and the audit name its id
    joined_on = rules.owner_joins_on(local_date(now))
    db.session.add(ProjectMember(project_id=project.id, person_id=actor.id, joined_on=joined_on))
    record("project:draft", actor=actor, about="project", id=project.id, at=now)
    if register:
        _register(project, actor, now)
    return project.id


@atomic
def edit_project(
    *, actor: Actor, project_id: int, version: int, answers: dict[str, str], register: bool, now: datetime
) -> None:
    """Change the words of one's own project; a draft may be registered at the same time."""
    queries.get_project(project_id, by=actor, to=Permission.PROJECT_EDIT)
    project = db.session.get_one(Project, project_id, with_for_update=True)
    if project.version != version:
        raise Conflict(
            "This project was changed in another window. Copy what you typed, reload the page and put it in again"
        )
    _check_answers(answers, complete=register or project.status is ProjectStatus.REGISTERED)
    changed = sorted(name for name, words in answers.items() if getattr(project, name) != words)
    for name in changed:
        setattr(project, name, answers[name])
    record("project:edit", actor=actor, about="project", id=project_id, at=now, fields=changed)
    if register:
        _register(project, actor, now)


@atomic
def place_guest(*, actor: Actor, person_id: int, project_ids: Collection[int], again: bool, now: datetime) -> None:
    """Let somebody from outside see exactly these of the projects the actor works on; others' projects stay as they
    are, unless it begins `again`. Refuses none at all, and projects the actor may not share."""
    today = local_date(now)
    mine = {each.id for each in guests.projects_to_share(actor.id, today)}
    if not set(project_ids) <= mine:
        raise RuleBroken("Choose among the registered projects you work on", field="projects")
    seen = {each.id for each in guests.projects_of_guests([person_id]).get(person_id, [])}
    if not project_ids and (again or not seen - mine):
        raise RuleBroken("Choose at least one project. To let them see none, end their stay", field="projects")
    gone = seen if again else seen & mine
    _write_guests(person_id, dict.fromkeys(gone - set(project_ids), today), left=True)
    _write_guests(person_id, dict.fromkeys(set(project_ids) - seen, today), left=False)
    record("outside:place", actor=actor, about="person", id=person_id, at=now, projects=sorted(project_ids))


def _write_guests(person_id: int, days: dict[int, date], *, left: bool) -> None:
    """Let somebody see projects from a day on, or no longer. Whoever comes back has one row all the same."""
    for project_id, day in sorted(days.items()):
        stored = db.session.get(ProjectGuest, (project_id, person_id))
        if stored is None:
            stored = ProjectGuest(project_id=project_id, person_id=person_id, joined_on=day)
            db.session.add(stored)
        stored.left_on = day if left else None


def _register(project: Project, actor: Actor, now: datetime) -> None:
    project.status = rules.after(project.status, ProjectMove.REGISTER)
    project.registered_at, project.unit_id = now, actor.unit_id
    record("project:register", actor=actor, about="project", id=project.id, at=now, unit_id=actor.unit_id)
    if actor.unit_id is not None and _gate(actor.unit_id, now) == FULL_GATE:
        db.session.flush()  # what is read next finds it registered
        found = queries.get_project(project.id, by=actor, to=Permission.PROJECT_READ)
        _raise(found, SYSTEM, FlagGround.FIRST_LOOK, FIRST_LOOK_WORDS, now)


def _gate(unit_id: int, now: datetime) -> str:
    """Who checks the projects of a unit today."""
    return policy.in_force(unit_id, local_date(now)).settings.project_gate


@atomic
def raise_flag(*, actor: Actor, project_id: int, ground: str | None, words: str, now: datetime) -> int:
    """Ask a coordinator to look at a project. Returns the id of the flag.

    While a conflict of interest or a risk to security is open, the project takes no time; coordinators may ask about
    its scope for ten working days, and it goes on until they stop it. Source: §1.6 of the scheme's time rules.
    """
    project = queries.get_project(project_id, by=actor, to=Permission.FLAG_RAISE)
    if project.status is not ProjectStatus.REGISTERED or project.registered_at is None:
        raise RuleBroken(NOT_REGISTERED)
    if project.unit_id is None:
        raise RuleBroken(NO_UNIT)
    if _gate(project.unit_id, now) == NO_GATE:
        raise RuleBroken(NOT_CHECKED)
    coordinator = permits(actor, Permission.FLAG_SETTLE, project)
    days = {"registered_on": local_date(project.registered_at), "today": local_date(now)}
    problems = rules.problems_with_flag(ground, words, coordinator=coordinator, **days)
    if problems or ground is None:  # no ground is itself a problem
        raise RulesBroken(problems)
    if any(each.outcome is None and each.ground == ground for each in flags.flags_of(project_id)):
        raise RuleBroken(ASKED_ALREADY, field="ground")
    return _raise(project, actor, FlagGround(ground), words.strip(), now)


def _raise(project: ProjectRow, actor: Actor, ground: FlagGround, words: str, now: datetime) -> int:
    row = {"project_id": project.id, "ground": ground, "words": words, "raised_by": actor.id, "raised_at": now}
    flag_id = db.session.execute(insert(table_of(ProjectFlag)).values(row).returning(ProjectFlag.id)).scalar_one()
    record("flag:raise", actor=actor, about="project_flag", id=flag_id, at=now, project_id=project.id, ground=ground)
    facts = {"title": project.title, "ground": FLAGS[ground], "words": words, "who": actor.name if actor.id else POLICY}
    unit_id = project.unit_id or 0  # those without a unit are not flagged
    coordinators = around.keepers_of([unit_id], local_date(now), COORDINATORS).get(unit_id, [])
    _tell("flag-raised", set(coordinators) - project.member_ids - {actor.id}, f"/flags/{flag_id}", facts, now)
    if actor.id != project.owner_id:
        event = "flag-raised-owner" if ground in rules.HALTING else "flag-query-owner"
        _tell(event, [project.owner_id], f"/projects/{project.id}", facts, now)
    return int(flag_id)


@atomic
def settle_flag(*, actor: Actor, flag_id: int, outcome: str | None, reason: str, now: datetime) -> None:
    """Say that there is nothing against a flagged project, or stop it: then it takes no time from the day on which it
    was flagged, or from today if it went on meanwhile. What was logged for earlier days stays. Its members are told."""
    flag, project = flags.get_flag(flag_id, by=actor, to=Permission.FLAG_SETTLE, lock=True)
    if flag.outcome is not None:
        raise Conflict(SETTLED)
    problems = rules.problems_with_settling(outcome, reason)
    if problems or outcome is None:  # no outcome is itself a problem
        raise RulesBroken(problems)
    said, words = FlagOutcome(outcome), reason.strip()
    if said is FlagOutcome.STOPPED:
        stopped = db.session.get_one(Project, project.id)
        stopped.status = rules.after(project.status, ProjectMove.STOP)
        stopped.closed_on = rules.closed_from(flag.ground, local_date(flag.raised_at), local_date(now))
    settled = update(ProjectFlag).values(outcome=said, reason=words, settled_by=actor.person_id, settled_at=now)
    # A project that stops has nothing left to look at, so its other flags end with this one.
    ends = ProjectFlag.project_id == project.id if said is FlagOutcome.STOPPED else ProjectFlag.id == flag_id
    settled = settled.where(ends, ProjectFlag.outcome.is_(None)).returning(ProjectFlag.id)
    for ended in sorted(db.session.scalars(settled.execution_options(synchronize_session=False))):
        facts = {"project_id": project.id, "outcome": said}
        record("flag:settle", actor=actor, about="project_flag", id=ended, at=now, **facts)
    readers = (project.member_ids | {project.owner_id, flag.raised_by}) - {actor.id, None}
    told = {"title": project.title, "ground": flag.what, "words": words, "who": actor.name, "what": FLAG_OUTCOMES[said]}
    _tell("flag-settled", readers, f"/projects/{project.id}", told, now)


def _tell(event: str, readers: Iterable[Any], path: str, facts: dict[str, Any], now: datetime) -> None:
    notices.queue([notices.compose(event, to=reader, path=path, at=now, **facts) for reader in sorted(readers)])


def _check_answers(answers: dict[str, str], *, complete: bool) -> None:
    """Refuse answers that are missing or longer than their column, all at once. A draft needs no more than a title."""
    problems = [each for each in rules.problems_in(answers) if complete or each.field == "title"]
    for name, longest in LONGEST.items():
        if (length := len(answers.get(name, ""))) > longest:
            problems.append(Problem(f"Write at most {longest} characters; this has {length}", name))
    if problems:
        raise RulesBroken(problems)
