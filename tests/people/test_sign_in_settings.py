"""Settings of signing in: refused when half set up, or when they leave nobody a way in."""

from __future__ import annotations

import pytest

from config import Settings, Unsafe, current

PROVIDER = {
    "TITHE_ENV": "testing",
    "BASE_URL": "https://tithe.example.org",
    "OIDC_DISCOVERY_URL": "https://id.example/.well-known/openid-configuration",
    "OIDC_CLIENT_ID": "tithe",
}


class TestSettings:
    def test_need_nothing_for_local_accounts(self):
        settings = current({"TITHE_ENV": "testing"})
        assert (settings.local_accounts, settings.oidc_discovery_url) == ("on", "")

    def test_take_a_provider(self):
        settings = current({**PROVIDER, "LOCAL_ACCOUNTS": "off", "OIDC_STAFF_NUMBER_CLAIM": "employee_number"})
        assert (settings.oidc_scopes, settings.oidc_name) == (Settings.oidc_scopes, Settings.oidc_name)
        assert settings.oidc_staff_number_claim == "employee_number"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"LOCAL_ACCOUNTS": "sometimes"}, "LOCAL_ACCOUNTS is"),
            ({"OIDC_DISCOVERY_URL": "", "LOCAL_ACCOUNTS": "off"}, "nobody a way in"),
            ({"OIDC_DISCOVERY_URL": "", "LOCAL_ACCOUNTS": "break-glass"}, "nobody a way in"),
            ({"OIDC_DISCOVERY_URL": "ftp://id.example/.well-known/openid-configuration"}, "not https"),
            ({"OIDC_DISCOVERY_URL": "https://id.example/"}, "does not end in"),
            ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID is missing"),
            ({"OIDC_SCOPES": "profile email"}, "does not hold openid"),
            ({"BASE_URL": ""}, "BASE_URL is missing"),
        ],
    )
    def test_refuse_what_cannot_work(self, changes, words):
        with pytest.raises(Unsafe, match=words):
            current({**PROVIDER, **changes})

    def test_refuse_a_provider_in_the_clear_in_production(self):
        production = {
            "TITHE_ENV": "production",
            "DATABASE_URL": "postgresql://tithe@db/tithe",
            "SECRET_KEY": "0123456789abcdef" * 2 + "fedcba98",
            "OIDC_DISCOVERY_URL": "http://id.example/.well-known/openid-configuration",
        }
        with pytest.raises(Unsafe, match="not https"):
            current({**PROVIDER, **production})
