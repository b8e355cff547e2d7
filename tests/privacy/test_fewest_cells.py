"""No more is hidden of small crossings than must be: every smaller pattern is tried."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import HALF, counts
from targeted_universalism.privacy import complement, suppress
from targeted_universalism.privacy.attack import judged
from targeted_universalism.privacy.complement import Hiding

SHAPES = [
    ((3, 2), ["race", "sex", "race*sex"]), ((4, 2), ["race", "race*sex"]),
    ((3, 3), ["race", "sex", "race*sex"]), ((3, 2), ["race*sex", "sex"]),
]  # fmt: skip


LINES = [((size, 1), ["race"]) for size in (3, 5, 7)]


def crossing(number: int, shapes: list[Any]) -> tu.Assessment:
    """Draw a crossing of groups of very unequal sizes, with margins."""
    rng = np.random.default_rng([7, number])
    (races, sexes), segments = shapes[number % len(shapes)]
    race, sex = (axis.ravel() for axis in np.indices((races, sexes)))
    people = np.round(rng.lognormal(4, 1.2, races * sexes)).astype(int) + 1
    rate = rng.choice([0.02, 0.1, 0.3, 0.6], people.size)
    return tu.assess(
        counts(
            {"race": race.astype(str), "sex": sex.astype(str), "n": people,
             "x": rng.binomial(people, rate)},
            segments=segments,
        ),
        HALF,
    )  # fmt: skip


def safe(hiding: Hiding, hidden: np.ndarray) -> bool:
    """Tell whether nothing hidden follows, and no sum that could hide more hides too little."""
    if hiding.exposed(hidden).any():
        return False
    sums = hiding.grid.sums
    thin = hiding.thin(hidden)
    shown = ~hidden & ~hiding.fixed & (hiding.grid.counts.people > 0)
    parts = shown[sums.cell] & (sums.sign > 0)
    return not thin[sums.row[parts]].any()


def hidden_and_fewest(table: tu.Assessment, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Count the cells that are hidden of a table, and the fewest that would do."""
    seen = []

    class Watched(Hiding):
        def hidden(self) -> tuple[np.ndarray, np.ndarray]:
            seen.append((self, *super().hidden()))
            return seen[-1][1:]

    monkeypatch.setattr(suppress, "Hiding", Watched)
    table.suppress()
    ((hiding, hidden, lost),) = seen
    assert not lost.any()
    assert safe(hiding, hidden) or not hidden.any()
    beside = np.flatnonzero(hiding._free(hiding.first))
    most = int((hidden & ~hiding.first).sum())
    for size in range(most):
        for more in combinations(beside, size):
            pattern = hiding.first.copy()
            pattern[list(more)] = True
            if safe(hiding, pattern):
                return int(hidden.sum()), int(pattern.sum())
    return int(hidden.sum()), int(hidden.sum())


def held(numbers: range, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare what is hidden of crossings with what must be."""
    found = [hidden_and_fewest(crossing(i, SHAPES), monkeypatch) for i in numbers]
    ours, fewest = (sum(each) for each in zip(*found, strict=True))
    assert fewest > len(numbers)
    assert ours <= 1.1 * fewest, found


def test_a_few_crossings_hide_hardly_more_than_they_must(monkeypatch: pytest.MonkeyPatch) -> None:
    held(range(4), monkeypatch)


@pytest.mark.long
def test_a_hundred_crossings_hide_hardly_more_than_they_must(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(range(100), monkeypatch)


def test_one_dimension_hides_no_more_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [hidden_and_fewest(crossing(i, LINES), monkeypatch) for i in range(12)]
    assert sum(hidden for hidden, _ in found) > 12
    assert all(hidden == fewest for hidden, fewest in found), found


@pytest.mark.parametrize("number", range(6))
def test_what_was_open_while_less_was_hidden_is_not_asked_again(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again each time, the same cells are hidden."""
    table = crossing(number, SHAPES)
    remembered = table.suppress(width=8)
    ask = Hiding._exposed

    def anew(self: Hiding, puzzles: Any, among: Any, lost: Any, _proven: Any = None) -> Any:
        return ask(self, puzzles, among, lost)

    monkeypatch.setattr(Hiding, "_exposed", anew)
    pd.testing.assert_frame_equal(remembered.table, table.suppress(width=8).table)


def test_only_what_is_not_shown_to_be_open_is_asked_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, asked = [], []

    class Watched(Hiding):
        def hidden(self) -> tuple[np.ndarray, np.ndarray]:
            seen.append((self, *super().hidden()))
            return seen[-1][1:]

    def counted(system: Any, demand: Any, ringed: Any) -> Any:
        asked.append(int((demand.values > 0).sum()))
        return judged(system, demand, ringed)

    monkeypatch.setattr(suppress, "Hiding", Watched)
    crossing(0, SHAPES).suppress()
    monkeypatch.setattr(complement, "judged", counted)
    ((hiding, hidden, lost),) = seen
    every, proven = np.ones_like(hidden), defaultdict[int, Any](lambda: np.zeros(lost.shape))
    for _ in range(2):
        puzzles = hiding._quickly(hiding.grid.unknown(hidden))
        assert not hiding._exposed(puzzles, every, lost, proven).any()
    first, again = asked[: len(puzzles)], asked[len(puzzles) :]
    assert sum(first) > 4
    assert sum(again) == 0
