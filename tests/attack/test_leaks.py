"""Random tables of every family, attacked: nothing hidden is told, whatever was published."""

from __future__ import annotations

from typing import Any

import cases
import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from targeted_universalism.privacy.weights import Weights

ROUND = 20  # tables of one long test
QUICK = 1


def held(family: str, numbers: range) -> None:
    """Publish and attack cases, and fail with all that is told."""
    faults, hidden, rows = [], 0, 0
    for number in numbers:
        found = cases.tried(*cases.released(family, number))
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


@pytest.mark.parametrize(
    ("family", "number"),
    [("weighted_records", 183), ("published_estimates", 92), ("published_estimates", 172)],
)
def test_what_the_long_attack_found_is_closed(family: str, number: int) -> None:
    held(family, range(number, number + 1))


def test_the_audit_knows_what_all_rounded_sums_tell_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(self: Weights, sums: Any, hidden: Any, *_: Any) -> Any:
        return np.zeros_like(hidden)

    monkeypatch.setattr(Weights, "_too_fine", never)
    case = cases.drawn("weighted_records", 183)
    found = cases.published(case)
    assert set(found.public[0].table["population"].dropna() % 10) == {0.0}
    audit = tu.audit(*found.public, width=8, census=found.confidential)
    # By integer programs: r0 has 42 to 47 events, r0 × s1 0 to 5.
    assert set(audit.loc[~audit["passes"], "segment"]) >= {"r0", "r0 × s1"}
    assert set(audit.loc[~audit["passes"], "quantity"]) == {"events", "people without the event"}
    assert tu.audit(*found.public, width=8)["passes"].all()  # nobody knows the weights


def test_public_choices_tell_no_small_count() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"race": rng.choice(list("AB"), 200), "y": rng.integers(0, 2, 200) * 1.0})
    rows.loc[:3, "y"] = np.nan
    a = tu.assess(tu.from_records(rows, outcome="y", segments="race"), tu.Goal.at_least(0.5))
    assert a.choices["dropped"] == 4
    assert a.suppress().choices["dropped"] not in range(1, 11)
