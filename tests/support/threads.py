"""Several calls at the same moment, for tests of what writers do to each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from tithe.kernel.db import db

PATIENCE = 60  # seconds; a test that waits longer has a deadlock


def at_once(app: Flask, calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make all calls at the same moment, each in a thread with its own session; return results, or what was raised."""
    db.session.rollback()
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        with app.app_context():
            ready.wait(PATIENCE)
            try:
                return call()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls, timeout=PATIENCE))


def errors_in(results: Sequence[Any]) -> list[BaseException]:
    """What was raised, among what `at_once` returned."""
    return [each for each in results if isinstance(each, BaseException)]
