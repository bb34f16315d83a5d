"""Everything held about somebody, in one file; nothing of anybody else's."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.own_data.planting import MARK, Planted
from tests.support.pages import PageClient, apart
from tests.timesheets.weeks import NOW, Story
from tithe.access.actor import SYSTEM
from tithe.audit.models import AuditEvent
from tithe.kernel import clock
from tithe.kernel.db import db
from tithe.kernel.errors import RuleBroken
from tithe.oversight.labels import LABELS
from tithe.oversight.operations.own_data import begin_export, end_export
from tithe.oversight.presenters.own_data import as_page, as_zip
from tithe.oversight.queries.own_data import Part, everything_about


def unpacked(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name).decode() for name in file.namelist()}


def export_of(person_id: int) -> dict[str, str]:
    db.session.rollback()
    return unpacked(b"".join(as_zip(everything_about(person_id))))


class TestExport:
    def test_holds_every_canary_of_the_person_for_programs_and_for_people(self, app):
        planted = Planted()
        files = export_of(planted.person.id)

        for kind in ("json/", "pages/"):
            together = "\n".join(text for name, text in files.items() if name.startswith(kind))
            about = {
                where: words
                for where, words in planted.canaries.items()
                if LABELS[where.split(".")[0]].of and words not in together
            }
            assert about == {}, "what was planted about them and is not in the file"

    def test_holds_no_canary_of_a_colleague(self, app):
        planted = Planted()
        together = "\n".join(export_of(planted.story.team.colleague.id).values())

        assert MARK not in together

    def test_gives_a_decider_their_own_words_and_not_whom_they_were_about(self, app):
        planted = Planted()
        together = "\n".join(export_of(planted.story.team.manager.id).values())

        assert planted.canaries["decision.reason"] in together
        assert planted.canaries["decision.entries"] not in together
        assert planted.canaries["time_entry.note"] not in together
        assert planted.canaries["person.name"] not in together

    def test_leaves_out_what_signs_them_in(self, app):
        planted = Planted()
        for name, text in export_of(planted.person.id).items():
            if name.startswith("json/"):
                rows = json.loads(text)
                held = LABELS[name.removeprefix("json/").removesuffix(".json")]
                shown = {column for row in rows["about_you"] for column in row}
                assert shown <= {column for column, label in held.labels.items() if label != "secret"}, name

    def test_escapes_what_people_typed(self):
        page = as_page(Part("week", [{"note": "<script>alert(1)</script>"}], []))

        assert "<script>" not in page
        assert "&lt;script&gt;" in page


class TestBeginning:
    def test_is_refused_while_another_is_going_on_and_not_afterwards(self, app):
        owner = Story().owner
        begin_export(actor=owner, person_id=owner.person_id, now=NOW)

        with pytest.raises(RuleBroken, match="already"):
            begin_export(actor=owner, person_id=owner.person_id, now=NOW + timedelta(minutes=9))

        end_export(person_id=owner.person_id, now=NOW)
        begin_export(actor=owner, person_id=owner.person_id, now=NOW + timedelta(minutes=9))

    def test_is_not_barred_for_ever_by_one_that_was_cut_off(self, app):
        owner = Story().owner
        begin_export(actor=owner, person_id=owner.person_id, now=NOW)
        begin_export(actor=SYSTEM, person_id=owner.person_id, now=NOW + timedelta(minutes=11))

    def test_is_recorded(self, app):
        owner = Story().owner
        begin_export(actor=owner, person_id=owner.person_id, now=NOW)
        db.session.rollback()
        found = select(AuditEvent.verb, AuditEvent.subject_id).order_by(AuditEvent.id.desc()).limit(1)

        assert tuple(db.session.execute(found).one()) == ("own-data:export", owner.id)


class TestPage:
    @pytest.fixture
    def story(self, app, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: NOW)
        return Story()

    def test_sends_the_file(self, app, story):
        browser = PageClient(app).sign_in(story.team.owner)
        response = apart(browser.http.post, "/account/my-data", data={"csrf_token": browser.token()}, buffered=True)

        files = unpacked(response.get_data())

        assert response.mimetype == "application/zip"
        assert story.team.owner.email in files["json/person.json"]
        again = apart(browser.http.post, "/account/my-data", data={"csrf_token": browser.token()}, buffered=True)
        assert again.status_code == 200, "the first has ended"

    def test_asks_again_who_one_is_after_ten_minutes(self, app, story, monkeypatch):
        browser = PageClient(app).sign_in(story.team.owner)
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=11))

        assert browser.post("/account/my-data").location == "/account/prove?next=/account/my-data"

    def test_refuses_a_second_file_at_the_same_time_beside_the_button(self, app, story):
        begin_export(actor=story.owner, person_id=story.owner.person_id, now=NOW)
        page = PageClient(app).sign_in(story.team.owner).post("/account/my-data")

        assert page.status == 422
        assert "already" in page.errors[0]

    def test_says_when_nobody_has_looked(self, app, story):
        page = PageClient(app).sign_in(story.team.owner).get("/account/my-data")

        assert "Nobody has been shown a record of yours" in page.text


class TestCommand:
    def test_writes_the_file(self, app, tmp_path):
        owner, path = Story().team.owner, tmp_path / "data.zip"
        result = app.test_cli_runner().invoke(args=["people", "export", owner.email, str(path)])

        assert result.exit_code == 0, result.output
        assert owner.email in unpacked(path.read_bytes())["json/person.json"]

    def test_refuses_an_address_nobody_has(self, app, tmp_path):
        path = tmp_path / "data.zip"
        result = app.test_cli_runner().invoke(args=["people", "export", "nobody@example.org", str(path)])

        assert result.exit_code == 1
        assert not path.exists()
        assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == 0
