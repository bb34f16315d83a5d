"""Handing a message to the mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage

from tithe.notices.operations import Outgoing

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
    """Plain text with a link that opens the page. Deciding is done there, never by the link."""
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = server.sender, message.address, message.subject
    email["Message-ID"] = f"<{message.message_id}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(f"{message.body}\nOpen it here: {server.base_url}{message.path}\n")
    return email
