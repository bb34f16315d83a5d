"""The reference grades of the Civil Service, and the departmental names that mean the same.

Departments write one grade in many ways ("HEO (L)", "Higher Officer", "Band C"). Everything here is a table:
a wording that a person who knows the Civil Service would place is placed, any other is left unknown.
"""

import re
from enum import StrEnum


class Grade(StrEnum):
    """Reference grades, lowest first."""

    AA = "AA"
    AO = "AO"
    EO = "EO"
    HEO = "HEO"
    SEO = "SEO"
    G7 = "G7"
    G6 = "G6"
    SCS1 = "SCS1"
    SCS2 = "SCS2"
    SCS3 = "SCS3"
    SCS4 = "SCS4"


RANKS: dict[Grade | None, int] = {
    Grade.AA: 1,
    Grade.AO: 2,
    None: 3,
    Grade.EO: 4,
    Grade.HEO: 5,
    Grade.SEO: 6,
    Grade.G7: 7,
    Grade.G6: 8,
    Grade.SCS1: 9,
    Grade.SCS2: 10,
    Grade.SCS3: 11,
    Grade.SCS4: 12,
}
"""An unknown grade sits just below EO, so nobody of unknown grade manages an EO."""

CODES: dict[Grade, str] = {
    Grade.AA: "AA, ADMINISTRATIVE ASSISTANT, ADMIN ASSISTANT",
    Grade.AO: "AO, ADMINISTRATIVE OFFICER, ADMIN OFFICER",
    Grade.EO: "EO, EXECUTIVE OFFICER",
    Grade.HEO: "HEO, HEOD, HIGHER EXECUTIVE OFFICER",
    Grade.SEO: "SEO, SENIOR EXECUTIVE OFFICER",
    Grade.G7: "G7, GRADE 7, GRADE SEVEN, GRADE7",
    Grade.G6: "G6, GRADE 6, GRADE SIX, GRADE6",
    Grade.SCS1: "SCS, SCS1, SCS1A, G5, G4, GRADE 5, GRADE 4, GRADE5, GRADE4, SENIOR CIVIL SERVICE",
    Grade.SCS2: "SCS2, G3, GRADE 3, GRADE3",
    Grade.SCS3: "SCS3, G2, GRADE 2, GRADE2",
    Grade.SCS4: "SCS4, G1, GRADE 1, GRADE1",
}
"""Wordings that settle the grade whatever follows them ("Grade 7 Economist", "EO (AIO) (London)")."""

EQUIVALENTS: dict[Grade, str] = {
    Grade.AA: (
        "A1, BAND F, BAND E2, E2, SUPPORT GRADE BAND 2, SUPPORT GRADE BAND 1, SGB1, SGB2, MESSENGER, "
        "ASSISTANT OFFICER 2, OR2, OR3"
    ),
    Grade.AO: (
        "A2, BAND E, BAND E1, E1, ASSISTANT OFFICER, PERSONAL SECRETARY, PS, ASSISTANT SCIENTIFIC "
        "OFFICER, ASO, AIO, ASSISTANT IMMIGRATION OFFICER, OR4, OR6"
    ),
    Grade.EO: (
        "B3, BAND D, OFFICER, SENIOR PERSONAL SECRETARY, SPS, IO, IMMIGRATION OFFICER, SCIENTIFIC "
        "OFFICER, SO, PTO, PROFESSIONAL AND TECHNOLOGY OFFICER, ASSISTANT INFORMATION OFFICER, ASSISTANT "
        "RESEARCH OFFICER, ARO, ASSISTANT LIBRARIAN, STATISTICAL ASSISTANT, OF1, OR7, OR8, OR9"
    ),
    Grade.HEO: (
        "C4, BAND C, BAND C2, C2, HIGHER OFFICER, CIO, CHIEF IMMIGRATION OFFICER, HIGHER SCIENTIFIC "
        "OFFICER, HSO, HPTO, HIGHER PROFESSIONAL AND TECHNOLOGY OFFICER, INFORMATION OFFICER, RESEARCH "
        "OFFICER, RO, LIBRARIAN, FS, FAST STREAM, FAST STREAMER, ECONOMIC ASSISTANT, ASSISTANT "
        "ECONOMIST, ASSISTANT STATISTICIAN, STATISTICAL OFFICER, OF2"
    ),
    Grade.SEO: (
        "C5, BAND B, BAND C1, C1, SENIOR OFFICER, SENIOR SCIENTIFIC OFFICER, SSO, SPTO, SENIOR "
        "PROFESSIONAL AND TECHNOLOGY OFFICER, SIO, SENIOR INFORMATION OFFICER, SENIOR RESEARCH OFFICER, "
        "SRO, SENIOR LIBRARIAN, IMMIGRATION INSPECTOR, HM INSPECTOR, HMI, VETERINARY OFFICER, VO, OF3"
    ),
    Grade.G7: (
        "D6, BAND A, BAND B2, B2, PRINCIPAL, PRINCIPAL SCIENTIFIC OFFICER, PSO, PRINCIPAL RESEARCH "
        "OFFICER, PRO, PRINCIPAL INFORMATION OFFICER, ECONOMIC ADVISER, STATISTICIAN, OF4"
    ),
    Grade.G6: "D7, BAND B1, B1, SENIOR PRINCIPAL, SENIOR PRINCIPAL SCIENTIFIC OFFICER, SPSO, OF5",
    Grade.SCS1: "DEPUTY DIRECTOR, ASSISTANT SECRETARY, OF6, 1 STAR",
    Grade.SCS2: "DIRECTOR, UNDER SECRETARY, OF7, 2 STAR",
    Grade.SCS3: "DIRECTOR GENERAL, DEPUTY SECRETARY, OF8, 3 STAR",
    Grade.SCS4: "PERMANENT SECRETARY, OF9, 4 STAR",
}
"""Wordings that mean a grade only when they stand alone: "Director" is SCS2, "Director of Music" is not."""

