"""People to reach, their density and their cost: published needs, sums and their range, bounds."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import targeted_universalism as tu
from make import HALF, assessed, counts, estimates, goals, groups, hidden, identical, plain, records
from targeted_universalism.measures.effort import needed_wherever

# DisImpact's tutorial (Nguyen), 20,000 students by ethnicity; goal 54 %. Its own output is one too
# many in four groups, by rounding; 0.54·2,000 − 607 is 473 exactly.
COLLEGE = [
    ("Asian", 4292, 6000), ("Black", 607, 2000), ("Hispanic", 847, 4000),
    ("Multi-Ethnicity", 504, 1000), ("Native American", 78, 200), ("White", 4200, 6800),
]  # fmt: skip
TWENTY = tu.Goal.at_most(20, per=1000, name="Entries")


def by_segment(a: tu.Assessment, **options: Any) -> pd.DataFrame:
    return a.effort(**options).set_index("segment")


@pytest.fixture(scope="module")
def college() -> tu.Assessment:
    return assessed(COLLEGE, tu.Goal.at_least(0.54, per=1))


# --- one segment ----------------------------------------------------------------------------------


def test_needs_of_a_published_example_and_what_follows_from_them(college: tu.Assessment) -> None:
    e = by_segment(college)
    needed = {"Black": 473, "Hispanic": 1313, "Multi-Ethnicity": 36, "Native American": 30}
    assert e["needed"].to_dict() == {"All": 272, "Asian": 0, **needed, "White": 0}
    assert e["dimension_needed"].tolist() == [272] + [1852] * 6
    assert e["effort_share"]["Hispanic"] == pytest.approx(1313 / 1852)
    assert e["intensity"]["Black"] == pytest.approx(473 / 2000)
    assert e["intensity_remaining"]["Black"] == pytest.approx(473 / (2000 - 607))
    assert e["effort_index"]["Native American"] == pytest.approx((30 / 1852) / (200 / 20_000))
    assert np.isnan(e["effort_share"]["All"])
    assert (e["reason"] == "").all()


def test_the_numbers_of_people_are_those_of_the_table(college: tu.Assessment) -> None:
    same = ["segment", "population", "needed", "needed_low", "needed_high", "effort_share"]
    identical(college.effort()[same], college.table[same])


def test_money_is_people_times_what_one_costs(college: tu.Assessment) -> None:
    e = by_segment(college, cost={"Black": 900, "Hispanic": 650.5}, default_cost=700)
    assert e["cost"]["Black"] == 473 * 900
    assert e["cost"]["Hispanic"] == 1313 * 650.5
    assert e["cost"]["All"] == 272 * 700
    assert e["dimension_cost"]["White"] == 473 * 900 + 1313 * 650.5 + (36 + 30) * 700
    assert e["cost_high"]["Black"] == e["needed_high"]["Black"] * 900
    assert (by_segment(college)[["unit_cost", "cost", "dimension_cost_low"]].isna()).all(axis=None)


def test_one_cost_for_everybody_adds_up_to_the_dollar(college: tu.Assessment) -> None:
    e = college.effort(cost=717.39)
    for end in ("", "_low", "_high"):
        assert (e[f"dimension_cost{end}"] == e[f"dimension_needed{end}"] * 717.39).all()


def test_of_a_rate_the_need_is_events_to_avert() -> None:
    a = assessed([("A", 3, 100), ("B", 90, 2500), ("C", 10, 1000)], TWENTY, kind="rate")
    e = by_segment(a)
    assert e["needed"].tolist() == [31, 1, 40, 0]  # 103 − 72, 3 − 2, 90 − 50; 10 is below 20
    assert e["intensity_remaining"].tolist() == [31 / 103, 1 / 3, 40 / 90, 0]
    assert e["intensity"]["B"] == pytest.approx(0.036 - 0.020)


def test_of_events_that_may_repeat_nobody_counts_who_has_none() -> None:
    e = by_segment(assessed([("A", 30, 100)], tu.Goal.at_least(400, per=1000), kind="rate"))
    assert e["needed"]["A"] == 10
    assert np.isnan(e["intensity_remaining"]["A"])
    assert "events may repeat" in e["reason"]["A"]


def test_where_nobody_is_left_there_is_no_share_of_them() -> None:
    e = by_segment(assessed([("A", 9, 9), ("B", 1, 9)]))
    assert np.isnan(e["intensity_remaining"]["A"])
    assert e["reason"]["A"] == "nobody is left whose outcome could change"
    assert e["intensity_remaining"]["B"] == 4 / 8


def test_means_and_standardized_rates_have_no_people() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "rate": [3.0, 5.0], "se": 0.1, "people": [90, 50]})
    for kind, word in (("mean", "from a mean"), ("standardized", "from a standardized rate")):
        s = estimates(rows, kind=kind, se="se", population="people", per=1)
        e = by_segment(tu.assess(s, tu.Goal.at_least(4, per=1)), cost=9)
        assert e.loc[["A", "B"], ["needed", "dimension_needed", "cost"]].isna().all(axis=None)
        assert word in e["reason"]["A"]


def test_published_rates_have_the_events_that_they_imply() -> None:
    rows = pd.DataFrame({"race": ["A", "B"], "rate": [30.0, 45.0], "se": 2.0, "people": [200, 100]})
    e = by_segment(
        tu.assess(estimates(rows, se="se", population="people", per=100),
                  tu.Goal.at_least(50, per=100))
    )  # fmt: skip
    assert e["needed"].tolist() == [45, 40, 5]
    assert e["intensity_remaining"]["A"] == pytest.approx(40 / 140)
    assert e["dimension_needed_low"]["A"] < 45 < e["dimension_needed_high"]["A"]


def test_weights_count_people_not_rows() -> None:
    rows = pd.DataFrame({"race": ["A"] * 40 + ["B"] * 40, "y": [1, 0, 0, 0] * 20, "w": 2.5})
    e = by_segment(tu.assess(records(rows, weight="w"), HALF), cost={"A": 10, "B": 20})
    assert e["population"]["A"] == 100
    assert e["needed"].tolist() == [50, 25, 25]
    assert e["dimension_cost"]["A"] == 25 * 30


# --- sums over segments ---------------------------------------------------------------------------


@given(rows=groups(90, 6), goal=goals)
def test_laws_of_sums(rows: list[tuple[str, int, int]], goal: tu.Goal) -> None:
    e = assessed(rows, goal).effort(cost=3)
    total, segments = e.iloc[0], e.iloc[1:]
    together = int(segments["needed"].sum())
    assert (segments["dimension_needed"] == together).all()
    assert together >= total["needed"] == total["dimension_needed"]
    for name in ("needed", "cost"):
        ends = (segments[f"dimension_{name}{end}"].iloc[0] for end in ("_low", "", "_high"))
        low, mid, high = ends
        assert low <= mid <= high <= segments[f"{name}_high"].sum()
    if together:
        assert segments["effort_share"].sum() == pytest.approx(1)
        people = segments["population"] / segments["population"].sum()
        assert (segments["effort_index"] * people).sum() == pytest.approx(1)


def test_a_segment_past_the_goal_leaves_every_need_as_it_is(college: tu.Assessment) -> None:
    """TU4: one group's surplus never offsets another's shortfall."""
    more = assessed([*COLLEGE, ("Other", 900, 900)], tu.Goal.at_least(0.54, per=1))
    before, after = by_segment(college), by_segment(more)
    assert after.loc[before.index[1:], "needed"].tolist() == before["needed"].tolist()[1:]
    assert after["dimension_needed"]["Other"] == 1852
    assert after["needed"]["All"] == 0  # the average is at the goal, and 1,852 people are not


def test_strata_and_indicators_are_answered_apart() -> None:
    rows = pd.DataFrame(
        [(c, w, r, x, n) for (c, w, r), (x, n) in zip(
            product(("Inyo", "Mono"), ("in", "out"), "AB"),
            [(3, 9), (40, 90), (10, 30), (5, 8), (60, 90), (7, 70), (1, 9), (0, 4)], strict=True,
        )], columns=["county", "what", "race", "x", "n"],
    )  # fmt: skip
    both = {"in": HALF, "out": tu.Goal.at_most(0.3)}
    a = tu.assess(counts(rows, by="county", indicator="what"), both)
    e = a.effort(cost={"A": 2, "B": 5})
    for (county, what), part in rows.groupby(["county", "what"], sort=False):
        alone = assessed(part[["race", "x", "n"]], both[str(what)]).effort(cost={"A": 2, "B": 5})
        here = e[(e["county"] == county) & (e["indicator"] == what)]
        identical(plain(here[alone.columns]), plain(alone))


@pytest.mark.parametrize(("direction", "kind"), [("at least", "proportion"), ("at most", "rate")])
@pytest.mark.parametrize(
    ("k", "apart"), [(2, 0.0), (8, 0.0), (20, 0.0), (8, 0.02), (8, -0.1), (20, 0.1), (3, 0.15)]
)
def test_the_range_of_a_sum_holds_the_true_need(
    k: int, apart: float, kind: str, direction: str
) -> None:
    """At least 92 % of 1,000 draws; with all segments at the goal plain MOVER holds 0 to 6 %."""
    rng = np.random.default_rng([k, int(1000 * abs(apart)), kind == "rate"])
    goal, strata = 0.3, 1000
    sign = 1 if direction == "at least" else -1
    n = np.round(np.exp(rng.uniform(np.log(40), np.log(4000), k)))
    p = goal - sign * apart * rng.uniform(0.5, 1, k)
    true = (n * np.maximum(sign * (goal - p), 0)).sum()
    x = (
        rng.binomial(n.astype(int), p, (strata, k))
        if kind == "proportion"
        else rng.poisson(n * p, (strata, k))
    )
    rows = pd.DataFrame(
        {"place": np.repeat(np.arange(strata), k), "race": np.tile(np.arange(k), strata),
         "x": x.ravel(), "n": np.tile(n, strata)}
    )  # fmt: skip
    a = tu.assess(
        counts(rows, by="place", kind=kind), tu.Goal(direction=direction, target=goal)
    ).where(dimension="race")
    e = a.effort(cost=2)
    e = e[e["segment"] == "0"]
    low, high = (e[f"dimension_needed_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
    assert ((low <= np.ceil(true)) & (true <= high)).mean() >= 0.92
    assert (e["dimension_cost_low"] == 2 * low).all()


def test_added_limits_are_wider(college: tu.Assessment) -> None:
    e = college.effort().iloc[1:]
    one = e.iloc[0]
    together = one["dimension_needed_high"] - one["dimension_needed_low"]
    assert (e["needed_high"].sum() - e["needed_low"].sum()) > 1.3 * together


# --- what is not known ----------------------------------------------------------------------------

# A planner's file: clients of a service and people eligible, "<11" from the State (PERSONAS 8).
SERVED = pd.DataFrame(
    {"race": ["A", "B", "C", "D"], "x": ["<11", 40, "<11", 300], "n": [60, 90, 200, 1000]}
)
TOKENS = {"<11": (1, 10)}


def test_hidden_cells_of_the_input_give_a_range_of_people_and_of_money() -> None:
    e = by_segment(assessed(SERVED, tu.Goal.at_least(0.4), suppressed=TOKENS), cost=100)
    assert (e["needed_low"]["A"], e["needed_high"]["A"]) == (14, 23)  # 24 − 10, 24 − 1
    assert (e["cost_low"]["A"], e["cost_high"]["A"]) == (1400, 2300)
    assert e.loc[["A", "C"], ["needed", "effort_share", "cost"]].isna().all(axis=None)
    assert e["dimension_needed"].isna()["A":"D"].all()
    every = [
        sum(
            max(0, -(-(4 * n - 10 * x) // 10))
            for x, n in ((a, 60), (40, 90), (c, 200), (300, 1000))
        )
        for a, c in product(range(1, 11), repeat=2)
    ]
    assert (e["dimension_needed_low"]["B"], e["dimension_needed_high"]["B"]) == (
        min(every), max(every),
    )  # fmt: skip
    assert e["dimension_cost_high"]["B"] == 100 * max(every)
    assert e["reason"]["A"] == "hidden in the input: range of possible values"
    assert e["reason"]["B"] == "suppressed segment"


def test_a_group_without_a_rate_needs_nothing_to_everybody() -> None:
    rows = [("A", 5, 60), ("B", None, 200), ("C", 300, 1000)]
    e = by_segment(assessed(rows, tu.Goal.at_least(0.4)))
    assert e["dimension_needed"].isna()["A":"C"].all()
    assert (e["dimension_needed_low"]["A"], e["dimension_needed_high"]["A"]) == (119, 119 + 80)
    assert e["reason"]["A"] == "the need of a segment is not known"
    less = by_segment(assessed(rows, tu.Goal.at_most(0.1)))
    assert less["dimension_needed_high"]["A"] == 200 + 180
    events = by_segment(assessed(rows, tu.Goal.at_most(0.1), kind="rate"))
    assert events["dimension_needed_low"]["A"] == 200
    assert events["dimension_needed_high"].isna()["A"]


def test_rounded_counts_give_the_range_of_all_that_round_to_them() -> None:
    rows = [("A", 20, 60), ("B", 40, 90)]
    e = by_segment(assessed(rows, rounded=5))
    assert e["dimension_needed"]["A"] == 10 + 5
    ranges = e.loc[["A", "B"], ["needed_low", "needed_high"]].sum()
    assert e["dimension_needed_low"]["A"] == ranges["needed_low"] < 15
    assert e["dimension_needed_high"]["A"] == ranges["needed_high"] > 15


def test_overlapping_segments_are_never_added_up() -> None:
    rows = [("foster", 5, 60), ("homeless", 40, 200)]
    e = by_segment(assessed(rows, exclusive={"race": False}), cost=5)
    assert e["needed"]["foster"] == 25
    assert e.loc["foster", ["dimension_needed", "dimension_cost", "effort_index"]].isna().all()
    assert e["reason"]["foster"] == "segments overlap"


def test_without_intervals_a_sum_has_none() -> None:
    e = by_segment(assessed(COLLEGE, tu.Goal.at_least(0.54, per=1), confidence=None), cost=2)
    assert e["dimension_needed"]["Black"] == 1852
    assert e[["dimension_needed_low", "dimension_cost_high"]].isna().all(axis=None)
    rows = pd.DataFrame({"race": ["A", "B"], "rate": [0.3, 0.2], "se": [0.1, np.nan], "n": [9, 9]})
    one = by_segment(tu.assess(estimates(rows, se="se", population="n"), HALF))
    assert one["dimension_needed_low"].isna()["A"]
    assert "no range of the sum: a segment has no interval" in one["reason"]["A"]


def test_nobody_short_is_a_sum_of_nobody() -> None:
    e = by_segment(assessed([("A", 50, 60), ("B", 90, 90)]), cost=5)
    assert e["dimension_needed"]["A"] == 0 == e["dimension_cost"]["A"]
    assert e["reason"]["A"] == "no share: no segment is short of the goal"


def test_a_group_of_whom_no_outcome_is_known_may_need_any_number() -> None:
    """Twenty people are in the data; where outcomes are known is all that is counted."""
    rows = pd.DataFrame({"race": ["A"] * 50 + ["B"] * 50 + ["C"] * 20})
    rows["y"] = [1.0, 0.0] * 50 + [np.nan] * 20
    a = tu.assess(records(rows), tu.Goal.at_least(0.6)).effort().set_index("segment")
    assert a["dimension_needed"].isna()["A"]
    assert a["dimension_needed_low"]["A"] == 10
    assert a["dimension_needed_high"].isna()["A"]
    assert "the need of a segment is not known" in a["reason"]["A"]


def test_the_unknown_take_no_part_in_sums_and_have_a_need_of_their_own() -> None:
    rows = [("A", 20, 60), ("B", 40, 90), (None, 1, 40)]
    e = by_segment(assessed(rows), cost={"A": 10, "B": 20})
    assert e["needed"]["Unknown"] == 19
    assert e["dimension_needed"]["Unknown"] == 15
    assert e["dimension_cost"]["A"] == 10 * 10 + 5 * 20
    assert e["reason"]["Unknown"].endswith("; no cost was given")


def test_what_is_hidden_for_publication_takes_every_sum_with_it() -> None:
    public = assessed([("A", 4, 60), ("B", 40, 90), ("C", 20, 200), ("D", 300, 1000)]).suppress()
    gone = hidden(public)
    assert gone
    e = by_segment(public, cost={"A": 7, "B": 7, "C": 7, "D": 7})
    assert (
        e.loc[gone, [c for c in e if c not in ("dimension", "unit_cost", "reason")]]
        .isna()
        .all(axis=None)
    )
    shown = e.loc[[s for s in "ABCD" if s not in gone]]
    assert (
        shown[[c for c in e if c.startswith("dimension_")] + ["effort_share"]].isna().all(axis=None)
    )
    assert (shown["reason"] == "suppressed segment").all()
    assert shown["needed"].notna().all()


# --- pooled years ---------------------------------------------------------------------------------


def deaths(**options: Any) -> tu.Assessment:
    """Deaths of infants in a small county, pooled; the goal is 5 of 1,000 births."""
    rows = pd.DataFrame({"county": ["Inyo", "Inyo", "Mono", "Mono"], "race": ["A", "B"] * 2,
                         "x": [9, 3, 2, 4], "n": [800, 400, 350, 500]})  # fmt: skip
    return assessed(
        rows, tu.Goal.at_most(5, per=1000), by="county", kind="rate", rollup=True, **options
    )


def test_pooled_years_have_a_need_per_year() -> None:
    a = deaths(years=5)
    e = a.effort()
    inyo = e[e["county"] == "Inyo"].set_index("segment")
    assert inyo["needed"].tolist() == [6, 5, 1]
    assert inyo["needed_per_year"].tolist() == [1.2, 1.0, 0.2]
    together = e[e["county"].isna()]
    assert together["needed_per_year"].isna().all()
    assert together["reason"].str.contains("a roll-up may add up periods").all()
    assert a.choices["years"] == 5
    assert a.describe().split(". ")[1] == "Needs are for 5 years together"
    assert deaths().effort()["needed_per_year"].isna().all()
    assert "years" not in deaths().choices
    assert "years together" not in deaths(years=1).describe()


def test_every_door_takes_years_by_indicator_too() -> None:
    rows = pd.DataFrame({"what": ["in", "out"], "race": "A", "x": [10, 20], "n": [90, 90]})
    both = {"in": tu.Goal.at_least(0.5), "out": tu.Goal.at_least(0.5)}
    years = {"out": 4}
    a = tu.assess(counts(rows, indicator="what", years=years), both)
    assert a.effort()["needed_per_year"].tolist()[2:] == [25 / 4] * 2
    assert a.effort()["needed_per_year"].isna().tolist()[:2] == [True] * 2
    people = pd.DataFrame({"race": "A", "y": [0, 0, 1, 0], "z": 0})
    s = records(people, outcome=["y", "z"], years={"y": 2})
    assert tu.assess(s, {"y": HALF, "z": HALF}).effort()["needed_per_year"][1] == 0.5
    published = pd.DataFrame({"race": ["A"], "rate": [0.3], "people": [100]})
    e = tu.assess(estimates(published, population="people", years=2.5), HALF).effort()
    assert e["needed_per_year"].tolist() == [8.0, 8.0]


def test_files_and_partners_keep_the_years(tmp_path: Path) -> None:
    people = pd.DataFrame({"race": ["A"] * 4, "y": [0, 0, 1, 0]})
    people.to_csv(tmp_path / "people.csv", index=False)
    people.to_parquet(tmp_path / "people.parquet")
    for read, name in ((tu.from_csv, "people.csv"), (tu.from_parquet, "people.parquet")):
        s = read(tmp_path / name, outcome="y", segments="race", years=2)
        assert tu.assess(s, HALF).effort()["needed_per_year"].tolist() == [0.5, 0.5]
    s.to_parquet(tmp_path / "s.parquet", confidential=True)
    again = tu.read_segments(tmp_path / "s.parquet")
    identical(tu.assess(again, HALF).effort(), tu.assess(s, HALF).effort())
    assert tu.assess(s + again, HALF).choices["years"] == 2
    other = tu.from_csv(tmp_path / "people.csv", outcome="y", segments="race", years=3)
    with pytest.raises(tu.InputError, match=r"they differ in years: 2\.0 and 3\.0"):
        s + other


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (0, "years=0 must be a number above 0"),
        (-1, "years=-1 must"),
        (float("nan"), "years=nan must"),
        ("5", "years='5' must"),
        (True, "years=True must"),
        ({"in": 0}, "years=0 must"),
        ({"on": 3}, "years= names indicator 'on', which is not in the data. There are: 'in'."),
    ],
)
def test_years_are_a_number_above_nothing(years: Any, words: str) -> None:
    rows = pd.DataFrame({"what": ["in"], "race": "A", "x": [10], "n": [90]})
    with pytest.raises(tu.InputError) as error:
        counts(rows, indicator="what", years=years)
    assert words in str(error.value)


def test_years_by_indicator_need_indicators() -> None:
    with pytest.raises(tu.InputError, match=r"years= by indicator needs indicator="):
        deaths(years={"deaths": 5})


# --- people whose segment is unknown --------------------------------------------------------------


def placed(
    x: list[int], n: list[int], unknown: tuple[int, int]
) -> list[tuple[list[int], list[int]]]:
    """Put the people of unknown segment into segments in every way."""
    events, rest = unknown[0], unknown[1] - unknown[0]
    ways = list(product(range(max(events, rest) + 1), repeat=len(x)))
    some = [w for w in ways if sum(w) == events]
    others = [w for w in ways if sum(w) == rest]
    return [
        ([a + b for a, b in zip(x, w, strict=True)],
         [a + b + c for a, b, c in zip(n, w, v, strict=True)])
        for w in some for v in others
    ]  # fmt: skip


@pytest.mark.parametrize("direction", ["at least", "at most"])
@pytest.mark.parametrize(
    ("x", "n", "unknown"),
    [([3, 9], [10, 10], (2, 5)), ([1, 2, 9], [6, 6, 9], (3, 4)), ([9, 8], [9, 8], (0, 6)),
     ([0, 1], [9, 8], (5, 5)), ([4, 5], [10, 10], (1, 2))],
)  # fmt: skip
def test_the_range_of_a_sum_holds_wherever_the_unknown_belong(
    x: list[int], n: list[int], unknown: tuple[int, int], direction: str
) -> None:
    """By brute force: the ends before rounding up are those of every placement."""
    sign, unit = (1 if direction == "at least" else -1), np.array([[2.0], [3.0], [1.0]])[: len(x)]
    ends = []
    for a, b in placed(x, n, unknown):
        short = sign * (0.5 * np.array(b) - np.array(a))
        ends.append((unit[:, 0] * np.maximum(short, 0)).sum())
    short = sign * (0.5 * np.array(n, dtype=float) - np.array(x))[:, None]
    events, rest = float(unknown[0]) / 2, float(unknown[1] - unknown[0]) / 2
    more, less = (rest, events)[::sign]
    low, high = needed_wherever(short, np.array([more]), np.array([less]), unit)
    assert low[0] <= min(ends) < low[0] + 3  # people are whole, placements in between are not
    assert high[0] == max(ends)
    rows = [(chr(65 + i), a, b) for i, (a, b) in enumerate(zip(x, n, strict=True))]
    goal = tu.Goal(direction=direction, target=0.5)
    e = by_segment(assessed([*rows, (None, *unknown)], goal))
    alone = by_segment(assessed(rows, goal))
    whole = [sum(max(0.0, np.ceil(sign * (0.5 * b - a))) for a, b in zip(p, q, strict=True))
             for p, q in placed(x, n, unknown)]  # fmt: skip
    low_end, high_end = (e[f"dimension_needed_{end}"]["A"] for end in ("low", "high"))
    assert low_end <= min(*whole, alone["dimension_needed_low"]["A"])
    assert high_end >= max(max(whole) - len(x), alone["dimension_needed_high"]["A"])
    assert "wherever people of unknown segment belong" in e["reason"]["A"]


def test_nobody_but_people_of_unknown_segment_have_no_sum() -> None:
    e = by_segment(assessed([(None, 2, 10)]), cost=5)
    assert e["needed"]["Unknown"] == 3
    assert e["dimension_needed"].isna()["Unknown"]
    assert e["reason"]["Unknown"] == "Unknown takes no part"


def test_person_time_of_unknown_segment_is_placed_too() -> None:
    rows = [("A", 30, 1000), ("B", 10, 1000), (None, 40, 500)]
    e = by_segment(assessed(rows, TWENTY, kind="rate"))
    assert e["dimension_needed"]["A"] == 10
    assert e["dimension_needed_high"]["A"] == 10 + 40  # all events to A, all time to B
