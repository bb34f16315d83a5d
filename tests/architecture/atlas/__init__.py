"""What each part of the house brings to the tests of all of it, a module a part.

A module may define any of:

- ROUTES: the permission of each route, by method and rule;
- PUBLIC: rules that are open to visitors;
- OPERATIONS: the operations its API describes, as method and path;
- VALUES: what stands for the variables of its rules where every page is read once;
- attempts(everybody): rows of the matrix, as method, route, who may, status, whose, query and body;
- prepare(people, units): the things those rows name, by name, as ids;
- VALID: one row of each of its tables that the database takes, as SQL;
- VIOLATIONS: what breaks each of its checks, as name, table and changes;
- REPEATABLE: its tables that may hold the same row twice.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

MODULES = [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]


def every(name: str) -> Iterator[Any]:
    """What each module that has it defines under a name."""
    for module in MODULES:
        if hasattr(module, name):
            yield getattr(module, name)


def merged(name: str) -> dict[Any, Any]:
    """The dictionaries of that name as one."""
    return {key: value for each in every(name) for key, value in each.items()}


def listed(name: str) -> list[Any]:
    """The lists or sets of that name as one list."""
    return [item for each in every(name) for item in each]
