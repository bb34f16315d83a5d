"""Letters as people type them when they look for a name: small, without marks, the same on both databases.

"Zoë Müller-Núñez" is "zoe muller nunez". The migrations give PostgreSQL the same function from the same ranges of
letters, and connections to SQLite get this one.
"""

from __future__ import annotations

import unicodedata

# Latin with marks, combining marks, Greek and Cyrillic: their letters never change again, whatever version of Unicode.
RANGES = ((0x00C0, 0x0250), (0x0300, 0x0370), (0x0370, 0x0400), (0x0400, 0x0500), (0x1E00, 0x1F00))
OTHERS = {
    "ß": "ss", "ẞ": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ı": "i", "ſ": "s", "ς": "σ",
}  # fmt: skip
NOTHING = "'`´‘’‛ʻʼʹ"
BETWEEN = "-‐‑‒–—\u00a0"


def _plain(letter: str) -> str:
    """What a letter is found by; nothing for a mark that combines with the letter before it."""
    parts = unicodedata.normalize("NFKD", letter)
    small = "".join(each.lower() for each in parts if not unicodedata.combining(each))
    small = "".join(each for each in unicodedata.normalize("NFKD", small) if not unicodedata.combining(each))
    return "".join(OTHERS.get(each, each) for each in small if each not in NOTHING)


PLAIN = {
    **{chr(code): _plain(chr(code)) for first, end in RANGES for code in range(first, end)},
    **{chr(code): chr(code).lower() for code in range(128)},
    **dict.fromkeys(NOTHING, ""),
    **dict.fromkeys(BETWEEN, " "),
    **OTHERS,
}
TABLE = str.maketrans(PLAIN)


def fold(text: str) -> str:
    """Text in small letters without marks; what joins two words is a space, an apostrophe is nothing."""
    return text.translate(TABLE)
