"""What a quarter would be worth, in the browser: one's own with other hours, and any scenario."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.allowance.forms.calculator import CalculatorForm, ScenarioForm
from tithe.allowance.presenters.calculator import Comparison, compare
from tithe.allowance.presenters.scenario import as_scenario, as_text
from tithe.allowance.queries.scenario import holidays_of
from tithe.allowance.queries.schedules import schedule_of
from tithe.allowance.rules.scenario import explain, parse, read
from tithe.allowance.rules.schedule import Schedule
from tithe.allowance.rules.whatif import changed
from tithe.allowance.rules.worktime import Work
from tithe.kernel import clock
from tithe.kernel.calendar import Quarter
from tithe.kernel.errors import RuleBroken
from tithe.web.guards import current_actor, needs

pages = Blueprint("calculator", __name__)


@pages.get("/allowance/calculator")
@needs(Permission.ALLOWANCE_READ)
def calculator() -> ResponseReturnValue:
    form = CalculatorForm(request.args)
    quarter = form.choose(clock.today())
    schedule = _own(quarter)
    comparison = _answer(form, schedule.work, quarter)
    own = ScenarioForm(formdata=None, scenario=as_text(as_scenario(schedule, quarter)))
    page = {"form": form, "own": own, "quarter": quarter, "schedule": schedule, "comparison": comparison}
    return render_template("allowance/calculator.html", **page), form.status


def _own(quarter: Quarter) -> Schedule:
    return schedule_of(current_actor().person_id, quarter.start, quarter.end)


def _answer(form: CalculatorForm, work: Work, quarter: Quarter) -> Comparison | None:
    """Nothing is compared before somebody has asked, nor while something asked cannot be read."""
    if not request.args:
        form.begin(work, max(clock.today(), quarter.start))
        return None
    form.refuse_unknown(request.args)
    try:
        return compare(quarter, work, changed(work, form.change(quarter)))
    except RuleBroken as broken:
        form.absorb(broken)
        return None


@pages.route("/allowance/calculator/scenario", methods=["GET", "POST"])
@needs(Permission.ALLOWANCE_EXPLAIN)
def try_scenario() -> ResponseReturnValue:
    """Answers a POST with a page, not with another address: nothing is stored, and a scenario fits into no address."""
    form, answer = ScenarioForm(), None
    if form.validate_on_submit():
        try:
            answer = explain(read(parse((form.scenario.data or "").encode()), holidays_of))
        except RuleBroken as broken:
            form.absorb(broken)
    elif not form.refused:
        quarter = Quarter.containing(clock.today())
        form.scenario.data = as_text(as_scenario(_own(quarter), quarter))
    return render_template("allowance/calculator-scenario.html", form=form, answer=answer), form.status
