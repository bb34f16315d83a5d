"""Skills and interests as people write them: one a line, each once, short. Pure."""

from __future__ import annotations

from tithe.kernel.errors import RuleBroken

MOST = 20
LONGEST = 60
LAST = "\U0010ffff"  # comes after whatever a word may go on with


def key_of(text: str) -> str:
    """What a skill is found by: small letters, with one space between words."""
    return " ".join(text.casefold().split())[:120]


def skills_in(lines: list[str]) -> dict[str, str]:
    """The skills that lines say, by key and in their order; of two with one key the first. Blank lines say nothing.

    Refuses more than 20, one of more than 60 characters, and what cannot be printed.
    """
    found: dict[str, str] = {}
    for line in lines:
        words = " ".join(line.split())
        if not words.isprintable():
            raise RuleBroken("Write words only, without control characters", field="skills")
        if len(words) > LONGEST:
            raise RuleBroken(f"“{words[:30]}…” is too long. Write at most {LONGEST} characters a line", field="skills")
        if words:
            found.setdefault(key_of(words), words)
    if len(found) > MOST:
        raise RuleBroken(f"These are {len(found)}. Choose at most {MOST}", field="skills")
    return found
