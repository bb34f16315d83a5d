"""Planning time ahead, moving and dropping it, and making entries of it with one confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import CursorResult, insert, update

from tithe.access.actor import Actor
from tithe.access.grants import ensure
from tithe.access.permissions import Permission
from tithe.audit.operations import record
from tithe.kernel.calendar import Quarter, named
from tithe.kernel.clock import local_date
from tithe.kernel.db import CHANGED_UNDER_YOU, atomic, db, table_of
from tithe.kernel.errors import Conflict, Problem, RuleBroken, RulesBroken
from tithe.kernel.minutes import DAY, spoken
from tithe.policy import queries as policy
from tithe.projects import queries as projects
from tithe.timesheets.models import Plan, PlannedBlock
from tithe.timesheets.operations.weeks import save_week
from tithe.timesheets.queries.job_shares import own_uncovered
from tithe.timesheets.queries.plans import BlockRow, Ground, blocks_of_week, get_block, ground_of, rest_of
from tithe.timesheets.queries.standing import counting_under
from tithe.timesheets.queries.weeks import own_week
from tithe.timesheets.rules import plans as rules
from tithe.timesheets.rules.entries import Entry, TimeKind, entry_of
from tithe.timesheets.rules.job_shares import NO_COVER, Uncovered
from tithe.timesheets.rules.plans import BlockStatus, Laid, PlanShape, Wish

BLOCKS = table_of(PlannedBlock)
NOTHING_LEFT = "None of these days can take the block. Choose other days, or a shorter block"


@dataclass(frozen=True)
class Prospect:
    """What a plan would do: every date it falls on with why it is left out if it is, each quarter it draws on as
    minutes left today, after what is planned already, and after this, and the days that leave a shared post without
    cover."""

    laid: list[Laid]
    minutes: int
    quarters: list[tuple[Quarter, int, int, int]]
    uncovered: list[Uncovered]

    @property
    def days(self) -> list[date]:
        """The dates that would get a block."""
        return [each.day for each in self.laid if not each.why]


def rehearse_plan(*, actor: Actor, wish: Wish, today: date) -> Prospect:
    """What making a plan would do; refuses whatever making it would. Writes nothing."""
    return _prospect(actor, wish, today)


@atomic
def make_plan(*, actor: Actor, wish: Wish, now: datetime) -> int:
    """Plan blocks on every date of a wish that has room for them. Returns how many."""
    prospect = _prospect(actor, wish, local_date(now), lock=True)
    plan_id = None
    if wish.shape is not PlanShape.DAY:
        plan = {
            "person_id": actor.person_id, "shape": wish.shape, "starts_on": wish.starts_on, "last_day": wish.last_day,
            "weekdays": rules.mask_of(wish.weekdays), "every_weeks": wish.every_weeks, "made_at": now,
        }  # fmt: skip
        plan_id = db.session.scalar(insert(table_of(Plan)).values(**plan).returning(table_of(Plan).c.id))
    rows = [
        {"plan_id": plan_id, "person_id": actor.person_id, "status": BlockStatus.PLANNED}
        | vars(entry_of(wish.line, day, wish.minutes, wish.note))
        for day in prospect.days
    ]
    db.session.execute(insert(BLOCKS), rows)
    facts = {"blocks": len(rows), "minutes": wish.minutes, "from": wish.starts_on, "to": wish.last_day}
    record("plan:make", actor=actor, about="person", id=actor.person_id, at=now, line=wish.line, **facts)
    return len(rows)


def _prospect(actor: Actor, wish: Wish, today: date, *, moved: BlockRow | None = None, lock: bool = False) -> Prospect:
    ensure(actor, Permission.PLAN_WRITE, None)
    if problems := rules.problems_in(wish, today=today, least=0):
        raise RulesBroken(problems)
    ground = ground_of(actor.person_id, today, wish.last_day, without=moved)
    least = 0 if moved else ground.schedule.settings.min_booking_min
    if problems := rules.problems_in(wish, today=today, least=least) + _overdrawn(ground, wish, today):
        raise RulesBroken(problems)
    entry = entry_of(wish.line, wish.starts_on, wish.minutes, wish.note)
    dates = rules.dates_of(wish, ground.schedule.weeks)
    found = rules.laid(wish, dates, ground.ahead(dates, entry.place[1:]))
    laid, uncovered = _covered(actor, wish, _open_to(actor, entry, found), lock=lock)
    blocks = [(each.day, wish.minutes) for each in laid if not each.why]
    if not blocks:
        first = f"{named(laid[0].day)}: {laid[0].why}. " if laid else ""
        raise RuleBroken(first + NOTHING_LEFT, field="starts_on")
    if wish.shape is PlanShape.BURST and len(blocks) > rules.BURST_DAYS:
        words = f"A burst takes at most {rules.BURST_DAYS} working days in a row. Choose an earlier last day"
        raise RuleBroken(words, field="last_day")
    return Prospect(laid, wish.minutes, _weighed(ground, blocks) if wish.tithed else [], uncovered)


def _covered(actor: Actor, wish: Wish, laid: list[Laid], *, lock: bool) -> tuple[list[Laid], list[Uncovered]]:
    """Leave out days that would leave a shared post without cover where the policy refuses them; name the others."""
    found = own_uncovered(actor, [each.day for each in laid if not each.why and wish.tithed], lock=lock)
    refused = {day for day, each in found.items() if each.refused}
    kept = [Laid(each.day, NO_COVER) if each.day in refused else each for each in laid]
    return kept, [each for each in found.values() if not each.refused]


def _overdrawn(ground: Ground, wish: Wish, today: date) -> list[Problem]:
    """An overdrawn balance takes no new plan. Source: §1.2 of the scheme's time rules."""
    over = ground.overdrawn(Quarter.containing(today))
    if not wish.tithed or not over:
        return []
    words = f"You have used or submitted {spoken(over)} more than you have, so no more can be planned"
    return [Problem(f"{words}. Your allowance says why, and what to do", "minutes")]


