"""Reminders: asked about once more before they go, replaced by newer ones, and not before their day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.people import PersonFactory
from tests.notices.sending import NOW, actor, notices, queue, statuses
from tithe.kernel.db import db
from tithe.notices import jobs, queries
from tithe.notices.operations.inbox import choose
from tithe.notices.operations.sending import BATCH, LEASE, send_waiting


def send(post_box, now=NOW, **rechecks):
    return send_waiting(deliver=post_box.deliver, now=now, rechecks=rechecks)


def only(*holding):
    """A question whose answer is yes for these things."""
    return lambda about: {notice_id for notice_id, what in about if what in holding}


def unread(person):
    return queries.count_unread(actor(person), NOW + timedelta(days=9))


class TestRecheck:
    def test_drops_what_no_longer_holds_and_sends_what_does(self, app, post_box):
        done, late = PersonFactory(), PersonFactory()
        queue(done, recheck="late", about_id=1)
        queue(late, recheck="late", about_id=2)

        assert send(post_box, late=only(2)) == (1, 0)

        assert [to for to, _ in post_box.received] == [[late.email]]
        assert statuses() == ["dropped", "sent"]
        assert (unread(done), unread(late)) == (0, 1)

    def test_asks_once_for_a_batch(self, app, post_box):
        asked = []

        def late(about):
            asked.append(len(about))
            return {notice_id for notice_id, _ in about}

        for about in range(1, BATCH + 1):
            queue(PersonFactory(), recheck="late", about_id=about)
        queue(PersonFactory())

        assert send(post_box, late=late) == (BATCH + 1, 0)
        assert asked == [BATCH]

    def test_asks_at_the_moment_of_sending_again_after_a_failure(self, app, post_box):
        queue(PersonFactory(), recheck="late", about_id=1)
        post_box.answer = "451 try later"
        assert send(post_box, late=only(1)) == (0, 1)
        post_box.answer = "250 OK"

        assert send(post_box, NOW + LEASE, late=only()) == (0, 0)

        assert statuses() == ["dropped"]

    def test_that_fails_keeps_no_mail_from_the_others_and_is_tried_again(self, app, post_box):
        queue(PersonFactory(), recheck="late", about_id=1)
        other = PersonFactory()
        queue(other)

        def broken(about):
            raise LookupError

        assert send(post_box, late=broken) == (1, 1)
        assert [to for to, _ in post_box.received] == [[other.email]]
        assert (notices()[0].status, notices()[0].last_error) == ("waiting", "LookupError")
        assert send(post_box, NOW + LEASE, late=only(1)) == (1, 0)

    def test_holds_no_transaction_while_the_mail_server_thinks(self, app):
        queue(PersonFactory(), recheck="late", about_id=1)
        open_ones = []

        send_waiting(
            deliver=lambda message: open_ones.append(db.session().in_transaction()),
            now=NOW,
            rechecks={"late": only(1)},
        )

        assert open_ones == [False]

    def test_nobody_answers_for_sends_it(self, app, post_box):
        queue(PersonFactory(), recheck="forgotten", about_id=1)

        assert send(post_box) == (1, 0)

    def test_is_answered_in_the_timetable_by_what_the_application_registers(self, app, post_box, monkeypatch):
        monkeypatch.setitem(app.extensions, "tithe_mail", post_box.server)
        monkeypatch.setitem(app.extensions, "tithe_rechecks", {"late": only()})
        queue(PersonFactory(), recheck="late", about_id=1)

        jobs.send("", NOW)

        assert statuses() == ["dropped"]


class TestCollapsing:
    def test_replaces_the_older_one_that_was_not_sent(self, app, post_box):
        reader = PersonFactory()
        for day in range(3):
            queue(reader, at=NOW + timedelta(days=day), collapse_key="week 1", week=f"day {day}")

        assert send(post_box, NOW + timedelta(days=3)) == (1, 0)

        assert post_box.received[0][1]["Subject"] == "Your week of day 2 is approved"
        assert statuses() == ["dropped", "dropped", "sent"]
        assert unread(reader) == 1

    def test_replaces_what_failed_and_what_is_held(self, app, post_box):
        failed, later = PersonFactory(), PersonFactory()
        choose(actor=actor(later), answers={"decisions": "daily"}, now=NOW)
        post_box.answer = "451 try later"
        queue(failed, later, collapse_key="week 1")
        assert send(post_box) == (0, 1)

        queue(failed, later, collapse_key="week 1", at=NOW + timedelta(minutes=1))

        assert statuses() == ["dropped", "dropped", "waiting", "waiting"]

    @pytest.mark.parametrize(("key", "same_reader"), [("week 2", True), ("week 1", False), ("", True)])
    def test_leaves_other_keys_and_other_readers_alone(self, app, key, same_reader):
        reader = PersonFactory()
        queue(reader, collapse_key="week 1")
        queue(reader if same_reader else PersonFactory(), collapse_key=key)

        assert statuses() == ["waiting", "waiting"]

    def test_leaves_what_was_sent(self, app, post_box):
        reader = PersonFactory()
        queue(reader, collapse_key="week 1")
        send(post_box)
        queue(reader, collapse_key="week 1", at=NOW + timedelta(days=1))

        assert statuses() == ["sent", "waiting"]

    def test_keeps_the_last_of_several_queued_at_once(self, app):
        reader = PersonFactory()
        queue(reader, reader, collapse_key="week 1")
        queue(reader, reader)

        assert len(notices()) == 3

    def test_leaves_what_is_being_sent_to_its_sender(self, app, post_box):
        reader = PersonFactory()
        queue(reader, collapse_key="week 1")

        def deliver(message):
            queue(reader, collapse_key="week 1", at=NOW + timedelta(days=1))

        assert send_waiting(deliver=deliver, now=NOW) == (1, 0)
        assert statuses() == ["sent", "waiting"]


class TestNotBefore:
    def test_keeps_a_reminder_for_a_day_on_which_its_reader_works(self, app, post_box):
        monday = NOW + timedelta(days=3)
        queue(PersonFactory(), not_before=monday)

        assert send(post_box, monday - timedelta(seconds=1)) == (0, 0)
        assert send(post_box, monday) == (1, 0)

    def test_never_makes_anything_earlier(self, app, post_box):
        queue(PersonFactory(), not_before=NOW - timedelta(days=3))

        assert notices()[0].created_at == NOW
