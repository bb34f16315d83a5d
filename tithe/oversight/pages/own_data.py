"""One's own data: a copy of everything held, and who has looked at it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from tithe.access.permissions import Permission
from tithe.audit.reads import list_reads
from tithe.kernel import clock
from tithe.kernel.errors import RuleBroken
from tithe.oversight.forms.place import read_place
from tithe.oversight.operations import own_data as operations
from tithe.oversight.presenters.events import read_in_words
from tithe.oversight.presenters.own_data import as_zip
from tithe.oversight.queries.events import with_names
from tithe.oversight.queries.own_data import everything_about
from tithe.people.forms.sessions import EndForm
from tithe.people.proving import freshly_proved
from tithe.web.guards import current_actor, needs

pages = Blueprint("own-data", __name__)


@pages.route("/account/my-data", methods=["GET", "POST"])
@needs(Permission.OWN_DATA_READ)
def mine() -> ResponseReturnValue:
    return _copy() if request.method == "POST" else _page(EndForm(formdata=None))


@freshly_proved
def _copy() -> ResponseReturnValue:
    form, actor = EndForm(), current_actor()
    try:
        form.refuse_unknown()
        operations.begin_export(actor=actor, person_id=actor.person_id, now=clock.now())
    except RuleBroken as broken:
        form.absorb(broken)
        return _page(form)
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
    return Response(stream_with_context(_pieces(actor.person_id)), mimetype="application/zip", headers=headers)


def _pieces(person_id: int) -> Iterator[bytes]:
    """The file; when it has left, or whoever fetched it has gone, the next may be asked for."""
    try:
        yield from as_zip(everything_about(person_id))
    finally:
        operations.end_export(person_id=person_id, now=clock.now())


def _page(form: EndForm) -> ResponseReturnValue:
    found, following = list_reads(of=current_actor().person_id, before=read_place(request.args.get("before")))
    return render_template(
        "account/my-data.html",
        form=form,
        reads=with_names(found),
        before=following,
        said=read_in_words,
    ), form.status
