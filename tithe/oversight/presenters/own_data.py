"""One's own data as a ZIP of JSON for programs and pages for people, sent while it is put together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from tithe.oversight.queries.own_data import Part

ABOUT_YOU, YOUR_PART = "About you", "About somebody else, where you have a part"
README = (
    "Everything tithe holds about you. The folder “json” is for programs, the folder “pages” for reading; both hold "
    "the same.\nWhoever else is named in a record stands here as “another person”. Left out is only what signs you in, "
    "which is stored in a form that nobody can read.\n"
)


class Sink:
    """What a ZIP is written to: bytes wait here until they are sent."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes; they cannot be changed afterwards, so the ZIP is one that is written in one go."""
        self._waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits in between."""

    def taken(self) -> bytes:
        """The bytes that wait."""
        data, self._waiting = b"".join(self._waiting), []
        return data


def as_zip(parts: Iterable[Part]) -> Iterator[bytes]:
    """The file, in pieces of one table each."""
    sink, names = Sink(), []
    with ZipFile(sink, "w", ZIP_DEFLATED) as file:  # type: ignore[call-overload]  # it needs no more than write and flush
        for part in parts:
            names.append(part.table)
            file.writestr(f"json/{part.table}.json", as_json(part))
            file.writestr(f"pages/{part.table}.html", as_page(part))
            yield sink.taken()
        file.writestr("README.txt", README)
        file.writestr("index.html", _index(names))
    yield sink.taken()


def as_json(part: Part) -> str:
    """The rows of one table for programs."""
    rows = {"about_you": part.about_you, "your_part": part.your_part}
    return json.dumps(rows, default=str, ensure_ascii=False, indent=1)


def as_page(part: Part) -> str:
    """The rows of one table for people."""
    title = in_words(part.table).capitalize()
    tables = [
        f"<h2>{heading}</h2>\n{_rows(rows)}"
        for heading, rows in ((ABOUT_YOU, part.about_you), (YOUR_PART, part.your_part))
        if rows
    ]
    return _page(title, "\n".join([*tables, '<p><a href="../index.html">Everything held about you</a></p>']))


def in_words(name: str) -> str:
    """The name of a table or column as people read it."""
    return name.replace("_", " ")


def _index(names: list[str]) -> str:
    links = "\n".join(f'<li><a href="pages/{name}.html">{in_words(name).capitalize()}</a></li>' for name in names)
    return _page("Everything held about you", f"<p>{escape(README)}</p>\n<ul>\n{links}\n</ul>")


def _rows(rows: list[dict[str, Any]]) -> str:
    lists = [
        "<dl>\n"
        + "".join(f"<dt>{in_words(name)}</dt><dd>{_cell(value)}</dd>\n" for name, value in row.items())
        + "</dl>"
        for row in rows
    ]
    return "\n<hr>\n".join(lists)


def _cell(value: Any) -> str:
    return "–" if value in (None, "") else escape(str(value))


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body><h1>{title}</h1>\n{body}\n</body></html>\n'
