"""What versions of settings say about people: who decided them, before everybody."""

from __future__ import annotations

from tithe.kernel.privacy import held

PRIVACY = {
    "tithe_policy": held(
        none="id unit_id version starts_on settings adopted_at withdrawn_at",
        personal="adopted_by withdrawn_by",
        published={"reason": "adopted_by"},
    ),
}
