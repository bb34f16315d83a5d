"""An identity provider that keeps accounts over SCIM."""

from __future__ import annotations

import json

from sqlalchemy import select

from tests.support.pages import ApiClient, apart
from tithe.kernel.db import db
from tithe.people.models import Person

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
WORK = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
NEW = {
    "schemas": [CORE],
    "userName": "Nia.New@example.org",
    "externalId": "N1",
    "name": {"givenName": "Nia", "familyName": "New"},
    "title": "kept nowhere",
}


class Provider:
    """An identity provider with a token."""

    def __init__(self, client: ApiClient):
        self.client = client

    def call(self, method, path, body=None, **query):
        headers = {"Authorization": f"Bearer {self.client.token}"} if self.client.token else {}
        sent = None if body is None else json.dumps(body)
        return apart(
            self.client.http.open, f"/scim/v2{path}", method=method, data=sent, headers=headers, query_string=query,
            content_type="application/scim+json",
        )  # fmt: skip

    def patch(self, person_id, *operations):
        return self.call("PATCH", f"/Users/{person_id}", {"schemas": [PATCH], "Operations": list(operations)})

    def found(self, **query):
        return [each["userName"] for each in self.call("GET", "/Users", **query).json.get("Resources", [])]


def person(email: str) -> Person | None:
    db.session.rollback()
    return db.session.scalar(select(Person).where(Person.email == email))


def replacing(path, value):
    return {"op": "Replace", "path": path, "value": value}
