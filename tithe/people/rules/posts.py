"""The rows of the two published files as posts: what each says, and what is wrong with it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tithe.people.rules.grades import Grade, reference_grade
from tithe.people.rules.names import key_of
from tithe.people.rules.published import Layout, Problem, Row, Sheet, given, rows_of
from tithe.people.rules.unit_tree import MAX_NAME, Place, place_of, shortened

FULL_TIME_BP = 10_000
MOST_FTE = 10_000
MAX_TITLE = 200
MAX_GRADE = 80
VACANT = re.compile(r"(?i)\W*(vacant|vacancy|eliminated)\b")
ELIMINATED = re.compile(r"(?i)\bpost\s+eliminated\b")

_PLACE_COLUMNS = {
    "department": ("Parent Department", "Parent Dept", "Department"),
    "organisation": ("Organisation", "Organization"),
    "unit": ("Unit",),
}
_PROFESSION = {"profession": ("Professional/Occupational Group", "Profession")}

SENIOR = Layout(
    kind="senior posts",
    required={
        "reference": ("Post Unique Reference", "Post Reference", "Unique Post Reference"),
        "name": ("Name",),
        "grade": ("Grade", "Grade or equivalent"),
        "title": ("Job Title",),
        **_PLACE_COLUMNS,
        "supervisor": ("Reports to Senior Post", "Reports to Post"),
        "fte": ("FTE",),
    },
    optional={**_PROFESSION, "function": ("Job/Team Function",), "notes": ("Notes",)},
)
JUNIOR = Layout(
    kind="junior posts",
    required={
        **_PLACE_COLUMNS,
        "supervisor": ("Reporting Senior Post", "Reports to Senior Post"),
        "grade": ("Grade", "Grade or equivalent"),
        "title": ("Generic Job Title", "Job Title"),
        "fte": ("Number of Posts in FTE", "Number of Posts FTE", "FTE"),
    },
    optional={
        "pay_minimum": ("Payscale Minimum", "Pay scale Minimum"),
        "pay_maximum": ("Payscale Maximum", "Pay scale Maximum"),
        **_PROFESSION,
    },
)

Scope = tuple[str, str]
"""Department and organisation, folded: a post reference means something only within them."""


@dataclass(frozen=True)
class Post:
    """A senior post. One that is not `filled` holds nobody but still links those below it to those above."""

    line: int
    key: str
    scope: Scope
    reference: str
    place: Place
    grade: Grade | None
    grade_text: str
    title: str
    fte_bp: int
    supervisor: str
    filled: bool
    vacant: bool


@dataclass(frozen=True)
class StaffRow:
    """Some junior people of one post under one senior post. Rows of equal `signature` are of one kind."""

    line: int
    signature: tuple[str, ...]
    scope: Scope
    place: Place
    grade: Grade | None
    grade_text: str
    title: str
    fte_bp: int
    supervisor: str


class Unusable(Exception):
    """Why a row cannot be used, in words. The reader of the file adds what was done about it."""


def full_time_equivalent(text: str) -> int:
    """Read an FTE as ten-thousandths of full time, rounded half up: "10.6" is 106000."""
    if not text or text.upper() in ("N/A", "N/D"):
        raise Unusable("the FTE is blank")
    if not re.fullmatch(r"[+-]?(\d{1,18}(\.\d*)?|\.\d+)", text, re.ASCII) or len(text) > 40:
        raise Unusable(f"FTE “{shortened(text, 40)}” is not a number")
    value = Decimal(text)
    if value > MOST_FTE:
        raise Unusable(f"FTE “{text}” is over {MOST_FTE:,}, more than one row can hold")
    share = int((value * FULL_TIME_BP).to_integral_value(ROUND_HALF_UP))
    if share <= 0:
        raise Unusable(f"FTE “{text}” is not more than nothing")
    return share


def read_posts(sheet: Sheet) -> tuple[list[Post], list[Problem]]:
    """Read the senior posts. Of rows with one reference the first that somebody fills stands for all."""
    rows, problems = rows_of(sheet, SENIOR)
    by_reference: dict[tuple[Scope, str], list[Post]] = defaultdict(list)
    for row in rows:
        problems.extend(Problem(sheet.name, row.line, reason) for reason in _too_long(row))
        try:
            post, remark = _post(row)
        except Unusable as unusable:
            problems.append(Problem(sheet.name, row.line, f"{unusable}; the row was left out"))
            continue
        if remark:
            problems.append(Problem(sheet.name, row.line, remark))
        by_reference[post.scope, post.reference].append(post)
    posts = []
    for same in by_reference.values():
        stands = min(same, key=lambda post: (not post.filled, not post.vacant, post.line))
        posts.append(stands)
        problems.extend(_duplicates(sheet.name, stands, same))
    return posts, problems


def read_staff(sheet: Sheet) -> tuple[list[StaffRow], list[Problem]]:
    """Read the junior rows. A row whose FTE or place cannot be used is left out."""
    rows, problems = rows_of(sheet, JUNIOR)
    staff = []
    for row in rows:
        problems.extend(Problem(sheet.name, row.line, reason) for reason in _too_long(row))
        try:
            staff.append(_staff_row(row))
        except Unusable as unusable:
            problems.append(Problem(sheet.name, row.line, f"{unusable}; the row was left out"))
    return staff, problems


def _post(row: Row) -> tuple[Post, str]:
    """Read one senior row, with a remark when it could be used only in part."""
    reference = given(row["reference"])
    if not reference:
        raise Unusable("the post has no reference")
    vacant = bool(VACANT.match(row["name"]) or any(ELIMINATED.search(row[each]) for each in ("function", "notes")))
    remark, fte_bp = "", 0
    if not vacant:
        try:
            fte_bp = full_time_equivalent(row["fte"])
        except Unusable as unusable:
            remark = f"{unusable}; the post was left empty and its reports go to the next holder up"
    if fte_bp > FULL_TIME_BP:
        remark = f"FTE “{row['fte']}” is more than one person's; the holder was loaded with 1"
        fte_bp = FULL_TIME_BP
    place, scope = _place(row)
    post = Post(
        row.line, key_of("senior", *scope, reference), scope, reference, place, reference_grade(row["grade"]),
        shortened(row["grade"], MAX_GRADE), _title(row), fte_bp, row["supervisor"], fte_bp > 0, vacant,
    )  # fmt: skip
    return post, remark


def _staff_row(row: Row) -> StaffRow:
    fte_bp = full_time_equivalent(row["fte"])
    place, scope = _place(row)
    said = ("unit", "grade", "title", "profession", "pay_minimum", "pay_maximum")
    signature = (*scope, row["supervisor"], *(row[column].casefold() for column in said))
    return StaffRow(
        row.line, signature, scope, place, reference_grade(row["grade"]), shortened(row["grade"], MAX_GRADE),
        _title(row), fte_bp, row["supervisor"],
    )  # fmt: skip


def _place(row: Row) -> tuple[Place, Scope]:
    department, organisation = given(row["department"]), given(row["organisation"])
    place = place_of(department, organisation, given(row["unit"]))
    if not place.organisations:
        raise Unusable("the row names no department and no organisation")
    return place, (department.casefold(), organisation.casefold())


def _title(row: Row) -> str:
    """Take a job title out of the quotation marks that some releases wrap it in."""
    title = row["title"]
    if len(title) > 2 and title[0] == title[-1] == "'":
        title = title[1:-1].strip()
    return shortened(title, MAX_TITLE)


def _too_long(row: Row) -> Iterator[str]:
    limits = {"title": MAX_TITLE, "grade": MAX_GRADE} | dict.fromkeys(_PLACE_COLUMNS, MAX_NAME)
    for column, longest in limits.items():
        if len(row[column]) > longest:
            yield f"the {column} is {len(row[column])} characters long; it was shortened to {longest}"


def _duplicates(file: str, stands: Post, same: list[Post]) -> Iterator[Problem]:
    for post in same:
        if post is not stands:
            reason = f"post reference “{post.reference}” stands on line {stands.line} too"
            yield Problem(file, post.line, f"{reason}; this row was left out")
