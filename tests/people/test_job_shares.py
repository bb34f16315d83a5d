"""Who shares a post with whom: the rule, the operations, and every door."""

from __future__ import annotations

import json
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories.people import AssignmentFactory, PersonFactory
from tests.people.test_roles import Office
from tests.support.pages import PageClient, apart
from tests.support.threads import at_once, errors_in
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.calendar import days_between
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people.models import JobShare
from tithe.people.operations.job_shares import end_share, share_post
from tithe.people.queries import actor_by_email
from tithe.people.rules.job_shares import Share, problems_in

JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))
SHARES = st.builds(
    lambda first, last: Share(1, 2, min(first, last or first), last and max(first, last)), DAYS, DAYS | st.none()
)


@pytest.fixture
def office(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Office()


@pytest.fixture
def run(app, office):
    return lambda *words: apart(app.test_cli_runner().invoke, args=["people", "job-shares", *words])


def begin(office: Office, *, starts_on: date = JULY, ends_on: date | None = None, by=SYSTEM) -> int:
    wanted = Share(office.team.owner.id, office.team.colleague.id, starts_on, ends_on)
    return share_post(actor=by, wanted=wanted, now=NOW)


def stored() -> list[tuple[int, int, date, date | None]]:
    db.session.rollback()
    found = select(JobShare.first_id, JobShare.second_id, JobShare.starts_on, JobShare.ends_on).order_by(JobShare.id)
    return [tuple(row) for row in db.session.execute(found)]


class TestProblemsIn:
    @given(SHARES, SHARES)
    def test_finds_a_day_that_both_hold_exactly(self, one, other):
        both = any(
            one.holds_on(day) and other.holds_on(day) for day in days_between(date(2026, 1, 1), date(2026, 2, 1))
        )

        assert bool(problems_in(one, [other])) == both
        assert bool(problems_in(other, [one])) == both

    @pytest.mark.parametrize(
        ("wanted", "field", "words"),
        [
            (Share(1, 1, JULY), "sharer", "Nobody shares a post with themselves"),
            (Share(1, 2, JULY, JUNE), "ends_on", "Choose 1 July 2026, the first day, or a later one"),
            (Share(1, 2, JULY), "starts_on", "The other shares a post from 1 June 2026 on already"),
        ],
    )
    def test_says_what_is_wrong(self, wanted, field, words):
        (problem,) = problems_in(wanted, [Share(2, 3, JUNE)])

        assert (problem.field, problem.message[: len(words)]) == (field, words)


class TestSharePost:
    def test_keeps_both_and_records_it_for_both(self, office):
        begin(office)

        ids = sorted([office.team.owner.id, office.team.colleague.id])
        assert stored() == [(*ids, JULY, None)]
        found = select(AuditEvent.subject_id).where(AuditEvent.verb == "job-share:begin").order_by(AuditEvent.id)
        assert list(db.session.scalars(found)) == ids

    def test_makes_actors_know_that_they_share(self, office):
        assert not actor_by_email(office.team.owner.email, NOW).shares_post
        begin(office)
        shares = [
            actor_by_email(getattr(office.team, who).email, NOW).shares_post for who in ("owner", "colleague", "hr")
        ]
        assert shares == [True, True, False]

    def test_refuses_a_second_on_the_same_days(self, office):
        begin(office, ends_on=AUGUST)

        with pytest.raises(RuleBroken, match="share a post from 1 July 2026 to 1 August 2026 already") as refusal:
            begin(office, starts_on=AUGUST)
        assert refusal.value.field == "starts_on"
        begin(office, starts_on=date(2026, 8, 2))

    def test_refuses_a_day_on_which_one_holds_no_post(self, office):
        with pytest.raises(RuleBroken, match="no post on 1 January 2019"):
            begin(office, starts_on=date(2019, 1, 1))

    def test_lets_one_of_two_at_once_through(self, app, office):
        results = at_once(app, [partial(begin, office), partial(begin, office, starts_on=AUGUST)])

        assert len(errors_in(results)) == 1
        assert len(stored()) == 1


class TestEndShare:
    def test_sets_the_last_day_and_another_one_later(self, office):
        share_id = begin(office)
        end_share(actor=SYSTEM, share_id=share_id, ends_on=JULY, now=NOW)
        end_share(actor=SYSTEM, share_id=share_id, ends_on=AUGUST, now=NOW)

        assert stored()[0][3] == AUGUST
        for day, words in ((AUGUST, "last day already"), (JUNE, "or a later one")):
            with pytest.raises(RuleBroken, match=words):
                end_share(actor=SYSTEM, share_id=share_id, ends_on=day, now=NOW)

    def test_refuses_a_later_day_that_meets_the_next(self, office):
        share_id = begin(office, ends_on=JULY)
        begin(office, starts_on=AUGUST)

        with pytest.raises(RuleBroken, match="from 1 August 2026 on already"):
            end_share(actor=SYSTEM, share_id=share_id, ends_on=AUGUST, now=NOW)


class TestDoors:
    def test_pages_show_save_and_end_it(self, office, client):
        browser, owner = client.sign_in(office.hr), office.team.owner
        path = f"/people/{owner.id}/job-shares"
        assert path in browser.get(f"/people/{owner.id}/history").text

        typed = {"sharer": office.team.colleague.email, "starts_on": "2026-07-01", "ends_on": ""}
        refused = browser.post(path, typed | {"sharer": "nobody@example.org"})
        assert refused.errors == ["Nobody has the address or staff number nobody@example.org. Check it, then try again"]
        assert browser.post(path, typed).status == 303
        assert "With Cal Colleague" in browser.get(path).words("dt")
        own = PageClient(browser.app).sign_in(owner).get(f"/people/{owner.id}/history")
        assert "With Cal Colleague, from 1 Jul 2026" in own.words("li")

        (share,) = db.session.scalars(select(JobShare))
        late = browser.post(f"/job-shares/{share.id}", {"ends_on": "2026-06-01"})
        assert late.errors == ["Choose 1 July 2026, the first day, or a later one"]
        assert browser.post(f"/job-shares/{share.id}", {"ends_on": "2026-08-01"}).location == path
        assert stored()[0][2:] == (JULY, AUGUST)

    @pytest.mark.parametrize(
        ("typed", "words"),
        [("", "Enter an address or staff number"), ("N0", "Nobody has the address or staff number N0")],
    )
    def test_pages_say_all_that_is_wrong_at_once(self, office, client, typed, words):
        path = f"/people/{office.team.owner.id}/job-shares"
        refused = client.sign_in(office.hr).post(path, {"sharer": typed, "starts_on": "", "ends_on": ""})

        assert [each.split(". ")[0] for each in refused.errors] == [words, "Enter the first day, like 24 12 2026"]

    def test_programs_do_the_same(self, office, api):
        program, path = api.as_(office.hr), f"/people/{office.team.owner.id}/job-shares"
        body = {"sharer": office.team.colleague.email, "starts_on": "2026-07-01"}

        made = program.post(path, body)
        (share,) = made.json["shares"]
        assert (made.status_code, share["sharer"], share["ends_on"]) == (201, "Cal Colleague", None)
        ended = program.call("PATCH", f"/job-shares/{share['id']}", {"ends_on": "2026-08-01"})
        assert ended.json["shares"][0]["ends_on"] == "2026-08-01"
        assert program.post(path, body | {"unknown": 1}).status_code == 422
        assert api.as_(office.team.owner).get(path).json == ended.json

    def test_commands_do_the_same(self, office, run):
        owner, colleague = office.team.owner.email, office.team.colleague.email

        assert "share a post from 1 July 2026 on" in run("begin", owner, colleague, "--from", "2026-07-01").output
        (share,) = json.loads(run("list", owner, "--json").output)["shares"]
        assert run("end", str(share["id"]), "2026-08-01").output == "1 August 2026 is its last day\n"
        assert "to 1 August 2026" in run("list", colleague).output
        assert run("begin", owner, owner, "--from", "2026-09-01").exit_code == 1

    def test_refuse_somebody_the_role_does_not_cover(self, office, api):
        outsider = PersonFactory()
        AssignmentFactory(person_id=outsider.id, person=None, unit_id=office.other.id, unit=None)
        program, body = api.as_(office.hr), {"sharer": outsider.email, "starts_on": "2026-07-01"}

        answer = program.post(f"/people/{office.team.owner.id}/job-shares", body)

        assert (answer.status_code, answer.json["field"]) == (422, "sharer")
        body = {"sharer": office.team.owner.email, "starts_on": "2026-07-01"}
        assert program.post(f"/people/{outsider.id}/job-shares", body).status_code == 404
