"""Where a server or the `flask` command finds the application."""

from __future__ import annotations

import config
from tithe.app import create_app

app = create_app(config.current())
