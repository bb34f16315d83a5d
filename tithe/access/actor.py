"""The person, or the system itself, on whose behalf something is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tithe.access.permissions import SCOPES, Permission, Role


@dataclass(frozen=True)
class RoleHeld:
    """A role in force today, and the unit at the top of what it covers."""

    role: Role
    unit_id: int


@dataclass(frozen=True)
class Actor:
    """Who acts, loaded afresh for every request. `scopes` is None for a session, a set for a token.

    `employed` is the first and last day of their employment; whoever was not loaded from a person has none. `senior`
    marks deputy directors and above. `stands_in_for` names the managers in whose place they decide today, `shares_post`
    says that they have been in a job share. Whoever is from `outside` has few rights, and fewer still while
    `terms_due`: there are terms they have not accepted."""

    id: int | None
    name: str
    email: str = ""
    unit_id: int | None = None
    manages: bool = False
    senior: bool = False
    roles: tuple[RoleHeld, ...] = ()
    scopes: frozenset[str] | None = None
    session_id: int | None = None
    employed: tuple[date, date | None] = (date.max, None)
    stands_in_for: frozenset[int] = frozenset()
    shares_post: bool = False
    outside: bool = False
    terms_due: bool = False

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def person_id(self) -> int:
        """The id of the person who acts, where only a person can. The system has none."""
        if self.id is None:
            raise LookupError("the system is not a person")
        return self.id

    def get_id(self) -> str:
        """The id of the sign-in, not of the person: ending it ends what it allows at once."""
        return str(self.session_id)

    def in_scope(self, permission: Permission) -> bool:
        """True unless a token was given fewer rights than its owner has."""
        if self.scopes is None:
            return True
        return any(permission in SCOPES[scope] for scope in self.scopes if scope in SCOPES)

    def units_as(self, *roles: Role) -> frozenset[int]:
        """The units at the top of each part of the organisation these roles cover."""
        return frozenset(held.unit_id for held in self.roles if held.role in roles)


SYSTEM = Actor(id=None, name="system")
