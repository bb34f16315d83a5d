"""A mail server for whichever test asks for one."""

from __future__ import annotations

import pytest
from aiosmtpd.controller import Controller

from tests.notices.mailing import PostBox, free_port, server_at
from tithe.notices.mail import deliverer


@pytest.fixture
def post_box():
    """A mail server on a port of its own; `deliver` hands it a message."""
    box = PostBox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.server = server_at(controller.port)
    box.deliver = deliverer(box.server)
    yield box
    controller.stop()
