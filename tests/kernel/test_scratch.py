"""Notes on disk: what they hold, and that they are gone afterwards."""

from __future__ import annotations

import sqlite3

import pytest

from tithe.kernel.errors import Unavailable
from tithe.kernel.scratch import listed, scratch

TABLES = ("CREATE TABLE word (word TEXT PRIMARY KEY) STRICT",)


class TestScratch:
    def test_holds_what_is_noted_and_no_longer_than_the_work(self):
        with scratch(TABLES) as notes:
            notes.executemany("INSERT INTO word VALUES (?)", [("“a”",), ("b'",), ("c",)])
            found = "SELECT word FROM word WHERE word IN (SELECT value FROM json_each(?)) ORDER BY word"
            assert notes.execute(found, (listed(["b'", "“a”", "d"]),)).fetchall() == [("b'",), ("“a”",)]

        with pytest.raises(sqlite3.ProgrammingError):
            notes.execute("SELECT 1")

    def test_lies_on_disk(self):
        with scratch(TABLES) as notes:
            modes = [notes.execute(f"PRAGMA {name}").fetchone()[0] for name in ("temp_store", "journal_mode")]
            options = {name for (name,) in notes.execute("PRAGMA compile_options")}

        assert modes == [1, "off"]
        assert "TEMP_STORE=3" not in options

    def test_is_somebody_elses_each_time(self):
        with scratch(TABLES) as mine, scratch(TABLES) as theirs:
            mine.execute("INSERT INTO word VALUES ('a')")

            assert theirs.execute("SELECT count(*) FROM word").fetchone() == (0,)

    def test_refuses_to_go_on_without_room(self):
        words = [(f"{each:0500}",) for each in range(100)]

        def fill():
            with scratch(TABLES) as notes:
                notes.execute("PRAGMA max_page_count = 3")
                notes.executemany("INSERT INTO word VALUES (?)", words)

        with pytest.raises(Unavailable, match="no room on disk"):
            fill()
