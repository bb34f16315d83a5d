"""What the API refuses, it refuses in words that say what was expected, in one envelope."""

from __future__ import annotations

import pytest

from tests.factories.people import Team
from tests.timesheets.weeks import MONDAY

WEEK = f"/weeks/{MONDAY}"


@pytest.fixture
def owner(app, api):
    return api.as_(Team().owner)


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (
            {"entries": [{"date": "2026-08-03", "project_id": 1, "minutes": 90.5}]},
            "entries.0.minutes",
            "a whole number",
        ),
        ({"entries": [{"date": "3 August", "project_id": 1, "minutes": 90}]}, "entries.0.date", "like 2026-07-01"),
        ({"entries": {}}, "entries", "Expected a list"),
        ({}, "entries", "This is needed"),
        ({"entries": [], "colour": "blue"}, "colour", "There is no such field. Take it out"),
        ({"entries": ["Monday"]}, "entries.0", "Expected one JSON object"),
    ],
)
def test_says_what_was_expected_of_a_field(owner, body, field, words):
    answer = owner.put(WEEK, body)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert words in answer.json["message"]
    assert answer.json["problems"][0] == {"message": answer.json["message"], "field": field}


def test_blames_no_field_for_a_body_of_another_shape(owner):
    answer = owner.put(WEEK, [])
    assert (answer.status_code, answer.json["field"]) == (422, None)
    assert answer.json["message"] == "The body: Expected one JSON object"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("PUT", WEEK, 400, "Send one JSON object"),
        ("DELETE", WEEK, 405, "This address takes GET, "),
        ("GET", "/nothing-here", 404, "/api/v1/openapi.json"),
    ],
)
def test_speaks_to_a_program_and_not_of_pages(owner, method, path, status, words):
    answer = owner.call(method, path, data=b"{nothing", headers={"Content-Type": "application/json"})
    assert (answer.status_code, words in answer.json["message"]) == (status, True)
    assert answer.json["problems"] == [{"message": answer.json["message"], "field": None}]
