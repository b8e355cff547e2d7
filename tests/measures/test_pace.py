"""Paces: published rates of reduction, fractions by hand, and paths that end at their goal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import examples
from targeted_universalism.measures.pace import PACE_OF_KIND, PACES

PART = st.floats(0.001, 0.999)
every_pace = pytest.mark.parametrize("pace", PACES)


# --- published -----------------------------------------------------------------------------------


def test_unicef_turns_a_slope_of_the_logarithm_into_a_rate_of_reduction(shared: Path) -> None:
    """NIPN on UNICEF Technical Note 185: a slope of −0.06613 or −0.0669 is 6.4 % a year."""
    entry = examples(shared)["aarr_unicef_slope"]
    slope = entry["inputs"]["slope_b"]
    for b in (slope, -0.0669):
        change = tu.measures.pace_between(30.0, 30.0 * np.exp(8 * b), 8, pace="geometric")
        assert abs(-100 * change - entry["expected"]["aarr_pct"]) < 0.1
    assert abs(100 * (1 - np.exp(slope)) - entry["expected"]["aarr_pct"]) < 0.05


def test_a_fall_by_a_fixed_share_is_found_from_its_ends(shared: Path) -> None:
    """DSIR, R/aarr.R: 2.4 % fewer every year from 2000 to 2015."""
    expected = examples(shared)["aarr_exact_exponential"]["expected"]
    change = tu.measures.pace_between(100.0, 100 * (1 - 0.024) ** 15, 15, pace="geometric")
    assert abs(-change - expected["endpoint"]) < 1e-10


# --- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "start", "end", "years", "expected"),
    [
        ("linear", 0.2, 0.1, 5, -1 / 50),
        ("linear", -3.0, 1.0, 8, 1 / 2),
        ("geometric", 8.0, 1.0, 3, -1 / 2),  # halved three times
        ("geometric", 100.0, 121.0, 2, 1 / 10),
        ("log-odds", 1 / 5, 4 / 5, 4, np.log(2)),  # odds of 1/4 to 4 are four doublings
        ("log-odds", 1 / 2, 1 / 4, 2, -np.log(3) / 2),
    ],
)
def test_a_pace_between_two_rates(
    pace: str, start: float, end: float, years: float, expected: float
) -> None:
    assert abs(tu.measures.pace_between(start, end, years, pace=pace) - expected) < 1e-14


@pytest.mark.parametrize(
    ("pace", "start", "end", "part", "expected"),
    [
        ("linear", 0.2, 0.1, 0.25, 7 / 40),
        ("geometric", 16.0, 1.0, 0.75, 2.0),
        ("log-odds", 1 / 5, 4 / 5, 0.25, 1 / 3),  # odds of 1/2
    ],
)
def test_a_rate_on_the_way(
    pace: str, start: float, end: float, part: float, expected: float
) -> None:
    assert abs(tu.measures.rate_on_path(start, end, part, pace=pace) - expected) < 1e-14


def test_how_many_times_as_fast() -> None:
    """Twice as fast; needed without having moved, against the goal, or not at all."""
    needed, so_far = np.array([-0.06, -0.06, -0.06, 0.0]), np.array([-0.03, 0.0, 0.02, -0.03])
    found = tu.measures.acceleration(needed, so_far, direction="at most")
    np.testing.assert_array_equal(found, [2.0, np.nan, np.nan, 0.0])
    found = tu.measures.acceleration(-needed, -so_far, direction="at least")
    np.testing.assert_array_equal(found, [2.0, np.nan, np.nan, 0.0])


# --- where there is no pace ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pace", "start", "end"),
    [
        ("geometric", 0.0, 0.1), ("geometric", 0.1, 0.0), ("geometric", -1.0, 0.1),
        ("log-odds", 0.0, 0.5), ("log-odds", 0.5, 1.0), ("log-odds", 1.2, 0.5),
        ("linear", np.nan, 0.5),
    ],
)  # fmt: skip
def test_rates_that_a_scale_does_not_hold_have_no_pace(pace: str, start: float, end: float) -> None:
    assert np.isnan(tu.measures.pace_between(start, end, 5, pace=pace))
    for part in (0, 0.5, 1):
        assert np.isnan(tu.measures.rate_on_path(start, end, part, pace=pace))


@every_pace
def test_without_time_there_is_no_pace(pace: str) -> None:
    assert np.isnan(tu.measures.pace_between(0.2, 0.4, 0, pace=pace))


def test_every_kind_of_outcome_has_a_pace_of_its_own() -> None:
    assert dict(PACE_OF_KIND) == {
        "proportion": "log-odds", "rate": "geometric", "standardized": "geometric",
        "mean": "linear",
    }  # fmt: skip
    assert set(PACE_OF_KIND.values()) == set(PACES)


# --- laws ----------------------------------------------------------------------------------------


@every_pace
@given(start=PART, end=PART)
def test_a_path_starts_at_the_rate_and_ends_exactly_at_the_goal(
    pace: str, start: float, end: float
) -> None:
    path = tu.measures.rate_on_path(start, end, np.linspace(0, 1, 12), pace=pace)
    assert path[0] == start
    assert path[-1] == end
    steps = np.diff(path) * np.sign(end - start)
    assert (steps >= -1e-15).all()


@every_pace
@given(start=PART, end=PART, first=st.floats(0.1, 0.9), years=st.floats(0.5, 30))
def test_the_pace_is_the_same_on_every_part_of_a_path(
    pace: str, start: float, end: float, first: float, years: float
) -> None:
    middle = tu.measures.rate_on_path(start, end, first, pace=pace)
    whole = tu.measures.pace_between(start, end, years, pace=pace)
    for ends, part in (((start, middle), first), ((middle, end), 1 - first)):
        same = tu.measures.pace_between(*ends, years * part, pace=pace)
        assert abs(same - whole) < 1e-9 * (1 + abs(whole))


@every_pace
@given(start=PART, end=PART)
def test_scales_lead_back_and_slopes_are_theirs(pace: str, start: float, end: float) -> None:
    scale, rates = PACES[pace], np.array([start, end])
    np.testing.assert_allclose(scale.back(scale.judge(rates)), rates, rtol=1e-12)
    step = 1e-6 * rates * (1 - rates)
    slopes = (scale.judge(rates + step) - scale.judge(rates - step)) / (2 * step)
    np.testing.assert_allclose(scale.slope(rates), slopes, rtol=1e-5)
