"""What a worker carries: nothing that only commands, or one request in thousands, need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# Read the settings of an empty environment, answer once, and say what was imported on the way.
ANSWERS = "import sys, wsgi; wsgi.app.test_client().get('/health'); print(*sorted(sys.modules))"


@pytest.fixture(scope="module")
def imported(tmp_path_factory) -> set[str]:
    """The modules of a server that has just answered its first request."""
    settings = {
        "TITHE_ENV": "production",
        "SECRET_KEY": "a-key-for-one-process-0123456789abcdef",
        "DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('worker') / 'tithe.sqlite'}",
        "BASE_URL": "https://tithe.example.org",
    }
    ran = subprocess.run(
        [sys.executable, "-c", ANSWERS], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.split())


class TestAWorker:
    def test_does_without_what_commands_and_timed_jobs_need(self, imported):
        assert imported & {"flask_migrate", "alembic", "tithe.command_line", "tithe.scheduler", "tithe.checks"} == set()

    @pytest.mark.parametrize(
        "library", ["webauthn", "cryptography", "icalendar", "recurring_ical_events", "scim2_models", "authlib"]
    )
    def test_imports_large_libraries_only_for_who_needs_them(self, imported, library):
        assert library not in imported
