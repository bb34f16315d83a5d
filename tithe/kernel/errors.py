"""Refusals with words a person can act on. Doors turn them into pages or JSON; nothing below raises HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong, and the answer to blame when there is one ("entries.2.minutes").

    `short` says it in a word or two, for where the whole sentence stands elsewhere on the page.
    """

    message: str
    field: str | None = None
    short: str = ""


def either(choices: Iterable[str]) -> str:
    """What somebody may choose from, in words: "A, B or C"."""
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


class TitheError(Exception):
    """Anything the scheme refuses. `status` is the HTTP status a door answers with."""

    status = 500

    def __init__(self, message: str, *, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.message, self.field),)


class RuleBroken(TitheError):
    """A rule of the scheme said no. `field` names the answer to blame, when there is one."""

    status = 422


class RulesBroken(RuleBroken):
    """Several rules said no at once; the person sees them all together."""

    def __init__(self, problems: Sequence[Problem]):
        first = problems[0]
        super().__init__(first.message, field=first.field)
        self._problems = tuple(problems)

    @property
    def kind(self) -> str:
        return RuleBroken.__name__  # one kind for callers, however many problems

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class NotFound(TitheError):
    """Absent, or not this person's to see: the two look alike on purpose."""

    status = 404

    def __init__(self, message: str = "We cannot find that, or it is not yours to see"):
        super().__init__(message)


class NotSignedIn(TitheError):
    """Nobody is signed in, or the token is unknown, ended or out of date."""

    status = 401

    def __init__(self, message: str = "Sign in to continue"):
        super().__init__(message)


class OutOfScope(TitheError):
    """The token is sound but was not given this right."""

    status = 403


class TermsDue(TitheError):
    """Somebody from outside has not accepted the terms of use as they are now."""

    status = 403

    def __init__(self, message: str = "Sign in on the page and accept the terms of use first. Nothing works before"):
        super().__init__(message)


class Conflict(TitheError):
    """Somebody else got there first; the page must be read again before deciding."""

    status = 409


class Unavailable(TitheError):
    """The database cannot take this now; trying again shortly is safe."""

    status = 503

    def __init__(self, message: str = "We could not save that just now. Nothing was changed. Try again in a minute"):
        super().__init__(message)
