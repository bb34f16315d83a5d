"""Drafting and registering projects."""

from __future__ import annotations

from datetime import datetime

from tithe.access.actor import Actor
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.clock import local_date
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import Conflict, RuleBroken, RulesBroken
from tithe.projects import queries, rules
from tithe.projects.models import Project, ProjectMember
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
