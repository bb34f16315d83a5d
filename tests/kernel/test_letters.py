"""Names are found without their marks, by the same letters in Python, SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select

from tithe.kernel.db import db
from tithe.kernel.letters import PLAIN, fold

NAMES = {
    "Zoë Müller-Núñez": "zoe muller nunez",
    "MÜLLER": "muller",
    "Zoe\u0308 Mu\u0308ller": "zoe muller",  # marks as letters of their own
    "Straße ẞ": "strasse ss",
    "Łukasz Żółć": "lukasz zolc",
    "Øystein Ødegård": "oystein odegard",
    "İbrahim Işık": "ibrahim isik",
    "O’Neill O'Neill Oʼneill": "oneill oneill oneill",
    "Pryce–Jones": "pryce jones",
    "Ælfgifu Þóra Đặng": "aelfgifu thora dang",
    "Nguyễn Thị Ánh": "nguyen thi anh",
    "ΣΩΚΡΆΤΗΣ Σωκράτης": "σωκρατησ σωκρατησ",
    "Ёлкина": "елкина",
    "李 小龙": "李 小龙",
    "\"Quotes\\\" %_": "\"quotes\\\" %_",
}  # fmt: skip
LETTERS = st.text(
    st.sampled_from(sorted(set(PLAIN) - {"\0"})) | st.characters(exclude_characters="\0", exclude_categories=["Cs"])
)


def folded_by_the_database(text: str) -> str:
    return str(db.session.scalar(select(func.fold(literal(text)))))


class TestFold:
    @pytest.mark.parametrize(("name", "plain"), NAMES.items())
    def test_takes_marks_off_letters(self, name, plain):
        assert fold(name) == plain

    @given(LETTERS)
    def test_changes_nothing_the_second_time(self, text):
        assert fold(fold(text)) == fold(text)

    @pytest.mark.parametrize("name", NAMES)
    def test_does_not_mind_capitals(self, name):
        assert fold(name.upper()) == fold(name.lower()) == fold(name)


class TestTheDatabase:
    def test_folds_every_letter_of_the_table_as_python_does(self, app):
        letters = [letter for letter in sorted(PLAIN) if letter != "\0"]
        assert folded_by_the_database("".join(letters)) == fold("".join(letters))
        for letter in letters:
            assert folded_by_the_database(letter) == fold(letter), hex(ord(letter))

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(text=LETTERS)
    def test_folds_any_text_as_python_does(self, app, text):
        assert folded_by_the_database(text) == fold(text)
