"""How long somebody who keeps failing waits before the next try. Waits grow, end by themselves, and never lock."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from tithe.kernel.errors import RuleBroken


class TooManyTries(RuleBroken):
    """Somebody tried too often. `seconds` says when the next try is looked at."""

    status = 429

    def __init__(self, seconds: int, field: str | None = None):
        wait = "1 second" if seconds == 1 else f"{seconds} seconds"
        super().__init__(f"There were too many tries. Wait {wait}, then try again", field=field)
        self.seconds = seconds


@dataclass(frozen=True)
class Limit:
    """`free` tries cost no wait; one is forgotten every `forgotten` seconds; no wait is longer than `longest`."""

    free: int
    forgotten: int
    longest: int


# Ten failures in five minutes are a person with many passwords; whoever goes on waits longer each time. A building may
# share one address, so an address is given far more.
ACCOUNT = Limit(free=10, forgotten=30, longest=300)
ADDRESS = Limit(free=100, forgotten=1, longest=60)
MAIL = Limit(free=3, forgotten=1200, longest=3600)


@dataclass(frozen=True)
class Tries:
    """How many tries there have been, and when the newest was."""

    count: int
    last_at: datetime


def remembered(tries: Tries, limit: Limit, now: datetime) -> int:
    """How many tries still count, after those that time has forgiven."""
    elapsed = max(0, int((now - tries.last_at).total_seconds()))
    return max(0, tries.count - elapsed // limit.forgotten)


def wait(tries: Tries, limit: Limit, now: datetime) -> int:
    """Seconds from now until the next try is looked at; 0 when it is looked at now.

    The first wait is a second, each further one twice as long, up to the longest.
    """
    over = tries.count - limit.free
    if over < 0:
        return 0
    pause = min(1 << min(over, 20), limit.longest)
    elapsed = int((now - tries.last_at).total_seconds())
    return min(max(0, pause - max(0, elapsed)), limit.longest)


def key_of(kind: str, *parts: str) -> str:
    """The name under which tries are counted. People sometimes type a password as their address: only a hash stays."""
    return hashlib.sha256("\x1f".join((kind, *parts)).encode(errors="replace")).hexdigest()
