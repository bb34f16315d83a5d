"""A small department to try tithe with: the Youth Justice Board as published in 2011, with made-up people."""

from __future__ import annotations
from datetime import datetime
from collections.abc import Callable
from dataclasses import dataclass

PASSWORD = "a quiet friday afternoon"
STEPS = ("x",)


@dataclass(frozen=True)
class Account:
    what: str
    email: str
    password: str


def accounts() -> list[Account]:
    return []


def load(*, now: datetime, cost: tuple[int, int, int], progress: Callable[[], object]) -> bool:
    return True
