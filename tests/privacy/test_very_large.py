"""Whole countries at once: what exchanges reach is possible, and effort grows with the strata."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

import targeted_universalism as tu
from make import HALF, counts
from targeted_universalism.privacy import exchange
from targeted_universalism.privacy.interior import inside


def system(places: int, groups: int, rng: np.random.Generator) -> tuple[sparse.csr_array, int]:
    """Sums of hidden cells: over the groups of each place, over the places of each group."""
    hidden = rng.random((places, groups)) < 0.6
    number = np.cumsum(hidden).reshape(hidden.shape) - 1
    rows, cols = [], []
    for i in range(places + groups):
        cells = number[i][hidden[i]] if i < places else number[:, i - places][hidden[:, i - places]]
        rows += [i] * len(cells)
        cols += cells.tolist()
    size = int(hidden.sum())
    return sparse.csr_array((np.ones(len(rows)), (rows, cols)), (places + groups, size)), size


@pytest.mark.parametrize("seed", range(4))
def test_what_exchanges_reach_is_possible(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear programs find the true ends; exchanges stay within them and come close."""
    monkeypatch.setattr(exchange, "_HUB", 5)
    rng = np.random.default_rng(seed)
    matrix, size = system(12, 4, rng)
    true = rng.integers(1, 30, size).astype(float)
    low, high = np.zeros(size), true + rng.integers(1, 30, size)
    found = inside(matrix, matrix @ true, low, high)
    assert found is not None
    least, most = exchange.reach(matrix, found.value, low, high)
    wide = 0.0
    for i in range(size):
        aim = np.eye(size)[i]
        ends = [
            sign * linprog(sign * aim, A_eq=matrix, b_eq=matrix @ true, bounds=np.c_[low, high]).fun
            for sign in (1, -1)
        ]
        assert ends[0] - 1e-6 <= least[i] <= most[i] <= ends[1] + 1e-6
        wide += (most[i] - least[i]) / max(ends[1] - ends[0], 1e-9)
    assert wide / size > 0.3


def country(strata: int) -> tu.Assessment:
    rng = np.random.default_rng(0)
    people = rng.negative_binomial(1, 1 / 120, (strata, 8)) + 1
    rows = pd.DataFrame({
        "county": np.repeat(np.arange(strata), 8), "race": list("ABCDEFGH") * strata,
        "n": people.ravel(), "x": rng.binomial(people, 0.3).ravel(),
    })  # fmt: skip
    return tu.assess(counts(rows, by="county"), HALF, rollup=True)


def test_a_roll_up_of_many_counties_passes_its_audit() -> None:
    public = country(300).suppress()
    found = tu.audit(public)
    assert len(found) > 1_500
    assert found["passes"].all()


@pytest.mark.long
def test_effort_grows_with_the_strata() -> None:
    """CPU at 400 and 1,600 counties: at most 1.3 times as fast as their number."""

    def took(a: tu.Assessment) -> float:
        start = time.process_time()
        a.suppress()
        return time.process_time() - start

    small, large = country(400), country(1600)
    took(small)
    assert min(took(large) for _ in range(3)) <= 4 * 1.3 * min(took(small) for _ in range(5))
