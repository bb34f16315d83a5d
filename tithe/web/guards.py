"""Who may pass. Every view says which permission it needs, or that it is public; silence stops the app."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from tithe.access.actor import Actor
from tithe.access.grants import permits
from tithe.access.permissions import OUTSIDE_RIGHTS, Permission
from tithe.kernel.errors import NotFound, NotSignedIn, OutOfScope, Problem, RuleBroken, RulesBroken, TermsDue

View = TypeVar("View", bound=Callable[..., Any])


class SignIns(LoginManager):  # type: ignore[misc]
    """The library's manager, less its own mark of the browser: sessions live in the database, and it rewrote the cookie
    and was worked out for every request whether it was looked at or not."""

    def _session_protection_failed(self) -> bool:
        return False


login_manager = SignIns()
PUBLIC = "public"
LIBRARY_VIEWS = {"static"}


def current_actor() -> Actor:
    """The person signed in, or a refusal."""
    actor = current_user._get_current_object()
    if not actor.is_authenticated:
        raise NotSignedIn
    return cast(Actor, actor)


def admit(permission: Permission) -> None:
    """Refuse whoever could never hold a right, came with a token that lacks it, or has terms to accept first."""
    actor = current_actor()
    if not actor.in_scope(permission):
        raise OutOfScope(f"This token may not do that. It needs a scope that holds {permission}")
    if not permits(actor, permission):
        raise TermsDue if actor.terms_due and permission in OUTSIDE_RIGHTS else NotFound


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view with the right it needs, and let nobody in who could never hold it.

    Whether they hold it for this very week or project is for the query that loads it.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            admit(permission)
            refuse_unread_fields(view)
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def refuse_unread_fields(view: Callable[..., Any]) -> None:
    """Refuse the fields that were sent to a call of the API which reads none: they are not dropped in silence.

    Calls that read some refuse what they do not know themselves.
    """
    if not request.path.startswith("/api/") or request.method == "GET":
        return
    described = getattr(view, "_apidoc", {})
    parameters = described.get("arguments", {}).get("parameters", ())
    reads = "requestBody" in described.get("manual_doc", {}) or any(each["in"] == "json" for each in parameters)
    sent = None if reads else request.get_json(silent=True)
    if isinstance(sent, dict) and sent:
        raise RulesBroken(
            [Problem(f"{name[:40]}: There is no such field. Take it out", name[:40]) for name in sorted(sent)]
        )


def public(view: View) -> View:
    """Mark a view that anybody may see without signing in."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def declared_permission(app: Flask, endpoint: str) -> str | None:
    """What a view declared, or None when somebody forgot."""
    return getattr(app.view_functions[endpoint], "permission", None)


def refuse_undeclared_views(app: Flask) -> None:
    """Stop at start-up if a view declares no permission: forgetting must not mean allowing."""
    open_views = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in LIBRARY_VIEWS and declared_permission(app, rule.endpoint) is None
    ]
    if open_views:
        raise RuntimeError(f"These views declare no permission: {', '.join(sorted(open_views))}")


def send_to_sign_in() -> Response:
    """Ask a visitor to sign in, then bring them back to where they were going, or to the page they sent something from
    where it has the same address."""
    adapter = current_app.create_url_adapter(request)
    readable = adapter is not None and "GET" in adapter.allowed_methods(request.path)
    wanted = request.full_path.rstrip("?") if readable else None
    return redirect(url_for("people.sign_in", next=wanted if wanted != "/" else None), 303)


def is_local(path: str) -> bool:
    """True for a path on this site: one slash, no host, no scheme, nothing a browser reads as either."""
    return (
        path.startswith("/") and not path.startswith(("//", "/\\")) and not any(ord(c) < 33 or c == "\\" for c in path)
    )


def by_token() -> bool:
    """True when the request is for the API or SCIM, where only tokens count and cookies do not."""
    return request.path.startswith(("/api/", "/scim/"))


def refuse_nul() -> None:
    """Refuse the one character that PostgreSQL cannot store and SQLite can, before anything reads it. JSON bodies are
    looked at field by field."""
    texts = [request.path, *request.args.values()]
    if request.want_form_data_parsed:  # asking for a form that was not sent costs as much
        texts += request.form.values()
    if any("\0" in text for text in texts):
        raise RuleBroken("Something you sent holds a character that cannot be stored. Take it out and try again")
