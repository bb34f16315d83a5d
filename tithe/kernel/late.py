"""Libraries that few requests need: imported when first asked for something, so that most workers never hold them."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from werkzeug.local import LocalProxy


def late(name: str) -> Any:
    """A module by name, not imported yet. Whatever is asked of it imports it."""
    return LocalProxy(partial(import_module, name))
