"""Finding people: by how words of their name begin, by unit and skill, page after page, as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select, update

from tests.factories.people import AssignmentFactory, PersonFactory, Team, UnitFactory
from tests.support.contents import counted
from tests.timesheets.weeks import NOW, actor
from tithe.access.actor import SYSTEM
from tithe.kernel.db import atomic, db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.people import directory
from tithe.people.directory import Find, find_people, get_card, people_in, reports_of
from tithe.people.forms.directory import read_place, write_place
from tithe.people.models import NameWord, Person
from tithe.people.operations.skills import set_skills
from tithe.people.rules.skills import skills_in

TODAY = NOW.date()


@pytest.fixture
def team(app):
    return Team()


def names(**find):
    found, _ = find_people(Find(**find), TODAY, by=SYSTEM)
    return [each.name for each in found]


@atomic
def rename(person_id, name):
    db.session.execute(update(Person).where(Person.id == person_id).values(name=name))


class TestNames:
    def test_are_found_by_how_any_word_begins(self, team):
        assert names(name="own") == ["Ada Owner"]
        assert names(name="ada ow") == ["Ada Owner"]
        assert names(name="OWNER Ada") == ["Ada Owner"]

    def test_are_not_found_by_what_is_inside_a_word(self, team):
        assert names(name="wner") == []
        assert names(name="ada max") == []

    def test_are_found_by_either_half_of_a_hyphen_and_by_letters_with_marks(self, team):
        PersonFactory(name="Zoë Pryce-Jones")
        PersonFactory(name='“Quotes\\ "and” %_')

        assert names(name="jon") == ["Zoë Pryce-Jones"]
        assert names(name="pryce-jones zoë") == ["Zoë Pryce-Jones"]
        assert names(name="%") == ['“Quotes\\ "and” %_']
        assert names(name="_") == []

    @pytest.mark.parametrize(
        ("name", "asked"),
        [
            ("Zoë Müller-Núñez", ("zoe", "muller", "MÜLLER", "mu\u0308ller", "nunez zoë", "müller-n")),
            ("Łukasz Straße", ("lukasz", "ŁUK", "strasse", "straße", "STRASSE")),
            ("Øystein İnce", ("oystein", "øy", "ince", "İNCE")),
            ("Siân O’Neill", ("sian", "oneill", "o'neill", "O’NEI")),
        ],
    )
    def test_are_found_with_marks_or_without(self, team, name, asked):
        PersonFactory(name=name)

        assert {text: names(name=text) for text in asked} == {text: [name] for text in asked}

    def test_of_units_are_found_without_marks_too(self, team):
        unit = UnitFactory(code="CYMRU", name="Swyddfa’r Tŷ Mawr")
        AssignmentFactory(person_id=team.owner.id, person=None, unit_id=unit.id, unit=None)

        assert names(unit="ty mawr") == names(unit="SWYDDFA’R TŶ") == ["Ada Owner"]

    def test_longer_in_plain_letters_than_a_word_may_be_are_cut(self, team):
        PersonFactory(name="ß" * 120)

        assert names(name="s" * 90) == ["ß" * 120]

    def test_follow_a_change_of_name_however_it_is_made(self, team):
        rename(team.owner.id, "Ada Newname")

        assert names(name="owner") == []
        assert names(name="newn") == ["Ada Newname"]

    def test_are_kept_when_many_are_added_at_once(self, team):
        rows = [{"name": f"Many {n}", "email": f"many.{n}@example.org", "starts_on": TODAY} for n in range(3)]
        atomic(lambda: db.session.execute(insert(Person), rows))()

        assert names(name="many") == ["Many 0", "Many 1", "Many 2"]
        words = db.session.scalars(select(NameWord.word).where(NameWord.word == "many")).all()
        assert len(words) == 3


class TestWho:
    def test_is_everybody_employed_that_day_in_the_order_of_names(self, team):
        PersonFactory(name="Gone Already", leaves_on=date(2026, 8, 6))
        PersonFactory(name="Later Joiner", starts_on=date(2026, 8, 8))
        PersonFactory(name="Nobody Nowhere")

        assert names() == [
            "Ada Owner", "Cal Colleague", "Dora Director", "Hana Analyst", "Max Manager", "Nobody Nowhere",
        ]  # fmt: skip

    def test_is_limited_to_a_unit_and_all_below_by_code_or_words_of_its_name(self, team):
        for unit in ("DEPT-TEAM", "dept-team", "tea"):
            assert names(unit=unit) == ["Ada Owner", "Cal Colleague", "Max Manager"]
        assert "Ada Owner" in names(unit="department of")
        assert names(unit="%") == names(unit="partment") == names(unit="NO-SUCH") == []
        assert names(unit="DEPT-TEAM", name="cal") == ["Cal Colleague"]

    def test_is_found_by_a_skill(self, team):
        set_skills(actor=actor(team.owner), skills=["Machine  learning", "Welsh"], now=NOW)

        assert names(skill="MACHINE l") == ["Ada Owner"]
        assert names(skill="french") == []
        [card], _ = find_people(Find("ada"), TODAY, by=SYSTEM)
        assert card.skills == ("Machine learning", "Welsh")

    def test_shows_every_post_of_that_day_the_newest_first_and_no_hours(self, team):
        other = UnitFactory(code="OTHER", name="Others")
        AssignmentFactory(person=team.owner, unit=other, starts_on=date(2026, 8, 1), post_title="Second job")
        AssignmentFactory(person=team.owner, unit=other, starts_on=date(2026, 9, 1))

        card = get_card(team.owner.id, TODAY, by=SYSTEM)

        assert [post.unit for post in card.posts] == ["OTHER", "DEPT-TEAM"]
        assert (card.posts[1].manager, card.posts[1].grade) == ("Max Manager", "HEO")
        assert not {"weekly_minutes", "fte_bp"} & set(vars(card.posts[0]))

    def test_has_no_page_once_they_have_left(self, team):
        gone = PersonFactory(leaves_on=date(2026, 8, 6))

        for person_id in (gone.id, 2_000_000_000, 2**40):
            with pytest.raises(NotFound):
                get_card(person_id, TODAY, by=SYSTEM)

    def test_has_reports_by_name(self, team):
        assert [each.name for each in reports_of(team.manager.id, TODAY)] == ["Ada Owner", "Cal Colleague"]
        assert [each.name for each in people_in(team.unit.id, TODAY)[0]] == [
            "Ada Owner",
            "Cal Colleague",
            "Max Manager",
        ]


class TestPages:
    def test_hold_everybody_once_even_of_one_name(self, team, monkeypatch):
        monkeypatch.setattr(directory, "PAGE", 2)
        for _ in range(5):
            PersonFactory(name="Same Name")

        seen, place = [], None
        while True:
            found, place = find_people(Find(), TODAY, by=SYSTEM, after=read_place(write_place(place)))
            seen += [each.id for each in found]
            if place is None:
                break

        assert len(seen) == len(set(seen)) == 10

    def test_take_as_many_statements_however_many_they_hold(self, team):
        few = counted(lambda: find_people(Find("max"), TODAY, by=SYSTEM))
        for _ in range(20):
            AssignmentFactory(unit=team.unit)

        assert few == counted(lambda: find_people(Find(), TODAY, by=SYSTEM)) == 3

    @pytest.mark.parametrize("text", ["x", "1", "0.A", "-1.A", "99999999999.A", "²."])
    def test_refuse_a_damaged_link(self, text):
        with pytest.raises(RuleBroken, match="damaged"):
            read_place(text)


class TestSkills:
    def test_are_kept_once_each_in_their_order_without_blank_lines(self):
        assert skills_in([" Maps ", "", "maps", "Data  science"]) == {"maps": "Maps", "data science": "Data science"}

    @pytest.mark.parametrize(
        ("lines", "words"),
        [(["x" * 61], "too long"), ([str(n) for n in range(21)], "at most 20"), (["a\x07"], "words")],
    )
    def test_are_refused_beyond_measure(self, lines, words):
        with pytest.raises(RuleBroken, match=words) as refusal:
            skills_in(lines)
        assert refusal.value.field == "skills"

    def test_are_replaced_and_taken_away(self, team):
        for skills in (["Maps", "Welsh"], ["Welsh"], []):
            assert set_skills(actor=actor(team.owner), skills=skills, now=NOW) == skills
            assert get_card(team.owner.id, TODAY, by=SYSTEM).skills == tuple(skills)
