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
    WEEK_AMEND = "week:amend"  # reopen an approved week: one's own, or one decided oneself once its quarter is closed
    WEEK_LIST_AWAITING = "week:list-awaiting"  # the queue of weeks that wait for oneself
    WEEK_DECIDE = "week:decide"  # approve or return a week that waits for oneself
    ALLOWANCE_READ = "allowance:read"  # one's own balance and its ledger
    ALLOWANCE_READ_TEAM = "allowance:read-team"  # the balances of those one manages
    ALLOWANCE_EXPLAIN = "allowance:explain"  # try the rule on a scenario; nobody's record is read
    ABSENCE_WRITE = "absence:write"  # say when one is away oneself
    ABSENCE_IMPORT = "absence:import"  # load absences of the people one's HR role covers
    PATTERN_READ = "pattern:read"  # working hours: one's own, one's team's, or those of people one's HR role covers
    PATTERN_WRITE = "pattern:write"  # set working hours of people one manages or one's HR role covers
    MOVE_WRITE = "move:write"  # record the share of somebody's time that is lent elsewhere
    CALENDAR_READ = "calendar:read"  # public holidays
    CALENDAR_WRITE = "calendar:write"  # copy, import and edit calendars of one's own
    BLACKOUT_READ = "blackout:read"  # dates on which units can spare no time
    BLACKOUT_WRITE = "blackout:write"  # set or lift a blackout for a unit
    ADJUSTMENT_PROPOSE = "adjustment:propose"  # propose a correction to somebody's minutes
    ADJUSTMENT_DECIDE = "adjustment:decide"  # post or refuse a correction somebody else proposed
    PERSON_MANAGE = "person:manage"  # change the post of people one's HR role covers, and load a file of them
    PERSON_HISTORY = "person:history"  # the posts somebody has held: one's own, or of people one's HR role covers
    QUARTER_READ = "quarter:read"  # which quarters are open, closed or locked
    QUARTER_CLOSE = "quarter:close"  # carry over and close a quarter's books for good
    POLICY_READ = "policy:read"  # the settings in force in any unit, and who decided them
    POLICY_ADOPT = "policy:adopt"  # change the settings of the units one's HR role covers
    REPORT_READ = "report:read"  # utilisation of the units one's HR role covers
    REPORT_FREEZE = "report:freeze"  # store a quarter's utilisation for good
    SESSION_END = "session:end"  # sign out


SCOPES: dict[str, frozenset[Permission]] = {
    "projects:read": frozenset({Permission.PROJECT_LIST, Permission.PROJECT_READ}),
    "projects:write": frozenset({Permission.PROJECT_REGISTER, Permission.PROJECT_EDIT}),
    "weeks:read": frozenset({Permission.WEEK_READ}),
    "weeks:write": frozenset(
        {Permission.WEEK_SAVE, Permission.WEEK_SUBMIT, Permission.WEEK_RECALL, Permission.WEEK_AMEND}
    ),
    "allowance:read": frozenset(
        {Permission.ALLOWANCE_READ, Permission.ALLOWANCE_EXPLAIN, Permission.PATTERN_READ, Permission.QUARTER_READ}
    ),
    "allowance:write": frozenset({Permission.ABSENCE_WRITE}),
    "team:read": frozenset({Permission.ALLOWANCE_READ_TEAM}),
    "scheme:read": frozenset({Permission.CALENDAR_READ, Permission.BLACKOUT_READ}),
    "scheme:write": frozenset(
        {
            Permission.ABSENCE_IMPORT,
            Permission.PATTERN_WRITE,
            Permission.MOVE_WRITE,
            Permission.CALENDAR_WRITE,
            Permission.BLACKOUT_WRITE,
            Permission.ADJUSTMENT_PROPOSE,
            Permission.ADJUSTMENT_DECIDE,
        }
    ),
    "people:read": frozenset({Permission.PERSON_HISTORY}),
    "people:write": frozenset({Permission.PERSON_MANAGE}),
    "approvals:read": frozenset({Permission.WEEK_LIST_AWAITING}),
    "approvals:write": frozenset({Permission.WEEK_DECIDE}),
    "policies:read": frozenset({Permission.POLICY_READ}),
    "policies:write": frozenset({Permission.POLICY_ADOPT}),
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
