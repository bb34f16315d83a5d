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
    FLAG_RAISE = "flag:raise"  # ask a coordinator to look at a project: one's own, or one a coordinator's role covers
    FLAG_SETTLE = "flag:settle"  # clear or stop flagged projects one's role as coordinator covers, and list them
    WEEK_READ = "week:read"  # one's own week, or a week one may decide
    WEEK_SAVE = "week:save"  # change the entries of one's own open week
    WEEK_SUBMIT = "week:submit"  # send one's own week for approval
    WEEK_RECALL = "week:recall"  # take back one's own week before it is decided
    WEEK_AMEND = "week:amend"  # reopen an approved week: one's own, or one decided oneself once its quarter is closed
    WEEK_LIST_AWAITING = "week:list-awaiting"  # the queue of weeks that wait for oneself
    WEEK_DECIDE = "week:decide"  # approve or return a week that waits for oneself
    WEEK_ASK = "week:ask"  # ask the owner about a week that waits for oneself
    WEEK_REASSIGN = "week:reassign"  # let undecided weeks of people one's HR role covers wait for their new manager
    REVIEW_ASK = "review:ask"  # ask for a return of one's own week to be looked at again
    REVIEW_DECIDE = "review:decide"  # look again at a return as the countersigning manager or on a panel
    WEEK_ANSWER = "week:answer"  # answer a question about one's own week
    PLAN_READ = "plan:read"  # the time one has planned ahead
    PLAN_WRITE = "plan:write"  # plan time ahead, move and drop it, and say that it was done
    AGREEMENT_READ = "agreement:read"  # what one asked one's manager to agree to, or what one's own staff asked
    AGREEMENT_ASK = "agreement:ask"  # ask one's manager to agree in advance, or take it back
    AGREEMENT_DECIDE = "agreement:decide"  # agree or refuse what one's staff asked for
    AGREEMENT_END = "agreement:end"  # end an agreement, from either side
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
    DIRECTORY_READ = "directory:read"  # who works where, as what and for whom; never hours or time
    PROFILE_EDIT = "profile:edit"  # one's own skills and interests
    TEAM_READ = "team:read"  # the posts of those one manages, and what is known to change
    PERSON_MANAGE = "person:manage"  # change the post of people one's HR role covers, and load a file of them
    PERSON_PROVISION = "person:provision"  # open, change and end accounts of people one's HR role covers, by SCIM
    PERSON_HISTORY = "person:history"  # the posts somebody has held: one's own, or of people one's HR role covers
    ROLE_READ = "role:read"  # who holds which role in the units one's role covers
    ROLE_GRANT = "role:grant"  # give and end roles in the units one administers; some wait for a second person
    ROLE_CONFIRM = "role:confirm"  # confirm or refuse a role that somebody else proposed
    DELEGATION_READ = "delegation:read"  # who stands in for oneself, and for whom one stands in
    DELEGATION_ASK = "delegation:ask"  # ask somebody to decide in one's place for a while
    DELEGATION_ANSWER = "delegation:answer"  # accept or decline standing in for somebody
    DELEGATION_END = "delegation:end"  # end a delegation one gave or took
    QUARTER_READ = "quarter:read"  # which quarters are open, closed or locked
    QUARTER_CLOSE = "quarter:close"  # carry over and close a quarter's books for good
    POLICY_READ = "policy:read"  # the settings in force in any unit, and who decided them
    POLICY_ADOPT = "policy:adopt"  # change the settings of the units one's HR role covers
    REPORT_READ = "report:read"  # utilisation of the units one's HR role covers
    REPORT_FREEZE = "report:freeze"  # store a quarter's utilisation for good
    NOTICE_READ = "notice:read"  # one's own messages, and what one chose about mail
    NOTICE_MARK = "notice:mark"  # mark one's own messages as read
    NOTICE_CHOOSE = "notice:choose"  # when to get mail of each group of messages
    OUTSIDE_READ = "outside:read"  # the people from outside whom one hosts
    OUTSIDE_INVITE = "outside:invite"  # invite somebody from outside to projects one works on
    OUTSIDE_MANAGE = "outside:manage"  # extend and end a stay one hosts or one's HR role covers; send the link again
    OUTSIDE_OVERSEE = "outside:oversee"  # all people from outside in the units one's HR role covers
    OUTSIDE_STAY = "outside:stay"  # as somebody from outside: read one's own stay, and the terms of use
    OUTSIDE_ACCEPT = "outside:accept"  # as somebody from outside: accept the terms of use
    OUTSIDE_TERMS = "outside:terms"  # publish a new version of the terms for people from outside
    SESSION_END = "session:end"  # sign out
    OWN_DATA_READ = "own-data:read"  # everything held about oneself, and who has looked at it
    AUDIT_READ = "audit:read"  # what the people in the units one's role covers did, and what was done about them
    ACCOUNT_MANAGE = "account:manage"  # see and end one's own sessions, change how one signs in


