"""What messages say about people. They name others too, so old ones go for everybody."""

from __future__ import annotations

from tithe.kernel.privacy import Kept, held

PRIVACY = {
    "notice": held(
        "person_id", none="id event status created_at next_attempt_at attempts sent_at last_error message_id digest_id",
        personal="path read_at recheck about_id collapse_key", words={"subject": "person_id", "body": "person_id"},
        kept=Kept.MESSAGES, deleted=True, ages_by="created_at",
    ),
    "notice_choice": held("person_id", personal="message_group how", kept=Kept.MESSAGES, deleted=True),
}  # fmt: skip
