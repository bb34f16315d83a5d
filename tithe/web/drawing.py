"""What templates are drawn with: Flask's environment, where the same question asked again costs nothing."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, request, templating, url_for


class Environment(templating.Environment):
    """One layer of names for all templates.

    The library gives each template a layer of its own, over which nobody here puts anything, and goes through all
    names of both for every macro that a page imports.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def install(app: Flask) -> None:
    """Draw with the environment above, and build each address once: most stand on every page."""
    app.jinja_environment = Environment
    app.jinja_options = {"cache_size": -1}  # all templates are kept: to know which were used last costs at each use

    @lru_cache(maxsize=4096, typed=True)
    def built(place: str, blueprint: str | None, endpoint: str, **values: Any) -> str:
        return url_for(endpoint, **values)

    def address(endpoint: str, **values: Any) -> str:
        """An address on this site, as `url_for` makes it."""
        return built(request.script_root, request.blueprint, endpoint, **values)

    app.jinja_env.globals["url_for"] = address
