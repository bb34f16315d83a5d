"""What identity providers say in their different ways, put into one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tithe.kernel.errors import RuleBroken
from tithe.people.rules.scim import completed, pointed, told

WORDS = st.text(max_size=6)
ANYTHING = st.recursive(st.none() | st.booleans() | WORDS, lambda inner: st.lists(inner, max_size=2), max_leaves=3)
NAMES = st.dictionaries(st.sampled_from(["formatted", "givenName", "familyName"]), WORDS)
PAYLOADS = st.fixed_dictionaries(
    {}, optional={"userName": WORDS, "displayName": WORDS, "active": ANYTHING, "name": NAMES | ANYTHING}
)
OPERATIONS = st.fixed_dictionaries(
    {}, optional={"op": WORDS, "path": st.sampled_from(["displayName", "DISPLAYNAME", "active"]), "value": ANYTHING}
)
USUAL = {"user_name": "a@example.org", "primary": None, "staff_number": None, "name": "A", "active": True, "unit": None}


class TestCompleted:
    @given(payload=PAYLOADS)
    def test_is_complete_already_the_second_time(self, payload):
        assert completed(completed(payload)) == completed(payload)

    @given(payload=PAYLOADS)
    def test_changes_nothing_but_the_name_of_what_was_said(self, payload):
        assert {key: completed(payload)[key] for key in payload if key != "name"} == {
            key: each for key, each in payload.items() if key != "name"
        }

    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ({"name": {"formatted": "Nia New", "givenName": "N"}, "displayName": "Nia"}, "Nia New"),
            ({"name": {"givenName": "Nia", "familyName": "New"}, "displayName": "Nia"}, "Nia New"),
            ({"name": {"familyName": "New"}}, "New"),
            ({"name": {}, "displayName": "Nia"}, "Nia"),
        ],
    )
    def test_takes_the_whole_name_then_its_parts_then_the_display_name(self, said, name):
        assert completed(said)["name"]["formatted"] == name


class TestPointed:
    @given(operations=st.lists(OPERATIONS | ANYTHING, max_size=3))
    def test_leaves_no_change_of_the_display_name(self, operations):
        found = pointed({"Operations": operations})["Operations"]

        assert len(found) == len(operations)
        assert not [each for each in found if isinstance(each, dict) and str(each.get("path")).lower() == "displayname"]
        assert pointed({"Operations": found})["Operations"] == found


class TestTold:
    @pytest.mark.parametrize(
        ("user_name", "primary", "address"),
        [
            ("old@example.org", "new@example.org", "new@example.org"),
            ("new@example.org", "old@example.org", "new@example.org"),
            ("NEW@example.org", "other@example.org", "new@example.org"),
            ("Old@example.org", None, "old@example.org"),
        ],
    )
    def test_takes_the_address_that_is_new(self, user_name, primary, address):
        assert told(**USUAL | {"user_name": user_name, "primary": primary}, was="old@example.org").email == address

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"user_name": "nobody"}, "userName"),
            ({"name": " "}, "name.formatted"),
            ({"name": "a\nb"}, "name.formatted"),
            ({"staff_number": "1" * 41}, "externalId"),
        ],
    )
    def test_refuses_what_cannot_be_kept(self, changes, field):
        with pytest.raises(RuleBroken) as refusal:
            told(**USUAL | changes, was="")
        assert refusal.value.field == field
