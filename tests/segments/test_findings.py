"""What is seen in cells: planted faults are found, clean tables and public ones are quiet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import some_of
from targeted_universalism.segments.findings import heaped

RACES = ("Black", "Latino", "White", "Asian")
HALF = tu.Goal.at_most(0.15)


def counted(seed: int = 3) -> pd.DataFrame:
    """Four races in six counties, with a total row that is their sum."""
    rng = np.random.default_rng(seed)
    rows = []
    for county in ("Inyo", "Mono", "Alpine", "Kern", "Lake", "Yolo"):
        people = rng.integers(300, 9_000, len(RACES))
        events = rng.binomial(people, rng.uniform(0.1, 0.3, len(RACES)))
        rows += [(county, *row) for row in zip(RACES, events, people, strict=True)]
        rows.append((county, "All", events.sum(), people.sum()))
    return pd.DataFrame(rows, columns=["county", "race", "absent", "pupils"])


def made(data: pd.DataFrame, **more: Any) -> tu.Segments:
    options = {"segments": "race", "by": "county", "total": "All", **more}
    return tu.from_counts(data, numerator="absent", denominator="pupils", **options)


def relabelled(old: str, new: str, county: str | None = "Kern") -> Callable[..., pd.DataFrame]:
    def planted(data: pd.DataFrame) -> pd.DataFrame:
        here = (data["race"] == old) & ((data["county"] == county) if county else True)
        return data.assign(race=data["race"].mask(here, new))

    return planted


def changed(column: str, change: Callable[[Any], Any], race: str = "All") -> Any:
    def planted(data: pd.DataFrame) -> pd.DataFrame:
        here = (data["race"] == race) & (data["county"] == "Kern")
        return data.assign(**{column: data[column].mask(here, change(data[column]))})

    return planted


def everywhere(race: str, change: Callable[[Any], Any]) -> Any:
    """Change every count of a race, of a file without totals."""

    def planted(data: pd.DataFrame) -> pd.DataFrame:
        data = data[data["race"] != "All"]
        here = data["race"].eq(race) if race else pd.Series(True, data.index)
        counts = data[["absent", "pupils"]]
        return data.assign(**counts.mask(here, change(counts), axis=0))

    return planted


def least_of_16(counts: pd.DataFrame) -> pd.DataFrame:
    """Leave no event where there were few, as a file does that hides them."""
    few = counts["absent"] * 0 + np.arange(len(counts)) % 4 == 1
    events = (counts["pupils"] * 0.02).round().clip(lower=16).mask(few, 0)
    return counts.assign(absent=events.astype(int))


PLANTED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "twins of labels": (relabelled("Black", "black "), {}, "'Black', 'black'"),
    "twins of labels in counties": (
        lambda d: d.assign(county=d["county"].mask(d["race"] == "Asian", d["county"].str.upper())),
        {}, "in county, 'Inyo', 'INYO'",
    ),
    "undeclared total": (relabelled("Asian", "All Asian groups", None), {}, "'All Asian groups'"),
    "undeclared total of counties": (
        lambda d: d.assign(county=d["county"].replace("Yolo", "Statewide")), {}, "'Statewide'",
    ),
    "undeclared unknown": (relabelled("White", "Not reported", None), {}, "'Not reported' of race"),
    "share of unknown": (
        relabelled("White", "Declined", None), {"unknown": "Declined"}, "of no known race",
    ),
    "totals that do not add up": (
        changed("pupils", lambda n: n * 2), {}, "in 1 of 6 strata: they are off by up to about 5",
    ),
    "total outside its segments": (changed("absent", lambda x: x // 20), {}, "1 of 6 strata"),
    "zeros for hidden counts": (
        everywhere("", least_of_16), {"total": None}, "no count between them and 28",
    ),
    "heaping": (everywhere("", lambda x: (x / 5).round() * 5), {"total": None}, "multiples of 5"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_under_its_name(name: str) -> None:
    plant, options, words = PLANTED[name]
    found = made(plant(counted()), **options).choices["findings"]
    expected = next(k for k in sorted(PLANTED, key=len) if name.startswith(k))
    assert any(words in text for text in found[expected]), found


@pytest.mark.parametrize("seed", some_of(range(20), *range(8)))
def test_clean_tables_are_quiet(seed: int) -> None:
    alone = counted(seed).query("race != 'All'")
    for s in (made(counted(seed)), made(alone, total=None)):
        # One table in a thousand is as round as that by chance: tests of ``heaped`` count them.
        assert not {*s.choices["findings"]} - {"heaping"}


def test_the_sample_is_quiet_and_the_real_files_say_what_is_known_of_them(
    sample: Path, shared: Path
) -> None:
    pupils = pd.read_csv(sample / "chronic_absence_california_2021_22.csv")
    s = tu.from_counts(
        pupils, numerator="chronically_absent", denominator="eligible", segments="group",
        dimension="dimension", total="All students", exclusive={"programme": False},
    )  # fmt: skip
    assert s.choices["findings"] == {}
    wealth = pd.read_csv(shared / "data" / "who_ordered_wealth.csv")
    wealth = wealth[wealth["indicator_scale"] == 1000]
    means = wealth.head(1).assign(subgroup="All", estimate=wealth["setting_average"].iloc[0])
    found = tu.from_estimates(
        pd.concat([wealth, means]), estimate="estimate", segments="subgroup", kind="rate",
        per=1000, total="All",
    ).choices["findings"]  # fmt: skip
    assert "total outside its segments" in found


def test_a_total_that_was_said_to_be_none_is_no_finding() -> None:
    data = counted().query("race != 'All'").replace({"race": {"Asian": "Everyone"}})
    assert "undeclared total" in made(data, total=None).choices["findings"]
    quiet = made(data, total=())
    assert "undeclared total" not in quiet.choices["findings"]
    assert "undeclared total" not in (quiet + quiet).choices["findings"]
    assert not [k for k in quiet.choices if k in ("no_total", "total_labels")]


def test_rounding_and_hidden_or_absent_groups_explain_what_does_not_add_up() -> None:
    data = counted()
    counts = data[["absent", "pupils"]]
    rounded = data.assign(**((counts / 5).round() * 5))
    assert made(rounded, rounded=5).choices["findings"] == {}
    twice = changed("pupils", lambda n: n * 2)(data).astype({"pupils": object})
    hidden = twice.assign(pupils=twice["pupils"].mask(twice["race"] == "Asian", "*"))
    assert made(hidden, suppressed={"*": None}).choices["findings"] == {}
    assert made(twice[twice["race"] != "Asian"]).choices["findings"]
    absent = twice[(twice["race"] != "Asian") | (twice["county"] != "Kern")]
    assert made(absent).choices["findings"] == {}


def test_partners_who_spell_a_group_otherwise_are_found_when_they_are_added() -> None:
    data = counted()
    kern, others = data[data["county"] == "Kern"], data[data["county"] != "Kern"]
    together = made(kern.replace({"race": {"Latino": "LATINO"}})) + made(others)
    assert "'LATINO', 'Latino'" in together.choices["findings"]["twins of labels"][0]


def test_records_say_nothing_of_totals() -> None:
    rows = pd.DataFrame({"grade": ["All day", "Half day"] * 50, "y": [0, 1] * 50})
    assert tu.from_records(rows, outcome="y", segments="grade").choices["findings"] == {}


def test_findings_of_a_public_table_are_those_of_what_it_shows() -> None:
    data = counted().assign(absent=lambda d: d["absent"].mask(d["race"] == "Asian", 3))
    data["county"] = data["county"].replace("Yolo", "INYO")
    a = tu.assess(made(data), HALF)
    assert {*a.choices["findings"]} > {"totals that do not add up", "twins of labels"}
    found = a.suppress().choices["findings"]
    assert list(found) == ["twins of labels"]
    # Twenty zeros and nothing below the minimum: hidden here, and no fault of the data.
    hidden = tu.assess(made(everywhere("", least_of_16)(counted()), total=None), HALF)
    assert "zeros for hidden counts" in hidden.choices["findings"]
    assert "zeros for hidden counts" not in hidden.suppress().choices["findings"]


def test_no_finding_tells_a_count() -> None:
    told = [
        text
        for plant, options, _ in PLANTED.values()
        for texts in made(plant(counted()), **options).choices["findings"].values()
        for text in texts
    ]
    data = counted()
    small = changed("pupils", lambda n: n + 7)(data)
    [text] = made(small).choices["findings"]["totals that do not add up"]
    assert "7" not in text
    assert "less than 1 %" in text
    assert len(told) > len(PLANTED)


def test_one_number_in_five_is_a_multiple_of_five_by_chance() -> None:
    numbers = np.arange(1, 101.0)
    assert heaped(numbers) == 1.0
    assert heaped(numbers * 5) == pytest.approx(0.2**100, rel=1e-9)
