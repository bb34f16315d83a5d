"""The weekly grid: looking at what is typed before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ROUTES = {
    ("POST", "/weeks/<monday>/check"): "week:save",
    ("POST", "/weeks/<monday>/fill"): "week:save",
    ("POST", "/api/v1/weeks/<monday>/check"): "week:save",
}
OPERATIONS = [("POST", "/api/v1/weeks/{monday}/check")]


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose, query and body."""
    for page in ("check", "fill"):
        yield "POST", f"/weeks/<monday>/{page}", everybody, 422, "", "", {"nonsense": "1"}
    yield "POST", "/api/v1/weeks/<monday>/check", everybody, 422, "", "", {"nonsense": "1"}
