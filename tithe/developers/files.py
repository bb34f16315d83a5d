"""Put the styles and scripts of pages into ``static/sent`` as browsers get them: together and compressed.

Run as ``python -m tithe.developers.files``, which ``make setup`` does every time: a changed source is sent once that
has been run and the server started again. What every page needs is one stylesheet and one script; a page's own script
is sent under its own name.
"""

from __future__ import annotations

from pathlib import Path

from whitenoise.compress import main as compress

STATIC = Path(__file__).resolve().parents[2] / "static"
SENT = STATIC / "sent"
# Scripts together are one module: what one of them names, the next can use.
TOGETHER = {
    "tithe.css": ("govuk/govuk-frontend.min.css", "css/tithe.css"),
    "tithe.js": ("govuk/govuk-frontend.min.js", "js/tithe.js", "js/timer.js"),
}


def sources(static: Path) -> dict[str, tuple[Path, ...]]:
    """What is sent, by name, and the files each is made of."""
    joined = {name: tuple(static / part for part in parts) for name, parts in TOGETHER.items()}
    alone = set(static.glob("js/*.js")) - {part for parts in joined.values() for part in parts}
    return joined | {path.name: (path,) for path in sorted(alone)}


def content(parts: tuple[Path, ...]) -> str:
    """What is sent of some files together."""
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def write_files(static: Path, sent: Path) -> None:
    """Write everything anew, and a compressed copy of each beside it; what is sent no more is gone."""
    sent.mkdir(exist_ok=True)
    for old in sent.iterdir():
        old.unlink()
    for name, parts in sources(static).items():
        (sent / name).write_text(content(parts), encoding="utf-8")
    compress(["--quiet", str(sent)])


if __name__ == "__main__":
    write_files(STATIC, SENT)
