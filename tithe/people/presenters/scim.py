"""People as SCIM 2.0 sees them: the shape of an account, and what tithe can do. Source: RFC 7643 and RFC 7644."""

from __future__ import annotations

from typing import Annotated

from pydantic import EmailStr
from scim2_models import (
    URN,
    AnyExtension,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Meta,
    Mutability,
    Patch,
    Required,
    Resource,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from tithe.people.accounts import AccountRow

MOST_AT_ONCE = 200
WORK = "work"


class Name(ComplexAttribute):
    """A name is one line of words: what its parts are differs from one culture to another."""

    formatted: Annotated[str | None, Required.true] = None


class Address(ComplexAttribute):
    """The address somebody signs in with. Of several the primary one is taken."""

    value: Annotated[EmailStr | None, Required.true] = None
    type: str | None = None
    primary: bool | None = None


class Account(Resource[AnyExtension]):
    """Somebody: `userName` is their address, `externalId` their staff number."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    name: Annotated[Name | None, Required.true] = None
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Address] | None, Required.true] = None


class Post(Extension):
    """Where somebody works: the code of a unit, or the path of names to it."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    department: str | None = None


PostedAccount = Account[Post]


def account(row: AccountRow, location: str) -> Account[Post]:
    """Somebody as a resource."""
    shown = PostedAccount(
        id=str(row.id),
        external_id=row.staff_number,
        user_name=row.email,
        name=Name(formatted=row.name),
        active=row.active,
        emails=[Address(value=row.email, type=WORK, primary=True)],
        meta=Meta(resource_type="User", location=location),
    )
    shown[Post] = Post(department=row.unit)
    return shown


def schemas(base: str) -> list[Schema]:
    """The two schemas as tithe keeps them."""
    person, post = Account.to_schema(), Post.to_schema()
    for each in person["emails"].sub_attributes or []:
        if each.name != "value":
            each.mutability = Mutability.read_only  # read to choose between addresses, not kept
    for schema, name in ((person, "User"), (post, "EnterpriseUser")):
        schema.name = name
        schema.meta = Meta(resource_type="Schema", location=f"{base}/Schemas/{schema.id}")
    return [person, post]


def resource_type(base: str) -> ResourceType:
    """The one kind of resource there is."""
    described = ResourceType.from_resource(PostedAccount)
    described.description = "People who are or were employed"
    described.meta = Meta(resource_type="ResourceType", location=f"{base}/ResourceTypes/User")
    return described


def service(base: str) -> ServiceProviderConfig:
    """What of SCIM tithe does: one thing at a time, found by equality, without passwords."""
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(max_operations=0, max_payload_size=0, supported=False),
        filter=Filter(supported=True, max_results=MOST_AT_ONCE),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="A token with the scope scim, made on the server by: people token ADDRESS --scope scim",
            )
        ],
        meta=Meta(resource_type="ServiceProviderConfig", location=f"{base}/ServiceProviderConfig"),
    )
