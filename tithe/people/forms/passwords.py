"""The shape of changing, setting and forgetting a password. What makes a good one is a rule, not a field check."""

from __future__ import annotations

from wtforms import PasswordField, StringField
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
