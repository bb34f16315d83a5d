"""Whatever people type into notes, titles, names and reasons is shown as they typed it, and runs nowhere."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.support.pages import PageClient
from tests.timesheets.weeks import MONDAY, REASON, actor, send_back
from tithe.kernel.db import db
from tithe.people.models import Person
from tithe.projects.models import Project

PATH = f"/weeks/{MONDAY}"
PAYLOADS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "'\"`<!--"]


class TestWords:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_are_inert_in_notes_titles_names_and_reasons(self, app, friday, payload):
        owner = PageClient(app).sign_in(friday.team.owner)
        manager = PageClient(app).sign_in(friday.team.manager)
        db.session.execute(update(Project).values(title=f"Title {payload}"))
        db.session.execute(update(Person).where(Person.id == friday.team.owner.id).values(name=f"Name {payload}"))
        db.session.execute(update(Person).where(Person.id == friday.team.manager.id).values(name=f"Boss {payload}"))
        db.session.commit()
        week = friday.submitted(friday.entry(90, note=f"Note {payload}"), by=actor(friday.team.owner))
        pages = [owner.get(PATH), manager.get("/approvals"), manager.get(f"/approvals/{week.id}")]
        send_back(actor(friday.team.manager), week, reason=f"{REASON} {payload}")
        pages += [owner.get(PATH), owner.get("/"), owner.get("/weeks")]

        for page in pages:
            assert page.status == 200
            assert not page.all("img")
            assert not [each for each in page.all("script") if not each.get("nonce")]
            assert not [name for each in page.tree.iter() for name in each.attrib if name.startswith("on")]
        shown = "".join(words for page in pages for words in page.words("body"))
        assert f"Note {payload}" in shown
        assert f"{REASON} {payload}" in shown
