"""Reading a department's two published files into units and people."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people.organograms import (
    assert_lines_hold,
    junior,
    published,
    read,
    said,
    senior,
    titles_of_managers,
)
from tithe.people.rules.grades import Grade
from tithe.people.rules.names import FAMILY_NAMES, GIVEN_NAMES


class TestUnits:
    def test_stand_below_their_organisation_and_department(self):
        plan = read([senior("1")], [junior("1", unit="Secure Accommodation")])

        assert [(unit.code, unit.name, unit.parent_code) for unit in plan.units] == [
            ("MOJ", "Ministry of Justice", None),
            ("YJB", "Youth Justice Board", "MOJ"),
            ("YJB-SECURE-ACCOMMODATION", "Secure Accommodation", "YJB"),
            ("YJB-STRATEGY", "Strategy", "YJB"),
        ]

    def test_are_one_whatever_the_capitals_and_keep_the_first_spelling(self):
        plan = read([senior("1", unit="Strategy")], [junior("1", unit=" STRATEGY  ")])

        assert [unit.name for unit in plan.units][-1] == "Strategy"
        assert {person.unit_code for person in plan.people} == {"YJB-STRATEGY"}

    def test_a_unit_not_given_is_the_organisation_itself(self):
        plan = read([senior("1", unit="N/A")], [])

        assert plan.people[0].unit_code == "YJB"

    def test_get_different_codes_when_their_names_come_to_the_same(self):
        plan = read([senior("1", unit="Risk & Audit"), senior("2", "1", unit="Risk Audit")], [])

        codes = [unit.code for unit in plan.units]
        assert len(set(codes)) == len(codes)
        assert all(code.startswith("YJB-RISK-AUDIT-") for code in codes[2:])

    def test_have_short_codes_however_long_the_name(self):
        plan = read([senior("1", unit="Very " * 60 + "long"), senior("2", "1", unit="日本")], [])

        assert all(len(unit.code) <= 60 and len(unit.name) <= 200 for unit in plan.units)
        assert "unit is 304 characters long; it was shortened to 200" in plan.problems[0].reason


class TestPeople:
    def test_a_junior_row_becomes_its_number_of_people(self):
        plan = read([senior("1")], [junior("1", fte="10.6")])

        assert Counter(person.fte_bp for person in plan.people if not person.senior) == {10_000: 10, 6_000: 1}
        assert {person.weekly_minutes for person in plan.people} == {2220, 1332}
        assert plan.fte_junior == Decimal("10.6")

    def test_a_senior_post_becomes_its_holder_under_the_post_above(self):
        plan = read([senior("1", "2", fte="0.14"), senior("2", "XX", "SCS2")], [])

        assert titles_of_managers(plan) == {"Head 1": "Head 2", "Head 2": None}
        assert plan.fte_senior == Decimal("1.14")

    def test_have_made_up_names_and_addresses_that_are_their_own(self):
        plan = read([senior("1", name="Secret Person")], [junior("1", fte="40")])

        assert all(set(person.name.split()) <= {*GIVEN_NAMES, *FAMILY_NAMES} for person in plan.people)
        assert all(person.email.endswith("@youth-justice-board.example.org") for person in plan.people)
        assert len({person.email for person in plan.people}) == len({p.staff_number for p in plan.people}) == 41

    def test_stay_the_same_people_when_another_row_is_added(self):
        before = read([senior("1")], [junior("1", fte="2")])
        after = read([senior("1"), senior("9", "1")], [junior("9", "HEO"), junior("1", fte="2")])

        assert {p.key for p in before.people} < {p.key for p in after.people}
        assert {(p.key, p.name, p.email) for p in before.people} < {(p.key, p.name, p.email) for p in after.people}

    def test_equal_references_in_two_organisations_are_two_posts(self):
        plan = read([senior("1"), senior("1", org="Legal Aid Agency")], [junior("1", org="Legal Aid Agency")])

        assert plan.problems == ()
        assert len({person.key for person in plan.people}) == 3


class TestReportingLines:
    def test_staff_stand_in_line_by_grade_under_their_post(self):
        plan = read(
            [senior("1")],
            [junior("1", "AO", title="C"), junior("1", "G7", title="A"), junior("1", "HEO", title="B")],
        )

        assert titles_of_managers(plan) == {"Head 1": None, "A": "Head 1", "B": "A", "C": "B"}

    def test_the_thirteenth_post_goes_below_one_of_the_same_or_a_higher_grade(self):
        posts = [senior(str(number), "1", "SCS2" if number < 14 else "SCS1") for number in range(2, 15)]
        plan = read([senior("1", "XX", "SCS3"), *posts], [])

        reports = Counter(titles_of_managers(plan).values())
        assert reports["Head 1"] == 12
        assert titles_of_managers(plan)["Head 14"] not in (None, "Head 1")
        assert_lines_hold(plan)

    def test_a_whole_force_in_one_row_is_put_in_teams(self):
        plan = read([senior("1")], [junior("1", "IO", "633.15"), junior("1", "AIO", "94.65")])

        assert_lines_hold(plan)
        assert plan.fte_junior == Decimal("727.80")
        assert sum(person.manager_key is None for person in plan.people) == 1

    def test_an_unknown_grade_is_listed_and_put_below_an_executive_officer(self):
        plan = read(
            [senior("1")],
            [junior("1", "EO", title="A"), junior("1", "Wizard", title="B"), junior("1", "", title="C")],
        )

        assert plan.unmapped_grades == ("(blank)", "Wizard")
        assert titles_of_managers(plan)["B"] == "A"
        assert {person.grade_text for person in plan.people if person.grade is None} == {"Wizard", ""}

    @pytest.mark.parametrize("name", ["Vacant", "VACANT ", "Eliminated", "Vacant post"])
    def test_reports_of_a_post_nobody_holds_go_to_the_next_holder_up(self, name):
        plan = read([senior("1"), senior("2", "1", name=name), senior("3", "2")], [junior("2")])

        assert titles_of_managers(plan) == {"Head 1": None, "Head 3": "Head 1", "Adviser": "Head 1"}
        assert (plan.vacant, plan.senior_posts, plan.problems) == (1, 3, ())
        assert plan.fte_senior == 2

    @pytest.mark.parametrize(
        "marked",
        [
            {"said": "'Post eliminated'"},
            {"said": "[u'Post Eliminated', u'Outward Secondment']"},
            {"notes": "post eliminated"},
        ],
    )
    def test_a_post_said_to_be_eliminated_holds_nobody_whatever_its_name(self, marked):
        plan = read([senior("1"), senior("2", "1", **marked), senior("3", "2")], [junior("2")])

        assert titles_of_managers(plan) == {"Head 1": None, "Head 3": "Head 1", "Adviser": "Head 1"}
        assert (plan.vacant, plan.fte_senior, plan.problems) == (1, 2, ())

    def test_nobody_is_put_under_a_lower_grade(self):
        plan = read([senior("1", "XX", "SCS3"), senior("2", "1"), senior("3", "2", "SCS2")], [])

        assert titles_of_managers(plan)["Head 3"] == "Head 1"
        assert said(plan) == [
            ("senior.csv", 4, "grade “SCS2” is above that of post “2”, “SCS1”, which cannot manage it;"
             " it was put under post “1”"),
        ]  # fmt: skip


FTES = st.decimals("0.01", "30", places=2).map(str)
GRADES = st.sampled_from(["AA", "AO", "EO (L)", "HEO", "SEO", "G7", "Grade 6", "Wizard", "SCS1", ""])
REFERENCES = [str(number) for number in range(1, 16)]
SENIORS = st.tuples(
    st.sampled_from(["1", *REFERENCES, "XX", "99"]), st.sampled_from(["SCS1", "SCS2", "SCS3", "Wizard"]),
    st.sampled_from(["N/D", "N/D", "N/D", "Vacant"]), st.sampled_from(["Strategy", "Estates"]),
)  # fmt: skip
JUNIORS = st.tuples(
    st.sampled_from([*REFERENCES, "99", ""]), GRADES, FTES, st.sampled_from(["Strategy", "Estates", "N/A"])
)


@st.composite
def organograms(draw):
    posts = draw(st.lists(SENIORS, min_size=1, max_size=15))
    seniors = [
        senior(reference, to, grade, name=name, unit=unit)
        for reference, (to, grade, name, unit) in zip(REFERENCES, posts, strict=False)
    ]
    return seniors, [junior(*row) for row in draw(st.lists(JUNIORS, max_size=25))]


class TestLaws:
    @given(organograms())
    @settings(max_examples=150, deadline=None)
    def test_full_time_equivalents_are_kept_to_the_hundredth(self, files):
        seniors, juniors = files
        plan = read(seniors, juniors)

        assert plan.fte_junior == sum(Decimal(row[7]) for row in juniors)
        assert plan.fte_senior == sum(row[1] != "Vacant" for row in seniors)

    @given(organograms())
    @settings(max_examples=150, deadline=None)
    def test_no_manager_has_too_many_reports_or_a_lower_grade_and_nobody_is_in_a_loop(self, files):
        assert_lines_hold(read(*files))

    @given(organograms(), st.randoms(use_true_random=False))
    @settings(max_examples=100, deadline=None)
    def test_the_order_of_rows_changes_nothing_but_line_numbers(self, files, random):
        seniors, juniors = files
        plan = read(seniors, juniors)
        random.shuffle(seniors)
        random.shuffle(juniors)
        shuffled = read(seniors, juniors)

        assert shuffled.people == plan.people
        assert shuffled.units == plan.units
        assert sorted(each.reason for each in shuffled.problems) == sorted(each.reason for each in plan.problems)


class TestPublishedFiles:
    @pytest.mark.parametrize(
        ("name", "people", "fte_junior", "fte_senior", "unknown", "problems"),
        [
            ("youth_justice_board-2011-09-30", 223, "201.92", "7.22", (), 0),
            ("defra-2011-09-30", 2131, "1964.23", "102.24", ("Unknown (N)",), 3),
            ("home_office-2012-09-30", 10_675, "10409.22", "172.2", ("Police Staff", "Unknown"), 11),
        ],
    )
    def test_load_with_every_hour_and_sound_lines(self, name, people, fte_junior, fte_senior, unknown, problems):
        plan = published(name)

        assert len(plan.people) == people
        assert (plan.fte_junior, plan.fte_senior) == (Decimal(fte_junior), Decimal(fte_senior))
        assert plan.unmapped_grades == unknown
        assert len(plan.problems) == problems
        assert sum(person.manager_key is None for person in plan.people) == 1
        assert len({person.email for person in plan.people}) == people
        assert_lines_hold(plan)

    def test_keep_the_first_of_two_rows_for_one_post(self):
        plan = published("home_office-2012-09-30")

        by_title = {person.post_title: person for person in plan.people if person.senior}
        assert by_title["Head of HR Policy, Relations and Reward"].grade is Grade.SCS2
        reason = "post reference “1GEO05” stands on line 23 too; this row was left out"
        assert ("home_office-2012-09-30-senior.csv", 24, reason) in said(plan)
