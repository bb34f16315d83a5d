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
MAIL_ONLY = ("password-reset", "password-invitation", "outside-invited")

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
    "second-factor-changed": (
        "How you sign in was changed",
        "{what}. If it was not you, tell the people who run tithe at once.",
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
    "week-escalated": (
        "The week of {week} of {owner} now waits for you",
        "{decider} has not decided {total} of tithed time that {owner} submitted for the week of {week}; it was due by "
        "{due}. As the countersigning manager, please decide it by {until}.",
        "You get this because the week waits for your decision.",
        Group.WAITING,
    ),
    "week-moved-on": (
        "The week of {week} of {owner} no longer waits for you",
        "The week of {week} of {owner} was to be decided by {due}. It now waits for {heir}. There is nothing for you "
        "to decide on it.",
        "You get this because the week was waiting for your decision.",
        Group.WAITING,
    ),
    "week-waits-elsewhere": (
        "Your week of {week} now waits for {heir}",
        "{decider} has not decided your week of {week} by {due}, so it has moved on: {heir} will decide it. There is "
        "nothing for you to do.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "weeks-in-queue": (
        "Weeks that nobody decided wait in your queue",
        "Managers have not decided some weeks in time, so they wait for whoever keeps the queue of their unit. Please "
        "decide them as soon as you can.",
        "You get this because you keep the queue of a unit.",
        Group.WAITING,
    ),
    "week-deemed": (
        "The week of {week} of {owner} counts as approved",
        "{total} of tithed time that {owner} submitted for the week of {week} was to be decided by {due}. Nobody did, "
        "and it is within every limit, so it is approved. It is counted apart from what managers approve.",
        "You get this because the week was waiting for your decision.",
        Group.WAITING,
    ),
    "weeks-wait": (
        "{count} for your decision",
        "{count} for your decision. The first is due by {due}. What is not decided in time moves on to another "
        "manager.",
        "You get this because weeks wait for you, or for somebody you stand in for.",
        Group.REMINDERS,
    ),
    "week-fix": (
        "Put your week of {week} right by {due}",
        "Since you logged time on {days}, time away was put on record there, and the day no longer has room for both. "
        "Change the week, or correct the time away, by {due}. Nothing is deleted by itself.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "week-not-fixed": (
        "{owner} has not put the week of {week} right",
        "The week of {week} of {owner} holds time on days that have no room for it any more. They were asked to put it "
        "right by {due} and have not. Please talk to them; nothing is deleted by itself.",
        "You get this because you decide that week.",
        Group.WAITING,
    ),
    "weeks-missing": (
        "Was there any tithed time in the week of {weeks}?",
        "You have submitted nothing for the week of {weeks}. Log your time and submit it, or say on its page that "
        "there was nothing: that takes one click and ends these reminders.",
        "You get this because you take part in a project or have planned time.",
        Group.REMINDERS,
    ),
    "review-asked": (
        "{owner} asks you to review the return of the week of {week}",
        "{owner} asks for the return of their week of {week} to be looked at again:\n\n{words}\n\nPlease say what the "
        "review comes to by {due}.",
        "You get this because you may review it.",
        Group.WAITING,
    ),
    "review-settled": (
        "Your week of {week} was reviewed",
        "The return of your week of {week} was looked at again. {what}.\n\n{words}",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "review-settled-decider": (
        "The return of the week of {week} of {owner} was reviewed",
        "{owner} had asked for the return of their week of {week} to be looked at again. {what}.\n\n{words}",
        "You get this because you returned the week.",
        Group.WAITING,
    ),
    "flag-raised": (
        "“{title}” waits for a coordinator",
        "{who} asks for the project “{title}” to be looked at.\n\nGround: {ground}\n\n{words}\n\nPlease clear it, or "
        "stop the project.",
        "You get this because you coordinate the scheme for its unit.",
        Group.WAITING,
    ),
    "flag-raised-owner": (
        "Your project “{title}” waits for a coordinator",
        "{who} asks for your project “{title}” to be looked at before it goes on.\n\nGround: {ground}\n\n{words}\n\n"
        "Until a coordinator clears it, no time can be logged to it or submitted. What is logged already stays.",
        "You get this because the project is yours.",
        Group.DECISIONS,
    ),
    "flag-query-owner": (
        "{who} asks about your project “{title}”",
        "{who} asks about your project “{title}”.\n\nGround: {ground}\n\n{words}\n\nWork may go on meanwhile. You can "
        "change the answers on its page so that they say more.",
        "You get this because the project is yours.",
        Group.DECISIONS,
    ),
    "flag-settled": (
        "A coordinator has looked at “{title}”",
        "{who} has looked at the project “{title}”. {what}.\n\nIt was flagged for: {ground}\n\n{words}",
        "You get this because you work on the project, or asked for it to be looked at.",
        Group.DECISIONS,
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
    "week-called-back": (
        "Your week of {week} was called back",
        "{decider} has called back your week of {week}, which your agreement had approved.\n\nGround: {ground}\n\n"
        "{words}\n\nWhat was approved counts until the week is approved again. Change what needs changing, then submit "
        "it; or ask for a review on its page.",
        "You get this because the week is yours.",
        Group.DECISIONS,
    ),
    "timer-capped": (
        "Your timer has stopped counting at {total}",
        "The timer you started at {started} has stopped counting at {total}: it ran for four hours, to the end of the "
        "day or until the day was full. Stop it to log that time, or discard it.",
        "You get this because the timer is yours and still runs. It comes once.",
        Group.REMINDERS,
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
    "agreement-asked": (
        "{owner} asks you to agree to tithed time in advance",
        "{owner} asks you to agree to {what}. Weeks inside it are then approved when they are submitted.",
        "You get this because you manage {owner}.",
        Group.WAITING,
    ),
    "agreement-withdrawn": (
        "{owner} took back what you were asked to agree to",
        "{owner} has taken back the request for {what}. There is nothing for you to decide on it now.",
        "You get this because you manage {owner}.",
        Group.WAITING,
    ),
    "agreement-agreed": (
        "{decider} agreed to your tithed time in advance",
        "{decider} has agreed to {what}. Either of you may end it from any day on.",
        "You get this because you asked for it.",
        Group.DECISIONS,
    ),
    "agreement-refused": (
        "{decider} did not agree to your tithed time in advance",
        "{decider} has refused the request for {what}.\n\nGround: {ground}\n\n{words}\n\nYou may ask for other days.",
        "You get this because you asked for it.",
        Group.DECISIONS,
    ),
    "agreement-ended": (
        "{decider} ended an agreement from {day} on",
        "{decider} has ended what {owner} and their manager had agreed: {what}. From {day} on every week waits for a "
        "decision as usual.",
        "You get this because the agreement was yours or of somebody you manage.",
        Group.DECISIONS,
    ),
    "outside-invited": (
        "{host} invites you to tithe",
        "{host} invites you to take part in: {projects}. Your account works until {day}.\n\nThe link below works once, "
        "for 7 days: read the terms of use, accept them, and choose a password.",
        "You get this because {host} gave your address.",
        Group.SAFETY,
    ),
    "outside-accepted": (
        "{guest} has accepted your invitation",
        "{guest} has read and accepted the terms of use, and may now see the projects you chose until {day}.",
        "You get this because you host {guest}.",
        Group.DECISIONS,
    ),
    "outside-extended": (
        "Your account now works until {day}",
        "{decider} has set a new last day for your account: {day}. From the day after it nothing of it works.",
        "You get this because the account is yours.",
        Group.SAFETY,
    ),
    "outside-ended": (
        "The account of {guest} has ended",
        "{decider} has ended the account of {guest}. Nothing of it works any more.",
        "You get this because the account was yours, or you hosted {guest}.",
        Group.SAFETY,
    ),
    "outside-ending": (
        "The account of {guest} ends on {day}",
        "The account of {guest} works until {day}, and then ends by itself. Whoever hosts them can set a later day.",
        "You get this because the account is yours, or you host {guest}.",
        Group.REMINDERS,
    ),
    "outside-handed-on": (
        "You now host {guest}",
        "{guest} from {organisation} was hosted by {decider}, who has left or is no longer on their projects. You "
        "decide from now on whether the account goes on after {day}, or ends earlier.",
        "You get this because you managed {decider}, or look after people from outside in that unit.",
        Group.WAITING,
    ),
}
