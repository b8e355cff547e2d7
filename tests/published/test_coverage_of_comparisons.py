"""Comparisons hold the truth in the hard grid as often as they say (RULES 5 and 6)."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = runpy.run_path(str(DOCS / "maker" / "coverage_of_comparisons.py"))


def page() -> str:
    return (DOCS / "coverage-comparisons.md").read_text(encoding="utf-8")


def rows() -> dict[str, list[float]]:
    """Read the page's table: cells, least, mean, cells that miss, where an interval stands."""
    head = page().partition("Cells that miss:")[0]
    found = re.findall(r"^\| ([a-z][^|]+?) \| (\d[^\n]+?) \|$", head, re.MULTILINE)
    return {name: [float(v) for v in cells.split("|")[:6]] for name, cells in found}


def test_comparisons_hold_the_truth_and_families_are_seldom_wrong() -> None:
    found = rows()
    words = SCRIPT["REFERENCES"].values()
    assert {f"{what} to {word}" for what in ("difference", "ratio") for word in words} <= set(found)
    assert {f"no p_adjusted < .05, {word}" for word in words} <= set(found)
    for name, (cells, _, mean, missing, _, stands) in found.items():
        assert mean >= 95, name
        assert missing <= 0.03 * cells, name
        assert stands >= 90, name


def test_cells_that_miss_are_printed_with_what_the_rows_say() -> None:
    body = page().partition("Cells that miss:")[2]
    printed = re.findall(r"^\| [a-z].+? \| [\d.]+ \| .+ \|$", body, re.MULTILINE)
    assert len(printed) == sum(row[3] for row in rows().values())


def test_cells_drawn_anew_hold_the_truth() -> None:
    """The ordinary table of graduation with equal groups, and cells of which the page has none."""
    found = SCRIPT["computed"](2, 60) | {}
    assert "no p_adjusted < .05, best".replace("no", "some", 1) in found
    for name, cells in [*found.items(), *SCRIPT["computed"](4, 60, 600).items()]:
        assert not [row.cell for row in cells if SCRIPT["short"](name, row)], name
