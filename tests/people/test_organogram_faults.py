"""What is reported, what is refused and what is read all the same in published files with faults."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people.organograms import (
    JUNIOR_HEADINGS,
    SENIOR_HEADINGS,
    as_csv,
    assert_lines_hold,
    junior,
    read,
    read_bytes,
    said,
    senior,
    titles_of_managers,
)
from tithe.kernel.errors import RuleBroken


class TestProblems:
    @pytest.mark.parametrize("fte", ["abc", "nan", "Infinity", "1e3", "１", "1_0", "1,5"])
    def test_an_fte_that_is_no_number_leaves_the_row_out(self, fte):
        plan = read([senior("1")], [junior("1"), junior("1", fte=fte)])

        assert said(plan) == [("junior.csv", 3, f"FTE “{fte}” is not a number; the row was left out")]
        assert plan.fte_junior == 1
        assert plan.junior_rows == 2

    @pytest.mark.parametrize(
        ("fte", "why"),
        [("", "blank"), ("N/D", "blank"), ("0", "not more than nothing"), ("-1", "not more than nothing"),
         ("0.00001", "not more than nothing"), ("10000.01", "over 10,000")],
    )  # fmt: skip
    def test_an_fte_out_of_range_leaves_the_row_out(self, fte, why):
        plan = read([senior("1")], [junior("1", fte=fte)])

        assert len(plan.people) == 1
        assert why in plan.problems[0].reason

    def test_a_senior_post_with_no_fte_is_left_empty_and_its_reports_go_up(self):
        plan = read([senior("1"), senior("2", "1", fte="?")], [junior("2")])

        assert titles_of_managers(plan) == {"Head 1": None, "Adviser": "Head 1"}
        assert plan.problems[0].line == 3
        assert plan.vacant == 0

    def test_a_senior_post_of_more_than_one_person_is_loaded_as_one(self):
        plan = read([senior("1", fte="1.5")], [])

        assert plan.fte_senior == 1
        assert "more than one person's" in plan.problems[0].reason

    def test_the_first_row_of_a_reference_that_somebody_fills_stands_for_all(self):
        rows = [senior("1", fte="0.5", name="Vacant"), senior("1", fte="0.6"), senior("1", fte="0.7")]
        plan = read(rows, [])

        assert plan.fte_senior == Decimal("0.6")
        assert said(plan) == [
            ("senior.csv", 2, "post reference “1” stands on line 3 too; this row was left out"),
            ("senior.csv", 4, "post reference “1” stands on line 3 too; this row was left out"),
        ]
        assert (plan.senior_posts, plan.vacant) == (1, 0)

    def test_supervisors_that_do_not_exist_are_named_and_the_rest_loads(self):
        plan = read(
            [senior("1"), senior("2", "77")],
            [junior("88"), junior("", title="Analyst"), junior("1", title="C")],
        )

        assert titles_of_managers(plan) == {
            "Head 1": None,
            "Head 2": None,
            "Adviser": None,
            "Analyst": None,
            "C": "Head 1",
        }
        assert said(plan) == [
            (
                "senior.csv",
                3,
                "there is no one post “77” to report to; the post was loaded without a manager",
            ),
            ("junior.csv", 2, "there is no one post “88” to report to; the row was loaded without a manager"),
            ("junior.csv", 3, "no post is named to report to; the row was loaded without a manager"),
        ]

    def test_a_loop_is_broken_at_its_highest_post(self):
        plan = read([senior("1", "3"), senior("2", "1"), senior("3", "2", "SCS2"), senior("4", "4")], [])

        assert titles_of_managers(plan) == {
            "Head 1": "Head 3",
            "Head 2": "Head 1",
            "Head 3": None,
            "Head 4": None,
        }
        assert said(plan) == [
            ("senior.csv", 4, "the posts report to one another in a loop (3 → 2 → 1 → 3);"
             " this post was loaded without a manager"),
            ("senior.csv", 5, "the posts report to one another in a loop (4 → 4);"
             " this post was loaded without a manager"),
        ]  # fmt: skip

    def test_a_post_without_reference_or_place_is_left_out(self):
        nowhere = ["5", "N/D", "SCS1", "Head", "", "N/A", "", "1", "1"]
        plan = read([senior("1"), senior(""), nowhere], [])

        assert len(plan.people) == 1
        assert [line for _, line, _ in said(plan)] == [3, 4]

    def test_a_row_with_too_many_cells_is_left_out(self):
        plan = read([senior("1")], [[*junior("1"), "", ""], [*junior("1"), "extra"]])

        assert plan.fte_junior == 1
        assert said(plan) == [("junior.csv", 3, "the row has 10 cells under 9 headings; the row was left out")]

    def test_lines_are_counted_as_an_editor_counts_them(self):
        plan = read([senior("1")], [junior("1", title="one\ntwo\r\nthree"), [""] * 9, junior("1", fte="bad")])

        assert plan.problems[0].line == 6
        assert {person.post_title for person in plan.people} == {"Head 1", "one two three"}

    def test_control_and_invisible_characters_are_cleaned_away(self):
        plan = read([senior("1")], [junior("1", title="Data\x00 \x07Analyst\u200b\u202e\xa0Lead")])

        assert plan.people[1].post_title == "Data Analyst Lead"

    def test_a_nul_is_named_with_its_line(self):
        plan = read([senior("1")], [junior("1"), junior("1", title="Data\x00 Analyst")])

        words = "the row holds NUL characters; each was replaced with a space"
        assert said(plan) == [("junior.csv", 3, words)]


class TestEncodings:
    JUNIORS = as_csv(JUNIOR_HEADINGS, [junior("1", title="Café manager"), junior("1", title="Clerk")])
    SENIORS = as_csv(SENIOR_HEADINGS, [senior("1")])

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_unicode_is_read_as_it_is(self, encoding):
        plan = read_bytes(self.SENIORS, self.JUNIORS.decode().encode(encoding))

        assert plan.problems == ()
        assert "Café manager" in titles_of_managers(plan)

    def test_windows_1252_is_read_and_said_once(self):
        plan = read_bytes(self.SENIORS, self.JUNIORS.decode().encode("cp1252"))

        assert "Café manager" in titles_of_managers(plan)
        assert said(plan) == [("junior.csv", 1, "the file is not UTF-8; it was read as Windows-1252")]

    def test_a_line_in_another_encoding_is_named(self):
        plan = read_bytes(self.SENIORS, self.JUNIORS.replace("é".encode(), b"\xe9"))

        assert "Café manager" in titles_of_managers(plan)
        assert said(plan) == [("junior.csv", 2, "the line is not UTF-8; it was read as Windows-1252")]

    def test_bytes_of_no_encoding_are_replaced_and_named(self):
        plan = read_bytes(self.SENIORS, self.JUNIORS.replace("é".encode(), b"\x81"))

        assert "Caf\ufffd manager" in titles_of_managers(plan)
        assert plan.problems[0].line == 2


class TestRefusals:
    SENIORS = as_csv(SENIOR_HEADINGS, [senior("1")])
    JUNIORS = as_csv(JUNIOR_HEADINGS, [junior("1")])

    @pytest.mark.parametrize(
        ("seniors", "juniors", "words"),
        [
            (b"", JUNIORS, "senior.csv is empty"),
            (SENIORS, b" \r\n\n", "junior.csv is empty"),
            (as_csv(SENIOR_HEADINGS, []), JUNIORS, "senior.csv is empty: it has headings and no posts"),
            (JUNIORS, SENIORS, "The files are swapped: senior.csv holds junior posts"),
            (SENIORS, SENIORS, "junior.csv is a file of senior posts, not of junior posts"),
            (JUNIORS, JUNIORS, "senior.csv is a file of junior posts, not of senior posts"),
            (
                b"a,b\n1,2",
                JUNIORS,
                "senior.csv is not a file of senior posts: it has no column “Post Unique Ref",
            ),
            (SENIORS, JUNIORS.replace(b"Grade", b"Level"), "it has no column “Grade”"),
            (SENIORS, b"PK\x03\x04 and more", "junior.csv is not a CSV file"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", JUNIORS, "senior.csv is not a CSV file"),
            (b"Dear colleague\nplease find attached", JUNIORS, "senior.csv is not a CSV file"),
            (SENIORS, JUNIORS + b'"open, and never closed\n1,2\n', "line 3: a quotation mark is opened"),
            (SENIORS, JUNIORS + b"x" * 200_000, "line 3 cannot be read"),
            (b"\xff\xfe\x00", JUNIORS, "senior.csv is not a CSV file"),
        ],
    )
    def test_a_wrong_file_is_refused_whole(self, seniors, juniors, words):
        with pytest.raises(RuleBroken, match=words.replace("(", r"\(")):
            read_bytes(seniors, juniors)

    def test_more_people_than_any_department_has_are_refused(self):
        with pytest.raises(RuleBroken, match="260,000 people"):
            read([senior("1")], [junior("1", fte="10000")] * 26)


class TestHeadings:
    def test_may_be_renamed_moved_and_led_by_an_index(self):
        seniors = as_csv(
            [
                "",
                *[heading.replace("Grade (or equivalent)", "GRADE") for heading in reversed(SENIOR_HEADINGS)],
            ],
            [["0", *reversed(senior("1", fte="0.5"))]],
        )
        juniors = as_csv(
            [heading.replace("Grade", " Grade (or equivalent) ") for heading in JUNIOR_HEADINGS],
            [junior("1")],
        )

        plan = read_bytes(seniors, juniors)

        assert (plan.fte_senior, plan.fte_junior, plan.problems) == (Decimal("0.5"), 1, ())


class TestAnyBytes:
    @given(st.binary(max_size=300), st.binary(max_size=300))
    def test_are_read_or_refused_in_words(self, tail_of_senior, tail_of_junior):
        try:
            plan = read_bytes(TestRefusals.SENIORS + tail_of_senior, TestRefusals.JUNIORS + tail_of_junior)
        except RuleBroken:
            return
        assert_lines_hold(plan)
