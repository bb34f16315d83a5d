"""Versions of what is read: an ETag on the answer, 304 when it is known already, 412 when it has moved on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response

from tithe.kernel.errors import TitheError

MOVED_ON = "This has changed since you read it. Read it again, then decide"
COMPRESSED = re.compile(r":(br|gzip)$")  # what compressing an answer adds to its tag
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag of what was read. Refused with 412 when there is something else now.",
    "schema": {"type": "string"},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The ETag of what is known. Answered with 304 and no body when that is what there is still.",
    "schema": {"type": "string"},
}


class MovedOn(TitheError):
    """What the caller read, and named in If-Match, is not what there is now."""

    status = 412

    def __init__(self) -> None:
        super().__init__(MOVED_ON, field="If-Match")


def tag_of(version: int, body: dict[str, Any]) -> str:
    """The tag of a thing in a version: "3-1a2b3c4d5e6f". The digest tells when what is shown beside it changes."""
    words = json.dumps(body, sort_keys=True, default=str).encode()
    return f"{version}-{hashlib.sha256(words).hexdigest()[:12]}"


def tagged(version: int, body: dict[str, Any]) -> Any:
    """Answer with a body and its tag, or with 304 and no body to a reader who named that tag."""
    tag = tag_of(version, body)
    headers = {"ETag": quote_etag(tag)}
    if request.method in ("GET", "HEAD") and _names(request.headers.get("If-None-Match"), tag):
        return Response(status=304, headers=headers)
    return body, 200, headers


def expected(now: Callable[[], tuple[int, dict[str, Any]]]) -> int | None:
    """The version an operation must find: the one there is `now`, if it is what the call names in If-Match.

    None without that header. Refuses a call that names something else.
    """
    wanted = request.headers.get("If-Match")
    if wanted is None:
        return None
    version, body = now()
    if not _names(wanted, tag_of(version, body)):
        raise MovedOn
    return version


def _names(header: str | None, tag: str) -> bool:
    """A list of tags names this one, or any. Tags of compressed answers, and weak ones, stand for the same content."""
    if header is None:
        return False
    named = (each.strip().removeprefix("W/").strip('"') for each in header.split(","))
    return header.strip() == "*" or any(COMPRESSED.sub("", each) == tag for each in named)
