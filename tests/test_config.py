"""Settings: production refuses to start unsafely and says why; development starts from nothing."""

from __future__ import annotations

import secrets
import stat

import pytest

import config

GOOD_SECRET = secrets.token_hex(32)
PRODUCTION = {
    "TITHE_ENV": "production",
    "DATABASE_URL": "postgresql://tithe@db.example.org/tithe",
    "SECRET_KEY": GOOD_SECRET,
    "BASE_URL": "https://tithe.example.org",
}


def refusal(environ):
    """What tithe says when it will not start like this."""
    with pytest.raises(config.Unsafe) as unsafe:
        config.current(environ)
    return str(unsafe.value)


def production(**changes):
    """A sound production environment with some settings changed, or left out when None."""
    return {name: value for name, value in (PRODUCTION | changes).items() if value is not None}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout to keep files in."""
    monkeypatch.setattr(config, "ROOT", tmp_path)
    return tmp_path


class TestProduction:
    def test_starts_when_everything_is_said(self):
        settings = config.current(PRODUCTION)

        assert settings.production
        assert settings.database_url == "postgresql+psycopg://tithe@db.example.org/tithe"
        assert settings.base_url == "https://tithe.example.org"
        assert settings.password_cost == config.Settings.password_cost

    @pytest.mark.parametrize(
        "secret",
        [
            None,
            "",
            "k3Jd9",
            "9f8a7b6c5d4e3f2a",
            "a" * 64,
            "ab" * 32,
            "abcdefghij" * 7,
            "0123456789abcdef" * 4,
            "change-me-0123456789-abcdefghijklmnop",
            "This-Is-The-Secret-Key-Of-My-Service-1",
            "dev-9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
            "tithe-9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c",
            "a key for tests only " * 3,
        ],
        ids=lambda secret: repr(secret)[:24],
    )
    def test_refuses_a_secret_that_is_missing_short_repetitive_or_known(self, secret):
        assert "SECRET_KEY" in refusal(production(SECRET_KEY=secret))

    def test_never_repeats_the_secret_it_refuses(self):
        assert "k3Jd9" not in refusal(production(SECRET_KEY="k3Jd9"))

    def test_refuses_to_make_up_a_database(self):
        assert "DATABASE_URL is missing" in refusal(production(DATABASE_URL=None))

    @pytest.mark.parametrize(
        "url",
        [
            "mysql://tithe@db/tithe",
            "postgresql+asyncpg://db/tithe",
            "sqlite://",
            "sqlite:tithe.db",
            "tithe.sqlite",
            " postgresql://db/tithe",
        ],
    )
    def test_refuses_a_database_it_does_not_know(self, url):
        assert "DATABASE_URL is not understood" in refusal(production(DATABASE_URL=url))

    @pytest.mark.parametrize("url", ["sqlite:///", "sqlite:///:memory:"])
    def test_refuses_a_database_that_is_gone_when_the_process_ends(self, url):
        assert "DATABASE_URL" in refusal(production(DATABASE_URL=url))

    @pytest.mark.parametrize(
        "address", [None, "", "http://tithe.example.org", "tithe.example.org", "https://", "ftp://tithe.example.org"]
    )
    def test_refuses_an_address_without_https(self, address):
        assert "BASE_URL" in refusal(production(BASE_URL=address))

    def test_forgives_a_slash_at_the_end_of_the_address(self):
        settings = config.current(production(BASE_URL="https://tithe.example.org/"))

        assert settings.base_url == "https://tithe.example.org"

    @pytest.mark.parametrize("env", ["", "prod", "Production", "staging", "production "])
    def test_is_spelt_exactly_or_refused(self, env):
        said = refusal(production(TITHE_ENV=env))

        assert "TITHE_ENV" in said
        assert "development, testing, production" in said

    @pytest.mark.parametrize("port", ["", "smtp", "25.0", "25;", "0", "-25", "65536"])
    def test_refuses_a_mail_port_that_is_none(self, port):
        assert "MAIL_PORT" in refusal(production(MAIL_PORT=port))

    @pytest.mark.parametrize("switch", ["true", "yes", "on", "TRUE"])
    def test_refuses_to_guess_whether_mail_is_encrypted(self, switch):
        assert "MAIL_STARTTLS" in refusal(production(MAIL_STARTTLS=switch))

    def test_reads_how_mail_is_sent(self):
        settings = config.current(production(MAIL_HOST="mail.example.org", MAIL_PORT="587", MAIL_STARTTLS="1"))

        assert (settings.mail_host, settings.mail_port, settings.mail_starttls) == ("mail.example.org", 587, True)


class TestDevelopment:
    def test_starts_from_nothing(self, checkout):
        settings = config.current({})

        assert settings.env == "development"
        assert settings.database_url == f"sqlite:///{checkout}/instance/tithe.sqlite"
        assert len(settings.secret_key) == 64

    def test_keeps_its_secret_over_a_restart_where_only_its_owner_reads_it(self, checkout):
        first, second = config.current({}), config.current({})

        assert first.secret_key == second.secret_key
        assert stat.S_IMODE((checkout / "instance" / "secret").stat().st_mode) == 0o600

    def test_of_two_checkouts_share_no_secret(self, tmp_path, monkeypatch):
        keys = set()
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            monkeypatch.setattr(config, "ROOT", tmp_path / name)
            keys.add(config.current({}).secret_key)

        assert len(keys) == 2

    @pytest.mark.parametrize(
        ("url", "understood"),
        [
            ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
            ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
            ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
            ("sqlite:////srv/tithe.sqlite", "sqlite:////srv/tithe.sqlite"),
        ],
    )
    def test_reads_the_usual_spellings_of_a_database(self, checkout, url, understood):
        assert config.current({"DATABASE_URL": url}).database_url == understood


class TestTesting:
    def test_hashes_cheaply_and_keeps_no_file(self, checkout):
        settings = config.current({"TITHE_ENV": "testing", "DATABASE_URL": "sqlite:////tmp/x.sqlite"})

        assert settings.password_cost < config.Settings.password_cost
        assert list(checkout.iterdir()) == []
