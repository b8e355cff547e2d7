"""Disproportionate impact: published examples, brute force, minimums, what stays hidden."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, estimates, groups, pairs
from targeted_universalism.measures.impact import impact_ratio, point_gap, proportionality

RULES = ("ppg1-2022", "ppg-2017", "index-80", "proportionality", "idea")
GROUPS = ["Asian", "Black", "Hispanic", "Multi-Ethnicity", "Native American", "White"]
UNITED = tu.Goal.at_least(0.5, name="Transfer")


def students(events: list[int], people: list[int]) -> tu.Assessment:
    return assessed(list(zip(GROUPS, events, people, strict=True)), UNITED)


BOTH = students([4292, 607, 847, 504, 78, 4200], [6000, 2000, 4000, 1000, 200, 6800])

# --- published examples --------------------------------------------------------------------------


def test_percentage_point_gap_of_2017_as_published() -> None:
    """Nguyen, DisImpact tutorial: both cohorts against everybody."""
    table = BOTH.impact("ppg-2017")
    assert table["reference_rate"].tolist() == [0.5264] * 6
    margin = [0.03, 0.03, 0.03, 0.03099032, 0.06929646, 0.03]
    assert table["margin"].tolist() == pytest.approx(margin, abs=6e-8)
    assert table["flagged"].tolist() == [False, True, True, False, True, False]
    assert table["needed_to_leave"].tolist() == [0, 386, 1139, 0, 14, 0]
    assert table["needed_to_parity"].tolist() == [0, 446, 1259, 23, 28, 0]


def test_margin_of_the_observed_proportion_as_published() -> None:
    """Nguyen, DisImpact tutorial: own proportion, floor of two points."""
    margin = [0.02, 0.02015028, 0.02, 0.03098933, 0.06759869, 0.02]
    assert BOTH.impact().get("margin").tolist() == pytest.approx(margin, abs=6e-8)  # type: ignore[union-attr]


def test_gap_to_everybody_else_as_published() -> None:
    """Nguyen, DisImpact tutorial: 'all but current' of 2017, with the margins of 2017."""
    x, n = [2062, 310, 410, 262, 43, 2053], [3000, 1000, 2000, 500, 100, 3400]
    reference = [0.4397143, 0.5366667, 0.59125, 0.5134737, 0.5148485, 0.4677273]
    assert students(x, n).impact()["reference_rate"].tolist() == pytest.approx(reference, abs=6e-8)
    x, n = np.array(x, dtype=float), np.array(n, dtype=float)
    found = point_gap(x, n, x.sum() - x, n.sum() - n, floor=0.03, observed=False)
    assert found.flagged.tolist() == [0, 1, 1, 0, 0, 0]
    assert found.needed_to_leave.tolist() == [0, 196, 713, 0, 0, 0]
    assert found.needed_to_parity.tolist() == [0, 227, 773, 0, 9, 0]


def test_proportionality_index_as_published() -> None:
    """Nguyen, DisImpact tutorial; 997 is exact where the tutorial prints 998."""
    table = BOTH.impact("proportionality")
    index = [1.3589159, 0.5765578, 0.4022606, 0.9574468, 0.7408815, 1.1733417]
    assert table["index"].tolist() == pytest.approx(index, abs=6e-8)
    assert table["flagged"].tolist() == [False, True, True, False, True, False]
    assert table["needed_to_leave"].tolist() == [0, 256, 997, 0, 7, 0]
    assert table["needed_to_parity"].tolist() == [0, 496, 1574, 24, 28, 0]


def test_80_percent_index_as_published() -> None:
    """Nguyen, DisImpact tutorial: against the highest rate."""
    table = BOTH.impact("index-80")
    index = [1, 0.4242777, 0.2960158, 0.7045666, 0.5452004, 0.8634395]
    assert table["index"].tolist() == pytest.approx(index, abs=6e-8)
    assert set(table["reference"]) == {"Asian"}
    assert table["flagged"].tolist() == [False, True, True, True, True, False]
    assert table["needed_to_leave"].tolist() == [0, 538, 1443, 69, 37, 0]
    assert table["needed_to_parity"].tolist() == [0, 824, 2015, 212, 66, 665]


def test_exactly_four_fifths_is_not_flagged() -> None:
    """EEOC et al. 1979, Questions and Answers on the Uniform Guidelines: 48/60 is 80 %."""
    rows = [("White", 60, 100), ("American Indian", 45, 100), ("Hispanic", 48, 100)]
    table = assessed([*rows, ("Black", 51, 100)]).impact("index-80")
    assert table["index"].tolist() == pytest.approx([1, 0.75, 0.8, 0.85])
    assert table["flagged"].tolist() == [False, True, False, False]
    assert table["needed_to_leave"].tolist() == [0, 3, 0, 0]


def test_a_fixed_goal_needs_no_other_group() -> None:
    """Nguyen, DisImpact tutorial, goal of 54 %: exact people (the tutorial has floats' 474, …)."""
    x, n = np.array([607.0, 847, 504, 78]), np.array([2000.0, 4000, 1000, 200])
    goal = np.full(4, 27.0), np.full(4, 50.0)
    assert point_gap(x, n, *goal).needed_to_parity.tolist() == [473, 1313, 36, 30]


# --- exactness -----------------------------------------------------------------------------------


def flag_of_gap(x: int, n: int, reference: Fraction, floor: Fraction, observed: bool) -> bool:
    """Apply the rule in fractions: is the square of the gap at least the margin's?"""
    p = Fraction(x, n)
    q = p if observed else Fraction(1, 2)
    behind = reference - p
    return behind >= floor and behind**2 >= Fraction(196, 100) ** 2 * q * (1 - q) / n


@given(pairs(300), pairs(300), st.booleans(), st.sampled_from([2, 3]))
def test_people_needed_to_leave_are_the_fewest(
    group: tuple[int, int], others: tuple[int, int], observed: bool, floor: int
) -> None:
    (x, n), reference, least = group, Fraction(*others), Fraction(floor, 100)
    flags = [flag_of_gap(x + k, n, reference, least, observed) for k in range(n - x + 1)]
    arrays = [np.array([float(v)]) for v in (*group, *others)]
    found = point_gap(*arrays, floor=least, observed=observed)
    assert found.flagged[0] == flags[0]
    assert found.needed_to_leave[0] == flags.index(False)
    assert not any(flags[flags.index(False) :])
    parity = next(k for k in range(n + 1) if Fraction(x + k, n) >= reference)
    assert found.needed_to_parity[0] == parity
    # At most: the same people, seen from the other side.
    mirror = [np.array([float(v)]) for v in (n - x, n, others[1] - others[0], others[1])]
    turned = point_gap(*mirror, direction="at most", floor=least, observed=observed)
    assert turned.needed_to_leave[0] == found.needed_to_leave[0]
    assert turned.flagged[0] == found.flagged[0]
    assert turned.index[0] == pytest.approx(-found.index[0])


def test_exactly_at_the_margin_is_flagged() -> None:
    """0.48 + 0.02 = 0.50: one person more, and the rate and margin pass it."""
    arrays = [np.array([v]) for v in (4800.0, 10_000.0, 1.0, 2.0)]
    found = point_gap(*arrays)
    assert found.margin[0] == 0.02
    assert (found.flagged[0], found.needed_to_leave[0]) == (1, 1)
    arrays[0] += 1
    assert point_gap(*arrays).flagged[0] == 0


@given(pairs(300), pairs(300), st.sampled_from([Fraction(4, 5), Fraction(9, 10), Fraction(1, 3)]))
def test_people_needed_for_a_ratio_are_the_fewest(
    group: tuple[int, int], other: tuple[int, int], cut: Fraction
) -> None:
    (x, n), (y, m) = group, other
    arrays = [np.array([float(v)]) for v in (x, n, y, m)]
    found = impact_ratio(*arrays, threshold=cut)
    share = proportionality(arrays[0], arrays[1], arrays[0] + y, arrays[1] + m, threshold=cut)
    if y == 0:
        assert math.isnan(found.index[0])
    else:
        leave = next(k for k in range(n + 1) if Fraction(x + k, n) >= cut * Fraction(y, m))
        assert found.needed_to_leave[0] == leave
        assert found.flagged[0] == (leave > 0)
    if x + y > 0:
        leave, parity = (
            next(
                k
                for k in range(2 * n * (m + n) + 1)
                if Fraction(x + k, x + k + y) >= c * Fraction(n, n + m)
            )
            for c in (cut, 1)
        )
        assert share.needed_to_leave[0] == leave
        assert share.needed_to_parity[0] == parity


@given(pairs(300), pairs(300))
def test_at_most_needs_the_fewest_fewer_events(
    group: tuple[int, int], other: tuple[int, int]
) -> None:
    (x, n), (y, m) = group, other
    arrays = [np.array([float(v)]) for v in (x, n, y, m)]
    found = impact_ratio(*arrays, direction="at most")
    if y:
        leave = next(k for k in range(x + 1) if Fraction(x - k, n) <= Fraction(5 * y, 4 * m))
        assert found.needed_to_leave[0] == leave
        assert found.threshold[0] == 1.25


def test_numbers_beyond_64_bits_are_exact() -> None:
    x, n, y, m = 10**9, 4 * 10**9 + 7, 3 * 10**9 + 1, 6 * 10**9
    arrays = [np.array([float(v)]) for v in (x, n, y, m)]
    found = impact_ratio(*arrays)
    expected = -((5 * x * m - 4 * n * y) // (5 * m))
    assert found.needed_to_leave[0] == expected


def test_weighted_people_are_approximate_and_rounding_is_not_a_person() -> None:
    data = pd.DataFrame({
        "g": ["A"] * 40 + ["B"] * 40, "y": ([1] * 30 + [0] * 10) + ([1] * 24 + [0] * 16), "w": 0.1
    })  # fmt: skip
    s = tu.from_records(data, outcome="y", segments="g", weight="w")
    table = tu.assess(s, UNITED).impact("index-80").set_index("segment")
    assert table["index"]["B"] == pytest.approx(0.8)
    assert table["needed_to_leave"]["B"] == 0
    assert not table["flagged"]["B"]
    assert "approximate" in table["reason"]["B"]
    margin = tu.assess(s, UNITED).impact()["margin"]
    assert margin.tolist() == pytest.approx(
        [1.96 * math.sqrt(p * (1 - p) / 40) for p in (0.75, 0.6)]
    )


# --- the rules through the façade ----------------------------------------------------------------


@given(groups(300, 5), st.sampled_from(RULES))
def test_a_flag_and_its_people_go_together(rows: list[tuple[str, int, int]], rule: str) -> None:
    table = assessed(rows).impact(rule, threshold=3 if rule == "idea" else None)
    known = table["flagged"].notna()
    flagged = table["flagged"][known].astype(bool)
    assert ((table["needed_to_leave"][known] > 0) == flagged).all()
    assert (table["needed_to_leave"] <= table["needed_to_parity"])[known & (rule != "idea")].all()
    assert (table["reason"][~known] != "").all()
    assert list(table["segment"]) == [name for name, _, _ in rows]
    if rule.startswith("ppg"):
        behind = table["index"] <= table["threshold"]
        near = (table["index"] - table["threshold"]).abs() < 1e-12
        assert (behind == table["flagged"])[known & ~near].all()


@pytest.mark.parametrize("rule", RULES)
def test_lower_is_better_turns_the_rule_round(rule: str) -> None:
    rows = [("A", 60, 100), ("B", 45, 100), ("C", 20, 90)]
    mirror = [(g, n - x, n) for g, x, n in rows]
    low = assessed(rows, tu.Goal.at_most(0.1)).impact(rule)
    high = assessed(mirror, tu.Goal.at_least(0.9)).impact(rule)
    if rule.startswith("ppg"):
        assert (low["needed_to_leave"] == high["needed_to_leave"]).all()
        assert low["index"].tolist() == pytest.approx((-high["index"]).tolist())
        assert (low["flagged"] == high["flagged"]).all()
    elif rule == "index-80":
        assert set(low["reference"]) == {"C"}
        assert low["flagged"].tolist() == [True, True, False]


def test_rates_in_units_of_per() -> None:
    rows = [("A", 60, 100), ("B", 45, 100)]
    one, hundred = (assessed(rows, tu.Goal.at_least(0.5 * per, per=per)) for per in (1, 100))
    for column in ("reference_rate", "margin", "index", "threshold"):
        assert hundred.impact()[column].tolist() == pytest.approx(
            (one.impact()[column] * 100).tolist()
        )
    assert one.impact("index-80")["index"].tolist() == hundred.impact("index-80")["index"].tolist()


def test_best_has_two_percent_of_the_people() -> None:
    rows = [("tiny", 1, 1), ("A", 50, 100), ("C", 45, 100)]
    table = assessed(rows).impact("index-80")
    assert set(table["reference"]) == {"A"}
    assert table["index"].tolist() == pytest.approx([2, 1, 0.9])
    assert table["reason"].tolist() == ["", "the reference itself", ""]


def test_ten_people_are_too_few_for_ppg1() -> None:
    table = assessed([("A", 2, 10), ("B", 3, 11), ("C", 60, 100)]).impact().set_index("segment")
    assert table["reason"]["A"] == "too few to be assessed by the rule"
    assert table.loc["A", ["flagged", "needed_to_leave", "margin"]].isna().all()
    assert table["flagged"]["B"]


def test_nobody_and_everybody_keep_a_margin_of_two_points() -> None:
    table = assessed([("A", 0, 20), ("B", 30, 30), ("C", 40, 90)]).impact()
    assert table["margin"].tolist()[:2] == [0.02, 0.02]


def schools(few: int = 4) -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("Small", "A", 20, 60), ("Small", "B", few, 50),
            ("Big", "A", 30, 300), ("Big", "B", 60, 900),
        ],
        columns=["district", "race", "x", "n"],
    )  # fmt: skip


