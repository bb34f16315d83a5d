"""What every factory shares: rows go in by the session and are committed, as an operation would leave them."""

from __future__ import annotations

from typing import Any

from factory.alchemy import SQLAlchemyModelFactory

from tithe.kernel.db import db


class TitheFactory(SQLAlchemyModelFactory):
    """Saves and commits, so that requests and other connections see the row."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 the library asks for a callable
        sqlalchemy_session_persistence = "commit"

    @classmethod
    def _save(cls, model_class: Any, session: Any, args: Any, kwargs: Any) -> Any:
        row = super()._save(model_class, session, args, kwargs)
        session.expunge(row)  # a plain value from here on: nothing a test does to it is written by accident
        return row
