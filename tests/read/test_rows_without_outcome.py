"""Rows that count for nothing change nothing, and groups that have no others do not vanish."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import targeted_universalism as tu
from make import HALF, identical, plain
from targeted_universalism.read import finest_sums

NO_OUTCOME, NOBODY = "no outcome is known", "no population"
NO_SHARE = "no share: the need of a segment is not known"
Door = Callable[..., tu.Segments]


def pupils() -> pd.DataFrame:
    """County X, where nobody's outcome is known in C; county Y, where it is in nobody at all."""
    return pd.DataFrame(
        {
            "county": ["X"] * 10 + ["Y"] * 2,
            "race": [*list("AAAABBBBCC"), "A", "B"],
            "sex": [*list("FMFMFMFMFM"), "F", "F"],
            "y": [1.0, 0, 0, 0, 1, 1, 0, 0] + [np.nan] * 4,
            "score": [3.0, 0, 1, 0, 2, 1, 0, 0] + [np.nan] * 4,
            "w": [1.0, 2, 3, 4] * 3,
            "t": [5.0, 1] * 6,
        }
    )


def in_memory(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    return tu.from_records(data, **options)


def in_an_engine(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    return tu.from_records(pl.from_pandas(data).lazy(), **options)


def from_parquet(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    for i, half in enumerate((data.iloc[:7], data.iloc[7:])):
        half.to_parquet(folder / f"{i}.parquet")
    return tu.from_parquet(folder, **options)


def from_csv(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    data.to_csv(folder / "rows.csv", index=False)
    return tu.from_csv(folder / "rows.csv", **options)


def in_parts(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    """Two partners, one of whom knows no outcome of C."""
    first = tu.from_records(data.iloc[:9], **options)
    rest = data.iloc[9:].copy()
    rest.loc[len(data)] = {**data.iloc[0], "y": 1.0}
    other = tu.from_records(rest, **options)
    return first + other


def stored(data: pd.DataFrame, folder: Path, **options: Any) -> tu.Segments:
    made = tu.from_records(data, **options)
    return tu.read_segments(made.to_parquet(folder / "segments.parquet", confidential=True))


DOORS: list[Door] = [in_memory, in_an_engine, from_parquet, from_csv, stored]
every_door = pytest.mark.parametrize("door", DOORS)


OPTIONS = [{}, {"weight": "w"}, {"kind": "rate"}, {"kind": "mean", "outcome": "score"}]


@every_door
@pytest.mark.parametrize("options", OPTIONS)
def test_a_group_whose_every_outcome_is_missing_does_not_vanish(
    door: Door, options: dict[str, Any], tmp_path: Path
) -> None:
    options = {"outcome": "y", "segments": ["race", "sex"], "cross": 2, "by": "county", **options}
    made = door(pupils(), tmp_path, **options)
    table = plain(tu.assess(made, tu.Goal.at_least(0.5, per=1)).table)
    races = table[table["dimension"].isin(["total", "race"])]
    found = races[["county", "segment", "population", "n", "status", "reason"]]
    without = found[found["status"] == "no data"].values.tolist()
    assert without == [
        ["X", "C", 0.0, 0, "no data", NO_OUTCOME],
        ["Y", "All", 0.0, 0, "no data", NO_OUTCOME],
        ["Y", "A", 0.0, 0, "no data", NO_OUTCOME],
        ["Y", "B", 0.0, 0, "no data", NO_OUTCOME],
        ["Y", "C", 0.0, 0, "no data", NOBODY],
    ]
    assert races["effort_share"].isna().all()
    assert made.choices["dropped"] == 4
    crossed = table[(table["county"] == "X") & (table["dimension"] == "race*sex")]
    unknown = crossed.loc[crossed["reason"] == NO_OUTCOME, "segment"]
    assert unknown.tolist() == ["C × F", "C × M"]


@every_door
def test_shares_of_effort_are_missing_beside_it(door: Door, tmp_path: Path) -> None:
    made = door(pupils(), tmp_path, outcome="y", segments=["race", "sex"], by="county")
    table = plain(tu.assess(made, tu.Goal.at_least(0.9)).table)
    x = table[table["county"] == "X"].set_index("segment")
    assert x.loc[["A", "B", "C"], "effort_share"].isna().all()
    assert x.loc["A", "reason"] == NO_SHARE
    assert x.loc[["F", "M"], "effort_share"].sum() == pytest.approx(1)


def test_what_is_known_elsewhere_is_known_of_the_sum(tmp_path: Path) -> None:
    data = pupils()
    both = in_parts(data, tmp_path, outcome="y", segments="race", by="county")
    assert (both.choices["dropped"], len(both.strata)) == (4, 2)
    table = plain(tu.assess(both, HALF, rollup=True).table)
    everywhere = table[table["county"].isna()].set_index("segment")
    assert everywhere["n"].to_dict() == {"All": 9, "A": 5, "B": 4, "C": 0}
    assert everywhere["reason"].to_dict() == {
        "All": "", "A": NO_SHARE, "B": NO_SHARE, "C": NO_OUTCOME,
    }  # fmt: skip


@every_door
def test_an_outcome_that_nobody_has_stays_beside_others(door: Door, tmp_path: Path) -> None:
    data = pupils().assign(z=lambda d: np.where(d["county"] == "Y", 1.0, np.nan))
    made = door(data, tmp_path, outcome=["y", "z"], segments="race", by="county")
    table = plain(tu.assess(made, {"y": HALF, "z": HALF}).table)
    empty = table[(table["segment"] == "All") & (table["reason"] == NO_OUTCOME)]
    assert empty[["county", "indicator"]].values.tolist() == [["X", "z"], ["Y", "y"]]


@pytest.mark.parametrize("rows", [12, 9])
def test_many_cells_and_few_give_the_same(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dense cube, and sorted keys as above its limit."""
    options: dict[str, Any] = {"outcome": "y", "segments": ["race", "sex"], "by": "county"}
    dense = tu.assess(tu.from_records(pupils().head(rows), cross=2, **options), HALF).table
    monkeypatch.setattr(finest_sums, "DENSE_CODES", 1)
    listed = tu.assess(tu.from_records(pupils().head(rows), cross=2, **options), HALF).table
    identical(plain(dense), plain(listed))


# --- weights of 0, and what is missing -----------------------------------------------------------


@every_door
@pytest.mark.parametrize("kind", ["proportion", "rate", "mean"])
def test_rows_of_weight_zero_change_nothing(door: Door, kind: str, tmp_path: Path) -> None:
    data, outcome = pupils().head(8), "score" if kind == "mean" else "y"
    nobody = pd.DataFrame(
        {"county": "X", "race": list("ABAB"), "sex": "F", outcome: [0.0, 1, 1, np.nan], "w": 0.0}
    )
    options: dict[str, Any] = {"outcome": outcome, "segments": "race", "kind": kind, "weight": "w"}
    goal = tu.Goal.at_least(0.5, per=1)
    without = tu.assess(tu.from_records(data, **options), goal)
    made = door(pd.concat([data, nobody], ignore_index=True), tmp_path, **options)
    found = tu.assess(made, goal)
    identical(plain(found.table), plain(without.table), rtol=1e-12)
    assert (found.choices["dropped"], without.choices["dropped"]) == (4, 0)


def test_a_group_of_weight_zero_alone_stands_for_nobody() -> None:
    data = pupils().head(8).assign(w=lambda d: np.where(d["race"] == "B", 0.0, d["w"]))
    made = tu.from_records(data, outcome="y", segments="race", weight="w")
    assert made.dimensions["race"] == ("A",)


@every_door
def test_rows_without_person_time_are_dropped_and_counted(door: Door, tmp_path: Path) -> None:
    data = pupils().head(8)
    data.loc[[1, 6], "t"] = np.nan
    made = door(data, tmp_path, outcome="y", segments="race", kind="rate", exposure="t")
    table = plain(tu.assess(made, tu.Goal.at_most(2, per=1)).table).set_index("segment")
    assert table["n"].to_dict() == {"All": 6, "A": 3, "B": 3}
    assert table["population"].to_dict() == {"All": 18.0, "A": 11.0, "B": 7.0}
    assert made.choices["dropped"] == 2


# --- sums of squares through every door ----------------------------------------------------------


@every_door
@pytest.mark.parametrize(
    "more", [{}, {"weight": "w"}, {"exposure": "t"}, {"weight": "w", "exposure": "t"}]
)
def test_statistics_of_repeated_events_are_plain_sums(
    door: Door, more: dict[str, str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        {"race": rng.choice(list("ABC"), 60), "y": rng.poisson(2, 60).astype(float)}
    )
    data = data.assign(w=rng.integers(1, 9, 60) / 4, t=rng.integers(0, 40, 60).astype(float))
    made = door(data, tmp_path, outcome="y", segments="race", kind="rate", **more)
    w = data["w"] if "weight" in more else 1.0
    t = data["t"] if "exposure" in more else 1.0
    y, one = data["y"], pd.Series(1.0, index=data.index)
    sums = {
        "n": one, "population": w * t * one, "events": w * y, "events_n": y, "w2": w * w * t * one,
        "w2y": w * w * y, "y2": w * w * y * y, "t2": w * w * t * t * one, "yt": w * w * y * t,
    }  # fmt: skip
    expected = pd.DataFrame(sums).groupby(data["race"]).sum()
    assert set(made.cells.stats) == set(made.cells.family.statistics)
    for name, values in made.cells.stats.items():
        np.testing.assert_allclose(values[1:, 0], expected[name], rtol=1e-12, err_msg=name)
        assert values[0, 0] == pytest.approx(expected[name].sum(), rel=1e-12)


@pytest.mark.parametrize("more", [{}, {"weight": "w"}, {"exposure": "t"}])
def test_partners_sums_of_squares_add_up(more: dict[str, str]) -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"race": rng.choice(list("AB"), 80), "y": rng.poisson(2, 80).astype(float)})
    data = data.assign(w=rng.integers(1, 9, 80) / 4, t=rng.integers(1, 40, 80).astype(float))
    options: dict[str, Any] = {"outcome": "y", "segments": "race", "kind": "rate", **more}
    whole = tu.from_records(data, **options)
    added = tu.from_records(data.head(33), **options) + tu.from_records(data.tail(47), **options)
    goal = tu.Goal.at_most(1, per=1)
    identical(plain(tu.assess(added, goal).table), plain(tu.assess(whole, goal).table))
    found = tu.assess(tu.from_records(data.iloc[::-1], **options), goal).table
    identical(plain(found), plain(tu.assess(whole, goal).table))


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("t", "kind", "said"),
    [
        ([-1.0, 2], "rate", "exposure='t' is -1 in data row 0"),
        ([np.inf, 2], "rate", "exposure='t' is inf in data row 0"),
        ([1.0, 2], "proportion", "exposure='t' is the denominator of rates, and the outcome is a"),
        ([np.nan, np.nan], "rate", "Every row lacks outcome or exposure"),
    ],
)
def test_person_time_that_is_none_is_refused(t: list[float], kind: str, said: str) -> None:
    data = pd.DataFrame({"race": ["A", "B"], "y": [1.0, 0.0], "t": t})
    with pytest.raises(tu.InputError, match=said):
        tu.from_records(data, outcome="y", segments="race", kind=kind, exposure="t")


def test_an_engine_refuses_person_time_below_zero() -> None:
    data = pl.DataFrame({"race": ["A", "B"], "y": [1.0, 0.0], "t": [-1.0, 3.0]}).lazy()
    with pytest.raises(tu.InputError, match="exposure='t' is below 0 or endless in 1 row"):
        tu.from_records(data, outcome="y", segments="race", kind="rate", exposure="t")
