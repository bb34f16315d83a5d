"""Templates: each is used, escapes what it prints, and needs nothing that the content policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "templates"
TEMPLATES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
CODE = "\n".join(path.read_text() for path in (ROOT / "tithe").rglob("*.py"))
IMPORT = re.compile(r"{%-?\s*from\s+\"([^\"]+)\"\s+import\s+([^%]+?)-?%}")
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<[^>]*\sstyle\s*=|<style", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?![^>]*nonce=\"{{ csp_nonce\(\) }}\")", re.IGNORECASE)

pytestmark = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def imports(path: Path) -> list[tuple[str, str]]:
    return [
        (source, macro.split(" as ")[-1].strip())
        for source, macros in IMPORT.findall(path.read_text())
        for macro in macros.split(",")
    ]


class TestTemplate:
    def test_is_used(self, path):
        others = "\n".join(each.read_text() for each in TEMPLATES if each != path)

        assert f'"{name(path)}"' in CODE + others

    def test_uses_every_macro_it_imports(self, path):
        text = IMPORT.sub("", path.read_text())
        unused = [macro for _, macro in imports(path) if not re.search(rf"\b{macro}\(", text)]

        assert not unused

    def test_has_every_macro_used_somewhere(self, path):
        macros = re.findall(r"{%-?\s*macro\s+([a-z_]+)\(", path.read_text())
        taken = {macro for other in TEMPLATES for source, macro in imports(other) if source == name(path)}

        assert set(macros) <= taken

    def test_imports_only_macros_that_exist(self, path):
        for source, macro in imports(path):
            assert re.search(rf"macro\s+{macro}\(", (FOLDER / source).read_text()), f"{source} has no {macro}"

    def test_is_escaped_by_flask(self, path):
        assert Flask("any").select_jinja_autoescape(name(path)), "Flask leaves files of this kind unescaped"
        assert "autoescape" not in path.read_text()
        assert not re.search(r"\|\s*safe\b|Markup\(", path.read_text())

    def test_has_no_inline_style_or_handler(self, path):
        text = path.read_text()

        assert not INLINE_STYLE.search(text)
        assert not HANDLER.search(text)
        assert not SCRIPT.search(text), "a script carries the nonce"
        assert "javascript:" not in text.lower()

    def test_is_at_most_eighty_lines(self, path):
        assert len(path.read_text().splitlines()) <= 80

    def test_sends_forms_with_a_token(self, path):
        for form in re.findall(r"<form.*?</form>", path.read_text(), re.DOTALL):
            if 'method="post"' in form:
                assert "token()" in form
