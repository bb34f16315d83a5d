"""Projects that are flagged: who may, what follows, what a coordinator says; on both databases, by every door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories.flags import CLEARED, WORDS, FlagFactory
from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory
from tests.factories.projects import MemberFactory
from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story, actor
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Permission, Role
from tithe.kernel import clock
from tithe.kernel.calendar import named
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.policy.operations import adopt_policy
from tithe.projects import operations, queries
from tithe.projects.flags import flags_of, flags_waiting, get_flag
from tithe.projects.models import Project, ProjectFlag
from tithe.projects.rules import FlagGround, FlagOutcome, ProjectStatus, closed_from, last_day_to_query


@pytest.fixture
def story(app, monkeypatch) -> Story:
    """A team with a coordinator, and the owner's project registered in its unit three weeks ago."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    story = Story()
    coordinator = PersonFactory(name="Cora Coordinator")
    post = {"unit_id": story.team.department.id, "unit": None, "line_manager_id": story.team.director.id}
    AssignmentFactory(person_id=coordinator.id, person=None, **post)
    RoleGrantFactory(person_id=coordinator.id, unit_id=story.team.department.id, role=Role.COORDINATOR)
    project = db.session.get_one(Project, story.project.id)
    project.unit_id, project.registered_at = story.team.unit.id, NOW - timedelta(weeks=3)
    db.session.commit()
    story.coordinator_row, story.coordinator = coordinator, actor(coordinator)
    return story


def flagged(story: Story, ground: str = "conflict", by: Any = None, words: str = WORDS) -> int:
    who = by or story.owner
    return operations.raise_flag(actor=who, project_id=story.project.id, ground=ground, words=words, now=NOW)


def settle(story: Story, flag_id: int, outcome: str = "cleared", by: Any = None) -> None:
    who = by or story.coordinator
    operations.settle_flag(actor=who, flag_id=flag_id, outcome=outcome, reason=CLEARED, now=NOW)


def told(event: str) -> list[int]:
    return sorted(db.session.scalars(select(Notice.person_id).where(Notice.event == event)))


def project_of(story: Story) -> queries.ProjectRow:
    db.session.rollback()
    return queries.get_project(story.project.id, by=story.owner, to=Permission.PROJECT_READ)


class TestRaiseFlag:
    def test_halts_the_project_and_tells_the_coordinators(self, story):
        flag_id = flagged(story)

        assert project_of(story).halted
        assert told("flag-raised") == [story.coordinator_row.id]
        assert told("flag-raised-owner") == [], "its owner raised it"
        assert [each.id for each in flags_waiting(story.coordinator)[0]] == [flag_id]

    def test_tells_the_owner_when_a_coordinator_raises_it(self, story):
        flagged(story, "security", by=story.coordinator)

        assert told("flag-raised-owner") == [story.team.owner.id]

    @pytest.mark.parametrize("who", ["colleague", "manager", "hr"])
    def test_is_for_the_owner_and_coordinators(self, story, who):
        with pytest.raises(NotFound):
            flagged(story, by=actor(getattr(story.team, who)))

    @pytest.mark.parametrize(
        ("ground", "words", "fields"),
        [
            ("scope", WORDS, ["ground"]),
            ("first_look", WORDS, ["ground"]),
            (None, WORDS, ["ground"]),
            ("conflict", "x" * 39, ["words"]),
            ("conflict", "x" * 2001, ["words"]),
            ("taste", " ", ["ground", "words"]),
        ],
    )
    def test_names_all_that_is_wrong(self, story, ground, words, fields):
        with pytest.raises(RulesBroken) as refusal:
            flagged(story, ground, words=words)

        assert [each.field for each in refusal.value.problems] == fields

    def test_says_nothing_twice(self, story):
        flagged(story)
        with pytest.raises(RuleBroken, match="flagged already"):
            flagged(story, by=story.coordinator)
        flagged(story, "security")

        assert len(flags_of(story.project.id)) == 2

    def test_lets_a_coordinator_ask_about_the_scope_for_ten_working_days_without_halting_it(self, story):
        with pytest.raises(RulesBroken, match="could be questioned until 31 July 2026"):
            flagged(story, "scope", by=story.coordinator)
        db.session.get_one(Project, story.project.id).registered_at = NOW - timedelta(weeks=2)
        db.session.commit()
        flagged(story, "scope", by=story.coordinator)

        assert not project_of(story).halted
        assert told("flag-query-owner") == [story.team.owner.id]

    def test_is_refused_where_the_policy_has_no_check(self, story):
        gate(story, "none")

        with pytest.raises(RuleBroken, match="no check of projects"):
            flagged(story)


