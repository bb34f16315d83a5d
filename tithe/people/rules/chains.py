"""From each post up to the next with a holder: supervisors found, loops broken, empty posts passed over."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tithe.people.rules.grades import rank
from tithe.people.rules.posts import Post, Scope
from tithe.people.rules.published import Problem

MOST_SHOWN = 6
TOP = {"", "XX", "N/A", "N/D", "-"}
"""What stands in "Reports to Senior Post" when a post reports to nobody."""


@dataclass(frozen=True)
class Above:
    """The holder found above somebody, and the first post passed over because its grade is lower."""

    holder: Post | None
    too_low: Post | None


class Chains:
    """The senior posts of a file by reference, and who is above each."""

    def __init__(self, file: str, posts: list[Post]):
        self.file = file
        self.problems: list[Problem] = []
        self._in_scope = {(post.scope, post.reference): post for post in posts}
        self._anywhere: dict[str, list[Post]] = defaultdict(list)
        for post in posts:
            self._anywhere[post.reference].append(post)
        self._parent = {post.key: self._supervisor_of(post) for post in posts}
        self._found: dict[tuple[str, int], Above] = {}
        for loop in self._loops(posts):
            self._break(loop)

    def find(self, scope: Scope, reference: str) -> Post | None:
        """Find a post by reference: in the same organisation, or else the only one so named in the file."""
        post = self._in_scope.get((scope, reference))
        if post is None and len(self._anywhere.get(reference, ())) == 1:
            return self._anywhere[reference][0]
        return post

    def above(self, post: Post) -> Above:
        """Find who manages the holder of this post."""
        parent = self._parent[post.key]
        return Above(None, None) if parent is None else self.holder_from(parent, rank(post.grade))

    def holder_from(self, start: Post, lowest: int) -> Above:
        """Climb from this post, itself included, to a holder whose rank is not below `lowest`."""
        climbed = []
        at: Post | None = start
        while at is not None and (at.key, lowest) not in self._found:
            climbed.append(at)
            if at.filled and rank(at.grade) >= lowest:
                break
            at = self._parent[at.key]
        above = Above(None, None) if at is None else self._found.get((at.key, lowest), Above(at, None))
        for post in reversed(climbed):
            if post.filled and post is not above.holder:
                above = Above(above.holder, post)
            self._found[post.key, lowest] = above
        return above

    def _supervisor_of(self, post: Post) -> Post | None:
        found = self.find(post.scope, post.supervisor)
        if found is None and post.supervisor.upper() not in TOP:
            reason = f"there is no one post “{post.supervisor}” to report to"
            self._add(post, f"{reason}; the post was loaded without a manager")
        return found

    def _loops(self, posts: list[Post]) -> Iterator[list[Post]]:
        """Yield each ring of posts that report to one another."""
        visit: dict[str, int] = {}
        for number, post in enumerate(posts):
            trail = []
            at: Post | None = post
            while at is not None and at.key not in visit:
                visit[at.key] = number
                trail.append(at)
                at = self._parent[at.key]
            if at is not None and visit[at.key] == number:
                yield trail[trail.index(at) :]

    def _break(self, loop: list[Post]) -> None:
        """Let the highest post of the ring report to nobody; of equals the one with the smallest key."""
        top = min(loop, key=lambda post: (not post.filled, -rank(post.grade), post.key))
        start = loop.index(top)
        ring = [post.reference for post in loop[start:] + loop[:start]]
        shown = ring if len(ring) <= MOST_SHOWN else [*ring[:MOST_SHOWN], "…"]
        names = " → ".join([*shown, top.reference])
        reason = f"the posts report to one another in a loop ({names})"
        self._parent[top.key] = None
        self._add(top, f"{reason}; this post was loaded without a manager")

    def _add(self, post: Post, reason: str) -> None:
        self.problems.append(Problem(self.file, post.line, reason))
