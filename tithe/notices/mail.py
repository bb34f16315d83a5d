"""Handing a message to the mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from tithe.notices.operations.sending import Outgoing

PATIENCE = 20  # seconds


@dataclass(frozen=True)
class MailServer:
    """Where mail goes and what it says of its sender. No host means that nothing is sent."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    sender: str
    base_url: str
    as_mailed: Callable[[str], str] = str  # the path of a page as it is mailed: some hold a secret that is not stored


def deliverer(server: MailServer) -> Callable[[Outgoing], None]:
    """A function that hands one message to the server, or raises what smtplib raises."""

    def deliver(message: Outgoing) -> None:
        with smtplib.SMTP(server.host, server.port, timeout=PATIENCE) as connection:
            if server.starttls:
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(as_email(message, server))

    return deliver


def as_email(message: Outgoing, server: MailServer) -> EmailMessage:
    """Plain text with links that open pages. Deciding and choosing is done there, never by a link."""
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = server.sender, message.address, message.subject
    email["Message-ID"] = f"<{message.message_id}>"
    email["Auto-Submitted"] = "auto-generated"
    opening = f"Open it here: {server.base_url}{server.as_mailed(message.path)}"
    choosing = f"Choose how often you get mail: {server.base_url}/inbox/choices"
    email.set_content(f"{message.body}\n{opening}\n{choosing}\n")
    return email
