"""Safe retries: a writing call of the API that brings an Idempotency-Key is done once, however often it is sent.

The whole call runs in one transaction, which the operations it calls join: what it writes and the answer to it are
committed together or not at all. So no crash, wherever it falls, leaves a write without its answer or an answer
without its write, and the same call again either is done for the first time or is given the stored answer. A claim
made beforehand in a transaction of its own could not promise that: after a crash nobody knows whether it was done.

Refusals are raised, which undoes everything, so nothing is kept for them and a later try may succeed; nor for a
rehearsal. A key belongs to a person. On PostgreSQL a call whose twin is still being answered is refused at once; on
SQLite writers queue, so it waits and is given the answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from apispec import BasePlugin
from apscheduler.triggers.cron import CronTrigger
from flask import Flask, current_app, request
from sqlalchemy import CheckConstraint, ForeignKey, String, Text, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.wrappers import Response

from tithe.kernel import clock
from tithe.kernel.clock import LONDON, local_date
from tithe.kernel.db import Base, atomic, db, unit_of_work
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.kernel.jobs import Job
from tithe.web.guards import PUBLIC, admit, current_actor, declared_permission

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
WRITES = {"POST", "PUT", "PATCH", "DELETE"}
FIT = re.compile(r"[!-~]{8,100}", re.ASCII)
KEPT = timedelta(hours=24)
UNFIT = f"{HEADER} has 8 to 100 letters, digits or signs and no space. Send a new one for each thing you want done"
ANOTHER = f"This {HEADER} came before with another call. Send the same call again, or a new key"
IN_FLIGHT = "This call is being answered already. Send it again in a moment to be given its answer"

PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Sent again with the same key within 24 hours, the same call is not done twice: the first answer "
    f"is given again, with the header {REPLAYED}. The key with another call is refused with 422; while the first is "
    "still being answered, with 409. Refusals are not kept.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 100, "pattern": "^[!-~]+$"},
}


class KeptAnswer(Base):
    """What a person's call was answered, stored in the transaction of what it wrote.

    `fingerprint` is the SHA-256 of method, address and body.
    """

    __tablename__ = "kept_answer"
    __table_args__ = (
        CheckConstraint("length(key) BETWEEN 8 AND 100", name="key_fits"),
        CheckConstraint("status BETWEEN 200 AND 299", name="done"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Call:
    """A writing call: whose, under which key, and what it asks."""

    person_id: int
    key: str
    fingerprint: str

    @property
    def lock(self) -> int:
        """A number for PostgreSQL to lock: 64 bits of a digest."""
        digest = hashlib.sha256(f"{self.person_id} {self.key}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


class DescribesKeys(BasePlugin):
    """Names the header in the description of every operation that writes."""

    def operation_helper(self, path: Any = None, operations: Any = None, **kwargs: Any) -> None:
        for method, operation in (operations or {}).items():
            if method.upper() in WRITES:
                operation.setdefault("parameters", []).append(PARAMETER)


def install(app: Flask, prefix: str) -> None:
    """Let every writing view below an address take keys. Calls without one are not touched."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(prefix)}
    for endpoint in endpoints:
        if declared_permission(app, endpoint) not in (None, PUBLIC):
            app.view_functions[endpoint] = once(app.view_functions[endpoint])


def once(view: Callable[..., Any]) -> Callable[..., Any]:
    """Do a call that brings a key once, and give whoever sends it again the answer it got."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None or request.method not in WRITES:
            return view(*args, **kwargs)
        admit(view.permission)  # type: ignore[attr-defined]  # `needs` put it there; rights may have ended since
        call, now = _call(key), clock.now()
        with unit_of_work() as session:
            kept = _begin(session, call, now)
            if kept is not None:
                return _again(kept, call)
            response = current_app.make_response(view(*args, **kwargs))
            _keep(session, call, response, now)
        return response

    return guarded


def _call(key: str) -> Call:
    if not FIT.fullmatch(key):
        raise RuleBroken(UNFIT, field=HEADER)
    asked = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return Call(current_actor().person_id, key, hashlib.sha256(asked).hexdigest())


def _begin(session: Session, call: Call, now: datetime) -> KeptAnswer | None:
    """Be the only one to answer this call, and find what it was answered before."""
    if session.get_bind().dialect.name == "postgresql" and not session.scalar(
        select(func.pg_try_advisory_xact_lock(call.lock))
    ):
        raise Conflict(IN_FLIGHT)
    this = (KeptAnswer.person_id == call.person_id, KeptAnswer.key == call.key)
    session.execute(delete(KeptAnswer).where(*this, KeptAnswer.answered_at <= now - KEPT))
    return session.scalar(select(KeptAnswer).where(*this))


def _again(kept: KeptAnswer, call: Call) -> Response:
    if kept.fingerprint != call.fingerprint:
        raise RuleBroken(ANOTHER, field=HEADER)
    response = Response(kept.body, kept.status, {REPLAYED: "true"}, mimetype="application/json")
    if kept.etag:
        response.headers["ETag"] = kept.etag
    return response


def _keep(session: Session, call: Call, response: Response, now: datetime) -> None:
    answer = {
        "status": response.status_code,
        "body": response.get_data(as_text=True),
        "etag": response.headers.get("ETag"),
        "answered_at": now,
    }
    session.execute(insert(KeptAnswer).values(**vars(call), **answer))


@atomic
def forget_old_answers(*, now: datetime) -> None:
    """Delete the answers that are kept no longer."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.answered_at <= now - KEPT))


def _due_days(now: datetime) -> Iterator[str]:
    yield local_date(now).isoformat()


def _forget(period: str, now: datetime) -> None:
    forget_old_answers(now=now)


JOBS = [Job("forget-answers", CronTrigger(hour=3, minute=10, timezone=LONDON), _forget, _due_days)]
