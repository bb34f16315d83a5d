"""The API describes itself, wholly, when it is asked to."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from tests.conftest import test_settings
from tithe.app import create_app

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
PATH = "/api/v1/openapi.json"


@pytest.fixture
def fresh(tmp_path) -> Flask:
    return create_app(test_settings(f"sqlite:///{tmp_path / 'none.sqlite'}"))


class TestTheDescription:
    def test_names_every_call(self, fresh):
        described = fresh.test_client().get(PATH).json["paths"]
        routes = {PARAMETER.sub(r"{\1}", rule.rule) for rule in fresh.url_map.iter_rules() if "/api/v1/" in rule.rule}

        assert len(routes) > 100
        assert routes - set(described) == {PATH}

    def test_is_the_same_for_all_who_ask_together(self, fresh):
        with ThreadPoolExecutor(4) as threads:
            answers = set(threads.map(lambda _: fresh.test_client().get(PATH).data, range(4)))

        assert answers == {fresh.test_client().get(PATH).data}

    def test_names_the_refusals_of_a_call_in_the_one_envelope(self, fresh):
        described = fresh.test_client().get(PATH).json
        call = described["paths"]["/api/v1/weeks/{monday}"]["put"]["responses"]

        assert set(call) >= {"200", "401", "403", "409", "412", "422"}
        for status in ("401", "403", "409", "412", "422"):
            refusal = described["components"]["responses"][call[status]["$ref"].rsplit("/")[-1]]
            shape = refusal["content"]["application/json"]["schema"]["$ref"]
            assert (shape, bool(refusal["description"])) == ("#/components/schemas/Error", True)
