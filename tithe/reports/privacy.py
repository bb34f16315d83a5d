"""What frozen quarters say about people: who froze one. Their lines count people and name none."""

from __future__ import annotations

from tithe.kernel.privacy import held

PRIVACY = {
    "quarter_report": held(none="id quarter revision frozen_at digest", personal="frozen_by"),
    "quarter_line": held(
        none="id report_id unit_id parent_id unit_code unit_name eligible participants entitlement_minutes used_minutes"
    ),
}
