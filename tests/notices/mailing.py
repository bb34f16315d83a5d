"""A mail server for tests that keeps what it is handed, and what every message says and carries."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from string import Formatter

from tithe.notices.mail import MailServer
from tithe.notices.rules.wording import WORDING


def places(words: tuple[str, ...]) -> set[str]:
    """The names of the facts that a message needs."""
    return {name for part in words for _, name, _, _ in Formatter().parse(part) if name}


# A fact for every place in the wording of every event.
FACTS = {name: f"some {name}" for name in sorted({name for words in WORDING.values() for name in places(words)})} | {
    "owner": "Ada Owner",
    "decider": "Max Manager",
    "proposer": "Hana Analyst",
    "week": "3 August 2026",
    "total": "1h 30m",
    "due": "21 August 2026",
    "ground": "Cover",
    "words": "We could not spare you on Tuesday, please move it.",
    "quarter": "Jul to Sep 2026",
    "who": "Max Manager",
    "what": "new working hours hold from 5 October 2026",
}
HEADERS = {
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
}


class PostBox:
    """What a mail server does with what it is handed: keeps it, or refuses it with `answer`."""

    def __init__(self):
        self.received: list[tuple[list[str], EmailMessage]] = []
        self.tries: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.tries.append(message)
        if self.answer.startswith("2"):
            self.received.append((envelope.rcpt_tos, message))
        return self.answer


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def server_at(port: int, **changes) -> MailServer:
    plain = {"host": "127.0.0.1", "port": port, "user": "", "password": "", "starttls": False}
    return MailServer(**plain | {"sender": "tithe@example.org", "base_url": "https://tithe.test"} | changes)
