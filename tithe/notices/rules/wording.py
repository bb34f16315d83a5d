"""What each message says, why its reader gets it, and which group of messages it belongs to. Pure."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """Messages that a person chooses about together. What may be chosen for each is in `choices.GROUPS`."""

    DECISIONS = "decisions"  # what was decided about one's own time, projects and requests
    WAITING = "waiting"  # what waits for one's own decision, and what no longer does
    REMINDERS = "reminders"  # what one has not done yet; a reminder is asked about once more before it goes
    MINUTES = "minutes"  # one's hours on record and one's minutes
    SCHEME = "scheme"  # running the scheme
    SAFETY = "safety"  # signing in, and who acts in one's name


# What makes their links work is only in the mail, so the inbox leaves them out.
MAIL_ONLY = ("password-reset", "password-invitation")

# Each event: subject, body, why its reader gets it, and its group. Facts fill the places in braces.
WORDING: dict[str, tuple[str, str, str, Group]] = {
    "password-reset": (
        "Set a new password for tithe",
        "Somebody, probably you, asked to set a new password for your account. The link below works once, for 30 "
        "minutes. If it was not you, do nothing: your password stays as it is.",
        "You get this because the account is yours.",
        Group.SAFETY,
    ),
    "password-invitation": (
        "You are invited to tithe",
        "There is an account for you. The link below works once, for 7 days, and lets you choose a password.",
        "You get this because the account is yours.",
        Group.SAFETY,
    ),
    "password-changed": (
        "Your password was changed",
        "The password of your account was changed, and you were signed out everywhere else. If it was not you, tell "
        "the people who run tithe at once.",
        "You get this because the account is yours.",
        Group.SAFETY,
    ),
    "identity-linked": (
        "You can sign in with your organisation’s account",
        "Your record was linked to your account with your organisation’s sign-in service, by your staff number, when "
        "you first signed in. If it was not you, tell the people who run tithe at once.",
        "You get this because the record is yours.",
        Group.SAFETY,
    ),
    "week-submitted": (
        "{owner} asks you to approve the week of {week}",
        "{owner} has submitted {total} of tithed time for the week of {week}. Please decide by {due}.",
        "You get this because the week waits for your decision.",
        Group.WAITING,
    ),
    "week-recalled": (
        "{owner} took back the week of {week}",
        "{owner} has taken back the week of {week}. There is nothing for you to decide on it now.",
        "You get this because the week was waiting for your decision.",
        Group.WAITING,
    ),
    "week-handed-over": (
        "The week of {week} of {owner} now waits for you",
        "{decider} has left before deciding {total} of tithed time that {owner} submitted for the week of {week}. "
        "Please decide it as soon as you can.",
        "You get this because you managed {decider}, for whom the week was waiting.",
        Group.WAITING,
    ),
    "week-approved": (
        "Your week of {week} is approved",
        "{decider} has approved {total} of tithed time for the week of {week}.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "week-approved-by-rule": (
        "Your week of {week} is approved",
        "{total} of tithed time for the week of {week} is approved {why}.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "week-question": (
        "{decider} asks about your week of {week}",
        "{decider} asks about your week of {week} before deciding it:\n\n{words}\n\nPlease answer on its page. Until "
        "you do, the time for the decision is extended, by 5 working days at most.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "week-answered": (
        "{owner} answered your question about the week of {week}",
        "{owner} has answered what you asked about the week of {week}:\n\n{words}\n\nThe week waits for a decision "
        "by {due}.",
        "You get this because you asked the question.",
        Group.WAITING,
    ),
    "week-returned": (
        "Your week of {week} was returned",
        "{decider} has returned your week of {week}.\n\nGround: {ground}\n\n{words}\n\n"
        "Change what needs changing, then submit it again.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "hours-changed": (
        "Your working hours on record have changed",
        "What is on record about when you work has changed: {what}. {who} put it there.\n\n"
        "Your allowance follows it. If it is wrong, ask your line manager or HR to change it.",
        "You get this because the hours are yours.",
        Group.MINUTES,
    ),
    "adjustment-posted": (
        "Your minutes for {quarter} were corrected: {total}",
        "{proposer} proposed and {decider} posted a correction of {total} to your minutes for {quarter}.\n\n{words}",
        "You get this because the minutes are yours.",
        Group.MINUTES,
    ),
    "adjustment-refused": (
        "{decider} refused the correction you proposed for {owner}",
        "{decider} has refused the correction of {total} for {quarter} that you proposed for {owner}.\n\n{words}\n\n"
        "Nothing was posted. You may propose another.",
        "You get this because you proposed the correction.",
        Group.DECISIONS,
    ),
    "week-reopened": (
        "{decider} reopened your week of {week}",
        "{decider} has reopened your approved week of {week} so that you can correct it.\n\n{words}\n\n"
        "What was approved counts until the corrected week is approved. Change it, then submit it again.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "quarter-frozen": (
        "Utilisation for {quarter} is frozen",
        "The utilisation report for {quarter} is stored. It will not change when later records do.",
        "You get this because you hold an HR role.",
        Group.SCHEME,
    ),
    "delegation-ask": (
        "{manager} asks {delegate} to stand in {days}",
        "{manager} has asked {delegate} to decide in their place {days}. Nothing changes until {delegate} accepts."
        "\n\n{words}",
        "You get this because you would decide for the other, or the other for you.",
        Group.SAFETY,
    ),
    "delegation-accept": (
        "{delegate} stands in for {manager} {days}",
        "{delegate} has accepted: {days} they decide in the place of {manager}. Either may end it at any time.",
        "You get this because one of you decides for the other.",
        Group.SAFETY,
    ),
    "delegation-decline": (
        "{delegate} declined to stand in for {manager} {days}",
        "{delegate} has declined to decide in the place of {manager} {days}. {manager} may ask somebody else.",
        "You get this because one of you was asked to decide for the other.",
        Group.SAFETY,
    ),
    "delegation-end": (
        "{delegate} no longer stands in for {manager}",
        "{decider} has ended it: {delegate} does not decide in the place of {manager} {days} any more.",
        "You get this because one of you was to decide for the other.",
        Group.SAFETY,
    ),
    "role-asked": (
        "{proposer} proposes {person} as {role} for {unit}",
        "{proposer} proposes that {person} becomes {role} for {unit} and all below it, {days}. It counts once a second "
        "person confirms it.\n\n{words}",
        "You get this because you may confirm or refuse it.",
        Group.WAITING,
    ),
    "role-given": (
        "You are {role} for {unit}",
        "{names} gave you the role {role} for {unit} and all below it, {days}.",
        "You get this because the role is yours.",
        Group.SAFETY,
    ),
    "role-refused": (
        "{decider} refused {person} as {role} for {unit}",
        "{decider} has refused the role {role} for {unit} that you proposed for {person}.\n\n{words}",
        "You get this because you proposed it.",
        Group.DECISIONS,
    ),
    "role-ended": (
        "Your role {role} for {unit} ends",
        "{decider} has ended your role {role} for {unit}: {days}.",
        "You get this because the role was yours.",
        Group.SAFETY,
    ),
}
