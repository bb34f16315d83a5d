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


class Item(NamedTuple):
    """One item of the navigation as a viewer has it."""

    text: str
    endpoint: str
    active: bool


def viewer() -> Actor | None:
    actor = current_user._get_current_object()
    return actor if actor.is_authenticated else None


def decides(actor: Actor) -> bool:
    """Weeks come to those who manage somebody and to those who keep an HR queue. Anybody may open the page."""
    return actor.manages or covers_queue(actor, None)


def menu(active: str) -> tuple[Item, ...]:
    """The items this viewer may use, with the one that is open."""
    actor = viewer()
    if actor is None:
        return ()
    rights = rights_of(actor)
    return tuple(
        Item(_counted(name, text, active), endpoint, name == active)
        for name, text, endpoint, permission in ITEMS
        if permission in rights and (name != "approvals" or decides(actor)) and (name != "scheme" or runs_scheme(actor))
    )


def _counted(name: str, text: str, active: str) -> str:
    """The inbox says how much is unread, on the two pages that can spare a statement for it."""
    if name != "inbox" or active not in ("home", "inbox"):
        return text
    unread = current_app.extensions["tithe_unread"](viewer())
    return f"{text} ({unread} unread)" if unread else text


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
    def top(place: str, items: tuple[Item, ...]) -> Markup:
        """What stands above every page, drawn once for the same items where the service is mounted."""
        navigation = [{"text": item.text, "href": url_for(item.endpoint), "active": item.active} for item in items]
        return Markup(render_template("layouts/_top.html", navigation=navigation))  # noqa: S704 a template escapes

    @lru_cache(maxsize=1024)
    def own_links(place: str, rights: frozenset[Permission]) -> Markup:
        """The links to what is one's own, below every page, drawn once for the same rights."""
        return Markup(render_template("layouts/_own_links.html", rights=rights))  # noqa: S704 a template escapes

    icon = "data:image/svg+xml," + quote((folder / "images" / "icon.svg").read_text(), safe=" =:/<>'")
    app.jinja_env.globals.update(allowance_menu=allowance_menu, asset=asset, icon=icon.replace('"', "%22"))
    app.jinja_env.globals["top"] = lambda active: top(request.script_root, menu(active))
    app.jinja_env.globals["own_links"] = lambda actor: own_links(request.script_root, rights_of(actor))
    app.context_processor(lambda: {"viewer": viewer()})
