"""Every column says what it holds about people, and whose it is can be found."""

from __future__ import annotations

import pytest

from tithe.kernel.db import Base
from tithe.kernel.privacy import Kept, Label
from tithe.oversight.labels import LABELS
from tithe.oversight.queries.own_data import names_person
from tithe.oversight.rules.retention import MONTHS

TABLES = Base.metadata.tables


class TestLabels:
    def test_stand_on_every_column_of_every_table_and_on_nothing_else(self):
        assert {name: sorted(held.labels) for name, held in LABELS.items()} == {
            name: sorted(table.c.keys()) for name, table in TABLES.items()
        }

    def test_are_one_a_column(self):
        for name, held in LABELS.items():
            assert set(held.labels.values()) <= set(Label), name

    def test_say_of_whom_wherever_a_row_names_a_person(self):
        nobodys = {name for name, held in LABELS.items() if not held.of}
        named = {name for name in nobodys for column in TABLES[name].c if names_person(column)}

        of_office = {"blackout_period", "outside_terms", "period", "quarter_report", "tithe_policy"}
        assert named == of_office, "acts of office, about units"

    def test_lead_from_a_row_to_a_person(self):
        for name, held in LABELS.items():
            for link in {*held.of, *held.words_by.values()}:
                column = TABLES[name].c[link]
                (reference,) = column.foreign_keys or [None]
                assert name == "person" or names_person(column) or LABELS[reference.column.table.name].of, (name, link)

    def test_hold_words_and_names_only_where_they_are_erased_one_day(self):
        forever = [
            (name, column)
            for name, held in LABELS.items()
            for column, label in held.labels.items()
            if label in (Label.IDENTIFYING, Label.SENSITIVE, Label.WORDS) and held.kept is Kept.ALWAYS
        ]

        assert forever == []

    def test_age_only_with_classes_that_are_counted_in_months(self):
        assert {held.kept for held in LABELS.values() if held.ages_by} <= set(MONTHS)

    @pytest.mark.parametrize("label", [Label.PERSONAL, Label.IDENTIFYING, Label.WORDS, Label.HIDDEN])
    def test_use_every_label(self, label):
        assert any(label in held.labels.values() for held in LABELS.values())
