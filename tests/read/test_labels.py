"""Labels, totals and the order of segments: one answer through every door, whatever the names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import targeted_universalism as tu
from make import HALF, assessed, counts, fewer, identical, plain, records, row_of
from targeted_universalism.labels import label
from targeted_universalism.segments.columns import RESERVED

Door = Callable[[pa.Table, Path], Any]


def _to_parquet(data: pa.Table, folder: Path) -> Path:
    parquet.write_table(data, folder / "rows.parquet", row_group_size=3)
    return folder / "rows.parquet"


def _to_csv(data: pa.Table, folder: Path) -> Path:
    data.to_pandas().to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


IN_MEMORY: dict[str, Door] = {
    "pandas": lambda data, _: data.to_pandas(),
    "pandas of arrow": lambda data, _: data.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda data, _: pl.from_arrow(data),
    "arrow": lambda data, _: data,
}
ELSEWHERE: dict[str, Door] = {
    "lazy polars": lambda data, _: pl.from_arrow(data).lazy(),  # type: ignore[union-attr]
    "duckdb": lambda data, _: duckdb.from_arrow(data),
    "parquet": _to_parquet,
    "csv": _to_csv,
}
DOORS = IN_MEMORY | ELSEWHERE
CONSTRUCTORS = {"parquet": tu.from_parquet, "csv": tu.from_csv}


def through(door: str, data: pa.Table, folder: Path, /, **options: Any) -> tu.Segments:
    """Make segments of records that come through a door."""
    make: Callable[..., tu.Segments] = CONSTRUCTORS.get(door, tu.from_records)
    return make(DOORS[door](data, folder), **{"outcome": "y", "segments": "race", **options})


# --- labels that read alike ---------------------------------------------------------------------

BLANKS = ["", " ", "\u00a0", "\t", "\u2003 ", "\u3000", "\u202f"]


@pytest.mark.parametrize("door", DOORS)
def test_labels_that_read_alike_are_one_through_every_door(door: str, tmp_path: Path) -> None:
    """By hand: three of Two or more (one event), two of W in one county, one in the other."""
    data = pa.table({
        "race": ["Two or more", " Two\u00a0or more", "Two  or more\u2003", "W", "W ", "W"],
        "county": ["Inyo", "Inyo ", "\u00a0Inyo", "Inyo", "Inyo", "Mono "],
        "y": [1, 0, 0, 1, 1, 0],
    })  # fmt: skip
    made = through(door, data, tmp_path, by="county")
    found = tu.assess(made, HALF).table
    assert made.dimensions == {"race": ("Two or more", "W")}
    assert found["county"].astype(str).tolist() == ["Inyo"] * 3 + ["Mono"] * 3
    assert found["n"].tolist() == [5, 3, 2, 1, 0, 1]
    assert found["events"].tolist() == [3, 1, 2, 0, 0, 0]


@given(st.text(), st.sampled_from(BLANKS), st.sampled_from(BLANKS))
def test_blanks_around_a_label_do_not_change_it(text: str, before: str, after: str) -> None:
    assert label(before + text + after) == label(text) == label(label(text))
    assert label(f"{text}{before} {after}{text}") == label(f"{text} {text}")


@pytest.mark.parametrize("blank", BLANKS[1:])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("All", r"holds the label 'All', which names the total: say total='All'"),
        ("Unknown", r"holds the label 'Unknown': say unknown='Unknown'"),
        ("A ×\u00a0B", r"'A × B' in column 'race' holds ×"),
    ],
)
def test_guards_see_through_blanks(word: str, said: str, blank: str) -> None:
    for text in (word + blank, blank + word):
        with pytest.raises(tu.InputError, match=said):
            counts([(text, 7, 20), ("B", 3, 10), ("W", 1, 9)])


def test_options_name_labels_as_they_read() -> None:
    data = [("All students\u00a0", 60, 100), ("n/a ", 5, 10), (" B", 20, 30), ("W", 30, 60)]
    made = counts(
        data, total=" All  students", unknown="n/a", order={"race ": ["W ", "B"]},
        exclusive={"race": True},
    )  # fmt: skip
    a = tu.assess(made, HALF)
    assert a.table["segment"].tolist() == ["All", "W", "B", "Unknown"]
    assert row_of(a.table)["n"] == 100


def test_strata_are_chosen_and_merged_by_labels_that_read_alike() -> None:
    first = pd.DataFrame({"county": ["Inyo "], "race": "A\u00a0", "x": 10, "n": 20})
    second = pd.DataFrame({"county": ["Inyo"], "race": ["A"], "x": [3], "n": [5]})
    both = counts(first, by="county") + counts(second, by="county")
    a = tu.assess(both, HALF).where(county="\u2003Inyo")
    assert a.table["n"].tolist() == [25, 25]


def test_rows_whose_labels_read_alike_are_twins_in_counts() -> None:
    with pytest.raises(tu.InputError, match="Two rows are about the same group"):
        counts([("B", 1, 10), ("B ", 2, 20), ("W", 4, 40)])


@pytest.mark.parametrize(
    "ask",
    [
        lambda: tu.overlapping(["AIAN", "AIAN "], name="race"),
        lambda: counts([("B", 1, 10)], order={"race": ["B"], "race ": ["B"]}),
        lambda: counts([("B", 1, 10)], dimension={"B": "race", " B": "sex"}),
    ],
)
def test_options_that_read_alike_cannot_both_be_meant(ask: Callable[[], Any]) -> None:
    with pytest.raises(tu.InputError, match="read alike"):
        ask()


def test_a_stacked_file_is_seen_through_blanks() -> None:
    """A blank made of spaces is empty: no row fills race and sex."""
    data = pd.DataFrame({
        "race": ["A", "B", " ", "\u00a0"], "sex": ["", " ", "F", "M"],
        "x": [10, 20, 12, 18], "n": [40, 60, 50, 50],
    })  # fmt: skip
    with pytest.raises(tu.InputError, match=r"No row fills more than one of 'race', 'sex'"):
        counts(data, segments=["race", "sex"])


def test_one_stacked_column_is_seen_through_blanks() -> None:
    data = [("All ", 30, 100), ("A", 10, 40), ("B", 20, 60), ("F", 12, 50), ("M", 18, 50)]
    with pytest.raises(tu.InputError, match=r"add to 200 people against a declared total of 100"):
        counts(data, total="All")


# --- totals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", ["", " ", np.nan, pd.NA, None, "\u00a0"])
@pytest.mark.parametrize("blank", [None, "", "\u00a0"])
def test_a_blank_label_can_be_the_total(total: Any, blank: str | None) -> None:
    """GROUP BY ROLLUP (race), by hand: 30 children, 15 entries, 9 to prevent at .2."""
    data = [("A", 5, 10), ("B", 10, 20), (blank, 15, 30)]
    a = assessed(data, tu.Goal.at_most(0.2), total=[total])
    assert a.table["segment"].tolist() == ["All", "A", "B"]
    assert a.table["needed"].tolist() == [9, 3, 6]
    assert a.choices["total"] == "declared (blank), else sum of race"


def test_a_cube_of_blank_totals_gives_every_margin() -> None:
    """GROUP BY CUBE (race, sex), by hand; the total is declared, and 2 more than the cells."""
    data = pd.DataFrame({
        "race": ["A", "A", "B", "B", "A", "B", None, None, None],
        "sex": ["F", "M", "F", "M", None, None, "F", "M", None],
        "x": [1, 2, 3, 4, 3, 7, 4, 6, 10], "n": [10, 20, 30, 40, 30, 70, 40, 60, 102],
    })  # fmt: skip
    found = assessed(data, segments=["race", "sex", "race*sex"], total=[None]).table
    assert found["n"].tolist() == [102, 30, 70, 40, 60, 10, 20, 30, 40]
    assert "Unknown" not in set(found["segment"])


def test_the_blank_label_is_either_the_total_or_unknown() -> None:
    with pytest.raises(tu.InputError, match="'' is named in total= and in unknown="):
        counts([("A", 5, 10)], total=[None], unknown="")


@pytest.mark.parametrize("text", ["All", "Unknown", "A × B", "nan"])
def test_every_label_may_be_declared_the_total(text: str) -> None:
    found = assessed([("A", 5, 10), ("B", 10, 20), (text, 15, 31)], total=text).table
    assert found["segment"].tolist() == ["All", "A", "B"]
    assert found["n"].tolist() == [31, 10, 20]


def is_a_total(rows: Sequence[tuple[int, str, int, int]]) -> bool:
    """Tell by plain loops whether a segment is all the others together (RULES 2)."""
    labels, strata = {r[1] for r in rows}, {r[0] for r in rows}
    for one in labels:
        people = 0
        for stratum in strata:
            mine = [r for r in rows if r[0] == stratum and r[1] == one]
            others = [r for r in rows if r[0] == stratum and r[1] != one]
            if any(sum(r[k] for r in mine) != sum(r[k] for r in others) for k in (2, 3)):
                break
            if sum(r[3] > 0 for r in others) >= 2:
                people += sum(r[3] for r in mine)
        else:
            if people >= 100:
                return True
    return False


tables = st.lists(
    st.tuples(
        st.integers(1, 2), st.sampled_from("ABCD"), st.sampled_from([0, 10, 20]),
        st.sampled_from([20, 25, 50, 75, 100]),
    ),
    min_size=1, max_size=8, unique_by=lambda row: row[:2],
)  # fmt: skip


@given(tables)
def test_a_segment_that_is_all_others_together_is_an_error(
    rows: list[tuple[int, str, int, int]],
) -> None:
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    if not is_a_total(rows):
        counts(data, by="county")
        return
    with pytest.raises(tu.InputError, match=r"say total='[ABCD]'; if it is none, say total=\(\)"):
        counts(data, by="county")
    counts(data, by="county", total=())


LARGE = [("Inyo", "A", 10, 40), ("Inyo", "B", 20, 60), ("Mono", "A", 5, 50), ("Mono", "B", 6, 70)]
SUMS = [("Inyo", 30, 100), ("Mono", 11, 120)]


@pytest.mark.parametrize("text", ["All students", None, "n/a"])
def test_an_undeclared_total_is_found_whatever_it_is_called(text: str | None) -> None:
    sums = [(county, text, x, n) for county, x, n in SUMS]
    data = pd.DataFrame([*LARGE, *sums], columns=["county", "race", "x", "n"])
    unknown = "n/a" if text == "n/a" else None
    with pytest.raises(tu.InputError, match=f"say total={text or ''!r}"):
        counts(data, by="county", unknown=unknown)
    assert row_of(tu.assess(counts(data, by="county", total=[text]), HALF, rollup=True)
                  .where(rollup=True).table)["n"] == 220  # fmt: skip


@pytest.mark.parametrize("column", ["x", "n"])
@pytest.mark.parametrize("row", [4, 5])
def test_one_person_or_event_away_in_one_stratum_is_no_total(row: int, column: str) -> None:
    sums = [(county, "Other", x, n) for county, x, n in SUMS]
    data = pd.DataFrame([*LARGE, *sums], columns=["county", "race", "x", "n"])
    data.loc[row, column] += 1
    assert row_of(tu.assess(counts(data, by="county"), HALF, rollup=True).where(rollup=True).table)[
        "n"
    ] == 440 + (column == "n")


def test_two_equal_groups_and_few_people_are_no_totals() -> None:
    counts([("F", 30, 500), ("M", 30, 500)])
    counts([("A", 5, 40), ("B", 6, 59), ("C", 11, 99)])
    with pytest.raises(tu.InputError, match="total='C'"):
        counts([("A", 5, 40), ("B", 6, 60), ("C", 11, 100)])


def test_hidden_cells_leave_open_whether_a_segment_is_the_total() -> None:
    """Mono hides B: what is known there allows that All students is the sum, or rules it out."""
    rows = [*LARGE[:3], ("Mono", "B", "*", 70), ("Inyo", "All students", 30, 100)]
    columns = ["county", "race", "x", "n"]
    allowed = pd.DataFrame([*rows, ("Mono", "All students", 11, 120)], columns=columns)
    with pytest.raises(tu.InputError, match="total='All students'"):
        counts(allowed, by="county", suppressed={"*": (1, 10)})
    refuted = pd.DataFrame([*rows, ("Mono", "All students", 4, 120)], columns=columns)
    counts(refuted.replace({"race": {"All students": "C"}}), by="county", suppressed={"*": (1, 10)})


@pytest.mark.parametrize(("total", "sums"), [(("*", "*"), True), ((12, 40), True), ((9, 40), False),
                                             ((12, 41), False)])  # fmt: skip
def test_hidden_cells_in_every_stratum_leave_the_people_to_tell(
    total: tuple[object, object], sums: bool
) -> None:
    """A has 10 and 10 events, B 1 to 30: as many as C has, from 11 to 40, or not."""
    rows = [
        (county, *row) for county in ("Inyo", "Mono") for row in (("A", 10, 61), ("B", "*", 72))
    ]
    rows += [("Inyo", "C", total[0], 133), ("Mono", "C", total[1], 133)]
    data = pd.DataFrame(rows, columns=["county", "race", "x", "n"])
    if not sums:
        assert len(counts(data, by="county", suppressed={"*": (1, 30)}).dimensions["race"]) == 3
        return
    with pytest.raises(tu.InputError, match="total='C'"):
        counts(data, by="county", suppressed={"*": (1, 30)})


@pytest.mark.parametrize("people", [200, 203, 186])
def test_a_label_that_reads_as_a_total_is_one_though_it_is_not_the_sum_to_the_unit(
    people: int,
) -> None:
    """A group that the file leaves out, or a person in two: the total is the total all the same."""
    data = [("A", 10, 80), ("B", 20, 120), ("Total", 31, people)]
    with pytest.raises(tu.InputError, match=r"reads as a total.*total='Total'"):
        counts(data)
    assert len(counts(data, total=()).dimensions["race"]) == 3
    assert len(counts([*data[:2], ("Total", 3, 160)]).dimensions["race"]) == 3
    with pytest.raises(tu.InputError, match="total='Total'"):
        counts([("A", 10, 80), ("Total", 31, people)])


def test_a_published_total_is_known_by_its_people_and_its_rate() -> None:
    def published(
        rate: float, label: str = "C", people: tuple[int, ...] = (612, 405, 1017), **options: object
    ) -> tu.Segments:
        data = pd.DataFrame({"race": ["A", "B", label], "rate": [80.0, 90.0, rate],
                             "people": people})  # fmt: skip
        return tu.from_estimates(
            data, estimate="rate", segments="race", population="people", kind="proportion",
            per=100, **options,
        )  # fmt: skip

    with pytest.raises(tu.InputError, match="total='C'"):
        published(84.1)
    assert len(published(88.0).dimensions["race"]) == 3  # a third group of that size
    assert len(published(84.1, people=(600, 400, 1000)).dimensions["race"]) == 3  # in hundreds
    with pytest.raises(tu.InputError, match="total='Statewide'"):
        published(88.0, "Statewide")
    assert len(published(84.0, total="C").dimensions["race"]) == 2


def test_overlapping_segments_and_crossings_are_not_taken_for_totals_or_missed() -> None:
    data = [("A", 10, 40), ("B", 20, 60), ("All students", 30, 100)]
    assert len(counts(data, exclusive=False).dimensions["race"]) == 3
    crossed = pd.DataFrame({
        "race": np.repeat(["A", "B", "Everyone"], 3), "sex": ["F", "M", "X"] * 3,
        "x": [1, 2, 3, 4, 5, 6, 5, 7, 9], "n": [10, 20, 30, 40, 50, 60, 50, 70, 90],
    })  # fmt: skip
    with pytest.raises(tu.InputError, match=r"'Everyone' of 'race'.*total='Everyone'"):
        counts(crossed, segments="race*sex")


@pytest.mark.parametrize("text", ["All", "All ", "Statewide"])
def test_a_margin_among_the_strata_cannot_be_rolled_up(text: str) -> None:
    """pivot_table(margins=True) leaves a county All, which is every county together."""
    data = pd.DataFrame({
        "county": ["X", "X", "Y", "Y", text, text], "race": ["A", "Statewide"] * 3,
        "x": [1, 2, 3, 4, 4, 6], "n": [10, 20, 30, 40, 40, 60],
    })  # fmt: skip
    made = counts(data, by="county", total="Statewide")
    assert len(tu.assess(made, HALF).table) == 6
    with pytest.raises(tu.InputError, match=r"'county' of by= holds '.*', a label of totals"):
        tu.assess(made, HALF, rollup=True)
    assert "total_labels" not in made.choices


# --- names of columns ---------------------------------------------------------------------------

HELD = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
HOSTILE = [
    "stratum", "signature", "unknown race", "unknown stratum", "partition", "k0", "0", "tu rows",
    "tu key", "tu key 0", "tu 0 n", "tu 0 events", "tu weight", "tu y 0", "the outcome columns",
    "the outcome columns'", "rollup", "wanted", "index", "level_0", "dimension*segment", "n*",
]  # fmt: skip


def _people(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({
        "a": rng.choice(["A", "B", "C"], rows), "b": rng.choice(["F", "M"], rows),
        "c": rng.choice(["X", "Y"], rows), "y": rng.integers(0, 2, rows),
        "z": rng.integers(0, 2, rows), "w": rng.integers(1, 4, rows),
    })  # fmt: skip


@cache
def _people_assessed() -> pd.DataFrame:
    segments = tu.from_records(
        _people(), outcome=["y", "z"], segments=["a", "b"], cross=2, by="c", weight="w"
    )
    return tu.assess(segments, {"y": HALF, "z": HALF}, rollup=True).table


@pytest.mark.parametrize("door", DOORS)
@settings(fewer(10), suppress_health_check=HELD)
@given(names=st.permutations(HOSTILE))
def test_records_do_not_mind_what_columns_are_called(
    door: str, tmp_path: Path, names: list[str]
) -> None:
    data = _people()
    called = dict(zip(data, names, strict=False))
    renamed = pa.Table.from_pandas(data.rename(columns=called), preserve_index=False)
    a, b, c, y, z, w = called.values()
    assume(c not in RESERVED)  # a column of the answer, which by= refuses
    made = through(
        door, renamed, tmp_path, outcome=[y, z], segments=[a, b], cross=2, by=c, weight=w
    )
    found = tu.assess(made, {y: HALF, z: HALF}, rollup=True).table.rename(columns={c: "c"})
    assert found["indicator"].unique().tolist() == [y, z]
    assert found["dimension"].unique().tolist() == ["total", a, b, f"{a}*{b}"]
    left = ["dimension", "indicator"]
    wanted = _people_assessed().drop(columns=left)
    identical(plain(found.drop(columns=left)), plain(wanted), rtol=1e-12)


@pytest.mark.parametrize("door", IN_MEMORY)
@settings(fewer(4), suppress_health_check=HELD)
@given(names=st.permutations(HOSTILE))
def test_counts_do_not_mind_what_columns_are_called(
    door: str, tmp_path: Path, names: list[str]
) -> None:
    """By hand: each race and each sex in each year, and the declared total of 300."""
    year, race, sex, x, n = names[:5]
    data = pa.table({
        year: [2021] * 5 + [2022] * 5, race: ["A", "A", "B", "n/a", "All"] * 2,
        sex: ["F", "M", "F", "F", "All"] * 2, x: [10, 20, 30, 2, 62, 11, 22, 33, 2, 68],
        n: [100, 100, 90, 10, 300] * 2,
    })  # fmt: skip
    made = tu.from_counts(
        DOORS[door](data, tmp_path), numerator=x, denominator=n, segments=[race, sex], by=year,
        total="All", unknown="n/a",
    )  # fmt: skip
    a = tu.assess(made, HALF, rollup=True)
    assert a.table["n"].tolist() == [300, 200, 90, 10, 200, 100] * 2 + [600, 400, 180, 20, 400, 200]
    assert a.table["events"].tolist()[:12] == [62, 30, 30, 2, 42, 20, 68, 33, 33, 2, 46, 22]
    assert a.where({year: 2022}).table["events"].tolist() == [68, 33, 33, 2, 46, 22]
    assert a.where(rollup=True).table["events"].tolist() == [130, 63, 63, 4, 88, 42]


def test_a_column_named_as_a_crossing_of_others_is_an_error() -> None:
    data = pd.DataFrame({"a": ["A"], "b": ["F"], "a*b": ["Q"], "x": [1], "n": [9]})
    with pytest.raises(tu.InputError, match=r"Two dimensions are called 'a\*b'"):
        counts(data, segments=["a", "b", "a*b"], cross=2)


# --- the order of categories --------------------------------------------------------------------

CHOSEN = ["never", "disagree", "neutral", "agree"]


def dictionary(ordered: bool) -> pa.Table:
    """Four answers of which three are given, in an order that is neither sorted nor of arrival."""

    def coded(*codes: int | None) -> pa.DictionaryArray:
        places = pa.array(codes, pa.int8())
        return pa.DictionaryArray.from_arrays(places, pa.array(CHOSEN), ordered=ordered)

    columns = {"race": coded(3, 1, 2, 3, None), "county": coded(3, 1, 2, 3, 3)}
    return pa.table({**columns, "y": [1, 0, 1, 1, 0]})


ENUM = pl.DataFrame({"race": ["agree", "disagree", "neutral", "agree", None], "y": [1, 0, 1, 1, 0]})
ENUM = ENUM.with_columns(
    pl.col("race").cast(pl.Enum(CHOSEN)),
    pl.col("race").fill_null("agree").cast(pl.Enum(CHOSEN)).alias("county"),
)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("door", ["pandas", "pandas of arrow", "arrow", "parquet"])
def test_declared_categories_order_rows_through_every_door(
    door: str, ordered: bool, tmp_path: Path
) -> None:
    made = through(door, dictionary(ordered), tmp_path, by="county")
    assert made.dimensions["race"] == ("disagree", "neutral", "agree", "Unknown")
    assert made.index.dimensions[1].ordered is ordered
    found = tu.assess(made, HALF).table["county"]
    assert found.drop_duplicates().astype(str).tolist() == ["disagree", "neutral", "agree"]


DATABASE = duckdb.connect()  # a relation lives as long as its connection


def _duckdb_enum(folder: Path) -> Any:
    DATABASE.execute(f"create type answer as enum {tuple(CHOSEN)}")
    DATABASE.register("rows", ENUM.with_columns(pl.col("race", "county").cast(pl.String)))
    return DATABASE.sql("select race::answer race, county::answer county, y from rows")


def _enum_in_parquet(folder: Path) -> Path:
    for part in range(2):  # the second file holds what the first one lacks
        ENUM[part::2].write_parquet(folder / f"{part}.parquet")
    return folder


ENUMS: dict[str, Callable[[Path], Any]] = {
    "eager": lambda _: ENUM,
    "lazy": lambda _: ENUM.lazy(),
    "arrow": lambda _: ENUM.to_arrow(),
    "pandas": lambda _: ENUM.to_pandas(),
    "duckdb": _duckdb_enum,
    "parquet": _enum_in_parquet,
}


# Whether an Enum that has left polars still says that it is ordered: old polars does not tell.
TOLD = ENUM.to_arrow().schema.field("race").type.ordered
RANKED = {"arrow": TOLD, "pandas": ENUM.to_pandas()["race"].cat.ordered, "parquet": TOLD}
RANKED["duckdb"] = False  # as Arrow has it: DuckDB's ENUM is not marked as ordered


@pytest.mark.parametrize("door", ENUMS)
def test_an_enum_orders_rows_through_every_door(door: str, tmp_path: Path) -> None:
    make: Callable[..., tu.Segments] = CONSTRUCTORS.get(door, tu.from_records)
    made = make(ENUMS[door](tmp_path), outcome="y", segments="race", by="county")
    assert made.dimensions["race"] == ("disagree", "neutral", "agree", "Unknown")
    assert made.index.dimensions[1].ordered is RANKED.get(door, True)


@pytest.mark.parametrize("door", [pl.DataFrame, pl.LazyFrame])
def test_an_enum_keeps_its_order_where_arrow_is_not_told_of_it(
    door: type[pl.DataFrame | pl.LazyFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = pl.Series.to_arrow, pl.DataFrame.to_arrow  # as new polars; old polars does not tell

    def column(series: pl.Series, **options: Any) -> Any:
        array = told[0](series, **options)
        if not pa.types.is_dictionary(array.type):
            return array
        return pa.DictionaryArray.from_arrays(array.indices, array.dictionary, ordered=False)

    def table(frame: pl.DataFrame, **options: Any) -> pa.Table:
        del options
        return pa.table({name: column(frame[name]) for name in frame.columns})

    monkeypatch.setattr(pl.Series, "to_arrow", column)
    monkeypatch.setattr(pl.DataFrame, "to_arrow", table)
    made = tu.from_records(ENUM.pipe(door), outcome="y", segments="race", by="county")
    assert made.dimensions["race"] == ("disagree", "neutral", "agree", "Unknown")
    assert made.index.dimensions[1].ordered


def test_partitions_of_a_folder_are_sorted_not_declared(tmp_path: Path) -> None:
    """Files are read by region first, so that years arrive as 2, 10, 1."""
    for region, year, race in (("a", 2, "A"), ("b", 10, "B"), ("c", 1, "C")):
        folder = tmp_path / f"region={region}" / f"year={year}"
        folder.mkdir(parents=True)
        pd.DataFrame({"race": [race], "y": [1]}).to_parquet(folder / "rows.parquet")
    made = tu.from_parquet(tmp_path, outcome="y", segments="race", by="year")
    assert made.strata.labels("year") == ["1", "10", "2"]


# --- flags --------------------------------------------------------------------------------------

FLAGS = tu.overlapping(["AIAN", "Black"], name="race")


@pytest.mark.parametrize(
    "ticked",
    [
        [1, None, None, 1, None],
        [True, None, None, True, None],
        pd.array([True, None, None, True, None], dtype="boolean"),
        ["True", "", "", "True", ""],
        ["1.0", None, "\u00a0", "TRUE", ""],
    ],
)
def test_a_blank_beside_yes_alone_is_ambiguous_however_it_is_written(ticked: Any) -> None:
    data = pd.DataFrame({"AIAN": ticked, "Black": [0, 1, 0, 1, 1], "y": [1, 0, 1, 1, 0]})
    said = (
        r"^Flag column 'AIAN' holds yes and blank cells, and no 0: whether blank means no, or not "
        r"known, cannot be told. Fill it first, data\['AIAN'\].fillna\(0\), and leave blank only "
        r"what is not known.$"
    )
    with pytest.raises(tu.InputError, match=said):
        records(data, segments=FLAGS)


def test_a_flag_in_words_of_its_own_is_told_what_to_do() -> None:
    """Which word means yes is not guessed; the advice works."""
    data = pd.DataFrame({"AIAN": list("X--X-"), "Black": [0, 1, 0, 1, 1], "y": [1, 0, 1, 1, 0]})
    with pytest.raises(tu.InputError, match=r"^Flag column 'AIAN' holds '[-X]'") as stopped:
        records(data, segments=FLAGS)
    (advice,) = re.findall(r"as by (.+)\.$", str(stopped.value))
    assert advice == "data['AIAN'].map({'X': 1, '-': 0})"
    read = records(data.assign(AIAN=data["AIAN"].map({"X": 1, "-": 0})), segments=FLAGS)
    table = tu.assess(read, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table["n"].to_dict() == {"All": 5, "AIAN": 2, "Black": 3}


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("1", "0"),
        ("1.0", "0.0"),
        ("true", "false"),
        ("TRUE", "FALSE"),
        (" True ", "False"),
        ("Yes", "No"),
        ("Y", "N"),
    ],
)
def test_flags_read_the_same_from_csv_and_memory(yes: str, no: str, tmp_path: Path) -> None:
    """By hand: two of AIAN, one of Black, one whose AIAN is not known."""
    file = tmp_path / "flags.csv"
    file.write_text(f"AIAN,Black,y\n{yes},{no},1\n{no},{yes},0\n,{no},1\n{yes},{no},1\n")
    in_text = pd.read_csv(file, dtype=str)
    for made in (
        tu.from_csv(file, outcome="y", segments=FLAGS),
        records(pd.read_csv(file), segments=FLAGS),
        records(in_text.astype({"y": int}), segments=FLAGS),
    ):
        found = tu.assess(made, HALF).table
        assert dict(zip(found["segment"], found["n"], strict=True)) == {
            "All": 4, "AIAN": 2, "Black": 1, "Unknown": 1,
        }  # fmt: skip


# --- nothing known, and choosing what is rolled up ----------------------------------------------


@pytest.mark.parametrize("door", IN_MEMORY)
@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.date32()])
def test_a_column_without_any_label_is_unknown_whatever_its_type(
    kind: pa.DataType, door: str, tmp_path: Path
) -> None:
    data = pa.table({"race": pa.nulls(2, kind), "sex": ["F", "M"], "x": [1, 2], "n": [5, 6]})
    made = tu.from_counts(
        DOORS[door](data, tmp_path), numerator="x", denominator="n", segments=["race", "sex"]
    )
    assert made.dimensions == {"race": ("Unknown",), "sex": ("F", "M")}


@pytest.mark.parametrize("only", [3, 3.5, "x", True])
@pytest.mark.parametrize("type_of", ["Int64", "object"])
def test_a_label_whose_rows_all_lack_an_outcome_stops_nothing(only: Any, type_of: str) -> None:
    if type_of == "Int64" and only != 3:
        return
    data = pd.DataFrame({"race": pd.Series([None, None, only], dtype=type_of), "y": [1, 0, None]})
    assert "Unknown" in records(data).dimensions["race"]


YEARS = pd.DataFrame({
    "county": list("XXYYXXYY"), "year": [1] * 4 + [2] * 4, "race": list("ABAB") * 2,
    "x": [10, 20, 30, 40, 11, 21, 31, 41], "n": [100, 200, 300, 400] * 2,
})  # fmt: skip


@pytest.mark.parametrize(("over", "kept"), [("county", "year"), (["year"], "county")])
def test_a_roll_up_over_some_columns_is_the_data_without_them(over: Any, kept: str) -> None:
    a = assessed(YEARS, by=["county", "year"], rollup=over)
    sums = YEARS.groupby([kept, "race"], as_index=False)[["x", "n"]].sum()
    wanted = assessed(sums, by=kept).table
    found = a.where(rollup=True).table
    away = {"county", "year"} - {kept}
    assert found[[*away]].isna().all(axis=None)
    identical(plain(found.drop(columns=[*away])), plain(wanted), rtol=1e-12)
    whole = assessed(YEARS, by=["county", "year"]).table
    identical(plain(a.where(rollup=False).table), plain(whole))
    assert len(a.table) == len(found) + len(whole)


def test_all_columns_by_name_are_the_roll_up_of_everything() -> None:
    every, named = (
        assessed(YEARS, by=["county", "year"], rollup=over) for over in (True, ["year", "county"])
    )
    identical(every.table, named.table)
    assert named.choices["rollup"] is True
    assert assessed(YEARS, by=["county", "year"], rollup="year").choices["rollup"] == ("year",)


def test_what_a_partial_roll_up_adds_up_gives_no_hidden_count_away() -> None:
    """X hides 4 of A in year 1: over both counties the sum would be it, so one more goes."""
    data = YEARS.assign(x=[4, 20, 30, 40, 11, 21, 31, 41])
    public = assessed(data, by=["county", "year"], rollup="county").suppress(11)
    assert tu.audit(public)["passes"].all()
    shown = plain(public.table).query("segment == 'A' and year == 1")
    assert shown["events"].isna().sum() >= 2


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda a: a.where(county=None), r"county=None asks where\(\) for a missing.*rollup=True"),
        (lambda a: a.where(year=[1, np.nan]), r"asks where\(\) for a missing value"),
        (
            lambda a: a.where(rollup=True),
            r"Nothing is rolled up here: say assess\(…, rollup=True\)",
        ),
        (lambda a: a.where(rollup="county"), r"rollup='county' is not known"),
        (lambda a: tu.assess(a.segments, HALF, rollup="conty"), r"Did you mean 'county'\?"),
        (lambda a: tu.assess(a.segments, HALF, rollup=3), r"rollup=3 is not known"),
    ],
)
def test_what_cannot_be_chosen_or_rolled_up_is_said(ask: Any, said: str) -> None:
    with pytest.raises(tu.InputError, match=said):
        ask(assessed(YEARS, by=["county", "year"]))


def test_words_and_pictures_name_what_was_rolled_up() -> None:
    a = assessed(YEARS, by=["county", "year"], rollup="county")
    assert "Together: all of county, year '2'. All together: 10.4 %" in a.describe()
    assert "every county, year 1" in repr(a)
    assert "0 strata" not in a.where(rollup=True).describe()
    with pytest.raises(tu.InputError, match=r"a\.where\(year=1\)\.plot\.gaps"):
        a.plot.gaps()
    a.where(rollup=True, year=1).plot.gaps()


# --- labels renamed on the way in -----------------------------------------------------------------

CODED = pa.table({
    "race": ["RB", "RH", "RB2", None, "RW", "RH"],
    "county": [1, 1, 2, 2, 1, 2],
    "y": [1, 0, 0, 1, 1, 0],
})  # fmt: skip
NAMES = {"RB": "Black", "RB2": "Black", "RH": "Latino", "RW": "White"}


# Each door in one of both ways; in the other at length.
@pytest.mark.parametrize(("door", "by_column"), [
    pytest.param(door, by_column, marks=() if by_column == bool(i % 2) else pytest.mark.long)
    for by_column in (False, True) for i, door in enumerate(DOORS)
])  # fmt: skip
def test_renamed_records_are_those_of_the_renamed_table(
    door: str, by_column: bool, tmp_path: Path
) -> None:
    """Two codes of one group are added up; the order stays that of the codes."""
    data = CODED.to_pandas()
    data["race"] = data["race"].map(NAMES)
    order = {"race": ["Black", "Latino", "White"]}
    labels: Any = {"race": NAMES, "county": {1: "Inyo"}} if by_column else NAMES
    data["county"] = data["county"].replace({1: "Inyo"}) if by_column else data["county"]
    wanted = tu.from_records(data, outcome="y", segments="race", by="county", order=order)
    made = through(door, CODED, tmp_path, by="county", labels=labels)
    assert made.dimensions == {"race": ("Black", "Latino", "White", "Unknown")}
    ours, other = (
        tu.assess(s, HALF).table.astype({"county": str, "segment": str}) for s in (made, wanted)
    )
    assert ours["county"].unique().tolist() == (["Inyo", "2"] if by_column else ["1", "2"])
    pd.testing.assert_frame_equal(
        ours.set_index(["county", "segment"]).sort_index(),
        other.set_index(["county", "segment"]).sort_index(),
    )
    assert made.choices["labels"] == (
        {"race": NAMES, "county": {"1": "Inyo"}} if by_column else NAMES
    )


def test_other_options_name_the_new_labels() -> None:
    data = pd.DataFrame({"code": ["TA", "RB", "RW", "RD"], "x": [9, 4, 3, 2], "n": [30, 9, 11, 10]})
    made = tu.from_counts(
        data, numerator="x", denominator="n", segments="code", total="Everyone", unknown="?",
        labels={"TA": "Everyone", "RD": "?", "RB": "Black", "RW": "White"},
        order={"code": ["White", "Black"]},
    )  # fmt: skip
    found = tu.assess(made, HALF).table
    assert found["segment"].astype(str).tolist() == ["All", "White", "Black", "Unknown"]
    assert found["population"].tolist() == [30, 11, 9, 10]


def test_codes_that_change_over_the_years_become_one_group() -> None:
    """Counts: one row for each year under one of two codes; two rows in one year are an error."""
    data = pd.DataFrame({
        "year": [2020, 2020, 2021, 2021], "race": ["AA", "W", "Black", "W"], "x": [1, 2, 3, 4],
        "n": [10, 20, 30, 40],
    })  # fmt: skip
    told: dict[str, Any] = {
        "numerator": "x", "denominator": "n", "segments": "race", "by": "year",
        "labels": {"AA": "Black"},
    }  # fmt: skip
    assert tu.from_counts(data, **told).dimensions == {"race": ("Black", "W")}
    with pytest.raises(tu.InputError, match="Two rows are about the same group"):
        tu.from_counts(data.assign(year=2020), **told)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"RX": "Black"}, "labels= renames 'RX', which is no label in a column.*There are: 'RB'"),
        ({"race": {"rb": "Black"}}, "renames 'rb', which is no label in column 'race'"),
        ({"rase": {"RB": "Black"}}, "names column 'rase'.*Did you mean 'race'"),
        ({"RB": "Black", "race": {"RH": "B"}}, "mixes labels with mappings by column"),
        ({"RB": ""}, "calls 'RB' '', which is no label.*unknown='RB'"),
        ({"RB": None}, "calls 'RB' None"),
        ({"RB": ["Black"]}, "calls 'RB' .'Black'., which is no label"),
        ({"RB": "All"}, "holds the label 'All'"),
        ({"RB": "A", "RB ": "B"}, "'RB' and 'RB ', which read alike"),
        ({}, "takes new labels by old ones"),
        ("Black", "takes new labels by old ones"),
    ],
)  # fmt: skip
def test_what_cannot_be_renamed_is_an_error(labels: Any, message: str) -> None:
    for data in (CODED, CODED.to_pandas()):
        with pytest.raises(tu.InputError, match=message):
            tu.from_records(data, outcome="y", segments="race", by="county", labels=labels)


def test_the_ledger_reads_the_new_labels() -> None:
    data = pd.DataFrame({"race": ["RB", "black", "RW"], "n": [10, 20, 40]})
    found = tu.inspect(data, denominator="n", segments="race", labels={"RB": "Black"})
    assert found["finding"].tolist() == ["twins of labels: 'Black', 'black' are several labels"]


def test_new_labels_stand_beside_half_a_letter() -> None:
    rows = {"race": pd.Series(["RB", "a\ud83db"], dtype=object), "x": [30, 8], "n": [90, 39]}
    s = tu.from_counts(pd.DataFrame(rows), numerator="x", denominator="n", segments="race",
                       labels={"RB": "Black"})  # fmt: skip
    table = tu.assess(s, tu.Goal.at_least(0.5)).table
    assert table["segment"].tolist() == ["All", "Black", "a\ud83db"]


def test_half_a_letter_stays_text_in_records_in_their_ids_and_between_partners() -> None:
    half = "half of a letter: \ud800"
    text = {"race": [half, f"{half}2"] * 20, "county": ["Inyo"] * 20 + [half] * 20}
    text["id"] = [f"{half}{i}" for i in range(40)]
    rows = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in text.items()})
    rows = rows.assign(one=[0, 1, 1, 1] * 10, other=[1, 0, 1, 0] * 10)
    asked = {"segments": "race", "by": "county", "outcome": ["one", "other"], "unit": "id"}
    made = tu.from_records(rows, **asked)
    goals = dict.fromkeys(["one", "other"], HALF)
    assert set(tu.assess(made, goals).table["segment"]) == {"All", half, f"{half}2"}
    first, partner = (
        counts(rows.head(2).assign(county=[county] * 2, x=[1, 2], n=[30, 40]), by="county")
        for county in ("Mono", "Inyo")
    )
    assert half in tu.assess(first + partner, HALF).table["segment"].tolist()
    with pytest.raises(tu.InputError, match="repeat"):
        tu.from_records(rows.assign(id=pd.Series([half] * 40, dtype=object)), **asked)


def test_a_word_with_half_a_letter_stands_for_no_other_one() -> None:
    """Where one is declared as hidden, another is not."""
    words = pd.Series(["\ud800", "\ud801", "30"], dtype=object)
    data = pd.DataFrame({"race": ["A", "B", "C"], "x": words, "n": [90, 80, 70]})
    with pytest.raises(tu.InputError, match="data row 1"):
        counts(data, suppressed={"\ud800": (1, 10)})
    counts(data.drop(1), suppressed={"\ud800": (1, 10)})
