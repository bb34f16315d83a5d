"""The signed cookie that keeps a session's secret in the browser."""

from __future__ import annotations

import hashlib

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


class SignedCookies(SecureCookieSessionInterface):
    """Flask's, with what signs and reads them made once: the keys stay the same while an application runs."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        self.signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self.signer is None:
            self.signer = super().get_signing_serializer(app)
        return self.signer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Most answers leave the session as it was, and only say that they depend on it."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            response.headers.add("Vary", "Cookie")
