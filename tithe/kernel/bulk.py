"""Many rows in one statement: they go to the database as one JSON text, and it makes rows of that.

Sent one by one, each row costs the mapper, the driver and the database its share over again. This way most of that is
paid once, and the statement is the same however many rows there are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Dialect, String, Text, bindparam, cast, func, insert, literal_column, select, true

from tithe.kernel.db import Base, db, insert_into, table_of

ROWS = "_rows"  # the parameter; no column is called so
Row = Mapping[str, Any]


def insert_rows(model: type[Base], rows: Sequence[Row], *, sums: Sequence[str] = (), **same: Any) -> None:
    """Insert rows, in their order, that all name the same columns; `same` holds what is equal in all of them.

    With `sums`, a row whose primary key is taken has these columns added to the row that is there; no two of the new
    ones may have the same key then. Joins the open unit of work.
    """
    if len(rows) == 1 and not sums:
        db.session.execute(insert(table_of(model)), {**rows[0], **same})
    elif rows:
        columns = tuple(rows[0])
        statement, processes = _insertion(model, columns, tuple(same), tuple(sums), db.engine.dialect)
        values = [[row[name] for name in columns] for row in rows]
        for place, process in processes:
            kept = {value: process(value) for value in {row[place] for row in values}}  # many are equal
            for row in values:
                row[place] = kept[row[place]]
        db.session.execute(statement, {ROWS: json.dumps(values, default=str, ensure_ascii=False), **same})


@lru_cache(maxsize=64)
def _insertion(
    model: type[Base], columns: tuple[str, ...], same: tuple[str, ...], sums: tuple[str, ...], dialect: Dialect
) -> tuple[Any, list[tuple[int, Callable[[Any], Any]]]]:
    """The statement, and what makes of values, by place in a row, what the database keeps. JSON is sent as it is."""
    table = table_of(model)
    types = [table.c[name].type for name in columns]
    rows, picked = _from_json(types, dialect)
    shared = [bindparam(name, type_=table.c[name].type) for name in same]
    chosen = (
        select(*picked, *shared).select_from(rows).where(true())
    )  # else SQLite takes the ON of CONFLICT for a join's
    adding = insert_into(table).from_select([*columns, *same], chosen)
    if sums:
        added = {name: table.c[name] + adding.excluded[name] for name in sums}
        adding = adding.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)
    impls = [(place, each.dialect_impl(dialect)) for place, each in enumerate(types) if not isinstance(each, JSON)]
    processes = [(place, impl.bind_processor(dialect)) for place, impl in impls]
    return adding, [(place, process) for place, process in processes if process]


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
