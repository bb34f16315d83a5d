"""Looking again at weeks that were returned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, send_back
from tithe import checks
from tithe.access.permissions import Role
from tithe.allowance.models import Protection
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.people.rules.grades import Grade
from tithe.projects.models import ProjectMember
from tithe.timesheets.models import Decision, ReviewRequest
from tithe.timesheets.operations.reviews import ask_review, settle_review
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.queries.reviews import reviews_waiting
from tithe.timesheets.rules.deciding import DecisionHow
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.reviews import ReviewOutcome, ReviewStage, is_fit, stricter

WHY = "The ministry had been told in June that I would be away on Tuesday"


@pytest.fixture
def story(app):
    story = Story()
    send_back(story.manager, story.submitted(), ground="cover")
    return story


def keeper(story, role, name):
    person = PersonFactory(name=name, email=f"{name.lower()}@example.org")
    AssignmentFactory(person_id=person.id, person=None, unit_id=story.team.department.id, unit=None, grade=Grade.SEO)
    RoleGrantFactory(person_id=person.id, unit_id=story.team.department.id, role=role)
    return actor(person)


def ask(story, now=NOW, words=WHY):
    db.session.rollback()
    return ask_review(actor=story.owner, monday=MONDAY, words=words, now=now)


def settle(who, review_id, outcome, now=NOW, reason=WHY):
    db.session.rollback()
    settle_review(actor=who, review_id=review_id, outcome=outcome, reason=reason, now=now)


def review(review_id):
    db.session.rollback()
    return db.session.get_one(ReviewRequest, review_id)


def to_panel(story):
    settle(actor(story.team.director), ask(story), "uphold")
    return ask(story)


class TestAskReview:
    def test_goes_to_the_countersigning_manager_with_ten_working_days(self, story):
        asked = review(ask(story))

        assert (asked.stage, asked.reviewer_id) == (ReviewStage.COUNTERSIGNER, story.team.director.id)
        assert str(asked.due_on) == "2026-08-21"
        told = db.session.scalars(select(Notice).where(Notice.event == "review-asked")).one()
        assert (told.person_id, told.path) == (story.team.director.id, f"/reviews/{asked.id}")

    def test_goes_to_a_panel_where_the_countersigner_works_on_the_project(self, story):
        row = {"project_id": story.project.id, "person_id": story.team.director.id, "joined_on": MONDAY}
        db.session.add(ProjectMember(**row))
        db.session.commit()

        assert review(ask(story)).stage is ReviewStage.PANEL

    def test_may_be_asked_for_until_fourteen_days_after(self, story):
        with pytest.raises(RuleBroken, match="until 21 August 2026"):
            ask(story, NOW + timedelta(days=15))
        assert ask(story, NOW + timedelta(days=14))

    def test_needs_words_and_a_week_that_stands_returned(self, story):
        with pytest.raises(RulesBroken):
            ask(story, words="Too short")
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(60, day=1)], now=NOW)
        with pytest.raises(RuleBroken, match="stands returned"):
            ask(story)

    def test_is_asked_once_at_a_time(self, story):
        ask(story)
        with pytest.raises(Conflict):
            ask(story)


class TestSettleReview:
    def test_overturned_approves_the_week_as_it_stands(self, story):
        director = actor(story.team.director)
        settle(director, ask(story), "overturn")

        assert story.week().status is WeekStatus.APPROVED
        made = db.session.scalars(select(Decision).order_by(Decision.version.desc())).first()
        assert (made.how, made.decided_by) == (DecisionHow.REVIEW, director.id)
        assert [each.code for each in checks.results(NOW) if each.code.startswith("A") and not each.ok] == []

    def test_varied_leaves_it_returned_and_protects_its_minutes(self, story):
        settle(actor(story.team.director), ask(story), "vary")

        assert story.week().status is WeekStatus.RETURNED
        assert db.session.scalars(select(Protection.minutes)).one() == 90

    def test_is_for_nobody_else(self, story):
        review_id = ask(story)
        for who in (story.manager, story.owner, keeper(story, Role.HR_MANAGER, "Hari")):
            with pytest.raises(NotFound):
                settle(who, review_id, "overturn")

    def test_comes_too_late_when_the_owner_has_changed_the_week(self, story):
        review_id = ask(story)
        save_week(actor=story.owner, monday=MONDAY, entries=[story.entry(60, day=1)], now=NOW)

        with pytest.raises(Conflict):
            settle(actor(story.team.director), review_id, "overturn")
        assert reviews_waiting(actor(story.team.director)) == ([], None)

    def test_is_settled_once(self, story):
        review_id = ask(story)
        settle(actor(story.team.director), review_id, "uphold")
        with pytest.raises(Conflict):
            settle(actor(story.team.director), review_id, "overturn")


class TestPanel:
    @pytest.mark.parametrize(
        ("one", "other", "comes_to"),
        [("overturn", "overturn", "overturn"), ("overturn", "uphold", "uphold"), ("vary", "overturn", "vary")],
    )
    def test_of_two_comes_to_the_stricter(self, story, one, other, comes_to):
        hr, coordinator = keeper(story, Role.HR_MANAGER, "Hari"), keeper(story, Role.COORDINATOR, "Cora")
        panel = to_panel(story)
        settle(coordinator, panel, one)
        assert review(panel).outcome is None

        settle(hr, panel, other)

        assert review(panel).outcome == comes_to
        assert (story.week().status is WeekStatus.APPROVED) == (comes_to == "overturn")
        assert [each.code for each in checks.results(NOW) if each.code.startswith("A") and not each.ok] == []

    def test_takes_two_people_of_two_roles(self, story):
        hr = keeper(story, Role.HR_MANAGER, "Hari")
        panel = to_panel(story)
        settle(hr, panel, "overturn")

        for who in (hr, keeper(story, Role.HR_MANAGER, "Hetty")):
            with pytest.raises(RuleBroken):
                settle(who, panel, "overturn")
        assert reviews_waiting(hr) == ([], None)

    def test_is_final(self, story):
        hr, coordinator = keeper(story, Role.HR_MANAGER, "Hari"), keeper(story, Role.COORDINATOR, "Cora")
        panel = to_panel(story)
        settle(hr, panel, "uphold")
        settle(coordinator, panel, "uphold")

        with pytest.raises(RuleBroken, match="final"):
            ask(story)


class TestDoors:
    def test_take_a_review_from_asking_to_the_end(self, story, app, client, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        path = f"/weeks/{MONDAY}/review"
        owner = client.sign_in(story.team.owner)
        assert owner.post(path, {"words": "Too short"}).status == 422
        assert owner.post(path, {"words": WHY}).status == 303
        assert "to be settled by" in owner.get(path).text
        director = type(client)(app).sign_in(story.team.director)
        assert "Ada Owner" in director.get("/reviews").text
        review_id = db.session.scalars(select(ReviewRequest.id)).one()
        assert WHY in director.get(f"/reviews/{review_id}").text
        assert director.post(f"/reviews/{review_id}", {"outcome": "overturn", "reason": "No"}).status == 422
        assert director.post(f"/reviews/{review_id}", {"outcome": "overturn", "reason": WHY}).status == 303
        assert story.week().status is WeekStatus.APPROVED

    def test_say_the_same_as_json(self, story, api, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        asked = api.as_(story.team.owner, "weeks:write").post(f"/weeks/{MONDAY}/review", {"words": WHY})
        assert (asked.status_code, asked.json["stage"]) == (200, "countersigner")
        director = api.as_(story.team.director, "approvals:write")
        assert [each["id"] for each in director.get("/reviews").json["reviews"]] == [asked.json["id"]]

        settled = director.post(f"/reviews/{asked.json['id']}", {"outcome": "uphold", "reason": WHY})

        assert settled.json["outcome"] == "uphold"


class TestRules:
    def test_let_nobody_review_what_they_or_those_above_them_decided(self):
        assert is_fit(3, 1, 2, {4}, ())
        assert not is_fit(2, 1, 2, {4}, ())
        assert not is_fit(3, 1, 2, {2}, ())
        assert not is_fit(1, 1, 2, {4}, ())
        assert not is_fit(3, 1, 2, {4}, {3})

    @pytest.mark.parametrize("one", ReviewOutcome)
    @pytest.mark.parametrize("other", ReviewOutcome)
    def test_take_the_stricter_whoever_says_it_first(self, one, other):
        assert stricter(one, other) is stricter(other, one)
        assert stricter(one, one) is one
