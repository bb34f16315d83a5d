"""Many rows in one statement: stored as one by one, in their order, or added to what is there."""

from __future__ import annotations

from contextlib import nullcontext as nothing
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update

from tests.factories.people import PersonFactory, UnitFactory
from tests.support.contents import statements
from tithe.allowance.models import Absence, BlackoutPeriod, LedgerLine, PersonQuarter
from tithe.allowance.rules.blackouts import BlackoutGround
from tithe.allowance.rules.ledger import LedgerKind
from tithe.kernel.bulk import MANY, insert_rows
from tithe.kernel.clock import LONDON
from tithe.kernel.db import Base, db, table_of, unit_of_work
from tithe.kernel.errors import Conflict
from tithe.notices.models import Notice
from tithe.notices.rules.outbox import NoticeStatus

EARLY, LATE = datetime(2026, 8, 24, 9, 30, tzinfo=LONDON), datetime(2026, 12, 1, 17, 0, 0, 125, tzinfo=UTC)
STRANGE = "é “\U0001f600” \\ ' \" ? :x %s %(x)s $[0] \n\t\x01\u2028"


def notice(number: int, **facts):
    return {
        "person_id": 1,
        "event": "test",
        "subject": f"Number {number}",
        "body": STRANGE,
        "path": "",
        "message_id": f"{number}@tests",
        "created_at": EARLY,
        "next_attempt_at": LATE,
        "read_at": None,
        "about_id": 2**62 + number,
        **facts,
    }


def write(model: type[Base], rows, **more) -> None:
    with unit_of_work():
        insert_rows(model, rows, **more)


def stored(model: type[Base], *unlike: str):
    """All rows in the order in which they were given a number, without the columns that are never alike."""
    table = table_of(model)
    found = db.session.execute(select(table).order_by(*table.primary_key)).mappings().all()
    db.session.rollback()
    return [{name: value for name, value in row.items() if name not in ("id", *unlike)} for row in found]


@pytest.fixture
def person(app):
    return PersonFactory(id=1)


class TestManyRows:
    def test_are_stored_as_each_is_by_itself(self, person):
        given = [notice(1), notice(2, body="", read_at=LATE, created_at=LATE, about_id=None), notice(3)]
        for row in given:
            write(Notice, [row])
        alone = stored(Notice, "message_id")

        write(Notice, [row | {"message_id": f"again-{row['message_id']}"} for row in given])

        assert stored(Notice, "message_id")[3:] == alone
        assert [row["body"] for row in alone] == [STRANGE, "", STRANGE]
        assert [row["created_at"] for row in alone] == [EARLY, LATE, EARLY]
        assert db.session.scalar(select(func.count(Notice.created_at.distinct()))) == 2, "spelt alike, too"

    def test_have_the_defaults_of_the_model(self, person):
        write(Notice, [notice(1), notice(2)])

        assert [(row["status"], row["attempts"]) for row in stored(Notice)] == [(NoticeStatus.WAITING, 0)] * 2

    def test_keep_lists_and_facts_whole(self, person):
        unit, facts = UnitFactory(), {"total": 225, "words": STRANGE, "days": [["2026-08-24", None, True]], "none": {}}
        line = {"person_id": 1, "quarter": "2026-27Q2", "kind": LedgerKind.USE, "minutes": -225, "reason": "Week"}
        line |= {"source": "test", "source_version": 1, "unit_id": unit.id, "at": EARLY}

        write(LedgerLine, [line | {"source_id": n, "facts": facts | {"n": n}} for n in (1, 2)])

        assert [row["facts"] for row in stored(LedgerLine)] == [facts | {"n": 1}, facts | {"n": 2}]
        assert [row["kind"] for row in stored(LedgerLine)] == [LedgerKind.USE] * 2

    def test_that_share_a_column_are_stored_no_differently(self, person):
        unit, facts = UnitFactory(), {"words": STRANGE, "days": [["2026-08-24", None, True]]}
        line = {"person_id": 1, "quarter": "2026-27Q2", "applies_to": None, "kind": LedgerKind.USE, "minutes": -225}
        line |= {"reason": STRANGE, "source": "test", "unit_id": unit.id, "at": EARLY, "facts": facts}

        write(LedgerLine, [line | {"source_id": n, "source_version": 1} for n in range(MANY)])
        write(LedgerLine, [line | {"source_id": n, "source_version": 2} for n in range(MANY - 1)])

        kept = stored(LedgerLine, "source_id", "source_version")
        assert kept == [line | {"expires": None, "policy_id": None, "actor_id": None}] * (2 * MANY - 1)
        assert [row["source_id"] for row in stored(LedgerLine)] == [*range(MANY), *range(MANY - 1)]

    def test_may_be_alike_in_all(self, person):
        blackout = {"unit_id": UnitFactory().id, "starts_on": date(2026, 8, 1), "last_day": date(2026, 8, 31)}
        blackout |= {"ground": BlackoutGround.PEAK, "reason": STRANGE, "emergency": True}
        blackout |= {"set_by": 1, "set_at": EARLY, "lifted_at": None}

        write(BlackoutPeriod, [blackout] * MANY)

        assert stored(BlackoutPeriod) == [blackout] * MANY

    def test_keep_days_and_answers(self, person):
        days = [{"day": date(2026, 8, n), "reduces_accrual": n == 1} for n in (1, 2)]

        write(Absence, [day | {"person_id": 1, "minutes": 60, "source": "own"} for day in days])

        assert [(row["day"], row["reduces_accrual"]) for row in stored(Absence)] == [
            (date(2026, 8, 1), True),
            (date(2026, 8, 2), False),
        ]

    def test_are_one_statement_that_is_the_same_for_more(self, person):
        with statements() as sent:
            write(Notice, [notice(n) for n in range(MANY)])
            write(Notice, [notice(n) for n in range(MANY, 600)])

        assert len(sent) == 2
        assert len(set(sent)) == 1
        assert "json" in sent[0]
        assert [row["subject"] for row in stored(Notice)] == [f"Number {n}" for n in range(600)]

    def test_may_be_none(self, app):
        write(Notice, [])

        assert stored(Notice) == []


