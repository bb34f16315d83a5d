"""What templates are drawn with: Flask's environment, where the same question asked again costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, Request, request, templating, url_for
from jinja2 import Template


class InOne(Template):
    """A template that gives what it draws in one piece.

    The library hands each piece on from one template to the one that includes it: a cell of a table passes five of
    them before it is on the page. Pages are sent whole here, so nobody needs the pieces.
    """

    @classmethod
    def from_code(cls, *args: Any, **kwargs: Any) -> Template:
        made = super().from_code(*args, **kwargs)
        in_pieces = made.root_render_func

        def in_one(*given: Any, **named: Any) -> Iterator[str]:
            yield "".join(in_pieces(*given, **named))

        made.root_render_func = in_one
        return made


class Environment(templating.Environment):
    """One layer of names for all templates, each drawn in one piece.

    The library gives each template a layer of its own, over which nobody here puts anything, and goes through all
    names of both for every macro that a page imports.
    """

    template_class = InOne

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
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]  # the proxy, not what it stands for
        return built(asked.root_path, asked.blueprint, endpoint, **values)

    app.jinja_env.globals["url_for"] = address
