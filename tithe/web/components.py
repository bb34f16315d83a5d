"""GOV.UK Frontend components for templates, remembered.

A macro of the component library costs far more than the page round it. What a component looks like depends only on
its parameters, so the markup is kept by them. Nothing with a token in it may come this way.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from flask import Flask
from jinja2 import Environment, PackageLoader, PrefixLoader, select_autoescape
from markupsafe import Markup

BETWEEN_TAGS = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")  # what the library's macros leave there, a sixth of a page

_library = Environment(
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    autoescape=select_autoescape(default=True),
    cache_size=200,
)


def govuk(component: str, **parameters: Any) -> Markup:
    """The markup of a component, by its name in the design system ("error-summary") and its parameters."""
    return _remembered(component, AS_KEY.encode(parameters))


def _markup(value: Any) -> Any:
    raise TypeError(f"A component takes plain values, not {type(value).__name__}")


AS_KEY = json.JSONEncoder(default=_markup, sort_keys=True)


@lru_cache(maxsize=4096)
def _remembered(component: str, parameters: str) -> Markup:
    template = _library.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
    name = "govuk" + component.title().replace("-", "")
    drawn = str(getattr(template.module, name)(json.loads(parameters)))
    if "<textarea" not in drawn:  # what was typed stays as it is
        drawn = BETWEEN_TAGS.sub("\n", drawn)
    return Markup(drawn)  # noqa: S704 the library escapes


def install(app: Flask) -> None:
    app.jinja_env.globals["govuk"] = govuk
