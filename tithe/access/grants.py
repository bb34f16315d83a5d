"""The whole map of who may do what: small questions about actor and subject, and one line a permission.

Subjects are plain attributes. A permission is held when any of its predicates says yes; with no subject the answer
is whether the actor could ever hold it, which is what menus and route guards ask.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tithe.access.actor import Actor, RoleHeld
from tithe.access.permissions import BEFORE_TERMS, OUTSIDE_RIGHTS, Permission, Role
from tithe.kernel.errors import NotFound

Predicate = Callable[[Actor, Any], bool]

# Which roles stand for a right over a part of the organisation; queries that scope lists ask with the same names.
QUEUE_KEEPERS = (Role.HR_MANAGER, Role.COORDINATOR)
HR_MANAGERS = (Role.HR_MANAGER,)
COORDINATORS = (Role.COORDINATOR,)
REPORT_SIGNERS = (Role.HR_ANALYST, Role.HR_MANAGER)
REPORT_READERS = (*REPORT_SIGNERS, Role.AUDITOR)
ROLE_CONFIRMERS = (Role.ADMINISTRATOR, Role.HR_MANAGER)
ROLE_READERS = (*ROLE_CONFIRMERS, Role.AUDITOR)
AUDITORS = (Role.AUDITOR,)


def anyone(actor: Actor, subject: Any) -> bool:
    """Everybody with an account; `permits` leaves those from outside only what they may do."""
    return actor.id is not None


def owns(actor: Actor, subject: Any) -> bool:
    """The thing is the actor's own."""
    return actor.id is not None and (subject is None or subject.owner_id == actor.id)


def takes_part(actor: Actor, subject: Any) -> bool:
    """The actor is a member of the project."""
    return actor.id is not None and (subject is None or actor.id in subject.member_ids)


def is_published(actor: Actor, subject: Any) -> bool:
    """Registered projects are open to all staff; drafts are not."""
    return actor.id is not None and not actor.outside and (subject is None or not subject.is_draft)


def is_guest(actor: Actor, subject: Any) -> bool:
    """Somebody from outside was invited to the project."""
    return actor.outside and (subject is None or actor.id in subject.guest_ids)


def is_outside(actor: Actor, subject: Any) -> bool:
    """The actor is from outside, and the stay their own."""
    return actor.outside and (subject is None or subject.owner_id == actor.id)


def hosts(actor: Actor, subject: Any) -> bool:
    """The actor hosts somebody from outside."""
    return actor.id is not None and not actor.outside and (subject is None or subject.sponsor_id == actor.id)


def coordinates(actor: Actor, subject: Any) -> bool:
    """Coordinators, for the projects of the units their role covers; never one they work on themselves."""
    units = actor.units_as(*COORDINATORS)
    if subject is None:
        return bool(units)
    return not subject.is_draft and bool(units & subject.unit_path) and not takes_part(actor, subject)


def owns_registered(actor: Actor, subject: Any) -> bool:
    """The registered project is the actor's own."""
    return owns(actor, subject) and (subject is None or not subject.is_draft)


def approves(actor: Actor, subject: Any) -> bool:
    """The week waits for this person by name, or for a manager they stand in for today. Nobody approves their own."""
    if subject is None:
        return actor.id is not None  # a week may still wait for somebody whose staff have moved on
    waits_for = {actor.id} | actor.stands_in_for
    return actor.id is not None and subject.approver_id in waits_for and subject.owner_id != actor.id


def covers_queue(actor: Actor, subject: Any) -> bool:
    """The week found no manager and waits in the HR queue of a unit the actor's role covers. Never one's own."""
    units = actor.units_as(*QUEUE_KEEPERS)
    if subject is None:
        return bool(units)
    return subject.approver_id is None and subject.owner_id != actor.id and bool(units & subject.unit_path)


