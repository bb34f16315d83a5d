"""Telling the audit that somebody asked for what is absent or not theirs. It is above us, so the app hands it in."""

from __future__ import annotations

import logging

from flask import current_app, request
from flask_login import current_user

from tithe.kernel import clock
from tithe.kernel.db import LARGEST_ID
from tithe.kernel.errors import NotFound, OutOfScope, TitheError
from tithe.web.guards import current_actor, declared_permission

log = logging.getLogger(__name__)


def note(error: TitheError) -> None:
    """Note a refusal of somebody signed in: the right that was asked for, and the id in the address if there is one.

    The answer is the same if that cannot be written.
    """
    if not isinstance(error, (NotFound, OutOfScope)) or request.endpoint is None or not current_user.is_authenticated:
        return
    thing, wanted = next(((k, v) for k, v in (request.view_args or {}).items() if isinstance(v, int)), ("route", 0))
    try:
        current_app.extensions["tithe_refused"](
            actor=current_actor(),
            permission=declared_permission(current_app, request.endpoint) or "",
            method=request.method,
            thing=thing.removesuffix("_id"),
            id=wanted if 0 < wanted <= LARGEST_ID else None,
            now=clock.now(),
        )
    except TitheError:
        log.warning("a refusal could not be noted", exc_info=True)
