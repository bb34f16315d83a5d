"""What each message says, why its reader gets it, and when a failed one is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

MAX_ATTEMPTS = 8


class NoticeStatus(StrEnum):
    """Waiting to be sent (or tried again), being sent, sent, or given up after too many attempts."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


WORDING: dict[str, tuple[str, str, str]] = {
    "week-submitted": (
        "{owner} asks you to approve the week of {week}",
        "{owner} has submitted {total} of tithed time for the week of {week}. Please decide by {due}.",
        "You get this because the week waits for your decision.",
    ),
    "week-recalled": (
        "{owner} took back the week of {week}",
        "{owner} has taken back the week of {week}. There is nothing for you to decide on it now.",
        "You get this because the week was waiting for your decision.",
    ),
    "week-handed-over": (
        "The week of {week} of {owner} now waits for you",
        "{decider} has left before deciding {total} of tithed time that {owner} submitted for the week of {week}. "
        "Please decide it as soon as you can.",
        "You get this because you managed {decider}, for whom the week was waiting.",
    ),
    "week-approved": (
        "Your week of {week} is approved",
        "{decider} has approved {total} of tithed time for the week of {week}.",
        "You get this because the week is yours.",
    ),
    "week-returned": (
        "Your week of {week} was returned",
        "{decider} has returned your week of {week}.\n\nGround: {ground}\n\n{words}\n\n"
        "Change what needs changing, then submit it again.",
        "You get this because the week is yours.",
    ),
    "hours-changed": (
        "Your working hours on record have changed",
        "What is on record about when you work has changed: {what}. {who} put it there.\n\n"
        "Your allowance follows it. If it is wrong, ask your line manager or HR to change it.",
        "You get this because the hours are yours.",
    ),
    "adjustment-posted": (
        "Your minutes for {quarter} were corrected: {total}",
        "{proposer} proposed and {decider} posted a correction of {total} to your minutes for {quarter}.\n\n{words}",
        "You get this because the minutes are yours.",
    ),
    "adjustment-refused": (
        "{decider} refused the correction you proposed for {owner}",
        "{decider} has refused the correction of {total} for {quarter} that you proposed for {owner}.\n\n{words}\n\n"
        "Nothing was posted. You may propose another.",
        "You get this because you proposed the correction.",
    ),
    "week-reopened": (
        "{decider} reopened your week of {week}",
        "{decider} has reopened your approved week of {week} so that you can correct it.\n\n{words}\n\n"
        "What was approved counts until the corrected week is approved. Change it, then submit it again.",
        "You get this because the week is yours.",
    ),
    "quarter-frozen": (
        "Utilisation for {quarter} is frozen",
        "The utilisation report for {quarter} is stored. It will not change when later records do.",
        "You get this because you hold an HR role.",
    ),
}


def compose(event: str, **facts: str) -> tuple[str, str]:
    """The subject and body of a message. Facts fill fixed places and are never read as a template."""
    subject, body, why = (part.format_map(_one_line(facts)) for part in WORDING[event])
    return subject[:200], f"{body}\n\n{why}\n"


def _one_line(facts: dict[str, str]) -> dict[str, str]:
    """Words may run over lines; everything else must not, since it may stand in a subject."""
    return {name: value if name == "words" else " ".join(value.split()) for name, value in facts.items()}


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures, waiting longer each time; None means give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + timedelta(minutes=min(2**attempts, 240))
