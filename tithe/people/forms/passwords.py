"""The shape of changing, setting and forgetting a password. What makes a good one is a rule, not a field check."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from tithe.people.rules.passwords import LONGEST
from tithe.web.forms import TitheForm, strip

TOO_LONG = Length(max=LONGEST, message=f"Enter a password of at most {LONGEST} characters")


class ChangeForm(TitheForm):
    """The password somebody has, and the one they want."""

    current = PasswordField("Your password now", validators=[InputRequired("Enter your password now"), TOO_LONG])
    new = PasswordField("New password", validators=[InputRequired("Enter a new password"), TOO_LONG])


class ChooseForm(TitheForm):
    """The password of somebody who came by a mailed link."""

    password = PasswordField("New password", validators=[InputRequired("Enter a new password"), TOO_LONG])


class JoinForm(ChooseForm):
    """The same with the terms of use, for somebody from outside."""

    terms = HiddenField()
    accepts = BooleanField("I have read these terms and accept them")

    def validate_accepts(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Tick the box to accept the terms. Nothing works before")

    @property
    def version(self) -> int:
        """The version that was shown; 0 for what is none."""
        shown = self.terms.data or ""
        return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else 0


class AcceptForm(JoinForm):
    """The terms alone, for somebody who has a password already."""

    password = None  # how the library takes a field out


class ForgottenForm(TitheForm):
    """Where to send a link."""

    email = StringField(
        "Email address",
        filters=[strip],
        validators=[
            InputRequired("Enter your email address"),
            Length(max=254, message="Enter an email address of at most 254 characters"),
        ],
    )
