"""What people may choose about mail, and what their choices do to messages that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.people import PersonFactory
from tests.notices.sending import NOW, actor, notices, queue, statuses
from tests.support.pages import ApiClient, PageClient
from tithe.kernel.errors import RuleBroken
from tithe.notices import queries
from tithe.notices.operations.inbox import choose
from tithe.notices.operations.sending import send_waiting
from tithe.notices.rules.choices import ALWAYS, GROUPS, How, chosen, read_choices
from tithe.notices.rules.outbox import NoticeStatus
from tithe.notices.rules.wording import WORDING, Group

DEFAULTS = {group: rule.default for group, rule in GROUPS.items()}
LATER = NOW + timedelta(hours=1)


def wants(person, **answers):
    choose(actor=actor(person), answers=answers, now=NOW)


def send(post_box, now=NOW):
    return send_waiting(deliver=post_box.deliver, now=now)


class TestGroups:
    def test_cover_every_message(self):
        assert {words[3] for words in WORDING.values()} <= set(GROUPS) == set(Group)

    @pytest.mark.parametrize("group", [Group.DECISIONS, Group.WAITING])
    def test_of_decisions_come_now_or_daily(self, group):
        assert GROUPS[group].allowed == ALWAYS

    def test_mail_everything_at_once_unless_somebody_chose(self):
        assert set(DEFAULTS.values()) == {How.NOW}

    def test_send_a_message_without_wording_at_once(self):
        assert chosen("forgotten", dict.fromkeys(Group, How.OFF)) is How.NOW


class TestChoose:
    def test_keeps_what_was_chosen_and_gives_the_rest_their_defaults(self, app):
        person = PersonFactory()
        wants(person, reminders="off", decisions="daily")
        wants(person, minutes="weekly", decisions="daily", scheme="now")

        chosen_now = queries.choices_of(actor(person))

        assert chosen_now == DEFAULTS | {Group.MINUTES: How.WEEKLY, Group.DECISIONS: How.DAILY}

    @pytest.mark.parametrize(
        ("answers", "fields"),
        [
            ({"decisions": "off"}, ["decisions"]),
            ({"waiting": "weekly"}, ["waiting"]),
            ({"safety": "daily"}, ["safety"]),
            ({"reminders": "hourly"}, ["reminders"]),
            ({"gossip": "now"}, ["gossip"]),
            ({"decisions": "off", "safety": "off", "reminders": "off"}, ["decisions", "safety"]),
        ],
    )
    def test_refuses_what_may_not_be_chosen_all_at_once_and_keeps_nothing(self, app, answers, fields):
        person = PersonFactory()

        with pytest.raises(RuleBroken) as refused:
            wants(person, **answers)

        assert [problem.field for problem in refused.value.problems] == fields
        assert queries.choices_of(actor(person)) == DEFAULTS

    def test_concerns_nobody_else(self, app):
        person, other = PersonFactory(), PersonFactory()
        wants(person, reminders="off")

        assert queries.choices_of(actor(other)) == DEFAULTS


@given(st.dictionaries(st.sampled_from([*Group, "gossip"]), st.sampled_from([*How, "hourly", ""])))
def test_no_answer_ever_switches_off_what_may_not_be(answers):
    try:
        read = read_choices(answers)
    except RuleBroken:
        return
    assert all(how in GROUPS[group].allowed for group, how in read.items())


class TestSending:
    def test_mails_at_once_by_default(self, app, post_box):
        queue(PersonFactory())

        assert send(post_box) == (1, 0)

    @pytest.mark.parametrize(("how", "status"), [("daily", "held"), ("weekly", "held"), ("off", "kept")])
    def test_puts_aside_what_somebody_wants_later_or_never(self, app, post_box, how, status):
        reader, other = PersonFactory(), PersonFactory()
        wants(reader, minutes=how)
        queue(reader, other, event="hours-changed")

        assert send(post_box) == (1, 0)

        assert [to for to, _ in post_box.received] == [[other.email]]
        assert statuses() == [status, "sent"]

    def test_mails_the_other_groups_at_once(self, app, post_box):
        reader = PersonFactory()
        wants(reader, minutes="off", reminders="off", scheme="off")
        queue(reader)

        assert send(post_box) == (1, 0)

    def test_goes_on_past_a_whole_batch_that_nobody_wants(self, app, post_box):
        reader, other = PersonFactory(), PersonFactory()
        wants(reader, minutes="off")
        queue(*[reader] * 120, other, event="hours-changed")

        assert send(post_box) == (1, 0)
        assert len(notices()) == 121

    def test_of_what_was_held_comes_at_once_when_it_is_wanted_at_once(self, app, post_box):
        reader = PersonFactory()
        wants(reader, minutes="weekly")
        queue(reader, event="hours-changed")
        assert send(post_box) == (0, 0)

        choose(actor=actor(reader), answers={}, now=LATER)

        assert send(post_box, LATER) == (1, 0)

    def test_of_what_was_held_never_comes_when_it_is_not_wanted_any_more(self, app, post_box):
        reader = PersonFactory()
        wants(reader, minutes="weekly")
        queue(reader, event="hours-changed")
        send(post_box)

        choose(actor=actor(reader), answers={"minutes": "off"}, now=LATER)

        assert send(post_box, LATER) == (0, 0)
        assert statuses() == [NoticeStatus.KEPT]

    def test_tries_again_by_mail_what_may_have_gone_already_whatever_was_chosen_since(self, app, post_box):
        reader = PersonFactory()
        queue(reader, event="hours-changed")
        post_box.answer = "451 try later"
        assert send(post_box) == (0, 1)
        wants(reader, minutes="off")
        post_box.answer = "250 OK"

        assert send(post_box, LATER) == (1, 0)

    def test_says_where_to_change_it_and_why_it_came(self, app, post_box):
        queue(PersonFactory())
        send(post_box)

        words = post_box.received[0][1].get_content()

        assert "You get this because the week is yours." in words
        assert "Choose how often you get mail: https://tithe.test/inbox/choices" in words

    def test_leaves_those_who_have_left_alone(self, app, post_box):
        stays = PersonFactory(leaves_on=NOW.date())
        left = PersonFactory(leaves_on=NOW.date() - timedelta(days=1))
        queue(stays, left)

        assert send(post_box) == (1, 0)
        assert statuses() == ["sent", "dropped"]


class TestChoicesPage:
    def test_shows_the_choices_and_saves_others(self, app):
        person = PersonFactory()
        browser = PageClient(app).sign_in(person)
        assert browser.get("/inbox/choices").heading == "When you get mail"

        saved = browser.post("/inbox/choices", {"reminders": "off", "decisions": "daily"})

        assert (saved.status, saved.location) == (303, "/inbox")
        kept = DEFAULTS | {Group.REMINDERS: How.OFF, Group.DECISIONS: How.DAILY}
        assert queries.choices_of(actor(person)) == kept

    def test_offers_no_switch_for_what_cannot_be_switched_off(self, app):
        page = PageClient(app).sign_in(PersonFactory()).get("/inbox/choices")

        offered = {(each.get("name"), each.get("value")) for each in page.all("input") if each.get("type") == "radio"}

        assert offered == {(g.value, how.value) for g, rule in GROUPS.items() if g != "safety" for how in rule.allowed}

    def test_says_beside_the_field_what_may_be_chosen_and_keeps_the_rest(self, app):
        browser = PageClient(app).sign_in(PersonFactory())

        page = browser.post("/inbox/choices", {"decisions": "off", "minutes": "weekly"})

        assert page.status == 422
        assert page.errors == ["Choose now or daily for “Decisions about my time”"]
        ticked = [
            (each.get("name"), each.get("value")) for each in page.all("input") if each.get("checked") is not None
        ]
        assert ("minutes", "weekly") in ticked


class TestChoicesApi:
    def test_reads_and_saves_the_same_choices(self, app):
        api = ApiClient(app).as_(PersonFactory())

        answer = api.put("/inbox/choices", {"choices": {"reminders": "weekly"}})

        assert answer.status_code == 200
        assert answer.json == api.get("/inbox/choices").json
        found = {each["group"]: each["how"] for each in answer.json["choices"]}
        assert found == {group.value: how.value for group, how in DEFAULTS.items()} | {"reminders": "weekly"}

    def test_refuses_to_switch_decisions_off(self, app):
        answer = ApiClient(app).as_(PersonFactory()).put("/inbox/choices", {"choices": {"decisions": "off"}})

        assert (answer.status_code, answer.json["field"]) == (422, "decisions")

    def test_lets_a_token_that_may_only_read_change_nothing(self, app):
        api = ApiClient(app).as_(PersonFactory(), "inbox:read")

        assert api.get("/inbox/choices").status_code == 200
        assert api.put("/inbox/choices", {"choices": {}}).status_code == 403
