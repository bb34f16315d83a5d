"""No tampering with the chain of events goes unseen: in the database, and by the laws of its links."""

from __future__ import annotations

import random
from datetime import UTC, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from tests.audit.chains import NOW, change, people_of_one_stream, verbs
from tithe.access.actor import SYSTEM
from tithe.audit import rules
from tithe.audit.models import AuditEvent, AuditHead
from tithe.audit.queries import first_broken_link
from tithe.audit.rules import FIRST_HASH, STREAMS, Event, as_details, first_break, next_hash
from tithe.kernel.db import db

DRILLS = 1000

EVENTS = st.builds(
    Event,
    verb=st.text(max_size=10),
    at=st.datetimes(timezones=st.just(UTC)),
    actor_id=st.none() | st.integers(0, 99),
    subject_type=st.text(max_size=10),
    subject_id=st.none() | st.integers(0, 99),
    details=st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3).map(as_details),
)


def fill_the_chain():
    """Sixty events on five streams, from actors who take turns."""
    actors = [SYSTEM, *people_of_one_stream(2, stream=1), *(people_of_one_stream(1, stream=n)[0] for n in (2, 3, 4))]
    for n in range(60):
        change(actors[n % len(actors)], number=n, at=NOW + timedelta(minutes=n))
    db.session.rollback()


