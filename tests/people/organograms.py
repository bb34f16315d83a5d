"""Small organograms to read in tests, and what must hold of every plan made from one."""

import csv
import io
from collections import Counter
from pathlib import Path

from tithe.people.rules.grades import rank
from tithe.people.rules.organogram import NamedBytes, Plan, read_organogram

PUBLISHED = Path(__file__).parent.parent / "data" / "organograms"
SENIOR_HEADINGS = [
    "Post Unique Reference", "Name", "Grade (or equivalent)", "Job Title", "Parent Department",
    "Organisation", "Unit", "Reports to Senior Post", "FTE", "Job/Team Function", "Notes",
]  # fmt: skip
JUNIOR_HEADINGS = [
    "Parent Department", "Organisation", "Unit", "Reporting Senior Post", "Grade", "Payscale Minimum (£)",
    "Generic Job Title", "Number of Posts in FTE", "Professional/Occupational Group",
]  # fmt: skip


def senior(
    reference, to="XX", grade="SCS1", fte="1", name="N/D", unit="Strategy", org="Youth Justice Board", said="", notes=""
):
    return [reference, name, grade, f"Head {reference}", "Ministry of Justice", org, unit, to, fte, said, notes]


def junior(to, grade="EO", fte="1", unit="Strategy", title="Adviser", org="Youth Justice Board"):
    return ["Ministry of Justice", org, unit, to, grade, "20000", title, fte, "Policy"]


def as_csv(headings, rows) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode()


def read(seniors, juniors) -> Plan:
    return read_bytes(as_csv(SENIOR_HEADINGS, seniors), as_csv(JUNIOR_HEADINGS, juniors))


def read_bytes(senior_bytes: bytes, junior_bytes: bytes) -> Plan:
    return read_organogram(NamedBytes("senior.csv", senior_bytes), NamedBytes("junior.csv", junior_bytes))


def published(name: str) -> Plan:
    senior_file, junior_file = (PUBLISHED / f"{name}-{kind}.csv" for kind in ("senior", "junior"))
    return read_organogram(
        NamedBytes(senior_file.name, senior_file.read_bytes()),
        NamedBytes(junior_file.name, junior_file.read_bytes()),
    )


def said(plan: Plan) -> list[tuple[str, int, str]]:
    return [(problem.file, problem.line, problem.reason) for problem in plan.problems]


def titles_of_managers(plan: Plan) -> dict[str, str | None]:
    title = {person.key: person.post_title for person in plan.people}
    return {person.post_title: title.get(person.manager_key) for person in plan.people}


def assert_lines_hold(plan: Plan) -> None:
    """No manager has more than 12 reports or a lower grade, and everybody leads up to somebody at the top."""
    by_key = {person.key: person for person in plan.people}
    assert len(by_key) == len(plan.people)
    reports = Counter(person.manager_key for person in plan.people if person.manager_key)
    assert max(reports.values(), default=0) <= 12
    seen = set()
    for person in plan.people:  # managers come first, so there is no loop
        assert person.manager_key is None or person.manager_key in seen
        if person.manager_key:
            assert rank(by_key[person.manager_key].grade) >= rank(person.grade)
        seen.add(person.key)
