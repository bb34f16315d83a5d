"""The inbox: it mirrors the mail, is one's own, and knows what has been read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.people import PersonFactory
from tests.notices.sending import NOW, actor, notices, queue
from tests.support.contents import statements
from tests.support.pages import ApiClient, PageClient
from tithe.kernel import clock
from tithe.kernel.errors import NotFound, RuleBroken
from tithe.notices import queries
from tithe.notices.operations import inbox
from tithe.notices.operations.sending import send_waiting, write_digests
from tithe.notices.rules.wording import MAIL_ONLY, WORDING

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)


def subjects(person, now=LATER):
    return [message.subject for message in queries.inbox_of(actor(person), now).messages]


def unread(person, now=LATER):
    return queries.count_unread(actor(person), now)


class TestInbox:
    def test_has_the_newest_first_with_why_they_came(self, app):
        reader = PersonFactory()
        queue(reader, week="27 July 2026")
        queue(reader, week="3 August 2026", at=NOW + timedelta(minutes=1))

        found = queries.inbox_of(actor(reader), LATER)

        assert subjects(reader) == ["Your week of 3 August 2026 is approved", "Your week of 27 July 2026 is approved"]
        assert "You get this because the week is yours." in found.messages[0].body
        assert (found.unread, found.following) == (2, None)

    @pytest.mark.parametrize("how", ["now", "daily", "weekly", "off"])
    def test_has_what_is_mailed_now_later_and_never(self, app, post_box, how):
        reader = PersonFactory()
        inbox.choose(actor=actor(reader), answers={"minutes": how}, now=NOW)
        queue(reader, event="hours-changed")
        send_waiting(deliver=post_box.deliver, now=NOW)

        assert len(subjects(reader)) == unread(reader) == 1

    def test_has_the_parts_of_a_digest_and_not_the_digest(self, app, post_box):
        reader = PersonFactory()
        inbox.choose(actor=actor(reader), answers={"minutes": "daily"}, now=NOW)
        queue(reader, event="hours-changed")
        send_waiting(deliver=post_box.deliver, now=NOW)
        day = NOW.date() + timedelta(days=3)
        write_digests(day=day, base_url="", now=NOW + timedelta(days=3))

        assert [notice.event for notice in notices()] == ["hours-changed", "digest"]
        assert subjects(reader, NOW + timedelta(days=4)) == ["Your working hours on record have changed"]

    @pytest.mark.parametrize("event", MAIL_ONLY)
    def test_leaves_out_what_is_of_use_only_by_mail(self, app, post_box, event):
        reader = PersonFactory()
        queue(reader, event=event)

        assert send_waiting(deliver=post_box.deliver, now=NOW) == (1, 0)
        assert subjects(reader) == []
        assert unread(reader) == 0

    def test_has_what_could_not_be_mailed(self, app, post_box):
        reader = PersonFactory()
        queue(reader)
        post_box.answer = "550 no such mailbox"
        send_waiting(deliver=post_box.deliver, now=NOW)

        assert unread(reader) == 1

    def test_knows_every_event_that_lives_by_mail_alone(self):
        assert set(MAIL_ONLY) <= set(WORDING)

    def test_has_nothing_before_its_time(self, app):
        reader = PersonFactory()
        queue(reader, not_before=LATER + timedelta(seconds=1))

        assert subjects(reader) == []
        assert unread(reader) == 0
        assert unread(reader, LATER + timedelta(seconds=1)) == 1

    def test_is_paged_without_gap_or_repeat(self, app, monkeypatch):
        monkeypatch.setattr(queries, "PAGE", 3)
        reader = PersonFactory()
        queue(*[reader] * 4, PersonFactory())
        queue(*[reader] * 4, at=NOW + timedelta(minutes=1))
        seen, after = [], None
        while True:
            page = queries.inbox_of(actor(reader), LATER, after)
            seen += [message.id for message in page.messages]
            if (after := page.following) is None:
                break

        own = [notice.id for notice in notices() if notice.person_id == reader.id]
        assert seen == sorted(own, reverse=True)

    def test_takes_as_many_statements_for_many_messages_as_for_few(self, app):
        reader = PersonFactory()
        counts = []
        for more in (1, 30):
            queue(*[reader] * more)
            browser = PageClient(app).sign_in(reader)
            with statements() as sent:
                assert browser.get("/inbox").status == 200
            counts.append(len(sent))

        assert counts[0] == counts[1] <= 5


class TestMarkRead:
    def test_marks_what_is_named_and_nothing_else(self, app):
        reader = PersonFactory()
        queue(*[reader] * 3)
        first, *_ = notices()

        inbox.mark_read(actor=actor(reader), ids=[first.id], now=LATER)

        assert [notice.read_at for notice in notices()] == [LATER, None, None]
        assert unread(reader) == 2

    def test_keeps_when_something_was_first_read(self, app):
        reader = PersonFactory()
        queue(reader)
        ids = [notices()[0].id]
        inbox.mark_read(actor=actor(reader), ids=ids, now=LATER)
        inbox.mark_read(actor=actor(reader), ids=ids, now=LATER + timedelta(days=1))

        assert notices()[0].read_at == LATER

    def test_refuses_anothers_message_like_one_that_is_not_there_and_marks_none(self, app):
        reader, other = PersonFactory(), PersonFactory()
        queue(reader, other)
        own, others = (notice.id for notice in notices())
        words = set()
        for ids in ([own, others], [own, 2**40], [others]):
            with pytest.raises(NotFound) as refused:
                inbox.mark_read(actor=actor(reader), ids=ids, now=LATER)
            words.add(refused.value.message)

        assert len(words) == 1
        assert {notice.read_at for notice in notices()} == {None}

    def test_refuses_to_mark_nothing(self, app):
        with pytest.raises(RuleBroken, match="at least one"):
            inbox.mark_read(actor=actor(PersonFactory()), ids=[], now=LATER)

    def test_marks_all_of_ones_own_and_nobody_elses(self, app):
        reader, other = PersonFactory(), PersonFactory()
        queue(reader, reader, other)

        inbox.mark_all_read(actor=actor(reader), now=LATER)

        assert (unread(reader), unread(other)) == (0, 1)

    def test_marks_nothing_that_came_after_the_page_was_read(self, app):
        reader = PersonFactory()
        queue(reader, reader)
        newest = notices()[-1].id
        queue(reader)

        inbox.mark_all_read(actor=actor(reader), now=LATER, up_to=newest)

        assert unread(reader) == 1


class TestPage:
    def test_says_when_there_is_nothing(self, app):
        page = PageClient(app).sign_in(PersonFactory()).get("/inbox")

        assert page.heading == "Inbox"
        assert "Nothing yet." in page.text

    def test_links_each_message_to_its_page_and_says_which_are_unread(self, app):
        reader = PersonFactory()
        queue(reader)
        browser = PageClient(app).sign_in(reader)

        page = browser.get("/inbox")

        link = next(each for each in page.all("a") if "is approved" in "".join(each.itertext()))
        assert link.get("href") == "/weeks"
        assert "Unread" in page.words("strong")
        assert "You get this because the week is yours." in page.text

    def test_marks_one_and_then_all_as_read(self, app):
        reader = PersonFactory()
        queue(*[reader] * 3)
        browser = PageClient(app).sign_in(reader)
        newest = max(notice.id for notice in notices())

        one = browser.post("/inbox/read", {"ids": newest})

        assert (one.status, one.location, unread(reader)) == (303, "/inbox", 2)
        assert browser.post("/inbox/read", {"up_to": browser.get("/inbox").value("up_to")}).status == 303
        assert unread(reader) == 0
        assert "You have read everything." in browser.get("/inbox").text

    @pytest.mark.parametrize(
        ("sent", "status"), [({}, 422), ({"ids": "x"}, 404), ({"ids": "1" * 30}, 404), ({"up_to": "x"}, 422)]
    )
    def test_refuses_what_names_no_message(self, app, sent, status):
        assert PageClient(app).sign_in(PersonFactory()).post("/inbox/read", sent).status == status

    def test_says_in_the_navigation_of_home_and_inbox_how_much_is_unread(self, app):
        reader = PersonFactory()
        queue(reader, reader)
        browser = PageClient(app).sign_in(reader)

        assert [("Inbox (2 unread)" in browser.get(path).text) for path in ("/", "/inbox", "/projects")] == [
            True,
            True,
            False,
        ]

    def test_shows_names_as_they_are_and_runs_nothing(self, app):
        reader = PersonFactory()
        queue(reader, event="week-recalled", owner="<script>alert(1)</script>{{7*7}}")

        text = PageClient(app).sign_in(reader).get("/inbox").text

        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text


class TestApi:
    def test_reads_a_page_and_marks_what_was_read(self, app):
        reader = PersonFactory()
        queue(reader, reader)
        api = ApiClient(app).as_(reader)

        page = api.get("/inbox").json

        assert (len(page["messages"]), page["unread"], page["next"]) == (2, 2, None)
        newest = page["messages"][0]
        assert (newest["path"], newest["why"]) == ("/weeks", "You get this because the week is yours.")
        assert api.post("/inbox/read", {"ids": [newest["id"]]}).json == {"unread": 1}
        assert api.post("/inbox/read", {"all": True}).json == {"unread": 0}

    def test_shows_nobody_anothers_inbox(self, app):
        reader, other = PersonFactory(), PersonFactory()
        queue(reader)
        api = ApiClient(app).as_(other)

        assert api.get("/inbox").json["messages"] == []
        assert api.post("/inbox/read", {"ids": [notices()[0].id]}).status_code == 404
        assert unread(reader) == 1

    @pytest.mark.parametrize("body", [{}, {"ids": []}, {"ids": [0]}, {"ids": [1], "all": True}, {"every": True}])
    def test_refuses_a_body_that_does_not_say_which(self, app, body):
        assert ApiClient(app).as_(PersonFactory()).post("/inbox/read", body).status_code == 422

    def test_goes_on_from_page_to_page(self, app, monkeypatch):
        monkeypatch.setattr(queries, "PAGE", 2)
        reader = PersonFactory()
        queue(*[reader] * 3)
        api = ApiClient(app).as_(reader)

        first = api.get("/inbox").json
        second = api.get(f"/inbox?after={first['next']}").json

        assert len({each["id"] for each in first["messages"] + second["messages"]}) == 3
        assert second["next"] is None
