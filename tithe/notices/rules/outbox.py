"""How a message is put together from its wording, when a failed one is tried again, and what a digest holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tithe.kernel.calendar import monday_of
from tithe.kernel.clock import LONDON, local_date
from tithe.notices.rules.choices import How
from tithe.notices.rules.wording import WORDING

MAX_ATTEMPTS = 8
DIGEST = "digest"  # the event of a message that is made of others
DIGEST_AT = time(7, 30)  # in London, on Mondays to Fridays


class NoticeStatus(StrEnum):
    """What became of a message. The inbox shows all but those dropped."""

    WAITING = "waiting"  # to be sent, or tried again
    SENDING = "sending"  # claimed by a sender
    SENT = "sent"
    DEAD = "dead"  # given up after too many attempts
    HELD = "held"  # for the next digest
    DIGESTED = "digested"  # part of a digest, which is a message of its own
    KEPT = "kept"  # its reader wants no mail of this group
    DROPPED = "dropped"  # no longer true, replaced by a newer one, or for somebody who has left


def compose(event: str, **facts: str) -> tuple[str, str]:
    """The subject and body of a message. Facts fill fixed places and are never read as a template."""
    words = _one_line(facts)
    subject, body, why = (part.format_map(words) for part in WORDING[event][:3])
    return subject[:200], f"{body}\n\n{why}\n"


def parts_of(body: str) -> tuple[str, str]:
    """What `compose` put together, apart again: the words of a message, and why its reader gets it."""
    words, _, why = body.rstrip().rpartition("\n\n")
    return words, why


def _one_line(facts: dict[str, str]) -> dict[str, str]:
    """Words may run over lines; everything else must not, since it may stand in a subject."""
    return {name: value if name == "words" else " ".join(value.split()) for name, value in facts.items()}


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When to try again after `attempts` failures, waiting longer each time; None means give up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return now + timedelta(minutes=min(2**attempts, 240))


def digest_day(now: datetime) -> date:
    """The latest Monday to Friday whose digests are due at an instant."""
    day = local_date(now)
    while day.weekday() > 4 or _digest_time(day) > now:
        day -= timedelta(days=1)
    return day


def digest_until(how: How, day: date) -> datetime:
    """The digest of a day holds what came before this instant. A weekly one that was missed on Monday is made up for
    on the next day that has one."""
    return _digest_time(monday_of(day) if how is How.WEEKLY else day)


def _digest_time(day: date) -> datetime:
    return datetime.combine(day, DIGEST_AT, LONDON)


def compose_digest(messages: Sequence[tuple[str, str, str]]) -> tuple[str, str]:
    """The subject and body of one message that holds others, given as subject, body and address."""
    count = len(messages)
    listed = "\n\n".join(
        f"{n}. {subject}\n\n{body.rstrip()}\n{link}" for n, (subject, body, link) in enumerate(messages, 1)
    )
    why = "You get them in one message because you chose to have them daily or weekly."
    return f"{count} message{'s' if count > 1 else ''} from tithe", f"{listed}\n\n{why}\n"
