"""Shares of events and of people: published example, ceiling, another base, what stays hidden."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import counts, pairs

GOAL = tu.Goal.at_most(0.01, per=1, name="Entries")


def table(rows: list[tuple[str, object, float]], **options: object) -> pd.DataFrame:
    return tu.assess(counts(rows, **options), GOAL).representation().set_index("segment")


def test_disproportionality_as_published() -> None:
    """Wiegmann (CCWIP) 2017: 18.7 % of entries, 5.5 % of children; 24.0 % and 28.3 %."""
    found = table([("Black", 187, 550), ("White", 240, 2830), ("Other", 573, 6620)], kind="rate")
    assert found["index"]["Black"] == pytest.approx(3.4, abs=0.011)
    assert found["index"]["White"] == pytest.approx(0.85, abs=0.011)
    assert found["index"]["Black"] / found["index"]["White"] == pytest.approx(4.0, abs=0.011)
    assert found["ceiling"]["Black"] == pytest.approx(1 / 0.055)


@given(st.lists(pairs(300), min_size=2, max_size=6))
def test_shares_sum_to_one_and_the_ceiling_holds(cells: list[tuple[int, int]]) -> None:
    found = table([("ABCDEF"[i], x, n) for i, (x, n) in enumerate(cells)])
    assert found["base_share"].sum() == pytest.approx(1)
    assert not (found["index"] > found["ceiling"] * (1 + 1e-12)).any()
    total = sum(x for x, _ in cells)
    if total == 0:
        assert found["index"].isna().all()
        assert (found["reason"] == "no ratio: the reference is 0").all()
    else:
        assert found["events_share"].sum() == pytest.approx(1)
        assert (found["index"] * found["base_share"]).sum() == pytest.approx(1)
        mean = total / sum(n for _, n in cells)
        rates = [x / n / mean for x, n in cells]
        assert found["index"].tolist() == pytest.approx(rates)


def test_the_ceiling_is_reached_where_one_group_has_all_events() -> None:
    found = table([("A", 30, 100), ("B", 0, 300)])
    assert found["index"]["A"] == found["ceiling"]["A"] == 4


def test_unknown_nobody_and_overlapping() -> None:
    rows = [("A", 30, 100), ("B", 0, 0), ("C", 10, 100), ("Unknown", 50, 60)]
    found = table(rows, unknown="Unknown")
    assert found["events_share"]["A"] == 0.75
    assert found["reason"]["B"] == "no population"
    assert pd.isna(found["index"]["B"])
    assert found["index"].isna()["Unknown"]
    assert "Unknown takes no part" in found["reason"]["Unknown"]
    over = table([("A", 30, 100), ("C", 10, 100)], exclusive=False)
    assert over["index"].isna().all()
    assert (over["reason"] == "no share: segments overlap").all()


def test_another_base_is_the_events_of_other_segments() -> None:
    rows = [("A", 30, 1000), ("B", 20, 3000)]
    referred = counts([("B", 100, 3000), ("A", 300, 1000)])
    a = tu.assess(counts(rows), GOAL)
    found = a.representation(referred).set_index("segment")
    assert found["base_share"].tolist() == [0.75, 0.25]
    assert found["index"].tolist() == pytest.approx([0.8, 1.6])
    assert list(found.columns) == list(a.representation().set_index("segment").columns)


def test_another_base_is_found_by_the_labels_of_its_strata() -> None:
    data = pd.DataFrame({
        "year": [2020, 2020, 2021, 2021], "race": list("ABAB"), "x": [1, 2, 3, 4],
        "n": [50, 60, 70, 80], "poor": [10, 30, 20, 20],
    })  # fmt: skip

    def by_year(frame: pd.DataFrame, numerator: str) -> tu.Segments:
        return tu.from_counts(
            frame, numerator=numerator, denominator="n", segments="race", by="year"
        )

    base = by_year(data.iloc[::-1], "poor")
    found = tu.assess(by_year(data, "x"), GOAL, rollup=True).representation(base)
    assert found["base_share"].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5, 0.375, 0.625])
    part = by_year(data[data["year"] == 2021], "poor")
    found = tu.assess(by_year(data, "x"), GOAL).representation(part)
    assert found["index"].isna().tolist() == [True, True, False, False]
    assert found["reason"].astype(str).str.contains("not known").tolist() == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("poor", "takes Segments"),
        (counts([("A", 1, 9), ("C", 1, 9)]), r"differ in the segments of 'race': \['B', 'C'\]"),
        (
            tu.from_counts(
                pd.DataFrame({"sex": ["F"], "x": [1], "n": [3]}), numerator="x", denominator="n",
                segments="sex",
            ),
            "no dimension 'race'",
        ),
        (
            tu.from_counts(
                pd.DataFrame({"race": ["A", "B"], "y": [1, 1], "x": [1, 2], "n": [3, 4]}),
                numerator="x", denominator="n", segments="race", by="y",
            ),
            r"base= has by=\['y'\]",
        ),
        (
            tu.from_counts(
                pd.DataFrame({"race": ["A", "B"] * 2, "y": [*"uuvv"], "x": [1] * 4, "n": [3] * 4}),
                numerator="x", denominator="n", segments="race", indicator="y",
            ),
            "holds several indicators: choose one",
        ),
    ],
)  # fmt: skip
def test_a_base_that_does_not_fit_is_named(base: object, message: str) -> None:
    a = tu.assess(counts([("A", 1, 9), ("B", 2, 9)]), GOAL)
    with pytest.raises(tu.InputError, match=message):
        a.representation(base)  # type: ignore[arg-type]


def test_one_hidden_segment_takes_every_share() -> None:
    rows: list[tuple[str, object, float]] = [("A", 40, 90), ("B", 4, 50), ("C", 30, 80)]
    a = tu.assess(counts(rows), GOAL)
    found = a.suppress().representation().set_index("segment")
    assert found[["events_share", "base_share", "index", "ceiling"]].isna().all(axis=None)
    assert found["reason"].tolist() == ["suppressed segment", "suppressed", "suppressed"]
    base = counts([("A", 40, 90), ("B", "*", 50), ("C", 30, 80)], suppressed={"*": (1, 10)})
    found = a.representation(base)
    assert found["index"].isna().all()
    assert (found["reason"] == "suppressed segment").all()


def test_a_rate_without_people_leaves_every_share_of_its_dimension_unknown() -> None:
    rates = pd.DataFrame({"race": ["A", "B"], "rate": [0.5, 0.25], "people": [100.0, None]})
    s = tu.from_estimates(
        rates, estimate="rate", population="people", segments="race", kind="proportion"
    )
    found = tu.assess(s, tu.Goal.at_most(0.1)).representation()
    assert found[["events_share", "base_share", "index", "ceiling"]].isna().all(axis=None)
    said = "no share: the events or the people of a segment are not known"
    assert found["reason"].tolist() == [said] * 2


def test_published_rates_imply_their_events_and_means_have_none() -> None:
    data = pd.DataFrame({"g": ["A", "B"], "p": [60.0, 20.0], "pop": [100, 300]})
    s = tu.from_estimates(
        data, estimate="p", population="pop", segments="g", kind="proportion", per=100
    )
    found = tu.assess(s, tu.Goal.at_least(50, per=100)).representation()
    assert found["events_share"].tolist() == pytest.approx([0.5, 0.5])
    assert found["index"].tolist() == pytest.approx([2, 2 / 3])
    s = tu.from_estimates(data, estimate="p", population="pop", segments="g", kind="mean")
    found = tu.assess(s, tu.Goal.at_least(50, per=1)).representation()
    assert (found["reason"] == "needs counts of people and events").all()
    s = tu.from_estimates(data, estimate="p", segments="g", kind="proportion", per=100)
    found = tu.assess(s, tu.Goal.at_least(50, per=100)).representation()
    assert found["index"].isna().all()
    assert found["reason"].str.startswith("no share: the events or the people").all()


def test_a_group_of_unknown_size_takes_every_share() -> None:
    """Its events are known, and it is not left out of the sum without a word."""
    found = table([("A", 11, 110), ("B", 5, None), ("C", 4, 40)], kind="rate")
    assert found[["events_share", "base_share", "index"]].isna().all(axis=None)
    said = "no share: the events or the people of a segment are not known"
    assert found["reason"].str.contains(said).all()