PLACES = {"L", "N", "I", "O", "D", "LONDON", "NATIONAL", "INNER", "OUTER", "REGIONAL", "HQ", "DEVELOPMENT"}
"""What may follow an equivalent without changing it: where the pay scale applies, or a development scheme."""


def reference_grade(text: str) -> Grade | None:
    """Return the reference grade a department's wording stands for, or None when nobody could tell.

    "HEO/SEO" and "Grade 6/7" name two grades; the lower is taken, which claims least.
    """
    bare = re.sub(r"\([^)]*\)?", " ", text).strip() or text
    spelled = re.sub(r"(?i)\b(g|grade )\s*([67])\s*/\s*([67])\b", r"\1\2/\1\3", bare)
    grades = [_grade_of(_words(part)) for part in spelled.split("/")]
    known = [grade for grade in grades if grade is not None]
    if grades[0] is None or not known:
        return _grade_of(_words(bare.replace("/", " ")))
    return min(known, key=rank)


def rank(grade: Grade | None) -> int:
    """Return where a grade stands: a larger number is a higher grade. Unknown stands just below EO."""
    return RANKS[grade]


def is_senior(grade: Grade | None) -> bool:
    """Return whether a grade is that of a deputy director or above."""
    return rank(grade) >= rank(Grade.SCS1)


def _table(wordings: dict[Grade, str]) -> dict[tuple[str, ...], Grade]:
    return {tuple(each.split()): grade for grade, line in wordings.items() for each in line.split(", ")}


_CODES = _table(CODES)
_EQUIVALENTS = _table(EQUIVALENTS)
_LONGEST_CODE = max(len(words) for words in _CODES)


def _words(text: str) -> tuple[str, ...]:
    """Split a wording into plain capital words, writing each code ("SCS PB 1A", "HEO-D", "2*") in one way."""
    plain = text.upper().replace("&", " AND ").replace(".", "")
    plain = re.sub(r"\b([1-4])\s*(?:\*|-STAR\b)", r"\1 STAR", plain)
    plain = re.sub(r"\bSCS[\s-]*(?:(?:PAY\s*)?BAND|PB)?[\s-]*([1-4])", r"SCS\1", plain)
    plain = re.sub(r"\bGRADE[\s-]+(\d)", r"GRADE \1", plain)
    plain = re.sub(r"\bG[\s-]?(\d)\b", r"G\1", plain)
    plain = re.sub(r"\b(O[FR])-?(\d)\b", r"\1\2", plain)
    return tuple(re.findall(r"[A-Z0-9]+", plain))


def _grade_of(words: tuple[str, ...]) -> Grade | None:
    for length in range(_LONGEST_CODE, 0, -1):
        if words[:length] in _CODES:
            return _CODES[words[:length]]
    while words:
        if words in _EQUIVALENTS:
            return _EQUIVALENTS[words]
        if words[-1] not in PLACES:
            return None
        words = words[:-1]
    return None