class TestARow:
    def test_that_lacks_a_column_of_the_others_is_a_fault(self, person):
        lacking = notice(2)
        del lacking["read_at"]

        with pytest.raises(KeyError):
            write(Notice, [notice(1), lacking])

    @pytest.mark.parametrize("wrong", [{"message_id": "1@tests"}, {"about_id": None, "recheck": "any"}])
    def test_that_the_database_refuses_keeps_out_the_others(self, person, wrong):
        with pytest.raises(Conflict):
            write(Notice, [notice(1) | {"recheck": ""}, notice(2) | {"recheck": ""} | wrong])

        assert stored(Notice) == []

    def test_with_a_moment_without_a_zone_is_refused(self, person):
        with pytest.raises(ValueError, match="time zone"):
            write(Notice, [notice(1), notice(2, created_at=datetime(2026, 8, 24))])  # noqa: DTZ001 the very fault

    def test_with_text_too_long_for_its_column_is_never_cut(self, person):
        words = "x" * 201

        with pytest.raises(Exception, match="too long") if db.engine.dialect.name == "postgresql" else nothing():
            write(Notice, [notice(1), notice(2, subject=words)])

        assert words[:-1] not in [row["subject"] for row in stored(Notice)]


class TestSums:
    SUMS = ("accruing_days", "accrued", "used", "other")

    def test_are_added_to_the_row_that_is_there(self, person):
        unit = UnitFactory()
        place = {"quarter": "2026-27Q2", "person_id": 1, "unit_id": unit.id}
        write(PersonQuarter, [place | dict(zip(self.SUMS, (60, 2886, 45, -5), strict=True))], sums=self.SUMS)
        with unit_of_work() as session:
            session.execute(update(PersonQuarter).values(split=True))

        other = place | {"quarter": "2026-27Q3"}
        more = [each | {"split": False, **dict(zip(self.SUMS, (1, 2, 3, 4), strict=True))} for each in (place, other)]
        write(PersonQuarter, more, sums=self.SUMS)

        assert [tuple(row[name] for name in ("split", *self.SUMS)) for row in stored(PersonQuarter)] == [
            (True, 61, 2888, 48, -1),
            (False, 1, 2, 3, 4),
        ]