def gate(story: Story, value: str) -> None:
    adopt_policy(
        actor=SYSTEM, unit_id=story.team.department.id, starts_on=local_date(NOW),
        settings={"project_gate": value}, reason="As agreed with staff", now=NOW,
    )  # fmt: skip


class TestFullGate:
    def test_lets_a_new_project_wait_for_a_first_look(self, story):
        gate(story, "full")
        answers = {"title": "New", "problem": "P", "beneficiaries": "B", "hypothesis": "H"}
        project_id = operations.draft_project(actor=story.owner, answers=answers, register=True, now=NOW)
        (flag,) = flags_of(project_id)

        assert (flag.ground, flag.raised_by, flag.halts) == (FlagGround.FIRST_LOOK, None, True)
        assert told("flag-raised-owner") == [story.team.owner.id]
        settle(story, flag.id)
        assert not queries.get_project(project_id, by=story.owner, to=Permission.PROJECT_READ).halted

    def test_leaves_drafts_and_other_gates_alone(self, story):
        answers = {"title": "New", "problem": "P", "beneficiaries": "B", "hypothesis": "H"}
        light = operations.draft_project(actor=story.owner, answers=answers, register=True, now=NOW)
        gate(story, "full")
        draft = operations.draft_project(actor=story.owner, answers=answers, register=False, now=NOW)

        assert flags_of(light) == flags_of(draft) == []


class TestSettleFlag:
    def test_clears_it_and_tells_everybody_on_the_project(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.colleague.id)
        flag_id = flagged(story)
        settle(story, flag_id)

        assert not project_of(story).halted
        assert told("flag-settled") == sorted([story.team.owner.id, story.team.colleague.id])
        assert flags_waiting(story.coordinator) == ([], None)
        flag, _ = get_flag(flag_id, by=story.owner, to=Permission.FLAG_RAISE)
        assert (flag.outcome, flag.settled_by_name, flag.reason) == (FlagOutcome.CLEARED, "Cora Coordinator", CLEARED)

    def test_stops_the_project_from_the_day_it_was_flagged_and_ends_its_other_flags(self, story):
        first = flagged(story)
        flagged(story, "security")
        settle(story, first, "stopped")
        project = project_of(story)

        assert (project.status, project.closed_on) == (ProjectStatus.STOPPED, local_date(NOW))
        assert not project.halted
        assert {each.outcome for each in flags_of(story.project.id)} == {FlagOutcome.STOPPED}

    def test_is_done_once(self, story):
        flag_id = flagged(story)
        settle(story, flag_id)
        with pytest.raises(Conflict, match="settled since"):
            settle(story, flag_id, "stopped")

    @pytest.mark.parametrize("who", ["owner", "colleague", "manager", "hr"])
    def test_is_for_coordinators(self, story, who):
        flag_id = flagged(story)
        with pytest.raises(NotFound):
            settle(story, flag_id, by=actor(getattr(story.team, who)))

    def test_is_never_for_those_who_work_on_it(self, story):
        flag_id = flagged(story)
        MemberFactory(project_id=story.project.id, person_id=story.coordinator_row.id)

        assert flags_waiting(story.coordinator) == ([], None)
        with pytest.raises(NotFound):
            settle(story, flag_id)

    def test_names_all_that_is_wrong(self, story):
        flag_id = flagged(story)
        with pytest.raises(RulesBroken) as refusal:
            operations.settle_flag(actor=story.coordinator, flag_id=flag_id, outcome="maybe", reason="", now=NOW)

        assert [each.field for each in refusal.value.problems] == ["outcome", "reason"]

    def test_cannot_flag_what_was_stopped(self, story):
        settle(story, flagged(story), "stopped")
        with pytest.raises(RuleBroken, match="Only a registered project"):
            flagged(story)


class TestClosedFrom:
    def test_is_the_day_of_the_flag_unless_the_project_went_on(self):
        days = {"raised_on": MONDAY, "today": local_date(NOW)}
        assert closed_from(FlagGround.CONFLICT, **days) == closed_from(FlagGround.FIRST_LOOK, **days) == MONDAY
        assert closed_from(FlagGround.SCOPE, **days) == local_date(NOW)


