"""Quantiles of the beta and the gamma distribution agree with a general solver's everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from targeted_universalism.measures.quantiles import beta_log_odds, gamma_logarithm

SHAPES = np.concatenate([[0.05, 0.5, 1, 2, 2.99, 3, 3.01], np.geomspace(4, 1e6, 40)])
TAILS = (1e-9, 1e-4, 0.0025, 0.025, 0.05, 0.3, 0.5, 0.8)


@pytest.mark.parametrize("tail", TAILS)
def test_a_beta_quantile_is_that_of_a_general_solver(tail):
    a, b = (v.ravel() for v in np.meshgrid(SHAPES, SHAPES))
    found, other = beta_log_odds(a, b, tail), beta_log_odds(b, a, tail)
    small, large = special.betaincinv(a, b, tail), special.betainccinv(a, b, tail)
    known = small > 1e-300
    # The odds of what lies near 1 lose digits where a float holds it: there its complement decides.
    near_0 = known & (small < 0.5)
    np.testing.assert_allclose(special.expit(found[near_0]), small[near_0], rtol=1e-10)
    near_1 = known & (small >= 0.5) & (1 - small > 1e-7)
    np.testing.assert_allclose(found[near_1], special.logit(small[near_1]), rtol=1e-8, atol=1e-8)
    turned = (large > 0.5) & (1 - large > 1e-7)
    np.testing.assert_allclose(-other[turned], special.logit(large[turned]), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("tail", TAILS)
def test_a_gamma_quantile_is_that_of_a_general_solver(tail, above):
    found = gamma_logarithm(SHAPES, tail, above=above)
    right = (special.gammainccinv if above else special.gammaincinv)(SHAPES, tail)
    known = right > 1e-300
    np.testing.assert_allclose(np.exp(found[known]), right[known], rtol=1e-10)


def test_the_tail_of_a_quantile_is_what_was_asked_for():
    x, n = np.array([1.0, 7, 40, 900]), np.array([20.0, 50, 41, 2000])
    limit = special.expit(beta_log_odds(x, n - x + 1, 0.025))
    np.testing.assert_allclose(stats.binom.sf(x - 1, n, limit), 0.025, rtol=1e-10)
    mean = np.exp(gamma_logarithm(x + 1, 0.025, above=True))
    np.testing.assert_allclose(stats.poisson.cdf(x, mean), 0.025, rtol=1e-10)


def test_each_place_has_a_tail_of_its_own_and_what_is_no_shape_has_none():
    a, tail = np.array([5.0, 50, np.nan, -1]), np.array([0.1, 0.2, 0.1, 0.1])
    together = beta_log_odds(a, 2 * a, tail)
    assert np.isnan(together[2:]).all()
    for i in (0, 1):
        assert together[i] == beta_log_odds(a[i : i + 1], 2 * a[i : i + 1], tail[i])[0]
    assert np.isnan(gamma_logarithm(a, tail)[2:]).all()