def in_districts(data: pd.DataFrame, **options: Any) -> tu.Assessment:
    return assessed(data, tu.Goal.at_most(0.05), by="district", **options)


@pytest.mark.parametrize("rollup", [False, True])
def test_alternate_risk_ratio_where_the_others_are_too_few(rollup: bool) -> None:
    table = in_districts(schools(), rollup=rollup).impact("idea", threshold=3)
    table = table[table["district"].notna()].set_index(["district", "segment"])
    small = table.loc[("Small", "A")]
    assert small["reference"] == "rest of all strata"
    assert small["reference_rate"] == pytest.approx(64 / 950)
    assert small["index"] == pytest.approx((20 / 60) / (64 / 950))
    assert small["flagged"]
    needed = small["needed_to_leave"]
    assert Fraction(int(20 - needed), 60) <= 3 * Fraction(64, 950)
    assert Fraction(int(21 - needed), 60) > 3 * Fraction(64, 950)
    assert "compared with those of all strata" in small["reason"]
    assert table.loc[("Small", "B")]["reason"] == "too few to be assessed by the rule"
    assert table.loc[("Big", "A")]["reference"] == "rest"
    assert table.loc[("Big", "A")]["index"] == pytest.approx(1.5)


def test_all_strata_hold_the_others_of_districts_without_the_group() -> None:
    lone = pd.DataFrame([("Lone", "B", 50, 500)], columns=schools().columns)
    table = in_districts(pd.concat([schools(), lone])).impact("idea")
    small = table.set_index(["district", "segment"]).loc[("Small", "A")]
    assert small["reference_rate"] == pytest.approx((64 + 50) / (950 + 500))
    hidden = schools().assign(x=["20", "4", "*", "60"])
    s = tu.from_counts(
        hidden, numerator="x", denominator="n", segments="race", by="district",
        suppressed={"*": (1, 10)},
    )  # fmt: skip
    table = tu.assess(s, tu.Goal.at_most(0.05)).impact("idea")
    small = table.set_index(["district", "segment"]).loc[("Small", "A")]
    assert small["reason"] == "nobody is known in the rest of the total"


