"""What ``a.summarize()`` answers, and why where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import targeted_universalism as tu
from make import HALF, assessed, estimates, fewer
from targeted_universalism.measures.draws import bounded_draws
from targeted_universalism.measures.inequality.register import REGISTER

COLUMNS = [
    "dimension", "measure", "code", "scale", "value", "se", "ci_low", "ci_high",
    "expected_if_equal", "segments", "reason",
]  # fmt: skip
NUMBERS = ["value", "se", "ci_low", "ci_high", "expected_if_equal"]
GROUPS = ["A", "B", "C", "D"]


def rows(events: list[Any], people: list[Any], **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"race": GROUPS[: len(events)], "x": events, "n": people, **more})


def one(a: tu.Assessment, code: str, **options: Any) -> pd.Series:
    (row,) = (r for _, r in a.summarize([code], **options).iterrows())
    return row


def published(data: dict[str, Any], kind: str, goal: tu.Goal = HALF, **more: Any) -> tu.Assessment:
    return assessed(data, goal, make=estimates, kind=kind, **more)


ORDER = {"order": {"race": GROUPS}}
PLAIN = rows([40, 150, 60, 30], [200, 300, 200, 50])


# --- the table -----------------------------------------------------------------------------------


def test_every_measure_has_a_row_with_the_same_columns() -> None:
    found = assessed(PLAIN, **ORDER).summarize()
    assert list(found.columns) == COLUMNS
    codes = dict.fromkeys(m.code for m in REGISTER.values() if m.choice is None)
    assert found["code"].astype(str).tolist() == list(codes)
    assert found["value"].notna().all()
    assert found["reason"].isin(["", "includes equality"]).all()
    for name in ("dimension", "measure", "code", "scale", "reason"):
        assert found[name].dtype == "category"
    assert found["segments"].dtype == "Int64"
    assert (found["segments"] == 4).all()


def test_strata_and_indicators_come_first() -> None:
    data = pd.concat([PLAIN.assign(county=c, what=w) for c in ("Inyo", "Mono") for w in "pq"])
    a = assessed(data, {"p": HALF, "q": tu.Goal.at_most(0.2)}, by="county", indicator="what")
    found = a.summarize(["d", "mdg"])
    assert list(found.columns) == ["county", "indicator", *COLUMNS]
    assert len(found) == 2 * 2 * 2
    short = found[found["code"] == "mdg"].set_index(["county", "indicator"])["value"]
    assert short["Inyo", "p"] == pytest.approx((200 * 0.3 + 200 * 0.2) / 750)
    assert short["Inyo", "q"] == pytest.approx((300 * 0.3 + 200 * 0.1 + 50 * 0.4) / 750)


def test_absolute_measures_are_in_units_of_per_and_relative_ones_are_plain() -> None:
    one_, hundred = (
        assessed(PLAIN, tu.Goal.at_least(t, per=p), **ORDER).summarize()
        for t, p in ((0.5, 1), (50, 100))
    )
    degree = [REGISTER[str(m)].degree for m in one_["measure"]]
    for name in NUMBERS:
        np.testing.assert_allclose(
            hundred[name], one_[name] * 100.0 ** np.array(degree), rtol=1e-12, atol=1e-15
        )
    assert one_["scale"].astype(str).tolist() == [REGISTER[str(m)].scale for m in one_["measure"]]


def test_a_choice_is_written_in_brackets_and_shown_as_written() -> None:
    found = assessed(PLAIN).summarize(["atkinson(0.5)", "ge(2)", "mdru(B)", "d(B)", "renyi( 2 )"])
    assert found["code"].tolist() == ["atkinson(0.5)", "ge(2)", "mdru(B)", "d(B)", "renyi(2)"]
    rate = np.array([0.2, 0.5, 0.3, 0.6])
    assert found["value"][2] == pytest.approx(np.abs(rate - 0.5).mean())
    assert found["value"][3] == pytest.approx(0.5 - 0.2)
    assert found["measure"][3] == "difference_from_reference"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["theil2"], "There is no measure 'theil2'"),
        (["mdru"], "needs its reference in brackets, as in 'mdru"),
        (["atkinson"], "needs its epsilon"),
        (["ti(2)"], "takes no choice"),
        (["ge(two)"], "alpha must be a number"),
        (["ge(1)"], "alpha=1 cannot be used"),
        (["atkinson(0)"], "must be above 0"),
        (["mdru(Z)"], "refers to a segment that is not there. There are: 'A'"),
        ("d", "takes a list"),
        ([], "takes a list"),
    ],
)
def test_measures_that_cannot_be_read_stop_with_what_to_write(asked: Any, message: str) -> None:
    with pytest.raises(tu.InputError, match=message):
        assessed(PLAIN).summarize(asked)


def test_intervals_and_draws_that_cannot_be_used_stop() -> None:
    with pytest.raises(tu.InputError, match="intervals='bootstrap'"):
        assessed(PLAIN).summarize(intervals="bootstrap")
    with pytest.raises(tu.InputError, match="draws=10"):
        assessed(PLAIN).summarize(intervals="simulate", draws=10)


# --- reasons (METHODS 11) ------------------------------------------------------------------------


def reasons(a: tu.Assessment, *codes: str) -> list[str]:
    found = a.summarize(list(codes))
    assert found["value"].isna().all()
    assert found[NUMBERS].isna().all().all()
    return found["reason"].astype(str).tolist()


def test_one_segment_has_no_summary() -> None:
    assert (
        reasons(assessed(rows([40], [90])), "d", "ti")
        == ["fewer than two segments with a rate"] * 2
    )


def test_nobody_in_a_segment_leaves_the_others() -> None:
    row = one(assessed(rows([40, 0, 60], [200, 0, 200])), "ti")
    full = one(assessed(rows([40, 60], [200, 200])), "ti")
    assert (row["value"], row["segments"], row["reason"]) == (full["value"], 2, full["reason"])


def test_a_segment_with_people_and_no_rate_is_left_out_and_the_row_says_so() -> None:
    a = published({"race": GROUPS, "rate": [0.2, np.nan, 0.4, 0.3], "n": [10, 20, 30, 40],
                   "se": [0.01] * 4}, "proportion", se="se", population="n")  # fmt: skip
    row = one(a, "ti")
    assert row["reason"] == "segments without a rate are left out"
    assert row["segments"] == 3
    assert np.isfinite(row["value"])


def test_a_hidden_segment_hides_the_summary() -> None:
    data = rows([40, "<11", 60, 30], [200, 300, 200, 50])
    a = assessed(data, suppressed={"<11": (1, 10)})
    assert set(reasons(a, "d", "ti", "mdg", "bgvc")) == {"suppressed segment"}
    assert a.summarize()["segments"].isna().all()


def test_overlapping_segments_have_no_summary() -> None:
    a = assessed(PLAIN, exclusive=False, **ORDER)
    assert set(a.summarize()["reason"]) == {"segments overlap"}
    assert a.summarize()[NUMBERS].isna().all().all()


def test_ordered_measures_need_a_declared_order() -> None:
    assert set(reasons(assessed(PLAIN), "sii", "aci", "rii_log")) == {
        "segments have no declared order"
    }


def test_bounded_indices_are_for_proportions() -> None:
    a = assessed(PLAIN, tu.Goal.at_most(20, per=100), kind="rate", **ORDER)
    assert reasons(a, "wagstaff", "erreygers") == ["only for proportions"] * 2
    assert one(a, "sii")["measure"] == "slope_index_linear"
    assert one(assessed(PLAIN, **ORDER), "sii")["measure"] == "slope_index_logit"


def test_a_reference_without_a_rate_and_one_of_another_dimension() -> None:
    gone = assessed(rows([40, 0, 60], [200, 0, 200]))
    assert reasons(gone, "mdru(B)", "r(B)") == ["the reference has no rate here"] * 2
    two = rows([40, 150, 60, 30], [200, 300, 200, 50], sex=["F", "M", "F", "M"])
    found = assessed(two, segments=["race", "sex"]).summarize(["mdrw(F)"])
    assert found["reason"].tolist() == ["the reference has no rate here", ""]


def test_a_reference_is_found_behind_segments_that_are_left_out() -> None:
    row = one(assessed(rows([0, 150, 60, 30], [0, 300, 200, 50])), "mdru(C)")
    assert row["value"] == pytest.approx((0.2 + 0.3) / 3)


def test_a_rate_of_zero_leaves_what_can_be_had() -> None:
    a = assessed(rows([0, 150, 60], [200, 300, 200]), order={"race": GROUPS[:3]})
    assert reasons(a, "r", "mld") == ["undefined: a rate of zero"] * 2
    assert (
        reasons(a, "sii_logit", "rii_log")
        == ["undefined: no line, or its end lies at or below zero"] * 2
    )
    assert one(a, "ti")["value"] > 0
    assert one(a, "atkinson(1)")["value"] == 1
    assert one(a, "d")["value"] == pytest.approx(0.3)


def test_no_events_at_all_leaves_absolute_measures() -> None:
    a = assessed(rows([0, 0, 0], [200, 300, 200]), **ORDER)
    assert set(reasons(a, "ti", "cov", "rci", "paf", "rii")) == {
        "undefined: the overall rate is not above zero"
    }
    for code in ("bgv", "sii", "aci", "mdmw"):
        row = one(a, code)
        assert row["value"] == 0
        assert row["reason"].endswith("no standard error: a segment's own is 0")
        assert np.isnan(row["se"])
        # One segment at its upper limit beside others without events has no logistic line.
        assert code == "sii" or row["ci_low"] <= 0 < row["ci_high"]


def test_separated_segments_have_no_logistic_line() -> None:
    a = assessed(rows([0, 0, 90], [200, 300, 90]), order={"race": GROUPS[:3]})
    assert reasons(a, "sii", "rii") == ["undefined: no line, or its end lies at or below zero"] * 2


def test_without_a_population_unweighted_measures_remain() -> None:
    a = published({"race": GROUPS, "rate": [0.2, 0.5, 0.4, 0.3], "se": [0.01] * 4},
                  "proportion", se="se")  # fmt: skip
    assert reasons(a, "ti", "bgv", "mdmu") == ["no population to weight the rates by"] * 3
    assert one(a, "d")["value"] == pytest.approx(0.3)
    assert one(a, "d")["se"] == pytest.approx(np.sqrt(2) * 0.01)
    assert one(a, "mdbu")["expected_if_equal"] == pytest.approx(0.01 * 1.029375, rel=1e-5)


def test_without_standard_errors_points_remain() -> None:
    a = published({"race": GROUPS, "rate": [0.2, 0.5, 0.4, 0.3], "n": [10, 20, 30, 40]},
                  "proportion", population="n")  # fmt: skip
    for options in ({}, {"intervals": "simulate", "draws": 100}):
        row = one(a, "ti", **options)
        assert row["reason"] == "no interval given"
        assert row["value"] > 0
        assert np.isnan([row["se"], row["ci_low"], row["ci_high"]]).all()


def test_a_measure_that_does_not_look_at_a_segment_needs_not_its_error() -> None:
    a = published({"race": GROUPS, "rate": [0.2, 0.5, 0.4, 0.3], "se": [0.01, 0.02, None, None]},
                  "proportion", se="se")  # fmt: skip
    assert one(a, "d")["se"] == pytest.approx(np.hypot(0.01, 0.02))


def test_noise_that_is_not_known_is_missing_not_none() -> None:
    """The mean of one person has no error: nothing says what chance alone would make of it."""
    people = pd.DataFrame({"race": ["A", "A", "B", "B", "C"], "y": [1.0, 2.0, 4.0, 4.5, 3.0]})
    segments = tu.from_records(people, outcome="y", segments="race", kind="mean")
    found = tu.assess(segments, tu.Goal.at_least(5.0)).summarize().set_index("code")
    moved = [m.code for m in REGISTER.values() if m.one_sided and m.code in found.index]
    assert found.loc[moved, "expected_if_equal"].isna().all()
    known = found.loc[list({*moved} - {"r", "bgvc"}), "value"]
    assert known.notna().all()
    assert found.loc["bgvc", "reason"] == found.loc["bgv", "reason"] != ""


def test_unknown_is_not_a_segment() -> None:
    data = rows([40, 150, 60, 99], [200, 300, 200, 99])
    data.loc[3, "race"] = None
    row, without = one(assessed(data), "d"), one(assessed(PLAIN.iloc[:3]), "d")
    assert row["segments"] == 3
    assert row["value"] == without["value"]


def test_means_below_zero_have_absolute_measures_alone() -> None:
    data = {"race": GROUPS, "rate": [-2.0, 1.0, 3.0, 4.0], "n": [10, 20, 30, 40], "se": [0.5] * 4}
    a = published(data, "mean", tu.Goal.at_least(2, per=1), se="se", population="n")
    assert reasons(a, "ti", "ge(2)") == ["undefined for these rates"] * 2
    assert one(a, "d")["value"] == 6


def test_intervals_are_left_out_where_none_were_asked_for() -> None:
    found = assessed(PLAIN, confidence=None).summarize(["d", "ti"])
    assert found[["ci_low", "ci_high"]].isna().all().all()
    assert found["se"].notna().all()


@given(
    events=st.lists(st.integers(0, 6), min_size=8, max_size=8),
    people=st.lists(st.sampled_from([0, 6, 40]), min_size=8, max_size=8),
    ordered=st.booleans(),
    kind=st.sampled_from(["proportion", "rate"]),
    intervals=st.sampled_from(["analytic", "simulate"]),
)
@fewer(8)
def test_every_missing_value_has_a_reason_and_nothing_is_infinite(
    events: list[int], people: list[int], ordered: bool, kind: str, intervals: str
) -> None:
    data = pd.DataFrame(
        {"race": GROUPS * 2, "county": ["p"] * 4 + ["q"] * 4, "n": people,
         "x": np.minimum(events, people)}
    )  # fmt: skip
    a = assessed(
        data, tu.Goal.at_most(10, per=100), kind=kind, by="county", **(ORDER if ordered else {})
    )
    found = a.summarize(intervals=intervals, draws=100)
    assert not np.isinf(found[NUMBERS].to_numpy()).any()
    missing = found[["value", "se", "ci_low", "ci_high"]].isna().any(axis=1)
    assert (found.loc[missing, "reason"] != "").all()
    one_sided = [REGISTER[str(m)].one_sided for m in found["measure"]]
    there = found["value"].notna() & np.array(one_sided, dtype=bool)
    assert found.loc[there, "expected_if_equal"].notna().all()
    assert (found["ci_low"].isna() | (found["ci_low"] <= found["ci_high"])).all()


# --- strata at once, and what is public ----------------------------------------------------------


@fewer(8)
@given(
    events=st.lists(st.integers(0, 40), min_size=12, max_size=12),
    people=st.lists(st.sampled_from([0, 40, 90]), min_size=12, max_size=12),
)
def test_many_strata_at_once_are_one_at_a_time(events: list[int], people: list[int]) -> None:
    data = pd.DataFrame(
        {"race": GROUPS * 3, "county": np.repeat(["p", "q", "r"], 4), "n": people,
         "x": np.minimum(events, people)}
    )  # fmt: skip
    a = assessed(data, by="county", **ORDER)
    for options in ({}, {"intervals": "simulate", "draws": 100}):
        whole = a.summarize(**options)
        for county in "pqr":
            alone = a.where(county=county).summarize(**options)
            there = whole[whole["county"] == county].reset_index(drop=True)
            one_, other = (found.astype({"reason": object}) for found in (there, alone))
            pd.testing.assert_frame_equal(one_, other, rtol=1e-9, atol=1e-12)


def test_a_public_summary_is_a_function_of_what_is_published() -> None:
    people = [200, 300, 200, 50]
    hidden = [rows([40, 150, x, y], people) for x, y in ((4, 7), (7, 4))]
    open_ = rows([40, 150, 60, 25], people)
    tables = []
    for data in hidden:
        both = pd.concat([data.assign(county="Inyo"), open_.assign(county="Mono")])
        public = assessed(both, by="county").suppress()
        tables.append(public.summarize())
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    found = tables[0]
    assert set(found.loc[found["county"] == "Inyo", "reason"]) == {"suppressed segment"}
    assert found.loc[found["county"] == "Inyo", NUMBERS].isna().all().all()
    assert found.loc[(found["county"] == "Mono") & (found["code"] == "d"), "value"].notna().all()


def test_the_roll_up_is_summarized_too() -> None:
    both = pd.concat([PLAIN.assign(county=c) for c in ("Inyo", "Mono")])
    found = assessed(both, by="county", rollup=True).summarize(["ti"])
    assert found["county"].isna().tolist() == [False, False, True]
    assert found["value"][2] == pytest.approx(found["value"][0])


PLACES = pd.DataFrame(
    {"county": np.repeat(["p", "q", "r"], 3), "race": ["A", "B", "C"] * 3,
     "x": [60, 150, 45, 80, 30, 20, 90, 60, 0], "n": [200, 300, 100, 200, 150, 120, 150, 250, 0]}
)  # fmt: skip


def by_place(**options: Any) -> pd.DataFrame:
    a = assessed(PLACES, by="county", rollup=True)
    return a.summarize(["ti_between", "ti_within"], **options)


def test_theils_index_of_all_strata_splits_between_and_within_them() -> None:
    found = by_place()
    assert found["county"].isna().all()
    assert found["measure"].tolist() == ["theil_between_places", "theil_within_places"]
    assert found["segments"].tolist() == [8, 8]
    there = PLACES[PLACES["n"] > 0]
    rate, share = there["x"] / there["n"], there["n"] / there["n"].sum()
    assert found["value"].sum() == pytest.approx(float(tu.measures.theil(rate, share)))
    totals = PLACES.groupby("county")[["x", "n"]].sum()
    between = tu.measures.theil(totals["x"] / totals["n"], totals["n"] / totals["n"].sum())
    assert found["value"][0] == pytest.approx(float(between))
    default = assessed(PLACES, by="county", rollup=True).summarize()
    assert set(default.loc[default["code"] == "ti_within", "value"]) == {found["value"][1]}


def test_the_parts_of_theils_index_have_the_errors_that_draws_show() -> None:
    found, drawn = by_place(), by_place(intervals="simulate", draws=20_000)
    np.testing.assert_allclose(found["se"], drawn["se"], rtol=0.12)
    there = PLACES[PLACES["n"] > 0]
    rng, n = np.random.default_rng(2), there["n"].to_numpy()
    mean = there["x"].sum() / n.sum()
    table = there.pivot(index="race", columns="county", values="n").fillna(0).to_numpy()
    values = []
    for _ in range(2000):
        events = rng.binomial(table.astype(int), mean)
        rate = np.divide(events, table, out=np.zeros(table.shape), where=table > 0)
        values.append(tu.measures.theil_by_place(rate, table / table.sum()))
    np.testing.assert_allclose(found["expected_if_equal"], np.mean(values, axis=0), rtol=0.03)


def test_the_parts_of_theils_index_hold_equality_where_noise_alone_would_show_as_much() -> None:
    alike = PLACES.assign(x=[60, 90, 30, 60, 45, 36, 45, 75, 0])
    a = assessed(alike, by="county", rollup=True)
    found = a.summarize(["ti_between", "ti_within"])
    assert (found["ci_low"] == 0).all()
    assert (found["ci_high"] > found["expected_if_equal"] / 2).all()
    assert found["reason"].str.contains("includes equality").all()
    apart = assessed(PLACES.assign(x=[20, 150, 80, 20, 75, 100, 20, 125, 0]), by="county",
                     rollup=True).summarize(["ti_between", "ti_within"])  # fmt: skip
    assert apart["ci_low"][1] > 0
    assert ((apart["ci_low"] <= apart["value"]) & (apart["value"] <= apart["ci_high"])).all()
    assert a.summarize(["ti_within"], intervals="simulate")["ci_low"].notna().all()


def test_the_parts_of_theils_index_need_all_strata_and_no_hidden_one() -> None:
    with pytest.raises(tu.InputError, match="say rollup=True"):
        assessed(PLACES, by="county").summarize(["ti_between"])
    hidden = PLACES.astype({"x": object, "n": object})
    hidden.loc[0, "x"] = "<11"
    a = assessed(hidden, by="county", rollup=True, suppressed={"<11": (1, 10)})
    found = a.summarize(["ti_within", "ti_between"])
    assert found["code"].tolist() == ["ti_within", "ti_between"]
    assert set(found["reason"]) == {"suppressed segment"}
    assert found[NUMBERS].isna().all().all()
    one_ = assessed(PLACES, by="county", rollup=True, exclusive=False).summarize(["ti_within"])
    assert one_["reason"].tolist() == ["segments overlap"]


# --- intervals -----------------------------------------------------------------------------------


def wilson(x: float, n: float) -> tuple[float, float, float]:
    """Rate and limits, as Wilson (1927) wrote them."""
    z, p = 1.959963984540054, x / n
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return p, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def test_a_ratio_of_the_ends_of_an_order_has_the_limits_of_donner_and_zou() -> None:
    # Donner and Zou (2012), by hand: D of 30/50 over A of 40/200, with Wilson's limits.
    row = one(assessed(PLAIN, interval="wilson", **ORDER), "r")
    (p, low, high), (q, below, above) = wilson(30, 50), wilson(40, 200)
    down = (p * q - np.sqrt((p * q) ** 2 - low * above * (2 * p - low) * (2 * q - above))) / (
        above * (2 * q - above)
    )
    up = (p * q + np.sqrt((p * q) ** 2 - high * below * (2 * p - high) * (2 * q - below))) / (
        below * (2 * q - below)
    )
    assert row["value"] == pytest.approx(3)
    assert row["se"] == pytest.approx(3 * np.sqrt(0.8 / 40 + 0.4 / 30))
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(down), pytest.approx(up))


def test_two_segments_have_the_limits_that_their_comparison_has() -> None:
    # Newcombe (1998), as in a.disparities(): a group of 5 of 5 has no standard error.
    a = assessed(rows([5, 150], [5, 300]))
    row, pair = one(a, "d"), a.disparities("B").set_index("segment").loc["A"]
    assert np.isnan(row["se"])
    assert row["reason"] == "no standard error: a segment's own is 0"
    assert row["ci_low"] == pytest.approx(pair["difference_low"])
    assert row["ci_high"] == pytest.approx(pair["difference_high"])


def test_limits_hold_equality_and_say_so() -> None:
    row = one(assessed(rows([40, 42], [200, 200])), "d")
    assert row["ci_low"] == 0
    assert row["reason"] == "includes equality"
    assert row["expected_if_equal"] == pytest.approx(
        2 / np.sqrt(np.pi) * np.sqrt(0.205 * 0.795 / 200), rel=0.03
    )


MEASURES = ["atkinson(0.5)", "atkinson(1)", "ge(2)", "renyi(2)", "d(A)", "mdru(A)", "r(A)"]
ALL = [m.code for m in REGISTER.values() if m.choice is None and m.ordered is not True] + MEASURES


def test_rounding_takes_no_measure_beyond_its_bound() -> None:
    """Equal segments of all sizes: nothing is below equality, and no 0 has a sign."""
    rng = np.random.default_rng(3)
    places, k = 60, 4
    rate, people = rng.integers(0, 8, (places, 1)), rng.integers(1, 20, (places, k))
    data = pd.DataFrame({
        "place": np.repeat(np.arange(places), k), "race": np.tile(GROUPS, places),
        "x": (rate * people).ravel(), "n": (7 * people).ravel(),
    })  # fmt: skip
    a = assessed(data, tu.Goal.at_most(3, per=7), by="place", **ORDER)
    measures = [m.code for m in REGISTER.values() if m.choice is None]
    found = a.summarize([*dict.fromkeys(measures), "ge(0.5)", "renyi(2)", "atkinson(0.5)"])
    for table in (a.table, a.disparities("rest"), found):
        numbers = table.select_dtypes("float64").to_numpy()
        assert not ((numbers == 0) & np.signbit(numbers)).any()
    least = {m.code: m.bounds[0] for m in REGISTER.values() if m.one_sided}
    bound = found["code"].str.partition("(")[0].map(least).astype("float64")
    assert not (found["value"] < bound).any()


def test_equal_rates_have_an_interval_and_no_standard_error_of_rounding() -> None:
    found = assessed(rows([20, 20, 20], [50, 50, 50])).summarize(ALL)
    short = found["code"].isin(["mdg", "mdgu"])
    sided = found[np.array([REGISTER[str(m)].one_sided for m in found["measure"]]) & ~short]
    assert sided["se"].isna().all()
    assert sided["reason"].str.contains("includes equality").all()
    relative = sided["code"].isin(["r", "srr"])
    np.testing.assert_allclose(sided["ci_low"], relative.astype(float), atol=1e-12)
    assert (sided["ci_high"] > relative + 0.004).all()


@fewer(12)
@given(
    events=st.lists(st.integers(0, 12), min_size=4, max_size=4),
    people=st.lists(st.sampled_from([12, 24, 60]), min_size=4, max_size=4),
    order=st.permutations([1, 2, 3]),
)
def test_the_order_of_rows_changes_nothing_and_the_value_is_inside(
    events: list[int], people: list[int], order: list[int]
) -> None:
    # Which of tied segments a person names matters to how counts are drawn, not to the interval.
    codes = [code for code in ALL if code != "mdru(A)"]
    data = rows(events, people)
    found, turned = (
        assessed(data.iloc[place]).summarize(codes) for place in ([0, 1, 2, 3], [*order, 0])
    )
    texts = {"reason": object, "code": object, "measure": object, "scale": object}
    pd.testing.assert_frame_equal(found.astype(texts), turned.astype(texts), rtol=1e-6, atol=1e-9)
    known = found["ci_low"].notna()
    assert (found["ci_low"] <= found["value"])[known].all()
    assert ~(found["ci_high"] < found["value"]).any()
    assert ~(found["se"] < 1e-9).any()


def test_a_segment_without_events_is_not_without_error() -> None:
    # RULES 6: a group of 5 beside large ones; delta intervals hold the truth in 22 to 60 %.
    rng, n = np.random.default_rng(1), np.array([5, 500, 1000, 3000])
    p, draws = np.array([0.95, 0.2, 0.5, 0.7]), 400
    share = n / n.sum()
    data = pd.DataFrame(
        {"race": np.tile(GROUPS, draws), "draw": np.repeat(np.arange(draws), 4),
         "x": rng.binomial(n, p, (draws, 4)).ravel(), "n": np.tile(n, draws)}
    )  # fmt: skip
    middle = float(share @ p)
    true = {"d": 0.75, "par": 0.95 - middle, "mdbu": np.mean(0.95 - p), "r": 0.95 / 0.2,
            "mdmu": np.abs(p - middle).mean(), "bgv": float(share @ (p - middle) ** 2)}  # fmt: skip
    found = assessed(data, by="draw").summarize(list(true))
    target = found["code"].astype(str).map(true)
    held = (found["ci_low"] <= target) & (found["ci_high"] >= target)
    assert held.groupby(found["code"], observed=True).mean().min() > 0.92


def test_a_minimum_leaves_small_segments_out_of_what_looks_for_a_best_one() -> None:
    data = rows([40, 150, 60, 5], [200, 300, 200, 5])
    codes = ["d", "r", "par", "paf", "mdbu", "mdbw", "srd", "srr", "hp_index_of_disparity"]
    found = assessed(data).summarize([*codes, "ti", "d(D)"], minimum=10)
    without = assessed(data.iloc[:3]).summarize(codes)
    picked = found.iloc[: len(codes)]
    for name in NUMBERS:
        np.testing.assert_allclose(picked[name], without[name])
    assert (picked["segments"] == 3).all()
    assert set(picked["reason"]) == {"segments with fewer people than the minimum are left out"}
    rest = found.iloc[len(codes) :]
    everybody = assessed(data).summarize(["ti", "d(D)"])
    pd.testing.assert_frame_equal(
        rest[NUMBERS].reset_index(drop=True), everybody[NUMBERS].reset_index(drop=True)
    )
    with pytest.raises(tu.InputError, match="minimum=-1"):
        assessed(data).summarize(minimum=-1)


def test_a_corrected_variance_is_without_bias() -> None:
    # Exactly, over all tables of two groups of three: Σ P(x) bgvc(x) = 0 where rates are equal.
    n, p = 3, 0.3
    places = [(x, y) for x in range(n + 1) for y in range(n + 1)]
    data = pd.DataFrame(
        {"race": ["A", "B"] * len(places), "n": n, "x": np.array(places).ravel(),
         "table": np.repeat(np.arange(len(places)), 2)}
    )  # fmt: skip
    found = assessed(data, by="table").summarize(["bgvc"])["value"]
    chance = stats.binom(n, p).pmf(np.array(places)).prod(axis=1)
    assert chance @ found == pytest.approx(0, abs=1e-15)


def test_simulated_intervals_are_percentiles_of_bounded_draws() -> None:
    # Two segments: the difference by order is that of two independent Beta variables.
    data = rows([40, 60], [100, 100])
    row = one(assessed(data, order={"race": ["A", "B"]}), "d", intervals="simulate", draws=40_000)
    rng = np.random.default_rng(3)
    draws = [stats.beta(p * 99, (1 - p) * 99).rvs(200_000, random_state=rng) for p in (0.6, 0.4)]
    low, high = np.quantile(draws[0] - draws[1], [0.025, 0.975])
    assert row["value"] == pytest.approx(0.2)
    assert row["ci_low"] == pytest.approx(low, abs=0.003)
    assert row["ci_high"] == pytest.approx(high, abs=0.003)
    assert row["se"] == pytest.approx(np.sqrt(2 * 0.24 / 100), rel=0.02)


@pytest.mark.parametrize("kind", ["proportion", "rate", "mean"])
def test_draws_have_the_mean_and_the_error_of_their_estimates(kind: str) -> None:
    rate, se = np.array([0.5, 0.2]), np.array([0.25, 0.1])
    drawn = bounded_draws(
        rate, se, np.full(2, np.nan), kind, count=100_000, rng=np.random.default_rng(6)
    )
    np.testing.assert_allclose(drawn.mean(axis=1), rate, rtol=0.01)
    np.testing.assert_allclose(drawn.std(axis=1), se, rtol=0.01)


@pytest.mark.parametrize("kind", ["proportion", "rate"])
def test_draws_keep_inside_the_bounds_of_their_kind(kind: str) -> None:
    data = rows([1, 0, 20], [20, 20, 20])
    a = assessed(data, tu.Goal.at_most(10, per=100), kind=kind, order={"race": GROUPS[:3]})
    row = one(a, "d", intervals="simulate", draws=5000)
    assert row["ci_low"] >= (-100 if kind == "proportion" else -170)
    assert row["ci_high"] < 0
    low = one(a, "mdbu", intervals="simulate", draws=5000)
    assert low["ci_low"] >= 0


def test_the_same_seed_gives_the_same_interval_and_another_one_a_near_one() -> None:
    a = assessed(PLAIN)
    first, again, other = (
        a.summarize(["ti"], intervals="simulate", seed=s)["ci_high"][0] for s in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first == pytest.approx(other, rel=0.1)


def test_both_kinds_of_interval_agree_where_numbers_are_large() -> None:
    data = rows([4000, 16000, 6000, 3000], [20000, 30000, 20000, 5000])
    a = assessed(data, **ORDER)
    # Of what the data pick, the lower limit holds for all segments at once and lies lower.
    codes = [m.code for m in REGISTER.values() if m.choice is None and not m.picks]
    one_, other = a.summarize(codes), a.summarize(codes, intervals="simulate", draws=4000)
    width = one_["ci_high"] - one_["ci_low"]
    for name in ("ci_low", "ci_high"):
        assert ((one_[name] - other[name]).abs() < 0.12 * width).all()
    np.testing.assert_allclose(other["se"], one_["se"], rtol=0.06)


def test_weighted_records_use_their_linearised_errors() -> None:
    rng = np.random.default_rng(8)
    rows = pd.DataFrame(
        {"race": rng.choice(["A", "B"], 400), "y": rng.integers(0, 2, 400), "w": rng.random(400)}
    )
    made = tu.from_records(rows, outcome="y", segments="race", weight="w")
    row = one(tu.assess(made, HALF), "d")
    variance = 0.0
    for _, part in rows.groupby("race"):
        p = (part.w * part.y).sum() / part.w.sum()
        # RULES 3: the effective size is (n - 1)/n of p(1 - p)/v.
        n = len(part)
        variance += (part.w**2 * (part.y - p) ** 2).sum() / part.w.sum() ** 2 * n / (n - 1)
    assert row["se"] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_means_use_their_own_errors() -> None:
    rng = np.random.default_rng(8)
    rows = pd.DataFrame({"race": np.repeat(["A", "B"], 50), "y": rng.normal(5, 2, 100)})
    made = tu.from_records(rows, outcome="y", segments="race", kind="mean")
    row = one(tu.assess(made, tu.Goal.at_least(5, per=1)), "d")
    parts = rows.groupby("race")["y"]
    assert row["value"] == pytest.approx(abs(parts.mean().diff().iloc[1]))
    assert row["se"] == pytest.approx(np.sqrt((parts.var() / 50).sum()))


def test_a_minimum_where_nobody_s_segment_is_known() -> None:
    data = pd.DataFrame({"race": [None], "x": [3], "n": [9]})
    a = tu.assess(tu.from_counts(data, numerator="x", denominator="n", segments="race"), HALF)
    found = a.summarize(["d", "par"], minimum=30)
    assert found["value"].isna().all()
    assert (found["reason"] != "").all()


@pytest.mark.parametrize("code", ["par", "paf", "d", "mdg"])
def test_draws_of_rates_without_an_error_give_no_interval(code: str) -> None:
    """Means of one person each have none: an interval of 0 to 0 would be one."""
    data = pd.DataFrame({"race": ["A", "B"], "y": [2.0, 5.25]})
    made = tu.from_records(data, outcome="y", segments="race", kind="mean")
    a = tu.assess(made, tu.Goal.at_least(6, per=1))
    row = a.summarize([code], intervals="simulate", draws=100).iloc[0]
    assert row["value"] > 0
    assert np.isnan(row[["se", "ci_low", "ci_high"]].astype(float)).all()
    assert row["reason"] != ""


def test_strata_in_which_nobody_is_known_have_no_split() -> None:
    data = pd.DataFrame({"county": ["I", "M"], "race": ["A", "A"], "x": [None, 0], "n": [None, 0]})
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", by="county", kind="rate"
    )
    found = tu.assess(made, HALF, rollup=True).summarize()
    assert {"ti_between", "ti_within"} <= set(found["code"])
    assert found["value"].isna().all()
    assert (found["reason"] != "").all()
