"""A served copy of tithe with the demo department, and browsers to use it with."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import make_server

from tests.conftest import test_settings
from tithe.app import create_app
from tithe.developers import demo
from tithe.kernel import clock
from tithe.kernel.db import db


@dataclass(frozen=True)
class Site:
    """Where tithe is served, and the demo's people by what they are for."""

    address: str
    accounts: dict[str, str]


DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port of this machine, at the address given."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running tithe with demo data, on SQLite."""
    path: Path = tmp_path_factory.mktemp("site") / "tithe.sqlite"
    app = create_app(test_settings(f"sqlite:///{path}"))
    with app.app_context():
        upgrade()
        demo.load(now=clock.now(), cost=(1, 8, 1), progress=lambda: None)
        accounts = {account.what: account.email for account in demo.accounts(clock.now())}
        db.session.remove()
    with serving(app) as address:
        yield Site(address, accounts)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def context(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=request.param)
    yield context
    context.close()
