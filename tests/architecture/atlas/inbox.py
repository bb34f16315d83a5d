"""Deciding weeks, and questions to their owners: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ASK, ANSWER = "approvals/<int:week_id>/question", "weeks/<monday>/question"
ROUTES = {
    ("POST", f"/{ASK}"): "week:ask",
    ("GET", f"/{ANSWER}"): "week:answer",
    ("POST", f"/{ANSWER}"): "week:answer",
    ("POST", f"/api/v1/{ASK}"): "week:ask",
    ("GET", f"/api/v1/{ANSWER}"): "week:read",
    ("POST", f"/api/v1/{ANSWER}"): "week:answer",
}
OPERATIONS = [
    ("POST", "/api/v1/approvals/{week_id}/question"),
    ("GET", "/api/v1/weeks/{monday}/question"),
    ("POST", "/api/v1/weeks/{monday}/question"),
]

# whose week: who may ask about it
WEEKS: dict[str, set[str]] = {
    "owners": {"manager"},
    "managers": {"director"},
    "in_hr_queue": {"hr_manager", "coordinator"},
    "outsiders": {"boss_of_outsider"},
    "absent": set(),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body. Nobody is asked anything in there."""
    for prefix in ("/", "/api/v1/"):
        for whose, askers in WEEKS.items():
            body: dict[str, Any] = {"version": 1, "words": " "}
            yield "POST", prefix + ASK, askers, 422, whose, "", body
        yield "GET", prefix + ANSWER, everybody, 404
        yield "POST", prefix + ANSWER, everybody, 404, "", "", {"answer": "Because"}


AT = "'2026-08-07 15:00:00'"
VALID = {
    "question": {
        "week_id": "{week}",
        "version": "1",
        "asked_by": "{manager}",
        "asked_at": AT,
        "words": "'Why?'",
        "due_was": "'2026-08-21'",
    },
}
VIOLATIONS = [
    ("ck_decision_decisionhow", "decision", {"how": "'coin'"}),
    ("ck_decision_rules_are_nobody", "decision", {"decided_by": "{manager}", "how": "'deemed'"}),
    ("ck_decision_delegate_has_a_manager", "decision", {"decided_by": "{manager}", "how": "'delegate'"}),
    ("ck_decision_delegate_has_a_manager", "decision", {"on_behalf_of": "{manager}"}),
    (
        "ck_decision_nobody_stands_in_for_themselves",
        "decision",
        {"decided_by": "{manager}", "how": "'delegate'", "on_behalf_of": "{manager}"},
    ),
    ("ck_question_words_fit", "question", {"words": "''"}),
    ("ck_question_answered_has_words", "question", {"answered_at": AT}),
    ("ck_question_answered_has_words", "question", {"answer": "'So'"}),
]