def test_a_roll_up_does_not_count_the_others_twice() -> None:
    data = schools().assign(x=[20, 4, 30, 3])
    for rollup in (False, True):
        table = in_districts(data, rollup=rollup).impact("idea")
        small = table[(table["district"] == "Small") & (table["segment"] == "A")]
        assert small["reason"].tolist() == ["nobody is known in the rest of the total"]


def test_the_state_sets_the_threshold_of_the_risk_ratio() -> None:
    table = in_districts(schools(20)).impact("idea")
    assert table["index"].notna().all()
    assert table["flagged"].isna().all()
    assert table["needed_to_leave"].isna().all()
    assert table["reason"].str.contains("the State's to set").all()
    assert table["needed_to_parity"].notna().all()


def test_few_others_everywhere_are_missing() -> None:
    table = assessed([("A", 20, 60), ("B", 4, 50)], tu.Goal.at_most(0.1)).impact("idea")
    assert table["index"].isna().all()
    assert table["reason"].tolist() == [
        "nobody is known in the rest of the total", "too few to be assessed by the rule",
    ]  # fmt: skip


# --- edges, and what stays hidden ----------------------------------------------------------------


def test_no_events_at_all_have_no_ratio() -> None:
    for rule in ("index-80", "proportionality"):
        table = assessed([("A", 0, 10), ("B", 0, 10)]).impact(rule, minimum=1)
        assert table[["index", "flagged", "needed_to_leave"]].isna().all(axis=None)
        assert table["reason"].str.contains("no ratio: the reference is 0").all()


