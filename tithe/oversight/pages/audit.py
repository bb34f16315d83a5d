"""What happened and who looked, for auditors in the browser."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit import events
from tithe.audit.reads import note_reads
from tithe.audit.rules import ReadKind
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.oversight.forms.events import ChooseForm, ExportForm, ReadsForm
from tithe.oversight.forms.place import read_place
from tithe.oversight.operations.exporting import note_export
from tithe.oversight.presenters import events as presenters
from tithe.oversight.queries import events as queries
from tithe.oversight.queries.events import Event, Read
from tithe.web.guards import current_actor, needs
from tithe.web.paging import Cursor

pages = Blueprint("audit", __name__)


@pages.get("/audit")
@needs(Permission.AUDIT_READ)
def audit() -> ResponseReturnValue:
    form, found, following = ChooseForm.from_address(), list[Event](), None
    if not form.refused:
        try:
            choice = queries.choice_of(current_actor(), form.asked)
            found, following = queries.list_events(choice, after=Cursor.read(request.args.get("after")))
        except RuleBroken as broken:
            form.absorb(broken)
    note_reads(ReadKind.EVENT, queries.people_in(found), actor=current_actor(), now=clock.now())
    return _page(form, found, Cursor.write(*following) if following else None)


@pages.post("/audit/export")
@needs(Permission.AUDIT_READ)
def export() -> ResponseReturnValue:
    form, actor, now = ExportForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        try:
            choice = queries.choice_of(actor, form.asked)
            note_export(actor=actor, choice=choice, shape=form.shape.data, now=now)
        except RuleBroken as broken:
            form.absorb(broken)
        else:
            write, mimetype = presenters.SHAPES[form.shape.data]
            name = f"audit-{now:%Y-%m-%d}.{form.shape.data}"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            lines = stream_with_context(write(queries.every_event(choice)))
            return Response(lines, mimetype=mimetype, headers=headers)
    return _page(form, [], None)


@pages.get("/audit/reads")
@needs(Permission.AUDIT_READ)
def reads() -> ResponseReturnValue:
    form = ReadsForm(request.args)
    form.refused = not form.validate()
    found, following = list[Read](), None
    try:
        chosen = {"person": form.person.data or "", "reader": form.reader.data or ""}
        found, following = queries.list_reads(current_actor(), **chosen, before=read_place(request.args.get("before")))
    except RuleBroken as broken:
        form.absorb(broken)
    note_reads(ReadKind.EVENT, queries.people_in(found), actor=current_actor(), now=clock.now())
    page = {"found": found, "before": following, "said": presenters.read_in_words}
    return render_template("audit/reads.html", form=form, **page), form.status


def _page(form: ChooseForm, found: list[Event], after: str | None) -> ResponseReturnValue:
    return render_template(
        "audit/audit.html",
        form=form,
        found=found,
        after=after,
        proof=queries.proof(Path(current_app.extensions["tithe"].audit_anchor_file)),
        verbs=events.verbs(),
        words=presenters,
    ), form.status
