"""Time planned ahead and agreed in advance: routes, rows of the matrix, rows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.factories.plans import BlockFactory, RequestFactory

ROUTES = {
    ("GET", "/plans"): "plan:read",
    ("GET", "/plans/new"): "plan:write",
    ("POST", "/plans/new"): "plan:write",
    ("GET", "/plans/<int:block_id>/move"): "plan:write",
    ("POST", "/plans/<int:block_id>/move"): "plan:write",
    ("POST", "/plans/<int:block_id>/drop"): "plan:write",
    ("POST", "/plans/<int:block_id>/confirm"): "plan:write",
    ("POST", "/plans/weeks/<monday>/confirm"): "plan:write",
    ("GET", "/api/v1/plans"): "plan:read",
    ("POST", "/api/v1/plans"): "plan:write",
    ("POST", "/api/v1/plans/preview"): "plan:write",
    ("POST", "/api/v1/plans/<int:block_id>/move"): "plan:write",
    ("POST", "/api/v1/plans/<int:block_id>/drop"): "plan:write",
    ("POST", "/api/v1/plans/<int:block_id>/confirm"): "plan:write",
    ("POST", "/api/v1/plans/weeks/<monday>/confirm"): "plan:write",
    ("PUT", "/api/v1/people/<int:person_id>/probation"): "person:manage",
    ("GET", "/agreements"): "agreement:read",
    ("GET", "/agreements/new"): "agreement:ask",
    ("POST", "/agreements/new"): "agreement:ask",
    ("GET", "/agreements/<int:request_id>"): "agreement:read",
    ("POST", "/agreements/<int:request_id>"): "agreement:decide",
    ("POST", "/agreements/<int:request_id>/withdraw"): "agreement:ask",
    ("POST", "/agreements/<int:request_id>/end"): "agreement:end",
    ("GET", "/api/v1/agreements"): "agreement:read",
    ("GET", "/api/v1/agreements/team"): "agreement:decide",
    ("POST", "/api/v1/agreements"): "agreement:ask",
    ("GET", "/api/v1/agreements/<int:request_id>"): "agreement:read",
    ("POST", "/api/v1/agreements/<int:request_id>"): "agreement:decide",
    ("POST", "/api/v1/agreements/<int:request_id>/withdraw"): "agreement:ask",
    ("POST", "/api/v1/agreements/<int:request_id>/end"): "agreement:end",
}
OPERATIONS = [
    ("GET", "/api/v1/plans"),
    ("POST", "/api/v1/plans"),
    ("POST", "/api/v1/plans/preview"),
    ("POST", "/api/v1/plans/{block_id}/move"),
    ("POST", "/api/v1/plans/{block_id}/drop"),
    ("POST", "/api/v1/plans/{block_id}/confirm"),
    ("POST", "/api/v1/plans/weeks/{monday}/confirm"),
    ("PUT", "/api/v1/people/{person_id}/probation"),
    ("GET", "/api/v1/agreements"),
    ("GET", "/api/v1/agreements/team"),
    ("POST", "/api/v1/agreements"),
    ("GET", "/api/v1/agreements/{request_id}"),
    ("POST", "/api/v1/agreements/{request_id}"),
    ("POST", "/api/v1/agreements/{request_id}/withdraw"),
    ("POST", "/api/v1/agreements/{request_id}/end"),
]
VALUES = {"block_id": 1, "request_id": 1}

MANAGERS = {"manager", "director", "boss_of_outsider"}
# whose block, answered by now: who may do anything with it
BLOCKS = {"owners_block": {"owner"}, "outsiders_block": {"outsider"}, "absent": set[str]()}
# whose request, taken back by now: who asked, who decides
REQUESTS: dict[str, tuple[set[str], set[str]]] = {
    "owners_request": ({"owner"}, {"manager"}),
    "managers_request": ({"manager"}, {"director"}),
    "outsiders_request": ({"outsider"}, {"boss_of_outsider"}),
    "absent": (set(), set()),
}
PAST = "2026-08-03"  # before today


def attempts(everybody: set[str]) -> Iterator[tuple[Any, ...]]:
    """Method, route, who may, what they are answered, whose it is, query and body."""
    for path in ("/plans", "/plans/new", "/agreements", "/agreements/new", "/api/v1/plans", "/api/v1/agreements"):
        yield "GET", path, everybody
    for path in ("/plans/new", "/agreements/new"):
        yield "POST", path, everybody, 422
    plan = {"shape": "day", "project_id": 1, "starts_on": PAST, "minutes": 60}
    for path in ("/api/v1/plans", "/api/v1/plans/preview"):
        yield "POST", path, everybody, 422, "", "", plan
    asked = {"starts_on": PAST, "last_day": PAST, "weekdays": ["monday"], "week_minutes": 60}
    yield "POST", "/api/v1/agreements", everybody, 422, "", "", asked
    yield "GET", "/api/v1/agreements/team", MANAGERS
    for whose, keepers in (("owners_hours", {"hr_manager"}), ("outsiders_hours", set[str]()), ("absent", set[str]())):
        yield "PUT", "/api/v1/people/<int:person_id>/probation", keepers, 422, whose, "", {"last_day": "1999-01-01"}
    for prefix in ("", "/api/v1"):
        yield "POST", f"{prefix}/plans/weeks/<monday>/confirm", everybody, 422
        for whose, owners in BLOCKS.items():
            day = {"date": PAST} if prefix else {"day": PAST}
            yield "POST", f"{prefix}/plans/<int:block_id>/move", owners, 409, whose, "", day
            yield "POST", f"{prefix}/plans/<int:block_id>/drop", owners, 409, whose
            yield "POST", f"{prefix}/plans/<int:block_id>/confirm", owners, 409, whose
        for whose, (owners, deciders) in REQUESTS.items():
            route = f"{prefix}/agreements/<int:request_id>"
            yield "GET", route, owners | deciders, 200, whose
            refusal = {"decision": "refuse"} if prefix else {"action": "refuse"}
            yield "POST", route, deciders, 422, whose, "", refusal
            yield "POST", f"{route}/withdraw", owners, 409, whose
            yield "POST", f"{route}/end", owners | deciders, 409, whose, "", {"ended_from": "2026-08-07"}
    for whose, owners in BLOCKS.items():
        yield "GET", "/plans/<int:block_id>/move", owners, 200, whose


def prepare(people: dict[str, Any], units: dict[str, Any]) -> dict[str, int]:
    """The things those rows name."""
    blocks = {
        f"{name}s_block": BlockFactory(dropped=True, person_id=people[name].id).id for name in ("owner", "outsider")
    }
    requests = {
        f"{name}s_request": RequestFactory(withdrawn=True, person_id=people[name].id).id
        for name in ("owner", "manager", "outsider")
    }
    return blocks | requests


AT = "'2026-08-07 15:00:00'"
FORTY = f"'{'w' * 40}'"

VALID = {
    "plan": {
        "person_id": "{owner}",
        "shape": "'rhythm'",
        "starts_on": "'2026-08-10'",
        "last_day": "'2026-12-18'",
        "weekdays": "16",
        "every_weeks": "1",
        "made_at": AT,
    },
    "planned_block": {
        "person_id": "{owner}",
        "project_id": "{project}",
        "kind": "'tithe'",
        "day": "'2026-08-14'",
        "minutes": "180",
        "note": "''",
        "status": "'planned'",
    },
    "tithe_request": {
        "person_id": "{owner}",
        "shape": "'rhythm'",
        "starts_on": "'2026-08-10'",
        "last_day": "'2026-12-18'",
        "weekdays": "16",
        "week_minutes": "180",
        "project_ids": "'[]'",
        "duties": "''",
        "status": "'asked'",
        "asked_at": AT,
    },
}
AGREED = {"status": "'agreed'", "decided_at": AT, "decided_by": "{manager}"}
REFUSED = AGREED | {"status": "'refused'", "ground": "'cover'", "reason": FORTY}
ENDED = AGREED | {"status": "'ended'", "ended_from": "'2026-09-01'", "ended_by": "{owner}"}
VIOLATIONS = [
    ("ck_plan_planshape", "plan", {"shape": "'whim'"}),
    ("ck_plan_ends_after_starting", "plan", {"last_day": "'2026-08-09'"}),
    ("ck_plan_weekdays_of_a_week", "plan", {"weekdays": "128"}),
    ("ck_plan_every_few_weeks", "plan", {"every_weeks": "5"}),
    ("ck_plan_rhythm_has_days", "plan", {"weekdays": "0"}),
    ("ck_planned_block_timekind", "planned_block", {"kind": "'rest'", "project_id": "NULL"}),
    ("ck_planned_block_blockstatus", "planned_block", {"status": "'lost'", "settled_at": AT}),
    ("ck_planned_block_minutes_in_a_day", "planned_block", {"minutes": "0"}),
    ("ck_planned_block_tithe_has_a_project", "planned_block", {"project_id": "NULL"}),
    ("ck_planned_block_settled_has_a_time", "planned_block", {"status": "'done'"}),
    ("ck_tithe_request_requestshape", "tithe_request", {"shape": "'whim'"}),
    ("ck_tithe_request_requeststatus", "tithe_request", {"status": "'lost'"}),
    ("ck_tithe_request_refusalground", "tithe_request", REFUSED | {"ground": "'dislike'"}),
    ("ck_tithe_request_ends_after_starting", "tithe_request", {"last_day": "'2026-08-09'"}),
    ("ck_tithe_request_weekdays_of_a_week", "tithe_request", {"weekdays": "0"}),
    ("ck_tithe_request_minutes_in_a_week", "tithe_request", {"week_minutes": "0"}),
    ("ck_tithe_request_nobody_agrees_with_themselves", "tithe_request", AGREED | {"decided_by": "{owner}"}),
    ("ck_tithe_request_decided_at", "tithe_request", AGREED | {"status": "'asked'"}),
    ("ck_tithe_request_decided_has_a_person", "tithe_request", AGREED | {"decided_by": "NULL"}),
    ("ck_tithe_request_refused_has_a_ground", "tithe_request", REFUSED | {"ground": "NULL"}),
    ("ck_tithe_request_refused_has_words", "tithe_request", REFUSED | {"reason": "'No'"}),
    ("ck_tithe_request_ended_has_a_day", "tithe_request", ENDED | {"ended_from": "NULL", "ended_by": "NULL"}),
    ("ck_tithe_request_ended_has_a_person", "tithe_request", ENDED | {"ended_by": "NULL"}),
]
REPEATABLE = {"plan", "tithe_request"}
