"""Statuses of Healthy People: the published table, branch by branch, and its thresholds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import rule_tests
from targeted_universalism.measures.goal import DIRECTIONS
from targeted_universalism.measures.progress import PROGRESS_RULES, PROGRESS_WORDS, Progress
from targeted_universalism.measures.significance import normal_p

WANTED = {"higher": "at least", "lower": "at most"}
MET, UP, LITTLE, WORSE, ONE, INFORMATIONAL, NOTHING = Progress
NAN = np.nan


def status(*rates: float, direction: str = "at most", **options: Any) -> Progress:
    """Give the status of one rate: baseline, latest, goal."""
    found = tu.measures.progress_status(*rates, direction=direction, **options)
    return Progress(int(found))


# --- the rules as published ----------------------------------------------------------------------


def published(shared: Path) -> list[dict[str, Any]]:
    """Give every case of the statuses of Healthy People."""
    of_status = [*rule_tests(shared, "hp_"), *rule_tests(shared, "hp2020_")]
    assert len(of_status) == 19
    return of_status


def test_every_case_of_the_published_rules(shared: Path) -> None:
    for case in published(shared):
        given, expected = case["inputs"], case["expected"]
        rates = [NAN if given[k] is None else given[k] for k in ("baseline", "latest", "target")]
        errors = [given.get(f"se_{k}", NAN) for k in ("baseline", "latest")]
        direction = WANTED[given["direction"]]
        with np.errstate(invalid="ignore"):
            z = abs(rates[1] - rates[0]) / np.hypot(*errors)
        p = normal_p(z)
        rule = "hp2020" if given.get("sided") == 1 else "general"
        if "status" in expected:
            found = status(*rates, direction=direction, p_value=p, rule=rule)
            assert PROGRESS_WORDS[found].replace(" ", "_") == expected["status"], case["id"]
        if "p_value" in expected:
            assert abs(z - expected["z"]) < 1e-6
            assert abs(PROGRESS_RULES[rule].judge(p) - expected["p_value"]) < 1e-6
        if "ptca" in expected:
            part = tu.measures.percent_of_targeted_change(*rates, direction=direction)
            wanted = NAN if expected["ptca"] is None else expected["ptca"]
            np.testing.assert_allclose(part, wanted, rtol=1e-12, err_msg=case["id"])
        if "pct_change" in expected:
            change = tu.measures.percent_change(*rates[:2])
            np.testing.assert_allclose(change, expected["pct_change"], rtol=1e-12, atol=0)


# Footnote 1 of the table, in its numbers: (baseline, latest, goal), p, status; at most is wanted.
BRANCHES = [
    ("1 reached the target", (20, 12, 12), 0.9, MET),
    ("1 exceeded it", (20, 11, 12), NAN, MET),
    ("1 at baseline and now", (10, 11, 12), 0.001, MET),
    ("2 towards it, significant", (20, 19, 12), 0.01, UP),
    ("2 towards it, no error, 10 % or more", (20, 19.2, 12), NAN, UP),
    ("3(i) towards it, not significant", (20, 13, 12), 0.2, LITTLE),
    ("3(ii) towards it, no error, below 10 %", (20, 19.3, 12), NAN, LITTLE),
    ("3(iii) away from it, not significant", (20, 30, 12), 0.2, LITTLE),
    ("3(iv) away from it, no error, below 10 %", (20, 21.9, 12), NAN, LITTLE),
    ("3(v) no change", (20, 20, 12), 0.0, LITTLE),
    ("3(v) no change, no error", (20, 20, 12), NAN, LITTLE),
    ("4(i) away from it, significant", (20, 20.5, 12), 0.01, WORSE),
    ("4(ii) away from it, no error, 10 % or more", (20, 22, 12), NAN, WORSE),
    ("4 from a baseline that met it, significant", (11, 13, 12), 0.01, WORSE),
    ("4 from a baseline that met it, no error", (11, 12.5, 12), NAN, WORSE),
    ("3 from a baseline that met it, no error", (11.9, 12.5, 12), NAN, LITTLE),
    ("3 from a baseline at the target, no error", (12, 13, 12), NAN, LITTLE),
    ("5 one point", (20, NAN, 12), NAN, ONE),
    ("6 no target", (20, 18, NAN), 0.01, INFORMATIONAL),
    ("6 no target and one point", (20, NAN, NAN), NAN, INFORMATIONAL),
    ("no baseline", (NAN, 18, 12), NAN, NOTHING),
    ("no point at all", (NAN, NAN, 12), NAN, NOTHING),
]


@pytest.mark.parametrize(("rates", "p", "expected"), [b[1:] for b in BRANCHES], ids=lambda v: v)
def test_every_branch_of_the_published_table(
    rates: tuple[float, ...], p: float, expected: Progress
) -> None:
    for rule in PROGRESS_RULES:
        assert status(*rates, p_value=p, rule=rule) == expected
        turned = [100 - rate for rate in rates]
        away = rates[1] > rates[0]
        if not np.isnan(p) or not away:  # a percent change of what is left is another number
            assert status(*turned, direction="at least", p_value=p, rule=rule) == expected


def test_together_the_branches_reach_every_status() -> None:
    assert {branch[-1] for branch in BRANCHES} == set(Progress)
    assert len(PROGRESS_WORDS) == len(Progress)


def test_rules_differ_in_their_side_alone() -> None:
    """p of .08 is .04 on the side of the movement; .05 and .10 themselves are not below .05."""
    for latest, changed in ((19, UP), (21, WORSE)):
        for p, general, hp2020 in (
            (0.08, LITTLE, changed), (0.05, LITTLE, changed), (0.0499, changed, changed),
            (0.1, LITTLE, LITTLE), (0.2, LITTLE, LITTLE),
        ):  # fmt: skip
            assert status(20, latest, 12, p_value=p) == general
            assert status(20, latest, 12, p_value=p, rule="hp2020") == hp2020


# --- thresholds ----------------------------------------------------------------------------------


@given(
    start=st.integers(1, 9999), parts=st.integers(-999, 999), places=st.integers(0, 4),
    off=st.integers(-1, 1),
)  # fmt: skip
def test_decimals_that_were_written_are_compared_as_decimals(
    start: int, parts: int, places: int, off: int
) -> None:
    """One part in ten of the way, exactly, is improving; one unit of the last place less is not."""
    unit = Fraction(1, 10**places)
    goal, latest = (start + 10 * parts) * unit, (start + parts + off) * unit
    direction = "at least" if parts > 0 else "at most"
    sign = DIRECTIONS[direction]
    base = start * unit
    moved, wanted = sign * (latest - base), sign * (goal - base)
    if not parts or sign * (latest - goal) >= 0 or moved == 0:
        return
    reached = moved >= wanted / 10 if moved > 0 else -moved >= abs(base) / 10
    changed = UP if moved > 0 else WORSE
    found = status(float(base), float(latest), float(goal), direction=direction)
    assert found == (changed if reached else LITTLE)


def test_computed_rates_are_at_a_threshold_within_rounding() -> None:
    assert 0.1 + 0.2 > 0.3
    assert status(0.5, 0.1 + 0.2, 0.3) == MET
    # Of 1/3 and 7/30 a tenth of the way to 2/3 is gone: floats say .0999…98.
    third = 1 / 3
    for rate in (third + third / 10, np.nextafter(third + third / 10, 0)):
        assert status(third, rate, 2 * third, direction="at least") == UP
    assert status(third, third * (1 + 0.1 - 1e-6), 2 * third, direction="at least") == LITTLE
    # As decimals, the last of these is short of a tenth.
    assert status(20, 19.2, 12) == UP
    assert status(20, 19.2000000001, 12) == LITTLE
    assert status(20, 12.0000000001, 12, p_value=0.01) == UP


def test_exact_gaps_say_who_has_met_the_goal() -> None:
    """Of 3 in 10 against 0.3 no float decides."""
    third = 1 / 3
    assert status(0.5, third + 1e-12, third) == MET
    assert status(0.5, third + 1e-12, third, gap=1e-12, gap_before=0.2, p_value=0.001) == UP
    assert status(third + 1e-12, 0.5, third, gap=0.2, gap_before=-1e-12) == WORSE


def test_from_a_baseline_of_nothing_every_rise_is_above_a_tenth_of_it() -> None:
    assert np.isnan(tu.measures.percent_change(0.0, 5.0))
    assert status(0, 5, 2) == WORSE
    assert status(0, 5, 2, p_value=0.3) == LITTLE
    assert status(0, 0.05, 1, direction="at least") == LITTLE  # 5 % of the way


# --- numbers beside the status -------------------------------------------------------------------


def test_percent_of_the_targeted_change_may_exceed_a_hundred() -> None:
    """By hand: 8 of 8, 10 of 8 and 2 of 8 points; none away from it or from beyond it."""
    latest = np.array([12.0, 10.0, 18.0, 20.0, 21.0, NAN])
    part = tu.measures.percent_of_targeted_change(20.0, latest, 12.0, direction="at most")
    np.testing.assert_array_equal(part, [100.0, 125.0, 25.0, NAN, NAN, NAN])
    beyond = tu.measures.percent_of_targeted_change(
        [12.0, 11.0, 11.0], [11.0, 10.0, 13.0], 12.0, direction="at most"
    )
    assert np.isnan(beyond).all()


@given(
    rates=st.lists(st.integers(1, 60), min_size=3, max_size=3),
    p=st.one_of(st.just(NAN), st.floats(0, 1)),
    rule=st.sampled_from(sorted(PROGRESS_RULES)),
)
def test_many_series_are_each_as_alone_and_direction_mirrors(
    rates: list[int], p: float, rule: str
) -> None:
    base = np.array(rates, dtype=float)
    latest, goal = base[::-1] + 1, np.roll(base, 1) * 2
    many = tu.measures.progress_status(
        base, latest, goal, direction="at most", p_value=np.full(3, p), rule=rule
    )
    for i in range(3):
        assert many[i] == status(base[i], latest[i], goal[i], p_value=p, rule=rule)
        turned = status(-base[i], -latest[i], -goal[i], direction="at least", p_value=p, rule=rule)
        assert many[i] == turned
