"""What an auditor chooses: whose events, about which thing, of which kind, on which days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from wtforms import StringField, ValidationError
from wtforms.validators import AnyOf, Length

from tithe.kernel.db import LARGEST_ID
from tithe.oversight.queries.events import Asked
from tithe.people.forms.days import DayField
from tithe.web.forms import TitheForm, strip

SHORT = {"filters": [strip], "validators": [Length(max=254)]}


class ChooseForm(TitheForm):
    """Which events. All of it is optional, and it stands in the address, so that a list can be kept as a link."""

    besides = frozenset({"after", "shape"})

    person = StringField("Person", **SHORT)
    thing = StringField("Kind of thing", **SHORT)
    thing_id = StringField("Its number", **SHORT)
    verb = StringField("What was done", **SHORT)
    first = DayField("From", wanted="Write the first day", optional=True)
    last = DayField("To", wanted="Write the last day", optional=True)

    @classmethod
    def from_address(cls) -> ChooseForm:
        """The form as the address of the page fills it in, checked; `refused` when something does not fit."""
        form = cls(request.args)
        form.refused = not form.validate() or bool(form.unknown_in(request.args))
        return form

    def unknown_in(self, sent: Mapping[str, Any]) -> bool:
        """Note parts of the address that the page does not have."""
        unknown = self.unknown(sent)
        self.form_errors += [f"This page has no field called {name[:40]}. Start again without it" for name in unknown]
        return bool(unknown)

    def validate_thing_id(self, field: Any) -> None:
        """A number that a row can have."""
        said = field.data or ""
        if said and not (said.isascii() and said.isdigit() and int(said[:12]) <= LARGEST_ID and len(said) < 12):
            raise ValidationError("Write the number alone, like 12")

    @property
    def asked(self) -> Asked:
        """What was chosen."""
        return Asked(
            person=self.person.data or "",
            thing=self.thing.data or "",
            thing_id=int(self.thing_id.data) if self.thing_id.data else None,
            verb=self.verb.data or "",
            first=self.first.day,
            last=self.last.day,
        )

    @property
    def chosen(self) -> dict[str, str]:
        """What stands in the address, for links to other pages of the same list."""
        return {name: field.data for name, field in self._fields.items() if name in CHOOSES and field.data}


CHOOSES = frozenset({"person", "thing", "thing_id", "verb", "first", "last"})


class ExportForm(ChooseForm):
    """The same events as a file."""

    besides = frozenset[str]()

    shape = StringField("As", validators=[AnyOf(["csv", "jsonl"], message="Choose CSV or JSON lines")])


class ReadsForm(TitheForm):
    """Whose record was shown, and to whom."""

    besides = frozenset({"before"})

    person = StringField("Whose record", **SHORT)
    reader = StringField("Who looked", **SHORT)
