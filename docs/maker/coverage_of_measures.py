"""Compute how often intervals of inequality measures hold the truth: docs/coverage-measures.md.

Part of ``make docs-coverage``: it draws tables of counts in a part of the grid of ``grid.py``, asks
for every interval, and counts. It takes some minutes; the page says what was drawn.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from targeted_universalism.measures.inequality.known import CAUTIONS
from targeted_universalism.measures.inequality.register import REGISTER

DOCS = Path(__file__).parents[1]
PAGE = DOCS / "coverage-measures.md"
PICTURE = DOCS / "images" / "coverage-measures.png"
BEGIN, END = "<!-- made by make docs-coverage -->", "<!-- end -->"
GRID = runpy.run_path(str(Path(__file__).parent / "grid.py"))
CELLS, DRAWS = 150, 250
LEVEL, STANDS, OFTEN = 0.92, 0.9, 0.05
HELD, STANDING = 1, 6  # places in a row of the grid

Rows = dict[str, list[Any]]


def computed(cells: int = CELLS, draws: int = DRAWS, first: int = 0) -> Rows:
    """Give, for each measure, the cells with what it does in each."""
    with np.errstate(all="ignore"):
        found = GRID["run"](cells, draws, first)
    kept = {name: [row for row in rows if np.isfinite(row[1])] for name, rows in found.items()}
    return {name: rows for name, rows in kept.items() if rows}


def named(label: str) -> str:
    """Give the code of a measure as it is asked for."""
    name, bracket, rest = label.partition("(")
    if name not in REGISTER:
        return label
    choice = {"reference": "(name)"}.get(str(REGISTER[name].choice), "")
    return f"{REGISTER[name].code}{choice}{bracket}{rest}"


def table(found: Rows) -> list[str]:
    """One line for each measure: coverage, width, and where an interval stands."""
    lines = [
        "| code | function | cells | least | mean | below 92 | delta, least | delta, mean "
        "| width | stands, least | stands, mean | no upper limit |",
        "|---|---|" + "---:|" * 10,
    ]
    for label, rows in found.items():
        new, old, width, endless, stands = (
            np.array([row[i] for row in rows], dtype=float) for i in (HELD, 2, 3, 5, STANDING)
        )
        lines.append(
            f"| `{named(label)}` | `{label.partition('(')[0]}` | {len(rows)} | "
            f"{100 * new.min():.1f} | {100 * new.mean():.1f} | {(new < LEVEL).sum()} | "
            f"{100 * old.min():.1f} | {100 * old.mean():.1f} | {np.nanmedian(width):.2f} | "
            f"{100 * stands.min():.0f} | {100 * stands.mean():.1f} | {100 * endless.mean():.1f} |"
        )
    return lines


def misses(found: Rows, what: int, least: float) -> list[str]:
    """The cells in which less holds, or stands, than should, with what the rows say there."""
    lines = ["| code | per cent | tables | k | people | kind | rate | pattern | the rows say |",
             "|---|---:|---:|---:|---|---|---:|---|---|"]  # fmt: skip
    low = [
        (row[what], label, row) for label, rows in found.items() for row in rows
        if row[what] < least
    ]  # fmt: skip
    for share, label, row in sorted(low, key=lambda m: m[:2]):
        cell, tables, said = row[0], row[4], row[7]
        words = [
            f"{reason.value} ({100 * said[caution]:.0f} %)"
            for caution, reason in CAUTIONS.items()
            if said.get(caution, 0.0) >= OFTEN
        ]
        lines.append(
            f"| `{named(label)}` | {100 * share:.1f} | {tables} | {cell.k} | {cell.sizes} | "
            f"{cell.kind} | {cell.level:g} | {cell.pattern} | {'; '.join(words) or 'nothing'} |"
        )
    return lines


def written(page: str, found: Rows) -> str:
    """Give the page with its tables."""
    fewer = f"Cells in which fewer than {100 * STANDS:.0f} % of the values have an interval:"
    below = f"Cells below {100 * LEVEL:.0f} %:"
    body = "\n".join([
        *table(found), "", fewer, "", *misses(found, STANDING, STANDS),
        "", below, "", *misses(found, HELD, LEVEL),
    ])  # fmt: skip
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}"


def picture(found: Rows) -> None:
    """Draw the coverage of every measure in every cell, beside the delta method's."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    figure, ax = plt.subplots(figsize=(7, 9), layout="constrained")
    for place, rows in enumerate(found.values()):
        old, new = ([100 * row[i] for row in rows] for i in (2, 1))
        ax.plot(old, [place - 0.15] * len(old), "|", color="0.7")
        ax.plot(new, [place + 0.15] * len(new), "|", color="tab:blue")
    ax.axvline(100 * LEVEL, color="0.5", linewidth=1)
    ax.set_yticks(range(len(found)), [named(label) for label in found], fontsize=7)
    ax.invert_yaxis()
    ax.set_xlabel("Intervals that hold the truth, % (grey: the delta method's)")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def main() -> None:
    """Compute and write."""
    found = computed()
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    picture(found)
    print(GRID["table"](found))


if __name__ == "__main__":
    main()
