"""A file of segments comes back to the bit, and says when it must be kept safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

import targeted_universalism as tu

COUNTS = pd.DataFrame(
    {
        "county": ["Inyo", "Inyo", "Mono", "Mono"], "year": [2021, 2021, 2022, 2022],
        "race": ["A", None, "A", "B"], "x": [40, "*", 35, 30], "n": [90, 80, 70, 60],
    }
)  # fmt: skip


def counts(**change: Any) -> tu.Segments:
    return tu.from_counts(
        COUNTS.assign(**change), numerator="x", denominator="n", segments="race",
        by=["county", "year"], suppressed={"*": (11, 60)},
    )  # fmt: skip


def records() -> tu.Segments:
    rng = np.random.default_rng(2)
    data = pd.DataFrame(
        {
            "day": pd.to_datetime(["2021-07-01", "2022-07-01"] * 150),
            "race": rng.choice(["A", "B"], 300), "foster": rng.integers(0, 2, 300),
            "score": rng.normal(50, 9, 300), "w": rng.gamma(2, 1, 300),
        }
    )  # fmt: skip
    return tu.from_records(
        data, outcome="score", kind="mean", weight="w", by="day",
        segments=["race", tu.overlapping(["foster"], name="programme")],
    )  # fmt: skip


def estimates() -> tu.Segments:
    data = pd.DataFrame({"race": ["A", "B"], "r": [0.5, 91.0], "lo": [0.1, 85], "hi": [2, 95.0]})
    return tu.from_estimates(
        data, estimate="r", ci=("lo", "hi"), segments="race", kind="proportion", per=100
    )


GOALS = {
    "counts": tu.Goal.at_least(0.5),
    "records": tu.Goal.at_least(50, per=1),
    "estimates": tu.Goal.at_least(90, per=100),
}


@pytest.mark.parametrize(
    ("make", "goal"), [(counts, "counts"), (records, "records"), (estimates, "estimates")]
)
def test_what_comes_back_gives_the_same_table_to_the_bit(
    make: Any, goal: str, tmp_path: Path
) -> None:
    segments = make()
    back = tu.read_segments(segments.to_parquet(tmp_path / "s.parquet", confidential=True))
    ours, theirs = (tu.assess(s, GOALS[goal]).table for s in (segments, back))
    text = {name: str for name in ours.columns if ours[name].dtype == "category"}
    pd.testing.assert_frame_equal(ours.astype(text), theirs.astype(text), check_exact=True)
    assert repr(back) == repr(segments)


def test_small_counts_are_confidential_and_the_file_says_so(tmp_path: Path) -> None:
    small = counts(x=[40, "*", 65, 30])  # 5 of 70 without the event
    with pytest.raises(tu.InputError, match=r"Counts of 1 to 10.*confidential=True"):
        small.to_parquet(tmp_path / "s.parquet")
    assert not (tmp_path / "s.parquet").exists()
    path = small.to_parquet(tmp_path / "s.parquet", confidential=True)
    assert b'"confidential": true' in parquet.read_schema(path).metadata[b"targeted_universalism"]


def test_segments_made_public_may_be_written(tmp_path: Path) -> None:
    public = tu.assess(counts(x=[40, "*", 65, 30]), GOALS["counts"]).suppress().segments
    back = tu.read_segments(public.to_parquet(tmp_path / "public.parquet"))
    with pytest.raises(tu.InputError, match="Public segments cannot be added"):
        back + back


def test_partners_files_add_up(tmp_path: Path) -> None:
    inyo = tu.read_segments(counts().to_parquet(tmp_path / "a.parquet", confidential=True))
    mono = counts(county=["Alpine"] * 2 + ["Napa"] * 2)
    merged = tu.assess(inyo + mono, GOALS["counts"]).table
    assert merged["county"].drop_duplicates().tolist() == ["Inyo", "Mono", "Alpine", "Napa"]


def test_a_file_of_something_else_is_an_error(tmp_path: Path) -> None:
    COUNTS.astype({"x": str}).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(tu.InputError, match="holds no segments"):
        tu.read_segments(tmp_path / "rows.parquet")
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(tu.InputError, match=r"text\.parquet.*cannot be read"):
        tu.read_segments(tmp_path / "text.parquet")
