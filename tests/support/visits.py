"""What a browser asks for when it opens a page for the first time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin

ASSET = re.compile(r"""<(?:link|script|img)\b[^>]*?\b(?:href|src)="([^"]+)"[^>]*>""")
IMPORT = re.compile(r"""\b(?:import|from)\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Fetched:
    """One answer: its bytes on the wire as a browser gets them, and what it says."""

    wire: int
    text: str


def first_visit(address: str, fetch: Callable[[str], Fetched]) -> dict[str, int]:
    """Bytes by address of a page and everything it asks for: links, scripts and what they import."""
    page = fetch(address)
    sizes, waiting = {address: page.wire}, [urljoin(address, each) for each in ASSET.findall(page.text)]
    while waiting:
        asset = waiting.pop()
        if asset in sizes or asset.startswith("data:"):
            continue
        fetched = fetch(asset)
        sizes[asset] = fetched.wire
        if asset.partition("?")[0].endswith(".js"):
            waiting += [urljoin(asset, each) for each in IMPORT.findall(fetched.text)]
    return sizes
