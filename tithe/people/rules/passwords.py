"""Which passwords are refused: short ones, patterns, and what anybody would guess about this person or this service.

Length counts and composition does not; passwords do not expire. Source: the National Cyber Security Centre's advice on
passwords, and section 6.2 of OWASP ASVS 5.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

SHORTEST, LONGEST = 15, 128
FEWEST_CHARACTERS = 6  # different ones
SHORTEST_REST = 8  # what must be left once everything about the person and the service is taken out

# Rows that fingers and memories run along, forwards or backwards.
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop")
STEPS = frozenset(pair for row in ROWS for way in (row, row[::-1]) for pair in pairwise(way))

# Words that lists of stolen passwords are made of: a password of these and figures alone is on one of the lists.
COMMON = frozenset(
    re.findall(
        "[a-z0-9]+",
        """
        password passwort passw pass word admin administrator welcome letmein login changeme secret default temporary
        test testing guest user root master monkey dragon football baseball liverpool chelsea arsenal manchester united
        iloveyou ilove you love forever sunshine princess superman batman pokemon starwars trustno qwerty azerty qwertz
        keyboard computer internet security access office work company government department civil service servant
        london england scotland wales britain summer spring autumn winter monday tuesday wednesday thursday friday
        saturday sunday january february march april may june july august september october november december new my
        the is this it a i me in let hello world abc correct horse battery staple jumps over lazy dog quick brown fox
        0 1 2 3 4 5 6 7 8 9
        """,
    )
)
LONGEST_COMMON = max(map(len, COMMON))
LOOKALIKES = str.maketrans("@$!013457", "asioieast")
SERVICE = ("tithe",)


@dataclass(frozen=True)
class Owner:
    """What anybody may know about whose password it is."""

    name: str = ""
    email: str = ""
    staff_number: str = ""


def problem_with(password: str, owner: Owner) -> str | None:
    """Say what is wrong with a password and what to do, or nothing when it will do."""
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Use {SHORTEST} to {LONGEST} characters. Three or four unrelated words are easy to remember"
    plain = _plain(password)
    readings = {plain, plain.translate(LOOKALIKES)}
    if len(set(password)) < FEWEST_CHARACTERS or any(_repeats(each) for each in readings):
        return "This repeats the same characters. Use three or four unrelated words"
    if any(_runs(each) for each in readings):
        return "This follows the alphabet or the keyboard. Use three or four unrelated words"
    if any(_only_common(each) for each in readings):
        return "This is on lists that attackers try first. Use three or four unrelated words"
    if any(len(_without(each, _telling(owner))) < SHORTEST_REST for each in readings):
        return "This is mostly your name, address or staff number, or the name of this service. Use unrelated words"
    return None


def _plain(text: str) -> str:
    """Small letters and figures alone: spaces, signs and accents do not make a guess harder."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(each for each in folded if each.isalnum() or each in "@$!")
    return letters.strip("!") or folded


def _repeats(text: str) -> bool:
    """The whole is one shorter part again and again, the last of them perhaps cut short."""
    return any(text[step:] == text[:-step] for step in range(1, len(text) // 2 + 1))


def _only_common(text: str) -> bool:
    """The whole can be cut into common words and figures. Each place is looked at once."""
    ends = {0}
    for start in range(len(text)):
        if start in ends:
            ends |= {start + n for n in range(1, LONGEST_COMMON + 1) if text[start : start + n] in COMMON}
    return len(text) in ends


def _runs(text: str) -> bool:
    """Most characters stand next to the one before them, in the alphabet or on a keyboard, or repeat it."""
    pairs = list(pairwise(text))
    along = sum(pair in STEPS or pair[0] == pair[1] for pair in pairs)
    return along >= 0.75 * len(pairs)


def _telling(owner: Owner) -> list[str]:
    """The words that tell of the person and the service, the longest first."""
    said = " ".join((owner.name, owner.email, owner.staff_number))
    words = {_plain(word) for word in re.split(r"[\s@._\-']+", said)}
    words |= {_plain(owner.staff_number), *SERVICE}
    return sorted((word for word in words if len(word) >= 3), key=lambda word: (-len(word), word))


def _without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, "").replace(word.translate(LOOKALIKES), "")
    return text
