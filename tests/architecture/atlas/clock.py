"""The clock of weeks: what is moved on, reviewed and to be put right, and what the database refuses of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.timesheets.weeks import NOW
from tithe.kernel.db import db
from tithe.timesheets.models import Decision, ReviewRequest, Week
from tithe.timesheets.rules.deciding import Outcome, ReturnGround
from tithe.timesheets.rules.entries import digest_of
from tithe.timesheets.rules.lifecycle import WeekStatus
from tithe.timesheets.rules.reviews import ReviewStage

ROUTES = {
    ("GET", "/approvals/reassign"): "week:reassign",
    ("POST", "/approvals/reassign"): "week:reassign",
    ("POST", "/api/v1/approvals/reassign"): "week:reassign",
    ("GET", "/weeks/<monday>/review"): "review:ask",
    ("POST", "/weeks/<monday>/review"): "review:ask",
    ("GET", "/reviews"): "review:decide",
    ("GET", "/reviews/<int:review_id>"): "review:decide",
    ("POST", "/reviews/<int:review_id>"): "review:decide",
    ("POST", "/api/v1/weeks/<monday>/review"): "review:ask",
    ("GET", "/api/v1/reviews"): "review:decide",
    ("POST", "/api/v1/reviews/<int:review_id>"): "review:decide",
    ("GET", "/approvals/moved"): "week:list-awaiting",
    ("GET", "/api/v1/approvals/moved"): "week:list-awaiting",
}
OPERATIONS = [
    ("POST", "/api/v1/approvals/reassign"),
    ("POST", "/api/v1/weeks/{monday}/review"),
    ("GET", "/api/v1/reviews"),
    ("POST", "/api/v1/reviews/{review_id}"),
    ("GET", "/api/v1/approvals/moved"),
]
VALUES = {"review_id": 1}

# whose review: who may settle it
REVIEWS: dict[str, set[str]] = {
    "panel_of_department": {"hr_manager", "coordinator"},
    "by_director": {"director"},
    "absent": set(),
}


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose it is, query and body."""
    for prefix in ("", "/api/v1"):
        yield "GET", f"{prefix}/approvals/moved", everybody
        yield "GET", f"{prefix}/reviews", everybody
        yield "POST", f"{prefix}/weeks/<monday>/review", everybody, 422, "", "", {"words": "Too short"}
    for whose, reviewers in REVIEWS.items():
        yield "GET", "/reviews/<int:review_id>", reviewers, 200, whose
        body = {"outcome": "vary", "reason": "Too short"}
        for prefix in ("", "/api/v1"):
            yield "POST", f"{prefix}/reviews/<int:review_id>", reviewers, 422, whose, "", body
    yield "GET", "/weeks/<monday>/review", everybody
    yield "GET", "/approvals/reassign", {"hr_manager"}
    for prefix in ("", "/api/v1"):
        yield "POST", f"{prefix}/approvals/reassign", {"hr_manager"}, 422, "", "", {"person": "nobody"}


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """The reviews those rows name, of weeks of the owner that the manager returned."""
    mondays = {"panel_of_department": date(2026, 5, 4), "by_director": date(2026, 5, 11)}
    return {
        whose: _review(monday, people, units, reviewer=None if whose == "panel_of_department" else "director")
        for whose, monday in mondays.items()
    }


def _review(monday: date, people: dict[str, Any], units: dict[str, Any], *, reviewer: str | None) -> int:
    decided = {"decided_at": NOW, "total_minutes": 0}
    sent = {"status": WeekStatus.RETURNED, "approver_id": people["manager"].id, "submitted_at": NOW, "due_on": monday}
    unit_id, words = units["department"].id, "Everybody was told in June that I would be away"
    week = Week(person_id=people["owner"].id, starts_on=monday, unit_id=unit_id, version=2, **sent, **decided)
    db.session.add(week)
    db.session.flush()
    returned = {"outcome": Outcome.RETURNED, "ground": ReturnGround.COVER, "reason": words}
    db.session.add(
        Decision(
            week_id=week.id, version=1, digest=digest_of(1, []), entries=[], decided_by=people["manager"].id,
            **returned, **decided,
        )
    )  # fmt: skip
    asked = ReviewRequest(
        week_id=week.id,
        version=1,
        stage=ReviewStage.COUNTERSIGNER if reviewer else ReviewStage.PANEL,
        reviewer_id=people[reviewer].id if reviewer else None,
        unit_id=unit_id,
        words=words,
        asked_at=NOW,
        due_on=date(2026, 8, 21),
    )
    db.session.add(asked)
    db.session.commit()
    return asked.id


AT = "'2026-08-07 15:00:00'"
FORTY, FEWER = f"'{'w' * 40}'", f"'{'w' * 39}'"
SETTLED = {"outcome": "'uphold'", "settled_at": AT, "reason": FORTY}

VALID = {
    "escalation": {
        "week_id": "{week}",
        "version": "9",
        "from_id": "{manager}",
        "to_id": "{director}",
        "stage": "'countersigner'",
        "due_was": "'2026-08-21'",
        "at": AT,
    },
    "review_request": {
        "week_id": "{week}",
        "version": "9",
        "stage": "'panel'",
        "unit_id": "{unit}",
        "words": FORTY,
        "asked_at": AT,
        "due_on": "'2026-08-21'",
    },
    "panel_opinion": {
        "week_id": "{week}",
        "version": "9",
        "seat": "'coordinator'",
        "person_id": "{manager}",
        "outcome": "'uphold'",
        "reason": FORTY,
        "given_at": AT,
    },
}
VIOLATIONS = [
    ("ck_week_stage", "week", {"stage": "'minister'"}),
    ("ck_week_drafts_begin_again", "week", {"status": "'draft'", "submitted_at": "NULL", "stage": "'countersigner'"}),
    ("ck_week_coordinators_share_a_queue", "week", {"stage": "'coordinator'"}),
    ("ck_week_counts_on_one_of_its_days", "week", {"counts_on": "'2000-01-03'"}),
    ("ck_escalation_stage", "escalation", {"stage": "'minister'"}),
    ("ck_escalation_goes_to_another", "escalation", {"from_id": "{director}"}),
    ("ck_escalation_coordinators_share_a_queue", "escalation", {"to_id": "NULL"}),
    ("ck_escalation_coordinators_share_a_queue", "escalation", {"stage": "'coordinator'"}),
    ("ck_escalation_never_goes_down", "escalation", {"stage": "'manager'"}),
    ("ck_review_request_reviewstage", "review_request", {"stage": "'court'", "reviewer_id": "{director}"}),
    ("ck_review_request_reviewoutcome", "review_request", SETTLED | {"outcome": "'maybe'"}),
    ("ck_review_request_says_why", "review_request", {"words": FEWER}),
    ("ck_review_request_panels_have_no_reviewer", "review_request", {"reviewer_id": "{director}"}),
    ("ck_review_request_panels_have_no_reviewer", "review_request", {"stage": "'countersigner'"}),
    ("ck_review_request_settled_has_a_time", "review_request", SETTLED | {"settled_at": "NULL"}),
    ("ck_review_request_settled_has_words", "review_request", SETTLED | {"reason": FEWER}),
    ("ck_panel_opinion_panelseat", "panel_opinion", {"seat": "'judge'"}),
    ("ck_panel_opinion_reviewoutcome", "panel_opinion", {"outcome": "'maybe'"}),
    ("ck_panel_opinion_says_why", "panel_opinion", {"reason": FEWER}),
]
