"""Asking for a return to be looked at again, and doing so, in the browser."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import TitheError
from tithe.timesheets.forms.reviews import AskReviewForm, SettleForm
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import reviews
from tithe.timesheets.presenters.reviews import lines_of
from tithe.timesheets.queries.reviews import get_review, reviews_of, reviews_waiting
from tithe.timesheets.queries.weeks import last_decision, own_week
from tithe.timesheets.rules.reviews import OUTCOMES
from tithe.web.guards import current_actor, needs

pages = Blueprint("reviews", __name__)


@pages.route("/weeks/<monday>/review", methods=["GET", "POST"])
@needs(Permission.REVIEW_ASK)
def ask(monday: str) -> ResponseReturnValue:
    actor, day, form = current_actor(), parse_monday(monday), AskReviewForm()
    if form.validate_on_submit():
        try:
            reviews.ask_review(actor=actor, monday=day, words=form.words.data or "", now=clock.now())
            flash("Sent. You get a message when it is settled")
            return redirect(url_for(".ask", monday=monday), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    week = own_week(actor, day)
    earlier = reviews_of(week.id, week.version - 1) if week.id else []
    decision = last_decision(week.id) if week.id else None
    return render_template(
        "timesheets/review_ask.html", week=week, earlier=earlier, decision=decision, form=form, outcomes=OUTCOMES
    ), form.status


@pages.get("/reviews")
@needs(Permission.REVIEW_DECIDE)
def waiting() -> ResponseReturnValue:
    after = request.args.get("after", "")
    rows, following = reviews_waiting(
        current_actor(), after=int(after) if after.isdecimal() and len(after) < 10 else None
    )
    note_reads(ReadKind.WEEK, [each.owner_id for each in rows], actor=current_actor(), now=clock.now())
    return render_template("timesheets/reviews.html", rows=rows, after=following)


@pages.route("/reviews/<int:review_id>", methods=["GET", "POST"])
@needs(Permission.REVIEW_DECIDE)
def review(review_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), SettleForm()
    row = get_review(review_id, by=actor, to=Permission.REVIEW_DECIDE)
    if form.validate_on_submit():
        try:
            said = {"outcome": form.outcome.data, "reason": form.reason.data or ""}
            reviews.settle_review(actor=actor, review_id=review_id, now=clock.now(), **said)
            flash("Review recorded")
            return redirect(url_for(".waiting"), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    note_reads(ReadKind.WEEK, [row.owner_id], actor=actor, now=clock.now())
    return render_template("timesheets/review.html", row=row, lines=lines_of(row), form=form), form.status
