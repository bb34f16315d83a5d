"""Saving, submitting and recalling one's own week, on both databases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.factories.people import AssignmentFactory, PersonFactory, RoleGrantFactory, UnitFactory
from tests.factories.projects import MemberFactory, ProjectFactory
from tests.support.contents import contents, counted, statements
from tests.timesheets.weeks import MONDAY, NOW, STRADDLING, Story, actor, approve, send_back
from tithe.access.permissions import Permission, Role
from tithe.audit import queries as audit
from tithe.audit.models import AuditEvent
from tithe.kernel.calendar import Quarter
from tithe.kernel.db import db
from tithe.kernel.errors import Conflict, NotFound, RuleBroken, RulesBroken
from tithe.notices.models import Notice
from tithe.people.models import Assignment
from tithe.projects.queries import memberships_of
from tithe.timesheets.models import TimeEntry, Week
from tithe.timesheets.operations.weeks import recall_week, save_week, submit_week
from tithe.timesheets.queries.inbox import count_awaiting, weeks_awaiting
from tithe.timesheets.queries.standing import standing_of
from tithe.timesheets.queries.weeks import get_week
from tithe.timesheets.rules.entries import Entry
from tithe.timesheets.rules.lifecycle import WeekStatus


@pytest.fixture
def story(app) -> Story:
    return Story()


def save(story: Story, *entries: Entry, monday: date = MONDAY, version: int | None = None, now=NOW) -> int:
    saved = save_week(actor=story.owner, monday=monday, entries=entries, now=now, version=version)
    assert saved == story.week(monday), "what is handed back is what is stored"
    return saved.version


def submit(story: Story, monday: date = MONDAY, now: datetime = NOW) -> None:
    submit_week(actor=story.owner, monday=monday, now=now)


def details(verb: str) -> dict[str, object]:
    found = select(AuditEvent.details).where(AuditEvent.verb == verb).order_by(AuditEvent.id.desc()).limit(1)
    return json.loads(db.session.scalars(found).one())


def notices() -> list[tuple[str, int, str]]:
    return [
        tuple(row)
        for row in db.session.execute(select(Notice.event, Notice.person_id, Notice.path).order_by(Notice.id))
    ]


class TestSaveWeek:
    def test_makes_a_draft_with_the_entries(self, story):
        entries = (story.entry(90), story.entry(30, day=1, note="Tried it out"))

        assert save(story, *entries) == 1

        week = story.week()
        assert (week.status, week.version, week.total_minutes) == (WeekStatus.DRAFT, 1, 120)
        assert week.entries == entries
        assert details("week:save") == {"version": 1, "total": 120, "was": 0}

    def test_replaces_what_was_there(self, story):
        save(story, story.entry(90), story.entry(30, day=1), story.entry(45, day=2))
        kept, changed, new = story.entry(90), story.entry(60, day=1), story.entry(15, day=3)

        assert save(story, kept, changed, new) == 2

        assert story.week().entries == (kept, changed, new)
        assert story.week().total_minutes == 165
        assert details("week:save")["was"] == 165

    def test_may_leave_nothing(self, story):
        save(story, story.entry())
        save(story)
        assert (story.week().entries, story.week().total_minutes) == ((), 0)

    def test_writes_only_what_differs(self, story):
        entries = [story.entry(60, day=day) for day in range(5)]
        save(story, *entries)
        ids = dict(db.session.execute(select(TimeEntry.day, TimeEntry.id)).all())

        save(story, *entries[:4], story.entry(75, day=4))

        after = dict(db.session.execute(select(TimeEntry.day, TimeEntry.id)).all())
        assert {day for day in ids if ids[day] != after[day]} <= {MONDAY + timedelta(days=4)}

    def test_takes_as_many_statements_for_one_changed_cell_of_five_as_of_thirty_five(self, story):
        for _ in range(6):
            ProjectFactory(owner_id=story.owner.id, owner=None)
        projects = [each.project_id for each in memberships_of(story.owner.id)]
        counts = []
        for used in (projects[:1], projects):
            entries = [Entry(MONDAY + timedelta(days=day), each, 20) for each in used for day in range(5)]
            save(story, *entries)
            changed = [*entries[:-1], Entry(entries[-1].day, entries[-1].project_id, 25)]
            counts.append(counted(lambda changed=changed: save(story, *changed)))

        assert counts[0] == counts[1]

    def test_refuses_a_version_that_has_moved_on(self, story):
        save(story, story.entry(60), version=0)
        before = contents()

        for version in (0, 2, -1):
            with pytest.raises(Conflict, match="another window"):
                save(story, story.entry(120), version=version)

        assert contents() == before

    def test_refuses_a_day_that_names_no_week(self, story):
        with pytest.raises(RuleBroken, match="named by its Monday"):
            save(story, story.entry(day=1), monday=MONDAY + timedelta(days=1))

    def test_refuses_an_empty_week_that_has_not_begun(self, story):
        with pytest.raises(RuleBroken, match="The week of 10 August 2026 has not begun") as refusal:
            save(story, monday=MONDAY + timedelta(days=7))
        assert (refusal.value.field, story.week(MONDAY + timedelta(days=7)).id) == ("monday", None)

    def test_refuses_all_that_is_misplaced_at_once_and_keeps_nothing(self, story):
        stranger, draft = ProjectFactory(), ProjectFactory(draft=True, owner_id=story.owner.id, owner=None)
        before = contents()

        with pytest.raises(RulesBroken) as refusal:
            save(story, Entry(MONDAY, stranger.id, 60), story.entry(), Entry(MONDAY, draft.id, 60), story.entry(day=5))

        assert [problem.field for problem in refusal.value.problems] == ["entries.0", "entries.2", "entries.3"]
        assert contents() == before

    def test_goes_by_the_date_in_london(self, story):
        late = datetime(2026, 8, 7, 23, 30, tzinfo=UTC)  # half past midnight on Saturday in London
        save(story, story.entry(day=5), now=late)
        assert story.week().entries[0].day == MONDAY + timedelta(days=5)

    def test_lets_a_draft_break_limits(self, story):
        save(story, *(story.entry(444, day=day) for day in range(5)))
        assert story.week().total_minutes == 2220

    def test_gives_each_person_a_week_of_their_own(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.colleague.id)
        colleague = actor(story.team.colleague)
        story.saved(story.entry(60))
        before = contents(leave_out={"audit_event", "audit_head"})

        story.saved(story.entry(30), by=colleague)

        assert story.week().total_minutes == 60
        assert story.week(by=colleague).total_minutes == 30
        assert all(row in contents()["week"] for row in before["week"])

    def test_refuses_a_submitted_week_and_an_approved_one(self, story):
        story.submitted()
        with pytest.raises(RuleBroken, match="cannot change a week that is submitted"):
            save(story, story.entry(30))
        approve(story.manager, story.week())
        with pytest.raises(RuleBroken, match="cannot change a week that is approved"):
            save(story, story.entry(30))

    def test_makes_a_draft_of_a_returned_week(self, story):
        send_back(story.manager, story.submitted())
        save(story, story.entry(30))

        week = story.week()
        assert (week.status, week.decided_at, week.approver_id) == (WeekStatus.DRAFT, None, None)

    def test_leaves_a_chain_that_holds(self, story):
        save(story, story.entry())
        submit(story)
        assert audit.first_broken_link() is None


class TestSubmitWeek:
    def test_sends_the_week_to_the_line_manager_with_ten_working_days(self, story):
        week = story.submitted(story.entry(90))

        assert (week.status, week.version) == (WeekStatus.SUBMITTED, 2)
        assert week.approver_id == story.team.manager.id
        assert (week.submitted_at, week.due_on) == (NOW, date(2026, 8, 21))
        assert details("week:submit") == {"version": 2, "total": 90, "approver_id": story.team.manager.id}

    def test_tells_the_approver(self, story):
        week = story.submitted()
        assert notices() == [("week-submitted", story.team.manager.id, f"/approvals/{week.id}")]

    def test_counts_working_days_round_the_holiday_of_where_the_approver_works(self, story):
        """The example of §1.6: submitted on 24 August, due on 8 September in England, on 7 September in Scotland."""
        now = datetime(2026, 8, 24, 12, tzinfo=UTC)
        save(story, story.entry(monday=date(2026, 8, 24)), monday=date(2026, 8, 24), now=now)
        submit(story, date(2026, 8, 24), now)
        assert story.week(date(2026, 8, 24)).due_on == date(2026, 9, 8)

        db.session.execute(
            update(Assignment).where(Assignment.person_id == story.team.manager.id).values(calendar="scotland")
        )
        db.session.commit()
        save(story, story.entry(monday=date(2026, 8, 17)), monday=date(2026, 8, 17), now=now)
        submit(story, date(2026, 8, 17), now)
        assert story.week(date(2026, 8, 17)).due_on == date(2026, 9, 7)

    def test_names_the_manager_of_that_monday_whatever_changed_since(self, story):
        new = PersonFactory(name="New Manager")
        old_post = update(Assignment).where(Assignment.person_id == story.team.owner.id)
        db.session.execute(old_post.values(ends_on=MONDAY + timedelta(days=2)))
        db.session.commit()
        AssignmentFactory(
            person_id=story.team.owner.id,
            person=None,
            unit_id=story.team.unit.id,
            unit=None,
            line_manager_id=new.id,
            starts_on=MONDAY + timedelta(days=3),
        )

        assert story.submitted().approver_id == story.team.manager.id

    def test_keeps_the_approver_when_the_manager_changes_later(self, story):
        week = story.submitted()
        everybody = update(Assignment).where(Assignment.person_id == story.team.owner.id)
        db.session.execute(everybody.values(line_manager_id=story.team.director.id))
        db.session.commit()

        assert story.week().approver_id == story.team.manager.id
        assert [each.id for each in weeks_awaiting(story.manager)[0]] == [week.id]
        assert weeks_awaiting(actor(story.team.director))[0] == []

    def test_goes_to_the_countersigner_when_the_manager_is_a_fellow_member(self, story):
        MemberFactory(project_id=story.project.id, person_id=story.team.manager.id)

        assert story.submitted().approver_id == story.team.director.id

    def test_goes_to_the_hr_queue_when_both_are(self, story):
        for fellow in (story.team.manager, story.team.director):
            MemberFactory(project_id=story.project.id, person_id=fellow.id)

        week = story.submitted()

        assert (week.approver_id, week.unit_id) == (None, story.team.unit.id)
        assert notices() == []

    def test_shows_the_hr_queue_to_hr_of_that_unit_and_to_nobody_else(self, story):
        director = actor(story.team.director)
        project = ProjectFactory(owner_id=director.id, owner=None)
        elsewhere = UnitFactory()
        near, far, both = (PersonFactory() for _ in range(3))
        for person, role, unit in (
            (near, Role.HR_MANAGER, story.team.department),
            (both, Role.COORDINATOR, story.team.department),
            (far, Role.HR_MANAGER, elsewhere),
        ):
            RoleGrantFactory(person_id=person.id, role=role, unit_id=unit.id)

        week = story.submitted(Entry(MONDAY, project.id, 60), by=director)

        assert week.approver_id is None
        for person, sees in (
            (near, True), (both, True), (far, False), (story.team.hr, False), (story.team.manager, False),
            (story.team.director, False),
        ):  # fmt: skip
            assert bool(weeks_awaiting(actor(person))[0]) == sees, person.name
            assert bool(count_awaiting(actor(person))) == sees

    def test_refuses_an_empty_week(self, story):
        with pytest.raises(RuleBroken, match="nothing in this week yet"):
            submit(story)
        save(story)
        with pytest.raises(RuleBroken, match="nothing in this week yet"):
            submit(story)

    def test_refuses_every_limit_at_once_and_changes_nothing(self, story):
        save(story, *(story.entry(450, day=day) for day in range(3)), story.entry(5, day=4))
        before = contents()

        with pytest.raises(RulesBroken) as refusal:
            submit(story)

        fields = [problem.field for problem in refusal.value.problems]
        assert fields == ["entries.0", "entries.1", "entries.2", "entries.3", "entries"]
        assert contents() == before

    def test_counts_what_waits_in_other_weeks_against_the_balance(self, story):
        quarter = Quarter.containing(MONDAY)
        due = standing_of(story.owner.id, [quarter]).balances[quarter].left
        assert due == 5775
        mondays = [quarter.start + timedelta(days=5 + 7 * n) for n in range(7)]
        later = datetime(2026, 9, 28, 12, tzinfo=UTC)
        for monday in mondays:
            days = [story.entry(444, day=0, monday=monday), story.entry(444, day=1, monday=monday)]
            save(story, *days, monday=monday, now=later)
        for monday in mondays[:6]:
            submit(story, monday, later)

        with pytest.raises(RuleBroken, match="You have 7h 27m left in Jul to Sep 2026"):
            submit(story, mondays[6], later)

    def test_refuses_twice_and_after_approval(self, story):
        story.submitted()
        with pytest.raises(RuleBroken, match="cannot submit a week that is submitted"):
            submit(story)
        approve(story.manager, story.week())
        with pytest.raises(RuleBroken, match="cannot submit a week that is approved"):
            submit(story)

    def test_needs_a_returned_week_to_be_changed_first(self, story):
        send_back(story.manager, story.submitted())
        with pytest.raises(RuleBroken, match="cannot submit a week that is returned"):
            submit(story)

        save(story, story.entry(60))
        submit(story)
        assert story.week().status is WeekStatus.SUBMITTED

    def test_takes_both_sides_of_a_straddling_week(self, story):
        entries = [story.entry(60, day=day, monday=STRADDLING) for day in (1, 2)]
        assert story.submitted(*entries, monday=STRADDLING).status is WeekStatus.SUBMITTED

    def test_refuses_a_version_that_has_moved_on(self, story):
        save(story, story.entry())
        with pytest.raises(Conflict):
            submit_week(actor=story.owner, monday=MONDAY, now=NOW, version=7)
        assert story.week().status is WeekStatus.DRAFT


class TestRecallWeek:
    def test_makes_a_draft_again_and_tells_the_approver(self, story):
        story.submitted()

        recall_week(actor=story.owner, monday=MONDAY, now=NOW)

        week = story.week()
        assert (week.status, week.version) == (WeekStatus.DRAFT, 3)
        assert (week.approver_id, week.submitted_at, week.due_on) == (None, None, None)
        assert notices()[-1] == ("week-recalled", story.team.manager.id, "/approvals")
        assert weeks_awaiting(story.manager)[0] == []

    @pytest.mark.parametrize("state", ["nothing", "saved", "approved", "returned"])
    def test_refuses_every_week_that_does_not_wait(self, story, state):
        if state == "returned":
            send_back(story.manager, story.submitted())
        elif state != "nothing":
            getattr(story, state)()
        before = contents()

        with pytest.raises(RuleBroken, match="cannot recall"):
            recall_week(actor=story.owner, monday=MONDAY, now=NOW)

        assert contents() == before


class TestGetWeek:
    """There is no way to somebody else's week but to decide it."""

    @pytest.mark.parametrize("who", ["owner", "colleague", "director", "hr"])
    def test_is_for_the_approver_alone(self, story, who):
        week = story.submitted()
        for number in (week.id, week.id + 999):
            with pytest.raises(NotFound):
                get_week(number, by=actor(getattr(story.team, who)), to=Permission.WEEK_DECIDE)

    def test_counts_the_same_statements_for_any_number_of_entries(self, story):
        week = story.submitted(*(story.entry(60, day=day) for day in range(5)))
        with statements() as sent:
            get_week(week.id, by=story.manager, to=Permission.WEEK_DECIDE)
        assert len(sent) == 1


class TestWeek:
    def test_rises_by_one_version_with_every_change(self, story):
        versions = [save(story, story.entry(60))]
        for step in (
            lambda: submit(story),
            lambda: recall_week(actor=story.owner, monday=MONDAY, now=NOW),
            lambda: save(story, story.entry(45)),
            lambda: submit(story),
            lambda: send_back(story.manager, story.week()),
            lambda: save(story, story.entry(30)),
            lambda: submit(story),
            lambda: approve(story.manager, story.week()),
        ):
            step()
            versions.append(db.session.scalars(select(Week.version)).one())

        assert versions == list(range(1, 10))
