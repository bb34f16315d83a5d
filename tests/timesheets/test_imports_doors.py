"""Taking in time from a file: in the browser, over the API and at the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from tests.support.contents import contents
from tests.support.pages import ApiClient
from tests.timesheets.weeks import MONDAY

SAMPLES = Path(__file__).parent.parent / "data" / "time"
PATH = "/weeks/import"
PLAIN = b"date,project,minutes,note\n"


@pytest.fixture
def browser(friday, client):
    return client.sign_in(friday.team.owner)


@pytest.fixture
def program(app, friday):
    return ApiClient(app).as_(friday.team.owner)


def upload(browser, content, name="time.csv", **besides):
    data = {"file": (BytesIO(content), name), **besides}
    return browser.post(PATH, data, content_type="multipart/form-data")


def carried(page):
    """What the page sends with its next step: the file, what was agreed to, and the choices as they stand."""
    hidden = {name: page.value(name) for name in ("packed", "seen") if f'name="{name}"' in page.text}
    for select in page.all("select"):
        options = [each for each in select if "selected" in each.attrib]
        if select.get("name", "").startswith("map-"):
            hidden[select.get("name")] = options[0].get("value") if options else select[0].get("value")
    return hidden


def minutes(story):
    return [(entry.day.day, entry.line, entry.minutes) for entry in story.week().entries]


class TestPage:
    def test_says_what_it_takes(self, browser):
        page = browser.get(PATH)

        assert (page.status, page.heading) == (200, "Import time")
        assert "Toggl Track" in page.text

    def test_is_reached_from_the_list_of_weeks(self, browser):
        assert f'href="{PATH}"' in browser.get("/weeks").text

    def test_asks_shows_and_loads(self, browser, friday):
        asks = upload(browser, (SAMPLES / "toggl.csv").read_bytes())
        assert asks.words("label")[:6] == [
            "(no project)",
            "Appeals",
            "Plain letters",
            "#learning",
            "#tithe",
            "#users",
        ]
        assert minutes(friday) == []

        shows = browser.post(PATH, carried(asks) | {"action": "check"})
        assert (shows.status, shows.errors) == (200, [])
        assert "Week of 3 Aug 2026" in shows.text
        assert "Columns not read: Client, Billable, Amount (GBP)." in shows.words("li")
        assert minutes(friday) == []

        loaded = browser.post(PATH, carried(shows) | {"action": "load"})
        assert (loaded.status, loaded.location) == (303, "/weeks")
        line = str(friday.project.id)
        assert minutes(friday) == [(3, line, 111), (4, "learning", 60), (5, line, 45)]
        assert "4 rows loaded, 1 left out" in browser.get("/weeks").text

    def test_does_not_ask_again_what_it_knows(self, browser):
        asks = upload(browser, PLAIN + b"2026-08-03,Plain letters,30,\n")
        browser.post(PATH, carried(browser.post(PATH, carried(asks) | {"action": "check"})) | {"action": "load"})

        shows = upload(browser, PLAIN + b"2026-08-04,Plain letters,30,\n")

        assert "What the file would do" in shows.words("h2")

    def test_loads_nothing_where_choices_were_changed_after_they_were_shown(self, browser, friday):
        shows = browser.post(
            PATH, carried(upload(browser, PLAIN + b"2026-08-03,Plain letters,30,\n")) | {"action": "check"}
        )

        page = browser.post(PATH, carried(shows) | {"map-0": "help", "action": "load"})

        assert (page.status, minutes(friday)) == (422, [])
        assert page.errors == ["What would be loaded has changed since you looked. Check it below, then load it"]
        assert browser.post(PATH, carried(page) | {"action": "load"}).status == 303
        assert minutes(friday) == [(3, "help", 30)]

    def test_names_wrong_rows_and_loads_the_others_if_asked(self, browser, friday):
        content = PLAIN + b"2026-08-03,Plain letters,30,\n2026-09-03,Plain letters,30,\n"
        shows = browser.post(PATH, carried(upload(browser, content)) | {"action": "check"})

        assert (shows.status, len(shows.errors)) == (422, 1)
        assert "Thursday 3 September has not come yet. Log time on the day or after it" in shows.words("td")
        loaded = browser.post(PATH, carried(shows) | {"skip_bad_rows": "y", "action": "load"})
        assert (loaded.status, len(minutes(friday))) == (303, 1)

    def test_asks_how_dates_are_written_where_none_shows_it(self, browser, friday):
        asks = upload(browser, PLAIN + b"08/03/2026,Plain letters,30,\n")
        assert "How are its dates written?" in asks.words("label")

        shows = browser.post(PATH, carried(asks) | {"dates": "month_first", "action": "check"})

        assert "Week of 3 Aug 2026" in shows.text
        browser.post(PATH, carried(shows) | {"dates": "month_first", "action": "load"})
        assert len(minutes(friday)) == 1

    def test_shows_names_as_words_whatever_they_hold(self, browser):
        page = upload(browser, PLAIN + b'2026-08-03,"<script>alert(1)</script>",30,\n')

        assert "<script>alert(1)" not in page.text
        assert "<script>alert(1)</script>" in page.words("label")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "The file is empty"),
            (b"PK\x03\x04", "This is not a CSV file"),
            (b"name,age\nx,1\n", "names no columns we know"),
        ],
    )
    def test_says_beside_the_file_what_is_wrong_with_it(self, browser, content, words):
        page = upload(browser, content)

        assert (page.status, words in page.errors[0]) == (422, True)

    def test_says_so_when_nothing_was_chosen(self, browser):
        assert browser.post(PATH, {}).errors == ["Choose a file to read"]

    def test_refuses_a_page_that_does_not_fit_any_more(self, browser):
        assert browser.post(PATH, {"packed": "x", "action": "load"}).status == 422
        assert browser.post(PATH, {"map-x": "1"}).status == 422

    def test_says_when_everything_is_in_already(self, browser):
        content = PLAIN + b"2026-08-03,Plain letters,30,\n"
        shows = browser.post(PATH, carried(upload(browser, content)) | {"action": "check"})
        browser.post(PATH, carried(shows) | {"action": "load"})

        page = upload(browser, content)

        assert "There is nothing to load. 1 row is in your weeks already." in page.words("p")


class TestApi:
    def test_tries_out_and_loads_rows(self, program, friday):
        rows = [{"date": "2026-08-03", "project": "Letters", "minutes": 30, "reference": "R1"}]
        body = {"rows": rows, "map": {"Letters": str(friday.project.id)}}

        tried = program.post("/time/import", body)
        assert (tried.status_code, tried.json["loaded"], minutes(friday)) == (200, 1, [])
        assert tried.json["weeks"] == [
            {
                "monday": "2026-08-03",
                "cells": [
                    {
                        "date": "2026-08-03",
                        "row": str(friday.project.id),
                        "before_minutes": 0,
                        "after_minutes": 30,
                        "rows": 1,
                    }
                ],
            }
        ]
        assert program.post("/time/import", body | {"commit": True}).json == tried.json
        assert minutes(friday) == [(3, str(friday.project.id), 30)]
        assert program.post("/time/import", body | {"commit": True}).json["known"] == 1

    @pytest.mark.parametrize("name", ["toggl.csv", "clockify.csv", "harvest.csv", "weekly.csv", "calendar.ics"])
    def test_reads_the_text_of_a_file(self, program, name):
        found = program.post("/time/import", {"text": (SAMPLES / name).read_text()}).json

        fates = ("loaded", "changed", "known", "left_out", "closed", "wrong")
        assert found["rows"] == sum(found[fate] for fate in fates) > 0

    def test_loads_no_row_if_one_is_wrong_unless_told_to(self, program, friday):
        body = {"text": "date,project,minutes\n2026-08-03,Plain letters,30\nx,Plain letters,30\n", "commit": True}

        refused = program.post("/time/import", body)
        assert refused.status_code == 422
        assert refused.json["problems"][0]["message"].startswith("Line 3, date: expected a date")
        assert minutes(friday) == []
        assert program.post("/time/import", body | {"skip_bad_rows": True}).json["wrong"] == 1

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"rows": [], "text": "x"},
            {"text": ""},
            {"rows": [{"date": "2026-08-03", "project": "P", "minutes": 0}]},
            {"rows": [{"date": "2026-08-03", "project": "P", "minutes": 9}], "format": "toggl"},
            {"text": "date,project,minutes\n", "format": "abacus"},
            {"text": "date,project,minutes\n", "map": {"P": 5}},
        ],
    )
    def test_refuses_what_it_cannot_read(self, program, body):
        before = contents()

        assert program.post("/time/import", body).status_code == 422
        assert contents() == before

    def test_needs_the_scope_to_write_weeks(self, app, friday):
        reader = ApiClient(app).as_(friday.team.owner, "weeks:read")

        assert reader.post("/time/import", {"text": "x"}).status_code == 403


class TestCommand:
    @pytest.fixture
    def run(self, app, friday, tmp_path):
        def call(content, *options, email=None):
            file = tmp_path / "time.csv"
            file.write_bytes(content)
            runner = app.test_cli_runner()
            who = email or friday.team.owner.email
            return runner.invoke(args=["timesheets", "import", who, str(file), *options])

        return call

    def test_only_reports_until_it_is_told_to_save(self, run, friday):
        content = PLAIN + b"2026-08-03,Letters,30,\n2026-08-03,Plain letters,30,\n2026-08-04,Other,5,\n"
        tried = run(content, "--map", f"Letters={friday.project.id}")

        assert tried.exit_code == 0
        for line in (
            "Read as a file of the plain form.",
            "Rows: 3",
            "New: 2",
            "Left out: You leave out “Other” (line 4)",
            "“Letters” goes to: Plain letters",
            "Week of 3 August 2026",
            "  Monday 3 Aug: Plain letters, – → 1h, from 2 rows",
            "Nothing was saved. Add --commit to save",
        ):
            assert line in tried.output.splitlines()
        assert minutes(friday) == []
        assert run(content, "--map", f"Letters={friday.project.id}", "--commit").output.endswith("Saved\n")
        assert minutes(friday) == [(3, str(friday.project.id), 60)]

    def test_prints_json(self, run):
        report = json.loads(run((SAMPLES / "weekly.csv").read_bytes(), "--json").output)

        assert (report["format"], report["loaded"]) == ("weekly", 2)
        assert [week["monday"] for week in report["weeks"]] == [str(MONDAY - timedelta(days=7)), str(MONDAY)]

    def test_ends_with_status_one_at_a_wrong_row(self, run, friday):
        result = run(PLAIN + b"x,Plain letters,30,\n2026-08-03,Plain letters,30,\n", "--commit")

        assert result.exit_code == 1
        assert "Wrong: line 2, date: expected a date like 2026-07-06 or 06/07/2026, found “x”" in result.output
        assert minutes(friday) == []

    @pytest.mark.parametrize(
        ("options", "words"),
        [(["--map", "x"], "is not a name and where it goes"), (["--format", "harvest"], "not a file of Harvest")],
    )
    def test_says_what_it_cannot_do(self, run, options, words):
        result = run(PLAIN, *options)

        assert (result.exit_code, words in result.output) == (1, True)
