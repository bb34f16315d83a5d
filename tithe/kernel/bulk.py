"""Many rows in one statement: they go to the database as one JSON text, and it makes rows of that.

Sent one by one, each row costs the mapper, the driver and the database its share over again. This way most of that is
paid once, and the statement is the same however many rows there are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnDefault,
    Dialect,
    String,
    Text,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    true,
)

from tithe.kernel.db import Base, db, insert_into, table_of
from tithe.kernel.prepared import Prepared

ROWS = "_rows"  # the parameter; no column is called so
MANY = 50  # from so many rows on, a statement of its own for what is equal in all of them is worth compiling
Row = Mapping[str, Any]


def insert_rows(model: type[Base], rows: Sequence[Row], *, sums: Sequence[str] = ()) -> None:
    """Insert rows, in their order, that all name the same columns.

    With `sums`, a row whose primary key is taken has these columns added to the row that is there; no two of the new
    ones may have the same key then. Joins the open unit of work.
    """
    if len(rows) == 1 and not sums:
        _insertion_of_one(model, tuple(rows[0])).all(**rows[0])
    elif rows:
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        same = _shared(columns) if len(rows) >= MANY else {}
        unlike = {name: column for name, column in columns.items() if name not in same}
        statement, processes = _insertion(model, tuple(unlike), tuple(same), tuple(sums), db.engine.dialect)
        for name, process in processes.items():
            kept = {value: process(value) for value in set(unlike[name])}  # many are equal
            unlike[name] = [kept[value] for value in unlike[name]]
        sent = list(zip(*unlike.values(), strict=True)) or [()] * len(rows)
        db.session.execute(statement, {ROWS: json.dumps(sent, default=str, ensure_ascii=False), **same})


def _shared(columns: Mapping[str, list[Any]]) -> dict[str, Any]:
    """What is equal in all rows: it is bound once and left out of the text."""
    return {name: column[0] for name, column in columns.items() if column.count(column[0]) == len(column)}


@lru_cache(maxsize=64)
def _insertion_of_one(model: type[Base], columns: tuple[str, ...]) -> Prepared:
    table = table_of(model)
    values = {each.name: each.default.arg for each in table.c if isinstance(each.default, ColumnDefault)}
    one = insert(table).values(values | {name: bindparam(name) for name in columns})
    return Prepared(one.returning(*table.primary_key))


@lru_cache(maxsize=64)
def _insertion(
    model: type[Base], columns: tuple[str, ...], same: tuple[str, ...], sums: tuple[str, ...], dialect: Dialect
) -> tuple[Any, dict[str, Callable[[Any], Any]]]:
    """The statement, and what makes of the values of a column what the database keeps. JSON is sent as it is."""
    table = table_of(model)
    types = {name: table.c[name].type for name in columns}
    rows, picked = _from_json(list(types.values()), dialect)
    shared = [bindparam(name, type_=table.c[name].type) for name in same]
    chosen = select(*picked, *shared).select_from(rows).where(true())  # else SQLite takes ON CONFLICT for a join's ON
    adding = insert_into(table).from_select([*columns, *same], chosen)
    if sums:
        added = {name: table.c[name] + adding.excluded[name] for name in sums}
        adding = adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)
    impls = {name: each.dialect_impl(dialect) for name, each in types.items() if not isinstance(each, JSON)}
    return adding, {name: process for name, impl in impls.items() if (process := impl.bind_processor(dialect))}


def _from_json(types: Sequence[Any], dialect: Dialect) -> tuple[Any, list[Any]]:
    """The rows of the parameter as something to select from, and their values.

    Text is read without its length: longer than its column it is refused, as ever, where a cast would cut it.
    """
    if dialect.name == "postgresql":
        each = func.json_array_elements(cast(bindparam(ROWS, type_=Text), JSON)).table_valued("value")
        read = [Text() if isinstance(each, String) else each for each in types]
        return each, [cast(each.c.value.op("->>")(literal_column(f"{n}")), as_type) for n, as_type in enumerate(read)]
    each = func.json_each(bindparam(ROWS, type_=Text)).table_valued("value")
    return each, [func.json_extract(each.c.value, literal_column(f"'$[{n}]'")) for n in range(len(types))]
