"""Corrections: two people, one line in the ledger, and who is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.allowance.ledgers import FULL_TIME, accrue, balance, change_post, end_post, splits
from tests.allowance.scheme import NOW, QUARTER, TODAY, WHY, Scheme, acting, found, post, propose, refuse
from tests.factories.people import RoleGrantFactory
from tests.support.contents import contents, counted
from tests.support.threads import at_once, errors_in
from tithe.access.permissions import Role
from tithe.allowance.models import Adjustment, LedgerLine, Period
from tithe.allowance.operations import adjustments
from tithe.allowance.queries import adjustments as queries
from tithe.allowance.queries.balances import drift
from tithe.allowance.rules.ledger import AdjustmentStatus, LedgerKind
from tithe.audit.models import AuditEvent
from tithe.kernel.db import db, unit_of_work
from tithe.kernel.errors import Conflict, NotFound, RuleBroken
from tithe.notices.models import Notice

DAY = timedelta(days=1)
NOVEMBER = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def scheme(app) -> Scheme:
    scheme = Scheme()
    accrue(now=NOW)
    return scheme


def close(quarter):
    with unit_of_work() as session:
        session.add(Period(quarter=quarter.code, closed_at=NOVEMBER, closed_by=None))


def line():
    """The one line of a correction in the ledger."""
    db.session.rollback()
    return db.session.scalars(select(LedgerLine).where(LedgerLine.source == "adjustment")).one()


def notices():
    db.session.rollback()
    return list(db.session.scalars(select(Notice).where(Notice.event.like("adjustment-%"))))


def waiting():
    db.session.rollback()
    return list(db.session.scalars(select(Adjustment.id)))


class TestProposing:
    def test_waits_for_a_second_person_and_changes_no_minutes(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner, -90)

        row = found(scheme.second, adjustment_id)
        assert (row.status, row.minutes, row.quarter) == (AdjustmentStatus.PROPOSED, -90, QUARTER)
        assert (row.person, row.proposer, row.decider) == (scheme.team.owner.name, scheme.hr.name, None)
        assert balance(scheme.team.owner).other == 0
        assert notices() == []

    def test_finds_the_person_by_staff_number_too(self, scheme):
        proposal = adjustments.Proposal(QUARTER, 90, WHY)
        number = scheme.team.owner.staff_number

        adjustments.propose_adjustment(actor=acting(scheme.hr), person=number, proposal=proposal, now=NOW)

        assert len(waiting()) == 1

    @pytest.mark.parametrize("who", ["owner", "manager", "hr", "director"])
    def test_is_for_hr_managers_alone(self, scheme, who):
        with pytest.raises(RuleBroken) as refused:
            propose(getattr(scheme.team, who), scheme.team.colleague)
        assert refused.value.field == "person"

    def test_is_not_for_oneself_nor_for_people_elsewhere_in_the_words_for_nobody(self, scheme):
        words = set()
        for by, person in ((scheme.hr, scheme.hr), (scheme.stranger, scheme.team.owner)):
            with pytest.raises(RuleBroken) as refused:
                propose(by, person)
            words.add((refused.value.message, refused.value.field))
        with pytest.raises(RuleBroken) as refused:
            adjustments.propose_adjustment(
                actor=acting(scheme.hr), person="nobody", proposal=adjustments.Proposal(QUARTER, 90, WHY), now=NOW
            )

        assert words == {(refused.value.message, refused.value.field)}
        assert waiting() == []

    def test_needs_something_to_correct(self, scheme):
        with pytest.raises(RuleBroken, match="Nothing was posted to Ada Owner in Apr to Jun 2026") as refused:
            propose(scheme.hr, scheme.team.owner, quarter=QUARTER.previous)
        assert refused.value.field == "quarter"

    def test_reaches_somebody_who_has_left(self, scheme):
        end_post(scheme.team.owner, TODAY - DAY)

        post(scheme.second, propose(scheme.hr, scheme.team.owner))

        assert line().unit_id == scheme.unit.id

    def test_is_recorded_without_the_words(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)

        db.session.rollback()
        event = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "adjustment:propose")).one()
        assert event.subject_id == adjustment_id
        assert WHY not in str(event.details)


class TestPosting:
    @pytest.mark.parametrize("minutes", [90, -90, 10_080, -10_080])
    def test_moves_the_balance_by_exactly_that(self, scheme, minutes):
        post(scheme.second, propose(scheme.hr, scheme.team.owner, minutes))

        after = balance(scheme.team.owner)
        assert (after.accrued, after.other, after.left) == (FULL_TIME, minutes, FULL_TIME + minutes)
        assert drift(QUARTER) == []

    def test_goes_to_the_quarter_itself_while_it_is_open(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        post(scheme.second, adjustment_id, NOVEMBER)

        posted = line()
        assert (posted.quarter, posted.applies_to, posted.kind) == (QUARTER.code, None, LedgerKind.ADJUSTMENT)
        assert (posted.source_id, posted.source_version) == (adjustment_id, 1)
        assert (posted.actor_id, posted.unit_id) == (scheme.second.id, scheme.unit.id)
        assert posted.facts == {"applies_to": QUARTER.code}
        assert posted.reason == f"Correction about Jul to Sep 2026: {WHY}"

    def test_goes_to_the_current_quarter_once_its_own_is_closed(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        close(QUARTER)

        post(scheme.second, adjustment_id, NOVEMBER)

        posted = line()
        assert (posted.quarter, posted.applies_to) == (QUARTER.next.code, QUARTER.code)
        assert drift(QUARTER.next) == []

    def test_names_the_unit_the_person_works_in_by_then(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        change_post(scheme.team.owner, TODAY, unit=scheme.department)

        post(scheme.second, adjustment_id)

        assert line().unit_id == scheme.department.id
        assert splits(scheme.team.owner) == {scheme.unit.id: True, scheme.department.id: True}

    def test_tells_the_person_and_nobody_else(self, scheme):
        post(scheme.second, propose(scheme.hr, scheme.team.owner, -90))

        [notice] = notices()
        assert (notice.person_id, notice.path) == (scheme.team.owner.id, f"/allowance?quarter={QUARTER.code}")
        assert notice.subject == "Your minutes for Jul to Sep 2026 were corrected: −1h 30m"
        assert all(words in notice.body for words in (scheme.hr.name, scheme.second.name, WHY))

    def test_keeps_both_names(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        post(scheme.second, adjustment_id)

        row = found(scheme.hr, adjustment_id)
        assert (row.status, row.proposer, row.decider) == (
            AdjustmentStatus.POSTED, scheme.hr.name, scheme.second.name,
        )  # fmt: skip


class TestDeciding:
    @pytest.mark.parametrize("decide", [post, refuse])
    @pytest.mark.parametrize("who", ["proposer", "owner", "manager", "stranger"])
    def test_is_for_another_hr_manager_of_the_person_alone(self, scheme, decide, who):
        person = {
            "proposer": scheme.hr,
            "owner": scheme.team.owner,
            "manager": scheme.team.manager,
            "stranger": scheme.stranger,
        }[who]
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        before = contents()

        with pytest.raises(NotFound):
            decide(person, adjustment_id)
        assert contents() == before

    @pytest.mark.parametrize("decide", [post, refuse])
    def test_is_not_for_the_person_it_is_about(self, scheme, decide):
        RoleGrantFactory(person_id=scheme.team.owner.id, unit_id=scheme.department.id, role=Role.HR_MANAGER)
        adjustment_id = propose(scheme.hr, scheme.team.owner)

        with pytest.raises(NotFound):
            decide(scheme.team.owner, adjustment_id)

    @pytest.mark.parametrize("second", [post, refuse])
    @pytest.mark.parametrize("first", [post, refuse])
    def test_happens_once(self, scheme, first, second):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        first(scheme.second, adjustment_id)
        before = contents()

        with pytest.raises(Conflict, match="Somebody else has decided"):
            second(scheme.second, adjustment_id)
        assert contents() == before

    def test_of_two_at_the_same_moment_one_wins(self, app, scheme):
        third = acting(scheme.hr_manager(scheme.department, "Thea Third"))
        second, adjustment_id = acting(scheme.second), propose(scheme.hr, scheme.team.owner, 90)

        results = at_once(
            app,
            [
                lambda: adjustments.post_adjustment(actor=second, adjustment_id=adjustment_id, now=NOW),
                lambda: adjustments.post_adjustment(actor=third, adjustment_id=adjustment_id, now=NOW),
            ],
        )

        [error] = errors_in(results)
        assert isinstance(error, Conflict)
        assert line().minutes == balance(scheme.team.owner).other == 90


class TestRefusing:
    def test_tells_whoever_proposed_it_why_and_posts_nothing(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        refuse(scheme.second, adjustment_id, "September was right, look at the week of the 14th")

        [notice] = notices()
        assert (notice.person_id, notice.path) == (scheme.hr.id, f"/adjustments/{adjustment_id}")
        assert "September was right" in notice.body
        assert found(scheme.hr, adjustment_id).status is AdjustmentStatus.REFUSED
        assert balance(scheme.team.owner).other == 0

    def test_needs_words(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        before = contents()

        with pytest.raises(RuleBroken, match="at least 20 characters") as refused:
            refuse(scheme.second, adjustment_id, "No")
        assert refused.value.field == "words"
        assert contents() == before


class TestListing:
    def listed(self, person, **options):
        rows, _ = queries.list_adjustments(acting(person), today=TODAY, **{"decided": False, **options})
        return [row.id for row in rows]

    def test_has_those_of_the_people_one_looks_after_without_ones_own(self, scheme):
        of_owner = propose(scheme.hr, scheme.team.owner)
        of_second = propose(scheme.hr, scheme.second)

        assert self.listed(scheme.hr) == [of_owner, of_second]
        assert self.listed(scheme.second) == [of_owner]
        assert self.listed(scheme.stranger) == self.listed(scheme.team.manager) == []

    def test_keeps_those_that_wait_apart_from_those_decided(self, scheme):
        posted, refused, waits = (propose(scheme.hr, scheme.team.owner) for _ in range(3))
        post(scheme.second, posted)
        refuse(scheme.second, refused)

        assert self.listed(scheme.hr) == [waits]
        assert self.listed(scheme.hr, decided=True) == [refused, posted]

    @pytest.mark.parametrize("decided", [False, True])
    def test_follows_to_the_end_without_gap_or_overlap(self, scheme, monkeypatch, decided):
        monkeypatch.setattr(queries, "PAGE", 3)
        made = [propose(scheme.hr, scheme.team.owner) for _ in range(7)]
        for each in made if decided else []:
            post(scheme.second, each)
        seen, after = [], None
        while True:
            rows, after = queries.list_adjustments(acting(scheme.hr), decided=decided, today=TODAY, after=after)
            seen += [row.id for row in rows]
            if after is None:
                break

        assert seen == (made[::-1] if decided else made)

    def test_takes_one_statement_however_many_there_are(self, scheme):
        propose(scheme.hr, scheme.team.owner)
        viewer = acting(scheme.hr)
        few = counted(lambda: queries.list_adjustments(viewer, decided=False, today=TODAY))
        for _ in range(5):
            propose(scheme.hr, scheme.team.colleague)

        assert counted(lambda: queries.list_adjustments(viewer, decided=False, today=TODAY)) == few == 1

    def test_still_has_people_who_have_left(self, scheme):
        adjustment_id = propose(scheme.hr, scheme.team.owner)
        end_post(scheme.team.owner, date(2026, 7, 31))

        assert self.listed(scheme.second) == [adjustment_id]