def reviews(actor: Actor, subject: Any) -> bool:
    """The countersigning manager who is to look again; for a panel, HR managers and coordinators of the unit. Never
    whoever decided before, nor the owner."""
    if subject is None:
        return actor.id is not None
    if actor.id is None or actor.id in subject.barred:
        return False
    if subject.reviewer_id is not None:
        return bool(actor.id == subject.reviewer_id)
    return bool(actor.units_as(*QUEUE_KEEPERS) & subject.unit_path)


def reads_reports(actor: Actor, subject: Any) -> bool:
    """HR and auditors, for the units their role covers."""
    units = actor.units_as(*REPORT_READERS)
    return bool(units) if subject is None else bool(units & subject.unit_path)


def signs_reports(actor: Actor, subject: Any) -> bool:
    """HR, for the units their role covers; auditors read but change nothing. The timed job acts as the system."""
    units = actor.units_as(*REPORT_SIGNERS)
    return bool(units) if subject is None else bool(units & subject.unit_path)


def adopts_policies(actor: Actor, subject: Any) -> bool:
    """HR managers, for the units their role covers. Commands on the server act as the system."""
    units = actor.units_as(Role.HR_MANAGER)
    return bool(units) if subject is None else bool(units & subject.unit_path)


def manages(actor: Actor, subject: Any) -> bool:
    """The subject is somebody the actor is line manager of today."""
    if subject is None:
        return actor.manages
    return actor.manages and actor.id in subject.manager_ids and subject.owner_id != actor.id


def agrees(actor: Actor, subject: Any) -> bool:
    """Who manages the one who asked today, and whoever stands in for them; never about themselves."""
    if subject is None:
        return actor.manages or bool(actor.stands_in_for)
    return manages(actor, subject) or (subject.owner_id != actor.id and bool(actor.stands_in_for & subject.manager_ids))


def hr_manager_of(actor: Actor, subject: Any) -> bool:
    """HR managers, for the units their role covers and the people in them; never about themselves."""
    units = actor.units_as(*HR_MANAGERS)
    if subject is None:
        return bool(units)
    return bool(units & subject.unit_path) and getattr(subject, "owner_id", None) != actor.id


def leads(actor: Actor, subject: Any) -> bool:
    """Deputy directors and above, for the unit they work in and all below it."""
    if not actor.senior or actor.unit_id is None:
        return False
    return subject is None or actor.unit_id in subject.unit_path


def writes_terms(actor: Actor, subject: Any) -> bool:
    """The terms for people from outside belong to no unit: any HR manager."""
    return bool(actor.units_as(*HR_MANAGERS))


def keeps_calendars(actor: Actor, subject: Any) -> bool:
    """Calendars belong to no unit: any HR manager, and administrators, who configure."""
    return bool(actor.units_as(Role.HR_MANAGER, Role.ADMINISTRATOR))


def is_second_person(actor: Actor, subject: Any) -> bool:
    """HR managers other than the one who proposed it, and never about themselves."""
    return hr_manager_of(actor, subject) and (subject is None or subject.proposed_by != actor.id)


def reads_roles(actor: Actor, subject: Any) -> bool:
    """Administrators, HR managers and auditors, for the units their role covers."""
    units = actor.units_as(*ROLE_READERS)
    return bool(units) if subject is None else bool(units & subject.unit_path)


def grants_roles(actor: Actor, subject: Any) -> bool:
    """Administrators, for the units their role covers; never roles of their own."""
    units = actor.units_as(Role.ADMINISTRATOR)
    if subject is None:
        return bool(units)
    return bool(units & subject.unit_path) and getattr(subject, "owner_id", None) != actor.id


def confirms_roles(actor: Actor, subject: Any) -> bool:
    """Administrators and HR managers of the unit, except whoever proposed it and whom it is for."""
    units = actor.units_as(*ROLE_CONFIRMERS)
    if subject is None:
        return bool(units)
    return bool(units & subject.unit_path) and actor.id not in (subject.owner_id, subject.asked_by)


def has_staff(actor: Actor, subject: Any) -> bool:
    """Whoever manages somebody has decisions to give away: their own, never another's."""
    return actor.manages


