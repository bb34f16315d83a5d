"""Paging by key: a page starts after the last row of the one before, however long the list."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from tithe.kernel.errors import RuleBroken


class Cursor:
    """A place in a list ordered by an instant and an id, as text for a link."""

    @staticmethod
    def write(instant: datetime, row_id: int) -> str:
        return urlsafe_b64encode(f"{instant.astimezone(UTC).isoformat()} {row_id}".encode()).decode().rstrip("=")

    @staticmethod
    def read(text: str | None) -> tuple[datetime, int] | None:
        """The place a link names; None at the start of the list. Refuses what `write` did not make."""
        if not text:
            return None
        try:
            instant, row_id = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
            place = datetime.fromisoformat(instant), int(row_id)
        except ValueError:
            raise RuleBroken("This link is damaged. Start again from the first page", field="after") from None
        if place[0].tzinfo is None or not 0 < place[1] < 2**62:
            raise RuleBroken("This link is damaged. Start again from the first page", field="after")
        return place
