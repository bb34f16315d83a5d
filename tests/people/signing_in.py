"""What tests of signing in share: a password, hands of a clock, and filling in the page as a person would."""

from __future__ import annotations

from datetime import timedelta

from tests.support.pages import Page, PageClient
from tests.timesheets.weeks import NOW

PASSWORD = "purple otters knit badly"
COST = (1, 8, 1)
WRONG = "The email address or password is not right. Check both and try again"


class Hands:
    """Moves the hands of the clock."""

    def __init__(self) -> None:
        self.now = NOW

    def forward(self, **time: int) -> None:
        self.now += timedelta(**time)


def sign_in(browser: PageClient, email: str, password: str = PASSWORD, *, at: str = "192.0.2.1", **query: str) -> Page:
    """Fill in the page as a person would, from an address of the network."""
    page = browser.get("/sign-in", query_string=query)
    sent = {"csrf_token": page.value("csrf_token"), "email": email, "password": password}
    return browser.post("/sign-in", sent, query_string=query, environ_base={"REMOTE_ADDR": at})
