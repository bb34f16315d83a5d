"""The shapes of what the inbox and the page of choices send."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectChoice, SelectMultipleField
from wtforms.fields import HiddenField

from tithe.notices.presenters import LABELS
from tithe.notices.rules.choices import GROUPS
from tithe.notices.rules.wording import Group
from tithe.web.forms import TitheForm


class ReadForm(TitheForm):
    """Messages to mark as read: by their ids, or all up to the newest the page showed."""

    ids = SelectMultipleField("Messages", coerce=str, validate_choice=False)
    up_to = HiddenField("Newest message shown")

    @property
    def wanted(self) -> list[int]:
        """The ids as numbers; 0, which no message has, for what is not one."""
        return [_number(text) for text in self.ids.data or []]

    @property
    def newest(self) -> int:
        return _number(self.up_to.data or "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _radio(group: Group) -> RadioField:
    """What may be chosen for a group. Whether an answer may is a rule, so that its refusal says what may."""
    rule = GROUPS[group]
    choices = [SelectChoice(how.value, LABELS[how]) for how in rule.allowed]
    return RadioField(rule.name, description=rule.about, choices=choices, validate_choice=False)


class ChoicesForm(TitheForm):
    """When to get mail of each group. Sign-in and safety is always mailed at once, so it is no field."""

    decisions = _radio(Group.DECISIONS)
    waiting = _radio(Group.WAITING)
    reminders = _radio(Group.REMINDERS)
    minutes = _radio(Group.MINUTES)
    scheme = _radio(Group.SCHEME)

    @property
    def answers(self) -> dict[str, str]:
        """What was answered; a group that was not sent stays as it is."""
        return {field.name: field.data for field in self.groups if field.data is not None}

    @property
    def groups(self) -> list[Any]:
        return [self._fields[group.value] for group in GROUPS if group.value in self._fields]
