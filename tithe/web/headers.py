"""Headers on every answer: a strict content policy, with a nonce where there are scripts, no framing, no caching."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping

from flask import Flask, g, request
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Frame-Options": "DENY",
}


def csp_nonce() -> str:
    """This answer's nonce, made when first asked for."""
    nonce: str | None = g.get("csp_nonce")
    if nonce is None:
        nonce = g.csp_nonce = secrets.token_urlsafe(16)
    return nonce


def for_files(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """The fixed headers on static files, which are served before the app is asked."""
    for name, value in FIXED.items():
        headers[name] = value


def install(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer of the app; over https tell browsers to stay there."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.after_request
    def protect(response: Response) -> Response:
        nonce = g.get("csp_nonce")
        scripts = f"'nonce-{nonce}'" if nonce else "'none'"
        response.headers["Content-Security-Policy"] = POLICY.format(scripts=scripts)
        response.headers.update(FIXED)
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if request.endpoint != "static" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
