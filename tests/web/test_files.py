"""Styles and scripts: sent together, compressed, and only as much as pages need."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.support.pages import PageClient, apart
from tests.support.visits import Fetched, first_visit
from tests.timesheets.weeks import MONDAY, NOW, Story
from tithe.developers.assets import UNUSED
from tithe.developers.files import SENT, STATIC, TOGETHER, content, sources, write_files
from tithe.kernel import clock

ROOT = Path(__file__).parent.parent.parent


class TestFiles:
    @pytest.fixture
    def static(self, tmp_path) -> Path:
        parts = {part for parts in TOGETHER.values() for part in parts}
        for name in (*parts, "js/week.js"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(f"of {name}; " * 50)
        return tmp_path

    def test_that_every_page_needs_are_one(self, static):
        write_files(static, static / "sent")

        for name, parts in TOGETHER.items():
            expected = "\n".join((static / part).read_text() for part in parts)
            assert (static / "sent" / name).read_text() == expected
            assert gzip.decompress((static / "sent" / f"{name}.gz").read_bytes()).decode() == expected
        assert {path.name for path in static.glob("sent/*.js")} == {"tithe.js", "week.js"}

    def test_are_made_anew(self, static):
        write_files(static, static / "sent")
        (static / "js/week.js").write_text("something else; " * 50)
        (static / "sent" / "gone.js").write_text("no more")
        write_files(static, static / "sent")

        assert gzip.decompress((static / "sent/week.js.gz").read_bytes()).startswith(b"something else")
        assert not (static / "sent/gone.js").exists()

    def test_are_those_of_now(self):
        """If this fails, a source was changed after `make setup`: run it again."""
        assert {name: content(parts) for name, parts in sources(STATIC).items()} == {
            path.name: path.read_text() for path in SENT.iterdir() if path.suffix in (".css", ".js")
        }


class TestAFirstVisitToAWeek:
    def test_asks_for_little(self, app, monkeypatch):
        """The bars are 60 KB in 5 requests; what is a little above today's keeps it from growing unnoticed."""
        monkeypatch.setattr(clock, "now", lambda: NOW)
        browser = PageClient(app).sign_in(Story().team.owner)

        def fetch(address: str) -> Fetched:
            with apart(browser.http.get, address, headers={"Accept-Encoding": "gzip"}) as answer:
                assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip"), address
                return Fetched(len(answer.data), gzip.decompress(answer.data).decode())

        sizes = first_visit(f"/weeks/{MONDAY}", fetch)

        assert len(sizes) == 4, sizes
        assert sum(sizes.values()) <= 36 * 1024, sizes


class TestStyles:
    def test_are_there_for_every_component_in_use(self):
        names = "|".join(UNUSED)
        unstyled = re.compile(rf"""govuk-(?:{names})(?![a-z])|govuk\(["'](?:{names})["']""")
        places = [
            *(ROOT / "templates").rglob("*.html"),
            *(ROOT / "static/js").glob("*.js"),
            *(ROOT / "tithe").rglob("*.py"),
        ]

        assert len(places) > 100
        assert {path.name: found[0] for path in places if (found := unstyled.search(path.read_text()))} == {}
