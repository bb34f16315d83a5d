"""Sizes and habits that keep the house readable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CODE = sorted([*ROOT.glob("tithe/**/*.py"), ROOT / "config.py", ROOT / "wsgi.py"])
EVERYTHING = sorted(
    [
        *CODE,
        *ROOT.glob("migrations/*.py"),
        *ROOT.glob("tests/**/*.py"),
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/css/*.css"),
        *ROOT.glob("static/js/*.js"),
    ]
)
MARK = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


class TestFiles:
    def test_have_at_most_400_lines(self):
        sizes = {name(path): len(path.read_text().splitlines()) for path in EVERYTHING}

        assert {path: size for path, size in sizes.items() if size > 400} == {}

    def test_leave_no_note_to_do_it_later(self):
        assert [name(path) for path in EVERYTHING if MARK.search(path.read_text())] == []

    def test_say_what_they_are_for(self):
        assert [name(path) for path in CODE if not ast.get_docstring(ast.parse(path.read_text()))] == []


class TestFunctions:
    def test_have_at_most_40_lines(self):
        """Split a longer one, or name it here with the reason."""
        sizes = {f"{name(path)}:{node.name}": lines(node) for path in CODE for node in functions(path)}

        assert {function: size for function, size in sizes.items() if size > 40} == {}

    def test_import_nothing(self):
        """An import inside a function hides a cycle."""
        hidden = [
            f"{name(path)}:{inner.lineno}"
            for path in CODE
            for node in functions(path)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        ]

        assert hidden == []


class TestJourneys:
    def test_wait_for_the_page_that_a_click_opens(self):
        """A click returns while the old page is open: `press`, `follow` and `next_page` wait for the new one."""
        bare = re.compile(r"get_by_role\(\"(button|link)\".*\.click\(|wait_for_(load_state|url)\(")
        others = set(ROOT.glob("tests/**/*.py")) - {ROOT / "tests/journeys/pages.py"}

        assert [name(path) for path in sorted(others) if bare.search(path.read_text())] == []
