"""The promises of weeks, entries and decisions."""

from __future__ import annotations

from tithe.timesheets.checks import decisions, weeks

CHECKS = [*weeks.CHECKS, *decisions.CHECKS]
