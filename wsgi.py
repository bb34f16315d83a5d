"""Where a server or the `flask` command finds the application."""

from __future__ import annotations

import gc

from click import get_current_context

import config
from tithe.app import create_app

# Only the `flask` command runs inside a context of click: servers do without the commands.
app = create_app(config.current(), commands=get_current_context(silent=True) is not None)

# What has been made so far lives as long as the process: without this, looking through all of it for garbage stops
# some request for a tenth of a second now and then.
gc.collect()
gc.freeze()
