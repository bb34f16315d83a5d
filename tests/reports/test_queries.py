"""The roll-up agrees with a naive count, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from tests.factories.people import RoleGrantFactory, UnitFactory
from tests.support.contents import counted
from tests.timesheets.weeks import NOW, Story, actor
from tithe.access.permissions import Role
from tithe.allowance.models import PersonQuarter
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound
from tithe.people.models import Assignment, Person, Unit, UnitClosure
from tithe.policy import queries as policy
from tithe.policy.models import TithePolicy
from tithe.reports import queries

QUARTER = Quarter.parse("2026-27Q2")
FIRST = 1000  # ids of made-up rows

# Each unit's parent is an earlier one: any list is a tree.
TREES = st.lists(st.integers(0, 100), min_size=0, max_size=9).map(
    lambda picks: [None, *(pick % (number + 1) for number, pick in enumerate(picks))]
)
MINUTES = st.tuples(st.integers(0, 60), st.integers(0, 6000), st.sampled_from([0, 1, 30, 59, 60, 61, 600]))
ROWS = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 9)), MINUTES, max_size=16)

BARS = st.dictionaries(st.integers(0, 9), st.sampled_from([1, 30, 60, 61, 600]), max_size=4)

Rows = dict[tuple[int, int], tuple[int, int, int]]


def paths(parents: list[int | None]) -> list[list[int]]:
    """Each unit's ancestors, itself first."""
    found: list[list[int]] = []
    for number, parent in enumerate(parents):
        found.append([number, *(found[parent] if parent is not None else [])])
    return found


def store(parents: list[int | None], rows: Rows) -> None:
    """Put a tree and its summaries into the open transaction."""
    for number, parent in enumerate(parents):
        unit = {"id": FIRST + number, "code": f"U{number}", "name": f"Unit {number}"}
        db.session.execute(insert(Unit).values(**unit, parent_id=None if parent is None else FIRST + parent))
    closure = [
        {"ancestor_id": FIRST + above, "descendant_id": FIRST + number, "depth": depth}
        for number, path in enumerate(paths(parents))
        for depth, above in enumerate(path)
    ]
    db.session.execute(insert(UnitClosure), closure)
    people = sorted({person for person, _ in rows})
    for person in people:
        values = {"id": FIRST + person, "email": f"{person}@x", "name": "N", "starts_on": QUARTER.start}
        db.session.execute(insert(Person).values(**values))
    units_of = Counter(person for person, _ in rows)
    for (person, unit), (days, accrued, used) in rows.items():
        summary = {"accruing_days": days, "accrued": accrued, "used": used, "other": 0}
        keys = {"quarter": QUARTER.code, "person_id": FIRST + person, "unit_id": FIRST + unit}
        db.session.execute(insert(PersonQuarter).values(**keys, **summary, split=units_of[person] > 1))


def decide(bars: dict[int, int]) -> None:
    """Let units say from how many minutes somebody takes part; a version from after the quarter changes nothing."""
    says = [(QUARTER.start, {"participant_min": 7}), (QUARTER.last_day, None), (QUARTER.end, {})]
    for number, minutes in bars.items():
        for version, (starts_on, values) in enumerate(says, 1):
            row = {"unit_id": FIRST + number, "version": version, "reason": "Why", "adopted_at": NOW}
            said = {"participant_min": minutes} if values is None else values
            db.session.execute(insert(TithePolicy).values(**row, starts_on=starts_on, settings=said))


def move(rows: Rows) -> None:
    """Let everybody hold a post in each unit in which they have minutes, one after the other, the last unit last."""
    for person, unit in sorted(rows):
        post = {"person_id": FIRST + person, "unit_id": FIRST + unit, "starts_on": QUARTER.start + timedelta(days=unit)}
        db.session.execute(insert(Assignment).values(**post, weekly_minutes=2220, fte_bp=10000))


def least_of(person: int, parents: list[int | None], rows: Rows, bars: dict[int, int]) -> int:
    """The minutes from which somebody takes part: what the unit they were in last says, or the nearest above it."""
    last = max(unit for who, unit in rows if who == person)
    return next((bars[unit] for unit in paths(parents)[last] if unit in bars), 60)


def oracle(parents: list[int | None], rows: Rows, unit: int, bars: dict[int, int]) -> tuple[int, int, int, int]:
    """The definitions of §6.1, read out person by person."""
    below = {number for number, path in enumerate(paths(parents)) if unit in path}
    inside: dict[int, list[tuple[int, int, int]]] = {}
    for (person, where), minutes in rows.items():
        if where in below:
            inside.setdefault(person, []).append(minutes)
    return (
        sum(any(days for days, _, _ in parts) for parts in inside.values()),
        sum(
            sum(used for _, _, used in parts) >= least_of(person, parents, rows, bars)
            for person, parts in inside.items()
        ),
        sum(accrued for parts in inside.values() for _, accrued, _ in parts),
        sum(used for parts in inside.values() for _, _, used in parts),
    )


