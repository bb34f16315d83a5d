"""The database: one base for every table, one way to write, and what each engine needs to keep its promises.

A write happens inside `@atomic`. The outermost call opens the transaction, the outermost call commits it, and
nothing else does. On SQLite writers first queue for a file lock, then begin at once: a transaction that starts by
reading and writes later fails with "database is locked" whatever its time-out, and SQLite's own waiting is unfair.
"""

from __future__ import annotations

import enum
import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as SessionOfTheLibrary
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    String,
    Table,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.orm.exc import StaleDataError

from tithe.kernel.errors import Conflict, Unavailable
from tithe.kernel.letters import fold

P = ParamSpec("P")
R = TypeVar("R")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITING = "tithe_writing"
READING: ContextVar[bool] = ContextVar("reading", default=False)  # a request is answered: only operations may write
LARGEST_ID = 2**31 - 1  # what an id in an address may be; PostgreSQL refuses to compare more
CHANGED_UNDER_YOU = "Somebody else changed this at the same moment. Read it again, then decide"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. Naive values are refused on the way in; aware ones come out on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _by_value(cls: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in cls]


class Base(DeclarativeBase):
    """Every table derives from this; names of constraints follow one convention so migrations can find them."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: Instant(),
            enum.StrEnum: Enum(
                enum.StrEnum, native_enum=False, length=20, values_callable=_by_value, create_constraint=True
            ),
        },
    )


class OneDatabase(SessionOfTheLibrary):
    """A session that need not ask of each statement which of several databases it is for."""

    @cached_property
    def engine(self) -> Engine:
        return self._db.engine

    def get_bind(self, *args: Any, bind: Engine | Connection | None = None, **kwargs: Any) -> Engine | Connection:
        return bind or self.engine


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": OneDatabase, "expire_on_commit": False})


@compiles(String, "sqlite")
@compiles(Enum, "sqlite")
@compiles(Date, "sqlite")
@compiles(DateTime, "sqlite")
@compiles(JSON, "sqlite")
def _as_text(element: Any, compiler: Any, **options: Any) -> str:
    """STRICT tables know no VARCHAR or DATE; both are text to SQLite anyway."""
    return "TEXT"


@compiles(Boolean, "sqlite")
@compiles(BigInteger, "sqlite")
def _as_integer(element: Any, compiler: Any, **options: Any) -> str:
    return "INTEGER"


@event.listens_for(Table, "after_parent_attach")
def _make_strict(table: Table, parent: MetaData) -> None:
    """SQLite checks the type of what it stores only in STRICT tables."""
    table.dialect_options["sqlite"]["strict"] = True


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: Any) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # transactions are begun below, not by the driver
    connection.create_function("fold", 1, fold, deterministic=True)  # triggers keep the words of names by it
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=5000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """SQLite is told whether it will write. On PostgreSQL what a request reads outside an operation is no transaction:
    each statement sees what is stored by then, as it would in one, and the server lets it write nothing.

    So a request need not end with a rollback, at which psycopg forgets the statements it has prepared.
    """
    options = connection.get_execution_options()
    writing = bool(options.get(WRITING))
    if connection.dialect.name == "sqlite" and writing:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "sqlite":
        cast(Any, connection.connection.dbapi_connection).execute("BEGIN")  # which nothing can be in the way of
    elif "postgresql_readonly" not in options:
        _let(connection, write=writing or not READING.get())


def _let(connection: Connection, *, write: bool) -> None:
    """Have the driver open a transaction that may write before the next statement, or none. PostgreSQL alone."""
    driver: Any = connection.connection.dbapi_connection
    if not write and not driver.autocommit:
        driver.autocommit = connection.info[READING] = True
    elif write and connection.info.pop(READING, False):  # and not where an engine commits by itself
        driver.autocommit = False
    if driver.read_only is not False:
        driver.read_only = False  # a transaction is otherwise as engine_options has them


def begin_reading() -> None:
    """Nothing but operations may write in this thread from now on."""
    READING.set(True)


def end_reading(failure: BaseException | None = None) -> None:
    READING.set(False)


@contextmanager
def _writers_queue(path: str) -> Iterator[None]:
    """Wait in turn behind the other writers of a SQLite file, in this process and in others."""
    with open(f"{path}.lock", "a") as handle:  # closing it gives the lock up
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _queue_for(engine: Engine) -> Any:
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path or path == ":memory:":
        return nullcontext()
    return _writers_queue(path)


@dataclass
class UnitOfWork:
    """One writing transaction: what must run last in it, and notes that live no longer than it does.

    `rehearsed` says that something in it was only tried out, so nothing of it is kept."""

    closing: list[Callable[[Session], None]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    rehearsed: bool = False


def open_unit() -> UnitOfWork:
    """The unit of work that is open. Writing outside one is a fault of the caller."""
    unit = db.session().info.get(WRITING)
    if unit is None:
        raise RuntimeError("nothing may be written outside an operation")
    return cast(UnitOfWork, unit)


def at_close(close: Callable[[Session], None]) -> None:
    """Ask for `close` to run last in the open unit of work, after everything else is written."""
    open_unit().closing.append(close)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open one writing transaction, or join the one already open. Only the outermost commits."""
    session = db.session()
    if WRITING in session.info:
        yield session
        return
    engine = db.engine
    if engine.dialect.name == "sqlite" or session.new or session.dirty:
        session.rollback()  # ends what was read so far: SQLite never upgrades a reading transaction
    elif READING.get() and session.in_transaction():
        _let(session.connection(), write=True)  # nothing is open on the server yet
    unit = session.info[WRITING] = UnitOfWork()
    try:
        with _queue_for(engine), _refusals():
            if not session.in_transaction():
                session.connection(execution_options={WRITING: True})
            yield session
            if unit.rehearsed:
                session.rollback()
                return
            session.flush()
            for close in unit.closing:
                close(session)
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[WRITING]


