"""What was measured, beside what it must be: rows of one table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEADS = ("What", "Measured", "Must", "Aim", "Met")


@dataclass(frozen=True)
class Row:
    """One figure and the bar it is held to. `met` is None where there is no bar."""

    what: str
    measured: str
    must: str = ""
    aim: str = ""
    met: bool | None = None
    aim_met: bool = False

    @property
    def verdict(self) -> str:
        if self.met is None:
            return ""
        return ("yes, and the aim" if self.aim_met else "yes") if self.met else "**no**"


@dataclass
class Findings:
    """Everything one run found: rows with bars, and tables of detail under their headings."""

    rows: list[Row] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)

    def at_least(self, what: str, value: float, must: float, aim: float, unit: str = "") -> None:
        """Hold a figure to a bar from below."""
        bars = (f"≥ {must:g}{unit}", f"≥ {aim:g}{unit}")
        self.rows.append(Row(what, _figure(value, unit), *bars, met=value >= must, aim_met=value >= aim))

    def at_most(self, what: str, value: float, must: float, aim: float, unit: str = "") -> None:
        """Hold a figure to a bar from above."""
        bars = (f"≤ {must:g}{unit}", f"≤ {aim:g}{unit}")
        self.rows.append(Row(what, _figure(value, unit), *bars, met=value <= must, aim_met=value <= aim))

    def zero(self, what: str, value: int) -> None:
        """Hold a count to nothing at all."""
        self.rows.append(Row(what, str(value), "0", "0", met=value == 0, aim_met=value == 0))

    def noted(self, what: str, measured: str) -> None:
        """Write down a figure that has no bar."""
        self.rows.append(Row(what, measured))

    def stopped(self, what: str, why: str) -> None:
        """Keep the other figures when one measurement could not be finished, and count it as missed."""
        self.rows.append(Row(f"{what}: not measured", why.partition("\n")[0][:120].replace("|", "/"), met=False))

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if row.met is False]

    def table(self) -> str:
        cells = [(row.what, row.measured, row.must, row.aim, row.verdict) for row in self.rows]
        return markdown(HEADS, cells)


def _figure(value: float, unit: str) -> str:
    digits = 0 if value == int(value) else 3 if value < 1 else 2 if value < 20 else 1
    return f"{value:.{digits}f}{unit}"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is set to the right."""
    rule = ["---", *("---:" for _ in heads[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)) + "\n"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
