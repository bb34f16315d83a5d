"""The JSON API: bearer tokens only, one envelope for refusals, and a description of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Self, TypeVar, cast

from flask import Flask, jsonify
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields
from webargs.flaskparser import FlaskParser

from tithe.web import idempotency
from tithe.web.guards import public

PREFIX = "/api/v1"

# What a value should have been, in our own words. Fields take their words from their classes when they are made.
EXPECTED: dict[type[fields.Field[Any]], dict[str, str]] = {
    fields.Field: {"required": "This is needed", "null": "This may not be null"},
    fields.String: {"invalid": "Expected words in quotation marks", "invalid_utf8": "Expected words in UTF-8"},
    fields.Integer: {"invalid": "Expected a whole number, such as 90", "too_large": "This number is too large"},
    fields.Boolean: {"invalid": "Expected true or false"},
    fields.Date: {"invalid": "Expected a date like 2026-07-01", "format": "Expected a date like 2026-07-01"},
    fields.DateTime: {"invalid": "Expected a moment like 2026-07-01T09:30:00+00:00"},
    fields.List: {"invalid": "Expected a list"},
    fields.Dict: {"invalid": "Expected an object"},
    fields.Nested: {"type": "Expected an object"},
}
for kind, words in EXPECTED.items():
    kind.default_error_messages = {**kind.default_error_messages, **words}


class StrictParser(FlaskParser):
    """Unknown names are errors in a query too, not only in a body."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {"json": None, "query": RAISE}


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """A part of the API."""

    ARGUMENTS_PARSER = StrictParser()


class Text(fields.String):
    """Words that both databases can store: no NUL, no half of a character."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        words = str(super()._deserialize(value, attr, data, **kwargs))
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in words):
            raise ValidationError("Holds a character that cannot be stored")
        return words


class SharedSchema(Schema):
    """A schema of which there are no copies, as it never changes.

    Every route is described with its schemas, and the library copies what describes a route over and over: that was a
    tenth of a worker's memory.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class StrictSchema(SharedSchema):
    """A body or query whose unknown fields are errors, never dropped in silence."""

    class Meta:
        unknown = RAISE

    error_messages = {"type": "Expected one JSON object", "unknown": "There is no such field. Take it out"}


class ProblemSchema(SharedSchema):
    """One thing wrong."""

    message = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)


class ErrorSchema(SharedSchema):
    """Every refusal has this shape."""

    kind = fields.String(required=True)
    message = fields.String(required=True)
    field = fields.String(required=True, allow_none=True)
    problems = fields.List(fields.Nested(ProblemSchema), required=True)


ERROR = ErrorSchema()


class TitheApi(Api):  # type: ignore[misc]
    """flask-smorest with our own envelope."""

    ERROR_SCHEMA = ERROR

    def _register_error_handlers(self) -> None:
        """Refusals are answered by `web.errors`, for pages and API alike."""


REFUSALS = {
    401: "No token, or one that is unknown, ended or out of date",
    403: "The token lacks the scope",
    404: "Absent, or not yours to see",
    409: "Changed or decided by somebody else since it was read",
    412: "Not what If-Match names: it has changed since it was read",
    422: "Refused, with every problem named",
}

View = TypeVar("View", bound=Callable[..., Any])


def refusals(blueprint: ApiBlueprint, *statuses: int) -> Callable[[View], View]:
    """Name the refusals of a view, which are described once for all views, in the one envelope."""
    described = {str(status): {"$ref": f"#/components/responses/{_refusal(status)}"} for status in statuses}
    return cast("Callable[[View], View]", blueprint.doc(responses=described))


def _refusal(status: int) -> str:
    """What a refusal is called in the description of the API."""
    return f"Refused{status}"


def install(app: Flask, blueprints: list[ApiBlueprint]) -> None:
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    @cache
    def described() -> dict[str, Any]:
        return description(blueprints)

    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", public(lambda: jsonify(described())))
    idempotency.install(app, PREFIX)


def description(blueprints: Iterable[ApiBlueprint]) -> dict[str, Any]:
    """The description of the API, in OpenAPI. It is made on an application of its own when somebody asks for it: in
    each worker it would be two megabytes, and most are never asked."""
    app = Flask("described", static_folder=None)
    app.config.update(
        API_TITLE="tithe",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
            "info": {"description": "Register projects, log and submit weeks, decide them, and read utilisation."},
        },
    )
    api = TitheApi(app, spec_kwargs={"extra_plugins": [idempotency.DescribesKeys()]})
    for status, words in REFUSALS.items():
        answer = {"description": words, "content": {"application/json": {"schema": ERROR}}}
        api.spec.components.response(_refusal(status), answer)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    return cast("dict[str, Any]", api.spec.to_dict())
