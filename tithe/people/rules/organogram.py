"""A department's two published files, senior and junior posts, as a plan of units and people.

The plan depends on what the files say and not on the order of their rows, and a post keeps its key from one
release to the next. Hours stay whole numbers throughout: ten-thousandths of full time (bp), minutes a week.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tithe.kernel.errors import RuleBroken
from tithe.people.rules import names
from tithe.people.rules.chains import Above, Chains
from tithe.people.rules.grades import Grade, rank
from tithe.people.rules.posts import FULL_TIME_BP, JUNIOR, SENIOR, Post, StaffRow, read_posts, read_staff
from tithe.people.rules.published import Layout, NamedBytes, Problem, Sheet, missing_columns, open_sheet
from tithe.people.rules.reporting_lines import Claim, managers
from tithe.people.rules.unit_tree import Path, Place, PlannedUnit, plan_units, slug

__all__ = ["NamedBytes", "Plan", "PlannedPerson", "PlannedUnit", "Problem", "read_organogram"]

FULL_WEEK_MINUTES = 2220
MOST_PEOPLE = 250_000
BLANK = "(blank)"


@dataclass(frozen=True)
class PlannedPerson:
    """Somebody to have. `key` names the post they hold, for ever; `manager_key` the post of their manager."""

    key: str
    staff_number: str
    name: str
    email: str
    unit_code: str
    grade: Grade | None
    grade_text: str
    post_title: str
    fte_bp: int
    weekly_minutes: int
    manager_key: str | None
    senior: bool


@dataclass(frozen=True)
class Plan:
    """What two files come to. Units stand after their parents and people after their managers."""

    units: tuple[PlannedUnit, ...]
    people: tuple[PlannedPerson, ...]
    senior_posts: int
    junior_rows: int
    vacant: int
    unmapped_grades: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def managers(self) -> int:
        return len({person.manager_key for person in self.people} - {None})

    @property
    def fte_senior(self) -> Decimal:
        return _fte(person for person in self.people if person.senior)

    @property
    def fte_junior(self) -> Decimal:
        return _fte(person for person in self.people if not person.senior)


@dataclass(frozen=True)
class _Member:
    """Somebody before their manager and unit code are settled."""

    claim: Claim
    place: Place
    grade: Grade | None
    grade_text: str
    title: str


def read_organogram(senior: NamedBytes, junior: NamedBytes) -> Plan:
    """Read the two files of a department, or refuse them whole when they are not those two files."""
    senior_sheet, junior_sheet = _open_both(senior, junior)
    posts, senior_problems = read_posts(senior_sheet)
    staff, junior_problems = read_staff(junior_sheet)
    _refuse_too_many(staff)
    chains = Chains(senior.name, posts)
    placement_problems: list[Problem] = []
    members = [
        *_senior_members(posts, chains, placement_problems),
        *_junior_members(junior.name, staff, chains, placement_problems),
    ]
    units = plan_units([post.place for post in posts] + [row.place for row in staff])
    of_sheets = [*senior_sheet.problems, *junior_sheet.problems]
    of_rows = [*senior_problems, *junior_problems, *chains.problems, *placement_problems]
    return Plan(
        units=tuple(units),
        people=tuple(_people(members, {unit.path: unit.code for unit in units})),
        senior_posts=len(posts),
        junior_rows=len(junior_sheet.records),
        vacant=sum(post.vacant for post in posts),
        unmapped_grades=tuple(sorted({each.grade_text or BLANK for each in members if each.grade is None})),
        problems=_in_file_order([*of_sheets, *of_rows], (senior.name, junior.name)),
    )


def _open_both(senior: NamedBytes, junior: NamedBytes) -> tuple[Sheet, Sheet]:
    sheets = open_sheet(senior), open_sheet(junior)
    seem_swapped = not missing_columns(sheets[0], JUNIOR) and not missing_columns(sheets[1], SENIOR)
    if seem_swapped and missing_columns(sheets[0], SENIOR):
        raise RuleBroken(
            f"The files are swapped: {senior.name} holds junior posts and {junior.name} senior posts."
            " Give the file of senior posts first"
        )
    for sheet, layout in zip(sheets, (SENIOR, JUNIOR), strict=True):
        _refuse_wrong_kind(sheet, layout)
    if not sheets[0].records:
        raise RuleBroken(f"{senior.name} is empty: it has headings and no posts")
    return sheets


def _refuse_wrong_kind(sheet: Sheet, layout: Layout) -> None:
    missing = missing_columns(sheet, layout)
    other = JUNIOR if layout is SENIOR else SENIOR
    if not missing_columns(sheet, other) and (missing or layout is JUNIOR):
        raise RuleBroken(f"{sheet.name} is a file of {other.kind}, not of {layout.kind}")
    if missing:
        columns = ", ".join(f"“{column}”" for column in missing)
        raise RuleBroken(f"{sheet.name} is not a file of {layout.kind}: it has no column {columns}")


def _refuse_too_many(staff: list[StaffRow]) -> None:
    people = sum(-(-row.fte_bp // FULL_TIME_BP) for row in staff)
    if people > MOST_PEOPLE:
        raise RuleBroken(f"The files describe {people:,} people. We can load {MOST_PEOPLE:,} at once")


def _senior_members(posts: list[Post], chains: Chains, problems: list[Problem]) -> Iterator[_Member]:
    for post in posts:
        if not post.filled:
            continue
        above = chains.above(post)
        if above.too_low is not None:
            problems.append(Problem(chains.file, post.line, _too_low(post.grade_text, above.too_low, above)))
        holder = above.holder.key if above.holder else None
        group = ("senior", post.place.path, holder)
        claim = Claim(post.key, rank(post.grade), holder, group, True, post.fte_bp)
        yield _Member(claim, post.place, post.grade, post.grade_text, post.title)


def _junior_members(file: str, staff: list[StaffRow], chains: Chains, problems: list[Problem]) -> Iterator[_Member]:
    """Make people of the rows. Rows of one signature are counted together: their order does not matter."""
    alike: dict[tuple[str, ...], list[StaffRow]] = defaultdict(list)
    for row in staff:
        alike[row.signature].append(row)
    for signature, rows in alike.items():
        row = min(rows, key=lambda each: (each.title, each.grade_text, each.line))
        above, reason = _above_staff(row, chains)
        if reason:
            problems.extend(Problem(file, each.line, reason) for each in rows)
        holder = above.holder.key if above.holder else None
        group: Hashable = (row.place.path, row.scope, row.supervisor, holder)
        shares = sorted((share for each in rows for share in _people_in(each.fte_bp)), reverse=True)
        for number, share in enumerate(shares, start=1):
            key = names.key_of("junior", *signature, str(number))
            claim = Claim(key, rank(row.grade), holder, group, False, share)
            yield _Member(claim, row.place, row.grade, row.grade_text, row.title)


def _people_in(fte_bp: int) -> list[int]:
    """Split the FTE of a row into people: 10.6 is ten full-time and one of 0.6."""
    whole, part = divmod(fte_bp, FULL_TIME_BP)
    return [FULL_TIME_BP] * whole + [part] * (part > 0)


def _above_staff(row: StaffRow, chains: Chains) -> tuple[Above, str]:
    """Find whom a junior row reports to, and what there is to say about it."""
    post = chains.find(row.scope, row.supervisor)
    if post is None:
        named = f"there is no one post “{row.supervisor}”" if row.supervisor else "no post is named"
        return Above(None, None), f"{named} to report to; the row was loaded without a manager"
    above = chains.holder_from(post, rank(row.grade))
    if above.too_low is not None:
        return above, _too_low(row.grade_text, above.too_low, above)
    if above.holder is None:
        nobody = f"neither post “{post.reference}” nor any above it has a holder"
        return above, f"{nobody}; the row was loaded without a manager"
    return above, ""


def _too_low(grade_text: str, low: Post, above: Above) -> str:
    done = f"put under post “{above.holder.reference}”" if above.holder else "loaded without a manager"
    return (
        f"grade “{grade_text or BLANK}” is above that of post “{low.reference}”, “{low.grade_text or BLANK}”,"
        f" which cannot manage it; it was {done}"
    )


def _people(members: Iterable[_Member], codes: dict[Path, str]) -> Iterator[PlannedPerson]:
    by_key = {member.claim.key: member for member in members}
    for key, manager in managers(member.claim for member in by_key.values()).items():
        member = by_key[key]
        name = names.name_for(key)
        organisation = slug(member.place.names[member.place.organisations - 1])
        yield PlannedPerson(
            key=key,
            staff_number=names.staff_number_for(key),
            name=name,
            email=names.email_for(key, name, organisation),
            unit_code=codes[member.place.path],
            grade=member.grade,
            grade_text=member.grade_text,
            post_title=member.title,
            fte_bp=member.claim.fte_bp,
            weekly_minutes=(member.claim.fte_bp * FULL_WEEK_MINUTES * 2 + FULL_TIME_BP) // (2 * FULL_TIME_BP),
            manager_key=manager,
            senior=member.claim.senior,
        )


def _fte(people: Iterable[PlannedPerson]) -> Decimal:
    return Decimal(sum(person.fte_bp for person in people)) / FULL_TIME_BP


def _in_file_order(problems: list[Problem], files: tuple[str, str]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda each: (files.index(each.file), each.line, each.reason)))