def _weighed(ground: Ground, blocks: Sequence[tuple[date, int]]) -> list[tuple[Quarter, int, int, int]]:
    """Each quarter before and after; refuses weeks and quarters that would hold too much."""
    weeks = rules.by_week(blocks, ground.schedule.weeks)
    asked = rules.by_quarter(blocks, counting_under(ground.schedule))
    before = ground.planned_weeks
    held = {monday: minutes + before.get(monday, 0) for monday, minutes in weeks.items()}
    left = {quarter: ground.left(quarter) for quarter in asked}
    problems = rules.over_caps(held, {monday: ground.cap(monday) for monday in held}) + rules.over_balance(asked, left)
    if problems:
        raise RulesBroken(problems)
    planned = ground.standing.planned
    return [(each, left[each] + planned[each], left[each], left[each] - asked[each]) for each in sorted(asked)]


def _open_to(actor: Actor, entry: Entry, laid: list[Laid]) -> list[Laid]:
    """Leave out days outside employment or membership; refuse a project that is not open to the owner at all."""
    starts_on, leaves_on = actor.employed
    membership = None
    if entry.kind is TimeKind.TITHE:
        mine = projects.memberships_of(actor.person_id)
        membership = next((each for each in mine if each.project_id == entry.project_id), None)
        if membership is None:
            raise RuleBroken("Choose a registered project you are a member of", field="line")
    found = []
    for each in laid:
        employed = starts_on <= each.day and (leaves_on is None or each.day <= leaves_on)
        if each.why or (employed and (membership is None or membership.open_on(each.day))):
            found.append(each)
        else:
            found.append(Laid(each.day, "You are not a member on this day" if employed else "Outside your employment"))
    return found