class TestLastDayToQuery:
    def test_counts_ten_working_days_from_the_next_one(self):
        assert named(last_day_to_query(MONDAY)) == "17 August 2026"


class TestPages:
    def test_lead_from_flag_to_stop(self, app, story):
        owner = PageClient(app).sign_in(story.team.owner)
        coordinator = PageClient(app).sign_in(story.coordinator_row)
        path = f"/projects/{story.project.id}"
        assert "Ask a coordinator to look at this project" in owner.get(path).words("a")
        refused = owner.post(f"{path}/flag", {"csrf_token": owner.token(), "words": "Short"})
        assert refused.status == 422
        owner.post(f"{path}/flag", {"csrf_token": owner.token(), "ground": "conflict", "words": WORDS})
        assert "Waits for a coordinator" in "".join(owner.get(path).words("dd"))

        assert "1 flagged project waits for you" in "".join(coordinator.get("/").words("li"))
        flag_id = flags_waiting(story.coordinator)[0][0].id
        assert any(WORDS in each for each in coordinator.get(f"/flags/{flag_id}").words("p"))
        said = {"csrf_token": coordinator.token(), "outcome": "stopped", "reason": CLEARED}
        assert coordinator.post(f"/flags/{flag_id}", said).status == 303
        assert "Stopped" in "".join(owner.get(path).words("dd"))
        assert any(CLEARED in each for each in owner.get(path).words("p"))
        assert "flagged" not in "".join(coordinator.get("/").words("li"))

    def test_keep_the_words_from_those_it_does_not_concern(self, app, story):
        flagged(story)
        shown = PageClient(app).sign_in(story.team.colleague).get(f"/projects/{story.project.id}")

        assert "Waits for a coordinator" in "".join(shown.words("dd"))
        assert not any(WORDS in each for each in shown.words("body"))


class TestApi:
    def test_raises_lists_and_settles(self, api, story):
        path = f"/projects/{story.project.id}/flags"
        raised = api.as_(story.team.owner).post(path, {"ground": "conflict", "words": WORDS})
        assert (raised.status_code, raised.json["halts"], raised.json["raised_by"]) == (201, True, "Ada Owner")
        assert api.as_(story.team.owner).get(f"/projects/{story.project.id}").json["waits_for_coordinator"]

        coordinator = api.as_(story.coordinator_row)
        assert coordinator.get("/flags").json == {"flags": [raised.json], "next": None}
        settled = coordinator.post(f"/flags/{raised.json['id']}", {"outcome": "cleared", "reason": CLEARED})
        assert (settled.status_code, settled.json["outcome"], settled.json["halts"]) == (200, "cleared", False)
        assert coordinator.get(path).json["flags"] == [settled.json]

    @pytest.mark.parametrize("body", [{}, {"ground": "first_look", "words": WORDS}, {"ground": "conflict", "x": 1}])
    def test_refuses_what_does_not_fit(self, api, story, body):
        assert api.as_(story.team.owner).post(f"/projects/{story.project.id}/flags", body).status_code == 422

    def test_pages_the_queue(self, api, story, monkeypatch):
        monkeypatch.setattr("tithe.projects.flags.PAGE", 1)
        flagged(story)
        FlagFactory(project_id=story.project.id, ground=FlagGround.SECURITY, raised_by=story.team.owner.id)
        client, seen, path = api.as_(story.coordinator_row), [], "/flags"
        while path:
            page = client.get(path).json
            seen += [each["ground"] for each in page["flags"]]
            path = f"/flags?after={page['next']}" if page["next"] else ""

        assert seen == ["security", "conflict"]


class TestCommands:
    def test_raise_and_list(self, app, story):
        runner = app.test_cli_runner()
        command = ["projects", "flag", "ada.owner@example.org", str(story.project.id), "conflict"]
        assert "at least 40" in runner.invoke(args=[*command, "Short"]).output
        assert runner.invoke(args=[*command, WORDS]).output == "Sent to the coordinators of the unit\n"
        listed = runner.invoke(args=["projects", "flags"]).output
        assert "Plain letters\tA conflict of interest, by Ada Owner" in listed
        assert '"ground": "conflict"' in runner.invoke(args=["projects", "flags", "--json"]).output


class TestHistory:
    def test_is_kept(self, app, story):
        for _ in range(2):
            settle(story, flagged(story))

        assert len(db.session.scalars(select(ProjectFlag)).all()) == 2