def test_one_segment_nobody_there_and_overlaps() -> None:
    assert assessed([("A", 30, 100)]).impact("index-80")["reason"].str.contains("alone").all()
    assert assessed([("A", 30, 100)]).impact()["reason"].str.contains("nobody is known").all()
    table = assessed([("A", 30, 100), ("B", 0, 0), ("C", 1, 50)]).impact().set_index("segment")
    assert table["reason"]["B"] == "no population"
    over = assessed([("A", 30, 100), ("B", 60, 90)], exclusive=False)
    assert over.impact("index-80")["flagged"].isna().all()


def test_means_cannot_be_judged_and_published_rates_can() -> None:
    data = pd.DataFrame({"g": ["A", "B"] * 20, "y": range(40)})
    s = tu.from_records(data, outcome="y", segments="g", kind="mean")
    table = tu.assess(s, tu.Goal.at_least(5)).impact("index-80")
    assert table["reason"].str.contains("needs counts").all()
    data = pd.DataFrame({"g": ["A", "B"], "p": [60.0, 45.0], "pop": [100, 100]})
    s = tu.from_estimates(
        data, estimate="p", population="pop", segments="g", kind="proportion", per=100
    )
    table = tu.assess(s, tu.Goal.at_least(50, per=100)).impact("index-80")
    assert table["flagged"].tolist() == [False, True]
    assert table["needed_to_leave"].tolist() == [0, 3]
    table = tu.assess(s, tu.Goal.at_least(50, per=100)).impact("ppg-2017")
    assert table["reason"].str.contains("needs counts").all()  # nobody said how many were asked


