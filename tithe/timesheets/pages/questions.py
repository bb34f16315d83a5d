"""Asking the owner of a week in the browser, and answering."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, TitheError
from tithe.timesheets.forms.approvals import AnswerForm, AskForm
from tithe.timesheets.forms.weeks import parse_monday
from tithe.timesheets.operations import questions
from tithe.timesheets.pages import approvals
from tithe.timesheets.queries.questions import question_about
from tithe.timesheets.queries.weeks import get_week, own_week
from tithe.timesheets.rules.questions import NOTHING_ASKED
from tithe.web.guards import current_actor, needs

pages = Blueprint("questions", __name__)


@pages.post("/approvals/<int:week_id>/question")
@needs(Permission.WEEK_ASK)
def ask(week_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), AskForm()
    week = get_week(week_id, by=actor, to=Permission.WEEK_ASK)
    if form.validate_on_submit():
        try:
            words, version = form.words.data or "", form.sent_version
            questions.ask_question(actor=actor, week_id=week_id, version=version, words=words, now=clock.now())
            flash("Question sent. The time for your decision is extended until it is answered")
            return redirect(url_for("approvals.decision", week_id=week_id), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    return approvals.show(week, asking=form)


@pages.route("/weeks/<monday>/question", methods=["GET", "POST"])
@needs(Permission.WEEK_ANSWER)
def answer(monday: str) -> ResponseReturnValue:
    actor, day, form = current_actor(), parse_monday(monday), AnswerForm()
    if form.validate_on_submit():
        try:
            questions.answer_question(actor=actor, monday=day, answer=form.answer.data or "", now=clock.now())
            flash("Answer sent")
            return redirect(url_for("timesheets.week", monday=monday), 303)
        except TitheError as refusal:
            form.absorb(refusal)
    week = own_week(actor, day)
    question = question_about(week)
    if question is None:
        raise NotFound(NOTHING_ASKED)
    return render_template("timesheets/question.html", week=week, question=question, form=form), form.status
