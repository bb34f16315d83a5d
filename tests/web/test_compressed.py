"""Pages and answers of the API go out compressed to whoever takes that, and are the same unpacked."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response, stream_with_context

from tithe.web import compressed

WORDS = "the same words again and again; " * 40
HTML = "text/html; charset=utf-8"


@pytest.fixture
def client():
    app = Flask("small")
    compressed.install(app)
    kinds = {"page": HTML, "json": "application/json", "picture": "image/png", "feed": "text/csv"}

    @app.get("/<kind>")
    def answer(kind: str) -> Response:
        return Response(WORDS, content_type=kinds[kind], headers={"ETag": '"3-abc"'})

    @app.get("/short")
    def short() -> Response:
        return Response("few words", content_type=HTML)

    @app.get("/wrong")
    def wrong() -> Response:
        return Response(WORDS, 422, content_type=HTML)

    @app.get("/streamed")
    def streamed() -> Response:
        return Response(stream_with_context(iter([WORDS])), content_type=HTML)

    return app.test_client()


def ask(client, path: str, takes: str = "gzip, deflate, br"):
    return client.get(path, headers={"Accept-Encoding": takes} if takes else {})


class TestAnAnswer:
    @pytest.mark.parametrize("path", ["/page", "/json"])
    def test_is_compressed_for_whoever_takes_that(self, client, path):
        found = ask(client, path)

        assert found.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(found.data).decode() == WORDS
        assert len(found.data) == found.content_length < len(WORDS) / 4
        assert found.headers["Vary"] == "Accept-Encoding"

    @pytest.mark.parametrize("takes", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *"])
    def test_is_as_it_is_for_others_and_says_that_it_differs(self, client, takes):
        found = ask(client, "/page", takes)

        assert found.text == WORDS
        assert "Content-Encoding" not in found.headers
        assert found.headers["Vary"] == "Accept-Encoding"

    def test_has_a_tag_of_its_own(self, client):
        assert ask(client, "/json").headers["ETag"] == '"3-abc:gzip"'
        assert ask(client, "/json", "").headers["ETag"] == '"3-abc"'

    @pytest.mark.parametrize("path", ["/picture", "/feed", "/short", "/wrong", "/streamed"])
    def test_of_another_kind_or_hardly_smaller_is_left_alone(self, client, path):
        assert "Content-Encoding" not in ask(client, path).headers

    @pytest.mark.parametrize("takes", ["*", "deflate, gzip;q=0.5", "GZIP"])
    def test_is_compressed_however_that_is_said(self, client, takes):
        assert ask(client, "/page", takes).headers["Content-Encoding"] == "gzip"
