"""The labels of every table, gathered from the features."""

from __future__ import annotations

from collections.abc import Mapping

from tithe.allowance.privacy import PRIVACY as ALLOWANCE
from tithe.audit.privacy import PRIVACY as AUDIT
from tithe.kernel.privacy import PRIVACY as KERNEL
from tithe.kernel.privacy import Held
from tithe.notices.privacy import PRIVACY as NOTICES
from tithe.oversight.privacy import PRIVACY as OVERSIGHT
from tithe.people.privacy import PRIVACY as PEOPLE
from tithe.policy.privacy import PRIVACY as POLICY
from tithe.projects.privacy import PRIVACY as PROJECTS
from tithe.reports.privacy import PRIVACY as REPORTS
from tithe.timesheets.privacy import PRIVACY as TIMESHEETS

LABELS: Mapping[str, Held] = {
    **KERNEL, **AUDIT, **NOTICES, **PEOPLE, **POLICY, **PROJECTS, **ALLOWANCE, **TIMESHEETS, **REPORTS,
    **OVERSIGHT,
}  # fmt: skip
