"""Projects and their members."""

from __future__ import annotations

import datetime

import factory

from tests.factories.base import TitheFactory
from tests.factories.people import PersonFactory
from tithe.projects.models import Project, ProjectMember
from tithe.projects.rules import ProjectStatus

MADE = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC)


class ProjectFactory(TitheFactory):
    """A registered project whose owner joined on 1 January 2020."""

    class Meta:
        model = Project
        exclude = ["owner"]

    class Params:
        draft = factory.Trait(status=ProjectStatus.DRAFT, registered_at=None)

    owner = factory.SubFactory(PersonFactory)
    owner_id = factory.SelfAttribute("owner.id")
    title = factory.Sequence(lambda n: f"Project {n}")
    problem = "Letters go out that nobody can read"
    beneficiaries = "People who claim"
    hypothesis = "Plain words bring fewer calls"
    status = ProjectStatus.REGISTERED
    created_at = MADE
    registered_at = MADE

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        project = super()._create(model_class, *args, **kwargs)
        MemberFactory(project_id=project.id, person_id=project.owner_id)
        return project


class MemberFactory(TitheFactory):
    """Somebody who may log time to a project."""

    class Meta:
        model = ProjectMember

    joined_on = datetime.date(2020, 1, 1)
