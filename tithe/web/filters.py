"""How dates, durations and figures are written on pages."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from flask import Flask

from tithe.kernel import minutes
from tithe.kernel.clock import LONDON


@lru_cache(maxsize=1024)
def day(value: date) -> str:
    """Monday 3 August 2026"""
    return f"{value:%A} {value.day} {value:%B %Y}"


@lru_cache(maxsize=1024)
def short_day(value: date) -> str:
    """3 Aug 2026"""
    return f"{value.day} {value:%b %Y}"


def moment(value: datetime) -> str:
    """3 Aug 2026 at 2:05pm, London time"""
    local = value.astimezone(LONDON)
    return f"{short_day(local.date())} at {local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def figure(length: int) -> str:
    """Minutes in words, a dash for none: for tables and figures, where nothing is no amount to read."""
    return minutes.spoken(length) if length else "–"


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; a dash when there is nothing to share."""
    return f"{(Decimal(100 * part) / whole).quantize(Decimal(1))}%" if whole else "–"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        day=day,
        short_day=short_day,
        moment=moment,
        spoken=minutes.spoken,
        figure=figure,
        clock=minutes.clock,
        hours=minutes.hours,
    )
    app.jinja_env.globals["percent"] = percent
