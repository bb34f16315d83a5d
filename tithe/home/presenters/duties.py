"""The parts of running the scheme, in the order in which the page of that name lists them."""

from __future__ import annotations

from dataclasses import dataclass

from tithe.access.permissions import Permission


@dataclass(frozen=True)
class Duty:
    """A part of running the scheme: who may open it, the page it is done on, and what that is."""

    permission: Permission
    endpoint: str
    title: str
    about: str


DUTIES = (
    Duty(
        Permission.POLICY_READ, "policy.mine", "Policy",
        "The settings in force in each unit, where each comes from, and changing them.",
    ),
    Duty(
        Permission.CALENDAR_READ, "calendars.calendars", "Public holidays",
        "The calendars of each place of work, and copies of your own.",
    ),
    Duty(
        Permission.BLACKOUT_READ, "blackouts.blackouts", "Blackouts",
        "Dates on which a unit can spare no time, with notice and a yearly limit.",
    ),
    Duty(
        Permission.PERSON_MANAGE, "people-import.import_file", "Import people",
        "Load staff, their posts and managers from a file of the HR system.",
    ),
    Duty(
        Permission.ROLE_READ, "roles.roles", "Roles",
        "Who holds which role, giving and ending them, and confirming what somebody else proposed.",
    ),
    Duty(
        Permission.OUTSIDE_OVERSEE, "outside.overseen", "People from outside",
        "Everybody from outside in your units, who hosts them and until when; ending a stay; the terms of use.",
    ),
    Duty(
        Permission.ABSENCE_IMPORT, "absences.import_feed", "Import absences",
        "Load time away from a file. Only minutes are kept, never a reason.",
    ),
    Duty(
        Permission.ADJUSTMENT_PROPOSE, "adjustments.adjustments", "Corrections",
        "Propose a correction to somebody’s minutes, or decide one that a colleague proposed.",
    ),
    Duty(
        Permission.FLAG_SETTLE, "projects.flags", "Flagged projects",
        "Projects that wait for a coordinator because of a conflict, a risk to security or their scope.",
    ),
    Duty(
        Permission.QUARTER_READ, "quarters.quarters", "Quarters",
        "Which quarters are open, closed or locked.",
    ),
    Duty(
        Permission.REPORT_READ, "reports.utilisation", "Utilisation",
        "How much of the time is used, by unit, and freezing a quarter’s figures.",
    ),
    Duty(
        Permission.AUDIT_READ, "audit.audit", "Audit",
        "Who did what and when, who looked at whose record, and whether the record of it still holds.",
    ),
)  # fmt: skip
