"""Intervals of inequality measures hold the truth as often as they say (RULES 6)."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from peers import hc1, ols
from targeted_universalism.measures import midrank
from targeted_universalism.measures.inequality.register import REGISTER

DOCS = Path(__file__).parents[2] / "docs"


def rows() -> dict[str, list[float]]:
    """Read the page's table: coverage by signal, the last column simulated."""
    page = (DOCS / "coverage-measures.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+) \|$", page, re.MULTILINE)
    return {f"{name} {code}": [float(v) for v in cells.split("|")] for code, name, cells in found}


def test_where_the_signal_is_well_above_the_noise_coverage_is_93_to_97_per_cent() -> None:
    found = rows()
    assert {name.split()[0] for name in found} == set(REGISTER)
    assert all(93 <= row[5] <= 97 for row in found.values())


def test_the_page_gives_what_is_computed() -> None:
    script = runpy.run_path(str(DOCS / "maker" / "coverage_of_measures.py"))
    found, written = script["coverage"](20.0, 2_000), rows()
    assert len(found) == len(written)
    for (name, code), share in found.items():
        assert 100 * share == pytest.approx(written[f"{name} {code}"][5], abs=2.2)


def test_residuals_of_five_rows_hold_the_truth_less_often_than_the_segments_errors() -> None:
    # RULES 6, five segments of 200: this 95 %, residual least squares 86 %, HC1 79 %.
    rng, z = np.random.default_rng(4), float(special.ndtri(0.975))
    share, n = np.full(5, 0.2), np.full(5, 200.0)
    rank, rates = midrank(share), np.array([0.2, 0.25, 0.3, 0.35, 0.4])
    slope = REGISTER["slope_index_linear"]
    truth = float(slope.value({"rate": rates, "share": share, "rank": rank}))
    drawn = rng.binomial(200, rates, (1500, 5)) / 200
    held = np.zeros(3)
    for y in drawn:
        given = {"rate": y, "share": share, "rank": rank, "se": np.sqrt(y * (1 - y) / 200)}
        away = abs(float(slope.value(given)) - truth)
        fit = hc1(y, rank, n, logit=False)
        errors = (float(slope.standard_error(given)), ols(y, rank, n), fit.se_difference)
        held += away <= z * np.array(errors)
    np.testing.assert_allclose(held / len(drawn), [0.95, 0.86, 0.79], atol=0.03)