def disarm():
    """Let the open transaction change events, as somebody who owns the database could."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        db.session.execute(text("DROP TRIGGER audit_event_no_update"))
        db.session.execute(text("DROP TRIGGER audit_event_no_delete"))


def edit(chance, event):
    column, value = chance.choice(
        [
            (AuditEvent.verb, "week:approve"),
            (AuditEvent.at, event.at + timedelta(microseconds=1)),
            (AuditEvent.actor_id, None if event.actor_id else db.session.scalar(select(func.max(AuditEvent.actor_id)))),
            (AuditEvent.subject_type, "project"),
            (AuditEvent.subject_id, event.subject_id + 1),
            (AuditEvent.subject_id, None),
            (AuditEvent.details, event.details.replace("number", "numbers")),
            (AuditEvent.details, event.details + " "),
            (AuditEvent.hash, event.hash[::-1]),
            (AuditEvent.seq, event.seq + 1000),
            (AuditEvent.stream, 9),
        ]
    )
    db.session.execute(update(AuditEvent).where(AuditEvent.id == event.id).values({column: value}))
    return event.seq


def swap(chance, event):
    """Exchange the contents of two neighbours, hashes left where they were or taken along."""
    other = neighbour(event)
    names = ["at", "details", "subject_id"] + (["hash"] if chance.random() < 0.5 else [])
    for target, source in ((event, other), (other, event)):
        values = {name: getattr(source, name) for name in names}
        db.session.execute(update(AuditEvent).where(AuditEvent.id == target.id).values(values))
    return min(event.seq, other.seq)


def exchange_numbers(chance, event):
    other = neighbour(event)
    first = min(event.seq, other.seq)
    for target, seq in ((event, 9999), (other, event.seq), (event, other.seq)):
        db.session.execute(update(AuditEvent).where(AuditEvent.id == target.id).values(seq=seq))
    return first


def remove(chance, event):
    db.session.execute(AuditEvent.__table__.delete().where(AuditEvent.id == event.id))
    return event.seq


def remove_tail(chance, event):
    on_or_after = (AuditEvent.stream == event.stream, AuditEvent.seq >= event.seq)
    db.session.execute(AuditEvent.__table__.delete().where(*on_or_after))
    return event.seq


def remove_and_close_the_gap(chance, event):
    """Take one event out, number the rest anew, and put the head one back: only hashes can tell."""
    remove(chance, event)
    later = select(AuditEvent.id).where(AuditEvent.stream == event.stream, AuditEvent.seq > event.seq)
    for each in db.session.scalars(later.order_by(AuditEvent.seq)).all():
        db.session.execute(update(AuditEvent).where(AuditEvent.id == each).values(seq=AuditEvent.seq - 1))
    db.session.execute(update(AuditHead).where(AuditHead.stream == event.stream).values(seq=AuditHead.seq - 1))
    return event.seq


def neighbour(event):
    beside = (event.seq - 1, event.seq + 1)
    found = select(AuditEvent).where(AuditEvent.stream == event.stream, AuditEvent.seq.in_(beside))
    return db.session.scalars(found.order_by(AuditEvent.seq)).first()


TAMPERINGS = [edit, edit, edit, swap, exchange_numbers, remove, remove_tail, remove_and_close_the_gap]


class TestFirstBrokenLink:
    def test_is_none_after_many_operations(self, app):
        fill_the_chain()

        assert len(verbs()) == 60
        assert first_broken_link() is None

    def test_names_the_first_event_touched_in_every_one_of_1000_tamperings(self, app):
        fill_the_chain()
        chance = random.Random(20260824)
        events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        db.session.expunge_all()
        for drill in range(DRILLS):
            event, tamper = chance.choice(events), chance.choice(TAMPERINGS)
            disarm()
            expected = tamper(chance, event)

            found = first_broken_link()

            db.session.rollback()
            db.session.expunge_all()
            assert found == (event.stream, expected), f"drill {drill}: {tamper.__name__} of {event.stream}/{event.seq}"
        assert first_broken_link() is None

    def test_finds_a_head_that_was_set_back(self, app):
        fill_the_chain()
        third = select(AuditEvent.hash).where(AuditEvent.stream == 1, AuditEvent.seq == 3).scalar_subquery()
        db.session.execute(update(AuditHead).where(AuditHead.stream == 1).values(seq=3, hash=third))

        found = first_broken_link()

        db.session.rollback()
        assert found is not None
        assert found[0] == 1

    def test_finds_a_stream_removed_with_its_head(self, app):
        fill_the_chain()
        disarm()
        db.session.execute(AuditEvent.__table__.delete().where(AuditEvent.stream == 1))
        db.session.execute(AuditHead.__table__.delete().where(AuditHead.stream == 1))

        found = first_broken_link()

        db.session.rollback()
        assert found == (1, 1)

    def test_finds_an_event_put_on_a_stream_that_has_no_head(self, app):
        change()
        stray = {"id": 10**9, "stream": STREAMS, "seq": 1, "at": NOW, "verb": "test:stray", "subject_type": "test"}
        db.session.execute(insert(AuditEvent).values(details="{}", hash="f" * 64, **stray))

        found = first_broken_link()

        db.session.rollback()
        assert found == (STREAMS, 1)


def chain_of(events, stream=0):
    """The links of a chain, as stored, and its head."""
    links, link = [], FIRST_HASH
    for seq, event in enumerate(events, start=1):
        link = next_hash(link, stream, seq, event)
        links.append((seq, link, event))
    return links, (len(links), link)


@given(st.lists(EVENTS, max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_chain_nobody_touched_holds(events):
    links, head = chain_of(events)

    assert first_break(0, links, head) is None


@given(st.lists(EVENTS, min_size=1, max_size=6), EVENTS, st.data())
@settings(max_examples=200, deadline=None)
def test_an_event_replaced_by_any_other_breaks_the_chain_there(events, other, data):
    links, head = chain_of(events)
    at = data.draw(st.integers(0, len(events) - 1))
    links[at] = (at + 1, links[at][1], other)

    assert first_break(0, links, head) == (None if other == events[at] else at + 1)


@given(st.lists(EVENTS, min_size=1, max_size=6), st.data())
@settings(max_examples=100, deadline=None)
def test_a_link_left_out_breaks_the_chain_there(events, data):
    links, head = chain_of(events)
    at = data.draw(st.integers(0, len(events) - 1))
    del links[at]

    assert first_break(0, links, head) == at + 1


@given(EVENTS, st.integers(0, 15), st.integers(0, 15), st.integers(1, 99))
@settings(max_examples=100, deadline=None)
def test_a_link_belongs_to_one_place_of_one_stream(event, stream, other, seq):
    here = next_hash(FIRST_HASH, stream, seq, event)

    assert here != next_hash(FIRST_HASH, stream, seq + 1, event)
    assert (here == next_hash(FIRST_HASH, other, seq, event)) == (stream == other)
    assert rules.stream_of(None) == 0


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.booleans() | st.none()))
@settings(max_examples=100, deadline=None)
def test_equal_facts_are_spelt_alike_whatever_their_order(facts):
    backwards = dict(reversed(facts.items()))

    assert as_details(facts) == as_details(backwards)
    assert as_details(facts).isascii()
