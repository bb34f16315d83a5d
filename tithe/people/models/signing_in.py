"""How people and programs sign in: secrets, sessions, second factors, links, tries and tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tithe.kernel.db import Base
from tithe.people.rules.secrets import LinkPurpose
from tithe.people.rules.sign_ins import SignInMethod


class Password(Base):
    """The argon2id hash of a local account. People who sign in elsewhere have no row."""

    __tablename__ = "password"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime]


class SignIn(Base):
    """One sign-in of one person in one browser. Ending the row ends the session at the next request."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]  # to a quarter of an hour; none before the first
    proved_at: Mapped[datetime | None]  # when they last showed again who they are
    method: Mapped[SignInMethod] = mapped_column(
        default=SignInMethod.PASSWORD, server_default=SignInMethod.PASSWORD.value
    )
    browser: Mapped[str] = mapped_column(String(60), default="", server_default="")  # in words
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")


class Totp(Base):
    """Somebody's authenticator app: its secret, sealed, and the last step of time whose code was used."""

    __tablename__ = "totp"
    __table_args__ = (CheckConstraint("last_step >= 0", name="last_step_not_negative"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(String(300))
    last_step: Mapped[int]
    added_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in for a lost app or passkey, once. Only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """The public half of a key that somebody's device keeps. Keys and names given by devices are in base64url."""

    __tablename__ = "passkey"
    __table_args__ = (CheckConstraint("sign_count BETWEEN 0 AND 4294967295", name="sign_count_in_32_bits"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    user_handle: Mapped[str] = mapped_column(String(86))  # the same for all of a person's
    public_key: Mapped[str] = mapped_column(String(2000))
    sign_count: Mapped[int] = mapped_column(BigInteger)  # as the device says; many always say 0
    name: Mapped[str] = mapped_column(String(60))
    added_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentChallenge(Base):
    """The hash of a challenge that a passkey has answered, so that no answer counts twice. Kept while it could."""

    __tablename__ = "spent_challenge"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class Identity(Base):
    """Somebody as an outside provider knows them: the pair of issuer and subject, and never their address."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("person_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    linked_at: Mapped[datetime]


class PasswordLink(Base):
    """A mailed link with which one person sets a password, once. The secret half of the link is not stored."""

    __tablename__ = "password_link"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_later"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[LinkPurpose]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # used, or overtaken by a newer link


class Try(Base):
    """How often something was tried of late under a name that is kept as a hash: an account, or an address."""

    __tablename__ = "try"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries_not_negative"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A bearer token: only its hash is kept, with what it may do (`scopes`, separated by spaces) and until when."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    scopes: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
