"""Units and their tree, people, their posts over time, their roles, who stands in for whom, how they sign in."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tithe.access.permissions import Role
from tithe.kernel.db import Base
from tithe.people.rules.grades import Grade
from tithe.people.rules.roles import RoleOutcome
from tithe.people.rules.secrets import LinkPurpose
from tithe.people.rules.sign_ins import SignInMethod


class Unit(Base):
    """A department, or a part of one."""

    __tablename__ = "unit"
    __table_args__ = (CheckConstraint("parent_id != id", name="not_its_own_parent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)


class UnitClosure(Base):
    """Every pair of a unit and one at or below it, `depth` steps down (0 is the unit itself)."""

    __tablename__ = "unit_closure"

    ancestor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    descendant_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True, index=True)
    depth: Mapped[int]


class Person(Base):
    """An account. Where somebody works, for whom and how long is on their assignments. Whoever is from `outside` has
    none of these, as triggers see to."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("leaves_on >= starts_on", name="leaves_after_starting"),
        CheckConstraint("NOT outside OR leaves_on IS NOT NULL", name="outside_has_an_end"),
        CheckConstraint("NOT outside OR staff_number IS NULL", name="outside_has_no_number"),
        Index(None, "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    leaves_on: Mapped[date | None]  # the last day of employment
    probation_ends_on: Mapped[date | None]  # the last day of probation
    outside: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # never staff; never changes


# Searched by how they begin, so they are compared by their bytes: SQLite does so anyway, PostgreSQL when told.
WORDS = String(120).with_variant(String(120, collation="C"), "postgresql")


class NameWord(Base):
    """A word of somebody's name in small letters without marks. Triggers keep these rows, whoever changes a name."""

    __tablename__ = "name_word"

    word: Mapped[str] = mapped_column(WORDS, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class PersonSkill(Base):
    """What somebody says they can do or would like to, as they wrote it; `key` is the same in small letters."""

    __tablename__ = "person_skill"
    __table_args__ = (Index(None, "key", "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key: Mapped[str] = mapped_column(WORDS, primary_key=True)
    skill: Mapped[str] = mapped_column(String(120))


class Assignment(Base):
    """A post somebody holds from one day to another (the last day included; none while it goes on).

    A change of unit, grade, hours or manager closes one row and opens the next, so that what was true on a past day
    stays true. `source_key` says which published or imported post the row came from.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("line_manager_id != person_id", name="nobody_manages_themselves"),
        CheckConstraint("weekly_minutes BETWEEN 0 AND 10080", name="weekly_minutes_in_a_week"),
        CheckConstraint("fte_bp >= 0", name="fte_not_negative"),
        Index(
            "uq_assignment_current_source_key",
            "source_key",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
        Index(None, "person_id", "starts_on", "ends_on"),
        Index(None, "unit_id", "starts_on", "ends_on", "person_id"),  # who works where on a day, from it alone
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    line_manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    grade: Mapped[Grade | None]
    grade_text: Mapped[str] = mapped_column(String(80), default="")  # as published
    post_title: Mapped[str] = mapped_column(String(200), default="")
    weekly_minutes: Mapped[int]
    fte_bp: Mapped[int]  # ten-thousandths of full time, for display: 0.6 FTE is 6000
    calendar: Mapped[str] = mapped_column(String(30), default="england-and-wales")
    source_key: Mapped[str | None] = mapped_column(String(80))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class JobShare(Base):
    """Two people who hold one post together, from one day to another, the last included. Each keeps a post, hours and
    an allowance of their own. Who of the two stands first says nothing: the smaller id does."""

    __tablename__ = "job_share"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="two_people_in_order"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        UniqueConstraint("first_id", "second_id", "starts_on"),
        Index(None, "second_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class RoleGrant(Base):
    """A role given to a person for a unit and all below it, between two dates."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role", "unit_id", "starts_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class RoleRequest(Base):
    """A role that one person proposed for another and that a second has to confirm before it counts.

    Once confirmed there is a `RoleGrant`; this row keeps both names.
    """

    __tablename__ = "role_request"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("asked_by != person_id AND decided_by != person_id", name="nobody_grants_their_own"),
        CheckConstraint("decided_by != asked_by", name="two_people"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_has_a_time"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_has_a_person"),
        Index(
            "uq_role_request_waiting",
            "person_id",
            "role",
            "unit_id",
            unique=True,
            sqlite_where=text("outcome IS NULL"),
            postgresql_where=text("outcome IS NULL"),
        ),
        Index(None, "unit_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    outcome: Mapped[RoleOutcome | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str] = mapped_column(String(500), default="", server_default="")


class Delegation(Base):
    """A manager asks somebody to decide in their place from one day to another, the last included.

    Nothing follows from it until the delegate accepts, and nothing more once either side ends it.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_starting"),
        CheckConstraint("delegate_id != manager_id", name="to_somebody_else"),
        CheckConstraint("accepted_at IS NULL OR declined_at IS NULL", name="answered_once"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_has_a_time"),
        CheckConstraint("ended_at IS NULL OR declined_at IS NULL", name="declined_never_ends"),
        Index(None, "manager_id", "ends_on"),
        Index(None, "delegate_id", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    manager_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    delegate_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # the last day
    words: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # before its last day
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OutsideMember(Base):
    """What is kept of somebody from outside besides the account, whose last day is `Person.leaves_on`.

    `sponsor_id` is who hosts them today: who invited them, or whoever came after; nobody while HR of `unit_id` does.
    """

    __tablename__ = "outside_member"
    __table_args__ = (
        CheckConstraint("sponsor_id IS NOT NULL OR handed_on_at IS NOT NULL", name="hosted_or_handed_on"),
        CheckConstraint("sponsor_id != person_id", name="nobody_hosts_themselves"),
        CheckConstraint("(terms_version IS NULL) = (accepted_at IS NULL)", name="accepted_has_a_time"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_has_a_time"),
        Index(None, "sponsor_id", "person_id"),
        Index(None, "unit_id", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(120))
    sponsor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))  # the sponsor's, when they invited them
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none if a command did
    invited_at: Mapped[datetime]
    handed_on_at: Mapped[datetime | None]  # when it last went from a sponsor to another, or to HR
    terms_version: Mapped[int | None]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # before the last day
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class OutsideTerms(Base):
    """A version of the terms of use for people from outside, from 2 on; the first is in `rules.outside`."""

    __tablename__ = "outside_terms"
    __table_args__ = (CheckConstraint("version >= 2", name="version_from_two"),)

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[str] = mapped_column(Text)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # none if a command did
    published_at: Mapped[datetime]


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
