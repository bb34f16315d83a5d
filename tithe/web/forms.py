"""Forms check shape; rules check meaning. A rule's refusal is put back beside the field it blames."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, request
from flask_wtf import FlaskForm

from tithe.kernel.errors import Problem, RuleBroken, TitheError
from tithe.web.refusals import note

OURS = "csrf_token"  # what a page sends to show that it is one of ours
DAY_BY_HAND = re.compile(r"([0-9]{1,2})[ ./-]([0-9]{1,2})[ ./-]([0-9]{4})")


def strip(value: str | None) -> str | None:
    """Trim what was typed. WTForms runs filters on GET too, with None."""
    return value.strip() if value else value


DAY_LIKE = "like 24 12 2026"  # how every form asks for a day; a browser with a picker of its own shows that


def day_typed(value: str | None) -> str | None:
    """A day typed by hand, like 24 12 2026 or 24/12/2026, as a browser's picker sends it; all else as it was typed."""
    found = DAY_BY_HAND.fullmatch(value or "")
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}" if found else value


class TitheForm(FlaskForm):  # type: ignore[misc]
    """A form that can take a rule's refusal and knows the status its page answers with."""

    class Meta:
        csrf = False  # the token is asked for before any view is

    refused = False
    besides = frozenset({"action"})  # what a page sends beside the form's own fields and the token

    def absorb(self, error: TitheError) -> None:
        """Put a refusal's words beside the fields they blame, the rest at the top."""
        self.refused = True
        note(error)
        for problem in error.problems:
            self.put(problem)

    def put(self, problem: Problem) -> None:
        field = self._fields.get(problem.field or "")
        if field is None:
            self.form_errors.append(problem.message)
        else:
            field.errors = [*field.errors, problem.message]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape of every field, and that there are no others: an unknown field is an error."""
        good = bool(super().validate(extra_validators))
        unknown = self.unknown(request.form)
        self.form_errors += [f"This page has no field called {name[:40]}. Reload it and try again" for name in unknown]
        return good and not unknown

    def unknown(self, sent: Iterable[str]) -> list[str]:
        return sorted(set(sent) - set(self._fields) - self.besides - {OURS})

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate_on_submit(extra_validators))
        self.refused = request.method == "POST" and not good
        return good

    @property
    def sent_version(self) -> int:
        """The version the page was made from; −1, which nothing has, if it is missing or odd."""
        sent = request.form.get("version", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1

    @property
    def status(self) -> int:
        """200 for a page to fill in, 422 for one that was refused."""
        return 422 if self.refused else 200

    @property
    def problems(self) -> list[dict[str, str]]:
        """Every error with the address of its field, for the summary at the top of the page."""
        found = [{"text": words} for words in self.form_errors]
        for field in self._fields.values():
            found += [{"text": words, "href": f"#{field.id}"} for words in field.errors]
        return found


def refuse_others(*known: str) -> None:
    """Refuse fields that a page without a form of its own does not send."""
    for name in sorted(set(request.form) - {OURS, *known}):
        raise RuleBroken(f"This page has no field called {name[:40]}. Reload it and try again")


def radio_items(field: Any) -> list[dict[str, Any]]:
    """The choices of a radio field as the radios component takes them."""
    return [
        {"value": value, "text": label, "checked": field.data == value} for value, label, *_ in field.iter_choices()
    ]


def checkbox_items(field: Any) -> list[dict[str, Any]]:
    """The choices of a field that takes several, as the checkboxes component takes them."""
    chosen = field.data or []
    return [
        {"value": str(value), "text": label, "checked": value in chosen} for value, label, *_ in field.iter_choices()
    ]


def install(app: Flask) -> None:
    app.jinja_env.globals.update(radio_items=radio_items, checkbox_items=checkbox_items)
