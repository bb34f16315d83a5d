"""What every column says about people. A feature labels its tables in its `privacy.py`; a test refuses a column that
has no label. The export of one's own data and the erasure of leavers go by these labels and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Label(StrEnum):
    """What a column says about the person its row is about."""

    NONE = "none"  # nothing about anybody
    PERSONAL = "personal"  # figures, days and states; they stay under a number when the name has gone
    IDENTIFYING = "identifying"  # who it is: gone with the name
    SENSITIVE = "sensitive"  # what the law protects in particular: gone with the name
    WORDS = "free_text"  # what somebody typed: gone with the name of whoever typed it or whom it is about
    PUBLISHED = "published"  # words put before all staff, kept as the department's own record
    HIDDEN = "secret"  # what signs somebody in: never shown to anybody


REMOVED = "Removed when the time it may be kept had ended"  # stands for words; long enough where words have to be
GOES = frozenset({Label.IDENTIFYING, Label.SENSITIVE, Label.WORDS})


class Kept(StrEnum):
    """The classes of records. How long each is kept is in the rules of retention."""

    ALWAYS = "always"
    ACCESS = "access"  # how somebody signed in
    MESSAGES = "messages"
    TIME = "time"  # hours, weeks and what was decided on them
    DECISIONS = "decisions"  # roles, corrections and delegations, and the words given with them
    PERSON = "person"  # name and posts


@dataclass(frozen=True)
class Held:
    """What one table holds about people.

    `of` names the columns that lead to whom a row is about: to a person, or to a row that is about one. `words_by`
    names for each column of words the one that leads to their author. Rows of a `deleted` table go whole. `ages_by`
    is the instant from which rows count as old, for tables whose old rows go for everybody.
    """

    labels: Mapping[str, Label]
    of: tuple[str, ...] = ()
    words_by: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = Kept.ALWAYS
    deleted: bool = False
    ages_by: str = ""


def held(
    of: str = "",
    *,
    none: str = "",
    personal: str = "",
    identifying: str = "",
    sensitive: str = "",
    hidden: str = "",
    published: Mapping[str, str] | None = None,
    words: Mapping[str, str] | None = None,
    kept: Kept = Kept.ALWAYS,
    deleted: bool = False,
    ages_by: str = "",
) -> Held:
    """Label a table: names of columns with spaces between them; for words, the column that leads to their author."""
    published, words = published or {}, words or {}
    said = {
        Label.NONE: none.split(),
        Label.PERSONAL: [*of.split(), *personal.split()],
        Label.IDENTIFYING: identifying.split(),
        Label.SENSITIVE: sensitive.split(),
        Label.HIDDEN: hidden.split(),
        Label.PUBLISHED: list(published),
        Label.WORDS: list(words),
    }
    labels = {column: label for label, columns in said.items() for column in columns}
    return Held(labels, tuple(of.split()), {**published, **words}, kept, deleted, ages_by)


# Tables that belong to no feature.
PRIVACY = {
    "job_run": held(none="id job period finished_at"),
    "kept_answer": held(
        "person_id", none="status answered_at", personal="etag", identifying="key", hidden="fingerprint",
        words={"body": "person_id"}, kept=Kept.ACCESS, deleted=True,
    ),
}  # fmt: skip
