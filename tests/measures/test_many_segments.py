"""What is read off sorted rates, or looked for among few pairs, is what loops over all find."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from targeted_universalism.measures.inequality.draws import lattice
from targeted_universalism.measures.inequality.known import Known, known_counts
from targeted_universalism.measures.inequality.limits_best import (
    foremost,
    largest_difference,
    largest_ratio,
)
from targeted_universalism.measures.inequality.limits_sums import about_mean, of_pairs
from targeted_universalism.measures.inequality.moves import Moves
from targeted_universalism.measures.inequality.pairs import error_of_pairs
from targeted_universalism.measures.parts import ratio_low


def some_counts(k: int, seed: int, *, least: int = 0) -> Known:
    """Make five strata of k segments, some of them alike and some without people to speak of."""
    rng = np.random.default_rng(seed)
    n = np.round(np.exp(rng.uniform(1, 8, (k, 5))))
    x = np.maximum(rng.binomial(n.astype(int), rng.uniform(0.05, 0.4, (k, 5))), least).astype(float)
    x[1], n[1] = x[0], n[0]
    return known_counts(np.minimum(x, n), n, kind="proportion")


@pytest.mark.parametrize("k", [3, 8, 60])
def test_a_move_of_one_segment_gives_what_the_measure_gives_anew(k: int) -> None:
    known = some_counts(k, 1)
    moves = Moves(known.rate, known.share, known.low, known.high)
    w = known.share
    for weight in (w, np.full(w.shape, 1 / k)):
        found = moves.about_mean(weight)
        for side, limits in enumerate((known.low, known.high)):
            for i in range(k):
                y = known.rate.copy()
                y[i] = limits[i]
                mean = (w * y).sum(axis=0)
                anew = (weight * np.abs(y - mean)).sum(axis=0)
                np.testing.assert_allclose(found[side, i], anew, rtol=1e-11, atol=1e-15)
                np.testing.assert_allclose(moves.mean[side, i], mean, rtol=1e-13)

    def pairs(y: np.ndarray) -> np.ndarray:
        return (w[:, None] * w * np.abs(y[:, None] - y)).sum(axis=(0, 1)) / 2

    found = moves.in_pairs(pairs(known.rate))
    for i in range(k):
        y = known.rate.copy()
        y[i] = known.high[i]
        np.testing.assert_allclose(found[1, i], pairs(y), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [17, 40])
def test_the_widest_pair_is_among_the_few_that_are_looked_at(k: int, seed: int) -> None:
    known = some_counts(k, seed, least=1)
    rate, own = known.rate, (known.low, known.high)
    low, high, least, most = (np.full(5, -np.inf) for _ in range(4))
    for i in range(k):
        for j in range(k):
            if i == j:
                continue
            down, up = rate[i] - known.wide_low[i], known.wide_high[j] - rate[j]
            low = np.maximum(low, rate[i] - rate[j] - np.hypot(down, up))
            up, down = own[1][i] - rate[i], rate[j] - own[0][j]
            high = np.maximum(high, rate[i] - rate[j] + np.hypot(up, down))
            wide = [(rate[a], known.wide_low[a], known.wide_high[a]) for a in (i, j)]
            plain = [(rate[a], own[0][a], own[1][a]) for a in (i, j)]
            least = np.maximum(least, ratio_low(*wide))
            most = np.maximum(most, 1 / ratio_low(plain[1], plain[0]))
    found = largest_difference(known)
    np.testing.assert_allclose(found.low, np.maximum(low, 0), rtol=1e-12)
    np.testing.assert_allclose(found.high, high, rtol=1e-12)
    found = largest_ratio(known)
    np.testing.assert_allclose(found.low, np.maximum(least, 1), rtol=1e-12)
    np.testing.assert_allclose(found.high, np.where(np.isinf(most), np.nan, most), rtol=1e-12)


def test_rows_that_two_others_surpass_are_left_out_and_no_more() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.integers(0, 12, (2, 30, 50)).astype(float)
    found = foremost(first, second)
    assert len(found) < 20
    for m in range(50):
        for i in range(30):
            better = (first[:, m] >= first[i, m]) & (second[:, m] >= second[i, m])
            better[i] = False
            assert i in found[:, m] or better.sum() >= 2


def test_pairs_are_summed_once_each_as_a_loop_over_all_of_them_does() -> None:
    """B and r of the module's head, by their definitions; the slope by differences."""
    known = some_counts(4, 7, least=1)
    y, v, w = known.rate[:, 2] + np.array([0, 0.01, 0, 0]), known.variance[:, 2], known.share[:, 2]
    found = of_pairs(y[:, None], v[:, None], w[:, None])
    bend = square = 0.0
    for i in range(4):
        total = 0.0
        for j in range(4):
            if i == j:
                continue
            error = stats.norm(0, np.sqrt(v[i] + v[j]))
            mean, _ = integrate.quad(
                lambda e, d=y[i] - y[j], error=error: abs(d + e) * error.pdf(e), -1, 1, points=[0],
                limit=200,
            )  # fmt: skip
            bend += w[i] * w[j] * (mean - abs(y[i] - y[j])) / 2
            c = 2 * w[i] * w[j] * error.pdf(y[i] - y[j])
            total += c
            square += v[i] * c**2 * v[j]
        square += v[i] ** 2 * total**2
    assert found.bend[0] == pytest.approx(bend, rel=1e-6)
    assert found.curved[0] == pytest.approx(square / 2, rel=1e-10)
    step = 1e-6
    up = of_pairs((y + np.array([step, 0, 0, 0]))[:, None], v[:, None], w[:, None])
    assert found.slope[0, 0] == pytest.approx((up.value - found.value)[0] / step, rel=1e-6)


