"""What is held goes in one message a person, each message once, on the days and at the time that were promised."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.people import PersonFactory
from tests.notices.sending import NOW, actor, notices, queue, statuses
from tithe.kernel.clock import LONDON
from tithe.kernel.jobs import run_due
from tithe.notices import jobs
from tithe.notices.operations.inbox import choose
from tithe.notices.operations.sending import LEASE, send_waiting, write_digests
from tithe.notices.rules.choices import How
from tithe.notices.rules.outbox import DIGEST, MAX_ATTEMPTS, digest_day, digest_until

DIGESTS = next(job for job in jobs.JOBS if job.name == "digests")
WEDNESDAY, THURSDAY, FRIDAY, MONDAY = (date(2026, 8, day) for day in (5, 6, 7, 10))


def london(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON).astimezone(UTC)


class Killed(BaseException):
    """The process that was sending is gone."""


@pytest.fixture
def reader(app):
    """Somebody who wants their minutes daily, what runs the scheme weekly, and decisions at once."""
    person = PersonFactory()
    choose(actor=actor(person), answers={"minutes": "daily", "scheme": "weekly"}, now=london(WEDNESDAY, 9))
    return person


def hold(post_box, *readers, event="hours-changed", at):
    queue(*readers, event=event, at=at)
    assert send_waiting(deliver=post_box.deliver, now=at) == (0, 0)


def morning(post_box, day):
    """The digests of a day and what the sender then does."""
    run_due(DIGESTS, london(day, 7, 30))
    return send_waiting(deliver=post_box.deliver, now=london(day, 7, 31))


class TestDigest:
    def test_holds_all_that_came_since_the_last_one_in_one_message(self, app, post_box, reader):
        hold(post_box, reader, at=london(WEDNESDAY, 12))
        hold(post_box, reader, event="adjustment-posted", at=london(WEDNESDAY, 13))

        assert morning(post_box, THURSDAY) == (1, 0)

        ((to, mail),) = post_box.received
        words = mail.get_content()
        assert (to, mail["Subject"]) == ([reader.email], "2 messages from tithe")
        assert words.index("1. Your working hours on record") < words.index("2. Your minutes for")
        assert words.count("Open it here: http://tithe.test/weeks") == 2
        assert "Open it here: https://tithe.test/inbox" in words.splitlines()
        assert words.count("You get this because") == 2
        assert "because you chose to have them daily or weekly" in words

    def test_holds_each_message_once(self, app, post_box, reader):
        hold(post_box, reader, at=london(WEDNESDAY, 12))
        assert morning(post_box, THURSDAY) == (1, 0)
        assert run_due(DIGESTS, london(THURSDAY, 8)) == []
        hold(post_box, reader, event="adjustment-posted", at=london(THURSDAY, 12))

        assert morning(post_box, FRIDAY) == (1, 0)

        assert [mail.get_content().count("You get this because") for _, mail in post_box.received] == [1, 1]
        assert morning(post_box, MONDAY) == (0, 0)

    def test_goes_to_each_reader_with_their_own_alone(self, app, post_box, reader):
        other = PersonFactory()
        choose(actor=actor(other), answers={"minutes": "daily"}, now=NOW)
        hold(post_box, reader, other, at=london(WEDNESDAY, 12))

        assert morning(post_box, THURSDAY) == (2, 0)

        assert sorted(to[0] for to, _ in post_box.received) == sorted([reader.email, other.email])
        assert {mail["Subject"] for _, mail in post_box.received} == {"1 message from tithe"}

    def test_of_a_week_comes_on_monday_together_with_that_of_the_day(self, app, post_box, reader):
        hold(post_box, reader, event="quarter-frozen", at=london(WEDNESDAY, 12))
        assert morning(post_box, THURSDAY) == (0, 0)
        hold(post_box, reader, at=london(FRIDAY, 12))

        assert morning(post_box, MONDAY) == (1, 0)

        assert post_box.received[0][1]["Subject"] == "2 messages from tithe"

    def test_that_was_missed_on_monday_comes_on_the_next_day(self, app, post_box, reader):
        hold(post_box, reader, event="quarter-frozen", at=london(WEDNESDAY, 12))

        assert morning(post_box, MONDAY + timedelta(days=1)) == (1, 0)

    def test_after_days_without_a_scheduler_is_one(self, app, post_box, reader):
        for day in (3, 4, 5, 6):
            hold(post_box, reader, at=london(date(2026, 8, day), 12))

        assert morning(post_box, FRIDAY) == (1, 0)

    def test_does_not_come_without_anything_to_say(self, app, post_box, reader):
        assert morning(post_box, THURSDAY) == (0, 0)
        assert notices() == []

    def test_keeps_its_message_id_on_every_attempt(self, app, post_box, reader):
        hold(post_box, reader, at=london(WEDNESDAY, 12))
        post_box.answer = "451 try later"
        assert morning(post_box, THURSDAY) == (0, 1)
        post_box.answer = "250 OK"

        assert send_waiting(deliver=post_box.deliver, now=london(THURSDAY, 9)) == (1, 0)

        assert len({mail["Message-ID"] for mail in post_box.tries}) == 1

    def test_leaves_out_and_drops_what_no_longer_holds(self, app, post_box, reader):
        at = london(WEDNESDAY, 12)
        for about in (1, 2, 3):
            queue(reader, event="hours-changed", at=at, recheck="still-so", about_id=about, what=f"number {about}")
        assert send_waiting(deliver=post_box.deliver, now=at) == (0, 0)
        asked = []

        def still_so(about):
            asked.append(about)
            return {notice_id for notice_id, what in about if what == 2}

        write_digests(day=THURSDAY, base_url="", now=london(THURSDAY, 7, 30), rechecks={"still-so": still_so})

        first, second, third, digest = notices()
        assert asked == [[(first.id, 1), (second.id, 2), (third.id, 3)]]
        assert [first.status, second.status, third.status] == ["dropped", "digested", "dropped"]
        assert "number 2" in digest.body
        assert "number 1" not in digest.body

    def test_holds_nothing_that_somebody_has_switched_off_meanwhile(self, app, post_box, reader):
        hold(post_box, reader, at=london(WEDNESDAY, 12))
        choose(actor=actor(reader), answers={"minutes": "off"}, now=london(WEDNESDAY, 13))

        assert morning(post_box, THURSDAY) == (0, 0)
        assert statuses() == ["kept"]

    def test_names_itself_in_its_parts(self, app, post_box, reader):
        hold(post_box, reader, at=london(WEDNESDAY, 12))
        morning(post_box, THURSDAY)

        part, digest = notices()

        assert (part.status, part.digest_id, digest.event, digest.status) == ("digested", digest.id, DIGEST, "sent")


class TestKilledSenders:
    def test_lose_nothing_and_repeat_only_with_the_same_message_id(self, app, reader):
        """Two hundred times the sender dies before the hand-over or between it and the mark."""
        dice, kills, handed = random.Random(7), 0, Counter()
        now = london(WEDNESDAY, 12)
        others = [PersonFactory() for _ in range(60)]
        queue(*others, reader, at=now)
        queue(reader, event="hours-changed", at=now)

        def deliver(message):
            nonlocal kills
            fate = dice.random()
            if kills < 200 and fate < 0.6 and message.attempts < MAX_ATTEMPTS:
                kills += 1
                if fate < 0.3:
                    handed[message.message_id] += 1
                raise Killed
            handed[message.message_id] += 1

        while {"waiting", "sending", "held"} & set(statuses()):
            try:
                run_due(DIGESTS, now)
                send_waiting(deliver=deliver, now=now)
            except Killed:
                pass
            now += LEASE

        mailed = [notice for notice in notices() if notice.status != "digested"]
        assert {notice.status for notice in mailed} <= {"sent", "dead"}
        assert {notice.message_id for notice in mailed if notice.status == "sent"} <= set(handed)
        assert set(handed) <= {notice.message_id for notice in mailed}
        assert sum(handed.values()) <= len(mailed) + kills


INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(INSTANTS)
def test_a_digest_is_due_on_mondays_to_fridays_from_half_past_seven_in_london(now):
    day = digest_day(now)
    due = digest_until(How.DAILY, day)

    assert day.weekday() < 5
    assert (due.astimezone(LONDON).hour, due.astimezone(LONDON).minute) == (7, 30)
    assert due <= now < due + timedelta(days=3, hours=2)


@given(INSTANTS)
def test_a_weekly_digest_never_holds_what_a_daily_one_would_not(now):
    day = digest_day(now)

    assert digest_until(How.WEEKLY, day) <= digest_until(How.DAILY, day)
    assert digest_until(How.WEEKLY, day).astimezone(LONDON).weekday() == 0
