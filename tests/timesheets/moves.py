"""What people do in a history of weeks. Each move looks at its own database alone for what it is about."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select

from tests.support.kept import KeptStates
from tests.timesheets.side import LONGEST, PEOPLE, PLACES, Side
from tests.timesheets.weeks import NOW, REASON
from tithe.access.actor import Actor
from tithe.allowance.operations.adjustments import post_adjustment, propose_adjustment, refuse_adjustment
from tithe.allowance.rules.adjustments import Proposal
from tithe.allowance.rules.holidays import DEFAULT_CALENDAR
from tithe.kernel.calendar import Quarter
from tithe.kernel.clock import local_date
from tithe.kernel.db import db
from tithe.people.models import Delegation
from tithe.people.operations import posts
from tithe.people.operations.delegations import accept_delegation, ask_delegate, decline_delegation, end_delegation
from tithe.projects.flags import flags_waiting
from tithe.projects.operations import raise_flag, settle_flag
from tithe.timesheets.models import Decision, PanelOpinion, Question, ReviewRequest, Week
from tithe.timesheets.operations import decisions
from tithe.timesheets.operations.agreements import agree, ask_agreement, end_agreement
from tithe.timesheets.operations.amending import amend_week, call_back_week
from tithe.timesheets.operations.handover import reassign_weeks
from tithe.timesheets.operations.questions import answer_question, ask_question
from tithe.timesheets.operations.quick import declare_nothing, take_back_nothing
from tithe.timesheets.operations.reviews import ask_review, settle_review
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import weeks_awaiting
from tithe.timesheets.rules.agreements import Asked, RequestShape
from tithe.timesheets.rules.lifecycle import WeekStatus

WHY = "The ministry had been told in June that I would be away on Tuesday"


class Weeks(Side):
    """Owners and deciders. A decider decides on weeks as they were shown last, which may have moved on by then."""

    def first_weeks(self) -> None:
        """The owner's second week is on no project of the manager's, the colleague's within what was agreed."""
        self.sign_in()
        for number, project in ((0, None), (1, None), (2, None), (3, 1), (4, None)):
            self.improve(number, None, project)
            self.submit(number, None)
        self.look()

    def save(self, who: str, monday: date, grid: list[tuple[int, int, int]]) -> None:
        entries = [self.entry(monday + timedelta(days=day), number, size) for day, number, size in grid]
        self.attempt(save_week, who, monday=monday, entries=entries)

    def improve(self, number: int, somebody: str | None, project: int | None) -> None:
        who, monday = self.place(number)
        usual = {"owner": 0, "colleague": 2, "manager": 0}[who]
        chosen = usual if project is None else project
        sizes = [(day, 60 + 15 * (number % 4)) for day in range(1, 4)]
        entries = [self.entry(monday + timedelta(days=day), chosen, size) for day, size in sizes]
        self.attempt(save_week, somebody or who, monday=monday, entries=entries)

    def nothing(self, number: int, taken_back: bool) -> None:
        """Declare a week empty, whatever it held, or take that back."""
        who, monday = self.place(number)
        if (who, monday) in [(owner, starts_on) for _, owner, starts_on in self.in_state(WeekStatus.SUBMITTED)]:
            self.attempt(recall_week, who, monday=monday)
        self.attempt(save_week, who, monday=monday, entries=[])
        if self.attempt(declare_nothing, who, monday=monday) and taken_back:
            self.attempt(take_back_nothing, who, monday=monday)

    def submit(self, number: int, somebody: str | None) -> None:
        who, monday = self.place(number)
        self.attempt(submit_week, somebody or who, monday=monday)

    def recall(self, number: int, somebody: str | None) -> None:
        """One of the weeks that wait if there is any, else one that may not be recalled."""
        found = self.some_that_wait(number)
        who, monday = found[number % len(found)][1:] if found else self.place(number)
        self.attempt(recall_week, somebody or who, monday=monday)

    def amend(self, number: int, somebody: str | None, by_decider: bool) -> None:
        """One of the approved weeks if there is any, else one that may not be amended."""
        if not self.in_state(WeekStatus.APPROVED):
            self.approve(number, None, fresh=True)
        found = self.in_state(WeekStatus.APPROVED)
        week_id, owner, _ = found[number % len(found)] if found else (sorted(self.shown)[0], "owner", None)
        decided = select(Decision.decided_by).where(Decision.week_id == week_id).order_by(Decision.version.desc())
        decider = self.names.get(db.session.scalars(decided).first() or 0, owner)
        by = somebody or (decider if by_decider else owner)
        self.attempt(amend_week, by, week_id=week_id, reason="It was another day")

    def wait(self, length: int) -> None:
        """Days go by, and the night deals with what was left undone."""
        if length <= self.days_left:
            self.now += timedelta(days=length)
            self.night()

    @property
    def days_left(self) -> int:
        """A history lasts no longer than this."""
        return (NOW + LONGEST - self.now).days

    def wait_for_the_countersigner(self) -> None:
        self.wait(16)
        self.approve_everything_that_waits("director")

    def wait_for_the_queue(self) -> None:
        self.wait(16)
        self.wait(8)
        self.approve_everything_that_waits("hr")

    def look(self) -> None:
        self.shown = dict(db.session.execute(select(Week.id, Week.version).order_by(Week.id)).all())
        db.session.rollback()

    def approve(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        self.attempt(decisions.approve_weeks, by, versions={week_id: version})

    def approve_everything_that_waits(self, who: str) -> None:
        by = self.actors[who]
        waiting, _ = weeks_awaiting(by) if by is not None else ([], None)
        self.attempt(decisions.approve_weeks, who, versions={week.id: week.version for week in waiting})

    def send_back(self, number: int, somebody: str | None, fresh: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh)
        arguments = {"week_id": week_id, "version": version, "ground": "cover", "reason": REASON}
        self.attempt(decisions.return_week, by, **arguments)

    def choose(self, number: int, somebody: str | None, fresh: bool) -> tuple[int, int, str]:
        """A week as it was last shown, or one that waits as it stands now; decided by its approver or whoever stands in
        for them, unless by somebody else."""
        waiting = [week_id for week_id, *_ in self.some_that_wait(number)] if fresh else []
        if fresh:
            self.look()
        ids = waiting or sorted(self.shown)
        week_id = ids[number % len(ids)]
        return week_id, self.shown[week_id], somebody or self.approver(week_id, number)

    def some_that_wait(self, number: int) -> list[tuple[int, str, date]]:
        """The weeks that wait for a decision; when there is none, one or another is submitted first."""
        for each in range(number, number + PLACES):
            if found := self.in_state(WeekStatus.SUBMITTED):
                return found
            self.improve(each, None, None)
            self.submit(each, None)
        return self.in_state(WeekStatus.SUBMITTED)

    def question(self, number: int, somebody: str | None, answered: bool) -> None:
        week_id, version, by = self.choose(number, somebody, fresh=True)
        self.attempt(ask_question, by, week_id=week_id, version=version, words="Was this on the Tuesday?")
        if answered:
            self.answer(0)

    def answer(self, number: int) -> None:
        """One of the questions if there is any; it may be about a version that has moved on."""
        found = select(Week.person_id, Week.starts_on).join(Question, Question.week_id == Week.id).order_by(Question.id)
        if rows := db.session.execute(found).all():
            owner_id, monday = rows[-1 - number % len(rows)]
            self.attempt(answer_question, self.names[owner_id], monday=monday, answer="It was, in the afternoon")


class Moves(Weeks):
    """What comes before and after deciding: who decides, what is looked at again, and HR."""

    def stand_in(self, who: str, until: int, accepts: bool, decides: bool, ends: bool) -> None:
        """The manager asks somebody, who answers and may decide at once, and either ends it; some may not be asked."""
        today = local_date(self.now)
        asked = {"delegate": self.people[who].email, "starts_on": today, "ends_on": today + timedelta(days=until)}
        delegation_id = self.attempt(ask_delegate, "manager", **asked)
        if delegation_id is None:
            return
        if not accepts:
            self.attempt(decline_delegation, who, delegation_id=delegation_id)
        elif self.attempt(accept_delegation, who, delegation_id=delegation_id):
            self.stood_in.add((self.people[who].id, self.people["manager"].id))
            self.sign_in()
            if decides:
                self.approve_everything_that_waits(who)
            if ends:
                self.stop_standing_in("manager" if until % 2 else who)

    def let_the_peer_decide(self) -> None:
        """What waits, in the manager's place; when nothing does, something is submitted first."""
        self.some_that_wait(3)
        self.stand_in("peer", 20, accepts=True, decides=True, ends=False)

    def stop_standing_in(self, by: str) -> None:
        """Either side ends the delegation that was asked for last."""
        found = db.session.scalars(select(Delegation.id).order_by(Delegation.id.desc())).first()
        if found is not None:
            self.attempt(end_delegation, by, delegation_id=found)
            self.sign_in()

    def review(self, number: int, somebody: str | None, outcome: str) -> None:
        """The next step: a review that waits is settled, or a return looked at again, or a week returned first."""
        stands = (ReviewRequest.settled_at.is_(None), Week.version == ReviewRequest.version + 1)
        waiting = select(ReviewRequest).join(Week, Week.id == ReviewRequest.week_id).where(*stands)
        open_ones = db.session.scalars(waiting.order_by(ReviewRequest.id)).all()
        returned = self.in_state(WeekStatus.RETURNED)
        if open_ones:
            self.settle(open_ones[number % len(open_ones)], somebody, outcome)
        elif returned:
            _, owner, monday = returned[number % len(returned)]
            self.attempt(ask_review, somebody or owner, monday=monday, words=WHY)
        else:
            self.send_back(number, somebody, fresh=True)

    def settle(self, review: ReviewRequest, somebody: str | None, outcome: str) -> None:
        """Its reviewer says what it comes to; on a panel whoever has not yet."""
        about = (PanelOpinion.week_id == review.week_id, PanelOpinion.version == review.version)
        said = set(db.session.scalars(select(PanelOpinion.person_id).where(*about)))
        panel = [name for name in ("hr", "hari", "hugo") if self.people[name].id not in said]
        by = somebody or (self.names[review.reviewer_id] if review.reviewer_id else panel[len(said)])
        self.attempt(settle_review, by, review_id=review.id, outcome=outcome, reason=WHY)

    def see_a_review_through(self, number: int, outcome: str, panel: bool) -> None:
        """From the return to the end, by the countersigning manager or, when they uphold it, by a panel."""
        self.send_back(number, None, fresh=True)
        for said in ["uphold"] * panel + [outcome]:
            for _ in range(3 if said == outcome and panel else 2):
                self.review(0, None, said)

    def reassign(self, who: str, somebody: str | None) -> None:
        self.attempt(reassign_weeks, somebody or "hari", person_id=self.people[who].id)

    def change_manager(self, who: str, to: str, days_ago: int, reassigns: bool) -> None:
        """From a day on, which may be gone by; HR may let what waits wait for the new one."""
        number = PEOPLE.index(who) + len(PEOPLE)
        self.improve(number, None, 1 if who == "owner" else None)
        self.submit(number, None)
        starts_on = local_date(self.now) - timedelta(days=days_ago)
        changes = {"line_manager_id": self.people[to].id}
        about = {"starts_on": starts_on, "changes": changes, "calendars": [DEFAULT_CALENDAR]}
        self.attempt(followed(posts.change_post), "hari", person_id=self.people[who].id, **about)
        self.sign_in()
        if reassigns:
            self.reassign(who, None)

    def leave(self, who: str, in_days: int) -> None:
        """Somebody goes, one in a history, and the night after their last day hands on what waits for them."""
        if self.gone:
            return
        self.improve(3, None, 1)
        self.submit(3, None)  # on no project of the manager's, so it waits for them
        last_day = local_date(self.now) + timedelta(days=in_days)
        self.gone = True
        self.attempt(followed(posts.leave), "hari", person_id=self.people[who].id, last_day=last_day)
        self.wait(in_days + 1)

    def agree_in_advance(self, who: str, minutes: int, ends: bool) -> None:
        """Somebody asks for a rhythm and their manager agrees; it may be ended again."""
        today = local_date(self.now)
        asked = Asked(RequestShape.RHYTHM, today, today + timedelta(days=60), frozenset(range(5)), minutes)
        request_id = self.attempt(ask_agreement, who, asked=asked)
        if request_id is not None:
            by = "manager" if who != "manager" else "director"
            agreed = self.attempt(agree, by, request_id=request_id)
            if agreed and ends:
                self.attempt(end_agreement, who, request_id=request_id, ended_from=today + timedelta(days=1))

    def correct(self, who: str, minutes: int, quarters_ago: int, by: str | None) -> None:
        """HR proposes a correction, and a second person posts it or refuses."""
        quarter = Quarter.containing(local_date(self.now))
        proposal = Proposal(quarter.previous if quarters_ago else quarter, minutes, "Left out of the import of June")
        found = self.attempt(propose_adjustment, "hari", person=self.people[who].email, proposal=proposal)
        if found is not None and by:
            self.attempt(post_adjustment, by, adjustment_id=found)
        elif found is not None:
            self.attempt(refuse_adjustment, "hugo", adjustment_id=found, words="It had been counted in July already")

    def call_back(self, number: int, stale: bool) -> None:
        """One of the approved weeks, whether or not an agreement approved it, as it is or as it was before."""
        found = [week_id for week_id, owner, _ in self.in_state(WeekStatus.APPROVED) if owner == "colleague"]
        if not found:
            self.improve(1, None, None)
            self.submit(1, None)
            return
        week = db.session.get_one(Week, found[number % len(found)])
        self.asked[week.id, week.version] = (week.approver_id, week.stage)
        which = {"week_id": week.id, "version": week.version - stale}
        self.attempt(call_back_week, "manager", **which, ground="cover", reason=REASON)

    def flag(self, number: int, outcome: str | None) -> None:
        """Flag a project, then leave it so for a while, or let the coordinator clear or stop it."""
        project, owner = ((0, "owner"), (2, "colleague"))[number % 2]
        about = {"project_id": self.projects[project], "ground": "conflict", "words": REASON}
        self.attempt(raise_flag, owner, **about)
        keeper = self.actors["hr"]
        waiting = flags_waiting(keeper)[0] if keeper and outcome else []
        for each in waiting:
            self.attempt(settle_flag, "hr", flag_id=each.id, outcome=outcome, reason=REASON)

    def close_books(self) -> None:
        self.run("closings")


def followed(change: Any) -> Any:
    """A change of somebody's post with all that follows from it, as the doors make it."""

    def whole(*, actor: Actor, now: Any, **about: Any) -> None:
        follow = partial(current_app.extensions["tithe_post_changed"], actor=actor, now=now)
        posts.attempt(partial(change, actor=actor, now=now, **about), keep=True, then=follow)

    whole.__name__ = change.__name__
    return whole


class Beginnings:
    """Where departments are founded on one database: each kind once, and gone back to for every other history."""

    def __init__(self, app: Flask) -> None:
        self.app, self.states = app, KeptStates()
        self.founded: dict[str, Moves] = {}
        with app.app_context():
            self.states.keep("bare")

    def department(self, kind: str, *, silence: bool, agreed: bool) -> Moves:
        with self.app.app_context():
            self.states.back_to(kind if kind in self.founded else "bare")
            if kind not in self.founded:
                new = self.founded[kind] = Moves(self.app)
                new.found(silence=silence, agreed=agreed)
                new.run("accruals")
                new.first_weeks()
                new.check_what_is_new()
                self.states.keep(kind)
        return self.founded[kind].copied()
