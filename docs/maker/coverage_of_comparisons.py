"""Compute how often comparisons hold the truth in the hard grid: docs/coverage-comparisons.md.

Part of ``make docs-coverage``: cells of the grid of ``grid.py``, each with many tables of counts,
are assessed as a person would, and every interval and family of p-values is held against the rates
that the tables were drawn from.
"""

from __future__ import annotations

import runpy
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import targeted_universalism as tu

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "coverage-comparisons.md"
BEGIN, END = "<!-- made by make docs-coverage -->", "<!-- end -->"
GRID = runpy.run_path(str(Path(__file__).parent / "grid.py"))
CELLS, DRAWS = 168, 200
LEAST, SIMULTANEOUS, FAMILY = 0.92, 0.95, 0.05
OFTEN = 0.05
REFERENCES = {
    "s00": "a named segment",
    "rest": "rest",
    "total": "total",
    "best": "best",
    "goal": "goal",
}
Array = np.ndarray


class Found(NamedTuple):
    """What one interval, or one family of p-values, does in one cell."""

    cell: Any
    held: float
    stands: float  # share of the rows with a value that have an interval
    width: float  # median width of those that have both ends
    number: int  # rows, or tables
    said: dict[str, float]  # how often each reason stands there


def assessed(cell: Any, draws: int) -> tuple[Any, Array, Array]:
    """Draw tables of one cell, as strata of one assessment; give the rates and people behind."""
    rng, n, p = np.random.default_rng(cell.seed), cell.people(), cell.rates()
    shape = draws, cell.k
    events = rng.binomial(n.astype(int), p, shape) if cell.kind == "proportion" else (
        rng.poisson(n * p, shape)
    )  # fmt: skip
    table = pd.DataFrame({
        "table": np.repeat(np.arange(draws), cell.k),
        "segment": np.tile([f"s{i:02}" for i in range(cell.k)], draws),
        "x": events.ravel(), "n": np.tile(n, draws),
    })  # fmt: skip
    segments = tu.from_counts(
        table, numerator="x", denominator="n", segments="segment", by="table", kind=cell.kind
    )
    return tu.assess(segments, tu.Goal.at_least(goal_of(p))), p, n


def goal_of(p: Array) -> float:
    """Set a goal that some segments meet and others do not."""
    return float(np.quantile(p, 0.6))


def one_cell(cell: Any, draws: int) -> dict[str, Found]:
    """Give what every comparison does in a cell."""
    a, p, n = assessed(cell, draws)
    found: dict[str, Found] = {}
    own = a.table.query("dimension == 'segment'").astype({"segment": str})
    truth = p[own["segment"].str[1:].astype(int)]
    found["a segment's own rate"] = _one(cell, own, truth, ("rate", "ci_low", "ci_high"))
    for reference, word in REFERENCES.items():
        rows = a.disparities(reference).astype({"segment": str, "reference": str})
        rows = rows[(rows["dimension"] == "segment") & (rows["segment"] != rows["reference"])]
        mine = p[rows["segment"].str[1:].astype(int)]
        other = _behind(reference, rows, p, n)
        for name, true in (("difference", mine - other), ("ratio", mine / other)):
            columns = name, f"{name}_low", f"{name}_high"
            found[f"{name} to {word}"] = _one(cell, rows, true, columns)
        inside = _inside(rows, mine - other, ("difference", "difference_low", "difference_high"))
        if reference == "best":
            tables = inside.groupby(rows["table"]).all()
            found["all differences to best at once"] = Found(
                cell, float(tables.mean()), 1.0, np.nan, len(tables), {}
            )
        if cell.pattern == "equal":
            some = (rows["p_adjusted"] < FAMILY).groupby(rows["table"]).any()
            found[f"some p_adjusted < .05, {word}"] = Found(
                cell, float(some.mean()), 1.0, np.nan, len(some), {}
            )
    return found


def _behind(reference: str, rows: pd.DataFrame, p: Array, n: Array) -> Array:
    """Rates behind what segments are compared with."""
    own = rows["segment"].str[1:].astype(int).to_numpy()
    total, people = (p * n).sum(), n.sum()
    if reference == "total":
        return np.full(len(rows), total / people)
    if reference == "rest":
        return np.asarray((total - p[own] * n[own]) / (people - n[own]))
    if reference == "goal":
        return np.full(len(rows), goal_of(p))
    return np.asarray(p[rows["reference"].str[1:].astype(int)])


