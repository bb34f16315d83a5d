"""What this feature's own tables say about people: that data was exported or erased."""

from __future__ import annotations

from tithe.kernel.privacy import held

PRIVACY = {
    "own_export": held("person_id", personal="begun_at ended_at"),
    "erasure": held("person_id", personal="kept erased_at"),
}
