"""A budget over segments: to the dollar, one person at a time, and what cannot be shared out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import HALF, assessed, counts, estimates, fewer, goals, groups, identical, plain, row_of

RULES = ["proportional", "maximin", "most people"]
KEPT_SAFE = tu.Goal.at_most(2.5, per=1_000, name="Entries into foster care")
CHILDREN = [
    ("Black", 463, 62_130), ("American Indian", 92, 8_705), ("Latino", 1_782, 812_884),
    ("White", 348, 159_389), ("Multiracial", 126, 59_833),
]  # fmt: skip
COST = {"Black": 9_000, "American Indian": 11_000}


def board() -> tu.Assessment:
    return assessed(CHILDREN, KEPT_SAFE, kind="rate", unknown=())


# --- the board's table ----------------------------------------------------------------------------


def one_at_a_time(budget: int, rule: str) -> dict[str, int]:
    """Avert one event after another, as a clerk would, in fractions."""
    goal, left = Fraction(25, 10_000), budget
    needed = {g: max(0, -int((goal * n - x) // 1)) for g, x, n in CHILDREN}
    costs = {g: COST.get(g, 7_500) for g, _, _ in CHILDREN}
    reached = dict.fromkeys(needed, 0)

    def place(group: str) -> Any:
        x, n = next((x, n) for g, x, n in CHILDREN if g == group)
        far = Fraction(x - reached[group], n) - goal
        return {
            "proportional": Fraction(2 * reached[group] + 1, 2 * max(1, needed[group])),
            "maximin": -far,
            "most people": (costs[group], -far),
        }[rule]

    while able := [g for g in needed if reached[g] < needed[g] and costs[g] <= left]:
        following = min(able, key=place)
        reached[following] += 1
        left -= costs[following]
    return reached


def test_the_same_717393_dollars_three_ways() -> None:
    """El Dorado County, 19 April 2022, file 22-0608: $558,471 and $158,922."""
    table = board().allocate(717_393, rule=RULES, cost=COST, default_cost=7_500)
    found = {}
    for rule in RULES:
        of_rule = table[table["rule"] == rule].set_index("segment")
        clerk = one_at_a_time(717_393, rule)
        assert of_rule["awarded"].drop("All").to_dict() == clerk
        bill = sum(clerk[g] * COST.get(g, 7_500) for g in clerk)
        assert of_rule["spent"]["All"] == bill == of_rule["spent"].drop("All").sum()
        assert (of_rule["unspent"] == 717_393 - bill).all()
        assert of_rule["awarded"]["All"] == sum(clerk.values())
        found[rule] = (sum(clerk.values()), bill, round(of_rule["worst_rate_after"].iloc[0], 3))
    assert found == {
        "proportional": (76, 712_000, 8.960), "maximin": (72, 714_000, 6.824),
        "most people": (79, 711_000, 10.569),
    }  # fmt: skip


def test_segments_at_the_goal_are_awarded_nothing_and_stay_in_the_table() -> None:
    table = board().allocate(9e9, rule=RULES, cost=COST, default_cost=7_500)
    met = table[table["segment"].isin(["Latino", "White"])]
    assert (met["awarded"] == 0).all()
    assert (met["spent"] == 0).all()
    assert met["gap_closed"].isna().all()
    assert (met["reason"] == "no gap to close").all()
    short = table[table["segment"].isin(["Black", "American Indian"])]
    assert (short["awarded"] == short["needed"]).all()
    assert (short["gap_closed"] == 1).all()
    assert (short["gap_after"] <= 0).all()
    assert (short["rate_after"] <= 2.5).all()


def test_the_total_says_what_all_awards_do_to_it() -> None:
    rows = [("A", 30, 100), ("B", 80, 100)]
    all_ = row_of(assessed(rows, tu.Goal.at_least(0.6)).allocate(15))
    assert (all_["needed"], all_["awarded"], all_["needed_after"]) == (10, 15, 0)
    assert all_["rate_after"] == pytest.approx(125 / 200)
    assert all_["gap_after"] == pytest.approx(-0.025)
    assert all_["gap_closed"] == 1
    assert all_["worst_rate_after"] == 0.45
    assert pd.isna(all_["unit_cost"])


def test_a_whole_gap_closed_is_exactly_closed() -> None:
    found = row_of(assessed([("A", 3, 10), ("B", 9, 10)], tu.Goal.at_least(0.7)).allocate(4), "A")
    assert (found["gap_after"], found["gap_closed"], found["needed_after"]) == (0, 1, 0)


def test_without_costs_the_amount_is_of_people() -> None:
    found = assessed([("A", 3, 100), ("B", 40, 100)]).allocate(30, rule="maximin")
    assert found["awarded"].tolist() == [30, 30, 0]
    assert found["spent"].tolist() == [30, 30, 0]
    assert found["unit_cost"].isna().all()
    assert found["unspent"].tolist() == [0, 0, 0]


def test_cents_add_up_to_the_cent() -> None:
    a = assessed([("A", 3, 100), ("B", 40, 100)])
    found = a.allocate(Decimal("1000.07"), cost={"A": 12.35, "B": 9.99})
    spent = found["spent"].tolist()
    assert [round(100 * v, 6) % 1 for v in spent] == [0, 0, 0]
    cents = [round(100 * v) for v in (*spent[1:], found["unspent"][0])]
    assert sum(cents) == 100_007
    assert cents[0] == 1235 * found["awarded"][1]


# --- the table follows from the arrays ------------------------------------------------------------


@fewer(1)
@given(
    rows=groups(80, 5),
    goal=goals,
    rule=st.sampled_from(RULES),
    amount=st.integers(0, 200),
    kind=st.sampled_from(["proportion", "rate"]),
)
def test_rates_after_are_those_of_the_counts_after(
    rows: list[tuple[str, int, int]], goal: tu.Goal, rule: str, amount: int, kind: str
) -> None:
    found = assessed(rows, goal, kind=kind).allocate(amount, rule=rule).set_index("segment")
    sign = 1 if goal.direction == "at least" else -1
    moved = [(g, x + sign * int(found["awarded"][g]), n) for g, x, n in rows]
    after = assessed(moved, goal, kind=kind).table.set_index("segment")
    for name in ("rate", "gap"):
        ours, theirs = found[f"{name}_after"], after[name]
        np.testing.assert_allclose(ours, theirs[ours.index], rtol=1e-12, atol=1e-12)
        assert ((ours > 0) == (theirs[ours.index] > 0)).all()
    assert found["needed_after"].tolist() == after["needed"][found.index].tolist()
    worst = found.drop("All").sort_values("gap_after", ascending=False)["rate_after"].iloc[0]
    assert (found["worst_rate_after"] == worst).all()
    spent = found["spent"]["All"]
    assert spent + found["unspent"]["All"] == amount


@pytest.mark.parametrize("rule", RULES)
def test_published_rates_share_as_their_counts_do(rule: str) -> None:
    rows = pd.DataFrame({"race": list("ABC"), "x": [30, 20, 70], "n": [100, 50, 80]})
    rows["rate"] = rows["x"] / rows["n"]
    by_counts = assessed(rows).allocate(17, rule=rule)
    by_rates = assessed(rows, HALF, estimates, population="n", n="n").allocate(17, rule=rule)
    assert by_rates["awarded"].tolist() == by_counts["awarded"].tolist()
    np.testing.assert_allclose(by_rates["gap_after"], by_counts["gap_after"], atol=1e-12)


@fewer(2)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(0, 1), st.sampled_from([0.3, 1.25, 2.0])),
        min_size=12, max_size=60,
    ),
    rule=st.sampled_from(RULES),
    budget=st.integers(0, 60_000),
)  # fmt: skip
def test_weighted_people_are_whole_and_money_is_never_overspent(
    rows: list[tuple[str, int, float]], rule: str, budget: int
) -> None:
    people = pd.DataFrame(rows, columns=["race", "y", "w"])
    s = tu.from_records(people, outcome="y", segments="race", weight="w")
    cost = {race: 1_000.5 + 900 * i for i, race in enumerate(s.dimensions["race"])}
    found = tu.assess(s, tu.Goal.at_least(0.8)).allocate(budget, rule=rule, cost=cost)
    groups_ = found[found["segment"] != "All"]
    awarded, needed = groups_["awarded"], groups_["needed"]
    assert ((awarded >= 0) & (awarded <= needed)).all()
    left = found["unspent"][0]
    assert groups_["spent"].sum() + left == pytest.approx(budget)
    assert (groups_["unit_cost"][awarded < needed] > left).all()


# --- strata, pools, dimensions --------------------------------------------------------------------

PLACES = pd.DataFrame({
    "county": ["Inyo"] * 3 + ["Mono"] * 3 + ["Alpine"] * 3, "year": [2021] * 3 + [2022] * 6,
    "race": list("ABC") * 3, "x": [10, 30, 40, 3, 9, 30, 1, 2, 3],
    "n": [50, 60, 70, 20, 30, 40, 10, 10, 10],
})  # fmt: skip


AMOUNTS = [("Inyo", 2021), ("Mono", "2022"), ("Alpine", 2022)]


def places(**options: Any) -> tu.Assessment:
    return assessed(PLACES, tu.Goal.at_least(0.7), by=["county", "year"], **options)


def of_rows(table: pd.DataFrame, name: str) -> list[Any]:
    return table.loc[table["segment"] != "All", name].tolist()


def test_a_number_is_for_each_stratum_and_a_mapping_for_each_its_own() -> None:
    a = places()
    alone = [a.where(county=county).allocate(6) for county in ("Inyo", "Mono", "Alpine")]
    identical(plain(a.allocate(6)), plain(pd.concat(map(plain, alone), ignore_index=True)))
    given = dict(zip(AMOUNTS, (3, 0, 9), strict=True))
    found = a.allocate(given)
    sums = found[found["segment"] == "All"]["awarded"].tolist()
    assert sums == [3, 0, 9]
    identical(a.allocate(pd.Series(given)), found)
    one = assessed(PLACES, tu.Goal.at_least(0.7), by="county").allocate(
        {"Mono": 2, "Inyo": 1, "Alpine": 0}
    )
    assert one[one["segment"] == "All"]["awarded"].tolist() == [1, 2, 0]


def test_rules_stand_side_by_side_in_every_stratum() -> None:
    a = places()
    both = a.allocate(6, rule=["maximin", "proportional"])
    assert both["rule"].tolist() == (["maximin"] * 4 + ["proportional"] * 4) * 3
    assert both["rule"].cat.categories.tolist() == ["maximin", "proportional"]
    for rule in ("maximin", "proportional"):
        alone = a.allocate(6, rule=rule)
        mine = both[both["rule"] == rule].reset_index(drop=True)
        identical(mine.drop(columns="rule"), alone.drop(columns="rule"))


@pytest.mark.parametrize("rule", RULES)
def test_in_a_pool_all_strata_compete_as_segments_of_one_do(rule: str) -> None:
    found = places().allocate(25, rule=rule, pool=True)
    together = PLACES.assign(race=PLACES["county"] + PLACES["race"])
    one = assessed(together, tu.Goal.at_least(0.7)).allocate(25, rule=rule)
    assert of_rows(found, "awarded") == of_rows(one, "awarded")
    assert (found["unspent"] == one["unspent"][0]).all()
    assert found[found["segment"] == "All"]["awarded"].sum() == 25
    worst = found.groupby("county", observed=True)["worst_rate_after"].first().min()
    assert worst == one["worst_rate_after"][0]


def test_a_roll_up_takes_no_part_in_a_pool() -> None:
    a = tu.assess(places().segments, tu.Goal.at_least(0.7), rollup=True)
    found = a.allocate(25, pool=True)
    rolled = found["county"].isna()
    assert found[rolled][["awarded", "spent", "unspent"]].isna().all().all()
    assert found[rolled]["reason"].astype(str).str.contains("a sum of other strata").all()
    without = places().allocate(25, pool=True)
    assert found[~rolled]["awarded"].tolist() == without["awarded"].tolist()
    alone = a.where(rollup=True)
    assert alone.allocate(25, pool=True).equals(alone.allocate(25))
    assert a.allocate({**dict.fromkeys(AMOUNTS, 5), (None, None): 7})["unspent"].tolist()[-1] == 0


def test_one_dimension_shares_the_amount() -> None:
    rows = pd.DataFrame({
        "race": list("AABB"), "sex": list("FMFM"), "x": [10, 9, 20, 4], "n": [50, 40, 60, 30],
    })  # fmt: skip
    a = tu.assess(counts(rows, segments=["race", "sex"]), HALF)
    with pytest.raises(tu.InputError, match=r"split in several ways: 'race', 'sex'\. Choose one"):
        a.allocate(10)
    with pytest.raises(tu.InputError, match=r"no dimension 'sexx'\. Did you mean 'sex'"):
        a.allocate(10, dimension="sexx")
    found = a.allocate(10, dimension="sex")
    assert found["segment"].tolist() == ["All", "F", "M"]
    identical(plain(found), plain(a.where(dimension="sex").allocate(10)))
    with pytest.raises(tu.InputError, match="no segment of 'sex'"):
        a.allocate(10, dimension="sex", cost={"A": 1, "B": 2})


def test_overlapping_segments_are_never_shared_over() -> None:
    found = assessed([("A", 3, 10), ("B", 2, 10)], exclusive=False).allocate(5, rule=RULES)
    assert found[["awarded", "spent", "gap_after", "unspent"]].isna().all().all()
    assert (found[found["segment"] != "All"]["reason"] == "segments overlap").all()
    both = pd.DataFrame({
        "race": ["A", "B"] * 2, "EL": [0, 1, 1, 0], "SWD": [1, 1, 0, 1], "y": [0, 1, 0, 0],
    })  # fmt: skip
    s = tu.from_records(
        pd.concat([both] * 20), outcome="y",
        segments=["race", tu.overlapping(["EL", "SWD"], name="programme")],
    )  # fmt: skip
    a = tu.assess(s, HALF)
    assert a.allocate(5)["dimension"].unique().tolist() == ["total", "race"]
    refused = a.allocate(5, dimension="programme")
    assert refused["awarded"].isna().all()


# --- ranges ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_the_ends_of_the_ranges_share_the_same_amount(rule: str) -> None:
    a = assessed([("A", 30, 100), ("B", 4, 10), ("C", 300, 1000)])
    found, table = a.allocate(40, rule=rule), a.table
    for end in ("low", "high"):
        by_hand = tu.measures.awarded(
            40, table[f"needed_{end}"][1:].astype(float), table[f"gap_{end}"][1:],
            table["population"][1:], rule=rule,
        )  # fmt: skip
        assert found[f"awarded_{end}"][1:].tolist() == by_hand.tolist()
        assert found[f"awarded_{end}"][0] == by_hand.sum() <= 40


def test_without_intervals_there_are_no_ends() -> None:
    found = assessed([("A", 3, 10), ("B", 9, 10)], confidence=None).allocate(1)
    assert found[["awarded_low", "awarded_high"]].isna().all().all()
    assert found["awarded"].tolist() == [1, 1, 0]
    assert found["reason"].astype(str).str.contains("confidence=None").all()


def test_a_hidden_segment_leaves_no_award_but_what_its_bounds_allow() -> None:
    rows = [("A", "*", "*"), ("B", 20, 100), ("C", 30, 90)]
    a = assessed(rows, suppressed={"*": (1, 10)}, total=())
    found = a.allocate(20).set_index("segment")
    assert found[["awarded", "spent", "rate_after", "unspent"]].isna().all().all()
    assert "suppressed segment" in found["reason"]["B"]
    table = a.table.set_index("segment").loc[list("ABC")]
    for end in ("low", "high"):
        needs, gaps = table[f"needed_{end}"].astype(float), table[f"gap_{end}"]
        people = table["population"].fillna(10.0)
        by_hand = tu.measures.awarded(20, needs, gaps, people)
        assert found[f"awarded_{end}"][list("ABC")].tolist() == by_hand.tolist()


def test_after_suppress_nothing_is_left_of_a_dimension_that_hides_a_segment() -> None:
    public = assessed([("A", 4, 50), ("B", 20, 100), ("C", 30, 90), ("D", 60, 200)]).suppress()
    found = public.allocate(20, rule=RULES, cost=5)
    numbers = ["awarded", "awarded_low", "awarded_high", "spent", "rate_after", "gap_closed",
               "worst_rate_after", "unspent"]  # fmt: skip
    assert found[numbers].isna().all().all()


def test_who_has_no_people_or_no_need_that_is_known() -> None:
    rows = pd.DataFrame({
        "race": ["A", "B", "C", None], "x": [30.0, 20, 0, 5], "n": [100, 90, 0, 60],
    })  # fmt: skip
    found = assessed(rows).allocate(10).set_index("segment")
    assert found["awarded"].isna().tolist() == [False, False, False, True, True]
    assert found["reason"]["C"] == "no population"
    assert "Unknown takes no part" in found["reason"]["Unknown"]
    rows = pd.DataFrame({"race": list("AB"), "rate": [0.3, None], "n": [100, 90]})
    found = assessed(rows, HALF, estimates, population="n").allocate(10)
    assert found["awarded"].isna().all()
    assert "the need of a segment is not known" in row_of(found, "A")["reason"]
    rows["rate"] = [0.3, 0.4]
    found = assessed(rows, HALF, estimates).allocate(10)
    assert found["awarded"].isna().all()
    assert "people not available" in row_of(found, "A")["reason"]


@pytest.mark.parametrize("rows", [[("A", 0, 0), ("B", 0, 0)], [(None, 3, 9)]])
def test_where_no_segment_has_people_nobody_is_reached(rows: list[Any]) -> None:
    a = assessed(pd.DataFrame(rows, columns=["race", "x", "n"]))
    found = a.allocate(5, rule=RULES)
    assert (found[found["segment"] == "All"]["awarded"] == 0).all()
    assert (found["unspent"] == 5).all()
    assert found["worst_rate_after"].isna().all()
    assert a.spending({None: 5})["spent"].iloc[-1] == 5


# --- what cannot be meant -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "options", "words"),
    [
        (-1, {}, "amount=-1 must be a number 0 or more."),
        (10.5, {}, "amount=10.5 must be a whole number of people. Is it money?"),
        (float("nan"), {}, "amount=nan must be a number 0 or more."),
        (float("inf"), {"cost": 5}, "amount=inf must be a number 0 or more."),
        (True, {}, "amount=True must be a number"),
        ("500", {}, "amount='500' must be a number"),
        ([1, 2], {}, "must be a number"),
        (None, {}, "amount=None must be a number"),
        (5, {"rule": "maximum"}, "rule='maximum' is not known. Expected one of: 'proportional'"),
        (5, {"rule": []}, "must name a rule"),
        (5, {"rule": ["maximin", "maximin"]}, "once each"),
        (5, {"rule": 7}, "rule=7 is not known"),
        (5, {"pool": "yes"}, "pool='yes' is not known"),
        (5, {"cost": {"A": 3, "B": 2}}, "some segments of 'race' and not 'C'"),
        (5, {"cost": {"A": 3, "B": 2, "D": 4}}, "names 'D', which is no segment"),
        (5, {"cost": {"A": 0, "B": 2, "C": 4}}, "nobody is reached for nothing"),
        (5, {"cost": {"A": float("nan"), "B": 2, "C": 4}}, "must be a number above 0"),
        (5, {"dimension": "rac"}, "Did you mean 'race'"),
        ({"Inyo": 1, "Mono": 2}, {}, "names nothing for county 'Alpine'"),
        ({"Inyo": 1, "Mono": 2, "Alpin": 3}, {}, "Did you mean 'Alpine'"),
        ({"Inyo": 1, "Mono": -2, "Alpine": 3}, {}, "amount['Mono']=-2 must be a number 0 or more"),
        ({"Inyo": 1, "Mono": 2.5, "Alpine": 3}, {}, "must be a whole number of people"),
        ({"Inyo": 1, "Mono": 2, "Alpine": 3}, {"pool": True}, "give a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_shared_out_is_answered_in_words(
    amount: Any, options: dict[str, Any], words: str
) -> None:
    a = assessed(PLACES, tu.Goal.at_least(0.7), by="county")
    with pytest.raises(tu.InputError) as error:
        a.allocate(amount, **options)
    assert words in str(error.value)


def test_indicators_do_not_compete_and_have_amounts_of_their_own() -> None:
    two = pd.concat([PLACES.assign(what="in"), PLACES.assign(what="out")])
    s = counts(two, by="county", indicator="what")
    a = tu.assess(s, {"in": tu.Goal.at_least(0.7), "out": tu.Goal.at_most(0.1)})
    with pytest.raises(tu.InputError, match=r"a\.where\(indicator='in'\)"):
        a.allocate(5, pool=True)
    assert a.where(indicator="out").allocate(5, pool=True)["awarded"].notna().any()
    names = [(c, w) for w in ("in", "out") for c in ("Inyo", "Mono", "Alpine")]
    found = a.allocate({name: i for i, name in enumerate(names)})
    sums = found[found["segment"] == "All"].set_index(["county", "indicator"])
    used = sums["spent"] + sums["unspent"]
    assert [used[name] for name in names] == [0, 1, 2, 3, 4, 5]
