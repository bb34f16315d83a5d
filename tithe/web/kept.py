"""What somebody sent from a page whose session had ended meanwhile: kept on the next page, to be sent once more.

It needs no script. Nothing is stored here: the fields travel through the browser. Only a form from one of our own
pages is kept, so that no other site can put words before somebody to send; nothing secret is, and no file.
"""

from __future__ import annotations

from flask import Response, render_template, request

from tithe.web.forms import OURS

LARGEST = 64 * 1024  # bytes
SECRET = ("password", "code", "secret")


def can_be_kept() -> bool:
    """This request is a form of ours that may be shown again with what was typed."""
    if request.method != "POST" or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return False
    if request.files or (request.content_length or 0) > LARGEST:
        return False
    return bool(request.form) and not any(word in name for name in request.form for word in SECRET)


def keep() -> Response:
    """A page that holds what was sent: to sign in beside it, then to send it again."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != OURS]
    page = render_template("errors/kept.html", fields=fields, again=request.full_path.rstrip("?"))
    return Response(page, 401, mimetype="text/html")
