"""Every setting that concerns time: its default, its range, and the words in which people read it.

Source: the settings index (§11) and §1.1 to §1.8 of the scheme's time rules. Minutes are whole minutes, rates are basis
points (2000 is 20%). A few take one value so far: entitlement is never pooled or transferred. They stand here so that
nobody has to guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from tithe.kernel.calendar import MONTHS, YEAR_STARTS
from tithe.kernel.errors import Problem, either
from tithe.kernel.minutes import spoken

BY_HR_FEED = "Applied by the HR feed"


class Section(StrEnum):
    """The headings under which settings stand on a page, in order."""

    ALLOWANCE = "Allowance"
    ROUNDING = "Rounding"
    HOLIDAYS = "Holidays"
    STARTERS = "Starters and absences"
    CARRYING = "Carrying over"
    LIMITS = "Limits"
    BLACKOUT = "Blackout"
    APPROVAL = "Approval"
    REPORTS = "Reports"
    OUTSIDE = "People from outside"
    CALENDAR = "Year and weeks"


class Kind(StrEnum):
    """What a value counts, which decides how people read it."""

    RATE = "basis points"
    PERCENT = "per cent"
    MINUTES = "minutes"
    WORKING_DAYS = "working days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    MONTH = "month"
    YES_NO = "yes or no"
    CHOICE = "one of several words"


@dataclass(frozen=True)
class About:
    """What is known of a setting besides its value. `effect` says where it has one, if not here."""

    section: Section
    kind: Kind
    label: str
    help: str
    low: int = 0
    high: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    months: tuple[int, ...] = ()
    effect: str | None = None
    never: bool = False  # of a yes or no: no is the only answer so far

    @property
    def expected(self) -> str:
        """The values it takes, in words."""
        if self.never:
            return "false: nothing else is built"
        if self.kind is Kind.CHOICE:
            return either(self.choices)
        if self.kind is Kind.MONTH:
            return either(str(month) for month in self.months)
        return "true or false" if self.kind is Kind.YES_NO else f"a whole number from {self.low} to {self.high}"

    def takes(self, value: Any) -> bool:
        """True for a value of the right type and in range."""
        if self.kind is Kind.CHOICE:
            return isinstance(value, str) and value in self.choices
        if self.kind is Kind.YES_NO:
            return isinstance(value, bool) and not (self.never and value)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and (value in self.months if self.kind is Kind.MONTH else self.low <= value <= self.high)


def _number(default: int, low: int, high: int, kind: Kind, section: Section, label: str, help: str) -> Any:
    return field(default=default, metadata={"about": About(section, kind, label, help, low=low, high=high)})


def _yes_no(
    default: bool, section: Section, label: str, help: str, *, effect: str | None = None, never: bool = False
) -> Any:
    about = About(section, Kind.YES_NO, label, help, effect=effect, never=never)
    return field(default=default, metadata={"about": about})


def _choice(default: str, choices: Mapping[str, str], section: Section, label: str, help: str) -> Any:
    return field(default=default, metadata={"about": About(section, Kind.CHOICE, label, help, choices=choices)})


def _month(default: int, months: tuple[int, ...], section: Section, label: str, help: str) -> Any:
    return field(default=default, metadata={"about": About(section, Kind.MONTH, label, help, months=months)})


# The one way of taking holidays that goes with each basis. Source: §1.2 of the scheme's time rules, "never mix".
METHOD_OF = {"available": "as_scheduled", "contracted": "pro_rata"}


# fmt: off
@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force for one unit on one day.

    `holiday_method` has no default of its own: where nobody sets it, it follows `accrual_basis`. The index and §1.6 of
    the scheme's time rules name different defaults for `expiry_action`; this is the one of §1.6, under which silence
    never approves a week.
    """

    rate_bp: int = _number(2000, 0, 2500, Kind.RATE, Section.ALLOWANCE, "Share of working time",
        "How much of the time somebody is available for work is theirs for projects they choose.")
    rate_max_bp: int = _number(2500, 0, 2500, Kind.RATE, Section.ALLOWANCE, "Ceiling of the share",
        "No unit here or below may set a larger share.")
    event_min: int = _number(0, 0, 4440, Kind.MINUTES, Section.ALLOWANCE, "Minutes for events",
        "Given to everybody each quarter on top of the share, whatever their hours.")
    accrual_basis: str = _choice("available",
        {"available": "Time available, less leave", "contracted": "Contracted time, leave not taken off"},
        Section.ALLOWANCE, "Basis of entitlement", "Use contracted time where tithe is told of nobody’s leave.")
    availability: str = _choice("forecast",
        {"forecast": "From the first day of the quarter", "accrued_to_date": "As it is earned, day by day"},
        Section.ALLOWANCE, "When it can be used", "Whether the whole quarter’s forecast can be used at once.")
    std_week_min: int = _number(2220, 1800, 2520, Kind.MINUTES, Section.ALLOWANCE, "Standard week",
        "A full-time week without breaks; a fifth of it is a standard day.")
    contractual: bool = _yes_no(False, Section.ALLOWANCE, "Part of the contract",
        "Whether the scheme was adopted as a term of employment rather than as a policy: what people read says which.")
    job_share_pool: bool = _yes_no(False, Section.ALLOWANCE, "Pooled in a job share",
        "Each sharer has an entitlement of their own; it is never pooled.", never=True)

    round_to: int = _number(15, 1, 60, Kind.MINUTES, Section.ROUNDING, "Rounded to",
        "An entitlement is rounded to a multiple of this, once for each person and quarter.")
    round_mode: str = _choice("half_up",
        {"half_up": "To the nearest, a half up", "up": "Always up", "down": "Always down",
         "half_even": "To the nearest, a half to the even multiple"},
        Section.ROUNDING, "Direction of rounding", "Which way an entitlement is rounded.")

    holiday_method: str = _choice("",
        {"as_scheduled": "As scheduled: a holiday takes off the hours due that day",
         "pro_rata": "Pro rata: everybody loses holidays in proportion to their hours"},
        Section.HOLIDAYS, "Holidays for part-timers",
        "As scheduled goes with time available, pro rata with contracted time; they are never mixed.")
    holiday_credit: str = _choice("scheduled",
        {"scheduled": "The whole scheduled day", "standard_day": "One standard day"},
        Section.HOLIDAYS, "A holiday on a long day", "What a bank holiday takes off a day of compressed hours.")

    qualifying_weeks: int = _number(0, 0, 52, Kind.WEEKS, Section.STARTERS, "Wait for starters",
        "How long somebody is employed before they begin to earn time.")
    exclude_probation: bool = _yes_no(False, Section.STARTERS, "Probation left out",
        "Whether nothing is earned until the last day of somebody’s probation, where one is on record.")
    protect_sick: bool = _yes_no(True, Section.STARTERS, "Protected sickness",
        "Whether absence because of disability or pregnancy leaves the entitlement as it is. tithe is told "
        "minutes and a yes or no, never a reason.",
        effect=BY_HR_FEED)

    carry_cap_pct: int = _number(50, 0, 100, Kind.PERCENT, Section.CARRYING, "Most that carries over",
        "The share of a quarter’s own entitlement that may go on to the next, rounded down.")
    carry_life_periods: int = _number(1, 0, 4, Kind.QUARTERS, Section.CARRYING, "Life of carried time",
        "How many quarters carried time lasts before it lapses.")
    carry_over_year_end: bool = _yes_no(True, Section.CARRYING, "Over the end of the year",
        "Whether time may be carried from the last quarter of a year to the first of the next.")
    protect_refused: bool = _yes_no(True, Section.CARRYING, "Refused time is protected",
        "Whether time asked for and refused carries above the cap.")
    overdraft_floor_min: int = _number(-444, -2220, 0, Kind.MINUTES, Section.CARRYING, "Largest debt carried",
        "A balance below nothing goes on to the next quarter down to here; the rest is written off.")
    allow_transfer: bool = _yes_no(False, Section.CARRYING, "Passed on to others",
        "Minutes stay with whoever earned them.", never=True)

    min_entry_min: int = _number(15, 1, 240, Kind.MINUTES, Section.LIMITS, "Shortest entry",
        "The least time that can be logged to one project on one day.")
    min_booking_min: int = _number(60, 0, 1440, Kind.MINUTES, Section.LIMITS, "Shortest booking",
        "The least time that can be planned ahead at once.")
    week_cap_pct: int = _number(40, 1, 100, Kind.PERCENT, Section.LIMITS, "Most in a week",
        "The share of a week’s scheduled time that may be logged, unless a block is approved.")
    own_time_allowed: bool = _yes_no(False, Section.LIMITS, "Own time counts",
        "Whether time may be logged on days off, on leave and on holidays, and beyond the hours due.")
    min_cover_warn_pct: int = _number(50, 1, 100, Kind.PERCENT, Section.LIMITS, "Warning about cover",
        "A manager is warned when more of their staff than this would be on tithe on one day.")
    job_share_cover: str = _choice("warn",
        {"warn": "Warn", "off": "Say nothing", "block": "Refuse"},
        Section.LIMITS, "Cover in a job share",
        "What happens when tithed time would leave a shared post without cover on a day. Refuse only where both work "
        "some of the same days.")

    blackout_notice_wd: int = _number(20, 0, 60, Kind.WORKING_DAYS, Section.BLACKOUT, "Notice of a blackout",
        "How long before its first day a blackout is announced.")
    blackout_max_wd: int = _number(40, 0, 260, Kind.WORKING_DAYS, Section.BLACKOUT, "Most blackout in a year",
        "How many days of a year a unit may black out in all.")

    project_gate: str = _choice("light",
        {"light": "Light: time can be logged at once and a coordinator may stop it", "none": "None",
         "full": "Full: a coordinator agrees first"},
        Section.APPROVAL, "Check of new projects",
        "Who looks at a project before time is logged to it. With none, projects cannot be flagged either.")
    decide_wd: int = _number(10, 1, 60, Kind.WORKING_DAYS, Section.APPROVAL, "Time to decide",
        "How long a manager has to decide a week that was sent to them.")
    expiry_action: str = _choice("escalate",
        {"escalate": "It goes to the countersigning manager",
         "deemed_if_guarded": "It counts as approved if it is within every limit"},
        Section.APPROVAL, "A week nobody decides", "What happens when the time to decide is over.")
    entry_approval: str = _choice("exception",
        {"exception": "Only what is outside an agreement", "every": "Every week"},
        Section.APPROVAL, "Weeks looked at",
        "Whether weeks inside what somebody and their manager agreed in advance are approved when submitted.")
    sla_calendar: str = _choice("decider",
        {"decider": "Of the person who decides", "owner": "Of the person whose week it is"},
        Section.APPROVAL, "Whose holidays count", "Whose working days are counted while a week waits.")

    participant_min: int = _number(60, 1, 1440, Kind.MINUTES, Section.REPORTS, "Counts as taking part",
        "The approved time in a quarter from which somebody counts as a participant.")

    outside_months: int = _number(6, 0, 12, Kind.MONTHS, Section.OUTSIDE, "Longest stay from outside",
        "How far ahead, from today, the stay of somebody from outside may end; with 0 nobody is invited.")

    fy_start_month: int = _month(4, YEAR_STARTS, Section.CALENDAR, "The year starts in",
        "Where a year ends for carrying over, for blackouts and for bursts, and what its quarters are called.")
    week_start: str = _choice("monday", {"monday": "Monday", "sunday": "Sunday"}, Section.CALENDAR,
        "The week starts on", "Set at the top, for the whole organisation. A week is named by its Monday either way.")
    week_assign: str = _choice("by_day",
        {"by_day": "Each day in its own quarter", "thursday": "All of it in the quarter of its Thursday",
         "commencing": "All of it in the quarter of its Monday"},
        Section.CALENDAR, "A week over two quarters",
        "From which quarter the time of a week is taken. What was submitted stays as it was then.")

    def __post_init__(self) -> None:
        if not self.holiday_method:
            object.__setattr__(self, "holiday_method", METHOD_OF[self.accrual_basis])
