"""What weeks, plans and decisions say about people. Minutes stay when notes and names have gone."""

from __future__ import annotations

from tithe.kernel.privacy import Kept, held

PRIVACY = {
    "week": held(
        "person_id", none="id version",
        personal="starts_on status total_minutes unit_id approver_id submitted_at due_on decided_at amends_version"
        " nothing_since stage counts_on",
        words={"amend_reason": "person_id"}, kept=Kept.TIME,
    ),
    "time_entry": held(
        "person_id", none="id week_id", personal="project_id kind day minutes fix_by", words={"note": "person_id"},
        kept=Kept.TIME,
    ),
    "decision": held(
        "week_id", none="id version digest decided_at",
        personal="outcome ground total_minutes decided_by how on_behalf_of",
        words={"reason": "decided_by", "entries": "week_id"}, kept=Kept.TIME,
    ),
    "question": held(
        "week_id", none="id version asked_at", personal="asked_by due_was answered_at",
        words={"words": "asked_by", "answer": "week_id"}, kept=Kept.TIME,
    ),
    "review_request": held(
        "week_id", none="id version asked_at", personal="stage reviewer_id unit_id due_on outcome settled_at",
        words={"words": "week_id", "reason": "reviewer_id"}, kept=Kept.TIME,
    ),
    "panel_opinion": held(
        "week_id", none="version seat given_at", personal="person_id outcome", words={"reason": "person_id"},
        kept=Kept.TIME,
    ),
    "escalation": held("week_id", none="id version at", personal="from_id to_id stage due_was"),
    "timer": held(
        "person_id", personal="project_id kind started_at runs_until warned_at", words={"note": "person_id"},
        kept=Kept.TIME, deleted=True,
    ),
    "favourite": held(
        "person_id", none="id", personal="project_id kind minutes used_at", words={"note": "person_id"},
        kept=Kept.TIME, deleted=True,
    ),
    "plan": held("person_id", none="id", personal="shape starts_on last_day weekdays every_weeks made_at"),
    "planned_block": held(
        "person_id", none="id plan_id", personal="project_id kind day minutes status settled_at",
        words={"note": "person_id"}, kept=Kept.TIME,
    ),
    "tithe_request": held(
        "person_id", none="id asked_at decided_at",
        personal="shape starts_on last_day weekdays week_minutes project_ids status decided_by ground ended_from"
        " ended_by",
        words={"duties": "person_id", "reason": "decided_by"}, kept=Kept.DECISIONS,
    ),
    "import_name": held(
        "person_id", personal="project_id kind", words={"name": "person_id"}, kept=Kept.TIME, deleted=True
    ),
    "imported_row": held(
        "person_id", none="loaded_at", personal="source day project_id kind seconds", identifying="key",
        kept=Kept.TIME, deleted=True,
    ),
}  # fmt: skip