@atomic
def move_block(*, actor: Actor, block_id: int, day: date, now: datetime) -> None:
    """Move a planned block to another day, which must have room for it."""
    block = _planned(actor, block_id)
    if day == block.day:
        raise RuleBroken("It is planned for this day already. Choose another", field="day")
    wish = Wish(PlanShape.DAY, block.entry.line, day, day, block.minutes, note=block.note)
    try:
        _prospect(actor, wish, local_date(now), moved=block, lock=True)
    except RuleBroken as refusal:
        raise RulesBroken([Problem(each.message, "day") for each in refusal.problems]) from None
    _settle([block], day=day)
    record("plan:move", actor=actor, about="planned_block", id=block_id, at=now, was=block.day, day=day)


@atomic
def drop_block(*, actor: Actor, block_id: int, rest: bool = False, now: datetime) -> int:
    """Give up a planned block and, with `rest`, every later one of its plan. Returns how many."""
    block = _planned(actor, block_id)
    found = rest_of(block) if rest else [block]
    _settle(found, status=BlockStatus.DROPPED, settled_at=now)
    record("plan:drop", actor=actor, about="planned_block", id=block_id, at=now, blocks=len(found))
    return len(found)


@atomic
def confirm_block(*, actor: Actor, block_id: int, minutes: int | None = None, now: datetime) -> date:
    """Say that a block was done, as planned or for other minutes: it becomes an entry. Returns its week's Monday."""
    block = _planned(actor, block_id)
    if minutes is not None and not 1 <= minutes <= DAY:
        raise RuleBroken("Say how long you worked on it, or choose “Not done”", field="minutes")
    monday = policy.monday_of(block.day)
    _enter(actor, monday, [replace(block, minutes=minutes or block.minutes)], now)
    return monday


@atomic
def confirm_week(*, actor: Actor, monday: date, now: datetime) -> int:
    """Say that everything planned in a week up to today was done as planned. Returns how many blocks."""
    ensure(actor, Permission.PLAN_WRITE, None)
    if monday.weekday() != 0:
        raise RuleBroken(f"A week is named by its Monday, and {monday} is not one", field="monday")
    today = local_date(now)
    blocks = [block for block in blocks_of_week(actor.person_id, monday) if block.day <= today]
    if not blocks:
        raise RuleBroken("Nothing planned for this week waits for an answer", field="monday")
    _enter(actor, monday, blocks, now)
    return len(blocks)


def _enter(actor: Actor, monday: date, blocks: Sequence[BlockRow], now: datetime) -> None:
    """Add blocks to what their week holds already, and settle them."""
    week = own_week(actor, monday, lock=True)
    entries = {entry.place: entry for entry in week.entries}
    for block in blocks:
        new = block.entry
        before = entries.get(new.place)
        if before:
            note = before.note or new.note
            new = replace(before, minutes=before.minutes + new.minutes, note=note)
        entries[new.place] = new
    try:
        save_week(actor=actor, monday=monday, entries=list(entries.values()), now=now, version=week.version)
    except RuleBroken as refusal:
        raise RulesBroken([Problem(each.message, "minutes") for each in refusal.problems]) from None
    _settle(blocks, status=BlockStatus.DONE, settled_at=now)
    for block in blocks:
        facts = {"minutes": block.minutes, "day": block.day}
        record("plan:confirm", actor=actor, about="planned_block", id=block.id, at=now, **facts)


def _planned(actor: Actor, block_id: int) -> BlockRow:
    block = get_block(block_id, by=actor, to=Permission.PLAN_WRITE)
    if block.status is not BlockStatus.PLANNED:
        raise Conflict("This block has been answered already. Your week or your plans say how")
    return block


def _settle(blocks: Sequence[BlockRow], **values: Any) -> None:
    """Change blocks that are still planned; whoever comes second finds them answered."""
    still = BLOCKS.c.id.in_([block.id for block in blocks]), BLOCKS.c.status == BlockStatus.PLANNED
    done = db.session.execute(update(BLOCKS).where(*still).values(**values))
    if cast(CursorResult[Any], done).rowcount != len(blocks):
        raise Conflict(CHANGED_UNDER_YOU)
