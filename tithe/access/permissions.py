"""Every right in tithe, by name, and the scope a token needs to use it."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """Named `thing:verb`. Who holds each is in `grants`."""

    HOME_READ = "home:read"  # the page each person lands on
    PROJECT_LIST = "project:list"  # registered projects, and one's own drafts
    PROJECT_READ = "project:read"  # one project: drafts only by its members
    PROJECT_REGISTER = "project:register"  # write a draft or register a project of one's own
    PROJECT_EDIT = "project:edit"  # change the words of one's own project
    WEEK_READ = "week:read"  # one's own week, or a week one may decide
    WEEK_SAVE = "week:save"  # change the entries of one's own open week
    WEEK_SUBMIT = "week:submit"  # send one's own week for approval
    WEEK_RECALL = "week:recall"  # take back one's own week before it is decided
    WEEK_LIST_AWAITING = "week:list-awaiting"  # the queue of weeks that wait for oneself
    WEEK_DECIDE = "week:decide"  # approve or return a week that waits for oneself
    ALLOWANCE_READ = "allowance:read"  # one's own balance and its ledger
    REPORT_READ = "report:read"  # utilisation of the units one's HR role covers
    REPORT_FREEZE = "report:freeze"  # store a quarter's utilisation for good
    SESSION_END = "session:end"  # sign out


SCOPES: dict[str, frozenset[Permission]] = {
    "projects:read": frozenset({Permission.PROJECT_LIST, Permission.PROJECT_READ}),
    "projects:write": frozenset({Permission.PROJECT_REGISTER, Permission.PROJECT_EDIT}),
    "weeks:read": frozenset({Permission.WEEK_READ, Permission.ALLOWANCE_READ}),
    "weeks:write": frozenset({Permission.WEEK_SAVE, Permission.WEEK_SUBMIT, Permission.WEEK_RECALL}),
    "approvals:read": frozenset({Permission.WEEK_LIST_AWAITING}),
    "approvals:write": frozenset({Permission.WEEK_DECIDE}),
    "reports:read": frozenset({Permission.REPORT_READ}),
    "reports:write": frozenset({Permission.REPORT_FREEZE}),
}


class Role(StrEnum):
    """What a person is trusted with, for a unit and everything below it, between two dates."""

    HR_ANALYST = "hr_analyst"
    HR_MANAGER = "hr_manager"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
