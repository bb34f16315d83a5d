"""What identity providers are answered over SCIM 2.0. Its library is large: `api.scim` imports this when one asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app, request, url_for
from pydantic import ValidationError
from scim2_models import Context, Error, ForbiddenException, ListResponse, ResourceType, Schema, SCIMException
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken, TitheError
from tithe.people import accounts
from tithe.people.accounts import AccountRow
from tithe.people.forms import scim as forms
from tithe.people.operations import scim as operations
from tithe.people.presenters import scim as presenters
from tithe.people.rules.scim import Told
from tithe.web.guards import current_actor
from tithe.web.refusals import note

MIMETYPE = "application/scim+json"
TAKEN = {"email", "staff_number"}  # the fields a person shares with nobody


def _answer(
    body: Any, status: int = 200, context: Context = Context.RESOURCE_QUERY_RESPONSE, asked: Any = None
) -> Response:
    """A resource, or only those of its attributes that are `asked` for."""
    words = body.model_dump_json(scim_ctx=context, response_parameters=asked)
    headers = {"Location": body.meta.location} if status == 201 else {}
    return Response(words, status, headers, mimetype=MIMETYPE)


def _base() -> str:
    return url_for("scim.describe_service", _external=True).removesuffix("/ServiceProviderConfig")


def _sent() -> dict[str, Any]:
    """The body, which must be a JSON object."""
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise RuleBroken("Send one JSON object")
    return body


def _shown(row: AccountRow) -> presenters.Account[presenters.Post]:
    return presenters.account(row, f"{_base()}/Users/{row.id}")


def _account(person_id: int) -> presenters.Account[presenters.Post]:
    return _shown(accounts.get_account(person_id, by=current_actor(), on=clock.today()))


def describe_service() -> Response:
    return _answer(presenters.service(_base()))


def list_resource_types() -> Response:
    _refuse_filter()
    return _answer(ListResponse[ResourceType](**_page([presenters.resource_type(_base())])))


def read_resource_type() -> Response:
    return _answer(presenters.resource_type(_base()))


def list_schemas() -> Response:
    _refuse_filter()
    return _answer(ListResponse[Schema](**_page(presenters.schemas(_base()))))


def read_schema(urn: str) -> Response:
    found = [each for each in presenters.schemas(_base()) if str(each.id).casefold() == urn.casefold()]
    if not found:
        raise NotFound
    return _answer(found[0])


def list_accounts() -> Response:
    return _found(request.args)


def search_accounts() -> Response:
    """The same question in a body, for filters that shall not stand in logs of addresses."""
    return _found(_sent())


def open_account() -> Response:
    calendars = current_app.extensions["tithe_calendars"]()
    person_id = operations.open_account(
        actor=current_actor(), told=forms.new_account(_sent()), calendars=calendars, now=clock.now()
    )
    return _answer(_account(person_id), 201, Context.RESOURCE_CREATION_RESPONSE)


def read_account(person_id: int) -> Response:
    return _answer(_account(person_id), asked=forms.question(request.args))


def replace_account(person_id: int) -> Response:
    return _changed(person_id, forms.replaced_account, Context.RESOURCE_REPLACEMENT_RESPONSE)


def patch_account(person_id: int) -> Response:
    return _changed(person_id, forms.patched_account, Context.RESOURCE_PATCH_RESPONSE)


def nothing(elsewhere: str) -> Response:
    """What tithe does not have or do: accounts are made inactive, never deleted."""
    here = current_app.create_url_adapter(request)
    if here is not None and here.match(method="GET")[0] != request.endpoint:
        raise MethodNotAllowed(description="That is not done here")
    raise NotFound


def _found(arguments: Mapping[str, Any]) -> Response:
    asked = forms.question(arguments)
    total, rows = accounts.list_accounts(
        current_actor(), forms.wanted(asked), on=clock.today(), start=asked.start_index or 1, limit=asked.count or 0
    )
    shown = [_shown(row) for row in rows]
    listed = ListResponse[presenters.PostedAccount](**_page(shown, asked.start_index or 1, total))
    return _answer(listed, context=Context.SEARCH_RESPONSE, asked=asked)


def _changed(person_id: int, read: Callable[[Any, AccountRow], Told], context: Context) -> Response:
    """Change an account by what was sent, and answer with what became of it."""
    body, calendars = _sent(), current_app.extensions["tithe_calendars"]()
    operations.change_account(
        actor=current_actor(),
        person_id=person_id,
        tell=lambda row: read(body, row),
        calendars=calendars,
        now=clock.now(),
    )
    return _answer(_account(person_id), context=context)


def _page(shown: list[Any], start: int = 1, total: int | None = None) -> dict[str, Any]:
    count = len(shown) if total is None else total
    return {"total_results": count, "start_index": start, "items_per_page": len(shown), "resources": shown}


def _refuse_filter() -> None:
    if "filter" in request.args:
        raise ForbiddenException(detail="These are few. Read them all, without a filter")


def _refusal(status: int, detail: str, scim_type: str | None = None) -> Response:
    body = Error(status=status, detail=detail, scim_type=scim_type).model_dump_json()
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "30"}}.get(status)
    return Response(body, status, headers, mimetype=MIMETYPE)


def answered(call: Callable[..., Response], **about: Any) -> Response:
    """What a call comes to, refusals of the library included: the first thing wrong with the shape of what was sent."""
    try:
        return call(**about)
    except ValidationError as error:
        first = Error.from_validation_error(error.errors()[0])
        return _refusal(first.status or 400, first.detail or "", first.scim_type)
    except SCIMException as error:
        return _refusal(error.status, error.detail, error.scim_type or None)


def refused(error: TitheError) -> Response:
    """A refusal of tithe's own, in the words and the envelope of SCIM."""
    note(error)
    if isinstance(error, RuleBroken):
        taken = error.field in TAKEN
        return _refusal(409 if taken else 400, error.message, "uniqueness" if taken else "invalidValue")
    return _refusal(error.status, error.message)


def unreadable(error: HTTPException) -> Response:
    """No JSON, or too much of it."""
    return _refusal(error.code or 400, error.description or "", "invalidSyntax" if error.code == 400 else None)
