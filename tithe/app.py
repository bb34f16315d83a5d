"""Putting the house together: settings, extensions, doors. No logic lives here."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from tithe.access.grants import permits
from tithe.allowance.api import absences as absences_api
from tithe.allowance.api import adjustments as adjustments_api
from tithe.allowance.api import blackouts as blackouts_api
from tithe.allowance.api import calendars as calendars_api
from tithe.allowance.api import patterns as patterns_api
from tithe.allowance.api import policy as policy_change_api
from tithe.allowance.api import quarters as quarters_api
from tithe.allowance.api import scenario as scenario_api
from tithe.allowance.operations.accrual import accrue_for
from tithe.allowance.pages import absences as absences_pages
from tithe.allowance.pages import adjustments as adjustments_pages
from tithe.allowance.pages import blackouts as blackouts_pages
from tithe.allowance.pages import calculator as calculator_pages
from tithe.allowance.pages import calendars as calendars_pages
from tithe.allowance.pages import patterns as patterns_pages
from tithe.allowance.pages import policy as policy_change_pages
from tithe.allowance.pages import quarters as quarters_pages
from tithe.allowance.queries.calendars import calendar_names
from tithe.audit.refusals import note_access
from tithe.home import api as home_api
from tithe.home import pages as home_pages
from tithe.kernel import clock
from tithe.kernel.db import begin_reading, db, end_reading, engine_options
from tithe.notices import api as notices_api
from tithe.notices import pages as notices_pages
from tithe.notices.mail import MailServer
from tithe.outside import api as outside_api
from tithe.outside import jobs as outside_jobs
from tithe.outside import pages as outside_pages
from tithe.oversight.api import audit as audit_api
from tithe.oversight.pages import audit as audit_pages
from tithe.oversight.pages import own_data as own_data_pages
from tithe.people.api import delegations as delegations_api
from tithe.people.api import directory as directory_api
from tithe.people.api import hr_import as hr_import_api
from tithe.people.api import job_shares as job_shares_api
from tithe.people.api import joining as joining_api
from tithe.people.api import posts as posts_api
from tithe.people.api import roles as roles_api
from tithe.people.api.scim import scim
from tithe.people.pages import delegations as delegations_pages
from tithe.people.pages import directory as directory_pages
from tithe.people.pages import hr_import as hr_import_pages
from tithe.people.pages import job_shares as job_shares_pages
from tithe.people.pages import passwords as passwords_pages
from tithe.people.pages import posts as posts_pages
from tithe.people.pages import profile as profile_pages
from tithe.people.pages import proving as proving_pages
from tithe.people.pages import roles as roles_pages
from tithe.people.pages import second_step as second_step_pages
from tithe.people.pages import security as security_pages
from tithe.people.pages import sessions as sessions_pages
from tithe.people.pages import sign_in as sign_in_pages
from tithe.people.pages import team as team_pages
from tithe.people.pages import terms as terms_pages
from tithe.people.pages import units as units_pages
from tithe.people.rules.secrets import as_mailed
from tithe.policy import api as policy_api
from tithe.policy import pages as policy_pages
from tithe.projects import api as projects_api
from tithe.projects import pages as projects_pages
from tithe.projects import registered
from tithe.reports import api as reports_api
from tithe.reports import pages as reports_pages
from tithe.timesheets import jobs as timesheets_jobs
from tithe.timesheets.api import agreements as agreements_api
from tithe.timesheets.api import approvals as approvals_api
from tithe.timesheets.api import escalation as escalation_api
from tithe.timesheets.api import imports as time_import_api
from tithe.timesheets.api import plans as plans_api
from tithe.timesheets.api import quick as quick_api
from tithe.timesheets.api import reviews as reviews_api
from tithe.timesheets.api import weeks as weeks_api
from tithe.timesheets.pages import agreements as agreements_pages
from tithe.timesheets.pages import amendments as amendments_pages
from tithe.timesheets.pages import approvals as approvals_pages
from tithe.timesheets.pages import escalation as escalation_pages
from tithe.timesheets.pages import favourites as favourites_pages
from tithe.timesheets.pages import imports as time_import_pages
from tithe.timesheets.pages import plans as plans_pages
from tithe.timesheets.pages import questions as questions_pages
from tithe.timesheets.pages import quick as quick_pages
from tithe.timesheets.pages import reviews as reviews_pages
from tithe.timesheets.pages import timer as timer_pages
from tithe.timesheets.pages import weeks as weeks_pages
from tithe.web import api, components, compressed, drawing, errors, filters, forms, guards, headers, menu
from tithe.web.cookies import SignedCookies
from tithe.web.turns import Turns

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).parent.parent
PAGES = (
    home_pages.pages,
    sign_in_pages.pages,
    sessions_pages.pages,
    passwords_pages.pages,
    second_step_pages.pages,
    security_pages.pages,
    proving_pages.pages,
    terms_pages.pages,
    notices_pages.pages,
    directory_pages.pages,
    profile_pages.pages,
    units_pages.pages,
    team_pages.pages,
    posts_pages.pages,
    job_shares_pages.pages,
    hr_import_pages.pages,
    delegations_pages.pages,
    roles_pages.pages,
    policy_pages.pages,
    policy_change_pages.pages,
    projects_pages.pages,
    outside_pages.pages,
    home_pages.allowance,
    absences_pages.pages,
    calculator_pages.pages,
    calendars_pages.pages,
    patterns_pages.pages,
    quarters_pages.pages,
    blackouts_pages.pages,
    adjustments_pages.pages,
    weeks_pages.pages,
    time_import_pages.pages,
    quick_pages.pages,
    timer_pages.pages,
    favourites_pages.pages,
    approvals_pages.pages,
    escalation_pages.pages,
    reviews_pages.pages,
    questions_pages.pages,
    amendments_pages.pages,
    plans_pages.pages,
    agreements_pages.pages,
    reports_pages.pages,
    audit_pages.pages,
    own_data_pages.pages,
)
APIS = [
    home_api.api,
    posts_api.api,
    directory_api.api,
    delegations_api.api,
    roles_api.api,
    hr_import_api.api,
    joining_api.api,
    job_shares_api.api,
    notices_api.api,
    policy_api.api,
    policy_change_api.api,
    projects_api.api,
    outside_api.api,
    absences_api.api,
    calendars_api.api,
    patterns_api.api,
    quarters_api.api,
    blackouts_api.api,
    adjustments_api.api,
    scenario_api.api,
    weeks_api.api,
    time_import_api.api,
    plans_api.api,
    agreements_api.api,
    quick_api.api,
    approvals_api.api,
    escalation_api.api,
    reviews_api.api,
    reports_api.api,
    audit_api.api,
]

csrf = CSRFProtect()


class Tithe(Flask):
    """Flask without views that are coroutines: it need not look at everything it is about to call for one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(settings: Settings, *, commands: bool = True) -> Flask:
    """The application for these settings. Refuses to start if a view forgot to say who may use it.

    A process that only serves pages goes without `commands`, and without all that they alone import.
    """
    app = Tithe("tithe", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.update(_flask_settings(settings))
    app.extensions["tithe"] = settings
    app.extensions["tithe_mail"] = _mail(settings)
    app.extensions["tithe_provider"] = _provider(settings)
    app.extensions["tithe_passkeys"] = _passkeys(settings)
    app.extensions["tithe_rechecks"] = {}  # what reminders ask before they go: features above messages answer
    app.extensions["tithe_rechecks"].update(timesheets_jobs.RECHECKS | outside_jobs.RECHECKS)
    app.extensions["tithe_refused"] = note_access  # the audit is above the doors
    app.extensions["tithe_unread"] = notices_pages.unread  # messages are above the navigation
    app.extensions["tithe_post_changed"] = accrue_for  # allowances are above people, whose posts they follow
    app.extensions["tithe_calendars"] = calendar_names  # calendars are above people, whose posts name them
    app.extensions["tithe_projects_of"] = registered.projects_of  # projects are above people, who take part in them
    app.extensions["tithe_projects_in"] = registered.projects_in
    app.extensions["tithe_demo_accounts"] = _demo_accounts(settings)
    _install_templates(app)
    _install_extensions(app, settings)
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    api.install(app, APIS)
    if settings.scim:
        app.register_blueprint(scim)
        csrf.exempt(scim)
    for blueprint in APIS:
        csrf.exempt(blueprint)
    if commands:
        import_module("tithe.command_line").install(app)
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
        as_mailed=partial(as_mailed, key=settings.secret_key),
    )


