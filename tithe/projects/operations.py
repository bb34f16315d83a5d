"""Drafting and registering projects, and letting people from outside see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.projects import guests, queries, rules
from tithe.projects.models import Project, ProjectGuest, ProjectMember
from tithe.projects.rules import ProjectMove, ProjectStatus

LONGEST = {"title": 120, "problem": 4000, "beneficiaries": 2000, "hypothesis": 4000}


@atomic
def draft_project(*, actor: Actor, answers: dict[str, str], register: bool, now: datetime) -> int:
    """Write down a project of one's own, and register it at once if asked. Returns its id."""
    _check_shape(answers)
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
    _check_shape(answers)
    project = db.session.get_one(Project, project_id, with_for_update=True)
    if project.version != version:
        raise Conflict(
            "This project was changed in another window. Copy what you typed, reload the page and put it in again"
        )
    changed = sorted(name for name, words in answers.items() if getattr(project, name) != words)
    for name in changed:
        setattr(project, name, answers[name])
    if project.status is ProjectStatus.REGISTERED and (problems := rules.problems_in(answers)):
        raise RulesBroken(problems)
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
    answers = {name: getattr(project, name) for name in rules.QUESTIONS}
    if problems := rules.problems_in(answers):
        raise RulesBroken(problems)
    project.status = rules.after(project.status, ProjectMove.REGISTER)
    project.registered_at, project.unit_id = now, actor.unit_id
    record("project:register", actor=actor, about="project", id=project.id, at=now, unit_id=actor.unit_id)


def _check_shape(answers: dict[str, str]) -> None:
    """Even a draft has a title, and no answer is longer than its column."""
    if not answers.get("title", "").strip():
        raise RuleBroken(rules.QUESTIONS["title"], field="title")
    for name, longest in LONGEST.items():
        if len(answers.get(name, "")) > longest:
            raise RuleBroken(f"Write at most {longest} characters; this has {len(answers[name])}", field=name)