# fmt: on


ABOUT: dict[str, About] = {each.name: each.metadata["about"] for each in fields(Settings)}

# A preset names both, so that it means the same wherever it is adopted. `event` gives no share of working time but
# three standard days a quarter to everybody: a department that stops work together for a day or two, as in a hackathon.
PRESETS: dict[str, dict[str, int]] = {
    "tenth": {"rate_bp": 1000, "event_min": 0},
    "fifth": {"rate_bp": 2000, "event_min": 0},
    "event": {"rate_bp": 0, "event_min": 1332},
}


def problems_in(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a set of values, each by itself: unknown names, wrong types, numbers out of range."""
    problems = []
    for name, value in values.items():
        about = ABOUT.get(name)
        if about is None:
            problems.append(Problem(f"There is no setting called {name[:40]}", name))
        elif not about.takes(value):
            problems.append(Problem(f"{name} must be {about.expected}, not {repr(value)[:40]}", name))
    return problems


def contradictions(settings: Settings) -> list[Problem]:
    """What is wrong with settings together, once everything is inherited."""
    problems = []
    if settings.rate_bp > settings.rate_max_bp:
        rate, ceiling = shown("rate_bp", settings.rate_bp), shown("rate_max_bp", settings.rate_max_bp)
        words = f"A share of {rate} is above the ceiling of {ceiling}. Lower rate_bp or raise rate_max_bp"
        problems.append(Problem(words, "rate_bp"))
    method = METHOD_OF[settings.accrual_basis]
    if settings.holiday_method != method:
        words = (
            f"With accrual_basis {settings.accrual_basis}, holiday_method must be {method}, "
            f"not {settings.holiday_method}. Set holiday_method to {method}, or change accrual_basis"
        )
        problems.append(Problem(words, "holiday_method"))
    return problems


def shown(name: str, value: Any) -> str:
    """A value as people read it: 20%, 7h 24m, 10 working days, Yes."""
    about = ABOUT[name]
    match about.kind:
        case Kind.RATE:
            return f"{value / 100:g}%"
        case Kind.PERCENT:
            return f"{value}%"
        case Kind.MINUTES:
            return spoken(value)
        case Kind.YES_NO:
            return "Yes" if value else "No"
        case Kind.CHOICE:
            return about.choices[value]
        case Kind.MONTH:
            return MONTHS[value - 1]
    return f"{value} {about.kind.removesuffix('s') if value == 1 else about.kind}"


def read(name: str, text: str) -> Any:
    """What somebody typed for a setting as a value of its type. What cannot be read comes back as it is, for
    `problems_in` to refuse."""
    about, words = ABOUT.get(name), text.strip()
    if about is None or about.kind is Kind.CHOICE:
        return words
    if about.kind is Kind.YES_NO:
        return {"true": True, "false": False}.get(words.lower(), words)
    digits = words.removeprefix("-")
    return int(words) if digits.isascii() and digits.isdigit() and len(digits) < 10 else words