def _inside(rows: pd.DataFrame, truth: Array, columns: tuple[str, str, str]) -> pd.Series:
    """Tell which intervals hold the truth; a missing end is no bound."""
    low, high = rows[columns[1]], rows[columns[2]]
    slack = 1e-9 * np.abs(truth)
    return ~(low > truth + slack) & ~(high < truth - slack)


def _one(cell: Any, rows: pd.DataFrame, truth: Array, columns: tuple[str, str, str]) -> Found:
    value, low, high = (rows[name] for name in columns)
    there = value.notna() & np.isfinite(truth)
    standing = there & ~(low.isna() & high.isna())
    inside = _inside(rows, truth, columns)[standing]
    said = Counter(part for text in rows["reason"][standing].astype(str) if text != "nan"
                   for part in text.split("; ") if part)  # fmt: skip
    return Found(
        cell,
        float(inside.mean()) if len(inside) else np.nan,
        float(standing.sum() / max(there.sum(), 1)),
        float((high - low)[standing].median()),
        len(inside),
        {reason: count / max(len(inside), 1) for reason, count in said.items()},
    )


def computed(cells: int = CELLS, draws: int = DRAWS, first: int = 0) -> dict[str, list[Found]]:
    """Give, for each comparison, what it does in each cell."""
    results: dict[str, list[Found]] = defaultdict(list)
    for cell in GRID["some"](cells, first):
        for name, row in one_cell(cell, draws).items():
            if row.number >= GRID["DEFINED"]:
                results[name].append(row)
    return dict(results)


def least_of(name: str) -> float:
    """Give what must be held at least: more at once, and of families that few are wrong."""
    if name.startswith("some"):
        return 1 - FAMILY
    return SIMULTANEOUS if name.startswith("all") else LEAST


def short(name: str, row: Found) -> bool:
    """Tell whether a cell misses by more than the noise of its draws."""
    aim, held = least_of(name), 1 - row.held if name.startswith("some") else row.held
    tables = row.number if name.startswith(("all", "some")) else row.number / max(row.cell.k, 1)
    return bool(held < aim - 2 * np.sqrt(aim * (1 - aim) / tables))


def table(found: dict[str, list[Found]]) -> list[str]:
    """One line for each interval, and for each family of p-values."""
    lines = [
        "| what | cells | least | mean | cells that miss | stands, least | stands, mean | width |",
        "|---|" + "---:|" * 7,
    ]
    for name, rows in found.items():
        held = np.array([row.held for row in rows])
        held = 1 - held if name.startswith("some") else held
        stands, width = (np.array([getattr(row, k) for row in rows]) for k in ("stands", "width"))
        wide = f"{np.nanmedian(width):.3f}" if np.isfinite(width).any() else ""
        lines.append(
            f"| {name.replace('some', 'no')} | {len(rows)} | {100 * held.min():.1f} | "
            f"{100 * held.mean():.1f} | {sum(short(name, row) for row in rows)} | "
            f"{100 * stands.min():.0f} | {100 * stands.mean():.1f} | {wide} |"
        )
    return lines


def misses(found: dict[str, list[Found]]) -> list[str]:
    """The cells that miss, with what the rows say there."""
    lines = ["| what | per cent | rows | k | people | kind | rate | pattern | the rows say |",
             "|---|---:|---:|---:|---|---|---:|---|---|"]  # fmt: skip
    low = [(1 - row.held if name.startswith("some") else row.held, name, row)
           for name, rows in found.items() for row in rows if short(name, row)]  # fmt: skip
    for held, name, row in sorted(low, key=lambda m: m[:2]):
        words = [f"{why} ({100 * part:.0f} %)" for why, part in row.said.items() if part >= OFTEN]
        cell = row.cell
        lines.append(
            f"| {name.replace('some', 'no')} | {100 * held:.1f} | {row.number} | {cell.k} | "
            f"{cell.sizes} | {cell.kind} | {cell.level:g} | {cell.pattern} | "
            f"{'; '.join(words) or 'nothing'} |"
        )
    return lines


def written(page: str, found: dict[str, list[Found]]) -> str:
    """Give the page with its tables."""
    body = "\n".join([*table(found), "", "Cells that miss:", "", *misses(found)])
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Compute and write."""
    found = computed()
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    print("\n".join(table(found)))


if __name__ == "__main__":
    main()
