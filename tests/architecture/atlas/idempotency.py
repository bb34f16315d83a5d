"""What retries of the API store: a row of the table that the database takes, and what breaks its checks."""

from __future__ import annotations

VALID = {
    "kept_answer": {
        "person_id": "{owner}",
        "key": "'a-key-of-one-call'",
        "fingerprint": "'f'",
        "status": "201",
        "body": "'{{}}'",
        "answered_at": "'2026-08-07 15:00:00'",
    },
}
VIOLATIONS = [
    ("ck_kept_answer_key_fits", "kept_answer", {"key": "'short'"}),
    ("ck_kept_answer_done", "kept_answer", {"status": "422"}),
]
