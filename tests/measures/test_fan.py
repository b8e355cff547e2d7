"""The fan of a trend: textbook limits of a mean response, and the probability beside it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from targeted_universalism._typing import FloatArray
from targeted_universalism.measures.arrival import arrival, fan
from targeted_universalism.measures.trend import Trend, fitted

WHEN = np.arange(2015.0, 2023.0)
VALUE = np.array([1.0, 1.3, 1.2, 1.6, 1.9, 1.8, 2.3, 2.2])
AHEAD = np.array([2022.0, 2026.0, 2030.0])


def line(value: FloatArray = VALUE, variance: float = np.nan) -> Trend:
    return fitted(WHEN, value, np.full(value.shape, variance), np.array(WHEN[-1]))


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_without_variances_it_is_the_t_interval_of_a_mean_response(confidence: float) -> None:
    """Ordinary least squares: mean ± t·s·√(1/n + (x − x̄)²/Sxx), as in any textbook."""
    value, low, high = fan(line(), AHEAD, confidence=confidence, draws=200_000)
    found = stats.linregress(WHEN, VALUE)
    n, middle = len(WHEN), WHEN.mean()
    spread = ((WHEN - middle) ** 2).sum()
    left = VALUE - found.intercept - found.slope * WHEN
    se = np.sqrt((left**2).sum() / (n - 2) * (1 / n + (AHEAD - middle) ** 2 / spread))
    half = stats.t.isf((1 - confidence) / 2, n - 2) * se
    mean = found.intercept + found.slope * AHEAD
    np.testing.assert_allclose(value, mean, rtol=1e-9)
    np.testing.assert_allclose(low, mean - half, rtol=2e-3)
    np.testing.assert_allclose(high, mean + half, rtol=2e-3)


def test_known_variances_that_explain_the_scatter_give_normal_limits() -> None:
    straight = 1.0 + 0.1 * (WHEN - WHEN[0])
    _, low, high = fan(line(straight, 0.04), AHEAD, draws=200_000)
    middle = WHEN.mean()
    se = np.sqrt(0.04 * (1 / 8 + (AHEAD - middle) ** 2 / ((WHEN - middle) ** 2).sum()))
    np.testing.assert_allclose((high - low) / 2, 1.959964 * se, rtol=5e-3)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("variance", [np.nan, 0.02])
def test_the_fan_and_the_probability_look_at_the_same_lines(
    direction: int, variance: float
) -> None:
    """A goal at an edge of the fan has the chance that lies beyond that edge, to a few draws."""
    trend = line(direction * VALUE, variance)
    _, low, high = fan(trend, AHEAD, direction=direction, confidence=0.8)
    for goal, chance in ((low[-1], 0.9), (high[-1], 0.1)):
        found = arrival(
            trend,
            np.array(goal),
            direction=np.array(float(direction)),
            deadline=np.array(AHEAD[-1]),
        )
        assert found.probability == pytest.approx(
            chance if direction > 0 else 1 - chance, abs=0.002
        )


def test_many_series_are_each_as_alone_and_two_points_have_no_fan() -> None:
    values = np.stack([VALUE, VALUE[::-1], np.where(WHEN > 2020, VALUE, np.nan)], axis=1)
    trend = fitted(WHEN, values, np.full(values.shape, np.nan), np.full(3, WHEN[-1]))
    together = fan(trend, AHEAD)
    for i in (0, 1):
        for all_of_them, alone in zip(together, fan(line(values[:, i]), AHEAD), strict=True):
            assert (all_of_them[:, i] == alone).all()
    assert all(np.isnan(part[:, 2]).all() for part in together)