def _provider(settings: Settings) -> Any:
    """Where people sign in besides here, if anywhere. Its libraries are slow to import, so only then are they."""
    if not settings.oidc_discovery_url:
        return None
    return import_module("tithe.people.provider").Provider(
        discovery_url=settings.oidc_discovery_url,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        scopes=settings.oidc_scopes,
        staff_number_claim=settings.oidc_staff_number_claim,
        name=settings.oidc_name,
        base_url=settings.base_url,
    )


def _demo_accounts(settings: Settings) -> Any:
    """What lists the accounts of the demo on the sign-in page, in development alone."""
    if settings.env != "development":
        return list
    demo = import_module("tithe.developers.demo")
    return lambda: demo.accounts(clock.now())


def _passkeys(settings: Settings) -> Any:
    """For what address passkeys are made, if it has a name and not a number. Its library is slow to import, and large:
    whoever first asks for a passkey waits for it."""
    host = urlsplit(settings.base_url).hostname or ""
    if not host or host.replace(".", "").isdigit() or ":" in host:
        return None
    return LocalProxy(cache(lambda: import_module("tithe.people.relying_party").RelyingParty(settings.base_url)))


def _install_templates(app: Flask) -> None:
    drawing.install(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["permits"] = permits
    filters.install(app)
    components.install(app)
    menu.install(app)
    forms.install(app)


def _install_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    app.before_request(begin_reading)
    app.teardown_request(end_reading)
    app.session_interface = SignedCookies()
    guards.login_manager.init_app(app, add_context_processor=False)
    app.before_request(guards.refuse_nul)
    csrf.init_app(app)
    compressed.install(app)
    headers.install(app, https=settings.base_url.startswith("https://"))
    errors.install(app)
    on_sqlite = settings.database_url.startswith("sqlite")
    answers = Turns(app.wsgi_app) if on_sqlite else app.wsgi_app
    static = {"root": str(ROOT / "static"), "prefix": "static/", "max_age": 3600, "allow_all_origins": False}
    front = WhiteNoise(answers, add_headers_function=headers.for_files, **static)
    behind_proxy = ProxyFix(front, x_for=1, x_proto=1) if settings.production else front
    app.wsgi_app = behind_proxy  # type: ignore[method-assign]  # a method to mypy; to assign it is Flask's documented way
