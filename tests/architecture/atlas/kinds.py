"""Kinds of time: what the database refuses of them."""

from __future__ import annotations

VIOLATIONS = [
    ("ck_time_entry_timekind", "time_entry", {"kind": "'hobby'", "project_id": "NULL"}),
    ("ck_time_entry_tithe_has_a_project", "time_entry", {"project_id": "NULL"}),
    ("ck_time_entry_tithe_has_a_project", "time_entry", {"kind": "'help'"}),
]
