"""What templates are drawn with gives the same the second time, and other things where anything differs."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Blueprint, Flask, render_template, render_template_string, session, url_for
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from jinja2 import DictLoader
from markupsafe import Markup

from tithe.web import drawing
from tithe.web.components import govuk
from tithe.web.cookies import SignedCookies

ADDRESS = "{{ url_for('.item', key=key) }}"


@pytest.fixture
def small() -> Flask:
    app = Flask("small")
    app.secret_key = "only for this test"
    drawing.install(app)
    for name in ("apples", "pears"):
        fruit = Blueprint(name, name, url_prefix=f"/{name}")
        fruit.add_url_rule("/", "all", lambda: "")
        fruit.add_url_rule("/<key>", "item", lambda key: key)
        app.register_blueprint(fruit)
    return app


def drawn(app: Flask, path: str, root: str = "", **values: object) -> str:
    with app.test_request_context(path, base_url=f"http://localhost{root}"):
        assert url_for(".item", **values) == render_template_string(ADDRESS, **values)
        return render_template_string(ADDRESS, **values)


class TestAddresses:
    def test_are_those_of_the_page_they_stand_on(self, small):
        assert [drawn(small, path, key=1) for path in ("/apples/", "/pears/", "/apples/")] == [
            "/apples/1",
            "/pears/1",
            "/apples/1",
        ]

    def test_differ_by_where_the_service_is_mounted(self, small):
        assert [drawn(small, "/apples/", root, key=1) for root in ("", "/tithe", "")] == [
            "/apples/1",
            "/tithe/apples/1",
            "/apples/1",
        ]

    def test_differ_by_every_value_and_its_kind(self, small):
        keys = (1, True, "1", 1.0, date(2026, 8, 3), "a b/c?")

        expected = [
            "/apples/1",
            "/apples/True",
            "/apples/1",
            "/apples/1.0",
            "/apples/2026-08-03",
            "/apples/a%20b/c%3F",
        ]
        assert [drawn(small, "/apples/", key=key) for key in keys * 2] == expected * 2


class TestATemplate:
    def test_may_set_and_import_what_others_do_not_see(self, small):
        with small.test_request_context("/apples/"):
            assert render_template_string("{% set own = 1 %}{{ own }}") == "1"
            assert render_template_string("{{ own is defined }} {{ config is defined }}") == "False True"

    def test_gives_what_it_draws_in_one_piece_however_it_is_put_together(self, small):
        small.jinja_env.loader = DictLoader({
            "around": "<{% block inner %}nothing{% endblock %}>{% include 'part' %}",
            "part": "{% for each in (1, 2) %}{{ each }}{% endfor %}",
            "page": "{% extends 'around' %}{% block inner %}{{ super() }} but {% include 'part' %}{% endblock %}",
        })  # fmt: skip
        with small.test_request_context("/apples/"):
            page = small.jinja_env.get_template("page")
            assert render_template("page") == "<nothing but 12>12"
            assert list(page.root_render_func(page.new_context())) == ["<nothing but 12>12"]


class TestAComponent:
    def test_is_drawn_once_for_the_same_parameters(self):
        first = govuk("tag", text="Draft", classes="govuk-tag--grey")

        assert govuk("tag", text="Draft", classes="govuk-tag--grey") is first
        assert isinstance(first, Markup)

    def test_differs_by_every_parameter(self):
        different = [
            govuk("tag", text=text, classes=classes) for text in ("1", 1, "<b>") for classes in ("", "govuk-tag--red")
        ]

        assert len(set(different)) == 4  # a number reads as its digits
        assert "&lt;b&gt;" in different[-1]

    def test_takes_plain_values_only(self):
        with pytest.raises(TypeError, match="plain values"):
            govuk("tag", text=object())

    def test_has_no_empty_lines_between_its_tags(self):
        items = [{"text": "Home", "href": "/"}, {"text": "My week", "href": "/weeks"}]

        lines = govuk("service-navigation", serviceName="tithe", navigation=items).split("\n")

        assert all(line == line.strip() for line in lines if line.endswith(">"))
        assert not any(line.strip() == "" for line in lines[1:-1])

    def test_keeps_the_lines_somebody_typed(self):
        words = "First\n\n   second  \n<b>\n\nlast"

        area = govuk("textarea", name="words", id="words", label={"text": "Words"}, value=words)
        inset = govuk("inset-text", text=words)

        assert "First\n\n   second  \n&lt;b&gt;\n\nlast</textarea>" in area
        assert "First\n\n   second  \n&lt;b&gt;\n\nlast" in inset


class TestSignedCookies:
    KEPT = {"secret": "s"}

    def test_are_signed_by_one_signer_and_by_sha_256(self, small):
        ours, flasks = SignedCookies(), SecureCookieSessionInterface()
        signer = ours.get_signing_serializer(small)

        assert signer is ours.get_signing_serializer(small)
        assert signer.loads(signer.dumps(self.KEPT)) == self.KEPT
        with pytest.raises(BadSignature):
            signer.loads(flasks.get_signing_serializer(small).dumps(self.KEPT))

    @pytest.mark.parametrize(
        ("visit", "sets", "varies"),
        [
            (lambda: "", False, False),
            (lambda: session.get("secret", ""), False, True),
            (lambda: session.update(secret="other") or "", True, True),
            (lambda: session.clear() or "", True, True),
        ],
    )
    def test_are_sent_when_they_changed_and_vary_what_read_them(self, small, visit, sets, varies):
        small.session_interface = SignedCookies()
        small.add_url_rule("/visit", "visit", visit)
        client = small.test_client()
        with client.session_transaction() as kept:
            kept.update(self.KEPT)

        answer = client.get("/visit")

        assert ("Set-Cookie" in answer.headers) == sets
        assert (answer.headers.get("Vary") == "Cookie") == varies