SCOPES: dict[str, frozenset[Permission]] = {
    "projects:read": frozenset({Permission.PROJECT_LIST, Permission.PROJECT_READ}),
    "projects:write": frozenset({Permission.PROJECT_REGISTER, Permission.PROJECT_EDIT, Permission.FLAG_RAISE}),
    "flags:settle": frozenset({Permission.FLAG_SETTLE}),
    "weeks:read": frozenset({Permission.WEEK_READ}),
    "weeks:write": frozenset(
        {
            Permission.WEEK_SAVE,
            Permission.WEEK_SUBMIT,
            Permission.WEEK_RECALL,
            Permission.WEEK_AMEND,
            Permission.WEEK_ANSWER,
            Permission.REVIEW_ASK,
        }
    ),
    "plans:read": frozenset({Permission.PLAN_READ}),
    "plans:write": frozenset({Permission.PLAN_WRITE}),
    "agreements:read": frozenset({Permission.AGREEMENT_READ}),
    "agreements:write": frozenset({Permission.AGREEMENT_ASK, Permission.AGREEMENT_DECIDE, Permission.AGREEMENT_END}),
    "allowance:read": frozenset(
        {Permission.ALLOWANCE_READ, Permission.ALLOWANCE_EXPLAIN, Permission.PATTERN_READ, Permission.QUARTER_READ}
    ),
    "allowance:write": frozenset({Permission.ABSENCE_WRITE}),
    "team:read": frozenset({Permission.ALLOWANCE_READ_TEAM, Permission.TEAM_READ}),
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
    "directory:read": frozenset({Permission.DIRECTORY_READ}),
    "directory:write": frozenset({Permission.PROFILE_EDIT}),
    "people:read": frozenset({Permission.PERSON_HISTORY}),
    "people:write": frozenset({Permission.PERSON_MANAGE}),
    "scim": frozenset({Permission.PERSON_PROVISION}),
    "roles:read": frozenset({Permission.ROLE_READ}),
    "roles:write": frozenset({Permission.ROLE_GRANT, Permission.ROLE_CONFIRM}),
    "delegations:read": frozenset({Permission.DELEGATION_READ}),
    "delegations:write": frozenset(
        {Permission.DELEGATION_ASK, Permission.DELEGATION_ANSWER, Permission.DELEGATION_END}
    ),
    "approvals:read": frozenset({Permission.WEEK_LIST_AWAITING}),
    "approvals:write": frozenset(
        {Permission.WEEK_DECIDE, Permission.WEEK_ASK, Permission.REVIEW_DECIDE, Permission.WEEK_REASSIGN}
    ),
    "policies:read": frozenset({Permission.POLICY_READ}),
    "policies:write": frozenset({Permission.POLICY_ADOPT}),
    "inbox:read": frozenset({Permission.NOTICE_READ}),
    "inbox:write": frozenset({Permission.NOTICE_MARK, Permission.NOTICE_CHOOSE}),
    "outside:read": frozenset({Permission.OUTSIDE_READ, Permission.OUTSIDE_OVERSEE, Permission.OUTSIDE_STAY}),
    "outside:write": frozenset(
        {
            Permission.OUTSIDE_INVITE,
            Permission.OUTSIDE_MANAGE,
            Permission.OUTSIDE_ACCEPT,
            Permission.OUTSIDE_TERMS,
        }
    ),
    "reports:read": frozenset({Permission.REPORT_READ}),
    "reports:write": frozenset({Permission.REPORT_FREEZE}),
    "audit:read": frozenset({Permission.AUDIT_READ}),
}


# All that somebody from outside may do, whatever else is granted to anybody; and what before they accept the terms.
BEFORE_TERMS = frozenset({Permission.OUTSIDE_STAY, Permission.OUTSIDE_ACCEPT, Permission.SESSION_END})
OUTSIDE_RIGHTS = BEFORE_TERMS | {
    Permission.HOME_READ,
    Permission.PROJECT_READ,
    Permission.NOTICE_READ,
    Permission.NOTICE_MARK,
    Permission.NOTICE_CHOOSE,
    Permission.OWN_DATA_READ,
    Permission.ACCOUNT_MANAGE,
}


class Role(StrEnum):
    """What a person is trusted with, for a unit and everything below it, between two dates."""

    HR_ANALYST = "hr_analyst"
    HR_MANAGER = "hr_manager"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    FINANCE = "finance"
    STAFF_REP = "rep"
