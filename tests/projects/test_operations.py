"""Drafting, registering and editing projects, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.factories.people import Team
from tests.support.contents import contents
from tests.timesheets.weeks import NOW, actor
from tithe.access.permissions import Permission
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.projects import operations, queries
from tithe.projects.models import Project, ProjectMember
from tithe.projects.operations import LONGEST
from tithe.projects.rules import ProjectStatus

ANSWERS = {
    "title": "Plain letters",
    "problem": "Nobody reads them",
    "beneficiaries": "People who claim",
    "hypothesis": "Fewer calls",
}
TITLE_ONLY = {**dict.fromkeys(LONGEST, ""), "title": "Plain letters"}


@pytest.fixture
def team(app) -> Team:
    return Team()


@pytest.fixture
def owner(team):
    return actor(team.owner)


def draft(owner, answers=ANSWERS, *, register=False, now=NOW) -> int:
    return operations.draft_project(actor=owner, answers=answers, register=register, now=now)


def edit(owner, project_id, *, version=1, answers=ANSWERS, register=False) -> None:
    operations.edit_project(
        actor=owner, project_id=project_id, version=version, answers=answers, register=register, now=NOW
    )


def read(project_id, by, to=Permission.PROJECT_READ):
    db.session.rollback()
    return queries.get_project(project_id, by=by, to=to)


def verbs(project_id) -> list[str]:
    found = select(AuditEvent.verb).where(AuditEvent.subject_type == "project", AuditEvent.subject_id == project_id)
    return list(db.session.scalars(found.order_by(AuditEvent.stream, AuditEvent.seq)))


class TestDraftProject:
    def test_keeps_the_words_for_their_owner(self, owner):
        project = read(draft(owner, TITLE_ONLY), owner)

        assert (project.status, project.title, project.owner_id) == (ProjectStatus.DRAFT, "Plain letters", owner.id)
        assert project.registered_at is None
        assert project.unit_name is None

    def test_registers_at_once_if_asked(self, owner, team):
        project = read(draft(owner, register=True), owner)

        assert project.status is ProjectStatus.REGISTERED
        assert project.registered_at == NOW
        assert project.unit_name == team.unit.name
        assert verbs(project.id) == ["project:draft", "project:register"]

    def test_lets_the_owner_log_time_from_the_quarter_it_was_written_down_in(self, owner):
        late = datetime(2026, 7, 10, 12, tzinfo=UTC)
        for now, joined in ((NOW, date(2026, 7, 1)), (late, date(2026, 4, 1))):
            project_id = draft(owner, register=True, now=now)
            membership = next(each for each in queries.memberships_of(owner.id) if each.project_id == project_id)
            assert membership.joined_on == joined

    @pytest.mark.parametrize("question", ["problem", "beneficiaries", "hypothesis"])
    def test_refuses_to_register_without_an_answer_and_keeps_nothing(self, owner, question):
        before = contents()

        with pytest.raises(RulesBroken) as refusal:
            draft(owner, {**ANSWERS, question: " "}, register=True)

        assert [problem.field for problem in refusal.value.problems] == [question]
        assert contents() == before

    @pytest.mark.parametrize("title", ["", "   "])
    def test_refuses_a_project_without_a_title(self, owner, title):
        with pytest.raises(RuleBroken, match="Give the project a title") as refusal:
            draft(owner, {**ANSWERS, "title": title})
        assert refusal.value.field == "title"

    @pytest.mark.parametrize("name", LONGEST)
    def test_takes_an_answer_as_long_as_its_column_and_no_longer(self, owner, name):
        longest = "ü" * LONGEST[name]
        assert getattr(read(draft(owner, {**ANSWERS, name: longest}), owner), name) == longest

        with pytest.raises(RuleBroken, match=f"at most {LONGEST[name]} characters") as refusal:
            draft(owner, {**ANSWERS, name: longest + "x"})
        assert refusal.value.field == name


class TestEditProject:
    def test_changes_the_words_and_says_which_in_the_audit(self, owner):
        project_id = draft(owner, register=True)

        edit(owner, project_id, version=read(project_id, owner).version, answers={**ANSWERS, "title": "New title"})

        assert read(project_id, owner).title == "New title"
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "project:edit")).one()
        assert event.details == '{"fields":["title"]}'

    def test_registers_a_draft(self, owner):
        project_id = draft(owner, TITLE_ONLY)
        version = read(project_id, owner).version

        edit(owner, project_id, version=version, register=True)

        project = read(project_id, owner)
        assert (project.status, project.registered_at) == (ProjectStatus.REGISTERED, NOW)
        assert project.version == version + 1

    def test_refuses_to_register_twice(self, owner):
        project_id = draft(owner, register=True)
        with pytest.raises(RuleBroken, match="cannot register"):
            edit(owner, project_id, version=read(project_id, owner).version, register=True)

    def test_refuses_to_leave_a_registered_project_without_an_answer(self, owner):
        project_id = draft(owner, register=True)
        version, before = read(project_id, owner).version, contents()

        with pytest.raises(RulesBroken) as refusal:
            edit(owner, project_id, version=version, answers=TITLE_ONLY)

        assert {problem.field for problem in refusal.value.problems} == {"problem", "beneficiaries", "hypothesis"}
        assert contents() == before

    def test_lets_a_draft_lose_its_answers(self, owner):
        project_id = draft(owner)
        edit(owner, project_id, version=read(project_id, owner).version, answers=TITLE_ONLY)
        assert read(project_id, owner).problem == ""

    def test_refuses_when_somebody_else_was_quicker(self, owner):
        project_id = draft(owner)
        version = read(project_id, owner).version
        edit(owner, project_id, version=version, answers={**ANSWERS, "title": "First"})

        with pytest.raises(Conflict, match="another window"):
            edit(owner, project_id, version=version, answers={**ANSWERS, "title": "Second"})

        assert read(project_id, owner).title == "First"

    @pytest.mark.parametrize("who", ["colleague", "manager", "hr"])
    def test_is_for_the_owner_alone(self, owner, team, who):
        project_id = draft(owner, register=True)
        before = contents()

        with pytest.raises(NotFound):
            edit(actor(getattr(team, who)), project_id, version=read(project_id, owner).version)

        assert contents() == before

    def test_is_not_for_a_fellow_member(self, owner, team):
        project_id = draft(owner, register=True)
        db.session.add(ProjectMember(project_id=project_id, person_id=team.colleague.id, joined_on=date(2026, 1, 1)))
        db.session.commit()

        with pytest.raises(NotFound):
            edit(actor(team.colleague), project_id, version=read(project_id, owner).version)


class TestReading:
    def test_hides_a_draft_from_everybody_but_its_members(self, owner, team):
        project_id = draft(owner)
        for who in (team.colleague, team.manager, team.hr, team.director):
            with pytest.raises(NotFound) as hidden:
                read(project_id, actor(who))
            with pytest.raises(NotFound) as absent:
                read(project_id + 999, actor(who))
            assert hidden.value.message == absent.value.message

    def test_lists_drafts_only_among_ones_own(self, owner, team):
        hidden, shown = draft(owner), draft(owner, register=True)

        assert [each.id for each in queries.list_registered()[0]] == [shown]
        assert {each.id for each in queries.list_mine(owner)} == {hidden, shown}
        assert queries.list_mine(actor(team.colleague)) == []

    def test_lets_nobody_log_time_to_a_draft(self, owner):
        draft(owner)
        assert queries.memberships_of(owner.id) == []

    def test_finds_fellow_members_of_several_projects(self, owner, team):
        first, second = draft(owner, register=True), draft(actor(team.colleague), register=True)
        assert queries.members_of([first, second]) == {owner.id, team.colleague.id}

    def test_pages_by_key_without_gap_or_overlap(self, owner):
        for number in range(queries.PAGE * 2 + 3):
            draft(owner, {**ANSWERS, "title": f"Number {number}"}, register=True)
        seen, after = [], None
        for size, more_expected in ((queries.PAGE, True), (queries.PAGE, True), (3, False)):
            found, after = queries.list_registered(after=after)
            assert (len(found), after is not None) == (size, more_expected)
            seen += [each.id for each in found]

        assert seen == sorted(set(seen), reverse=True)
        assert len(seen) == db.session.query(Project).count()

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("plain", True),
            ("PLAIN letters", True),
            ("letters nobody", True),
            ("letters spreadsheet", False),
            ("%", True),
            ("_", True),
            ("l_tters", False),
            ("' OR 1=1 --", False),
            ("\\", False),
        ],
    )
    def test_searches_title_and_problem_for_every_word(self, owner, text, found):
        draft(owner, register=True)
        assert bool(queries.list_registered(text=text)[0]) == found
