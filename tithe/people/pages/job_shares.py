"""Who shares a post with whom, in the browser: for HR, from somebody's posts over time."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.people.forms.job_shares import EndForm, ShareForm
from tithe.people.job_shares import get_share, list_shares
from tithe.people.operations import job_shares as operations
from tithe.people.queries import PersonRow, get_person, names_of
from tithe.people.standing import nearest_day
from tithe.web.guards import current_actor, needs

pages = Blueprint("job_shares", __name__)


@pages.route("/people/<int:person_id>/job-shares", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def shares(person_id: int) -> ResponseReturnValue:
    person, form = _managed(person_id), ShareForm()
    if form.validate_on_submit():
        try:
            operations.share_post(actor=current_actor(), wanted=form.wanted(person_id), now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Saved. Both see from now on when their post would be without cover")
            return redirect(url_for(".shares", person_id=person_id), 303)
    day = nearest_day(person_id, clock.today())
    found = list_shares(person_id, by=current_actor(), to=Permission.PERSON_MANAGE, on=day)
    read = [person_id, *(each.sharer_id for each in found)]
    note_reads(ReadKind.POSTS, read, actor=current_actor(), now=clock.now())
    return render_template("people/job-shares.html", form=form, person=person, shares=found), form.status


@pages.route("/job-shares/<int:share_id>", methods=["GET", "POST"])
@needs(Permission.PERSON_MANAGE)
def end(share_id: int) -> ResponseReturnValue:
    form = EndForm()
    share = get_share(share_id, by=current_actor(), to=Permission.PERSON_MANAGE, today=clock.today())
    if form.validate_on_submit():
        try:
            last_day = form.ends_on.day or date.min
            operations.end_share(actor=current_actor(), share_id=share_id, ends_on=last_day, now=clock.now())
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            flash("Saved. From the day after it each has a post of their own")
            return redirect(url_for(".shares", person_id=share.person_id), 303)
    names = names_of([share.person_id, share.sharer_id])
    about = {"share": share, "share_id": share_id, "names": [names[share.person_id], names[share.sharer_id]]}
    note_reads(ReadKind.POSTS, names, actor=current_actor(), now=clock.now())
    return render_template("people/job-shares_end.html", form=form, **about), form.status


def _managed(person_id: int) -> PersonRow:
    day = nearest_day(person_id, clock.today())
    return get_person(person_id, by=current_actor(), to=Permission.PERSON_MANAGE, on=day)
