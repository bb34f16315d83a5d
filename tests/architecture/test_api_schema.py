"""The API does what its own description says, whatever it is sent."""

from __future__ import annotations

import contextvars

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.architecture import atlas
from tests.support.pages import ApiClient
from tests.timesheets.weeks import Story

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [
    ("GET", "/api/v1/absences"),
    ("POST", "/api/v1/absences"),
    ("DELETE", "/api/v1/absences/{absence_id}"),
    ("POST", "/api/v1/absences/import"),
    ("POST", "/api/v1/allowance/explain"),
    ("GET", "/api/v1/calendars"),
    ("POST", "/api/v1/calendars"),
    ("GET", "/api/v1/calendars/{calendar}"),
    ("PUT", "/api/v1/calendars/{calendar}"),
    ("DELETE", "/api/v1/calendars/{calendar}"),
    ("PUT", "/api/v1/calendars/{calendar}/days"),
    ("POST", "/api/v1/calendars/{calendar}/import"),
    ("GET", "/api/v1/adjustments"),
    ("POST", "/api/v1/adjustments"),
    ("GET", "/api/v1/adjustments/{adjustment_id}"),
    ("POST", "/api/v1/adjustments/{adjustment_id}"),
    ("GET", "/api/v1/blackouts"),
    ("POST", "/api/v1/blackouts"),
    ("POST", "/api/v1/blackouts/{blackout_id}/lift"),
    ("PATCH", "/api/v1/people/{person_id}/post"),
    ("GET", "/api/v1/people/{person_id}/posts"),
    ("GET", "/api/v1/people/me/pattern"),
    ("GET", "/api/v1/people/{person_id}/pattern"),
    ("POST", "/api/v1/people/{person_id}/pattern"),
    ("DELETE", "/api/v1/people/{person_id}/pattern"),
    ("PUT", "/api/v1/people/{person_id}/pattern/days"),
    ("POST", "/api/v1/people/{person_id}/moves"),
    ("PUT", "/api/v1/people/{person_id}/moves/{move_id}"),
    ("DELETE", "/api/v1/people/{person_id}/moves/{move_id}"),
    ("GET", "/api/v1/policies/{code}"),
    ("POST", "/api/v1/policies/{code}"),
    ("DELETE", "/api/v1/policies/{code}/{version}"),
    ("POST", "/api/v1/policies/{code}/preview"),
    ("GET", "/api/v1/allowance"),
    ("GET", "/api/v1/allowance/days"),
    ("GET", "/api/v1/allowance/team"),
    ("GET", "/api/v1/projects"),
    ("POST", "/api/v1/projects"),
    ("GET", "/api/v1/projects/{project_id}"),
    ("GET", "/api/v1/weeks/{monday}"),
    ("PUT", "/api/v1/weeks/{monday}"),
    ("POST", "/api/v1/weeks/{monday}/submit"),
    ("POST", "/api/v1/approvals/{week_id}/reopen"),
    ("POST", "/api/v1/approvals/{week_id}/call-back"),
    ("POST", "/api/v1/approvals"),
    ("POST", "/api/v1/weeks/{monday}/amend"),
    ("POST", "/api/v1/weeks/{monday}/recall"),
    ("GET", "/api/v1/approvals"),
    ("POST", "/api/v1/approvals/{week_id}"),
    ("GET", "/api/v1/quarters"),
    ("GET", "/api/v1/reports/utilisation"),
    *atlas.listed("OPERATIONS"),
]


@pytest.fixture
def token(app) -> str:
    story = Story()
    story.submitted()
    return ApiClient(app).as_(story.team.hr).token


class TestDescription:
    def test_names_every_operation(self, app):
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
        found = [(op.ok().method.upper(), op.ok().path) for op in schema.get_all_operations()]
        assert sorted(found) == sorted(OPERATIONS)

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    def test_is_kept(self, app, token, method, path):
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

        @given(case=schema[path][method].as_strategy())
        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def ask(case: schemathesis.Case) -> None:
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            contextvars.Context().run(case.call_and_validate, headers=headers, checks=CHECKS)

        ask()