@pytest.mark.parametrize("rule", RULES)
def test_one_hidden_segment_takes_the_others_with_it(rule: str) -> None:
    rows = [("A", 40, 90), ("B", 4, 50), ("C", 30, 80)]
    starred = [rows[0], ("B", "*", 50), rows[2], ("All", 74, 220)]
    hidden = assessed(starred, total="All", suppressed={"*": (1, 10)})
    for a, shown in ((assessed(rows).suppress(), ["A"]), (hidden, ["A", "C"])):
        table = a.impact(rule)
        values = table.drop(columns=["dimension", "segment", "rule", "reason"])
        assert values.isna().all(axis=None)
        said = table.loc[table["segment"].isin(shown), "reason"]
        assert said.tolist() == ["suppressed segment"] * len(shown)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rule": "ppg"}, "rule='ppg' is not known"),
        ({"rule": "ppg-2017", "threshold": 0.9}, "no threshold to choose"),
        ({"rule": "index-80", "threshold": 0}, "must be a number above 0"),
        ({"rule": "index-80", "threshold": "0.9"}, "must be a number above 0"),
    ],
)
def test_bad_options_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        BOTH.impact(**arguments)  # type: ignore[arg-type]


def test_many_strata_are_as_one_at_a_time() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(5, 400, 60)
    data = pd.DataFrame({
        "place": np.repeat(range(12), 5), "race": list("ABCDE") * 12, "n": n,
        "x": rng.binomial(n, rng.uniform(0.2, 0.8, 60)),
    })  # fmt: skip

    def table(part: pd.DataFrame, rule: str) -> pd.DataFrame:
        s = tu.from_counts(part, numerator="x", denominator="n", segments="race", by="place")
        found = tu.assess(s, UNITED).impact(rule)
        return found.astype({"reference": object, "reason": object})

    for rule in RULES[:4]:
        alone = pd.concat([table(data[data["place"] == p], rule) for p in range(12)])
        pd.testing.assert_frame_equal(table(data, rule), alone.reset_index(drop=True))


