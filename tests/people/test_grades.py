"""Departmental grades and the reference grades they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.people.rules.grades import Grade, rank, reference_grade


class TestReferenceGrade:
    @pytest.mark.parametrize("grade", list(Grade))
    def test_knows_each_reference_grade_by_its_own_name(self, grade):
        assert reference_grade(grade.value) is grade
        assert reference_grade(f"  {grade.value.lower()} (London) ") is grade

    @pytest.mark.parametrize(
        ("text", "grade"),
        [
            ("HEO (L)", Grade.HEO),
            ("HEO-D", Grade.HEO),
            ("H.E.O.", Grade.HEO),
            ("Higher Executive Officer", Grade.HEO),
            ("Higher Officer", Grade.HEO),
            ("Officer", Grade.EO),
            ("Senior Officer (National)", Grade.SEO),
            ("Band D (National)", Grade.EO),
            ("Band D", Grade.EO),
            ("G7 (London)", Grade.G7),
            ("Grade 7", Grade.G7),
            ("Grade 7 Economist", Grade.G7),
            ("Grade 6 (GEO)", Grade.G6),
            ("SCS1A", Grade.SCS1),
            ("SCS PB2", Grade.SCS2),
            ("SCS Pay Band 3", Grade.SCS3),
            ("SCS", Grade.SCS1),
            ("Permanent Secretary", Grade.SCS4),
            ("Director General", Grade.SCS3),
            ("EO (AIO) (London)", Grade.EO),
            ("HEO (IO) (London)", Grade.HEO),
            ("SEO (SRO) (London)", Grade.SEO),
            ("IO (GEO)", Grade.EO),
            ("IO", Grade.EO),
            ("CIO", Grade.HEO),
            ("AIO", Grade.AO),
            ("Immigration Inspector", Grade.SEO),
            ("HSO", Grade.HEO),
            ("SSO", Grade.SEO),
            ("RO", Grade.HEO),
            ("SRO", Grade.SEO),
            ("PS", Grade.AO),
            ("Personal Secretary", Grade.AO),
            ("SPS", Grade.EO),
            ("FS (L)", Grade.HEO),
            ("Fast Stream", Grade.HEO),
            ("Senior Librarian", Grade.SEO),
            ("OF-6", Grade.SCS1),
            ("2*", Grade.SCS2),
        ],
    )
    def test_places_what_departments_write(self, text, grade):
        assert reference_grade(text) is grade

    @pytest.mark.parametrize(("text", "lower"), [("Grade 6/7", Grade.G7), ("G7/G6", Grade.G7), ("HEO/SEO", Grade.HEO)])
    def test_takes_the_lower_of_two_grades(self, text, lower):
        assert reference_grade(text) is lower

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "/",
            "N/A",
            "Unknown",
            "Unknown (N)",
            "Police Staff",
            "Director of Music",
            "Grade 70",
            "SCS 10",
            "AOX",
        ],
    )
    def test_leaves_what_nobody_could_place_unknown(self, text):
        assert reference_grade(text) is None

    @given(st.text(max_size=60))
    def test_answers_for_any_text(self, text):
        assert reference_grade(text) in {None, *Grade}


class TestRank:
    def test_rises_with_the_grade(self):
        ranks = [rank(grade) for grade in Grade]

        assert ranks == sorted(set(ranks))

    def test_puts_an_unknown_grade_below_an_executive_officer(self):
        assert rank(Grade.AO) < rank(None) < rank(Grade.EO)
