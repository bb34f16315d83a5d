"""What the record of what happened says about people: ids, names of fields, and figures, kept for good."""

from __future__ import annotations

from tithe.kernel.privacy import held

PRIVACY = {
    "audit_event": held("actor_id", none="id stream seq at verb subject_type hash", personal="subject_id details"),
    "audit_head": held(none="stream seq hash"),
    "refusal": held(none="key bucket noted_at"),
    "record_read": held("person_id", none="id first_at day kind", personal="reader_id"),
}
