"""The shapes of second factors: codes, passwords and what a browser says of a passkey."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tithe.people.rules.passwords import LONGEST
from tithe.web.forms import TitheForm, strip

PASSWORD = (
    InputRequired("Enter your password"),
    Length(max=LONGEST, message=f"Enter a password of at most {LONGEST} characters"),
)
CREDENTIAL = (Length(max=20_000, message="Your browser sent more than a passkey. Try again"),)


class PasswordForm(TitheForm):
    """Somebody's password, asked for again."""

    password = PasswordField("Your password", validators=PASSWORD)


class CodeForm(TitheForm):
    """A code of an app, or a recovery code. What is right is for the operation to say."""

    code = StringField(
        "Code",
        filters=[strip],
        validators=[InputRequired("Enter a code"), Length(max=60, message="Enter a code of at most 60 characters")],
    )


class TurnOffForm(PasswordForm, CodeForm):
    """Both steps, to take the second away."""


class CredentialForm(TitheForm):
    """What a browser answered for a passkey, as JSON. A script fills it in."""

    credential = HiddenField(validators=CREDENTIAL)


class PasskeyForm(CredentialForm):
    """A new passkey, and what its owner calls it."""

    name = StringField(
        "Name of this passkey",
        filters=[strip],
        validators=[
            InputRequired("Enter a name, so that you know it from others"),
            Length(max=60, message="Enter a name of at most 60 characters"),
        ],
    )
