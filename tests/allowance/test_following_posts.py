"""The ledger follows what HR keeps about somebody's post, in the same transaction."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest

from tests.factories.people import Team
from tests.support.contents import contents
from tests.timesheets.weeks import MONDAY, NOW
from tithe.access.actor import SYSTEM
from tithe.allowance.operations.accrual import accrue_quarter
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people.operations import posts
from tithe.policy.operations import adopt_policy
from tithe.timesheets.queries.standing import standing_of

QUARTER = Quarter.containing(MONDAY)
HALF = date(2026, 8, 15)


@pytest.fixture
def team(app, monkeypatch) -> Team:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    team = Team()
    settings = {"exclude_probation": True}
    adopt_policy(
        actor=SYSTEM, unit_id=team.department.id, starts_on=QUARTER.start, settings=settings, reason="Why", now=NOW
    )
    accrue_quarter(actor=SYSTEM, quarter=QUARTER, now=NOW)
    return team


def earned(person: Any) -> int:
    db.session.rollback()
    return standing_of(person.id, [QUARTER]).balances[QUARTER].accrued


def run(app: Any, *arguments: str) -> str:
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["people", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


class TestProbation:
    def test_takes_away_what_a_policy_leaves_out_and_gives_it_back(self, app, team):
        before, others = earned(team.owner), earned(team.colleague)

        assert "Saved" in run(app, "probation", team.owner.email, str(HALF), "--commit")

        assert 0 < earned(team.owner) < before
        assert earned(team.colleague) == others
        run(app, "probation", team.owner.email, "--commit")
        assert earned(team.owner) == before

    def test_is_only_said_without_commit(self, app, team):
        before = contents()

        assert "Nothing was saved" in run(app, "probation", team.owner.email, str(HALF))

        assert contents() == before

    def test_refuses_a_day_before_the_first_and_the_same_day_again(self, team):
        change = partial(posts.set_probation, actor=SYSTEM, person_id=team.owner.id, now=NOW)
        for last_day, words in (
            (date(2019, 12, 31), "Probation ends after the first day"),
            (None, "on record already"),
        ):
            with pytest.raises(RuleBroken, match=words):
                change(last_day=last_day)

    def test_comes_with_who_joins(self, app, team):
        starts = ("--from", "2026-08-03", "--unit", "DEPT-TEAM", "--probation-end", "2026-08-31")

        run(app, "join", "N1", "New Person", "new@example.org", *starts, "--commit")

        assert "new@example.org" in run(app, "list")


class TestPosts:
    def test_change_the_ledger_at_once(self, app, team):
        before = earned(team.owner)

        run(app, "change", team.owner.email, "--from", "2026-08-10", "--hours", "18:30", "--commit")

        assert 0 < earned(team.owner) < before
