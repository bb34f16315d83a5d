"""Reading a CSV file that another system wrote."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.errors import Problem, RuleBroken
from tithe.kernel.feeds import Cells, RowError, read_date, read_rows

COLUMNS = ("number", "name", "note")
NEEDED = (("number", "name"),)
WORDS = st.text(st.characters(categories=["L", "N"]), max_size=20)


def read(content: bytes) -> list[Cells | RowError]:
    return list(read_rows(BytesIO(content), COLUMNS, NEEDED))


class TestReadRows:
    def test_gives_each_row_under_its_columns_in_any_order(self):
        [row] = read(b"Name,NUMBER\nAda, 7 \n")

        assert (row.line, row["number"], row["name"], row["note"]) == (2, "7", "Ada", "")
        assert row.given == {"number", "name"}

    def test_counts_lines_past_blank_rows_and_breaks_within_cells(self):
        rows = read(b'number,name\n\n1,"two\nlines"\n2,x\n')

        assert [each.line for each in rows] == [3, 5]
        assert rows[0] == RowError(3, "name", "expected at most 200 characters that can be printed")

    def test_names_a_fault_by_its_line_and_column(self):
        assert RowError(3, "name", "expected a name").problem == Problem("Line 3, name: expected a name", "rows.2.name")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"%PDF-1.7", "Save the sheet as CSV"),
            (b"number,salary\n", "does not take: salary"),
            (b"note\n", "lacks a column: number or name"),
            (b"number,number\n", "a column twice"),
            (b'number\n"1\n', "line 2 cannot be read"),
        ],
    )
    def test_refuses_what_is_no_such_file(self, content, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            read(content)

        assert refusal.value.field == "file"

    @given(
        st.lists(st.tuples(WORDS, WORDS), max_size=5),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        st.sampled_from(",;\t"),
    )
    def test_gives_back_what_was_written_in_any_encoding(self, pairs, encoding, delimiter):
        lines = [("number", "name"), *pairs]
        content = "\n".join(delimiter.join(each) for each in lines).encode(encoding)

        found = [(each["number"], each["name"]) for each in read(content) if isinstance(each, Cells)]

        assert found == [each for each in pairs if any(each)]

    def test_reads_windows_1252_where_it_is_not_utf_8(self):
        [row] = read("number,name\n1,Zoë\n".encode("cp1252"))

        assert row["name"] == "Zoë"

    def test_keeps_no_row_in_memory(self):
        content = b"number,name\n" + b"1,A name of some length\n" * 100_000
        tracemalloc.start()

        count = sum(1 for _ in read_rows(BytesIO(content), COLUMNS, NEEDED))

        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == 100_000
        assert peak < 1_000_000 + len(content)


class TestReadDate:
    @given(st.dates())
    def test_reads_both_ways_to_write_a_day_of_this_century_and_no_other(self, day):
        known = day if 2000 <= day.year <= 2099 else None

        assert read_date(day.isoformat()) == known
        assert read_date(f"{day.day:02}/{day.month:02}/{day.year:04}") == known

    def test_reaches_back_as_far_as_it_is_told_to(self):
        assert read_date("1985-03-01", 1940) is not None
        assert read_date("1939-12-31", 1940) is None
