"""Whole countries at once: what exchanges reach is possible, and effort grows with the strata."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.optimize import linprog

import targeted_universalism as tu
from make import HALF, counts
from targeted_universalism.privacy import attack, exchange, interior
from targeted_universalism.privacy.attack import System
from targeted_universalism.privacy.interior import Normal, inner_solution


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
    found = inner_solution(matrix, matrix @ true, low, high)
    assert found is not None
    least, most = exchange.reach_by_exchanges(matrix, found.value, low, high)
    monkeypatch.setattr(interior, "_AT_ONCE", 2)
    monkeypatch.setattr(interior, "_RICH", 3)
    near = found.reach_nearby(np.arange(size))
    wide = 0.0
    for i in range(size):
        aim = np.eye(size)[i]
        ends = [
            sign * linprog(sign * aim, A_eq=matrix, b_eq=matrix @ true, bounds=np.c_[low, high]).fun
            for sign in (1, -1)
        ]
        assert ends[0] - 1e-6 <= least[i] <= most[i] <= ends[1] + 1e-6
        assert ends[0] - 1e-6 <= near[0][i] <= near[1][i] <= ends[1] + 1e-6
        wide += (most[i] - least[i]) / max(ends[1] - ends[0], 1e-9)
    assert wide / size > 0.3


@pytest.mark.parametrize("scaled", [False, True])
def test_weighted_sums_are_solved_as_a_dense_matrix_is(scaled: bool) -> None:
    rng = np.random.default_rng(0)
    dense = rng.choice([-1.0, 0.0, 0.0, 1.0], (10, 40)) * (rng.random((10, 1)) + 0.1)
    weight = rng.random(40) + 0.1
    for right in (rng.random(10), rng.random((10, 3))):
        solve = Normal(sparse.csr_array(dense)).solver(weight, scaled=scaled)
        assert solve is not None
        found = solve(right)
        np.testing.assert_allclose(found, np.linalg.solve(dense * weight @ dense.T, right), 1e-6)


def test_fractions_tell_of_whole_numbers_where_sums_are_of_two_sides() -> None:
    """Rows and columns of a table are; all pairs of three ways are not."""

    def of(*sums: np.ndarray, sign: np.ndarray | None = None) -> bool:
        row, col = np.nonzero(np.concatenate(sums))
        many, size = len(np.concatenate(sums)), sums[0].shape[1]
        side = np.ones(len(row)) if sign is None else sign
        none = np.zeros(size)
        return bool(System(row, col, side, np.zeros(many), none, none, True).network().all())

    cube = np.arange(8).reshape(2, 2, 2)
    ways = [np.eye(8)[np.moveaxis(cube, i, 2).reshape(-1, 2)].sum(axis=1) for i in range(3)]
    assert of(ways[0], ways[1])
    assert not of(*ways)
    triangle = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    assert not of(triangle)
    assert of(triangle, sign=np.array([1, 1, 1, -1, 1, 1.0]))


@pytest.mark.filterwarnings("error")
def test_what_nothing_bounds_is_put_at_no_end() -> None:
    """Parts of flags that few people share have no upper bound: none is put at infinity."""
    rng, n = np.random.default_rng(7), 24
    people = pd.DataFrame({
        "year": rng.choice([2013, 2018], n), "size": rng.choice(list("abcd"), n),
        "sex": rng.choice(list("xyz"), n), "flag": rng.integers(0, 2, n),
        "other": rng.integers(0, 2, n), "y": rng.integers(0, 2, n),
    })  # fmt: skip
    flags = tu.overlapping(["flag", "other"], name="programme")
    segments = tu.from_records(
        people, outcome="y", segments=["size", "sex", flags], by="year", cross=2
    )
    assert tu.audit(tu.assess(segments, HALF).suppress())["passes"].all()


def test_a_very_large_block_is_searched_on_while_it_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    """More unknowns than the searches that may be in vain, each of which is found by its own."""
    monkeypatch.setattr(attack, "_CROWD", 0)
    monkeypatch.setattr(attack.Search, "_from_inside", lambda _: None)
    places, groups = 30, 4
    place, group = (axis.ravel() for axis in np.indices((places, groups)))
    true = np.random.default_rng(5).integers(20, 60, len(place)).astype(float)
    row, size = np.concatenate([place, places + group]), len(place)
    written = System(
        row, np.tile(np.arange(size), 2), np.ones(2 * size), np.bincount(row, np.tile(true, 2)),
        np.zeros(size), np.full(size, np.inf), True,
    )  # fmt: skip
    nothing = np.zeros(size)
    demand = attack.Demand(np.full(size, 8.0), ((nothing + 1, nothing + 10),))
    found = attack.judged(written, demand, written.rings())
    assert found.proven.sum() > attack._TRIES
    assert not found.failing.any()


def country(strata: int) -> tu.Assessment:
    rng = np.random.default_rng(0)
    people = rng.negative_binomial(1, 1 / 120, (strata, 8)) + 1
    rows = pd.DataFrame({
        "county": np.repeat(np.arange(strata), 8), "race": list("ABCDEFGH") * strata,
        "n": people.ravel(), "x": rng.binomial(people, 0.3).ravel(),
    })  # fmt: skip
    return tu.assess(counts(rows, by="county"), HALF, rollup=True)


def test_sums_without_an_inverse_leave_the_search_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rounding can make sums depend on each other: then nothing is shown possible from inside."""
    rng = np.random.default_rng(0)
    matrix, size = system(6, 4, rng)
    low, high = np.zeros(size), np.full(size, 30.0)
    total = matrix @ rng.integers(5, 25, size).astype(float)
    found = inner_solution(matrix, total, low, high)
    assert found is not None

    def singular(*_: object, **__: object) -> None:
        raise RuntimeError("Factor is exactly singular")

    monkeypatch.setattr(interior, "splu", singular)
    assert inner_solution(matrix, total, low, high) is None
    for end in found.reach(np.arange(3)):
        np.testing.assert_array_equal(end, found.value[:3])


