"""Changing a policy in the browser: what it would do to whom is shown before it is adopted or withdrawn."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.forms.policy import PolicyForm, WithdrawForm
from tithe.allowance.operations import policy as operations
from tithe.allowance.presenters import policy as presenters
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import Conflict, RuleBroken
from tithe.people.queries import UnitRow
from tithe.policy import queries
from tithe.policy.rules import PRESETS
from tithe.web.filters import short_day
from tithe.web.guards import current_actor, needs

pages = Blueprint("policy-change", __name__)


@pages.route("/policy/<code>/change", methods=["GET", "POST"])
@needs(Permission.POLICY_ADOPT)
def change(code: str) -> ResponseReturnValue:
    unit, form = queries.unit_for(code, by=current_actor(), to=Permission.POLICY_ADOPT), PolicyForm()
    if form.validate_on_submit() and request.form.get("action") != "edit":
        try:
            return _check_or_adopt(unit, form)
        except (RuleBroken, Conflict) as refusal:
            form.absorb(refusal)
    today = clock.today()
    policy = queries.policy_of(unit, form.day or today)
    if request.method == "GET":
        preset = PRESETS.get(request.args.get("preset", ""), {})
        form.begin(presenters.own_settings(policy) | preset, Quarter.containing(today).end)
    shown = presenters.for_form(policy, today)
    return render_template("allowance/policy-change.html", unit=unit, form=form, **shown), form.status


def _check_or_adopt(unit: UnitRow, form: PolicyForm) -> ResponseReturnValue:
    """Show what the change would do; once that has been seen, adopt it."""
    actor, proposal = current_actor(), form.proposal
    if request.form.get("action") == "adopt":
        operations.adopt(actor=actor, unit_id=unit.id, **proposal, now=clock.now())
        flash(f"Policy adopted. It holds from {short_day(proposal['starts_on'])}")
        return redirect(url_for("policy.unit", code=unit.code), 303)
    found = operations.rehearse_adoption(actor=actor, unit_id=unit.id, **proposal, now=clock.now())
    return render_template("allowance/policy-check.html", unit=unit, form=form, found=presenters.effects(found))


@pages.route("/policy/<code>/<int:version>/withdraw", methods=["GET", "POST"])
@needs(Permission.POLICY_ADOPT)
def withdraw(code: str, version: int) -> ResponseReturnValue:
    actor, now, form = current_actor(), clock.now(), WithdrawForm()
    unit = queries.unit_for(code, by=actor, to=Permission.POLICY_ADOPT)
    found = operations.rehearse_withdrawal(actor=actor, unit_id=unit.id, version=version, now=now)
    if form.validate_on_submit():
        operations.withdraw(actor=actor, unit_id=unit.id, version=version, now=now)
        flash(f"Version {version} withdrawn. It stays on record and never counts")
        return redirect(url_for("policy.unit", code=unit.code), 303)
    page = {"unit": unit, "form": form, "found": presenters.effects(found), "version": version}
    return render_template("allowance/policy-withdraw.html", **page), form.status
