"""Laws of allocation: against one person at a time in fractions, a linear program, brute force."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import linprog

import targeted_universalism as tu
from make import fewer
from targeted_universalism.measures.allocation import RULES, decimal_scale

every_rule = pytest.mark.parametrize("rule", RULES)


@dataclass(frozen=True)
class Case:
    """Events and people of each segment, a goal, costs and an amount: exact numbers."""

    counts: list[tuple[int, int]]
    goal: Fraction
    costs: list[Fraction]
    amount: Fraction

    @property
    def needed(self) -> list[int]:
        return [max(0, ceil(self.goal * n - x)) for x, n in self.counts]

    def gap(self, segment: int, reached: int = 0) -> Fraction:
        x, n = self.counts[segment]
        return self.goal - Fraction(x + reached, n)

    def arrays(self) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
        gaps = [float(self.gap(i)) for i in range(len(self.counts))]
        people = [float(n) for _, n in self.counts]
        return float(self.amount), np.array(self.needed, float), np.array(gaps), np.array(people)

    def awarded(self, rule: str, **options: Any) -> np.ndarray:
        costs = np.array([float(c) for c in self.costs])
        return tu.measures.awarded(*self.arrays(), rule=rule, **{"cost": costs, **options})

    def spent(self, reached: Any) -> Fraction:
        return sum((c * int(a) for c, a in zip(self.costs, reached, strict=True)), Fraction(0))

    def one_at_a_time(self, rule: str) -> list[int]:
        """Reach one person after another, in fractions, as RULES 7 says."""
        reached, left, needed = [0] * len(self.counts), self.amount, self.needed
        places = {
            "proportional": lambda i: (Fraction(2 * reached[i] + 1, 2 * needed[i]), i),
            "maximin": lambda i: (-self.gap(i, reached[i]), i),
            "most people": lambda i: (self.costs[i], -self.gap(i, reached[i]), i),
        }
        while True:
            able = [i for i, c in enumerate(self.costs) if reached[i] < needed[i] and c <= left]
            if not able:
                return reached
            following = min(able, key=places[rule])
            reached[following] += 1
            left -= self.costs[following]


def cases(most: int = 7, people: int = 60, cost: st.SearchStrategy[Fraction] | None = None) -> Any:
    """Draw cases whose amounts lie from nothing to a little more than all needs."""
    sizes = st.sampled_from([1, 4, 5, 10, 20, 37, people])
    cell = sizes.flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
    cents = st.integers(50, 1500).map(lambda v: Fraction(v, 100))
    priced = st.one_of(st.integers(1, 9).map(Fraction), cents) if cost is None else cost

    @st.composite
    def made(draw: st.DrawFn) -> Case:
        counts = draw(st.lists(cell, min_size=1, max_size=most))
        goal = Fraction(draw(st.integers(1, 20)), 20)
        costs = draw(st.lists(priced, min_size=len(counts), max_size=len(counts)))
        case = Case(counts, goal, costs, Fraction(0))
        all_of_it = case.spent(case.needed)
        cents_of_it = draw(st.integers(0, int(110 * all_of_it) + 200))
        return Case(counts, goal, costs, Fraction(cents_of_it, 100))

    return made()


one_cost = cases(cost=st.just(Fraction(1)))


# --- whole people ---------------------------------------------------------------------------------


@every_rule
@given(case=cases())
def test_whole_people_are_reached_one_at_a_time(rule: str, case: Case) -> None:
    assert case.awarded(rule).tolist() == case.one_at_a_time(rule)


@every_rule
@given(case=one_cost)
def test_without_costs_too(rule: str, case: Case) -> None:
    assert case.awarded(rule).tolist() == case.one_at_a_time(rule)


@every_rule
@given(case=cases(people=100_000))
def test_never_above_need_or_amount_and_nobody_is_left_who_could_be_reached(
    rule: str, case: Case
) -> None:
    reached = case.awarded(rule)
    left = case.amount - case.spent(reached)
    assert left >= 0
    for award, need, cost in zip(reached, case.needed, case.costs, strict=True):
        assert award == int(award)
        assert 0 <= award <= need
        assert award == need or cost > left


@every_rule
@given(case=one_cost, more=st.integers(1, 40))
def test_more_never_takes_from_anyone_where_all_cost_the_same(
    rule: str, case: Case, more: int
) -> None:
    richer = Case(case.counts, case.goal, case.costs, case.amount + more)
    assert (richer.awarded(rule) >= case.awarded(rule)).all()
    assert case.awarded(rule).sum() == min(int(case.amount), sum(case.needed))


@given(case=one_cost)
def test_whole_awards_lie_near_the_solution_in_fractions(case: Case) -> None:
    case = Case(case.counts, case.goal, case.costs, Fraction(int(case.amount)))
    k, all_of_them = len(case.counts), sum(case.needed)
    assume(all_of_them)
    share = np.array(case.needed) / all_of_them
    apart = case.awarded("proportional") - case.awarded("proportional", whole=False)
    assert (np.abs(apart) <= 0.5 + share * (k - 2) / 2 + 1e-9).all()
    if k <= 3:
        assert (np.abs(apart) < 1).all()
    assert (case.awarded("maximin") - case.awarded("maximin", whole=False) < 1).all()


def test_ten_small_needs_and_a_large_one_are_where_websters_method_leaves_the_quota() -> None:
    """By hand: 94.9 of 100 fall to the large need, 0.51 to each small one; .5/51 < 93.5/9490."""
    needed = np.array([9490.0, *[51.0] * 10])
    reached = tu.measures.awarded(100, needed, needed / 1e5, np.full(11, 1e5))
    assert reached.tolist() == [93, *[1] * 7, 0, 0, 0]
    apart = tu.measures.awarded(100, needed, needed / 1e5, np.full(11, 1e5), whole=False) - reached
    assert apart[0] == pytest.approx(1.9)
    assert apart[0] <= 0.5 + 0.949 * 9 / 2


def test_a_paradox_of_remainders_does_not_happen() -> None:
    """Needs 6, 6, 2: largest remainders give 4, 4, 2 of 10 and 5, 5, 1 of 11 (RULES 7)."""
    needed = np.array([6.0, 6.0, 2.0])
    found = [
        tu.measures.awarded(amount, needed, np.full(3, 0.1), np.full(3, 60.0)).tolist()
        for amount in (10, 11, 12)
    ]
    assert found == [[5, 4, 1], [5, 5, 1], [5, 5, 2]]


def affordable(case: Case) -> list[tuple[int, ...]]:
    """List all awards that the amount affords."""
    ways = itertools.product(*(range(min(k, 12) + 1) for k in case.needed))
    return [way for way in ways if case.spent(way) <= case.amount]


@fewer(1)
@given(case=cases(most=3, people=12))
def test_no_other_way_reaches_more_people(case: Case) -> None:
    assume(max(case.needed) <= 12)
    most = max(sum(way) for way in affordable(case))
    assert case.awarded("most people").sum() == most


@fewer(1)
@given(case=cases(most=3, people=12, cost=st.just(Fraction(1))))
def test_no_other_whole_awards_leave_the_worst_off_nearer_to_the_goal(case: Case) -> None:
    assume(max(case.needed) <= 12)

    def worst(way: Any) -> Fraction:
        return max(case.gap(i, int(a)) for i, a in enumerate(way))

    assert worst(case.awarded("maximin")) == min(map(worst, affordable(case)))
    assert worst(case.awarded("maximin")) <= worst(case.awarded("proportional"))


# --- fractions of people --------------------------------------------------------------------------


@every_rule
@given(case=cases(people=100_000))
def test_fractions_spend_the_amount_to_the_last_cent(rule: str, case: Case) -> None:
    reached = case.awarded(rule, whole=False)
    costs, needed = np.array([float(c) for c in case.costs]), np.array(case.needed, float)
    assert ((reached >= 0) & (reached <= needed * (1 + 1e-12))).all()
    wanted = min(float(case.amount), float(case.spent(case.needed)))
    assert (costs * reached).sum() == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@given(case=cases(people=1000))
def test_the_proportional_solution_closes_the_same_share_of_every_need(case: Case) -> None:
    assume(sum(case.needed))
    needed = np.array(case.needed, float)
    shares = case.awarded("proportional", whole=False)[needed > 0] / needed[needed > 0]
    np.testing.assert_allclose(shares, shares[0], rtol=1e-12)


@given(case=cases(people=1000))
def test_water_filling_agrees_with_a_linear_program(case: Case) -> None:
    """Minimise the largest gap L: n_i·gap_i − a_i ≤ n_i·L, Σca ≤ B, 0 ≤ a_i ≤ k_i."""
    amount, needed, gap, people = case.arrays()
    k, costs = len(needed), np.array([float(c) for c in case.costs])
    above = np.column_stack([-np.eye(k), -people])
    found = linprog(
        [*np.zeros(k), 1.0],
        A_ub=np.vstack([above, [*costs, 0.0]]),
        b_ub=[*(-people * gap), amount],
        bounds=[*((0, need) for need in needed), (None, None)],
    )
    reached = case.awarded("maximin", whole=False)
    assert (gap - reached / people).max() == pytest.approx(found.fun, abs=1e-7)


@given(case=cases(people=1000))
def test_the_cheapest_first_agrees_with_a_linear_program(case: Case) -> None:
    amount, needed, _, _ = case.arrays()
    costs = np.array([float(c) for c in case.costs])
    found = linprog(
        -np.ones(len(needed)), A_ub=[costs], b_ub=[amount], bounds=[(0, need) for need in needed]
    )
    assert case.awarded("most people", whole=False).sum() == pytest.approx(-found.fun, abs=1e-6)


@every_rule
@given(case=cases(people=1000), data=st.data())
def test_the_order_of_segments_and_splitting_one_change_no_fraction(
    rule: str, case: Case, data: st.DataObject
) -> None:
    amount, needed, gap, people = case.arrays()
    costs = np.array([float(c) for c in case.costs])
    order = data.draw(st.permutations(range(len(needed))))

    def fractions(*arrays: np.ndarray) -> np.ndarray:
        *three, cost = arrays
        return tu.measures.awarded(amount, *three, rule=rule, cost=cost, whole=False)

    whole = fractions(needed, gap, people, costs)
    moved = fractions(*(v[order] for v in (needed, gap, people, costs)))
    np.testing.assert_allclose(moved, whole[order], rtol=1e-9, atol=1e-9)
    half = fractions(
        *(np.append(v[0] / 2, np.append(v[1:], v[0] / 2)) for v in (needed,)),
        np.append(gap, gap[0]),
        np.append(people[0] / 2, np.append(people[1:], people[0] / 2)),
        np.append(costs, costs[0]),
    )
    assert half[0] + half[-1] == pytest.approx(whole[0], rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(half[1:-1], whole[1:], rtol=1e-9, atol=1e-9)


# --- strata, and what is missing ------------------------------------------------------------------


@every_rule
@pytest.mark.parametrize("whole", [True, False])
def test_many_strata_at_once_are_one_at_a_time_to_the_bit(rule: str, whole: bool) -> None:
    rng = np.random.default_rng(3)
    people = np.round(rng.lognormal(5, 1.5, (6, 5000))) + 1
    events = np.floor(people * rng.uniform(0.4, 1, people.shape))
    gap, needed = 0.9 - events / people, np.maximum(np.ceil(0.9 * people - events), 0)
    cost = rng.choice([300.0, 701.5, 900.0], people.shape)
    amount = np.round((needed * cost).sum(axis=0) * rng.uniform(0, 1.1, 5000))
    every = tu.measures.awarded(amount, needed, gap, people, rule=rule, cost=cost, whole=whole)
    for s in (0, 1, 2729, 2730, 2731, 4999):
        alone = tu.measures.awarded(
            amount[s], needed[:, s], gap[:, s], people[:, s], rule=rule, cost=cost[:, s],
            whole=whole,
        )  # fmt: skip
        np.testing.assert_array_equal(every[:, s], alone)


@every_rule
def test_a_need_that_is_not_known_leaves_its_stratum_without_awards(rule: str) -> None:
    needed = np.array([[5.0, 5.0, 5.0], [np.nan, 3.0, 0.0]])
    gap, people = np.full((2, 3), 0.1), np.full((2, 3), 50.0)
    cost = np.array([[1.0, 1.0, 1.0], [1.0, np.nan, np.nan]])
    found = tu.measures.awarded(4, needed, gap, people, rule=rule, cost=cost)
    assert np.isnan(found).tolist() == [[True, True, False]] * 2
    assert found[:, 2].tolist() == [4, 0]


def test_amounts_of_cents_are_counted_in_whole_cents() -> None:
    needed = np.array([3.0])
    found = tu.measures.awarded(0.3, needed, needed / 9, np.array([9.0]), cost=0.1)
    assert found.tolist() == [3]
    assert decimal_scale(np.array([1 / 3])) == 0
    third = tu.measures.awarded(1.0, needed, needed / 9, np.array([9.0]), cost=1 / 3)
    assert third.tolist() == [3]


def test_the_last_cent_of_a_large_budget_is_not_overspent() -> None:
    """A hair of ten billion is more than a cent."""
    needed = np.array([3.0, 1.0])
    cost, amount = np.array([1e10, 0.01]), 3e10
    found = tu.measures.awarded(amount, needed, needed / 9, np.full(2, 9.0), cost=cost)
    assert found @ (100 * cost) <= 100 * amount
    assert found.tolist() == [2, 1]
    assert decimal_scale(np.array([123456789012.37])) == 100


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1e9])
def test_the_unit_of_rates_changes_no_award(unit: float) -> None:
    needed, people = np.array([30.0, 20.0, 10.0]), np.array([100.0, 50.0, 40.0])
    found = tu.measures.awarded(31, needed, needed / people * unit, people / unit, rule="maximin")
    assert found.tolist() == tu.measures.awarded(
        31, needed, needed / people, people, rule="maximin"
    ).tolist()  # fmt: skip


def test_a_million_people_are_not_counted_off() -> None:
    """A loop of a million steps takes seconds; this must be fit for every county at once."""
    needed, people = np.array([7e8, 2e8, 1e8]), np.array([5e9, 4e9, 3e8])
    gap = needed / people
    for rule in RULES:
        found = tu.measures.awarded(123_456_789, needed, gap, people, rule=rule)
        assert found.sum() == 123_456_789
    even = tu.measures.awarded(500_000_000, needed, gap, people)
    assert even.tolist() == [3.5e8, 1e8, 0.5e8]
