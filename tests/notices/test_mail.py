"""What goes to the mail server: with its certificate checked, and nothing smuggled into a header."""

from __future__ import annotations

import ssl
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.notices.mailing import FACTS, HEADERS, server_at
from tithe.notices.mail import as_email, deliverer
from tithe.notices.operations.sending import Outgoing
from tithe.notices.rules import outbox as rules
from tithe.notices.rules.wording import WORDING


class TestDeliverer:
    def test_checks_whose_certificate_it_is_before_it_says_a_password(self, monkeypatch, post_box):
        contexts = []

        def starttls(self, *, context=None):
            contexts.append(context)

        monkeypatch.setattr("smtplib.SMTP.starttls", starttls)
        deliver = deliverer(server_at(post_box.server.port, starttls=True))

        deliver(outgoing("week-approved"))

        assert [context and context.verify_mode for context in contexts] == [ssl.CERT_REQUIRED]

    def test_does_not_go_on_in_the_clear_when_the_server_knows_no_encryption(self, post_box):
        deliver = deliverer(server_at(post_box.server.port, starttls=True, user="tithe", password="secret"))

        with pytest.raises(OSError, match="STARTTLS"):
            deliver(outgoing("week-approved"))

        assert post_box.tries == []


def outgoing(event, **facts):
    subject, body = rules.compose(event, **{**FACTS, **facts})
    return Outgoing(1, "reader@example.org", subject, body, "/weeks/2026-08-03", "abc@tithe", 0)


def parsed(message):
    return message_from_bytes(bytes(as_email(message, server_at(25))), policy=policy.default)


class TestCompose:
    @pytest.mark.parametrize("event", WORDING)
    def test_says_why_its_reader_gets_it_and_leaves_no_gap(self, event):
        subject, body = rules.compose(event, **FACTS)

        assert "You get this because" in body
        assert "{" not in subject + body

    def test_never_reads_a_fact_as_a_template(self):
        subject, _ = rules.compose("week-recalled", owner="{week.__class__} {0} {{7*7}}", week="3 August")

        assert subject == "{week.__class__} {0} {{7*7}} took back the week of 3 August"

    def test_keeps_the_lines_of_words_somebody_wrote(self):
        _, body = rules.compose("week-returned", **{**FACTS, "words": "One.\n\nTwo."})

        assert "One.\n\nTwo." in body


@given(st.sampled_from(sorted(WORDING)), st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_name_and_no_words_ever_add_a_header_or_a_reader(event, name, words):
    message = parsed(outgoing(event, owner=name, decider=name, words=words))

    assert set(message.keys()) == HEADERS
    assert [len(message.get_all(header)) for header in HEADERS] == [1] * len(HEADERS)
    assert [each.addr_spec for each in message["To"].addresses] == ["reader@example.org"]
    assert len(message["Subject"].splitlines()) <= 1


@given(st.sampled_from(sorted(WORDING)), st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_every_subject_is_one_line_that_fits_its_column(event, name):
    subject, _ = rules.compose(event, **{**FACTS, "owner": name, "decider": name})

    assert len(subject) <= 200
    assert len(subject.splitlines()) <= 1
