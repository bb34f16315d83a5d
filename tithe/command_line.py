"""Every command of `flask --app wsgi`, and the migrations. A process that only serves pages goes without them."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from tithe import checks, scheduler
from tithe.allowance.commands import absences as absences_commands
from tithe.allowance.commands import adjustments as adjustments_commands
from tithe.allowance.commands import blackouts as blackouts_commands
from tithe.allowance.commands import calendars as calendars_commands
from tithe.allowance.commands import ledger as allowance_commands
from tithe.allowance.commands import patterns as patterns_commands
from tithe.allowance.commands import policy as policy_change_commands
from tithe.allowance.commands import scenario as scenario_commands
from tithe.audit import commands as audit_commands
from tithe.developers import commands as developer_commands
from tithe.home import commands as home_commands
from tithe.kernel.db import db
from tithe.notices import commands as notices_commands
from tithe.outside import commands as outside_commands
from tithe.oversight.commands import audit as audit_export_commands
from tithe.oversight.commands import people as oversight_commands
from tithe.people.commands import delegations as delegations_commands
from tithe.people.commands import directory as directory_commands
from tithe.people.commands import job_shares as job_shares_commands
from tithe.people.commands import links as links_commands
from tithe.people.commands import people as people_commands
from tithe.people.commands import roles as roles_commands
from tithe.people.commands import second_factor as second_factor_commands
from tithe.policy import commands as policy_commands
from tithe.projects import commands as projects_commands
from tithe.reports import commands as reports_commands
from tithe.timesheets.commands import approvals as approvals_commands
from tithe.timesheets.commands import favourites as favourites_commands
from tithe.timesheets.commands import imports as time_import_commands
from tithe.timesheets.commands import plans as plans_commands
from tithe.timesheets.commands import quarters as quarters_commands
from tithe.timesheets.commands import quick as quick_commands

MIGRATIONS = Path(__file__).parent.parent / "migrations"
COMMANDS = (
    people_commands.people,
    policy_commands.policy,
    allowance_commands.allowance,
    absences_commands.absences,
    blackouts_commands.blackouts,
    adjustments_commands.adjustments,
    audit_commands.audit,
    notices_commands.notices,
    calendars_commands.calendars,
    patterns_commands.patterns,
    quarters_commands.quarters,
    projects_commands.projects,
    plans_commands.plans,
    quick_commands.time,
    favourites_commands.favourites,
    time_import_commands.timesheets,
    approvals_commands.approvals,
    reports_commands.reports,
    scheduler.jobs,
    checks.check,
    developer_commands.dev,
)


def install(app: Flask) -> None:
    """Put the commands on the command line of an application."""
    app.extensions["tithe_jobs"] = scheduler.JOBS
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
    allowance_commands.allowance.add_command(scenario_commands.explain)
    allowance_commands.allowance.add_command(home_commands.show)  # it reads weeks, which are above allowances
    people_commands.people.add_command(second_factor_commands.second_factor)
    people_commands.people.add_command(directory_commands.find)
    people_commands.people.add_command(job_shares_commands.job_shares)
    for command in (
        delegations_commands.delegations,
        roles_commands.roles,
        roles_commands.grant,
        roles_commands.end_role,
    ):
        people_commands.people.add_command(command)
    for command in (links_commands.invite, links_commands.reset, links_commands.unlink):
        people_commands.people.add_command(command)
    people_commands.people.add_command(outside_commands.outside)  # they share projects, which are above people
    policy_commands.policy.add_command(policy_change_commands.adopt)  # allowances are above policies
    policy_commands.policy.add_command(policy_change_commands.withdraw)
    audit_commands.audit.add_command(audit_export_commands.export)  # it names people, who are above the audit
    people_commands.people.add_command(oversight_commands.export)
    people_commands.people.add_command(oversight_commands.erase)
    for group in COMMANDS:
        app.cli.add_command(group)
