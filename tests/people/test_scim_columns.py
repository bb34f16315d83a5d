"""Every column of the schema sent over SCIM: what has no sense there reaches no row."""

from __future__ import annotations

import pytest

from tests.people.hr_files import posts
from tests.people.provisioning import NEW, person, replacing
from tests.support.contents import contents
from tithe.kernel.db import Base
from tithe.people.models import Person


class TestEveryColumn:
    """Providers send more than is kept here: SCIM says to pass over it, and every column of the schema is."""

    COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.columns})

    @pytest.fixture
    def columns(self, provider, team) -> dict[str, str]:
        """All of them, as if each were an attribute, but for those that are attributes of SCIM with a sense here."""
        shown = provider.call("GET", f"/Users/{team.owner.id}").json
        meant = {each.casefold() for each in (*shown, "displayName", "emails", "externalId", "active", "title")}
        return {each: "1" for each in self.COLUMNS if each.casefold() not in meant}

    def test_sent_with_an_account_as_it_is_changes_nothing(self, provider, team, columns):
        shown = provider.call("GET", f"/Users/{team.owner.id}").json
        before = contents()

        assert provider.call("PUT", f"/Users/{team.owner.id}", columns | shown).status_code == 200
        assert contents() == before

    def test_sent_with_a_new_account_reaches_no_row(self, provider, columns):
        assert {"leaves_on", "probation_ends_on", "password_hash", "role"} & {*columns} != set()

        provider.call("POST", "/Users", NEW)
        plain = person("nia.new@example.org")
        provider.call("POST", "/Users", NEW | columns | {"userName": "noa@example.org", "externalId": "N2"})
        told = person("noa@example.org")

        itself = {"id", "email", "staff_number"}
        kept = [each.name for each in Person.__table__.columns if each.name not in itself]
        assert [getattr(told, each) for each in kept] == [getattr(plain, each) for each in kept]
        assert posts("N2") == posts("N1")

    def test_is_refused_as_the_path_of_a_patch_or_changes_nothing(self, provider, team, columns):
        before, odd = contents(), []
        for each in columns:
            answer = provider.patch(team.owner.id, replacing(each, "1"))
            if answer.status_code not in (200, 400):
                odd.append((each, answer.status_code))

        assert odd == []
        assert contents() == before
