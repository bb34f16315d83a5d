"""Requests of one process take turns on SQLite, where nothing outside the process is waited for.

Threads of one Python process that work at the same time hand the interpreter to each other at every row they read, and
all of them end later than if each had gone on alone. With PostgreSQL a request waits for the server meanwhile, so there
turns would only cost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_WAIT = 0.05  # seconds: a request that takes long, such as an import, keeps nobody longer than this


class Turns:
    """An application that answers one request at a time, in the order they came, and more where one takes long."""

    def __init__(self, application: WSGIApplication, longest_wait: float = LONGEST_WAIT) -> None:
        self.application, self.longest_wait = application, longest_wait
        self.taken = False
        self.waiting: deque[Lock] = deque()
        self.door = Lock()  # held only while the two above are looked at or changed

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mine = self._take()
        try:
            return self.application(environ, start_response)
        finally:
            if mine:
                self._hand_on()

    def _take(self) -> bool:
        """Wait for the turn; False when it did not come in time."""
        with self.door:
            if not self.taken:
                self.taken = True
                return True
            call = Lock()
            call.acquire()
            self.waiting.append(call)
        if call.acquire(timeout=self.longest_wait):
            return True
        with self.door:
            if call not in self.waiting:  # the turn came just now
                return True
            self.waiting.remove(call)
            return False

    def _hand_on(self) -> None:
        """Call whoever has waited longest."""
        with self.door:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.taken = False