# --- who is among all others ---------------------------------------------------------------------


def test_all_others_of_published_rates_are_those_of_their_people() -> None:
    """By hand: beside A are 80 of 200 and 90 of 300, and the 10 of 50 are Unknown: 170/500."""
    data = {"race": ["A", "B", "C", None], "rate": [0.5, 0.4, 0.3, 0.2], "m": [100, 200, 300, 50]}
    a = assessed(data, tu.Goal.at_least(0.5), make=estimates, population="m")
    table = a.impact("idea", threshold=2).set_index("segment")
    assert table.loc[["A", "B", "C"], "reference_rate"].tolist() == pytest.approx(
        [170 / 500, 140 / 400, 130 / 300]
    )
    assert table.loc["A", "index"] == pytest.approx(0.5 / 0.34)
    assert table.loc["Unknown", "reason"] == "Unknown takes no part"


def test_unknown_is_no_group_under_idea() -> None:
    """34 CFR 300.647(a): A against all other groups, 40/200 over 110/1100 = 2, flagged at 1.9."""
    rows = [("A", 40, 200), ("B", 60, 600), ("C", 50, 500), ("Unknown", 100, 400)]
    a = assessed(rows, tu.Goal.at_most(0.2), unknown="Unknown")
    table = a.impact("idea", threshold=1.9).set_index("segment")
    assert table.loc["A", "index"] == pytest.approx(2)
    assert table.loc["A", "reference_rate"] == pytest.approx(0.1)
    assert table.loc["A", "flagged"]
    assert table.loc["Unknown", ["index", "flagged"]].isna().all()
    assert table.loc["Unknown", "reason"] == "Unknown takes no part"
    colleges = a.impact("ppg1-2022").set_index("segment")
    assert colleges.loc["A", "reference_rate"] == pytest.approx(210 / 1500)


def test_unknown_is_no_group_of_other_districts_either() -> None:
    rows = [(d, r, x, n) for d, r, x, n in schools().itertuples(index=False)]
    rows += [("Big", "Unknown", 90, 100), ("Small", "Unknown", 9, 20)]
    table = in_districts(pd.DataFrame(rows, columns=schools().columns), unknown="Unknown")
    small = table.impact("idea").set_index(["district", "segment"]).loc[("Small", "A")]
    assert small["reference_rate"] == pytest.approx(64 / 950)


def test_the_best_of_an_index_has_a_minimum_of_people() -> None:
    rows = [("few", 19, 20), ("A", 150, 300), ("C", 100, 300)]
    assert set(assessed(rows).impact("index-80")["reference"]) == {"A"}
    assert set(assessed(rows).impact("index-80", minimum=20)["reference"]) == {"few"}
    with pytest.raises(tu.InputError, match="minimum="):
        assessed(rows).impact("index-80", minimum=0)
