"""How gunicorn's processes share the connections that stay open: `--worker-class tithe.web.workers.EvenThreads`."""

from __future__ import annotations

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

STEP, MOST = 0.0002, 10  # seconds for each connection held, and for how many of them at most


class EvenThreads(ThreadWorker):  # type: ignore[misc]
    """Threads that leave a new connection to the process with the fewest.

    Browsers and proxies keep connections open, and whoever accepts one answers all that comes over it. Of those that
    come together the library's worker takes as many as it can, and now and then one process had all of them while the
    others had nothing to do.
    """

    def accept(self, listener: Any) -> None:
        time.sleep(STEP * min(self.nr_conns, MOST))
        super().accept(listener)  # where another was quicker there is nothing left to accept, which is no fault
