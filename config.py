"""Settings from the environment, checked when tithe starts. The only place that reads the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tithe.access.permissions import Role

ROOT = Path(__file__).parent
ENVIRONMENTS = ("development", "testing", "production")
LOCAL_ACCOUNTS = ("on", "break-glass", "off")
DISCOVERY = "/.well-known/openid-configuration"
ROLES = tuple(role.value for role in Role)
SECOND_FACTOR_ROLES = "hr_manager,finance,administrator"  # in production, unless it is said otherwise
SHORTEST_SECRET = 32
KNOWN_SECRETS = ("secret", "change", "dev", "test", "password", "example", "tithe", "default", "insecure")


class Unsafe(SystemExit):
    """tithe will not start like this. The message says which setting to change."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    env: str
    database_url: str
    secret_key: str
    base_url: str = ""
    mail_host: str = ""
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = ""
    mail_starttls: bool = False
    mail_from: str = "tithe@example.org"
    local_accounts: str = "on"
    second_factor_roles: tuple[str, ...] = ()  # whoever holds one has to have a second factor
    oidc_discovery_url: str = ""  # empty when nobody signs in by a provider
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scopes: str = "openid"
    oidc_staff_number_claim: str = ""
    oidc_name: str = "your organisation’s account"
    scim: bool = True  # whether an identity provider may keep the accounts
    session_idle_minutes: int = 60
    session_hours: int = 12
    audit_anchor_file: str = ""  # never empty when it comes from `current`
    password_cost: tuple[int, int, int] = (2, 19 * 1024, 1)  # passes, KiB, lanes

    @property
    def production(self) -> bool:
        return self.env == "production"


