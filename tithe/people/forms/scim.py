"""What an identity provider sends: accounts, patches and questions, each checked against its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scim2_models import Context, InvalidFilterException, PatchOp, ScimPolicy, SearchRequest

from tithe.kernel.db import LARGEST_ID
from tithe.people.accounts import AccountRow, Wanted
from tithe.people.presenters.scim import MOST_AT_ONCE, Account, Post, PostedAccount, account
from tithe.people.rules.scim import Told, completed, pointed, told

# Providers send more than tithe keeps; the answer shows what was kept. The others are the habits of the largest.
TOLERANT = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
FOUND_BY = {"userName": "email", "externalId": "staff_number", "active": "active"}
LONGEST_FILTER = 500
FILTERS = "Filter by userName eq, externalId eq or active eq, one at a time"


def new_account(payload: Mapping[str, Any]) -> Told:
    """Somebody to open an account for."""
    context = Context.RESOURCE_CREATION_REQUEST
    asked = PostedAccount.model_validate(completed(payload), scim_ctx=context, scim_policy=TOLERANT)
    return _told(asked, was="")


def replaced_account(payload: Mapping[str, Any], row: AccountRow) -> Told:
    """An account as it shall be. A staff number left out is kept, since HR's own file knows people by it."""
    context = Context.RESOURCE_REPLACEMENT_REQUEST
    said = completed({"active": row.active, "externalId": row.staff_number, **payload})
    asked = PostedAccount.model_validate(said, scim_ctx=context, scim_policy=TOLERANT)
    return _told(asked, was=row.email)


def patched_account(payload: Mapping[str, Any], row: AccountRow) -> Told:
    """An account with some changes made to it."""
    context, patched = Context.RESOURCE_PATCH_REQUEST, account(row, "")
    patch = PatchOp[PostedAccount].model_validate(pointed(payload), scim_ctx=context, scim_policy=TOLERANT)
    patch.patch(patched, TOLERANT)
    return _told(patched, was=row.email)


def _told(asked: Account[Post], *, was: str) -> Told:
    addresses = asked.emails or []
    chosen = next((each for each in addresses if each.primary), addresses[0] if addresses else None)
    post = asked[Post]
    return told(
        user_name=asked.user_name or "",
        primary=chosen.value if chosen else None,
        staff_number=asked.external_id,
        name=asked.name.formatted or "" if asked.name else "",
        active=asked.active is not False,
        unit=post.department.strip() or None if post and post.department else None,
        was=was,
    )


def question(arguments: Mapping[str, Any]) -> SearchRequest[Any]:
    """Which accounts are asked for, from which place on and with which attributes."""
    if len(str(arguments.get("filter", ""))) > LONGEST_FILTER:  # reading a long one takes seconds
        raise InvalidFilterException(detail=FILTERS)
    asked: SearchRequest[Any] = SearchRequest[PostedAccount].model_validate(
        dict(arguments), scim_ctx=Context.SEARCH_REQUEST, scim_policy=TOLERANT
    )
    asked.start_index = min(asked.start_index or 1, LARGEST_ID)
    asked.count = min(MOST_AT_ONCE if asked.count is None else asked.count, MOST_AT_ONCE)
    return asked


def wanted(asked: SearchRequest[Any]) -> Wanted:
    """What a filter looks for: one attribute with one value."""
    if asked.filter is None:
        return Wanted()
    found = asked.filter.ast
    attribute, value = getattr(found, "attr_path", None), getattr(found, "value", None)
    known = {name.casefold(): column for name, column in FOUND_BY.items()}
    column = known.get(attribute.attr.casefold()) if attribute and not attribute.sub_attr else None
    kind = bool if column == "active" else str
    if column is None or getattr(found, "op", None) != "eq" or type(value) is not kind or not str(value).isprintable():
        raise InvalidFilterException(detail=FILTERS)
    looked_for: dict[str, Any] = {column: value}
    return Wanted(**looked_for)
