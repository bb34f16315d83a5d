"""Where a server or the `flask` command finds the application."""

from __future__ import annotations

from click import get_current_context

import config
from tithe.app import create_app

# Only the `flask` command runs inside a context of click: servers do without the commands.
app = create_app(config.current(), commands=get_current_context(silent=True) is not None)
