"""Every route × somebody from outside, by session and by token: only the few in the table answer."""

from __future__ import annotations

import pytest

from tests.architecture.test_matrix import ATTEMPTS, PAGES, Attempt, Ministry, browse, call
from tests.factories.outside import Guest
from tests.support.contents import contents
from tests.support.pages import ApiClient, PageClient
from tests.timesheets.weeks import NOW
from tithe.access.permissions import BEFORE_TERMS, OUTSIDE_RIGHTS, Permission
from tithe.kernel import clock

# All that answers to somebody from outside; of projects, those they were invited to.
FOR_GUESTS = {
    "/", "/terms", "/projects/<int:project_id>", "/api/v1/projects/<int:project_id>",
    *(f"/api/v1/outside-members/me{part}" for part in ("", "/terms")),
    *(f"{prefix}/inbox{part}" for prefix in ("", "/api/v1") for part in ("", "/choices", "/read")),
    "/account/my-data", "/account/prove", "/account/security", "/account/security/codes",
    "/account/security/passkeys/<int:passkey_id>/remove",
    "/account/sessions", "/account/sessions/<int:session_id>/end", "/account/sessions/end-others",
}  # fmt: skip


def for_guests(attempt: Attempt) -> bool:
    if attempt.permission is Permission.PROJECT_READ:
        return attempt.target == "registered"
    return attempt.route in FOR_GUESTS and (attempt.target in ("", "absent") or "colleague" in attempt.allowed)


@pytest.fixture
def ministry(app, monkeypatch) -> Ministry:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Ministry()


class TestSomebodyFromOutside:
    def test_reaches_a_few_pages_of_their_own(self, app, ministry):
        guest = Guest(active=True, project_id=ministry.ids["registered"]).person
        browser, program = PageClient(app).sign_in(guest), ApiClient(app).as_(guest)
        token, before, wrong = browser.token(), contents(), []

        for attempt in ATTEMPTS:
            expected = attempt.status if for_guests(attempt) else 404
            path = ministry.path(attempt)
            answer = browse(browser, token, path, attempt) if attempt in PAGES else call(program, path, attempt)
            if answer.status_code != expected:
                wrong.append(f"{attempt.method} {attempt.route} {attempt.target}: {answer.status_code} not {expected}")

        assert wrong == []
        assert contents() == before, "every attempt was refused or only read"
        assert {each.route for each in ATTEMPTS if for_guests(each)} == FOR_GUESTS, "each of the few was tried"

    def test_accepts_the_terms_first(self, app, ministry):
        guest = Guest(project_id=ministry.ids["registered"]).person
        browser, program = PageClient(app).sign_in(guest), ApiClient(app).as_(guest)
        token = browser.token()

        for attempt in ATTEMPTS:
            if attempt.permission not in BEFORE_TERMS:
                path, asked = ministry.path(attempt), attempt.permission in OUTSIDE_RIGHTS
                answer = browse(browser, token, path, attempt) if attempt in PAGES else call(program, path, attempt)
                refusal = 404 if not asked else 303 if attempt in PAGES else 403
                assert answer.status_code == refusal, attempt
                assert refusal != 303 or answer.headers["Location"] == "/terms"
