"""The contracts of contracts.ini hold, and each of them would notice when it did not."""

from __future__ import annotations

import ast
import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONTRACTS = ROOT / "tests" / "architecture" / "contracts.ini"
PURE_KERNEL = {f"tithe.kernel.{name}" for name in ("errors", "feeds", "calendar", "minutes", "clock", "privacy")}
RULES = sorted([*ROOT.glob("tithe/*/rules.py"), *ROOT.glob("tithe/*/rules/*.py"), *ROOT.glob("tithe/access/*.py")])

BREACHES = {
    "Features in layers": ("tithe/projects/queries.py", "import tithe.timesheets.rules.entries"),
    "Rooms in order inside each feature": ("tithe/timesheets/rules/entries.py", "import tithe.timesheets.queries.room"),
    "Rules are pure": ("tithe/timesheets/rules/entries.py", "import sqlalchemy"),
    "Only doors speak HTTP": ("tithe/projects/operations.py", "import flask"),
    "Tables are private: people": ("tithe/timesheets/queries/weeks.py", "import tithe.people.models"),
    "Tables are private: timesheets": ("tithe/home/queries.py", "import tithe.timesheets.models"),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as lint; lint()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--config", str(CONTRACTS)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


class TestContracts:
    def test_all_hold(self):
        result = lint(ROOT)

        assert result.returncode == 0, result.stdout + result.stderr

    @pytest.mark.parametrize("contract", BREACHES)
    def test_notice_a_breach(self, contract, tmp_path):
        path, line = BREACHES[contract]
        shutil.copytree(ROOT / "tithe", tmp_path / "tithe", ignore=shutil.ignore_patterns("__pycache__", "*.csv"))
        with (tmp_path / path).open("a") as file:
            file.write(f"\n{line}\n")

        result = lint(tmp_path)

        assert result.returncode == 1
        assert f"{contract} BROKEN" in result.stdout

    def test_guard_the_tables_of_every_feature(self):
        contracts = configparser.ConfigParser()
        contracts.read(CONTRACTS)
        guarded = {section["protected_modules"] for section in contracts.values() if section.get("type") == "protected"}

        rooms = [*ROOT.glob("tithe/*/models.py"), *ROOT.glob("tithe/*/models")]  # a file, or a folder of several
        assert guarded == {f"tithe.{room.parent.name}.models" for room in rooms}

    def test_cover_every_feature_with_rooms(self):
        contracts = configparser.ConfigParser()
        contracts.read(CONTRACTS)
        ordered = set(contracts["importlinter:contract:rooms"]["containers"].split())
        rooms = {"pages", "api", "commands", "jobs", "operations", "queries", "models", "rules"}
        features = {path.parent.name for path in ROOT.glob("tithe/*/*.py") if path.stem in rooms}

        assert ordered == {f"tithe.{feature}" for feature in features - {"kernel", "access", "web", "developers"}}


class TestRules:
    @pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(ROOT / "tithe")))
    def test_import_only_the_standard_library_the_pure_kernel_and_rules(self, path):
        for name in imported(path):
            top = name.split(".")[0]
            if top != "tithe":
                assert top in sys.stdlib_module_names, f"{path.name} imports {name}"
                continue
            assert name in PURE_KERNEL or ".rules" in name or name.startswith("tithe.access"), name


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            below = node.module == "tithe.kernel" or (node.module or "").count(".") == 1
            names |= {f"{node.module}.{each.name}" if below else str(node.module) for each in node.names}
    return names
