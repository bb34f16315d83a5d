"""The service's navigation: what each person can reach from every page."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Flask, current_app, render_template, request, url_for
from flask_login import current_user
from markupsafe import Markup

from tithe.access.actor import Actor
from tithe.access.grants import covers_queue, permits, rights_of, runs_scheme
from tithe.access.permissions import Permission

ITEMS = (
    ("home", "Home", "home.home", Permission.HOME_READ),
    ("week", "My week", "timesheets.this_week", Permission.WEEK_SAVE),
    ("projects", "Projects", "projects.projects", Permission.PROJECT_LIST),
    ("people", "People", "directory.people", Permission.DIRECTORY_READ),
    ("allowance", "Allowance", "allowance.mine", Permission.ALLOWANCE_READ),
    ("approvals", "Approvals", "approvals.awaiting", Permission.WEEK_DECIDE),
    ("reports", "Utilisation", "reports.utilisation", Permission.REPORT_READ),
    ("scheme", "Scheme", "home.scheme", Permission.HOME_READ),
    ("inbox", "Inbox", "inbox.inbox", Permission.NOTICE_READ),
)
ALLOWANCE_ITEMS = (
    ("mine", "My allowance", "allowance.mine", Permission.ALLOWANCE_READ),
    ("plans", "Plans", "plans.plans", Permission.PLAN_READ),
    ("away", "Time away", "absences.away", Permission.ABSENCE_WRITE),
    ("pattern", "Working hours", "patterns.mine", Permission.PATTERN_READ),
    ("calculator", "Calculator", "calculator.calculator", Permission.ALLOWANCE_EXPLAIN),
    ("team", "My team", "allowance.team", Permission.ALLOWANCE_READ_TEAM),
)


class Around(NamedTuple):
    """What stands above and below a page: nothing in it is about one person or one visit."""

    top: Markup
    own_links: Markup


def viewer() -> Actor | None:
    actor = current_user._get_current_object()
    return actor if actor.is_authenticated else None


def decides(actor: Actor) -> bool:
    """Weeks come to those who manage somebody and to those who keep an HR queue. Anybody may open the page."""
    return actor.manages or covers_queue(actor, None)


def menu(active: str, rights: frozenset[Permission], *, deciding: bool, unread: int) -> list[dict[str, Any]]:
    """The items for whoever has these rights, with the one that is open."""
    left_out = {name for name, has in (("approvals", deciding), ("scheme", runs_scheme(rights))) if not has}
    counted = {"inbox": f" ({unread} unread)" if unread else ""}
    return [
        {"text": text + counted.get(name, ""), "href": url_for(endpoint), "active": name == active}
        for name, text, endpoint, permission in ITEMS
        if permission in rights and name not in left_out
    ]


def _unread(actor: Actor | None, active: str) -> int:
    """The inbox says how much is unread, on the two pages that can spare a statement for it."""
    if actor is None or active not in ("home", "inbox") or not permits(actor, Permission.NOTICE_READ):
        return 0
    return int(current_app.extensions["tithe_unread"](actor))


def allowance_menu(current: str) -> list[dict[str, Any]]:
    """The pages of the allowance that this viewer may use."""
    actor = viewer()
    return [
        {"text": text, "href": url_for(endpoint), "current": name == current}
        for name, text, endpoint, permission in ALLOWANCE_ITEMS
        if actor is not None and permits(actor, permission)
    ]


def install(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    @lru_cache
    def asset(name: str) -> str:
        """The address of a stylesheet or script, with a mark that changes when it does."""
        mark = hashlib.sha256((folder / "sent" / name).read_bytes()).hexdigest()[:10]
        return url_for("static", filename=f"sent/{name}", v=mark)

    @lru_cache(maxsize=1024)
    def drawn(place: str, active: str, rights: frozenset[Permission], deciding: bool, unread: int) -> Around:
        """Drawn once for all who may do the same where the service is mounted."""
        navigation = menu(active, rights, deciding=deciding, unread=unread)
        top = render_template("layouts/_top.html", navigation=navigation)
        return Around(Markup(top), Markup(render_template("layouts/_own_links.html", rights=rights)))  # noqa: S704 escaped

    def around(actor: Actor | None, active: str) -> Around:
        rights = rights_of(actor) if actor else frozenset[Permission]()
        return drawn(request.root_path, active, rights, bool(actor and decides(actor)), _unread(actor, active))

    icon = "data:image/svg+xml," + quote((folder / "images" / "icon.svg").read_text(), safe=" =:/<>'")
    app.jinja_env.globals.update(allowance_menu=allowance_menu, asset=asset, icon=icon.replace('"', "%22"))
    app.jinja_env.globals["around"] = around
    app.context_processor(lambda: {"viewer": viewer()})