def figures(line: Any) -> tuple[int, int, int, int]:
    return line.eligible, line.participants, line.entitlement_minutes, line.used_minutes


class TestUtilisation:
    @given(parents=TREES, rows=ROWS, bars=BARS)
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_equals_a_count_person_by_person(self, app, parents, rows, bars):
        bars = {unit: minutes for unit, minutes in bars.items() if unit < len(parents)}
        rows = {(person, unit % len(parents)): minutes for (person, unit), minutes in rows.items()}
        try:
            store(parents, rows)
            move(rows)
            decide(bars)
            decided = policy.decided(QUARTER.last_day)
            lines = queries.utilisation_of_all(QUARTER)
            assert {line.unit_id - FIRST: figures(line) for line in lines} == {
                unit: oracle(parents, rows, unit, bars) for unit in range(len(parents))
            }
            for unit in range(len(parents)):
                below = queries.utilisation_below(QUARTER, FIRST + unit, decided)
                assert below == [line for line in lines if line.unit_id in {each.unit_id for each in below}]
                assert {line.unit_id - FIRST for line in below} == {
                    number for number, path in enumerate(paths(parents)) if unit in path
                }
                one = {line.unit_id - FIRST for line in queries.utilisation(QUARTER, FIRST + unit, decided)}
                assert one == {unit} | {number for number, parent in enumerate(parents) if parent == unit}
        finally:
            db.session.rollback()

    def test_counts_a_mover_once(self, app):
        store([None, 0, 0], {(1, 1): (30, 2000, 40), (1, 2): (20, 1000, 40), (2, 1): (60, 5775, 60)})

        lines = {line.unit_id - FIRST: figures(line) for line in queries.utilisation_of_all(QUARTER)}
        db.session.rollback()

        assert lines == {0: (2, 2, 8775, 140), 1: (2, 1, 7775, 100), 2: (1, 0, 1000, 40)}

    def test_measures_a_mover_by_the_unit_of_the_last_day_in_both(self, app):
        rows = {(1, 1): (30, 2000, 40), (1, 2): (20, 1000, 40)}
        store([None, 0, 0], rows)
        move(rows)
        decide({1: 1, 2: 41})

        lines = {line.unit_id - FIRST: line.participants for line in queries.utilisation_of_all(QUARTER)}
        db.session.rollback()

        assert lines == {0: 1, 1: 0, 2: 0}

    def test_takes_as_many_statements_for_a_large_tree_as_for_a_small_one(self, app):
        counts = []
        for size in (2, 40):
            store([None, *range(size)], {(person, size): (60, 5775, 60) for person in range(size)})
            decide(dict.fromkeys(range(size), 60))
            counts.append(counted(lambda: queries.utilisation_below(QUARTER, FIRST, policy.decided(QUARTER.last_day))))
            db.session.rollback()

        assert counts[0] == counts[1] <= 5

    def test_sorts_by_name(self, app):
        store([None, 0, 0, 0], {})
        names = [line.unit_name for line in queries.utilisation(QUARTER, FIRST, policy.decided(QUARTER.last_day))]
        db.session.rollback()
        assert names == sorted(names)


class TestReportFor:
    @pytest.fixture
    def story(self, app) -> Story:
        return Story()

    def test_starts_at_the_top_of_what_the_role_covers(self, story):
        assert queries.report_for(actor(story.team.hr), QUARTER, None).unit.code == "DEPT"

    def test_reaches_what_is_below_and_nothing_else(self, story):
        UnitFactory(code="OTHER")
        analyst = actor(story.team.hr)
        assert queries.report_for(analyst, QUARTER, "DEPT-TEAM").unit.code == "DEPT-TEAM"
        for code in ("OTHER", "NONE", "dept", "DEPT%"):
            with pytest.raises(NotFound):
                queries.report_for(analyst, QUARTER, code)

    def test_does_not_reach_above_the_unit_of_the_role(self, story):
        RoleGrantFactory(person_id=story.team.colleague.id, unit_id=story.team.unit.id, role=Role.AUDITOR)
        auditor = actor(story.team.colleague)
        assert queries.report_for(auditor, QUARTER, None).unit.code == "DEPT-TEAM"
        with pytest.raises(NotFound):
            queries.report_for(auditor, QUARTER, "DEPT")

    def test_ends_with_the_role(self, story):
        RoleGrantFactory(
            person_id=story.team.colleague.id,
            unit_id=story.team.unit.id,
            ends_on=NOW.date().replace(day=6),
        )
        with pytest.raises(NotFound):
            queries.report_for(actor(story.team.colleague), QUARTER, None)
