"""SCIM 2.0 for identity providers. A token with the scope "scim" acts in the name of the HR manager it belongs to.

These are the routes alone. What answers them is imported by the first who asks: its library takes 15 MB, and many an
installation has no such provider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response

from tithe.access.permissions import Permission
from tithe.kernel.errors import TitheError
from tithe.kernel.late import late
from tithe.web.guards import needs

scim = Blueprint("scim", __name__, url_prefix="/scim/v2")
answers = late("tithe.people.api.scim_answers")

EVERY = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What answers each route, by its name in `scim_answers`.
ROUTES = (
    ("describe_service", "/ServiceProviderConfig", ("GET",)),
    ("list_resource_types", "/ResourceTypes", ("GET",)),
    ("read_resource_type", "/ResourceTypes/User", ("GET",)),
    ("list_schemas", "/Schemas", ("GET",)),
    ("read_schema", "/Schemas/<urn>", ("GET",)),
    ("list_accounts", "/Users", ("GET",)),
    ("search_accounts", "/.search", ("POST",)),
    ("search_accounts", "/Users/.search", ("POST",)),
    ("open_account", "/Users", ("POST",)),
    ("read_account", "/Users/<int:person_id>", ("GET",)),
    ("replace_account", "/Users/<int:person_id>", ("PUT",)),
    ("patch_account", "/Users/<int:person_id>", ("PATCH",)),
    ("nothing", "/<path:elsewhere>", EVERY),
)


def _view(name: str) -> Callable[..., Response]:
    @needs(Permission.PERSON_PROVISION)
    def view(**about: Any) -> Response:
        found: Response = answers.answered(getattr(answers, name), **about)
        return found

    return view


VIEWS = {name: _view(name) for name, _, _ in ROUTES}
for name, rule, methods in ROUTES:
    scim.add_url_rule(rule, name, VIEWS[name], methods=list(methods))


@scim.errorhandler(TitheError)
def refused(error: TitheError) -> Response:
    found: Response = answers.refused(error)
    return found


def unreadable(error: HTTPException) -> Response:
    found: Response = answers.unreadable(error)
    return found


for code in default_exceptions:  # one by one, since the application's own are by code and would go first
    scim.register_error_handler(code, unreadable)
