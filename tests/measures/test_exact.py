"""People needed are whole and exact: every law is verified with fractions, never with floats."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import make
import targeted_universalism as tu
from targeted_universalism.measures.exact import as_fraction, people_needed_from_rate

DIRECTIONS = {"at least": 1, "at most": -1}
MOST = 10**9


@dataclass(frozen=True)
class Target:
    """A goal as a person types it, and the number that is meant."""

    typed: float
    per: int
    meant: Fraction


def steps(top: int, bottom: int, per: int = 1) -> st.SearchStrategy[Target]:
    """Draw goals k/bottom in units of `per`, for k from 0 to top."""
    return st.integers(0, top).map(lambda k: Target(k / bottom, per, Fraction(k, bottom * per)))


# Goals that a person can type: 5 % and 0.1 % steps, per cent, per 1,000, per 100,000, thirds.
SUM_OF_TENTHS = Target(0.1 + 0.2, 1, Fraction(3, 10))
TARGETS = st.one_of(
    steps(20, 20),
    steps(1000, 1000),
    steps(100, 1, per=100),
    steps(1000, 10, per=100),
    steps(1000, 1, per=1000),
    steps(5000, 5, per=1000),
    steps(10**7, 100, per=100_000),
    steps(3, 3),
    steps(300, 3, per=100),
    st.just(SUM_OF_TENTHS),
    st.just(Target(100 * (0.1 + 0.2), 100, Fraction(3, 10))),
)
# Goals whose exact denominator times a billion people is above 2⁶³.
LONG_TARGETS = st.sampled_from(
    [
        Target(0.5000000001234567, 1, Fraction(5000000001234567, 10**16)),
        Target(0.3333333334999999, 1, Fraction(3333333334999999, 10**16)),
        Target(87.123456789, 100, Fraction(87123456789, 10**11)),
        Target(99999.99999, 100_000, Fraction(9999999999, 10**10)),
        Target(12345.67891, 100_000, Fraction(1234567891, 10**10)),
    ]
)
DIRECTION = st.sampled_from(sorted(DIRECTIONS))


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    """Draw (events, people) with people up to a billion, round numbers often."""
    n = draw(
        st.integers(0, MOST) | st.integers(0, 300) | st.integers(0, 10**6).map(lambda k: 1000 * k)
    )
    x = draw(st.integers(0, n) | st.integers(0, 1000).map(lambda k: n * k // 1000))
    return x, n


def is_met(x: int, n: int, goal: Fraction, sign: int) -> bool:
    """Say whether x of n meet the goal, without division."""
    return sign * (x - goal * n) >= 0


def check_smallest(x: int, n: int, k: int, goal: Fraction, sign: int) -> None:
    """Assert that k people are enough and k − 1 are not."""
    assert k >= 0
    assert is_met(x + sign * k, n, goal, sign)
    assert k == 0 or not is_met(x + sign * (k - 1), n, goal, sign)


def measured(pairs: list[tuple[int, int]], target: Target, direction: str) -> list[float]:
    """Ask the array function for people needed."""
    x, n = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    found = tu.measures.needed(x, n, target.typed, direction=direction, per=target.per)
    return [float(k) for k in found]


def assessed(
    pairs: list[tuple[int, int]], target: Target, direction: str, **options: object
) -> pd.DataFrame:
    """Ask the table: one segment for each pair."""
    table = whole_table(pairs, target, direction, **options)
    return table[table["dimension"] == "segment"].reset_index(drop=True)


def whole_table(
    pairs: list[tuple[int, int]], target: Target, direction: str, **options: object
) -> pd.DataFrame:
    """Ask the table: the total, and one segment for each pair."""
    rows = [(f"s{i}", x, n) for i, (x, n) in enumerate(pairs)]
    goal = tu.Goal(direction=direction, target=target.typed, per=target.per)
    return make.assessed(rows, goal, segments="segment", **options).table


PAIRS = st.lists(counts(), min_size=1, max_size=8)
POPULATED = PAIRS.map(lambda pairs: [(x, n) for x, n in pairs if n > 0] or [(1, 2)])


# --- people needed from counts -----------------------------------------------------------------


@given(pairs=PAIRS, target=TARGETS | LONG_TARGETS, direction=DIRECTION)
@example(pairs=[(70, 100)], target=Target(0.75, 1, Fraction(3, 4)), direction="at least")
@example(pairs=[(607, 2000)], target=Target(0.54, 1, Fraction(27, 50)), direction="at least")
@example(pairs=[(300_000_001, MOST)], target=SUM_OF_TENTHS, direction="at most")
def test_needed_is_enough_and_one_person_fewer_is_not(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    for (x, n), k in zip(pairs, measured(pairs, target, direction), strict=True):
        assert k == int(k)
        check_smallest(x, n, int(k), target.meant, DIRECTIONS[direction])


@given(pairs=POPULATED, target=TARGETS | LONG_TARGETS, direction=DIRECTION)
def test_needed_in_the_table_is_enough_and_one_person_fewer_is_not(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    table = assessed(pairs, target, direction)
    assert table["needed"].dtype == "Int64"
    for (x, n), k in zip(pairs, table["needed"].tolist(), strict=True):
        check_smallest(x, n, k, target.meant, DIRECTIONS[direction])


@given(pairs=POPULATED, target=TARGETS, direction=DIRECTION)
def test_needed_of_the_total_is_that_of_the_added_counts(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    total = whole_table(pairs, target, direction).iloc[0]
    x, n = sum(x for x, _ in pairs), sum(n for _, n in pairs)
    check_smallest(x, n, total["needed"], target.meant, DIRECTIONS[direction])


TEN_PLACES = 0.8742687123


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_needed_is_exact_where_products_leave_sixty_four_bits(direction: str) -> None:
    """A third is the fraction that it is near to; ten typed places are kept (RULES 4)."""
    for typed, meant in ((1 / 3, Fraction(1, 3)), (TEN_PLACES, Fraction(str(TEN_PLACES)))):
        for n in (MOST, MOST - 1, 2**53, 10**10):
            near = int(meant * n)
            pairs = [(near + step, n) for step in (-2, -1, 0, 1, 2)]
            ks = measured(pairs, Target(typed, 1, meant), direction)
            for (x, _), k in zip(pairs, ks, strict=True):
                check_smallest(x, n, int(k), meant, DIRECTIONS[direction])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_long_goal_is_exact_one_person_on_either_side_of_it(direction: str) -> None:
    meant = Fraction(5000000001234567, 10**16)
    near = int(meant * MOST)
    pairs = [(near + step, MOST) for step in (-1, 0, 1)]
    ks = measured(pairs, Target(0.5000000001234567, 1, meant), direction)
    assert ks == ([2, 1, 0] if direction == "at least" else [0, 0, 1])


@given(pairs=PAIRS, k=st.integers(0, 1000), j=st.integers(0, 1000), direction=DIRECTION)
def test_a_more_ambitious_goal_never_needs_fewer_people(
    pairs: list[tuple[int, int]], k: int, j: int, direction: str
) -> None:
    low, high = sorted((k, j))
    easy, hard = (low, high) if direction == "at least" else (high, low)
    fewer, more = (
        measured(pairs, Target(step / 1000, 1, Fraction(step, 1000)), direction)
        for step in (easy, hard)
    )
    assert all(a <= b for a, b in zip(fewer, more, strict=True))


@given(pairs=PAIRS, k=st.integers(0, 1000))
def test_at_least_of_events_mirrors_at_most_of_the_others(
    pairs: list[tuple[int, int]], k: int
) -> None:
    reach = measured(pairs, Target(k / 1000, 1, Fraction(k, 1000)), "at least")
    others = [(n - x, n) for x, n in pairs]
    avoid = measured(others, Target((1000 - k) / 1000, 1, Fraction(1000 - k, 1000)), "at most")
    assert reach == avoid


@given(pairs=POPULATED, k=st.integers(0, 1000))
def test_table_of_events_mirrors_the_table_of_the_others(
    pairs: list[tuple[int, int]], k: int
) -> None:
    others = [(n - x, n) for x, n in pairs]
    mine = assessed(pairs, Target(k / 1000, 1, Fraction(k, 1000)), "at least")
    theirs = assessed(others, Target((1000 - k) / 1000, 1, Fraction(1000 - k, 1000)), "at most")
    for column in ("needed", "gap"):
        assert mine[column].tolist() == theirs[column].tolist()
    for column in ("needed_low", "needed_high"):
        assert (mine[column] - theirs[column]).abs().max() <= 1
    for column in ("gap_low", "gap_high"):
        np.testing.assert_allclose(mine[column], theirs[column], rtol=1e-9, atol=1e-12)


@given(pairs=PAIRS, target=TARGETS, direction=DIRECTION)
def test_a_segment_past_the_goal_changes_nothing_for_the_others(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    past = (MOST, MOST) if direction == "at least" else (0, MOST)
    ks = measured([*pairs, past], target, direction)
    assert ks == [*measured(pairs, target, direction), 0]


def test_needed_is_missing_where_a_count_is_missing() -> None:
    x, n = np.array([np.nan, 5.0, 5.0]), np.array([10.0, np.nan, 10.0])
    found = tu.measures.needed(x, n, 0.9, direction="at least")
    assert np.isnan(found).tolist() == [True, True, False]
    assert found[2] == 4


def test_needed_keeps_the_shape_of_segments_and_strata() -> None:
    """9 of 10, 8 of 10 … against 0.85, by hand: 0 1 2 and 3 4 5 people."""
    x = np.array([[9.0, 8, 7], [6, 5, 4]])
    found = tu.measures.needed(x, np.full((2, 3), 10.0), 85, direction="at least", per=100)
    assert found.tolist() == [[0, 1, 2], [3, 4, 5]]


# --- gaps from counts --------------------------------------------------------------------------


@given(pairs=POPULATED, target=TARGETS | LONG_TARGETS, direction=DIRECTION)
@example(pairs=[(3, 10)], target=SUM_OF_TENTHS, direction="at least")
@example(pairs=[(1, 3)], target=Target(1 / 3, 1, Fraction(1, 3)), direction="at most")
def test_gap_is_the_exact_distance_and_its_sign_is_never_a_rounding_error(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    table = assessed(pairs, target, direction)
    for (x, n), row in zip(pairs, table.itertuples(), strict=True):
        exact = DIRECTIONS[direction] * (target.meant - Fraction(x, n)) * target.per
        assert (row.gap == 0) == (exact == 0)
        assert (row.gap > 0) == (exact > 0) == (row.needed > 0)
        assert row.gap == pytest.approx(float(exact), rel=1e-14, abs=0)


@given(k=st.integers(1, 200), m=st.integers(1, 10**6), direction=DIRECTION)
def test_gap_is_exactly_zero_on_the_goal(k: int, m: int, direction: str) -> None:
    target = Target(k / 200, 1, Fraction(k, 200))
    row = assessed([(k * m, 200 * m)], target, direction).iloc[0]
    assert row["gap"] == 0
    assert math.copysign(1, row["gap"]) == 1
    assert row["needed"] == 0


@given(pairs=POPULATED, target=TARGETS, direction=DIRECTION)
def test_rate_and_ratio_to_goal_are_plain_quotients(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    assume(target.meant > 0)
    table = assessed(pairs, target, direction)
    for (x, n), row in zip(pairs, table.itertuples(), strict=True):
        assert row.rate == pytest.approx(float(Fraction(x, n) * target.per), rel=1e-14, abs=0)
        ratio = float(Fraction(x, n) / target.meant)
        assert row.ratio_to_goal == pytest.approx(ratio, rel=1e-14, abs=0)


# --- the range of people needed ----------------------------------------------------------------


@given(pairs=POPULATED, target=TARGETS, direction=DIRECTION)
def test_range_holds_needed_and_never_more_than_everybody(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    table = assessed(pairs, target, direction)
    for (_, n), row in zip(pairs, table.itertuples(), strict=True):
        assert 0 <= row.needed_low <= row.needed <= row.needed_high <= n


@given(pairs=POPULATED, target=TARGETS, direction=DIRECTION)
def test_range_is_people_needed_at_the_limits_of_the_interval(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    """Within a person: the limits are floats, and RULES 4 lets 10⁻⁹ go."""
    sign = DIRECTIONS[direction]
    table = assessed(pairs, target, direction)
    for (_, n), row in zip(pairs, table.itertuples(), strict=True):
        near, far = (row.ci_high, row.ci_low) if sign > 0 else (row.ci_low, row.ci_high)
        at = [
            max(Fraction(0), n * sign * (target.meant - Fraction(limit) / target.per))
            for limit in (near, far)
        ]
        low, high = (min(math.ceil(people), n) for people in at)
        assert abs(row.needed_low - min(low, row.needed)) <= 1
        assert abs(row.needed_high - max(high, row.needed)) <= 1


def test_range_by_hand() -> None:
    """30 of 100 against at least 0.5: Wilson .2189489 to .3958485, so 10.4 and 28.1 people."""
    row = assessed([(30, 100)], Target(0.5, 1, Fraction(1, 2)), "at least").iloc[0]
    assert row[["needed_low", "needed", "needed_high"]].tolist() == [11, 20, 29]
    row = assessed([(70, 100)], Target(0.5, 1, Fraction(1, 2)), "at most").iloc[0]
    assert row[["needed_low", "needed", "needed_high"]].tolist() == [11, 20, 29]


# Above some ten million people, n·(0.98 − 1) in floats passes a whole number by more than 10⁻⁹.
@given(n=st.integers(1, 10**6), k=st.integers(0, 1000))
@example(n=62_043_000, k=20)
def test_range_ends_at_needed_where_nobody_has_the_event_or_everybody(n: int, k: int) -> None:
    """The limit is assigned there, 0 or 1, and equals the rate: so do the people needed at it."""
    for x, step, direction in ((0, k, "at least"), (n, 1000 - k, "at most")):
        target = Target(step / 1000, 1, Fraction(step, 1000))
        row = assessed([(x, n)], target, direction).iloc[0]
        assert row["needed_high"] == row["needed"]


def test_range_is_of_the_rate_behind_the_counts_and_not_of_those_who_could_change() -> None:
    """1 of 2 against at least 1: at the mid-p limit .025 it is 1.95 people.

    A range capped at the one person without the outcome held the need of the rate behind the
    counts in 38 % of samples (50 people, p = .01; RULES 4).
    """
    row = assessed([(1, 2)], Target(1, 1, Fraction(1)), "at least").iloc[0]
    assert row[["needed_low", "needed", "needed_high"]].tolist() == [1, 1, 2]
    row = assessed([(1, 2)], Target(0, 1, Fraction(0)), "at most").iloc[0]
    assert row[["needed_low", "needed", "needed_high"]].tolist() == [1, 1, 2]


def test_range_of_a_rate_has_no_cap_where_more_is_wanted() -> None:
    """One visit to ten people, three each wanted: 29 more, and 30 at the exact lower limit."""
    goal = Target(3, 1, Fraction(3))
    row = assessed([(1, 10)], goal, "at least", kind="rate").iloc[0]
    assert row[["needed", "needed_high"]].tolist() == [29, 30]


def test_there_is_no_range_without_a_confidence_level() -> None:
    rows = pd.DataFrame({"segment": ["a", "b"], "x": [30, 60], "n": [100, 100]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="segment")
    table = tu.assess(segments, tu.Goal.at_least(0.5), confidence=None).table
    assert table[["needed_low", "needed_high", "ci_low", "gap_low"]].isna().all(axis=None)
    assert table["needed"].tolist() == [10, 20, 0]
    assert table["status"].tolist() == ["short", "short", "met"]


@given(pairs=POPULATED, target=TARGETS, direction=DIRECTION)
def test_without_a_confidence_level_met_means_that_nobody_is_needed(
    pairs: list[tuple[int, int]], target: Target, direction: str
) -> None:
    table = whole_table(pairs, target, direction, confidence=None)
    assert ((table["status"] == "met") == (table["needed"] == 0)).all()
    assert table["status"].isin(["met", "short"]).all()


# --- the range of hidden counts ----------------------------------------------------------------


Row = dict[str, int | str]
Bounds = tuple[int, int, int, int]


@st.composite
def hidden_cells(draw: st.DrawFn) -> tuple[list[Row], Bounds]:
    """Draw rows whose events, people or both are hidden, with the bounds of the two tokens."""
    x_low = draw(st.integers(0, 3))
    x_high = x_low + draw(st.integers(0, 4))
    n_low = draw(st.integers(0, 6))
    n_high = max(n_low, x_low, 1) + draw(st.integers(0, 4))
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 3))):
        n = draw(st.integers(max(1, x_low), 14))
        x = draw(st.integers(0, min(n, n_high)))
        kinds = [{"x": x, "n": n}, {"x": "*", "n": n}, {"x": x, "n": "*"}, {"x": "*", "n": "*"}]
        rows.append(draw(st.sampled_from(kinds)))
    return rows, (x_low, x_high, n_low, n_high)


def allowed(row: Row, bounds: Bounds) -> set[tuple[int, int]]:
    """List every (events, people) that a row allows: hidden people hide their events too."""
    x_low, x_high, n_low, n_high = bounds
    people = range(n_low, n_high + 1) if row["n"] == "*" else [int(row["n"])]
    if row["x"] == "*":
        return {(x, n) for n in people for x in range(x_low, min(x_high, n) + 1)}
    if row["n"] == "*":
        return {(x, n) for n in people for x in range(n + 1)}
    return {(int(row["x"]), n) for n in people}


@given(cells=hidden_cells(), k=st.integers(0, 20), direction=DIRECTION)
@example(cells=([{"x": "*", "n": "*"}], (0, 0, 0, 5)), k=10, direction="at least")
def test_range_of_hidden_counts_and_of_their_total_is_that_of_trying_every_one(
    cells: tuple[list[Row], Bounds], k: int, direction: str
) -> None:
    """Counts without any people are left out: they have no rate, and so no gap."""
    rows, bounds = cells
    tokens = {"x": {"*": bounds[:2]}, "n": {"*": bounds[2:]}}
    data = pd.DataFrame(rows, dtype=object).assign(segment=[f"s{i}" for i in range(len(rows))])
    segments = tu.from_counts(
        data, numerator="x", denominator="n", segments="segment", suppressed=tokens
    )
    goal = tu.Goal(direction=direction, target=k / 20)
    table = tu.assess(segments, goal).table
    sets = [allowed(row, bounds) for row in rows]
    added = {(0, 0)}
    for one in sets:
        added = {(x + u, n + v) for x, n in added for u, v in one}
    hidden = ["*" in row.values() for row in rows]
    found = list(table.itertuples())
    for pairs, row, gone in zip([added, *sets], found, [any(hidden), *hidden], strict=True):
        assert (row.status == "suppressed") == gone
        short = [(goal.sign * (Fraction(k, 20) * n - x), n) for x, n in pairs if n > 0]
        if gone:
            assert row.gap_low == pytest.approx(float(min(p / n for p, n in short)), abs=1e-14)
            assert row.gap_high == pytest.approx(float(max(p / n for p, n in short)), abs=1e-14)
            assert row.needed_low == max(0, math.ceil(min(p for p, _ in short)))
            assert row.needed_high == max(0, math.ceil(max(p for p, _ in short)))


# --- people needed from published rates --------------------------------------------------------

UNITS = st.sampled_from([1, 100, 1000, 100_000])


def by_the_rule(rate: Fraction, n: float, goal: Fraction, sign: int) -> int:
    """RULES 4: max(0, ⌈n·s(G − rate) − 10⁻⁹·max(1, √|Gn|)⌉), all in fractions."""
    people = Fraction(n)
    slack = Fraction(1, 10**9) * max(Fraction(1), Fraction(math.sqrt(abs(goal * people))))
    return max(0, math.ceil(people * sign * (goal - rate) - slack))


@st.composite
def published(draw: st.DrawFn) -> tuple[float, Fraction, int, float, float, Fraction]:
    """Draw a printed rate, its unit, a population and a goal in the same unit."""
    per = draw(UNITS)
    digits = 10 ** draw(st.integers(0, 3))
    top = per * digits
    rate, goal = draw(st.integers(0, top)), draw(st.integers(0, top))
    people = draw(
        st.integers(1, MOST).map(float)
        | st.integers(1, 10**4).map(lambda m: float(m * 1000))
        | st.integers(8, 8 * 10**6).map(lambda eighths: eighths / 8)
    )
    return (
        rate / digits, Fraction(rate, top), per, people, goal / digits, Fraction(goal, top)
    )  # fmt: skip


@given(case=published(), direction=DIRECTION)
# A billionth of a person short is let go by the rule; in floats 0.5 − 0.499999999 is a hair more.
@example(
    case=(0.499999999, Fraction(499999999, 10**9), 1, 1.0, 0.5, Fraction(1, 2)),
    direction="at least",
)
@example(
    case=(3.01, Fraction(301, 10**5), 1000, 110_778.0, 3.0, Fraction(3, 1000)), direction="at most"
)
@example(case=(0.46, Fraction(46, 100), 1, 100.0, 0.75, Fraction(3, 4)), direction="at least")
@example(case=(62.7, Fraction(627, 1000), 100, 1000.0, 90.0, Fraction(9, 10)), direction="at least")
def test_needed_from_a_printed_rate_is_that_of_the_rule_in_fractions(
    case: tuple[float, Fraction, int, float, float, Fraction], direction: str
) -> None:
    typed, rate, per, n, _, goal = case
    sign = DIRECTIONS[direction]
    found = people_needed_from_rate(np.array([typed]), per, np.array([n]), goal, sign)
    assert found.tolist() == [by_the_rule(rate, n, goal, sign)]


@given(case=published(), direction=DIRECTION, kind=st.sampled_from(["proportion", "rate"]))
def test_needed_in_the_table_of_printed_rates_is_that_of_the_rule(
    case: tuple[float, Fraction, int, float, float, Fraction], direction: str, kind: str
) -> None:
    typed, rate, per, n, target, goal = case
    rows = pd.DataFrame({"segment": ["a"], "rate": [typed], "people": [n]})
    segments = tu.from_estimates(
        rows, estimate="rate", segments="segment", kind=kind, per=per, population="people"
    )
    made = tu.Goal(direction=direction, target=target, per=per)
    table = tu.assess(segments, made).table
    expected = by_the_rule(rate, n, goal, made.sign)
    assert table["needed"].tolist() == [expected, expected]
    gap = made.sign * (goal - rate) * per
    assert table["gap"].tolist() == pytest.approx([float(gap)] * 2, rel=1e-9, abs=1e-12 * per)
    assert ((table["gap"] == 0) == (gap == 0)).all()


@given(case=published(), unit=UNITS, direction=DIRECTION)
def test_the_unit_of_the_goal_changes_its_display_and_nobody_needed(
    case: tuple[float, Fraction, int, float, float, Fraction], unit: int, direction: str
) -> None:
    typed, rate, per, n, _, goal = case
    rows = pd.DataFrame({"segment": ["a"], "rate": [typed], "people": [n]})
    segments = tu.from_estimates(
        rows, estimate="rate", segments="segment", kind="rate", per=per, population="people"
    )
    made = tu.Goal(direction=direction, target=goal * unit, per=unit)
    row = tu.assess(segments, made).table.iloc[1]
    assert row["per"] == unit
    assert row["rate"] == pytest.approx(float(rate * unit), rel=1e-12)
    assert row["goal"] == pytest.approx(float(goal * unit), rel=1e-15)
    assert row["needed"] == by_the_rule(rate, n, goal, made.sign)


@given(
    m=st.integers(1, 10**5),
    digits=st.integers(0, 3),
    per=UNITS,
    direction=DIRECTION,
    data=st.data(),
)
def test_needed_from_a_rate_that_gives_whole_people_is_that_number(
    m: int, digits: int, per: int, direction: str, data: st.DataObject
) -> None:
    """The population makes rate × population whole: a float ceiling is one too many for many."""
    ten = 10**digits
    rate, goal = (data.draw(st.integers(0, per * ten)) for _ in range(2))
    n = m * per * ten
    sign = DIRECTIONS[direction]
    found = people_needed_from_rate(
        np.array([rate / ten]), per, np.array([float(n)]), Fraction(goal, per * ten), sign
    )
    assert found.tolist() == [max(0, sign * (goal - rate) * m)]


@given(
    rows=st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 10**6)), min_size=1, max_size=6),
    goal=st.integers(0, 5000),
    direction=DIRECTION,
)
def test_total_of_printed_rates_needs_the_people_that_its_segments_sum_to(
    rows: list[tuple[int, int]], goal: int, direction: str
) -> None:
    """RULES 4: totals sum n × rate in fractions; rates per 1,000 with two decimals."""
    data = pd.DataFrame(rows, columns=["hundredths", "people"])
    data = data.assign(rate=data["hundredths"] / 100, segment=[f"s{i}" for i in range(len(data))])
    segments = tu.from_estimates(
        data, estimate="rate", segments="segment", kind="rate", per=1000, population="people"
    )
    made = tu.Goal(direction=direction, target=goal / 100, per=1000)
    total = tu.assess(segments, made).table.iloc[0]
    n = sum(people for _, people in rows)
    events = sum(Fraction(h * people, 10**5) for h, people in rows)
    assert total["needed"] == by_the_rule(events / n, float(n), Fraction(goal, 10**5), made.sign)
    assert total["rate"] == pytest.approx(float(1000 * events / n), rel=1e-12)


# --- weighted counts ---------------------------------------------------------------------------


@given(
    x=st.integers(0, 10**6), rest=st.integers(0, 10**6), k=st.integers(0, 100), direction=DIRECTION
)
def test_needed_of_weighted_counts_is_the_rule_and_says_approximate(
    x: int, rest: int, k: int, direction: str
) -> None:
    """Counts in eighths, so that floats hold them exactly and the rule can be checked."""
    assume((x + rest) % 8 or x % 8)
    rows = pd.DataFrame({"segment": ["a"], "x": [x / 8], "n": [(x + rest) / 8]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="segment")
    goal = tu.Goal(direction=direction, target=k, per=100)
    row = tu.assess(segments, goal).table.iloc[1]
    n = Fraction(x + rest, 8)
    expected = by_the_rule(Fraction(x, x + rest), float(n), Fraction(k, 100), goal.sign)
    assert row["needed"] == expected
    assert "approximate: weighted" in row["reason"]


@given(
    whole=st.integers(0, 999), part=st.text("0123456789", min_size=1, max_size=9),
    more=st.integers(1, 10**6), less=st.integers(1, 10**6),
)  # fmt: skip
def test_a_typed_decimal_is_as_typed_and_a_computed_fraction_is_that_fraction(
    whole: int, part: str, more: int, less: int
) -> None:
    typed = f"{whole}.{part}"
    assert as_fraction(float(typed)) == Fraction(typed)
    share = min(more, less), max(more, less)
    if len(str(share[0] / share[1])) > 15:  # else it is a decimal to every reader
        assert as_fraction(share[0] / share[1]) == Fraction(*share)
