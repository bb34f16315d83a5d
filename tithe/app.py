"""Putting the house together: settings, extensions, doors. No logic lives here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from tithe import checks, scheduler
from tithe.access.grants import permits
from tithe.allowance.api import absences as absences_api
from tithe.allowance.api import adjustments as adjustments_api
from tithe.allowance.api import blackouts as blackouts_api
from tithe.allowance.api import calendars as calendars_api
from tithe.allowance.api import patterns as patterns_api
from tithe.allowance.api import policy as policy_change_api
from tithe.allowance.api import quarters as quarters_api
from tithe.allowance.api import scenario as scenario_api
from tithe.allowance.commands import absences as absences_commands
from tithe.allowance.commands import adjustments as adjustments_commands
from tithe.allowance.commands import blackouts as blackouts_commands
from tithe.allowance.commands import calendars as calendars_commands
from tithe.allowance.commands import ledger as allowance_commands
from tithe.allowance.commands import patterns as patterns_commands
from tithe.allowance.commands import policy as policy_change_commands
from tithe.allowance.commands import scenario as scenario_commands
from tithe.allowance.pages import absences as absences_pages
from tithe.allowance.pages import adjustments as adjustments_pages
from tithe.allowance.pages import blackouts as blackouts_pages
from tithe.allowance.pages import calculator as calculator_pages
from tithe.allowance.pages import calendars as calendars_pages
from tithe.allowance.pages import patterns as patterns_pages
from tithe.allowance.pages import policy as policy_change_pages
from tithe.allowance.pages import quarters as quarters_pages
from tithe.allowance.queries.calendars import calendar_names
from tithe.audit import commands as audit_commands
from tithe.developers import commands as developer_commands
from tithe.developers import demo
from tithe.home import api as home_api
from tithe.home import commands as home_commands
from tithe.home import pages as home_pages
from tithe.kernel.db import db, engine_options
from tithe.notices.mail import MailServer
from tithe.people.api import posts as posts_api
from tithe.people.commands import people as people_commands
from tithe.people.pages import hr_import as hr_import_pages
from tithe.people.pages import sign_in as sign_in_pages
from tithe.policy import api as policy_api
from tithe.policy import commands as policy_commands
from tithe.policy import pages as policy_pages
from tithe.projects import api as projects_api
from tithe.projects import pages as projects_pages
from tithe.reports import api as reports_api
from tithe.reports import commands as reports_commands
from tithe.reports import pages as reports_pages
from tithe.timesheets.api import weeks as weeks_api
from tithe.timesheets.commands import quarters as quarters_commands
from tithe.timesheets.pages import amendments as amendments_pages
from tithe.timesheets.pages import approvals as approvals_pages
from tithe.timesheets.pages import weeks as weeks_pages
from tithe.web import api, components, errors, filters, forms, guards, headers, menu

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).parent.parent
PAGES = (
    home_pages.pages,
    sign_in_pages.pages,
    hr_import_pages.pages,
    policy_pages.pages,
    policy_change_pages.pages,
    projects_pages.pages,
    home_pages.allowance,
    absences_pages.pages,
    calculator_pages.pages,
    calendars_pages.pages,
    patterns_pages.pages,
    quarters_pages.pages,
    blackouts_pages.pages,
    adjustments_pages.pages,
    weeks_pages.pages,
    approvals_pages.pages,
    amendments_pages.pages,
    reports_pages.pages,
)
APIS = [
    home_api.api,
    posts_api.api,
    policy_api.api,
    policy_change_api.api,
    projects_api.api,
    absences_api.api,
    calendars_api.api,
    patterns_api.api,
    quarters_api.api,
    blackouts_api.api,
    adjustments_api.api,
    scenario_api.api,
    weeks_api.api,
    reports_api.api,
]
COMMANDS = (
    people_commands.people,
    policy_commands.policy,
    allowance_commands.allowance,
    absences_commands.absences,
    blackouts_commands.blackouts,
    adjustments_commands.adjustments,
    audit_commands.audit,
    calendars_commands.calendars,
    patterns_commands.patterns,
    quarters_commands.quarters,
    reports_commands.reports,
    scheduler.jobs,
    checks.check,
    developer_commands.dev,
)

csrf = CSRFProtect()


def create_app(settings: Settings) -> Flask:
    """The application for these settings. Refuses to start if a view forgot to say who may use it."""
    app = Flask("tithe", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(_flask_settings(settings))
    app.extensions["tithe"] = settings
    app.extensions["tithe_mail"] = _mail(settings)
    app.extensions["tithe_jobs"] = scheduler.JOBS
    app.extensions["tithe_calendars"] = calendar_names  # calendars are above people, whose posts name them
    app.extensions["tithe_demo_accounts"] = demo.accounts if settings.env == "development" else list
    _install_templates(app)
    _install_extensions(app, settings)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    api.install(app, APIS)
    for blueprint in APIS:
        csrf.exempt(blueprint)
    allowance_commands.allowance.add_command(scenario_commands.explain)
    allowance_commands.allowance.add_command(home_commands.show)  # it reads weeks, which are above allowances
    policy_commands.policy.add_command(policy_change_commands.adopt)  # allowances are above policies
    policy_commands.policy.add_command(policy_change_commands.withdraw)
    for group in COMMANDS:
        app.cli.add_command(group)
    guards.refuse_undeclared_views(app)
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    https = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        "TESTING": settings.env == "testing",
        "SESSION_COOKIE_NAME": "__Host-tithe" if https else "tithe",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open over lunch still saves
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": ["text/html", "application/json"],
        "COMPRESS_STREAMS": False,
    }


def _mail(settings: Settings) -> MailServer:
    return MailServer(
        host=settings.mail_host,
        port=settings.mail_port,
        user=settings.mail_user,
        password=settings.mail_password,
        starttls=settings.mail_starttls,
        sender=settings.mail_from,
        base_url=settings.base_url,
    )


def _install_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["permits"] = permits
    filters.install(app)
    components.install(app)
    menu.install(app)
    forms.install(app)


def _install_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    guards.login_manager.init_app(app)
    app.before_request(guards.refuse_nul)
    csrf.init_app(app)
    Compress(app)
    headers.install(app, https=settings.base_url.startswith("https://"))
    errors.install(app)
    # Flask's documented way to put something in front of an application is to assign wsgi_app, a method to mypy.
    static = {"root": str(ROOT / "static"), "prefix": "static/", "max_age": 3600, "allow_all_origins": False}
    app.wsgi_app = WhiteNoise(app.wsgi_app, add_headers_function=headers.for_files, **static)  # type: ignore[method-assign]
    if settings.production:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
