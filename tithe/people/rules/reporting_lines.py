"""Who manages whom, when what was published puts too many people under one post.

Nobody gets more than `MOST_REPORTS` direct reports and nobody manages someone of a higher grade. People are
placed from the highest grade down, each below somebody already placed: so no loop can form, everybody placed
is of the same or a higher grade, and n people below a holder offer 12 × (n + 1) places, so one is free.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

MOST_REPORTS = 12
USUAL_REPORTS = 8


@dataclass(frozen=True)
class Claim:
    """Where one person would stand: under `holder` (none at the top), in a group of one unit and post.

    The holder's rank must not be below the person's own. Of equals the one with more hours goes first.
    """

    key: str
    rank: int
    holder: str | None
    group: Hashable
    senior: bool
    fte_bp: int


def managers(claims: Iterable[Claim]) -> dict[str, str | None]:
    """Return everybody's manager. The order of the answer puts managers before those they manage."""
    placing = _Placing(list(claims))
    for claim in placing.in_order():
        placing.place(claim)
    return placing.manager


class _Placing:
    """The state of one run: who is placed, and where there is room."""

    def __init__(self, claims: list[Claim]):
        self.claims = claims
        self.manager: dict[str, str | None] = {}
        self.reports: dict[str, list[str]] = defaultdict(list)
        self.highest: dict[Hashable, int] = {}
        self.peers: dict[Hashable, dict[int, list[tuple[int, int, str]]]] = defaultdict(dict)
        self.below: dict[str, deque[str]] = {}
        owed = Counter(claim.holder for claim in claims if claim.senior)
        owed.update(holder for holder, _ in {(c.holder, c.group) for c in claims if not c.senior})
        self.spare = {holder: MOST_REPORTS - count for holder, count in owed.items()}

    def in_order(self) -> list[Claim]:
        """Highest grade first, holders before their reports, published reports before junior groups."""
        depth = _depths({claim.key: claim.holder for claim in self.claims})
        return sorted(
            self.claims,
            key=lambda each: (-each.rank, depth[each.key], not each.senior, -each.fte_bp, each.key),
        )

    def place(self, claim: Claim) -> None:
        manager = self._manager_for(claim)
        self.manager[claim.key] = manager
        if manager is not None:
            self.reports[manager].append(claim.key)
        self.highest.setdefault(claim.group, claim.rank)
        heappush(self.peers[claim.group].setdefault(claim.rank, []), (0, len(self.manager), claim.key))

    def _manager_for(self, claim: Claim) -> str | None:
        if self._may_stand_directly(claim) and (claim.holder is None or self._has_room(claim.holder)):
            return claim.holder
        peer = self._peer(claim)
        if peer is not None or claim.holder is None:
            return peer
        return self._somebody_below(claim.holder)

    def _may_stand_directly(self, claim: Claim) -> bool:
        """Published reports and the head of each group may; others of the head's grade if places are left."""
        if claim.senior or claim.group not in self.highest:
            return True
        if claim.rank < self.highest[claim.group]:
            return False
        if claim.holder is None:
            return True
        self.spare[claim.holder] -= 1
        return self.spare[claim.holder] >= 0

    def _peer(self, claim: Claim) -> str | None:
        """Find room in the same group: the nearest higher grade first, then the same.

        One manager is given the usual number before the next is given any: teams, not chains of one and two.
        """
        ranks = self.peers[claim.group]
        for rank in sorted(ranks, key=lambda each: (each == claim.rank, each)):
            queue = ranks[rank]
            while queue and not self._has_room(queue[0][2]):
                heappop(queue)
            if queue:
                _, order, key = heappop(queue)
                heappush(queue, ((len(self.reports[key]) + 1) // USUAL_REPORTS, order, key))
                return key
        return None

    def _somebody_below(self, holder: str) -> str:
        """Find room under the same holder, breadth first, each in turn so that nobody takes all the rest."""
        queue = self.below.setdefault(holder, deque([holder]))
        while not self._has_room(queue[0]):
            queue.extend(self.reports[queue.popleft()])
        queue.rotate(-1)
        return queue[-1]

    def _has_room(self, key: str) -> bool:
        return len(self.reports[key]) < MOST_REPORTS


def _depths(holder_of: dict[str, str | None]) -> dict[str, int]:
    """Count the steps from each person up to the top, without recursion: a published chain may be long."""
    depth: dict[str, int] = {}
    for key in holder_of:
        walked = []
        at: str | None = key
        while at is not None and at not in depth:
            walked.append(at)
            at = holder_of[at]
        steps = -1 if at is None else depth[at]
        for each in reversed(walked):
            steps += 1
            depth[each] = steps
    return depth