def is_delegate(actor: Actor, subject: Any) -> bool:
    """The one who was asked to stand in."""
    return actor.id is not None and (subject is None or subject.delegate_id == actor.id)


def is_either_side(actor: Actor, subject: Any) -> bool:
    """The manager whose decisions were given away, or the one who took them."""
    return actor.id is not None and (subject is None or actor.id in (subject.manager_id, subject.delegate_id))


def audits(actor: Actor, subject: Any) -> bool:
    """Auditors, for the units their role covers."""
    units = actor.units_as(*AUDITORS)
    return bool(units) if subject is None else bool(units & subject.unit_path)


def is_system(actor: Actor, subject: Any) -> bool:
    """Timed work and commands run on the server act as the system itself."""
    return actor.id is None


GRANTS: dict[Permission, tuple[Predicate, ...]] = {
    Permission.HOME_READ: (anyone,),
    Permission.PROJECT_LIST: (anyone,),
    Permission.PROJECT_READ: (is_published, takes_part, is_guest),
    Permission.PROJECT_REGISTER: (owns,),
    Permission.PROJECT_EDIT: (owns,),
    Permission.FLAG_RAISE: (owns_registered, coordinates),
    Permission.FLAG_SETTLE: (coordinates,),
    Permission.WEEK_READ: (owns, approves, covers_queue),
    Permission.WEEK_SAVE: (owns,),
    Permission.WEEK_SUBMIT: (owns,),
    Permission.WEEK_RECALL: (owns,),
    Permission.WEEK_AMEND: (owns, approves, covers_queue),
    Permission.WEEK_LIST_AWAITING: (anyone,),
    Permission.WEEK_DECIDE: (approves, covers_queue),
    Permission.WEEK_ASK: (approves, covers_queue),
    Permission.WEEK_ANSWER: (owns,),
    Permission.WEEK_REASSIGN: (hr_manager_of,),
    Permission.REVIEW_ASK: (owns,),
    Permission.REVIEW_DECIDE: (reviews,),
    Permission.PLAN_READ: (owns,),
    Permission.PLAN_WRITE: (owns,),
    Permission.AGREEMENT_READ: (owns, agrees),
    Permission.AGREEMENT_ASK: (owns,),
    Permission.AGREEMENT_DECIDE: (agrees,),
    Permission.AGREEMENT_END: (owns, agrees),
    Permission.ALLOWANCE_READ: (owns,),
    Permission.POLICY_READ: (anyone,),
    Permission.POLICY_ADOPT: (adopts_policies, is_system),
    Permission.ALLOWANCE_READ_TEAM: (manages,),
    Permission.ALLOWANCE_EXPLAIN: (anyone,),
    Permission.ABSENCE_WRITE: (owns,),
    Permission.ABSENCE_IMPORT: (hr_manager_of, is_system),
    Permission.PATTERN_READ: (owns, manages, hr_manager_of, is_system),
    Permission.PATTERN_WRITE: (manages, hr_manager_of, is_system),
    Permission.MOVE_WRITE: (hr_manager_of, is_system),
    Permission.CALENDAR_READ: (anyone,),
    Permission.CALENDAR_WRITE: (keeps_calendars, is_system),
    Permission.BLACKOUT_READ: (anyone,),
    Permission.BLACKOUT_WRITE: (hr_manager_of, leads),
    Permission.ADJUSTMENT_PROPOSE: (hr_manager_of,),
    Permission.ADJUSTMENT_DECIDE: (is_second_person,),
    Permission.DIRECTORY_READ: (anyone, is_system),
    Permission.PROFILE_EDIT: (anyone,),
    Permission.TEAM_READ: (has_staff,),
    Permission.PERSON_MANAGE: (hr_manager_of, is_system),
    Permission.PERSON_PROVISION: (hr_manager_of,),
    Permission.PERSON_HISTORY: (owns, hr_manager_of),
    Permission.ROLE_READ: (reads_roles, is_system),
    Permission.ROLE_GRANT: (grants_roles, is_system),
    Permission.ROLE_CONFIRM: (confirms_roles,),
    Permission.DELEGATION_READ: (is_either_side,),
    Permission.DELEGATION_ASK: (has_staff,),
    Permission.DELEGATION_ANSWER: (is_delegate,),
    Permission.DELEGATION_END: (is_either_side,),
    Permission.QUARTER_READ: (anyone,),
    Permission.QUARTER_CLOSE: (is_system,),
    Permission.REPORT_READ: (reads_reports,),
    Permission.REPORT_FREEZE: (signs_reports, is_system),
    Permission.NOTICE_READ: (anyone,),
    Permission.NOTICE_MARK: (anyone,),
    Permission.NOTICE_CHOOSE: (anyone,),
    Permission.OUTSIDE_READ: (hosts, hr_manager_of, is_system),
    Permission.OUTSIDE_INVITE: (anyone,),
    Permission.OUTSIDE_MANAGE: (hosts, hr_manager_of, is_system),
    Permission.OUTSIDE_OVERSEE: (hr_manager_of, is_system),
    Permission.OUTSIDE_STAY: (is_outside,),
    Permission.OUTSIDE_ACCEPT: (is_outside,),
    Permission.OUTSIDE_TERMS: (writes_terms, is_system),
    Permission.SESSION_END: (anyone,),
    Permission.OWN_DATA_READ: (anyone,),
    Permission.AUDIT_READ: (audits, is_system),
    Permission.ACCOUNT_MANAGE: (anyone,),
}