@pytest.mark.parametrize(("k", "m"), [(9, 3), (150, 3), (40, 60)])
def test_tiles_of_pairs_hold_each_pair_once(k: int, m: int) -> None:
    """In several tiles, of one row and of many, laid out either way; some rates are alike."""
    rng = np.random.default_rng(k)
    y, v = rng.normal(0.5, 0.1, (k, m)), rng.uniform(1e-4, 1e-2, (k, m))
    y[1], w = y[0], rng.dirichlet(np.ones(k), m).T
    found, errors = of_pairs(y, v, w), error_of_pairs(v, w)
    apart, variance = y[:, None] - y, v[:, None] + v
    pairs, e = w[:, None] * w * (1 - np.eye(k))[:, :, None], np.sqrt(variance)
    away = e * np.sqrt(2 / np.pi) * np.exp(-(apart**2) / variance / 2)
    away += apart * (1 - 2 * stats.norm.sf(apart / e))
    np.testing.assert_allclose(found.value, (pairs * np.abs(apart)).sum(axis=(0, 1)) / 2)
    np.testing.assert_allclose(
        found.bend, (pairs * (away - np.abs(apart))).sum(axis=(0, 1)) / 2, rtol=1e-10
    )
    np.testing.assert_allclose(found.slope, (pairs * np.sign(apart)).sum(axis=1), atol=1e-12)
    c = 2 * pairs * stats.norm.pdf(apart / e) / e
    curved = (v[:, None] * c**2 * v).sum(axis=(0, 1)) + (v**2 * c.sum(axis=1) ** 2).sum(axis=0)
    np.testing.assert_allclose(found.curved, curved / 2, rtol=1e-10)
    np.testing.assert_allclose(errors, (pairs * e).sum(axis=(0, 1)) / 2)


def test_no_error_bends_nothing() -> None:
    rate, none = np.array([[0.2], [0.2], [0.5]]), np.zeros((3, 1))
    share = np.full((3, 1), 1 / 3)
    with np.errstate(all="ignore"):  # as every form is computed
        both = of_pairs(rate, none, share), about_mean(rate, none, share, share)
    for found in both:
        assert found.bend[0] == 0
        assert found.curved[0] == 0


def test_the_lattice_of_many_segments_takes_powers_of_one_multiplier_and_no_coordinate_twice() -> (
    None
):
    """Korobov's lattice: coordinate j takes steps of a^j; of 128 points only 32 powers differ."""
    found = lattice(40, 128)
    steps = (found.step - found.step[:, :1]) % 128
    multiplier = steps[1, 1]
    powers = [pow(int(multiplier), j, 128) for j in range(32)]
    assert steps[:32, 1].tolist() == powers
    assert len(np.unique(steps, axis=0)) == 40
    assert (np.sort(found.step, axis=1) == np.arange(128)).all()
