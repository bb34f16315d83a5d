"""Delegations, and roles that wait for a second person."""

from __future__ import annotations

import datetime

import factory

from tests.factories.base import TitheFactory
from tithe.access.permissions import Role
from tithe.people.models import Delegation, RoleRequest

ASKED = datetime.datetime(2026, 8, 3, 9, tzinfo=datetime.UTC)


class DelegationFactory(TitheFactory):
    """A week in August 2026 that the delegate accepted. Give it who asks whom."""

    class Meta:
        model = Delegation

    class Params:
        waiting = factory.Trait(accepted_at=None)
        declined = factory.Trait(accepted_at=None, declined_at=ASKED)

    starts_on = datetime.date(2026, 8, 3)
    ends_on = datetime.date(2026, 8, 14)
    asked_at = ASKED
    accepted_at = ASKED


class RoleRequestFactory(TitheFactory):
    """A finance role that waits for a second person. Give it for whom, where and who asks."""

    class Meta:
        model = RoleRequest

    role = Role.FINANCE
    starts_on = datetime.date(2026, 8, 10)
    reason = "Pays the invoices of the fund from August on"
    asked_at = ASKED
