"""Messages and choices as plain values for pages and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tithe.notices.queries import Inbox, Message
from tithe.notices.rules.choices import GROUPS, How, group_of
from tithe.notices.rules.outbox import parts_of
from tithe.notices.rules.wording import Group
from tithe.web.paging import Cursor

LABELS = {
    How.NOW: "At once",
    How.DAILY: "Once a day",
    How.WEEKLY: "Once a week",
    How.OFF: "No mail",
}


def message(found: Message) -> dict[str, Any]:
    words, why = parts_of(found.body)
    return {
        "id": found.id,
        "group": group_of(found.event),
        "subject": found.subject,
        "words": words,
        "why": why,
        "path": found.path,
        "created_at": found.created_at,
        "read_at": found.read_at,
    }


def inbox(found: Inbox) -> dict[str, Any]:
    return {
        "messages": [message(each) for each in found.messages],
        "unread": found.unread,
        "next": Cursor.write(*found.following) if found.following else None,
    }


def choices(chosen: Mapping[Group, How]) -> list[dict[str, Any]]:
    return [
        {
            "group": group.value,
            "name": rule.name,
            "about": rule.about,
            "how": chosen[group].value,
            "allowed": [how.value for how in rule.allowed],
        }
        for group, rule in GROUPS.items()
    ]
