"""Fifty people press the button at the same moment, and what deciding a week leaves as it was."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import db_empty
from tests.factories.delegations import DelegationFactory
from tests.factories.projects import MemberFactory
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient, apart
from tests.support.threads import at_once
from tests.timesheets.weeks import MONDAY, Story, actor, approve, send_back
from tithe.allowance.models import LedgerLine
from tithe.audit import queries as audit
from tithe.kernel.db import db
from tithe.timesheets.models import Decision, Week
from tithe.timesheets.rules.lifecycle import WeekStatus

AT_ONCE = 50


def answers(app: Any, friday: Story, week: Any) -> Counter[int]:
    """What fifty calls for one week at the same moment are answered, from its manager and who stands in for them."""
    deciders = [ApiClient(app).as_(each, "approvals:write") for each in (friday.team.manager, friday.team.hr)]
    body = {"decision": "approve", "version": week.version}
    path = f"/approvals/{week.id}"
    calls = [lambda client=deciders[number % 2]: client.post(path, body).status_code for number in range(AT_ONCE)]
    return Counter(at_once(app, calls))


def decide_many(app: Any, friday: Story, rounds: int) -> None:
    DelegationFactory(manager_id=friday.team.manager.id, delegate_id=friday.team.hr.id)
    for number in range(rounds):
        week = friday.submitted(monday=MONDAY - timedelta(weeks=number))

        assert answers(app, friday, week) == {200: 1, 409: AT_ONCE - 1}

        db.session.rollback()
        assert db.session.query(Decision).filter_by(week_id=week.id).count() == 1
        assert db.session.scalars(select(LedgerLine.minutes).where(LedgerLine.source_id == week.id)).all() == [-90]
    assert audit.first_broken_link() is None


class TestFiftyAtOnce:
    """One call decides a week, the rest are told that it has moved on, none fails."""

    def test_decide_a_week_once(self, app, friday):
        decide_many(app, friday, 5)

    @pytest.mark.slow
    def test_decide_each_of_a_hundred_weeks_once(self, app, friday):
        decide_many(app, friday, 100)


# What deciding may change of the row it is about; all else it does is to add rows.
ABOUT = {"week", "person_quarter", "protection", "audit_head"}
ADDED = {"decision", "ledger_line", "notice", "audit_event", "person_quarter", "protection"}
DECIDED = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=4, unique_by=lambda each: each[0])


class TestDecidingOneWeek:
    """Every byte that is not about the week is the same afterwards, whatever was decided before."""

    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(decided=DECIDED)
    def test_leaves_everything_else_as_it_was(self, app, decided):
        db_empty(app)
        story = Story()
        MemberFactory(project_id=story.project.id, person_id=story.team.colleague.id)
        owners = (story.owner, actor(story.team.colleague))
        places = [(owner, MONDAY - timedelta(weeks=number)) for owner in owners for number in range(2)]
        for owner, monday in places:
            story.submitted(monday=monday, by=owner)
        for number, approves in decided:
            owner, monday = places[number]
            week, before = story.week(monday, by=owner), contents()
            if approves:
                approve(story.manager, week)
            else:
                send_back(story.manager, week, ground="cover")
            self.compare(before, contents(), week)

    def compare(self, before: dict[str, list[Any]], after: dict[str, list[Any]], week: Any) -> None:
        gone = {table: [row for row in rows if row not in after[table]] for table, rows in before.items()}
        new = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}
        assert {table for table, rows in gone.items() if rows} <= ABOUT
        assert {table for table, rows in new.items() if rows} <= ABOUT | ADDED
        assert [row[0] for row in gone["week"]] == [row[0] for row in new["week"]] == [week.id]
        assert all(week.owner_id in row for table in ("person_quarter", "protection") for row in gone[table])
        assert len(new["decision"]) == len(new["notice"]) == len(new["audit_event"]) == 1


class TestLinks:
    """A link in a mail opens a page; nothing is decided by opening it, whoever or whatever does."""

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    @pytest.mark.parametrize("headers", [{}, {"Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}])
    def test_change_nothing(self, app, friday, method, headers):
        from_mail = PageClient(app).sign_in(friday.team.manager)
        week = friday.submitted()
        links = (
            f"/approvals/{week.id}",
            f"/approvals/{week.id}?action=approve&version={week.version}",
            f"/approvals?weeks={week.id}:{week.version}&tick=usual",
            f"/weeks/{MONDAY}/question",
        )
        before = contents()
        for link in links:
            apart(from_mail.http.open, link, method=method, headers=headers)
        assert contents() == before

    @pytest.mark.parametrize("signed_in", [True, False])
    def test_decide_only_with_a_session_and_its_token(self, app, friday, signed_in):
        week = friday.submitted()
        browser = PageClient(app)
        if signed_in:
            browser.sign_in(friday.team.manager)
        before, sent = contents(), {"action": "approve", "version": str(week.version)}
        token = {} if signed_in else {"csrf_token": browser.token()}

        answer = apart(browser.http.post, f"/approvals/{week.id}", data=sent | token)

        assert answer.status_code in ((400, 403, 422) if signed_in else (303,))
        assert contents() == before
        assert db.session.scalars(select(Week.status)).all() == [WeekStatus.SUBMITTED]
