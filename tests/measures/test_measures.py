"""Laws that every measure of the register keeps, and numbers worked out by other means."""

from __future__ import annotations

import csv
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import fewer
from targeted_universalism.measures import midrank, quantile_group, theil_by_place
from targeted_universalism.measures.inequality import noise
from targeted_universalism.measures.inequality.arithmetic import gradient
from targeted_universalism.measures.inequality.register import REGISTER, Measure, formula, notes

MEASURES = list(REGISTER.values())
CHOICES = ({"alpha": 2.0, "epsilon": 0.5}, {"alpha": -0.5, "epsilon": 1.0})
DIRECTIONS = ("at least", "at most")
GOLDEN = list(
    csv.DictReader((Path(__file__).parent / "golden_measures.csv").read_text("utf-8").splitlines())
)

every_measure = pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)


@st.composite
def rates_and_shares(draw: st.DrawFn, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Draw rates inside (0, 1) and population shares of two to six segments."""
    k = draw(st.integers(least, 6))
    rate = draw(st.lists(st.integers(2, 98), min_size=k, max_size=k))
    people = draw(st.lists(st.integers(1, 50), min_size=k, max_size=k))
    return np.array(rate) / 100, np.array(people) / sum(people)


cases = rates_and_shares()
directions = st.sampled_from(DIRECTIONS)


def parts(rate: np.ndarray, share: np.ndarray, **more: Any) -> dict[str, Any]:
    """Give everything that a measure can ask for."""
    mean = (rate * share).sum(axis=0)
    base = {
        "rate": rate, "share": share, "rank": midrank(share), "se": 0.02 + 0.05 * rate,
        "direction": "at least", "goal": 0.5, "reference": 0, "mean": mean, **CHOICES[0],
    }  # fmt: skip
    return {**base, **more}


def same(one: np.ndarray, other: np.ndarray, size: float = 1.0) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12 * max(size, 1))


# --- laws ----------------------------------------------------------------------------------------


@every_measure
@fewer(12)
@given(case=cases, direction=directions, choice=st.sampled_from(CHOICES))
def test_equal_segments_give_the_value_at_equality(
    measure: Measure, case: tuple[Any, Any], direction: str, choice: dict[str, float]
) -> None:
    rate, share = np.full_like(case[0], case[0][0]), case[1]
    met = rate[0] - 0.01 if direction == "at least" else rate[0] + 0.01
    found = measure.value(parts(rate, share, direction=direction, goal=met, se=0 * rate, **choice))
    np.testing.assert_allclose(found, measure.value_at_equality, atol=1e-7)


@every_measure
@fewer(12)
@given(case=cases, direction=directions, data=st.data())
def test_the_order_of_segments_without_order_is_irrelevant(
    measure: Measure, case: tuple[Any, Any], direction: str, data: st.DataObject
) -> None:
    rate, share = case
    order = np.array(data.draw(st.permutations(range(len(rate)))))
    one = parts(rate, share, direction=direction)
    other = {**one, "reference": int(np.flatnonzero(order == 0)[0])}
    for name in ("rate", "share", "se", "rank"):
        other[name] = one[name][order]
    if measure.ordered and "rank" not in measure.needs:
        other = one | {"share": share}  # the ends of an order are its first and last row
    same(measure.value(one), measure.value(other))
    equal = (measure.if_equal(noise.equal(given_, given_["se"])) for given_ in (one, other))
    np.testing.assert_allclose(*equal, rtol=1e-9, atol=1e-12)


@every_measure
@fewer(12)
@given(case=cases, direction=directions, data=st.data())
def test_splitting_a_segment_in_two_changes_nothing_where_the_measure_says_so(
    measure: Measure, case: tuple[Any, Any], direction: str, data: st.DataObject
) -> None:
    rate, share = case
    at = data.draw(st.integers(0, len(rate) - 1))
    part = data.draw(st.integers(1, 9)) / 10
    halves = np.insert(share, at, share[at] * part)
    halves[at + 1] = share[at] * (1 - part)
    one = measure.value(parts(rate, share, direction=direction))
    two = measure.value(parts(np.insert(rate, at, rate[at]), halves, direction=direction))
    if measure.splits:
        same(one, two)


@every_measure
def test_a_measure_that_says_it_changes_with_splits_does(measure: Measure) -> None:
    rate, share = np.array([0.2, 0.5, 0.4]), np.array([0.5, 0.3, 0.2])
    one = parts(rate, share)
    two = parts(rate[[0, 0, 1, 2]], np.array([0.25, 0.25, 0.3, 0.2]))
    unweighted_ends = not measure.weighted and measure.name.startswith(("difference", "ratio"))
    if not measure.splits and not unweighted_ends:
        assert abs(float(measure.value(one)) - float(measure.value(two))) > 1e-6


@every_measure
@fewer(12)
@given(case=cases, direction=directions, times=st.sampled_from([0.25, 3.0, 1000.0]))
def test_relative_measures_ignore_units_and_absolute_ones_scale_with_them(
    measure: Measure, case: tuple[Any, Any], direction: str, times: float
) -> None:
    if measure.kinds == ("proportion",):
        return
    rate, share = case
    one = parts(rate, share, direction=direction)
    other = {**one, "rate": rate * times, "goal": 0.5 * times, "se": one["se"] * times}
    same(measure.value(one) * times**measure.degree, measure.value(other), times**measure.degree)
    assert (measure.degree > 0) == (measure.scale == "absolute")


@every_measure
def test_many_strata_at_once_are_one_at_a_time(measure: Measure) -> None:
    rng = np.random.default_rng(11)
    rate = rng.integers(2, 98, (5, 3)) / 100 + rng.random((5, 3)) / 1000
    share = rng.dirichlet(np.full(5, 3.0), 3).T
    together = parts(rate, share)
    equal = measure.if_equal(noise.equal(together, together["se"]))
    for j in range(3):
        alone = parts(rate[:, j], share[:, j])
        same(measure.value(alone), measure.value(together)[j])
        same(measure.standard_error(alone), measure.standard_error(together)[j])
        same(measure.if_equal(noise.equal(alone, alone["se"])), equal[j])


@every_measure
@fewer(12)
@given(case=cases, direction=directions, choice=st.sampled_from(CHOICES), data=st.data())
def test_a_transfer_between_two_segments_never_raises_a_measure_of_all_people(
    measure: Measure,
    case: tuple[Any, Any],
    direction: str,
    choice: dict[str, float],
    data: st.DataObject,
) -> None:
    symmetric = measure.ordered is not True and "reference" not in measure.needs
    if not (symmetric and measure.splits and measure.one_sided):
        return
    rate, share = case
    low, high = int(rate.argmin()), int(rate.argmax())
    moved = data.draw(st.integers(0, 10)) / 10 * (rate[high] - rate[low])
    after = rate.copy()
    together = share[low] + share[high]
    after[low] += moved * share[high] / together
    after[high] -= moved * share[low] / together
    one, two = (
        float(measure.value(parts(r, share, direction=direction, **choice))) for r in (rate, after)
    )
    assert two <= one + 1e-12


@pytest.mark.parametrize("name", ["bgv", "bgsd", "cov", "ti", "mld", "gini", "atkinson", "ge"])
def test_a_transfer_lowers_measures_of_spread(name: str) -> None:
    measure = next(m for m in MEASURES if m.code == name)
    share = np.array([0.5, 0.3, 0.2])
    before, after = (parts(np.array(r), share) for r in ([0.2, 0.5, 0.4], [0.23, 0.45, 0.4]))
    assert float(measure.value(after)) < float(measure.value(before))


@every_measure
@fewer(12)
@given(case=cases, direction=directions, choice=st.sampled_from(CHOICES))
def test_a_measure_stays_within_its_bounds(
    measure: Measure, case: tuple[Any, Any], direction: str, choice: dict[str, float]
) -> None:
    value = float(measure.value(parts(*case, direction=direction, **choice)))
    low, high = measure.bounds
    assert np.isnan(value) or low - 1e-12 <= value <= high + 1e-12


@every_measure
@fewer(12)
@given(case=cases, direction=directions)
def test_those_without_the_outcome_mirror_those_with_it(
    measure: Measure, case: tuple[Any, Any], direction: str
) -> None:
    if not measure.mirrors:
        return
    rate, share = case
    other = {"at least": "at most", "at most": "at least"}[direction]
    one = parts(rate, share, direction=direction, goal=0.4)
    two = parts(1 - rate, share, direction=other, goal=0.6, se=one["se"])
    np.testing.assert_allclose(
        np.abs(measure.value(one)), np.abs(measure.value(two)), rtol=1e-6, atol=1e-9
    )


@every_measure
@given(
    rate=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=2, max_size=5),
    direction=directions,
    choice=st.sampled_from(CHOICES),
)
@fewer(12)
def test_nothing_is_ever_infinite_nor_warns(
    measure: Measure, rate: list[float], direction: str, choice: dict[str, float]
) -> None:
    k = len(rate)
    share = np.full(k, 1 / k)
    shares = [share, np.append(np.zeros(k - 1), 1.0)] if k > 1 else [share]
    for one in shares:
        for scale in (1.0, -1.0):
            case = parts(scale * np.array(rate), one, direction=direction, se=np.zeros(k), **choice)
            equal = measure.if_equal(case | noise.equal(case, case["se"]))
            for found in (measure.value(case), measure.standard_error(case), equal):
                assert not np.isinf(found).any()


@every_measure
@fewer(12)
@given(case=rates_and_shares(3).filter(lambda c: len(set(c[0])) == len(c[0])), direction=directions)
def test_the_derivative_is_that_of_small_differences(
    measure: Measure, case: tuple[Any, Any], direction: str
) -> None:
    given_ = parts(*case, direction=direction, goal=0.505)
    middle = float(given_["mean"])
    kink = measure.name.endswith("from_mean") or "index_of_disparity" in measure.name
    if kink and np.abs(case[0] - middle).min() < 1e-4:
        return

    def at(rate: np.ndarray) -> np.ndarray:
        return measure.computed({**given_, "rate": rate})

    slope = gradient(at, case[0])
    # Where derivatives are written out, they are those of complex steps.
    np.testing.assert_allclose(measure.slopes(given_), slope, rtol=1e-9, atol=1e-12)
    step = 1e-6
    for i in range(len(case[0])):
        up, down = case[0].copy(), case[0].copy()
        up[i] += step
        down[i] -= step
        difference = measure.value({**given_, "rate": up}) - measure.value({**given_, "rate": down})
        if np.isfinite(difference) and not np.isnan(slope).any():
            np.testing.assert_allclose(slope[i], difference / (2 * step), rtol=2e-4, atol=2e-4)


@every_measure
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_what_noise_alone_makes_of_equal_segments_is_what_draws_show(
    measure: Measure, direction: str
) -> None:
    if not measure.one_sided:
        given_ = noise.equal(parts(np.full(2, 0.3), np.full(2, 0.5)), np.ones(2))
        assert measure.if_equal(given_) == measure.value_at_equality
        return
    share = np.array([0.35, 0.25, 0.2, 0.12, 0.08])
    rate, people = np.full(5, 0.3), share * 3000
    se = np.sqrt(rate * (1 - rate) / people)
    given_ = parts(rate, share, direction=direction, goal=0.31)
    expected = float(measure.if_equal(noise.equal(given_, se)))
    drawn = 0.3 + se[:, None] * np.random.default_rng(5).standard_normal((5, 40_000))
    wide = {name: given_[name][:, None] for name in ("share", "rank", "se")}
    found = measure.value({**given_, **wide, "rate": drawn}).mean()
    at_zero = expected - measure.value_at_equality
    np.testing.assert_allclose(at_zero, found - measure.value_at_equality, rtol=0.04)


def test_six_equal_groups_of_200_show_a_gap_of_eight_points_by_noise_alone() -> None:
    # METHODS 5: six groups of 200, all truly 30 %, simulated: a difference of 8.2, a ratio of 1.32.
    share, rate = np.full(6, 1 / 6), np.full(6, 0.3)
    given_ = noise.equal(parts(rate, share), np.full(6, np.sqrt(0.21 / 200)))
    assert round(100 * float(REGISTER["difference"].if_equal(given_)), 1) == 8.2
    assert round(float(REGISTER["ratio"].if_equal(given_)), 2) == 1.32


# --- numbers -------------------------------------------------------------------------------------


def numbers(text: str) -> np.ndarray:
    return np.array([float(part) for part in text.split()])


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row['measure']}-{row['choices']}")
def test_measures_give_what_is_worked_out_by_other_means(row: dict[str, str]) -> None:
    known: dict[str, Any] = {name: numbers(row[name]) for name in ("rate", "share", "rank")}
    for choice in filter(None, row["choices"].split(";")):
        name, text = choice.split("=")
        known[name] = {
            "direction": lambda t: t, "reference": int, "se": numbers,
        }.get(name, float)(text)  # fmt: skip
    function = getattr(tu.measures, row["measure"])
    asked = REGISTER[row["measure"]].needs
    found = function(**{name: known[name] for name in asked})
    assert found == pytest.approx(float(row["value"]), rel=1e-9, abs=1e-12)


def test_every_measure_has_a_golden_row_and_a_public_function() -> None:
    assert {row["measure"] for row in GOLDEN} == set(REGISTER)
    for name in REGISTER:
        assert callable(getattr(tu.measures, name))
        assert name in tu.measures.__all__


@every_measure
def test_every_measure_says_what_it_is(measure: Measure) -> None:
    text = getattr(tu.measures, measure.name).__doc__
    for part in ("Parameters\n", "Returns\n", "Notes\n", "Examples\n", "References\n"):
        assert part in text
    for name in inspect.signature(measure.judge).parameters:
        assert f"\n{name} : " in text
    assert formula(measure)
    assert len(notes(measure)) > len(formula(measure)) + 10
    assert measure.source.endswith(".")


def test_the_page_of_measures_has_every_measure() -> None:
    # That its tables are what the register says, tests/test_docs.py tests with all pages.
    page = (Path(__file__).parents[2] / "docs" / "measures.md").read_text(encoding="utf-8")
    for measure in MEASURES:
        assert f"| `{measure.name}` |" in page


def test_codes_are_those_of_the_field() -> None:
    who = (
        "d r bgv bgsd cov mdmu mdmw mdbu mdbw mdru mdrw idisu idisw ti mld aci rci sii rii par paf"
    )
    assert {*who.split(), "mdg"} <= {m.code for m in MEASURES}


def test_the_standard_error_of_a_variance_has_its_second_order() -> None:
    # WHO's formula, written out for two segments: 4Σw²s²(y−μ)² + 2[(Σw²s²)² − Σw⁴s⁴ + Σw²(1−w)²s⁴].
    rate, share, se = np.array([1.0, 3.0]), np.array([0.25, 0.75]), np.array([0.2, 0.1])
    a, b = 0.25**2 * 0.04, 0.75**2 * 0.01
    first = 4 * (a * 1.5**2 + b * 0.5**2)
    second = 2 * ((a + b) ** 2 - a**2 - b**2 + a * 0.75**2 * 0.04 + b * 0.25**2 * 0.01)
    found = REGISTER["between_group_variance"].standard_error(parts(rate, share, se=se))
    assert float(found) == pytest.approx(np.sqrt(first + second), rel=1e-12)


def test_the_error_of_the_linear_slope_is_that_of_its_weights() -> None:
    # RULES 6: a_i = w_i(R_i − R̄)/Σw(R − R̄)², se = √Σ a²se².
    share, se = np.array([0.5, 0.3, 0.2]), np.array([0.01, 0.02, 0.03])
    case = parts(np.array([0.2, 0.5, 0.4]), share, se=se)
    away = case["rank"] - (case["rank"] * share).sum()
    a = share * away / (share * away**2).sum()
    found = REGISTER["slope_index_linear"].standard_error(case)
    assert float(found) == pytest.approx(np.sqrt((a**2 * se**2).sum()), rel=1e-12)
    aci = REGISTER["absolute_concentration_index"].standard_error(case)
    weights = share * (2 * case["rank"] - 1)
    assert float(aci) == pytest.approx(np.sqrt((weights**2 * se**2).sum()), rel=1e-12)


def test_the_attributable_risk_knows_that_the_best_is_inside_the_total() -> None:
    # METHODS 6: Var(p_i − μ) = (1 − w_i)²v_i + Σ_{j≠i} w_j²v_j.
    share, se = np.array([0.5, 0.3, 0.2]), np.array([0.01, 0.02, 0.03])
    found = REGISTER["attributable_risk"].standard_error(
        parts(np.array([0.2, 0.5, 0.4]), share, se=se)
    )
    variance = (0.7 * 0.02) ** 2 + (0.5 * 0.01) ** 2 + (0.2 * 0.03) ** 2
    assert float(found) == pytest.approx(np.sqrt(variance), rel=1e-12)


@given(case=st.tuples(rates_and_shares(), rates_and_shares()), zero=st.booleans())
def test_theil_between_and_within_places_add_up_to_the_whole(
    case: tuple[tuple[Any, Any], tuple[Any, Any]], zero: bool
) -> None:
    k = min(len(case[0][0]), len(case[1][0]))
    rate = np.stack([part[0][:k] for part in case], axis=1)
    share = np.stack([part[1][:k] for part in case], axis=1)
    share /= share.sum()
    if zero:
        rate[0, 0] = 0
    split = theil_by_place(rate, share)
    whole = tu.measures.theil(rate.ravel(), share.ravel())
    assert split.between + split.within == pytest.approx(float(whole), rel=1e-9, abs=1e-12)
    assert split.between >= -1e-12
    assert split.within >= -1e-12


def test_mid_ranks_of_equal_places_are_one() -> None:
    share = np.array([0.1, 0.2, 0.3, 0.4])
    found = midrank(share, order=np.array([2, 0, 2, 1]))
    np.testing.assert_allclose(found, [0.8, 0.1, 0.8, 0.4])
    np.testing.assert_allclose(midrank(share), midrank(share, order=np.arange(4)), rtol=1e-15)


def test_tenths_sort_as_numbers_and_missing_values_have_none() -> None:
    values = np.append(np.arange(20.0), np.nan)
    found = quantile_group(values, 10, highest_first=False)
    assert found[:20].tolist() == np.repeat(np.arange(1.0, 11), 2).tolist()
    assert np.isnan(found[20])
    assert np.isnan(quantile_group(values[:3], 5)).all()


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: tu.measures.theil(np.array([0.1, 0.2]), np.array([100.0, 300.0])),
            "between 0 and 1",
        ),
        (lambda: tu.measures.theil(np.array([0.1, 0.2]), np.array([1.5, -0.5])), "between 0 and 1"),
        (lambda: tu.measures.theil(np.array([0.1, 0.2]), np.array([1.0])), r"shape \(1,\)"),
        (lambda: tu.measures.difference(np.float64(0.2)), "along the first axis"),
        (lambda: tu.measures.difference_by_order(np.array([0.1, 0.2]), "up"), "direction='up'"),
        (
            lambda: tu.measures.generalized_entropy(np.array([0.1]), np.array([1.0]), 1.0),
            "alpha=1 cannot be used",
        ),
        (lambda: tu.measures.atkinson(np.array([0.1]), np.array([1.0]), 0.0), "above 0"),
    ],
)
def test_bad_arrays_stop_with_what_to_do(call: Any, message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        call()
