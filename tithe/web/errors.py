"""Refusals as pages or as JSON: one envelope, one set of words."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, redirect, render_template, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response

from tithe.kernel.db import db
from tithe.kernel.errors import NotSignedIn, RuleBroken, TermsDue, TitheError, Unavailable
from tithe.web.guards import by_token, send_to_sign_in
from tithe.web.kept import can_be_kept, keep
from tithe.web.refusals import note

HEADINGS = {
    400: "We could not read that",
    403: "That is not allowed",
    404: "Page not found",
    405: "That does not work here",
    409: "Somebody else changed this first",
    413: "That is too large",
    422: "There is a problem",
    429: "Too many tries",
    500: "Sorry, there is a problem with tithe",
    503: "Sorry, tithe cannot save just now",
}
WORDS = {
    400: "We could not read what was sent. Go back, reload the page, and send it again.",
    404: "Check the address, or go back to the start. The page may also be one that is not yours to see.",
    405: "Go back and use the button or link on the page.",
    500: "We have recorded the problem. Nothing you sent was half-saved. Try again later.",
}
API_WORDS = {
    400: "We could not read that. Send one JSON object, with the header Content-Type: application/json",
    404: "Nothing is at this address, or it is not yours to see. The addresses are in /api/v1/openapi.json",
    405: "This address takes {allowed}",
    415: "Send one JSON object, with the header Content-Type: application/json",
}


def envelope(error: TitheError) -> dict[str, Any]:
    """The one shape of a refusal in JSON. `problems` lists every fault; the first stands at the top."""
    problems = [{"message": each.message, "field": each.field} for each in error.problems]
    return {"kind": error.kind, "message": error.message, "field": error.field, "problems": problems}


def answer(status: int, message: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A refusal as JSON to the API and as a page to people."""
    response: Response
    if by_token():
        response = jsonify(body)
    else:
        heading = HEADINGS.get(status, HEADINGS[400])
        response = Response(
            render_template("errors/refusal.html", heading=heading, message=message, refused=True),
            mimetype="text/html",
        )
    response.status_code = status
    response.headers.update(headers or {})
    return response


def install(app: Flask) -> None:
    """Answer every refusal and fault of the app in the same words and shape."""
    app.register_error_handler(TitheError, refused)
    app.register_error_handler(CSRFError, token_missing)
    app.register_error_handler(OperationalError, database_down)
    app.register_error_handler(PoolTimeout, database_down)
    for kind in (DataError, UnicodeEncodeError, OverflowError):
        app.register_error_handler(kind, unstorable)
    for code in default_exceptions:
        app.register_error_handler(code, http_fault)
    app.register_error_handler(500, fault)


def refused(error: TitheError) -> Response:
    if isinstance(error, NotSignedIn) and not by_token():
        return keep() if can_be_kept() else send_to_sign_in()
    if isinstance(error, TermsDue) and not by_token():
        return redirect(url_for("terms.terms"), 303)
    note(error)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "30"}}.get(error.status)
    return answer(error.status, error.message, envelope(error), headers)


def token_missing(error: CSRFError) -> Response:
    if not by_token() and can_be_kept():
        return keep()
    words = "The page had been open too long. Go back, reload it, and send it again. What you typed is still there."
    return answer(400, words, _body("TokenMissing", words))


def database_down(error: Exception) -> Response:
    db.session.rollback()
    return refused(Unavailable())


def unstorable(error: Exception) -> Response:
    """A number too large for its column, or text that is no text: nothing was stored."""
    db.session.rollback()
    return refused(RuleBroken("Something you sent is too large or cannot be stored. Look it over and try again"))


def http_fault(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    words = WORDS.get(status, error.description or "")
    if by_token():
        words = API_WORDS.get(status, words).format(allowed=allowed)
    kind = "".join(error.name.title().split())
    body = _body(kind, words)
    if status == 422 and (problems := _schema_problems(getattr(error, "data", {}).get("messages", {}))):
        body = {"kind": "RuleBroken", **problems[0], "problems": problems}
    return answer(status, words, body, {"Allow": allowed} if allowed else None)


def fault(error: Exception) -> Response:
    """A bug. The page says so without details; the log has them."""
    return answer(500, WORDS[500], _body("Fault", WORDS[500]))


def _body(kind: str, words: str) -> dict[str, Any]:
    """The envelope of a refusal that blames no field."""
    return {"kind": kind, "message": words, "field": None, "problems": [{"message": words, "field": None}]}


def _schema_problems(messages: Any, path: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What the body's schema found, flattened to one line a field ("entries.0.minutes")."""
    if isinstance(messages, dict):
        return [line for key, value in messages.items() for line in _schema_problems(value, (*path, str(key)))]
    words = messages if isinstance(messages, list) else [messages]
    field = ".".join(
        name for name in (path[1:] if path and path[0] in ("json", "query", "path") else path) if name != "_schema"
    )
    return [{"message": f"{field or 'The body'}: {word}", "field": field or None} for word in words]