def test_a_roll_up_of_many_counties_passes_its_audit() -> None:
    public = country(300).suppress()
    found = tu.audit(public)
    assert len(found) > 1_500
    assert found["passes"].all()


def test_a_census_leaves_every_count_its_range_and_says_why_one_is_told() -> None:
    a = country(120)
    public = a.suppress()
    audit = tu.audit(public, census=a)
    assert audit["passes"].all()
    assert (audit["high"] - audit["low"] + 1 == audit["possible_values"]).all()
    # Whoever publishes a county by itself as well tells the State's, which is told of in a word.
    told = tu.audit(public, a.suppress(2), census=a)
    assert not told["passes"].all()
    assert told.loc[~told["passes"], "reason"].str.len().between(1, 2_000).all()


@pytest.mark.long
def test_effort_of_crossings_grows_with_the_strata() -> None:
    def crossed(strata: int) -> tu.Assessment:
        rng = np.random.default_rng(0)
        people = rng.negative_binomial(1, 1 / 120, strata * 8) + 1
        at = np.arange(len(people))
        rows = pd.DataFrame({
            "county": at // 8, "race": at // 2 % 4, "sex": at % 2, "n": people,
            "x": rng.binomial(people, 0.3),
        })  # fmt: skip
        made = counts(rows, by="county", segments=["race", "sex", "race*sex"])
        return tu.assess(made, HALF, rollup=True)

    took = []
    for strata in (400, 1600):
        public = crossed(strata).suppress()
        start = time.process_time()
        tu.audit(public)
        took.append(time.process_time() - start)
    assert took[1] <= 1.3 * 4 * took[0]


@pytest.mark.long
@pytest.mark.parametrize("what", ["suppress", "audit"])
def test_effort_grows_with_the_strata(what: str) -> None:
    """CPU at each step to twice as many counties: at most 1.3 times as fast as their number."""
    sizes = (400, 800, 1600, 3144)
    countries = [country(strata) for strata in sizes]
    questions: list[Callable[[], object]] = [a.suppress for a in countries]
    if what == "audit":
        questions = [partial(tu.audit, a.suppress()) for a in countries]
    best = [np.inf] * len(sizes)
    for _ in range(5):
        for i, question in enumerate(questions):
            start = time.process_time()
            question()
            best[i] = min(best[i], time.process_time() - start)
    for i in range(1, len(sizes)):
        assert best[i] <= 1.3 * best[i - 1] * sizes[i] / sizes[i - 1], (sizes[i], best)
