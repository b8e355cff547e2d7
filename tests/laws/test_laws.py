"""Laws that hold for any counts: what may not matter, and what must follow."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, fewer, goals, identical, plain
from targeted_universalism.segments.columns import TABLE

RACES, SEXES, COUNTIES = ("Asian", "Black", "Latino", "White"), ("Female", "Male"), ("Inyo", "Mono")
TEXT = ["dimension", "segment", "status", "flag", "reason"]
NUMBERS = list(TABLE.numbers)


@st.composite
def tables(
    draw: st.DrawFn,
    columns: dict[str, tuple[str, ...]],
    missing: str | None = None,
    most: int = 120,
) -> pd.DataFrame:
    """Draw counts for some of the combinations of labels, at least two."""
    keys = pd.MultiIndex.from_product(columns.values(), names=columns).to_frame(index=False)
    size = len(keys)
    chosen = draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=size, unique=True))
    data = keys.iloc[chosen].reset_index(drop=True)
    data["n"] = draw(st.lists(st.integers(0, most), min_size=len(data), max_size=len(data)))
    share = draw(st.lists(st.integers(0, 20), min_size=len(data), max_size=len(data)))
    data["x"] = [n * s // 20 for n, s in zip(data["n"], share, strict=True)]
    if missing is not None and draw(st.booleans()):
        data[missing] = data[missing].where(data[missing] != columns[missing][0], None)
    return data


by_race = tables({"race": RACES}, missing="race")
by_race_and_sex = tables({"race": RACES, "sex": SEXES}, missing="race")
by_county = tables({"county": COUNTIES, "race": RACES}, missing="race")
kinds = st.sampled_from(["proportion", "rate"])


# --- what may not matter ------------------------------------------------------------------------


@given(data=by_county, goal=goals, kind=kinds, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_number(
    data: pd.DataFrame, goal: tu.Goal, kind: str, seed: int
) -> None:
    shuffled = data.sample(frac=1, random_state=seed)
    keys = ("county", "dimension", "segment")
    one, other = (assessed(d, goal, by="county", kind=kind).table for d in (data, shuffled))
    identical(plain(one, *keys), plain(other, *keys))


@fewer(3)
@given(data=by_race_and_sex, goal=goals, kind=kinds)
def test_adding_rows_up_beforehand_gives_the_same_margins(
    data: pd.DataFrame, goal: tu.Goal, kind: str
) -> None:
    summed = data.groupby("race", dropna=False, sort=False, as_index=False)[["x", "n"]].sum()
    crossed = assessed(data, goal, segments=["race", "sex"], kind=kind).where(dimension="race")
    identical(plain(crossed.table), plain(assessed(summed, goal, kind=kind).table))


@fewer(3)
@given(data=by_county, goal=goals, kind=kinds)
def test_many_strata_at_once_are_one_at_a_time_bit_for_bit(
    data: pd.DataFrame, goal: tu.Goal, kind: str
) -> None:
    whole = assessed(data, goal, by="county", kind=kind).table
    for county, part in data.groupby("county", sort=False):
        alone = assessed(part, goal, by="county", kind=kind).table
        absent = whole["reason"].astype(str).str.startswith("no row in the data")
        there = whole[(whole["county"] == county) & ~absent]
        identical(plain(there, "dimension", "segment"), plain(alone, "dimension", "segment"))


@fewer(3)
@given(
    data=by_race.filter(lambda d: d["race"].notna().all()),
    goal=goals,
    labels=st.lists(
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6),
        min_size=4, max_size=4, unique=True,
    ),
)  # fmt: skip
def test_the_names_of_segments_change_no_number(
    data: pd.DataFrame, goal: tu.Goal, labels: list[str]
) -> None:
    renamed = data.assign(race=data["race"].map(dict(zip(RACES, labels, strict=True))))
    one, other = assessed(data, goal), assessed(renamed, goal)
    identical(one.table.drop(columns="segment"), other.table.drop(columns="segment"))
    identical(one.goals, other.goals)


@fewer(3)
@given(data=by_race, goal=goals)
def test_a_group_past_the_goal_leaves_every_other_need_as_it_was(
    data: pd.DataFrame, goal: tu.Goal
) -> None:
    past = {"race": "Pacific", "n": 500, "x": 500 if goal.direction == "at least" else 0}
    before = assessed(data, goal).table
    after = assessed(pd.concat([data, pd.DataFrame([past])], ignore_index=True), goal).table
    kept = plain(after[~after["segment"].isin(["Pacific", "All"])])
    old = plain(before[before["segment"] != "All"])
    # A share of nobody's need is missing; a need of zero beside one that is met stays zero.
    others = [name for name in (*NUMBERS, "status") if name != "effort_share"]
    identical(kept[others], old[others])
    np.testing.assert_array_equal(kept["effort_share"], old["effort_share"])
    new = after[after["segment"] == "Pacific"].iloc[0]
    assert (new["needed"], new["status"]) == (0, "met")


@fewer(3)
@given(data=by_race, goal=goals, kind=kinds)
def test_every_kind_of_frame_gives_the_same_answer(
    data: pd.DataFrame, goal: tu.Goal, kind: str
) -> None:
    wanted = assessed(data, goal, kind=kind).table
    columns = {name: data[name].tolist() for name in data}
    columns["race"] = [None if pd.isna(v) else v for v in columns["race"]]
    for frame in (
        data.convert_dtypes(),
        data.convert_dtypes(dtype_backend="pyarrow"),
        data.astype(object),
        pa.table(columns),
        pl.DataFrame(columns),
    ):
        identical(assessed(frame, goal, kind=kind).table, wanted)


@fewer(3)
@given(data=by_race_and_sex, goal=goals)
def test_crossing_two_columns_leaves_their_own_rows_alone(
    data: pd.DataFrame, goal: tu.Goal
) -> None:
    crossed = assessed(data, goal, segments=["race", "sex"], cross=2)
    apart = assessed(data, goal, segments=["race", "sex"])
    identical(plain(crossed.where(dimension=["race", "sex"]).table), plain(apart.table))
    named = assessed(data, goal, segments=["race", "sex", "race*sex"])
    identical(crossed.table, named.table)
    cells = crossed.table[crossed.table["dimension"] == "race*sex"]
    assert sorted(zip(cells["n"], cells["events"], strict=True)) == sorted(
        zip(data["n"], data["x"], strict=True)
    )


ALL_AXES = {"race": RACES[:3], "sex": SEXES, "age": ("old", "young")}


@st.composite
def cubes(draw: st.DrawFn) -> tuple[pd.DataFrame, dict[tuple[str, ...], tuple[int, int]]]:
    """Draw the finest counts, and any of their margins as declared rows beside them."""
    finest = draw(tables(ALL_AXES, most=9))
    truth: dict[tuple[str, ...], tuple[int, int]] = {}
    for row in finest.itertuples(index=False):
        for keep in product([True, False], repeat=3):
            key = tuple(
                getattr(row, name) if kept else "All"
                for name, kept in zip(ALL_AXES, keep, strict=True)
            )
            x, n = truth.get(key, (0, 0))
            truth[key] = (x + row.x, n + row.n)
    margins = [key for key in truth if "All" in key]
    chosen = draw(st.lists(st.sampled_from(margins), min_size=1, unique=True))
    declared = pd.DataFrame([(*key, *truth[key]) for key in chosen], columns=[*ALL_AXES, "x", "n"])
    return pd.concat([finest, declared], ignore_index=True), truth


@given(cube=cubes(), seed=st.integers(0, 99))
def test_declared_margins_beside_the_finest_rows_change_no_count(
    cube: tuple[pd.DataFrame, dict[tuple[str, ...], tuple[int, int]]], seed: int
) -> None:
    data, truth = cube
    goal = tu.Goal.at_least(0.5)
    shuffled = data.sample(frac=1, random_state=seed)
    found = assessed(shuffled, goal, segments=list(ALL_AXES), cross=3, total="All").table
    for row in found.itertuples():
        labels = dict(zip(row.dimension.split("*"), row.segment.split(" × "), strict=True))
        key = tuple(labels.get(name, "All") for name in ALL_AXES)
        assert (row.events, row.n) == truth[key], key
        assert "partitions differ" not in row.reason


# --- what must follow ---------------------------------------------------------------------------


@fewer(3)
@given(data=by_race, target=st.integers(0, 20))
def test_the_gap_mirrors_with_the_direction(data: pd.DataFrame, target: int) -> None:
    at_least, at_most = (
        assessed(data, tu.Goal(direction=d, target=target / 20)).table
        for d in ("at least", "at most")
    )
    np.testing.assert_array_equal(at_least["gap"], -at_most["gap"])
    np.testing.assert_array_equal(at_least["gap_low"], -at_most["gap_high"])
    np.testing.assert_array_equal(at_least["gap_high"], -at_most["gap_low"])
    for name in ("rate", "ci_low", "ci_high", "ratio_to_goal"):
        np.testing.assert_array_equal(at_least[name], at_most[name])
    both = at_least["needed"] * at_most["needed"]
    assert (both.dropna() == 0).all()


@fewer(3)
@given(
    data=by_race, direction=st.sampled_from(["at least", "at most"]), hundredths=st.integers(0, 100)
)
def test_the_unit_scales_rates_and_leaves_people_alone(
    data: pd.DataFrame, direction: str, hundredths: int
) -> None:
    tables = {
        per: assessed(
            data, tu.Goal(direction=direction, target=Fraction(hundredths * per, 100), per=per)
        ).table
        for per in (1, 100, 1_000)
    }
    scaled = ["rate", "ci_low", "ci_high", "goal", "gap", "gap_low", "gap_high"]
    for per, found in tables.items():
        identical(
            plain(found.drop(columns=[*scaled, "per", "ratio_to_goal"])),
            plain(tables[1].drop(columns=[*scaled, "per", "ratio_to_goal"])),
        )
        np.testing.assert_allclose(found[scaled] / per, tables[1][scaled], rtol=1e-14, atol=1e-16)
        np.testing.assert_allclose(found["ratio_to_goal"], tables[1]["ratio_to_goal"], rtol=1e-14)
        assert (found["per"] == per).all()


@given(data=by_county, goal=goals, kind=kinds)
def test_shares_of_effort_add_to_one_or_are_all_missing(
    data: pd.DataFrame, goal: tu.Goal, kind: str
) -> None:
    found = assessed(data, goal, by="county", kind=kind).table
    segments = found[found["dimension"] != "total"]
    assert found.loc[found["dimension"] == "total", "effort_share"].isna().all()
    assert found.loc[found["segment"] == "Unknown", "effort_share"].isna().all()
    for _, part in segments.groupby("county", observed=True):
        known = part[(part["segment"] != "Unknown") & part["rate"].notna()]
        if not known["needed"].sum():
            assert known["effort_share"].isna().all()
            continue
        assert known["effort_share"].sum() == pytest.approx(1, abs=1e-12)
        shares = known["needed"].astype(float) / float(known["needed"].sum())
        np.testing.assert_array_equal(known["effort_share"], shares)


@fewer(3)
@given(data=by_county, goal=goals, kind=kinds)
def test_a_roll_up_is_the_summed_data(data: pd.DataFrame, goal: tu.Goal, kind: str) -> None:
    summed = data.groupby("race", dropna=False, sort=False, as_index=False)[["x", "n"]].sum()
    found = assessed(data, goal, by="county", kind=kind, rollup=True).table
    last = plain(found[found["county"].isna()].drop(columns="county"), "dimension", "segment")
    wanted = plain(assessed(summed, goal, kind=kind).table, "dimension", "segment")
    said = "strata without a row are not in the sum"
    kept = ["; ".join(p for p in text.split("; ") if p != said) for text in last["reason"]]
    last["reason"] = pd.Series(kept, dtype=object)
    identical(last, wanted)


@fewer(3)
@given(data=by_county, goal=goals)
def test_a_roll_up_leaves_the_strata_alone(data: pd.DataFrame, goal: tu.Goal) -> None:
    without = assessed(data, goal, by="county").table
    found = assessed(data, goal, by="county", rollup=True).table
    identical(plain(found[found["county"].notna()]), plain(without))


@given(data=by_race, goal=goals, kind=kinds)
def test_status_follows_from_the_interval_and_the_goal(
    data: pd.DataFrame, goal: tu.Goal, kind: str
) -> None:
    bounds = (0, 1) if kind == "proportion" else (0,)
    for _, row in assessed(data, goal, kind=kind).table.iterrows():
        if np.isnan(row["rate"]):
            assert row["status"] == "no data"
        elif goal.target in bounds:
            assert row["status"] == ("short" if row["needed"] else "met")
        else:
            near, far = row["gap_low"], row["gap_high"]
            status = "met" if far <= 1e-12 else "short" if near > 1e-12 else "uncertain"
            if min(abs(near), abs(far)) > 1e-12:
                assert row["status"] == status


@fewer(3)
@given(
    data=by_race,
    goal=goals,
    way=st.sampled_from(
        [("proportion", "wilson"), ("proportion", "exact"), ("rate", "exact"), ("rate", "byar")]
    ),
)
def test_the_rate_lies_in_its_interval_and_the_need_in_its_range(
    data: pd.DataFrame, goal: tu.Goal, way: tuple[str, str]
) -> None:
    kind, interval = way
    found = assessed(data, goal, kind=kind, interval=interval).table
    known = found[found["rate"].notna()]
    assert (known["ci_low"] <= known["rate"]).all()
    assert (known["rate"] <= known["ci_high"]).all()
    assert (known["gap_low"] <= known["gap"]).all()
    assert (known["gap"] <= known["gap_high"]).all()
    assert (known["needed_low"] <= known["needed"]).all()
    assert (known["needed"] <= known["needed_high"]).all()
    assert ((known["gap"] > 0) == (known["needed"] > 0)).all()
    if kind == "proportion":  # RULES 4: capped at everybody, not at those who could change
        assert (known["needed_high"] <= known["n"]).all()


@fewer(3)
@given(data=by_race, goal=goals)
def test_doing_what_is_needed_closes_the_gap_and_one_person_fewer_does_not(
    data: pd.DataFrame, goal: tu.Goal
) -> None:
    found = assessed(data, goal).table
    sign = 1 if goal.direction == "at least" else -1
    target = Fraction(round(goal.target * 20), 20)
    for _, row in found[found["rate"].notna()].iterrows():
        x, n, k = int(row["events"]), int(row["n"]), int(row["needed"])
        assert sign * (target * n - (x + sign * k)) <= 0
        assert k == 0 or sign * (target * n - (x + sign * (k - 1))) > 0


@fewer(3)
@given(data=by_race, goal=goals, kind=kinds)
def test_the_total_is_the_sum_of_its_segments(data: pd.DataFrame, goal: tu.Goal, kind: str) -> None:
    total = assessed(data, goal, kind=kind).table.iloc[0]
    assert (total["n"], total["events"]) == (data["n"].sum(), data["x"].sum())
    if data["n"].sum():
        assert total["rate"] == data["x"].sum() / data["n"].sum()


@fewer(3)
@given(data=by_race, goal=goals)
def test_counts_and_the_rates_they_make_need_the_same_people(
    data: pd.DataFrame, goal: tu.Goal
) -> None:
    counted = assessed(data, goal).table
    rates = data.assign(rate=data["x"] / data["n"].where(data["n"] > 0))
    made = tu.from_estimates(
        rates, estimate="rate", segments="race", kind="proportion", population="n"
    )
    found = tu.assess(made, goal).table
    for name in ("dimension", "segment", "population", "needed", "effort_share"):
        identical(plain(found[[name]]), plain(counted[[name]]))
    np.testing.assert_allclose(found["gap"], counted["gap"], rtol=1e-12, atol=1e-12)


@fewer(3)
@given(data=tables({"what": ("a", "b"), "race": RACES}), one=goals, other=goals)
def test_each_indicator_is_assessed_as_if_alone(
    data: pd.DataFrame, one: tu.Goal, other: tu.Goal
) -> None:
    named = {name: {"a": one, "b": other}[name] for name in data["what"].unique()}
    kinds = {"a": "proportion", "b": "rate"}
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="race", indicator="what", kind=kinds
    )
    found = tu.assess(made, named).table
    for name, goal in named.items():
        alone = assessed(data[data["what"] == name], goal, kind=kinds[name]).table
        there = found[found["indicator"] == name].drop(columns="indicator")
        keys = ("dimension", "segment")
        identical(plain(there, *keys), plain(alone, *keys))


@pytest.mark.parametrize("direction", ["at least", "at most"])
def test_nobody_needed_is_met_at_the_point_for_weighted_counts_too(direction: str) -> None:
    off = -5e-10 if direction == "at least" else 5e-10
    data = pd.DataFrame({"race": ["A", "B"], "x": [90 + off, 40], "n": [100.0, 50]})
    segments = tu.from_counts(data, numerator="x", denominator="n", segments="race")
    goal = tu.Goal(direction=direction, target=0.9)
    found = tu.assess(segments, goal, confidence=None).table
    assert found["needed"].iloc[1] == 0
    assert found["status"].iloc[1] == "met"
