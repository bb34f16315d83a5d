"""What projects say about people: whose they are. Their words are open to all staff and outlast their authors; those of
a flag are not open, and go with their author's name."""

from __future__ import annotations

from tithe.kernel.privacy import Kept, held

PRIVACY = {
    "project": held(
        "owner_id", none="id version created_at", personal="unit_id status registered_at closed_on",
        published=dict.fromkeys(("title", "problem", "beneficiaries", "hypothesis"), "owner_id"),
    ),
    "project_guest": held("person_id", none="project_id", personal="joined_on left_on"),
    "project_member": held("person_id", none="project_id", personal="joined_on left_on"),
    "project_flag": held(
        "project_id", none="id raised_at settled_at", personal="ground raised_by outcome settled_by",
        words={"words": "raised_by", "reason": "settled_by"}, kept=Kept.DECISIONS,
    ),
}  # fmt: skip
