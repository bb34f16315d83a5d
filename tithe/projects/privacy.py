"""What projects say about people: whose they are. Their words are open to all staff and outlast their authors."""

from __future__ import annotations

from tithe.kernel.privacy import held

PRIVACY = {
    "project": held(
        "owner_id", none="id version created_at", personal="unit_id status registered_at",
        published=dict.fromkeys(("title", "problem", "beneficiaries", "hypothesis"), "owner_id"),
    ),
    "project_guest": held("person_id", none="project_id", personal="joined_on left_on"),
    "project_member": held("person_id", none="project_id", personal="joined_on left_on"),
}  # fmt: skip
