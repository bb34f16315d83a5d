"""Requests of one process take turns, and none of them waits for long."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from tests.conftest import test_settings
from tithe.app import create_app
from tithe.web.turns import LONGEST_WAIT, Turns


def asked(turns: Turns, path: str = "") -> list[bytes]:
    return list(turns({"PATH_INFO": path}, lambda *_: None))


class TestTurns:
    def test_are_taken_one_at_a_time(self):
        inside, most, lock = [], [], Lock()

        def application(environ, start_response):
            with lock:
                inside.append(1)
                most.append(len(inside))
            time.sleep(0.002)
            with lock:
                inside.pop()
            return [b"answer"]

        turns = Turns(application)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: asked(turns), range(8)))

        assert answers == [[b"answer"]] * 8
        assert max(most) == 1

    def test_are_taken_in_the_order_of_asking(self):
        first_is_in, go_on, answered = Event(), Event(), []

        def application(environ, start_response):
            if environ["PATH_INFO"] == "0":
                first_is_in.set()
                assert go_on.wait(5)
            answered.append(environ["PATH_INFO"])
            return [b"answer"]

        turns = Turns(application, longest_wait=5)
        with ThreadPoolExecutor(6) as threads:
            asking = [threads.submit(asked, turns, "0")]
            assert first_is_in.wait(5)
            for number in range(1, 6):
                asking.append(threads.submit(asked, turns, str(number)))
                while len(turns.waiting) < number:
                    time.sleep(0.001)
            go_on.set()
            assert [each.result(5) for each in asking] == [[b"answer"]] * 6

        assert answered == ["0", "1", "2", "3", "4", "5"]
        assert not turns.taken

    def test_do_not_wait_for_a_request_that_takes_long(self):
        begun, ended = Event(), Event()

        def application(environ, start_response):
            if environ["PATH_INFO"] == "/long":
                begun.set()
                assert ended.wait(5)
            return [b"answer"]

        turns = Turns(application)
        with ThreadPoolExecutor(1) as threads:
            long = threads.submit(asked, turns, "/long")
            assert begun.wait(5)
            since = time.monotonic()
            assert asked(turns) == [b"answer"]
            assert LONGEST_WAIT * 0.9 <= time.monotonic() - since < 2
            ended.set()
            assert long.result(5) == [b"answer"]
        assert not turns.taken, "the long one gave its turn back"

    def test_are_given_back_after_a_failure(self):
        def application(environ, start_response):
            raise RuntimeError

        turns = Turns(application)
        with pytest.raises(RuntimeError):
            asked(turns)

        assert not turns.taken

    @pytest.mark.parametrize(
        ("url", "taken"), [("sqlite://", True), ("postgresql+psycopg://nobody@127.0.0.1:1/nothing", False)]
    )
    def test_are_taken_on_sqlite_alone(self, url, taken):
        behind_files = create_app(test_settings(url)).wsgi_app.application

        assert isinstance(behind_files, Turns) is taken
