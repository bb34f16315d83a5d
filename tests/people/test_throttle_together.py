"""Tries and what forgives them meet at the same rows at the same moment, whichever of their names sorts first."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from tests.support.threads import at_once
from tests.timesheets.weeks import NOW
from tithe.people.operations import throttle
from tithe.people.rules.throttle import ACCOUNT, ADDRESS

FIRST, LAST = "a" * 64, "f" * 64


@pytest.mark.parametrize("names", [{FIRST: ACCOUNT, LAST: ADDRESS}, {LAST: ACCOUNT, FIRST: ADDRESS}])
def test_nobody_is_told_to_come_back_later(app, names):
    tries = [partial(throttle.begin, limits=names, now=NOW)] * 3
    forgiven = [partial(throttle.forgive, names=names, now=NOW)] * 3

    assert [each for _ in range(15) for each in at_once(app, tries + forgiven) if each is not None] == []


def test_old_tries_are_cleared_beside_those_being_counted(app):
    yesterday = NOW - timedelta(days=2)
    old = {f"{number:064}": ACCOUNT for number in range(9)}
    later = partial(throttle.forgive, names={FIRST: ACCOUNT}, now=NOW)
    for _ in range(10):
        throttle.begin(limits=old, now=yesterday)
        again = partial(throttle.begin, limits=old, now=NOW)
        assert at_once(app, [later, again, later, again]) == [None] * 4
