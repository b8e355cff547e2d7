"""Random tables of every family, attacked: nothing hidden is told, whatever was published."""

from __future__ import annotations

import cases
import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu

ROUND = 20  # tables of one long test
QUICK = 2


def held(family: str, numbers: range) -> None:
    """Publish and attack cases, and fail with all that is told."""
    faults, hidden, rows = [], 0, 0
    for number in numbers:
        found = cases.tried(cases.drawn(family, number))
        shares = [row for one in found.public for row in cases.shares_beside_hidden(one)]
        hidden += found.hidden
        rows += sum(len(one.table) for one in found.public)
        if found.refused and "cannot protect" not in found.refused:
            faults.append(f"{number}: refused without a word why: {found.refused}")
        for name in ("alone", "told", "passed", "failed_alone"):
            faults += [f"{number} {name}: {leak}" for leak in getattr(found, name)]
        faults += [f"{number} share of effort: {row}" for row in shares]
    assert not faults, "\n".join([f"{len(faults)} in {family}", *faults])
    assert 0 < hidden < rows, "nothing to attack"


@pytest.mark.parametrize("family", cases.FAMILIES)
def test_nothing_hidden_is_told(family: str) -> None:
    held(family, range(QUICK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, 200, ROUND))
@pytest.mark.parametrize("family", cases.FAMILIES)
def test_nothing_hidden_is_told_in_200_tables(family: str, first: int) -> None:
    held(family, range(first, first + ROUND))


def test_public_choices_tell_no_small_count() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"race": rng.choice(list("AB"), 200), "y": rng.integers(0, 2, 200) * 1.0})
    rows.loc[:3, "y"] = np.nan
    a = tu.assess(tu.from_records(rows, outcome="y", segments="race"), tu.Goal.at_least(0.5))
    assert a.choices["dropped"] == 4
    assert a.suppress().choices["dropped"] not in range(1, 11)