@contextmanager
def rehearsal(*, keep: bool) -> Iterator[None]:
    """Do what is inside for real, and undo it at the end unless `keep`, with the whole transaction it is part of.

    So a rehearsal refuses whatever the real thing would, and never says anything else than that says.
    """
    with unit_of_work():
        yield
        if not keep:
            open_unit().rehearsed = True


@contextmanager
def _refusals() -> Iterator[None]:
    """Put what the database refuses into words: somebody was first, or it cannot take anything now."""
    try:
        yield
    except (StaleDataError, IntegrityError) as error:
        raise Conflict(CHANGED_UNDER_YOU) from error
    except OperationalError as error:
        raise Unavailable from error


def atomic(operation: Callable[P, R]) -> Callable[P, R]:
    """Make an operation all or nothing. Calls to other operations inside it join the same transaction."""

    @wraps(operation)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        with unit_of_work():
            return operation(*args, **kwargs)

    return whole


def table_of(model: type[Base]) -> Table:
    """A model's table. Statements on tables cost a fraction of those on models, which hot paths can tell."""
    return cast(Table, model.__table__)


def insert_into(table: Table) -> Any:
    """An INSERT that can say what to do where a key is taken. Both databases can, each by an INSERT of its own."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def lock_table(model: type[Base]) -> None:
    """Let writers of a table wait for this transaction, and this one for those that are writing now. Reading goes on;
    SQLite has one writer as it is."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"LOCK TABLE {model.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def allow_long_statements(seconds: int) -> None:
    """Lift PostgreSQL's limits on statements, and on what is done between two of them, for the rest of this
    transaction: bulk work and whole-service reports."""
    if db.engine.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.session.execute(text(f"SET LOCAL {limit} = {int(seconds) * 1000}"))


def engine_options(url: str) -> dict[str, Any]:
    """What the engine needs beyond its address: time limits on PostgreSQL, a shared file on SQLite. Connections used
    last are used first: their statements are prepared, and their pages read."""
    if url.startswith("sqlite"):
        newest_first = {"pool_use_lifo": True} if url.removeprefix("sqlite://") else {}  # memory has one connection
        return {"paramstyle": "named", "connect_args": {"timeout": 5, "check_same_thread": False}, **newest_first}
    limits = "-c statement_timeout=5000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=15000"
    limits += " -c default_transaction_read_only=on"  # transactions that may write are begun as such, above
    return {
        "pool_use_lifo": True,
        "pool_size": 8,
        "max_overflow": 4,
        "pool_timeout": 5,
        "connect_args": {"options": limits, "connect_timeout": 5},
    }
