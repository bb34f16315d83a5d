"""What makes a password, and the secret half of a mailed link."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.people.rules.passwords import COMMON, LONGEST, SHORTEST, Owner, problem_with
from tithe.people.rules.secrets import LINK_PATH, as_mailed, opened, sealed

ADA = Owner("Ada Óconnor-Smith", "ada.smith@justice.example.org", "S000123")
NOBODY = Owner()
ANY = st.text(min_size=SHORTEST, max_size=LONGEST)


class TestProblemWith:
    @pytest.mark.parametrize(
        "password",
        [
            "purple otters knit badly",
            "a quiet friday afternoon",
            "x7!kQ-9vLw2#pZ_r",
            "Иван печёт пирожки",
            "jam; gravel; violin",
            "()[]{}<>;:,.-_#",
            "ada lovelace grew turnips in leeds",
        ],
    )
    def test_finds_none_with_a_good_one(self, password):
        assert problem_with(password, ADA) is None

    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("fourteen chars", "15 to 128"),
            ("", "15 to 128"),
            ("x" * 129, "15 to 128"),
            ("aaaaaaaaaaaaaaaa", "repeats"),
            ("abcabcabcabcabcab", "repeats"),
            ("Otter!Otter!Otter", "repeats"),
            ("🙂" * 20, "repeats"),
            ("qwertyuiopasdfgh", "alphabet or the keyboard"),
            ("Zyxwvutsrqponmlk", "alphabet or the keyboard"),
            ("1234567890987654", "alphabet or the keyboard"),
            ("correct horse battery staple", "lists"),
            ("Password12345678", "lists"),
            ("P@ssw0rd-W3lc0me", "lists"),
            ("Summer2026Winter2027", "lists"),
            ("iloveyou" * 15 + "football", "lists"),
            ("918273645546372", "lists"),
            ("Ada Oconnor Smith!", "your name"),
            ("4da.Sm1th-justice99", "your name"),
            ("S000123 s000123 42", "your name"),
            ("tithe TITHE 2026 xyz", "this service"),
        ],
    )
    def test_names_it_and_says_what_to_do(self, password, words):
        problem = problem_with(password, ADA)
        assert problem
        assert words in problem
        assert "Use " in problem

    @given(ANY)
    def test_answers_for_any_text(self, password):
        assert problem_with(password, ADA) is None or "Use " in problem_with(password, ADA)

    @given(st.lists(st.sampled_from(sorted(COMMON)), min_size=SHORTEST, max_size=40).map("".join))
    def test_refuses_whatever_is_made_of_common_words(self, password):
        assert problem_with(password, NOBODY)

    @given(ANY)
    def test_asks_for_no_kinds_of_characters(self, password):
        """If a password will do, it will do in small letters as well, as long as enough of them differ."""
        small = password.lower()
        if problem_with(password, NOBODY) is None and len(small) == len(password) and len(set(small)) > 5:
            assert problem_with(small, NOBODY) is None


class TestSealed:
    @given(handle=st.text(alphabet=string.ascii_letters + string.digits + "-_", min_size=1), key=st.text())
    def test_opens_with_its_key_and_no_other(self, handle, key):
        token = sealed(handle, key)
        assert opened(token, key) == handle
        assert opened(token, key + "x") is None

    @given(st.text())
    def test_opens_for_nothing_made_up(self, token):
        assert opened(token, "a key") is None

    @pytest.mark.parametrize("token", ["", ".", "handle", "handle.", ".mark", "handle.é"])
    def test_needs_both_halves(self, token):
        assert opened(token, "a key") is None

    def test_is_put_on_links_alone(self):
        assert as_mailed("/weeks/2026-08-03", "a key") == "/weeks/2026-08-03"
        assert opened(as_mailed(f"{LINK_PATH}h", "a key").removeprefix(LINK_PATH), "a key") == "h"
