"""The outbox for those who run the service."""

from __future__ import annotations

import json

import pytest

from tests.factories.people import PersonFactory
from tests.notices.sending import NOW, notices, queue, statuses
from tithe.kernel import clock
from tithe.notices.operations.sending import send_waiting
from tithe.notices.rules.outbox import MAX_ATTEMPTS, next_attempt


@pytest.fixture
def run(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def command(*arguments):
        return app.test_cli_runner().invoke(args=["notices", *map(str, arguments)])

    return command


def give_up(post_box):
    """Try what waits until it is given up."""
    post_box.answer = "550 no such mailbox"
    now = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert send_waiting(deliver=post_box.deliver, now=now) == (0, 1)
        now = next_attempt(attempt, now)
    post_box.answer = "250 OK"


class TestList:
    def test_says_so_when_there_is_nothing(self, run):
        assert run("list").output == "No message waits\n"
        assert run("list", "--dead").output == "No message was given up\n"

    def test_shows_what_waits_and_what_was_given_up_without_its_words(self, run, post_box):
        lost, waits = PersonFactory(), PersonFactory()
        queue(lost, words="nobody else’s business")
        give_up(post_box)
        queue(waits)

        everything, dead = run("list").output, run("list", "--dead").output

        assert lost.email in dead
        assert f"tried {MAX_ATTEMPTS} times, last SMTPDataError" in dead
        assert waits.email not in dead
        assert waits.email in everything
        assert "business" not in everything

    def test_prints_json(self, run):
        reader = PersonFactory()
        queue(reader)

        (found,) = json.loads(run("list", "--json").output)["notices"]

        assert (found["address"], found["status"], found["attempts"]) == (reader.email, "waiting", 0)


class TestRetry:
    def test_sends_again_what_was_given_up(self, run, post_box):
        queue(PersonFactory())
        give_up(post_box)

        done = run("retry", notices()[0].id)

        assert done.exit_code == 0, done.output
        assert send_waiting(deliver=post_box.deliver, now=NOW) == (1, 0)
        assert {mail["Message-ID"] for mail in post_box.tries} == {f"<{notices()[0].message_id}>"}

    def test_refuses_what_was_not_given_up_and_changes_nothing(self, run, post_box):
        queue(PersonFactory())
        give_up(post_box)
        queue(PersonFactory())
        dead, waiting = notices()

        refused = run("retry", dead.id, waiting.id)

        assert refused.exit_code == 1
        assert f"nothing was changed: {waiting.id}" in refused.output
        assert statuses() == ["dead", "waiting"]
