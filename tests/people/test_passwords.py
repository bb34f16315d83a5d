"""Changing a password, and setting one by a mailed link."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories.people import PersonFactory
from tests.people.signing_in import COST, PASSWORD, sign_in
from tests.support.contents import contents
from tests.support.pages import Page, PageClient, apart
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices.mail import as_email
from tithe.notices.models import Notice
from tithe.notices.operations.sending import Outgoing, send_waiting
from tithe.people.models import PasswordLink, Person
from tithe.people.operations import identity, resets
from tithe.people.rules.secrets import LinkPurpose
from tithe.people.rules.sign_ins import LocalAccounts, Origin

NEW = "gravel, violin and jam"
LINK = re.compile(r"http://tithe\.test(/password/link/\S+)")


@pytest.fixture
def mails(app, monkeypatch):
    """What is mailed when the outbox is emptied: the text of each message."""
    server = replace(app.extensions["tithe_mail"], host="mail.test")
    monkeypatch.setitem(app.extensions, "tithe_mail", server)
    sent: list[str] = []

    def deliver(message: Outgoing) -> None:
        sent.append(as_email(message, server).get_content())

    def empty() -> list[str]:
        db.session.rollback()
        sent.clear()
        send_waiting(deliver=deliver, now=clock.now())
        return list(sent)

    return empty


def change(browser: PageClient, current: str, new: str) -> Page:
    return browser.post("/account/password", {"current": current, "new": new})


def ask(browser: PageClient, email: str, at: str = "192.0.2.1") -> Page:
    return browser.post("/password/forgotten", {"email": email}, environ_base={"REMOTE_ADDR": at})


def link_in(mails) -> str:
    return next(found[1] for text in mails() if (found := LINK.search(text)))


class TestChanging:
    @pytest.fixture
    def browser(self, client, team) -> PageClient:
        sign_in(client, team.owner.email)
        return client

    def test_ends_every_other_session_and_this_ones_old_cookie(self, app, browser, team):
        other, thief = PageClient(app), PageClient(app)
        sign_in(other, team.owner.email)
        thief.http.set_cookie("tithe", browser.http.get_cookie("tithe").value)
        assert change(browser, PASSWORD, NEW).location == "/account/sessions"

        assert "Password changed" in browser.get("/account/sessions").text
        assert (other.get("/").status, thief.get("/").status) == (303, 303)
        assert sign_in(PageClient(app), team.owner.email).status == 422
        assert sign_in(PageClient(app), team.owner.email, NEW).status == 303

    def test_tells_the_owner(self, browser, mails):
        change(browser, PASSWORD, NEW)
        assert "you were signed out everywhere else" in mails()[0]

    def test_needs_the_password_of_now(self, browser, team):
        page = change(browser, "not the password", NEW)
        assert (page.status, page.errors) == (422, ["That is not your password now. Check it and try again"])
        assert NEW not in page.text

    @pytest.mark.parametrize(
        "new", ["", "short", "x" * 129, "correct horse battery staple", "Ada Owner Ada Owner 1", PASSWORD]
    )
    def test_refuses_a_bad_one_beside_its_field(self, browser, new):
        page = change(browser, PASSWORD, new)
        assert page.status == 422
        assert any(each.get("href") == "#new" for each in page.all("a"))

    def test_waits_after_too_many_guesses(self, browser):
        for _ in range(10):
            change(browser, "not the password", NEW)
        page = change(browser, PASSWORD, NEW)
        assert (page.status, page.response.headers["Retry-After"]) == (429, "1")

    def test_is_for_those_who_have_one(self, app, team):
        browser = PageClient(app).sign_in(team.colleague)
        assert browser.get("/account/password").status == 404
        assert change(browser, PASSWORD, NEW).status == 404
        assert "Change your password" not in browser.get("/account/sessions").text

    def test_is_not_offered_where_local_accounts_are_off(self, app, browser, monkeypatch):
        off = replace(app.extensions["tithe"], local_accounts="off")
        monkeypatch.setitem(app.extensions, "tithe", off)
        assert browser.get("/account/password").status == 404


class TestForgetting:
    def test_mails_a_link_that_sets_a_new_password_once(self, app, client, team, mails):
        held = PageClient(app)
        sign_in(held, team.owner.email)
        page = ask(client, team.owner.email.upper())
        assert page.heading == "Check your mail"
        link = link_in(mails)

        shown = client.get(link)
        assert (shown.status, shown.location) == (303, "/password/choose")
        assert f"This is for the account {team.owner.email}" in client.get("/password/choose").text
        assert client.post("/password/choose", {"password": NEW}).location == "/sign-in"
        assert "Password set. Sign in with it" in client.get("/sign-in").text
        assert held.get("/").status == 303, "every session ended"
        assert sign_in(PageClient(app), team.owner.email, NEW).status == 303
        again = PageClient(app)
        again.get(link)
        page = again.post("/password/choose", {"password": "another, and one more"})
        assert page.status == 404
        assert "was used already or is too old" in page.text

    def test_answers_the_same_whoever_is_asked_for(self, app, client, team, mails):
        gone = PersonFactory(leaves_on=NOW.date() - timedelta(days=1))
        identity.set_password(actor=SYSTEM, person_id=gone.id, password=PASSWORD, cost=COST, now=NOW)
        answers = set()
        for email in (team.owner.email, team.manager.email, gone.email, "nobody@example.org"):
            text = ask(client, email).text.replace(email, "ADDRESS")
            answers.add(re.sub(r'(nonce|value)="[^"]*"', "", text))
        assert len(answers) == 1
        assert len(mails()) == 1, "only somebody employed with a password is sent a link"

    def test_opening_the_link_changes_nothing(self, client, team, mails):
        ask(client, team.owner.email)
        link = link_in(mails)
        before = contents()
        for _ in range(3):
            client.get(link)
            assert client.get("/password/choose").status == 200
        assert contents() == before

    def test_keeps_the_link_when_the_password_is_refused(self, client, team, mails):
        ask(client, team.owner.email)
        client.get(link_in(mails))
        page = client.post("/password/choose", {"password": "Ada Owner Ada Owner 1"})
        assert page.status == 422
        assert "mostly your name" in page.errors[0]
        assert client.post("/password/choose", {"password": NEW}).status == 303

    def test_ends_with_its_time(self, client, team, mails, hands):
        ask(client, team.owner.email)
        client.get(link_in(mails))
        hands.forward(minutes=30)
        assert client.get("/password/choose").status == 404
        assert client.post("/password/choose", {"password": NEW}).status == 404

    def test_ends_with_a_newer_link(self, app, client, team, mails):
        ask(client, team.owner.email)
        old = link_in(mails)
        ask(client, team.owner.email)
        new = link_in(mails)
        for link, status in ((old, 404), (new, 200)):
            browser = PageClient(app)
            browser.get(link)
            assert browser.get("/password/choose").status == status

    def test_ends_with_employment(self, client, team, mails):
        ask(client, team.owner.email)
        client.get(link_in(mails))
        yesterday = NOW.date() - timedelta(days=1)
        db.session.execute(update(Person).where(Person.id == team.owner.id).values(leaves_on=yesterday))
        db.session.commit()
        assert client.get("/password/choose").status == 404

    def test_fills_nobodys_mailbox(self, app, client, team, mails):
        for n in range(20):
            assert ask(client, team.owner.email, at=f"192.0.2.{n}").heading == "Check your mail"
        assert len(mails()) == 3

    def test_waits_when_one_address_asks_for_everybody(self, client, team, mails):
        for n in range(100):
            ask(client, f"somebody.{n}@example.org")
        page = ask(client, team.owner.email)
        assert (page.status, page.response.headers["Retry-After"]) == (429, "1")

    def test_leads_to_the_fixed_address_whatever_the_host_says(self, client, team, mails):
        elsewhere = {"base_url": "http://evil.example"}
        page = client.get("/password/forgotten", **elsewhere)
        sent = {"email": team.owner.email, "csrf_token": page.value("csrf_token")}
        assert Page(apart(client.http.post, "/password/forgotten", data=sent, **elsewhere)).status == 200
        (mail,) = mails()
        assert LINK.search(mail)
        assert "evil" not in mail

    def test_is_not_offered_where_no_mail_is_sent(self, client, team):
        assert "forgotten" not in client.get("/sign-in").text
        assert client.get("/password/forgotten").status == 404
        assert ask(client, team.owner.email).status == 404

    @pytest.mark.parametrize("token", ["x", "x.y", "%00", "." * 50, "a" * 5000])
    def test_takes_no_link_that_is_made_up(self, client, team, token):
        assert client.get(f"/password/link/{token}").status in (303, 422)
        assert client.get("/password/choose").status == 404

    def test_needs_both_the_database_and_the_key(self, client, team, mails):
        ask(client, team.owner.email)
        handle = db.session.query(PasswordLink).one().handle
        for token in (handle, f"{handle}.", f"{handle}.{'0' * 43}"):
            client.get(f"/password/link/{token}")
            assert client.get("/password/choose").status == 404

    def test_leaves_its_secret_in_no_table_and_no_log(self, app, client, team, mails, caplog):
        with caplog.at_level(logging.DEBUG):
            ask(client, team.owner.email)
            before = repr(contents())
            link = link_in(mails)
            client.get(link)
            client.post("/password/choose", {"password": NEW})
        secret = link.rsplit(".", 1)[1]
        assert secret not in before + repr(contents()) + caplog.text
        assert NEW not in repr(contents()) + caplog.text

    def test_counts_for_administrators_alone_where_accounts_are_for_emergencies(self, team, mails):
        origin = Origin("", "192.0.2.1")
        resets.request_reset(email=team.owner.email, local=LocalAccounts.BREAK_GLASS, origin=origin, now=NOW)
        assert mails() == []


class TestInviting:
    def run(self, app, *arguments: str):
        return app.test_cli_runner().invoke(args=["people", *arguments])

    def test_prints_a_link_for_seven_days_where_no_mail_is_sent(self, app, client, team, hands):
        done = self.run(app, "invite", team.manager.email)
        link = LINK.search(done.output)[1]
        hands.forward(days=6, hours=23)
        client.get(link)
        assert client.post("/password/choose", {"password": NEW}).status == 303
        assert sign_in(PageClient(app), team.manager.email, NEW).status == 303
        assert [each.event for each in db.session.query(Notice)] == ["password-changed"]

    def test_prints_a_link_to_reset_for_thirty_minutes(self, app, client, team, hands):
        client.get(LINK.search(self.run(app, "reset", team.owner.email).output)[1])
        hands.forward(minutes=31)
        assert client.get("/password/choose").status == 404

    def test_mails_it_where_mail_is_sent(self, app, team, mails, monkeypatch):
        monkeypatch.setitem(app.extensions, "tithe", replace(app.extensions["tithe"], mail_host="mail.test"))
        done = self.run(app, "invite", team.manager.email)
        assert LINK.search(done.output) is None
        assert "You are invited" not in done.output
        assert "for 7 days" in mails()[0]

    def test_refuses_an_address_nobody_has(self, app, team):
        done = self.run(app, "invite", "nobody@example.org")
        assert done.exit_code == 1
        assert "Nobody has the address" in done.output

    def test_forgets_outside_identities(self, app, team):
        assert "Forgot 0 outside identities" in self.run(app, "unlink", team.owner.email).output


class TestUsingALink:
    def test_at_the_same_moment_works_once(self, app, team):
        handle = resets.make_link(person_id=team.owner.id, purpose=LinkPurpose.RESET, now=NOW, mail=False)
        resets.use_link(handle=handle, password=NEW, cost=COST, now=NOW)
        with pytest.raises(NotFound):
            resets.use_link(handle=handle, password=NEW + "!", cost=COST, now=NOW)

    def test_lets_a_throttled_owner_in(self, app, client, team):
        for _ in range(10):
            sign_in(client, team.owner.email, "wrong")
        handle = resets.make_link(person_id=team.owner.id, purpose=LinkPurpose.RESET, now=NOW, mail=False)
        resets.use_link(handle=handle, password=NEW, cost=COST, now=NOW)
        assert sign_in(client, team.owner.email, NEW).status == 303

    def test_refuses_a_bad_password_and_keeps_the_link(self, team):
        handle = resets.make_link(person_id=team.owner.id, purpose=LinkPurpose.RESET, now=NOW, mail=False)
        with pytest.raises(RuleBroken, match="15 to 128"):
            resets.use_link(handle=handle, password="short", cost=COST, now=NOW)
        resets.use_link(handle=handle, password=NEW, cost=COST, now=NOW)
