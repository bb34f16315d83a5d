"""What working hours, absences and the ledger say about people. Minutes stay when the name has gone."""

from __future__ import annotations

from tithe.kernel.privacy import Kept, held

PRIVACY = {
    "working_pattern": held("person_id", none="id", personal="starts_on weeks"),
    "pattern_day": held("person_id", personal="day minutes"),
    "absence": held(
        "person_id", none="id", personal="day minutes reduces_accrual source", identifying="source_key", kept=Kept.TIME
    ),
    "outward_move": held("person_id", none="id", personal="starts_on last_day share_bp"),
    "holiday_calendar": held(none="code name copied_from"),
    "calendar_day": held(none="calendar day name kind"),
    "blackout_period": held(
        none="id unit_id starts_on last_day ground emergency set_at lifted_at", personal="set_by",
        published={"reason": "set_by"},
    ),
    "ledger_line": held(
        "person_id", none="id source source_id source_version policy_id at",
        personal="quarter applies_to expires kind minutes unit_id actor_id facts", words={"reason": "person_id"},
        kept=Kept.TIME,
    ),
    "person_quarter": held("person_id", personal="quarter unit_id split accruing_days accrued used other"),
    "period": held(none="quarter closed_at locked_at", personal="closed_by"),
    "adjustment": held(
        "person_id", none="id proposed_at decided_at", personal="applies_to minutes status proposed_by decided_by",
        words={"reason": "proposed_by", "decision_words": "decided_by"}, kept=Kept.DECISIONS,
    ),
    "protection": held("person_id", personal="quarter source source_id minutes"),
}  # fmt: skip
