"""Which roles need a second factor, as the environment says it."""

from __future__ import annotations

import pytest

from config import Unsafe, current

PRODUCTION = {
    "TITHE_ENV": "production",
    "DATABASE_URL": "postgresql://tithe@db/tithe",
    "SECRET_KEY": "0123456789abcdef" * 2 + "fedcba98",
    "BASE_URL": "https://tithe.example.org",
}


class TestRequireSecondFactor:
    @pytest.mark.parametrize(
        ("said", "roles"),
        [
            ({"TITHE_ENV": "testing"}, ()),
            (PRODUCTION, ("hr_manager", "finance", "administrator")),
            ({**PRODUCTION, "REQUIRE_SECOND_FACTOR": "none"}, ()),
            ({"TITHE_ENV": "testing", "REQUIRE_SECOND_FACTOR": "auditor, rep"}, ("auditor", "rep")),
        ],
    )
    def test_names_roles(self, said, roles):
        assert current(said).second_factor_roles == roles

    @pytest.mark.parametrize("said", ["yes", "hr_manager,", "hr-manager", "none,finance"])
    def test_refuses_what_is_no_role(self, said):
        with pytest.raises(Unsafe, match="REQUIRE_SECOND_FACTOR names"):
            current({"TITHE_ENV": "testing", "REQUIRE_SECOND_FACTOR": said})
