"""The outbox against a real mail server: nothing lost, nothing doubled, and a failure is tried again."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.factories.people import PersonFactory, Team
from tests.factories.projects import ProjectFactory
from tests.notices.mailing import HEADERS, free_port, server_at
from tests.notices.sending import NOW, notices, queue
from tests.support.threads import at_once, errors_in
from tithe.kernel.db import atomic, db, unit_of_work
from tithe.kernel.errors import RuleBroken
from tithe.notices import jobs, mail, operations
from tithe.notices.mail import deliverer
from tithe.notices.models import Notice
from tithe.notices.operations.sending import BATCH, LEASE, claim, send_waiting
from tithe.notices.rules.outbox import MAX_ATTEMPTS, NoticeStatus, next_attempt
from tithe.people import queries as people
from tithe.timesheets.operations.weeks import save_week, submit_week
from tithe.timesheets.rules.entries import Entry

MONDAY = date(2026, 8, 3)
LONG_AFTER = NOW + timedelta(days=2)


class Killed(BaseException):
    """The process that was sending is gone."""


def refuse(message):
    raise ConnectionRefusedError


class TestSendWaiting:
    def test_sends_a_message_once_to_its_reader(self, app, post_box):
        reader = PersonFactory()
        queue(reader)

        assert send_waiting(deliver=post_box.deliver, now=NOW) == (1, 0)
        assert send_waiting(deliver=post_box.deliver, now=LONG_AFTER) == (0, 0)

        ((addresses, message),) = post_box.received
        assert addresses == [reader.email] == [message["To"]]
        assert message["From"] == "tithe@example.org"
        assert message["Subject"] == "Your week of 3 August 2026 is approved"
        assert "Open it here: https://tithe.test/weeks" in message.get_content()
        assert message["Auto-Submitted"] == "auto-generated"
        (notice,) = notices()
        assert (notice.status, notice.sent_at, notice.attempts) == (NoticeStatus.SENT, NOW, 1)

    def test_gives_every_reader_their_own_message(self, app, post_box):
        readers = [PersonFactory() for _ in range(BATCH + 5)]
        queue(*readers)

        sent, failed = send_waiting(deliver=post_box.deliver, now=NOW)

        assert (sent, failed) == (BATCH + 5, 0)
        assert sorted(addresses[0] for addresses, _ in post_box.received) == sorted(each.email for each in readers)
        assert len({message["Message-ID"] for _, message in post_box.received}) == BATCH + 5

    def test_keeps_people_alone_in_the_address_line(self, app, post_box):
        queue(PersonFactory(), PersonFactory())

        send_waiting(deliver=post_box.deliver, now=NOW)

        assert [len(addresses) for addresses, _ in post_box.received] == [1, 1]

    def test_leaves_what_is_not_due_yet(self, app, post_box):
        queue(PersonFactory(), at=NOW + timedelta(minutes=1))

        assert send_waiting(deliver=post_box.deliver, now=NOW) == (0, 0)

    def test_says_the_same_message_id_on_every_attempt(self, app, post_box):
        queue(PersonFactory())
        post_box.answer = "451 try later"
        now = NOW
        for _ in range(3):
            assert send_waiting(deliver=post_box.deliver, now=now) == (0, 1)
            now = notices()[0].next_attempt_at
        post_box.answer = "250 OK"

        assert send_waiting(deliver=post_box.deliver, now=now) == (1, 0)

        (notice,) = notices()
        assert [message["Message-ID"] for message in post_box.tries] == [f"<{notice.message_id}>"] * 4

    def test_waits_longer_after_every_failure_and_gives_up_after_the_last(self, app):
        queue(PersonFactory())
        now, waits = NOW, []
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert send_waiting(deliver=refuse, now=now) == (0, 1)
            (notice,) = notices()
            assert (notice.attempts, notice.last_error) == (attempt, "ConnectionRefusedError")
            waits.append(notice.next_attempt_at - now)
            if attempt < MAX_ATTEMPTS:
                assert notice.status == NoticeStatus.WAITING
                assert send_waiting(deliver=refuse, now=notice.next_attempt_at - timedelta(seconds=1)) == (0, 0)
                now = notice.next_attempt_at

        assert waits[:-1] == sorted(set(waits[:-1]))
        assert notices()[0].status == NoticeStatus.DEAD
        assert send_waiting(deliver=refuse, now=now + timedelta(days=365)) == (0, 0)

    def test_survives_a_mail_server_that_is_not_there(self, app):
        queue(PersonFactory())

        assert send_waiting(deliver=deliverer(server_at(free_port())), now=NOW) == (0, 1)
        assert notices()[0].last_error == "ConnectionRefusedError"

    @pytest.mark.parametrize("answer", ["451 try later", "550 no such mailbox", "552 full", "421 going down"])
    def test_survives_a_mail_server_that_says_no(self, app, post_box, answer):
        post_box.answer = answer
        queue(PersonFactory(), PersonFactory())

        assert send_waiting(deliver=post_box.deliver, now=NOW) == (0, 2)
        assert {notice.status for notice in notices()} == {NoticeStatus.WAITING}

    @pytest.mark.parametrize(
        "address", ["", "nobody", "a@b\r\nBcc: eve@example.org", "@", "a@", "jörg@example.org", '"@example.org', "<>"]
    )
    def test_lets_no_odd_address_keep_mail_from_the_others(self, app, post_box, address):
        odd, sound = PersonFactory(email=address), PersonFactory()
        queue(odd, sound)

        send_waiting(deliver=post_box.deliver, now=NOW)

        assert [sound.email] in [addresses for addresses, _ in post_box.received]
        assert "eve@example.org" not in str(post_box.received)
        assert NoticeStatus.SENDING not in {notice.status for notice in notices()}

    def test_lets_no_message_that_cannot_be_written_keep_mail_from_the_others(self, app):
        """Whatever goes wrong with one message is that message's failure, not the batch's."""
        queue(PersonFactory(), PersonFactory(), PersonFactory())
        went = []

        def deliver(message):
            if not went:
                went.append("broken")
                raise IndexError("a fault of the library that writes headers")
            went.append(message.id)

        assert send_waiting(deliver=deliver, now=NOW) == (2, 1)

    def test_takes_over_from_a_sender_that_died(self, app, post_box):
        queue(PersonFactory())

        def die(message):
            post_box.deliver(message)
            raise Killed

        with pytest.raises(Killed):
            send_waiting(deliver=die, now=NOW)
        assert notices()[0].status == NoticeStatus.SENDING
        almost = NOW + LEASE - timedelta(seconds=1)
        assert send_waiting(deliver=post_box.deliver, now=almost) == (0, 0)

        assert send_waiting(deliver=post_box.deliver, now=NOW + LEASE) == (1, 0)

        assert len({message["Message-ID"] for _, message in post_box.received}) == 1
        assert (notices()[0].status, notices()[0].attempts) == (NoticeStatus.SENT, 2)

    def test_gives_up_on_a_message_that_kills_every_sender(self, app):
        queue(PersonFactory())

        def die(message):
            raise Killed

        for n in range(MAX_ATTEMPTS):
            with pytest.raises(Killed):
                send_waiting(deliver=die, now=NOW + n * LEASE)

        assert send_waiting(deliver=die, now=NOW + MAX_ATTEMPTS * LEASE) == (0, 0)

    def test_holds_its_claim_for_as_long_as_a_slow_batch_can_take(self):
        """Else a second sender takes over messages that the first is still working through."""
        assert LEASE.total_seconds() > BATCH * mail.PATIENCE

    def test_by_a_sender_that_lost_its_claim_changes_nothing_another_sent(self, app, post_box):
        """The slow one fails after its lease ran out and somebody else got the message through."""
        queue(PersonFactory())

        def overtaken(message):
            assert send_waiting(deliver=post_box.deliver, now=NOW + LEASE) == (1, 0)
            raise TimeoutError

        send_waiting(deliver=overtaken, now=NOW)

        assert notices()[0].status == NoticeStatus.SENT
        assert len(post_box.received) == 1


class TestSendersAtOnce:
    def test_send_every_message_once(self, app):
        queue(*(PersonFactory() for _ in range(120)))
        sent = Counter()
        counting = threading.Lock()

        def deliver(message):
            with counting:
                sent[message.message_id] += 1

        results = at_once(app, [lambda: send_waiting(deliver=deliver, now=NOW)] * 2)

        assert errors_in(results) == []
        assert sum(went for went, _ in results) == 120
        assert set(sent.values()) == {1}
        assert len(sent) == 120
        assert {notice.status for notice in notices()} == {NoticeStatus.SENT}

    def test_never_wait_for_a_message_somebody_else_holds(self, app):
        queue(PersonFactory(), PersonFactory())
        if db.engine.dialect.name == "sqlite":  # one writer at a time: a claim is over before the next begins
            assert len(claim(now=NOW)) == 2
            assert claim(now=NOW) == []
            return
        held = notices()[0].id
        with db.engine.connect() as stranger:
            stranger.execute(select(Notice.id).where(Notice.id == held).with_for_update())

            claimed = claim(now=NOW)

            stranger.rollback()
        assert [message.id for message in claimed] == [notices()[1].id]


class TestQueue:
    def test_keeps_a_message_only_if_its_cause_is_committed(self, app):
        reader = PersonFactory()

        @atomic
        def refused():
            queue(reader)
            raise RuleBroken("no")

        with pytest.raises(RuleBroken):
            refused()

        assert notices() == []

    def test_takes_nothing_for_an_answer(self, app):
        operations.queue([])

        assert notices() == []

    def test_tells_the_approver_of_a_week_that_was_submitted_and_nobody_of_one_that_was_not(self, app):
        team = Team()
        owner = people.actor_by_email(team.owner.email, NOW)
        project = ProjectFactory(owner_id=owner.id, owner=None)
        with pytest.raises(RuleBroken):
            submit_week(actor=owner, monday=MONDAY, now=NOW)
        assert notices() == []
        save_week(actor=owner, monday=MONDAY, entries=[Entry(MONDAY, project.id, 90)], now=NOW)
        submit_week(actor=owner, monday=MONDAY, now=NOW)
        with pytest.raises(RuleBroken):
            submit_week(actor=owner, monday=MONDAY, now=NOW)

        (notice,) = notices()

        assert (notice.person_id, notice.event) == (team.manager.id, "week-submitted")

    def test_keeps_a_name_with_line_breaks_out_of_the_headers(self, app, post_box):
        queue(PersonFactory(), event="week-submitted", owner="Eve\r\nBcc: everybody@example.org\r\n\r\nHello")

        assert send_waiting(deliver=post_box.deliver, now=NOW) == (1, 0)

        ((addresses, message),) = post_box.received
        assert len(addresses) == 1
        assert set(message.keys()) <= HEADERS | {"X-Peer", "X-MailFrom", "X-RcptTo"}
        assert "Bcc" not in message
        assert message["Subject"].startswith("Eve Bcc: everybody@example.org Hello asks you")


class TestNotice:
    def test_that_is_sent_has_a_time_and_no_other_has_one(self, app):
        queue(PersonFactory())

        with pytest.raises(Exception, match="Somebody else"), unit_of_work() as session:
            session.execute(update(Notice).values(status=NoticeStatus.SENT))
        with pytest.raises(Exception, match="Somebody else"), unit_of_work() as session:
            session.execute(update(Notice).values(sent_at=NOW))

    def test_ids_are_never_shared(self, app):
        queue(*(PersonFactory() for _ in range(20)))

        assert db.session.scalar(select(func.count(Notice.message_id.distinct()))) == 20


class TestJob:
    def test_sends_nothing_while_no_mail_server_is_set(self, app):
        queue(PersonFactory())

        jobs.send("", NOW)

        assert notices()[0].status == NoticeStatus.WAITING

    def test_sends_by_the_mail_server_of_the_settings(self, app, post_box, monkeypatch):
        monkeypatch.setitem(app.extensions, "tithe_mail", post_box.server)
        queue(PersonFactory())

        jobs.send("", NOW)

        assert len(post_box.received) == 1


@given(st.integers(min_value=1, max_value=30))
@settings(max_examples=30, deadline=None)
def test_every_failure_is_tried_again_later_than_the_one_before_until_the_last(attempts):
    again, following = next_attempt(attempts, NOW), next_attempt(attempts + 1, NOW)

    assert (again is None) == (attempts >= MAX_ATTEMPTS)
    assert following is None or NOW < again <= following <= NOW + timedelta(hours=4)
