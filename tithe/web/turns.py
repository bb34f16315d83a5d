"""Requests of one process take turns on SQLite, where nothing outside the process is waited for.

Threads of one Python process that work at the same time hand the interpreter to each other at every row they read, and
all of them end later than if each had gone on alone. With PostgreSQL a request waits for the server meanwhile, so there
turns would only cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_WAIT = 0.05  # seconds: a request that takes long, such as an import, keeps nobody longer than this


class Turns:
    """An application that answers one request at a time, and more where one takes long."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self.turn = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mine = self.turn.acquire(timeout=LONGEST_WAIT)
        try:
            return self.application(environ, start_response)
        finally:
            if mine:
                self.turn.release()
