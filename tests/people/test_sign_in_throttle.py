"""Failing to sign in: waits that grow and end, and answers that tell nobody who exists."""

from __future__ import annotations

import re
from datetime import timedelta
from statistics import median
from threading import Thread
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from tests.factories.people import PersonFactory, RoleGrantFactory
from tests.people.signing_in import COST, PASSWORD, WRONG, sign_in
from tests.support.contents import statements
from tests.support.pages import PageClient
from tests.timesheets.weeks import NOW
from tithe.access.actor import SYSTEM
from tithe.access.permissions import Role
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.people.models import Password, SignIn, Try
from tithe.people.operations import identity, throttle
from tithe.people.rules import throttle as rules
from tithe.people.rules.sign_ins import LocalAccounts, Origin, browser_in_words, network_of
from tithe.people.rules.throttle import ACCOUNT, ADDRESS, Limit, TooManyTries, Tries

FREE = ACCOUNT.free
LIMITS = st.builds(Limit, free=st.integers(1, 50), forgotten=st.integers(1, 600), longest=st.integers(1, 3600))


def fail(client: PageClient, email: str, times: int, at: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert sign_in(client, email, "a wrong password", at=at).status == 422


class TestWait:
    @given(tries=st.integers(0, 10_000), limit=LIMITS)
    def test_is_never_longer_than_its_limit_and_ends_by_itself(self, tries, limit):
        tried = Tries(tries, NOW)
        seconds = rules.wait(tried, limit, NOW)
        assert 0 <= seconds <= limit.longest
        assert rules.wait(tried, limit, NOW + timedelta(seconds=seconds)) == 0

    @given(tries=st.integers(0, 10_000), limit=LIMITS)
    def test_never_shrinks_with_another_try(self, tries, limit):
        assert rules.wait(Tries(tries, NOW), limit, NOW) <= rules.wait(Tries(tries + 1, NOW), limit, NOW)

    @given(tries=st.integers(0, 10_000), limit=LIMITS, after=st.integers(0, 10**6))
    def test_is_forgotten_in_time_and_never_before(self, tries, limit, after):
        left = rules.remembered(Tries(tries, NOW), limit, NOW + timedelta(seconds=after))
        assert left == max(0, tries - after // limit.forgotten)

    @given(limit=LIMITS, back=st.integers(1, 10**6))
    def test_is_not_lengthened_by_a_clock_set_back(self, limit, back):
        assert rules.wait(Tries(limit.free + 3, NOW), limit, NOW - timedelta(seconds=back)) <= limit.longest

    def test_doubles(self):
        waits = [rules.wait(Tries(FREE + n, NOW), ACCOUNT, NOW) for n in range(-1, 12)]
        assert waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


class TestThrottle:
    def test_says_how_long_to_wait_after_ten_failures(self, client, team, hands):
        fail(client, team.owner.email, FREE)
        page = sign_in(client, team.owner.email)

        assert (page.status, page.response.headers["Retry-After"]) == (429, "1")
        assert page.errors == ["There were too many tries. Wait 1 second, then try again"]
        assert page.value("email") == team.owner.email
        hands.forward(seconds=1)
        assert sign_in(client, team.owner.email).status == 303

    def test_waits_longer_each_time(self, client, team, hands):
        fail(client, team.owner.email, FREE)
        waits = []
        for _ in range(5):
            seconds = int(sign_in(client, team.owner.email).response.headers["Retry-After"])
            hands.forward(seconds=seconds)
            fail(client, team.owner.email, 1)
            waits.append(seconds)
        assert waits == [1, 2, 4, 8, 16]

    def test_treats_an_account_that_nobody_has_alike(self, client, team):
        fail(client, "nobody@example.org", FREE)
        assert sign_in(client, "nobody@example.org").status == 429

    def test_counts_however_the_address_is_written(self, client, team):
        fail(client, team.owner.email, FREE - 1)
        fail(client, f" {team.owner.email.upper()} ", 1)
        assert sign_in(client, team.owner.email).status == 429

    def test_forgets_an_account_that_got_it_right(self, client, team):
        fail(client, team.owner.email, FREE - 1)
        assert sign_in(client, team.owner.email).status == 303
        fail(PageClient(client.app), team.owner.email, FREE - 1)

    def test_does_not_count_what_it_refuses(self, client, team, hands):
        fail(client, team.owner.email, FREE)
        for _ in range(20):
            assert sign_in(client, team.owner.email).response.headers["Retry-After"] == "1"

    def test_counts_an_address_of_the_network_over_all_accounts(self, client, team):
        for n in range(ADDRESS.free):
            fail(client, f"somebody.{n}@example.org", 1)
        assert sign_in(client, team.owner.email).status == 429
        assert sign_in(client, team.owner.email, at="192.0.2.2").status == 303

    def test_never_locks_somebody_out_of_where_they_usually_sign_in(self, app, client, team):
        assert sign_in(client, team.owner.email, at="198.51.100.7").status == 303
        fail(PageClient(app), team.owner.email, FREE, at="203.0.113.9")
        assert sign_in(PageClient(app), team.owner.email, at="203.0.113.9").status == 429
        assert sign_in(PageClient(app), team.owner.email, at="198.51.100.7").status == 303

    def test_counts_tries_made_at_once(self, app, hands):
        refused = []

        def attempt() -> None:
            with app.app_context():
                try:
                    throttle.begin(limits={"k": Limit(5, 60, 60)}, now=NOW)
                except RuleBroken:
                    refused.append(1)

        threads = [Thread(target=attempt) for _ in range(12)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(refused) == 7

    def test_keeps_no_address_and_forgets_old_rows(self, client, team, hands):
        fail(client, "typed.by@mistake.example", 1)
        kept = db.session.query(Try).all()
        assert len(kept) == 2
        assert all(re.fullmatch("[0-9a-f]{64}", each.key) for each in kept)
        hands.forward(days=2)
        sign_in(client, team.owner.email)
        db.session.rollback()
        assert db.session.query(Try).count() == 1, "the address that has just been right"


class TestAnswer:
    """What an answer costs must not tell whether anybody has the account."""

    @pytest.fixture
    def accounts(self, team) -> dict[str, str]:
        gone = PersonFactory(leaves_on=NOW.date() - timedelta(days=1))
        identity.set_password(actor=SYSTEM, person_id=gone.id, password=PASSWORD, cost=COST, now=NOW)
        return {
            "wrong": team.owner.email,
            "only by the provider": team.manager.email,
            "not employed": gone.email,
            "nobody's": "nobody@example.org",
            "no address": "x",
        }

    def test_takes_one_hash_and_the_same_statements_for_every_account(self, app, accounts, monkeypatch):
        hashes, costs, verify = [], {}, PasswordHasher.verify
        monkeypatch.setattr(PasswordHasher, "verify", lambda *given: hashes.append(1) or verify(*given))
        for kind, email in accounts.items():
            hashes.clear()
            given = {"email": email, "password": "a wrong password", "cost": COST, "hours": 1, "now": NOW}
            with statements() as sent, pytest.raises(RuleBroken, match=WRONG):
                identity.sign_in(**given, origin=Origin("", f"192.0.2.{len(costs)}"))
            costs[kind] = (len(hashes), tuple(sent))

        assert len(set(costs.values())) == 1
        assert costs["wrong"][0] == 1

    @pytest.mark.slow
    def test_takes_the_same_time_within_five_per_cent(self, team, accounts):
        owner = {"actor": SYSTEM, "person_id": team.owner.id, "password": PASSWORD, "now": NOW}
        identity.set_password(**owner, cost=Settings.password_cost)
        gone = next(each for each in db.session.query(Password) if each.person_id != team.owner.id)
        identity.set_password(**owner | {"person_id": gone.person_id}, cost=Settings.password_cost)
        times: dict[str, list[float]] = {kind: [] for kind in accounts}
        now = NOW
        for _ in range(300):
            for kind, email in accounts.items():
                now += timedelta(hours=1)  # long enough that nobody waits
                begun = perf_counter()
                with pytest.raises(RuleBroken, match=WRONG):
                    identity.sign_in(email=email, password="wrong", cost=Settings.password_cost, hours=1, now=now)
                times[kind].append(perf_counter() - begun)
        medians = {kind: median(each) for kind, each in times.items()}
        assert max(medians.values()) <= 1.05 * min(medians.values()), medians

    def test_comes_to_cost_the_same_once_the_cost_is_another(self, app, team):
        given = {"email": team.owner.email, "password": PASSWORD, "hours": 1, "now": NOW}
        identity.sign_in(**given, cost=(2, 16, 1))
        db.session.rollback()
        assert "m=16,t=2,p=1" in db.session.query(Password).one().hash
        assert identity.sign_in(**given, cost=(2, 16, 1)).secret

    def test_is_the_same_when_the_password_does_not_count(self, team):
        given = {"email": team.owner.email, "password": PASSWORD, "cost": COST, "hours": 1, "now": NOW}
        for local in (LocalAccounts.OFF, LocalAccounts.BREAK_GLASS):
            with pytest.raises(RuleBroken, match=WRONG):
                identity.sign_in(**given, local=local)
        RoleGrantFactory(person_id=team.owner.id, unit_id=team.department.id, role=Role.ADMINISTRATOR)
        assert identity.sign_in(**given, local=LocalAccounts.BREAK_GLASS).secret
        with pytest.raises(RuleBroken, match=WRONG):
            identity.sign_in(**given, local=LocalAccounts.OFF)
        assert db.session.query(SignIn).count() == 1


class TestOrigin:
    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (Windows NT 10.0) Chrome/139.0 Safari/537.36 Edg/139.0",
                "Edge on Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/139.0 Safari/537.36", "Chrome on Linux"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
            ("Mozilla/5.0 (Linux; Android 16) Chrome/139.0 Mobile Safari/537.36", "Chrome on Android"),
            ("curl/8.0", "A browser we do not know"),
            ("", "A browser we do not know"),
        ],
    )
    def test_names_a_browser_in_words(self, said, words):
        assert browser_in_words(said) == words

    @given(st.text())
    def test_names_anything_shortly(self, said):
        assert len(browser_in_words(said)) <= 60

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("", "unknown"),
            ("no address", "unknown"),
        ],
    )
    def test_counts_a_customer_as_one(self, address, network):
        assert network_of(address) == network


def test_a_wait_is_told_in_seconds():
    assert TooManyTries(1).message == "There were too many tries. Wait 1 second, then try again"
    assert "Wait 64 seconds" in TooManyTries(64).message
