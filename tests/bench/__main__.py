"""Measure tithe: python -m tests.bench [--quick] [--only NAME ...] [--write]

Prints a table of figures beside their bars and keeps it in bench-results/; with --write it also becomes
docs/benchmarks.md. Ends with 1 when a bar that must be met is not. Trust the ratios: both sides of each were measured
in turn in the same run. Absolute figures are those of one machine on one day.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import approvals, logging_time, machine, opening, pages, reports
from tests.bench.databases import Place
from tests.bench.outcome import Findings
from tests.bench.servers import ROOT
from tests.support.postgres import throwaway_postgres

Measure = Callable[..., None]
MEASURES: dict[str, Measure] = {
    "log": logging_time.measure,
    "report": reports.measure,
    "approve": approvals.measure,
    "pages": pages.measure,
    "open": opening.measure,
}
RESULTS, DOCUMENT = ROOT / "bench-results", ROOT / "docs" / "benchmarks.md"


def main() -> int:
    """Run what was asked for and say where the table is."""
    asked = _arguments()
    began, findings = time.monotonic(), Findings()
    where, now = machine.described(), datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="tithe-bench-") as folder, throwaway_postgres(durable=True) as postgres:
        for name in asked.only or MEASURES:
            print(f"Measuring: {name}", file=sys.stderr, flush=True)
            apart = Path(folder) / name
            apart.mkdir()
            try:
                MEASURES[name](findings, Place(apart, postgres), quick=asked.quick)
            except SystemExit as stopped:
                print(stopped, file=sys.stderr)
                findings.stopped(name, str(stopped))
    text = _document(findings, where, now, time.monotonic() - began, quick=asked.quick)
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{now:%Y-%m-%dT%H%M%S}.md"
    kept.write_text(text)
    if asked.write:
        DOCUMENT.write_text(text)
    print(text)
    print(f"Kept in {kept.relative_to(ROOT)}", file=sys.stderr)
    return 1 if findings.missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small populations and short runs: shows that it works")
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), help="measure only these")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    return parser.parse_args()


def _document(findings: Findings, where: str, now: datetime, seconds: float, *, quick: bool) -> str:
    """The whole result as Markdown."""
    parts = [
        "# Benchmarks",
        "Made by `make bench` (`python -m tests.bench --write`). Every ratio is a median over interleaved runs of both "
        "sides on the same machine; absolute figures are only context. The floors are in `tests/bench`. "
        "“Worker ms” is processor time of the web workers for one answer: the steadiest figure on a busy machine.",
        f"- Date: {now:%-d %B %Y}, {seconds / 60:.0f} minutes\n- Machine: {where}\n- Versions: {machine.versions()}",
    ]
    if quick:
        parts.append("**A quick run: small populations, one short repeat. Do not quote it.**")
    parts.append(findings.table())
    parts += [f"## {heading}\n\n{table}" for heading, table in findings.details.items()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