def rights_from_outside(actor: Actor) -> frozenset[Permission]:
    """What somebody from outside could be permitted at all, whatever they were given besides."""
    return BEFORE_TERMS if actor.terms_due else OUTSIDE_RIGHTS


def permits(actor: Actor, permission: Permission | str, subject: Any = None) -> bool:
    """True if `actor` may do this to `subject`, by role or relation and, for a token, by scope."""
    permission = Permission(permission)
    if not actor.in_scope(permission) or (actor.outside and permission not in rights_from_outside(actor)):
        return False
    return any(predicate(actor, subject) for predicate in GRANTS[permission])


def rights_of(actor: Actor) -> frozenset[Permission]:
    """Everything an actor could be permitted at all, of one thing or another: what stands on every page goes by it.

    It hangs on what somebody is and not on who they are, so it is worked out once for all who are the same.
    """
    leads = actor.senior and actor.unit_id is not None
    anyone_such = Actor(
        id=None if actor.id is None else 0,
        name="",
        unit_id=0 if leads else None,
        manages=actor.manages,
        senior=leads,
        roles=tuple(RoleHeld(role, 0) for role in dict.fromkeys(held.role for held in actor.roles)),
        scopes=actor.scopes,
        stands_in_for=frozenset({0} if actor.stands_in_for else ()),
        outside=actor.outside,
        terms_due=actor.terms_due,
    )
    return _rights(anyone_such)


@lru_cache(maxsize=256)
def _rights(actor: Actor) -> frozenset[Permission]:
    return frozenset(each for each in Permission if permits(actor, each))


DUTIES = frozenset({
    Permission.POLICY_ADOPT,
    Permission.CALENDAR_WRITE,
    Permission.BLACKOUT_WRITE,
    Permission.ABSENCE_IMPORT,
    Permission.PERSON_MANAGE,
    Permission.ADJUSTMENT_PROPOSE,
    Permission.FLAG_SETTLE,
    Permission.REPORT_READ,
    Permission.AUDIT_READ,
})  # fmt: skip


def runs_scheme(rights: frozenset[Permission]) -> bool:
    """True for the rights of whoever may do any part of running the scheme, not only read how it is set."""
    return bool(DUTIES & rights)


def ensure(actor: Actor, permission: Permission, subject: Any) -> None:
    """Refuse unless permitted, in the same words as for a thing that does not exist."""
    if not permits(actor, permission, subject):
        raise NotFound
