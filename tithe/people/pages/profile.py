"""One's own page: what others see, what one says about oneself, and the way to everything of one's own."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people.directory import get_card
from tithe.people.forms.directory import SkillsForm
from tithe.people.operations.skills import set_skills
from tithe.people.rules.roles import TITLES
from tithe.people.units import names_of_units
from tithe.web.guards import current_actor, needs

pages = Blueprint("profile", __name__)


@pages.route("/account", methods=["GET", "POST"])
@needs(Permission.PROFILE_EDIT)
def mine() -> ResponseReturnValue:
    form, actor = SkillsForm(), current_actor()
    if form.validate_on_submit():
        try:
            set_skills(actor=actor, skills=form.lines, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Saved. Others find you by these words now")
            return redirect(url_for(".mine"), 303)
    card = get_card(actor.person_id, clock.today(), by=actor)
    units = names_of_units(held.unit_id for held in actor.roles)
    roles = [f"{TITLES[held.role]}, {units[held.unit_id]}" for held in actor.roles]
    if not form.is_submitted():
        form.skills.data = "\n".join(card.skills)
    about = {"card": card, "roles": roles, "places": current_app.extensions["tithe_calendars"]()}
    return render_template("people/profile.html", form=form, **about), form.status
