"""Libraries that few requests need: imported when first asked for something, so that most workers never hold them."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class _Late:
    """A module that is imported when something is first asked of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, asked: str) -> Any:
        return getattr(import_module(self._name), asked)


def late(name: str) -> Any:
    """A module by name, not imported yet."""
    return _Late(name)
