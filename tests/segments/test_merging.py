"""Partners share counts, not people: merging equals pooling, and guards against counting twice."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu

GOAL = tu.Goal.at_least(0.5)


def records(rows: int = 400, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "county": rng.choice(["Inyo", "Mono", "Napa"], rows),
            "race": rng.choice(np.array(["A", "B", "C", None], dtype=object), rows),
            "sex": rng.choice(["F", "M"], rows),
            "y": rng.integers(0, 2, rows),
            "score": rng.normal(1e6, 1, rows),
            "w": rng.gamma(2, 1, rows),
        }
    )


def made(data: pd.DataFrame, **options: Any) -> tu.Segments:
    wanted = {"outcome": "y", "segments": ["race", "sex"], "cross": 2, "by": "county", **options}
    return tu.from_records(data, **wanted)


def table(segments: tu.Segments, goal: tu.Goal = GOAL) -> pd.DataFrame:
    found = tu.assess(segments, goal).table
    keys = ["county", "dimension", "segment"]
    return found.astype(dict.fromkeys(keys, str)).sort_values(keys).reset_index(drop=True)


@given(cut=st.lists(st.integers(0, 400), min_size=1, max_size=3))
def test_merging_equals_pooling_for_any_split_of_the_rows(cut: list[int]) -> None:
    data = records()
    ends = [0, *sorted(cut), len(data)]
    parts = [data.iloc[a:b] for a, b in pairwise(ends) if b > a]
    merged = tu.combine([made(part) for part in parts])
    pd.testing.assert_frame_equal(table(merged), table(made(data)))


@pytest.mark.parametrize(
    "options", [{"weight": "w"}, {"outcome": "score", "kind": "mean"},
                {"outcome": "score", "kind": "mean", "weight": "w"}],
)  # fmt: skip
def test_weighted_sums_and_moments_merge_to_rounding(options: dict[str, Any]) -> None:
    data = records()
    goal = tu.Goal.at_least(1e6, per=1) if "kind" in options else GOAL
    merged = made(data.iloc[:150], **options) + made(data.iloc[150:], **options)
    ours, whole = table(merged, goal), table(made(data, **options), goal)
    for name in ("population", "rate", "ci_low", "ci_high"):
        np.testing.assert_allclose(ours[name], whole[name], rtol=1e-12)
    assert ours["n"].equals(whole["n"])


def test_counties_and_segments_that_only_one_partner_has_are_kept() -> None:
    inyo = pd.DataFrame({"county": "Inyo", "race": ["A", "B"], "x": [5, 6], "n": [20, 20]})
    mono = pd.DataFrame({"county": "Mono", "race": ["C", "A"], "x": [7, 8], "n": [20, 20]})

    def read(data: pd.DataFrame) -> tu.Segments:
        return tu.from_counts(data, numerator="x", denominator="n", segments="race", by="county")

    found = tu.assess(read(inyo) + read(mono), GOAL).table
    rows = found[["county", "segment", "events", "reason"]].astype(object).to_numpy().tolist()
    assert [row[:2] for row in rows] == [
        [county, race] for county in ("Inyo", "Mono") for race in ("All", "A", "B", "C")
    ]
    assert found["events"].fillna(-1).tolist() == [11, 5, 6, -1, 15, 8, -1, 7]
    assert rows[3][3] == "no row in the data"


def test_the_same_file_twice_is_an_error_where_one_says_so() -> None:
    data = records()
    with pytest.raises(tu.InputError, match=r"county 'Inyo'.*same file twice"):
        tu.combine([made(data), made(data)], shared="error")
    both = tu.assess(tu.combine([made(data), made(data)]), GOAL).table
    assert both["n"].iloc[0] == 2 * (data["county"] == "Inyo").sum()


def test_parts_that_differ_are_an_error_that_lists_how() -> None:
    data = records()
    with pytest.raises(tu.InputError, match=r"by: \('county',\) and \(\).*dimensions"):
        made(data) + made(data, by=None, segments="race")


def test_published_rates_of_one_group_are_never_added() -> None:
    rates = pd.DataFrame({"race": ["A", "B"], "r": [0.2, 0.3], "p": [10, 20]})
    one = tu.from_estimates(rates, estimate="r", segments="race", kind="proportion", population="p")
    with pytest.raises(tu.InputError, match="published estimates are not added"):
        one + one


def test_a_public_part_cannot_be_added() -> None:
    one = made(records())
    public = tu.assess(one, GOAL).suppress().segments
    with pytest.raises(tu.InputError, match="Combine first, then suppress"):
        one + public


def test_a_hidden_cell_of_one_partner_bounds_the_sum() -> None:
    def read(x: Any) -> tu.Segments:
        data = pd.DataFrame({"race": ["A", "B"], "x": [x, 9], "n": [20, 20]})
        return tu.from_counts(
            data, numerator="x", denominator="n", segments="race", suppressed={"*": (1, 4)}
        )

    found = tu.assess(read("*") + read(3), GOAL).table.iloc[1]
    assert found["status"] == "suppressed"
    assert (found["needed_low"], found["needed_high"]) == (13, 16)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_one_partner_alone_said_of_counts_stays_on_record(order: tuple[int, int]) -> None:
    """Which of them is the first is chance; a page says what counts went through."""
    rows = pd.DataFrame({"race": ["A", "B"], "x": [15, 25], "n": [50, 60]})
    said = [
        {"suppressed": {"*": (1, 5), "<": (0, 3)}},
        {"suppressed": {"*": (2, 10)}, "rounded": {"x": 5}, "total": "All"},
    ]
    rows = pd.concat([rows, pd.DataFrame({"race": ["All"], "x": [40], "n": [110]})])
    parts = [
        tu.from_counts(
            rows[: 2 + i].assign(county=county), numerator="x", denominator="n",
            segments="race", by="county", **said[i],
        )
        for i, county in enumerate(["Inyo", "Mono"])
    ]  # fmt: skip
    choices = tu.combine([parts[i] for i in order]).choices
    assert choices["suppressed"] == {"*": (1.0, 10.0), "<": (0.0, 3.0)}
    assert choices["rounded"] == {"x": 5}
    assert all(part.choices["total"] in choices["total"] for part in parts)


def test_years_are_matched_by_label_whatever_their_type() -> None:
    def read(year: Any) -> tu.Segments:
        data = pd.DataFrame({"year": [year], "race": ["A"], "x": [5], "n": [20]})
        return tu.from_counts(data, numerator="x", denominator="n", segments="race", by="year")

    assert tu.assess(read(2022) + read("2022"), GOAL).table["events"].tolist() == [10, 10]


def test_only_segments_can_be_added() -> None:
    with pytest.raises(TypeError):
        made(records()) + 1  # type: ignore[operator]
    with pytest.raises(tu.InputError, match="list of Segments"):
        tu.combine([])
    with pytest.raises(tu.InputError, match="a list of Segments, not 3"):
        tu.combine(3)  # type: ignore[arg-type]
