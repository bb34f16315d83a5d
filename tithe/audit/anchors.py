"""The heads of all streams, written every hour to a file outside the database.

Whoever can write the database can cut the end off a stream together with its head, and every link left still holds.
The file remembers how far each stream had come: keep it where the database's own account cannot write.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, tuple_

from tithe.audit.models import AuditEvent, AuditHead
from tithe.kernel.db import db

LAST_BLOCK = 64 * 1024  # bytes; a line is far shorter


def write_anchor(path: Path, now: datetime) -> None:
    """Add one line with the number and hash of every stream's newest event."""
    heads = select(AuditHead.stream, AuditHead.seq, AuditHead.hash).order_by(AuditHead.stream)
    line = {"at": now.isoformat(), "heads": [list(row) for row in db.session.execute(heads)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(line, separators=(",", ":")) + "\n")
        file.flush()
        os.fsync(file.fileno())


def newest_anchor(path: Path) -> tuple[str, list[tuple[int, int, str]]] | None:
    """When the newest anchor was written, and its heads; None if there is none. A line cut short is passed over."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LAST_BLOCK))
        lines = file.read().splitlines()
    for line in reversed(lines):
        try:
            found = json.loads(line)
            return found["at"], [(stream, seq, link) for stream, seq, link in found["heads"]]
        except (ValueError, KeyError, TypeError):
            continue
    return None


def behind_anchor(path: Path) -> tuple[int, int] | None:
    """The first stream whose event at the anchored number is gone or another, and that number; None when all hold."""
    anchor = newest_anchor(path)
    heads = {(stream, seq): link for stream, seq, link in anchor[1] if seq} if anchor else {}
    place = tuple_(AuditEvent.stream, AuditEvent.seq)
    found = select(AuditEvent.stream, AuditEvent.seq, AuditEvent.hash).where(place.in_(list(heads)))
    stored = {(stream, seq): link for stream, seq, link in db.session.execute(found)}
    return next((where for where in sorted(heads) if stored.get(where) != heads[where]), None)
