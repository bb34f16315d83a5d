"""Units and their tree, people, their posts over time, their roles, who stands in for whom, how they sign in."""

from __future__ import annotations

from tithe.people.models.organisation import Assignment, JobShare, NameWord, Person, PersonSkill, Unit, UnitClosure
from tithe.people.models.rights import Delegation, OutsideMember, OutsideTerms, RoleGrant, RoleRequest
from tithe.people.models.signing_in import (
    ApiToken,
    Identity,
    Passkey,
    Password,
    PasswordLink,
    RecoveryCode,
    SignIn,
    SpentChallenge,
    Totp,
    Try,
)

__all__ = [
    "ApiToken",
    "Assignment",
    "Delegation",
    "Identity",
    "JobShare",
    "NameWord",
    "OutsideMember",
    "OutsideTerms",
    "Passkey",
    "Password",
    "PasswordLink",
    "Person",
    "PersonSkill",
    "RecoveryCode",
    "RoleGrant",
    "RoleRequest",
    "SignIn",
    "SpentChallenge",
    "Totp",
    "Try",
    "Unit",
    "UnitClosure",
]
