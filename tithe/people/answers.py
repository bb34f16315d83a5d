"""Doing what a form asks and going on, or showing its page again with what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask.typing import ResponseReturnValue

from tithe.kernel.errors import RuleBroken
from tithe.people.rules.passkeys import NoProof
from tithe.people.rules.throttle import TooManyTries
from tithe.web.forms import TitheForm

log = logging.getLogger(__name__)


def answer_to(form: TitheForm, act: Callable[[], ResponseReturnValue], page: Callable[[], str]) -> ResponseReturnValue:
    """What `act` answers once the form is sent and sound; otherwise the page, with refusals beside their fields.

    Whoever tried too often is told when to come back.
    """
    refusal = None
    if form.validate_on_submit():
        try:
            return act()
        except RuleBroken as broken:
            refusal = broken
            form.absorb(broken)
            if isinstance(broken, NoProof):
                log.warning("a passkey was refused: %s", broken.why)
    if isinstance(refusal, TooManyTries):
        return page(), refusal.status, {"Retry-After": str(refusal.seconds)}
    return page(), form.status
