"""Questions to the owner of a week: who asks and answers, and what the clock does meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.delegations import DelegationFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import MONDAY, NOW, Story, actor, approve, send_back
from tithe import checks
from tithe.kernel.calendar import is_working_day, working_days_between
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.notices.models import Notice
from tithe.timesheets.models import Question
from tithe.timesheets.operations.questions import answer_question, ask_question
from tithe.timesheets.operations.weeks import recall_week
from tithe.timesheets.queries.questions import question_about
from tithe.timesheets.rules.questions import LONGEST_PAUSE, due_after

DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))
DUE = date(2026, 8, 21)  # ten working days after the Friday
PAUSED = date(2026, 8, 28)  # five more; the Monday after is a holiday
WHY = "Why was Tuesday on letters?"


@pytest.fixture
def story(app) -> Story:
    return Story()


def ask(story, week, *, by=None, words=WHY, version=None, now=NOW):
    db.session.rollback()
    version = week.version if version is None else version
    ask_question(actor=by or story.manager, week_id=week.id, version=version, words=words, now=now)


def answer(story, words="The courts asked for it", *, by=None, now=NOW):
    db.session.rollback()
    answer_question(actor=by or story.owner, monday=MONDAY, answer=words, now=now)


class TestDueAfter:
    @given(DAYS, DAYS, st.integers(0, 40), st.sets(DAYS))
    def test_is_never_earlier_and_at_most_five_working_days_later(self, due, asked, later, holidays):
        found = due_after(due, asked, asked + timedelta(days=later), holidays)

        assert due <= found
        assert working_days_between(due, found, holidays) <= LONGEST_PAUSE
        assert found == due or is_working_day(found, holidays)

    @given(DAYS, DAYS, st.integers(0, 40), st.sets(DAYS))
    def test_grows_with_the_time_an_answer_takes(self, due, asked, later, holidays):
        sooner = due_after(due, asked, asked + timedelta(days=later), holidays)
        assert sooner <= due_after(due, asked, asked + timedelta(days=later + 1), holidays)
        assert sooner <= due_after(due, asked, None, holidays)

    def test_is_the_day_it_was_due_when_answered_at_once(self):
        assert due_after(DUE, NOW.date(), NOW.date(), ()) == DUE


class TestAskQuestion:
    def test_stops_the_clock_and_tells_the_owner(self, story):
        week = story.submitted()
        assert week.due_on == DUE

        ask(story, week)

        after = story.week()
        assert (after.version, after.due_on) == (week.version, PAUSED)
        told = db.session.scalars(select(Notice).where(Notice.event == "week-question")).one()
        assert (told.person_id, told.path) == (story.owner.id, f"/weeks/{MONDAY}/question")
        assert WHY in told.body
        assert [each for each in checks.results(NOW) if not each.ok and each.code != "B1"] == []

    def test_names_both_when_a_delegate_asks(self, story):
        DelegationFactory(manager_id=story.team.manager.id, delegate_id=story.team.hr.id)
        ask(story, story.submitted(), by=actor(story.team.hr))
        told = db.session.scalars(select(Notice).where(Notice.event == "week-question")).one()
        assert told.subject.startswith("Hana Analyst, for Max Manager asks")

    @pytest.mark.parametrize("words", ["", "   ", "w" * 1001])
    def test_needs_words_that_fit(self, story, words):
        week, before = story.submitted(), contents()
        with pytest.raises(RuleBroken) as refusal:
            ask(story, week, words=words)
        assert refusal.value.field == "words"
        assert contents() == before

    @pytest.mark.parametrize("answered", [False, True])
    def test_is_once_a_version(self, story, answered):
        week = story.submitted()
        ask(story, week)
        if answered:
            answer(story)
        with pytest.raises(RuleBroken, match="One question was asked"):
            ask(story, week)

    def test_is_open_again_for_the_next_version(self, story):
        ask(story, story.submitted())
        recall_week(actor=story.owner, monday=MONDAY, now=NOW)
        assert question_about(story.week()) is None
        week = story.submitted()
        assert question_about(week) is None
        ask(story, week)
        assert db.session.query(Question).count() == 2

    def test_refuses_a_version_that_has_moved_on(self, story):
        week, before = story.submitted(), contents()
        with pytest.raises(Conflict):
            ask(story, week, version=week.version + 1)
        assert contents() == before

    @pytest.mark.parametrize("who", ["owner", "colleague", "director", "hr"])
    def test_is_for_those_it_waits_for(self, story, who):
        week, before = story.submitted(), contents()
        with pytest.raises(NotFound):
            ask(story, week, by=actor(getattr(story.team, who)))
        assert contents() == before

    @pytest.mark.parametrize("decide", [approve, send_back])
    def test_is_closed_by_a_decision(self, story, decide):
        week = story.submitted()
        ask(story, week)
        decide(story.manager, week)
        with pytest.raises(NotFound):
            answer(story)
        with pytest.raises(Conflict):
            ask(story, week)


class TestAnswerQuestion:
    @pytest.mark.parametrize(("days", "due"), [(0, DUE), (3, date(2026, 8, 24)), (6, date(2026, 8, 27)), (30, PAUSED)])
    def test_lets_the_clock_go_on_from_there(self, story, days, due):
        ask(story, story.submitted())
        answer(story, now=NOW + timedelta(days=days))

        assert story.week().due_on == due
        told = db.session.scalars(select(Notice).where(Notice.event == "week-answered")).one()
        assert (told.person_id, told.path) == (story.manager.id, f"/approvals/{story.week().id}")
        assert "The courts asked for it" in told.body

    def test_is_given_once(self, story):
        ask(story, story.submitted())
        answer(story)
        before = contents()
        with pytest.raises(Conflict):
            answer(story, "Other words")
        assert contents() == before

    @pytest.mark.parametrize("words", ["", " ", "w" * 1001])
    def test_needs_words_that_fit(self, story, words):
        ask(story, story.submitted())
        with pytest.raises(RuleBroken) as refusal:
            answer(story, words)
        assert refusal.value.field == "answer"

    def test_is_the_owners_alone(self, story):
        ask(story, story.submitted())
        for who in (story.team.colleague, story.team.manager):
            with pytest.raises(NotFound):
                answer(story, by=actor(who))


class TestPages:
    def test_carry_a_question_and_its_answer_both_ways(self, app, friday):
        week = friday.submitted()
        manager, owner = (PageClient(app).sign_in(each) for each in (friday.team.manager, friday.team.owner))

        sent = {"version": str(week.version), "words": WHY}
        assert manager.post(f"/approvals/{week.id}/question", sent).location == f"/approvals/{week.id}"
        assert "Not answered yet" in manager.get(f"/approvals/{week.id}").text
        assert WHY in owner.get(f"/weeks/{MONDAY}/question").text
        assert owner.post(f"/weeks/{MONDAY}/question", {"answer": "It was urgent"}).location == f"/weeks/{MONDAY}"
        assert "It was urgent" in manager.get(f"/approvals/{week.id}").text
        assert "It was urgent" in manager.get("/approvals").text
        assert "You have answered" in owner.get(f"/weeks/{MONDAY}/question").text

    def test_show_the_question_on_the_week(self, app, friday):
        ask(friday, friday.submitted())
        assert WHY in PageClient(app).sign_in(friday.team.owner).get(f"/weeks/{MONDAY}").text

    def test_keep_what_was_typed_when_they_refuse(self, app, friday):
        week = friday.submitted()
        manager = PageClient(app).sign_in(friday.team.manager)
        page = manager.post(f"/approvals/{week.id}/question", {"version": str(week.version), "words": "w" * 1001})
        assert (page.status, page.errors) == (422, ["Write at most 1,000 characters"])
        assert "w" * 1001 in page.text

        ask(friday, week)
        page = PageClient(app).sign_in(friday.team.owner).post(f"/weeks/{MONDAY}/question", {"answer": ""})
        assert (page.status, page.errors) == (422, ["Write your answer"])

    def test_find_nothing_where_nothing_was_asked(self, app, friday):
        friday.submitted()
        assert PageClient(app).sign_in(friday.team.owner).get(f"/weeks/{MONDAY}/question").status == 404


class TestApi:
    def test_carries_a_question_and_its_answer_both_ways(self, app, friday):
        week = friday.submitted()
        manager = ApiClient(app).as_(friday.team.manager, "approvals:write", "approvals:read")
        owner = ApiClient(app).as_(friday.team.owner, "weeks:read", "weeks:write")
        asked = manager.post(f"/approvals/{week.id}/question", {"version": week.version, "words": WHY})

        assert (asked.status_code, asked.json["words"], asked.json["answer"]) == (200, WHY, None)
        assert owner.get(f"/weeks/{MONDAY}/question").json["asked_by"] == "Max Manager"
        told = owner.post(f"/weeks/{MONDAY}/question", {"answer": "It was urgent"})
        assert (told.status_code, told.json["answer"]) == (200, "It was urgent")
        assert manager.get("/approvals").json["weeks"][0]["question"]["answer"] == "It was urgent"
        assert owner.post(f"/weeks/{MONDAY}/question", {"answer": "Again"}).status_code == 409
        assert manager.post(f"/approvals/{week.id}/question", {"version": 9, "words": WHY}).status_code == 422
