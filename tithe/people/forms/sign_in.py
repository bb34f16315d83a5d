"""The shape of signing in."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from tithe.web.forms import TitheForm, strip


class SignInForm(TitheForm):
    """An address and a password; whether they belong together is the operation's to say."""

    email = StringField(
        "Email address",
        filters=[strip],
        validators=[
            InputRequired("Enter your email address"),
            Length(max=254, message="Enter an email address of at most 254 characters"),
        ],
    )
    password = PasswordField(
        "Password",
        validators=[
            InputRequired("Enter your password"),
            Length(max=128, message="Enter a password of at most 128 characters"),
        ],
    )
