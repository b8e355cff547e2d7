"""A sentence has two numbers at most, whatever it is about, and each dimension its own line."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
import pytest

import targeted_universalism as tu
from make import assessed, estimates

# No digit is in a name, so that every one that is said is a figure.
NAMES = ["Asian", "Black", "Latino", "Native", "Pacific", "White", "Other", "Arab", "Roma", "Sami",
         "Two or more", "None given"]  # fmt: skip
PLACES = ["Inyo", "Mono", "Kern", "Napa"]
FIGURE = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
KINDS = ("proportion", "rate")
SEEDS = range(14)
SAID = (
    "suppressed", "By its interval", "By their intervals", "groups hold", "certainty", "Too few",
    "Needs are for", "more have a distance", "All strata together",
)  # fmt: skip


def counts(rng: random.Random, places: int, groups: int) -> pd.DataFrame:
    """Draw counts, small ones among them, with a second dimension beside the first."""
    rows = []
    for place in PLACES[:places]:
        for i, name in enumerate(NAMES[:groups]):
            n = rng.choice([9, 40, 300, 5000, 80_000])
            x = rng.randint(0, n) if rng.random() < 0.8 else rng.choice([0, n])
            rows.append((place, name, ("north", "south")[i % 2], x, n))
    return pd.DataFrame(rows, columns=["place", "race", "side", "x", "n"])


@cache
def made(seed: int) -> list[tu.Assessment]:
    """Make an assessment of some shape, and what may be published of it."""
    rng = random.Random(seed)  # noqa: S311
    data = counts(rng, rng.choice([1, 1, 1, 4]), rng.choice([2, 5, 12]))
    kind = KINDS[seed % 2]
    options: dict[str, Any] = {"by": "place", "kind": kind, "confidence": rng.choice([0.95, None])}
    options["rollup"] = data["place"].nunique() > 1
    options["segments"] = rng.choice([["race"], ["side", "race"]])
    options["years"] = rng.choice([None, 5])
    if rng.random() < 0.3:
        data = data.astype({"x": object})
        data.loc[data["x"].between(1, 10), "x"] = "<"
        options["suppressed"] = {"<": (1, 10)}
    per = {"proportion": 100, "rate": 1000}[kind]
    at = rng.choice([tu.Goal.at_least, tu.Goal.at_most])
    goal = at(rng.choice([5, 40, 95]), per=per, name="Ready", deadline=2030)
    a = assessed(data, goal, **options)
    found = [a, a.where(place=data["place"][0], segment=NAMES[:2])]
    try:
        found.append(a.suppress())
    except tu.InputError:  # cells that cannot be protected
        return found
    return found


def published() -> Iterator[tu.Assessment]:
    """Rates with and without intervals, of several indicators, and without a total."""
    data = pd.DataFrame({"race": NAMES, "rate": [30 + 4.5 * i for i in range(len(NAMES))],
                         "se": [2.0, None] * 6, "people": 900})  # fmt: skip
    goal = tu.Goal.at_least(60, per=100, people="foster children")
    for kind in ("proportion", "rate", "mean"):
        yield assessed(data, goal, estimates, estimate="rate", kind=kind, per=100, se="se",
                       population="people")  # fmt: skip
    both = pd.concat([data.assign(what=what) for what in ("absence", "entries")])
    goals = {"absence": goal, "entries": tu.Goal.at_most(40, per=100)}
    yield assessed(both, goals, estimates, estimate="rate", kind="proportion", per=100,
                   indicator="what")  # fmt: skip


def sentences(said: str) -> list[str]:
    """Part a text at full stops, which end no number here."""
    return [one for line in said.split("\n") for one in re.split(r"(?<=\.) ", line)]


def crowded(said: str) -> list[str]:
    """Give the sentences with more than two figures; a unit is none."""
    bare = re.sub(r"per (?:100|1,000)\b", "per unit", said)
    return [one for one in sentences(bare) if len(FIGURE.findall(one)) > 2]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sentence_has_two_numbers_at_most(seed: int) -> None:
    for a in made(seed):
        assert crowded(a.describe()) == []
        assert crowded(a.describe(short=True)) == []


def test_so_has_one_about_published_rates() -> None:
    for a in published():
        assert crowded(a.describe()) == []
        assert crowded(a.describe(short=True)) == []


def test_many_of_them_have_two_and_three_would_be_seen() -> None:
    said = [one for seed in SEEDS for a in made(seed) for one in sentences(a.describe())]
    assert sum(len(FIGURE.findall(one)) == 2 for one in said) > 50
    for words in SAID:
        assert any(words in one for one in said), words
    assert crowded("A: 5.6 points to go (1,005 people). B: 1 to 2,000, of 30.") == [
        "B: 1 to 2,000, of 30."
    ]


def test_each_dimension_has_a_line_of_its_own() -> None:
    data = counts(random.Random(1), 1, 5)  # noqa: S311
    said = assessed(data, tu.Goal.at_least(0.5), segments=["race", "side"]).describe()
    first, *others = said.split("\n")
    assert first.startswith("The goal for everyone is at least 50 %. All together: ")
    starts = [line.split(",")[0] for line in others]
    assert starts[:2] == ["By race", "By side"]
    by_race, by_side = others[:2]
    assert not any(f"{side}: " in by_race for side in ("north", "south"))
    assert not any(f"{name}: " in by_side for name in NAMES)
