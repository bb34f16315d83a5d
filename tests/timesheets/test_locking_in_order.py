"""Operations that take several rows take them in one order, so that two at once never wait for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory
from tests.factories.projects import ProjectFactory
from tests.support.kept import KeptStates
from tests.support.threads import at_once
from tests.timesheets.weeks import MONDAY, NOW, Story, actor
from tithe.access.actor import Actor
from tithe.access.permissions import Role
from tithe.audit.rules import stream_of
from tithe.kernel.db import atomic, db
from tithe.notices import operations as notices
from tithe.people.models import Person
from tithe.people.operations.posts import set_probation
from tithe.timesheets.models import Week
from tithe.timesheets.operations.decisions import approve_weeks
from tithe.timesheets.operations.handover import hand_over_orphans, reassign_weeks
from tithe.timesheets.operations.imports import import_time
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.imports.sheet import read_sheet

Calls = Sequence[Callable[[], Any]]


class Rounds(Story):
    """A team whose weeks are made once and gone back to before each round."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app, self.states = app, KeptStates()
        RoleGrantFactory(person_id=self.team.hr.id, unit_id=self.team.department.id, role=Role.HR_MANAGER)
        self.hr, self.colleague = actor(self.team.hr), actor(self.team.colleague)
        theirs = ProjectFactory(owner_id=self.colleague.id, owner=None)
        self.projects = {self.owner.id: self.project.id, self.colleague.id: theirs.id}

    def wait_for_the_manager(self, *places: tuple[Actor, int]) -> list[int]:
        """Weeks submitted in this order, by whom and so many weeks ago; their ids."""
        ids = []
        for who, ago in places:
            monday = MONDAY - timedelta(weeks=ago)
            entry = Entry(monday + timedelta(days=1), self.projects[who.id], 30)
            ids.append(self.submitted(entry, monday=monday, by=who).id or 0)
        return ids

    def play(self, times: int, calls: Calls) -> Counter[str]:
        """Make all calls at once so many times, each from the same beginning; what came of them, by name."""
        self.states.keep("beginning")
        came: Counter[str] = Counter()
        for _ in range(times):
            self.states.back_to("beginning")
            came.update(type(each).__name__ for each in at_once(self.app, calls))
        return came


@pytest.fixture
def rounds(app: Flask) -> Iterator[Rounds]:
    rounds = Rounds(app)
    yield rounds
    rounds.states.close()


def approving(rounds: Rounds, ids: Sequence[int]) -> Callable[[], None]:
    versions = dict(db.session.execute(select(Week.id, Week.version)).all())
    return partial(approve_weeks, actor=rounds.manager, versions={each: versions[each] for each in ids}, now=NOW)


def two_in_opposite_order(rounds: Rounds, weeks: int, times: int) -> Counter[str]:
    """The same weeks approved twice at once, the first to the last and the last to the first."""
    who = (rounds.owner, rounds.colleague)
    ids = rounds.wait_for_the_manager(*((who[number % 2], number // 2) for number in range(weeks)))
    return rounds.play(times, [approving(rounds, ids), approving(rounds, ids[::-1])])


class TestTwoBulkApprovals:
    def test_of_the_same_weeks_come_one_after_the_other(self, rounds):
        assert two_in_opposite_order(rounds, 10, 10) == {"NoneType": 10, "Conflict": 10}

    @pytest.mark.slow
    def test_of_fifty_weeks_never_wait_for_each_other_in_two_hundred_rounds(self, rounds):
        assert two_in_opposite_order(rounds, 50, 200) == {"NoneType": 200, "Conflict": 200}

    def test_of_other_weeks_of_the_same_people_add_to_their_sums_in_one_order(self, rounds):
        here, there = (rounds.owner, rounds.colleague), (rounds.colleague, rounds.owner)
        first = rounds.wait_for_the_manager(*((who, 0) for who in here), *((here[0], ago) for ago in (2, 3)))
        second = rounds.wait_for_the_manager(*((who, 1) for who in there), *((there[0], ago) for ago in (2, 3)))

        assert rounds.play(30, [approving(rounds, first), approving(rounds, second)]) == {"NoneType": 60}


class TestHandingOver:
    def test_meets_a_change_of_approver(self, rounds):
        """The weeks of one person wait in turn for two who have left."""
        ids = rounds.wait_for_the_manager(*((rounds.owner, ago) for ago in range(8)))
        gone = [PersonFactory(leaves_on=MONDAY).id for _ in range(2)]
        for number, week_id in enumerate(ids):
            db.session.execute(update(Week).where(Week.id == week_id).values(approver_id=gone[1 - number % 2]))
        db.session.commit()

        calls = [partial(hand_over_orphans, now=NOW)]
        calls.append(partial(reassign_weeks, actor=rounds.hr, person_id=rounds.owner.id, now=NOW))

        assert rounds.play(20, calls) == {"int": 40}


class TestAnImport:
    def test_meets_the_approval_of_weeks_submitted_the_other_way_round(self, rounds):
        ids = rounds.wait_for_the_manager(*((rounds.owner, ago) for ago in range(8)))
        days = "\n".join(f"{MONDAY - timedelta(weeks=ago)},Plain letters,30,," for ago in range(8))
        sheet = read_sheet(BytesIO(f"date,project,minutes,note,reference\n{days}\n".encode()))
        loads = partial(import_time, actor=rounds.owner, sheet=sheet, mapping={}, now=NOW, commit=True)

        assert rounds.play(20, [approving(rounds, ids), loads]) == {"NoneType": 20, "Report": 20}


class TestMessages:
    def test_replace_older_ones_of_the_same_readers(self, rounds):
        readers = [PersonFactory().id for _ in range(300)]

        @atomic
        def tell(people: Sequence[int]) -> None:
            about = {"path": "/approvals", "at": NOW, "collapse_key": "queue"}
            notices.queue([notices.compose("weeks-in-queue", to=each, **about) for each in people])

        tell(readers)

        assert rounds.play(10, [partial(tell, readers), partial(tell, readers[::-1])]) == {"NoneType": 20}


class TestProbation:
    def test_is_set_beside_saves_of_the_same_person(self, rounds):
        """Both write to one stream of the audit, which names the person too."""
        while True:
            other = PersonFactory()
            AssignmentFactory(person_id=other.id, unit_id=rounds.team.unit.id, person=None, unit=None)
            if stream_of(other.id) == stream_of(rounds.hr.id):
                break
        project = ProjectFactory(owner_id=other.id, owner=None)
        who, day = actor(other), MONDAY + timedelta(days=1)
        rounds.saved(Entry(day, project.id, 30), by=who)
        save = partial(save_week, actor=who, monday=MONDAY, entries=[Entry(day, project.id, 60)], now=NOW)
        probation = partial(set_probation, actor=rounds.hr, person_id=other.id, last_day=MONDAY, now=NOW)

        assert rounds.play(40, [save, probation]) == {"WeekRow": 40, "Outcome": 40}
        assert db.session.scalar(select(Person.probation_ends_on).where(Person.id == other.id)) == MONDAY