def current(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings; refuse to start with a reason rather than start unsafely."""
    environ = os.environ if environ is None else environ
    env = environ.get("TITHE_ENV", "development")
    if env not in ENVIRONMENTS:
        raise Unsafe(f"TITHE_ENV is “{env}”. Set it to one of: {', '.join(ENVIRONMENTS)}")
    settings = Settings(
        env=env,
        database_url=_database(environ, env),
        secret_key=_secret(environ, env),
        base_url=environ.get("BASE_URL", "").rstrip("/"),
        mail_host=environ.get("MAIL_HOST", ""),
        mail_port=_port(environ, "MAIL_PORT", 25),
        mail_user=environ.get("MAIL_USER", ""),
        mail_password=environ.get("MAIL_PASSWORD", ""),
        mail_starttls=_switch(environ, "MAIL_STARTTLS"),
        mail_from=environ.get("MAIL_FROM", "tithe@example.org"),
        local_accounts=environ.get("LOCAL_ACCOUNTS") or "on",
        second_factor_roles=_second_factor_roles(environ, env),
        oidc_discovery_url=environ.get("OIDC_DISCOVERY_URL", ""),
        oidc_client_id=environ.get("OIDC_CLIENT_ID", ""),
        oidc_client_secret=environ.get("OIDC_CLIENT_SECRET", ""),
        oidc_scopes=environ.get("OIDC_SCOPES") or Settings.oidc_scopes,
        oidc_staff_number_claim=environ.get("OIDC_STAFF_NUMBER_CLAIM", ""),
        oidc_name=environ.get("OIDC_NAME") or Settings.oidc_name,
        scim=_switch(environ, "SCIM", "1"),
        audit_anchor_file=environ.get("AUDIT_ANCHOR_FILE") or _beside(_database(environ, env)),
        password_cost=(1, 8, 1) if env == "testing" else Settings.password_cost,
    )
    if settings.production and not settings.base_url.startswith("https://"):
        raise Unsafe(
            "BASE_URL is missing or not https. Set it to the address people use, like https://tithe.example.org"
        )
    _refuse_unsafe_sign_in(settings)
    return settings


def _refuse_unsafe_sign_in(settings: Settings) -> None:
    """Refuse a way to sign in that is half set up, or that leaves nobody any way in."""
    if settings.local_accounts not in LOCAL_ACCOUNTS:
        raise Unsafe(f"LOCAL_ACCOUNTS is “{settings.local_accounts}”. Set it to one of: {', '.join(LOCAL_ACCOUNTS)}")
    provider = settings.oidc_discovery_url
    if not provider:
        if settings.local_accounts != "on":
            raise Unsafe("LOCAL_ACCOUNTS leaves nobody a way in. Set OIDC_DISCOVERY_URL too, or LOCAL_ACCOUNTS to on")
        return
    if not provider.startswith("https://" if settings.production else ("https://", "http://")):
        raise Unsafe("OIDC_DISCOVERY_URL is not https. Set it to the address of your provider, beginning with https://")
    if not provider.endswith(DISCOVERY):
        raise Unsafe(f"OIDC_DISCOVERY_URL does not end in {DISCOVERY}. Set it to the whole address")
    if not settings.oidc_client_id:
        raise Unsafe("OIDC_CLIENT_ID is missing. Set it to what your provider calls tithe")
    if "openid" not in settings.oidc_scopes.split():
        raise Unsafe("OIDC_SCOPES does not hold openid. Add it: without it the provider sends no ID token")
    if not settings.base_url:
        raise Unsafe("BASE_URL is missing. Set it to the address people use: your provider sends them back to it")


def _second_factor_roles(environ: Mapping[str, str], env: str) -> tuple[str, ...]:
    said = environ.get("REQUIRE_SECOND_FACTOR") or (SECOND_FACTOR_ROLES if env == "production" else "none")
    roles = () if said == "none" else tuple(role.strip() for role in said.split(","))
    if unknown := sorted(set(roles) - set(ROLES)):
        raise Unsafe(
            f"REQUIRE_SECOND_FACTOR names {', '.join(unknown)}. Set it to none, or to some of: {', '.join(ROLES)}"
        )
    return roles


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    said = environ.get(name, str(default))
    if not (said.isascii() and said.isdigit() and 1 <= int(said) <= 65535):
        raise Unsafe(f"{name} is “{said}”. Set it to a port, a number from 1 to 65535")
    return int(said)


def _switch(environ: Mapping[str, str], name: str, default: str = "") -> bool:
    """On or off, and nothing in between: a misspelt “yes” must not turn encryption off."""
    said = environ.get(name) or default
    if said not in ("", "0", "1"):
        raise Unsafe(f"{name} is “{said}”. Set it to 1 for on or 0 for off")
    return said == "1"


def _database(environ: Mapping[str, str], env: str) -> str:
    url = environ.get("DATABASE_URL", "")
    if url.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url in ("sqlite:///", "sqlite:///:memory:"):
        raise Unsafe(
            "DATABASE_URL names a database that is gone when tithe stops. Name a file, like sqlite:////path/file"
        )
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    if url:
        raise Unsafe(
            "DATABASE_URL is not understood. Write it like postgresql://user@host/name or sqlite:////path/file"
        )
    if env == "production":
        raise Unsafe("DATABASE_URL is missing. In production say which database to use")
    folder = ROOT / "instance"
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'tithe.sqlite'}"


def _beside(database_url: str) -> str:
    """Where the audit is anchored unless somebody says otherwise: beside a SQLite file, else under instance/."""
    if database_url.startswith("sqlite:///"):
        return database_url.removeprefix("sqlite:///") + "-anchors.jsonl"
    return str(ROOT / "instance" / "audit-anchors.jsonl")


def _secret(environ: Mapping[str, str], env: str) -> str:
    secret = environ.get("SECRET_KEY", "")
    if env != "production":
        return secret or _kept_secret(env)
    if not secret:
        raise Unsafe('SECRET_KEY is missing. Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"')
    repeats = secret in (secret + secret)[1:-1]
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 10 or repeats:
        raise Unsafe(f"SECRET_KEY is too easy to guess. Use at least {SHORTEST_SECRET} random characters")
    if any(known in secret.lower() for known in KNOWN_SECRETS):
        raise Unsafe("SECRET_KEY looks like one from a manual. Make one of your own, at random")
    return secret


def _kept_secret(env: str) -> str:
    """A random secret of this checkout's own, kept so that a restart does not sign everybody out."""
    if env == "testing":
        return secrets.token_hex(32)
    path = ROOT / "instance" / "secret"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and whoever is first wins
        fresh.unlink()
    return path.read_text()
