"""Every stored number of DisImpact and PHEindicatormethods: the same here, or explained."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

import golden
import targeted_universalism as tu

ROOT = Path(__file__).parents[2]
LEAST = {"DisImpact 0.0.22.9000": 12_488, "PHEindicatormethods 2.1.0": 693}


@pytest.fixture(scope="module", params=list(golden.PEERS))
def compared(request: pytest.FixtureRequest, shared: Path) -> tuple[str, list[golden.Beside]]:
    return request.param, golden.PEERS[request.param](shared)


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15)


def test_every_number_agrees_or_has_a_cause(
    compared: tuple[str, list[golden.Beside]],
) -> None:
    """The peer's own formula gives the peer's number, the third computation gives ours."""
    name, found = compared
    assert len(found) == LEAST[name]
    for beside in found:
        if not beside.agrees:
            assert beside.cause in golden.CAUSES, beside
            assert same(beside.peer, beside.peers_formula), beside
            assert same(beside.ours, beside.third), beside


def test_every_difference_has_its_row_in_the_docs(
    compared: tuple[str, list[golden.Beside]],
) -> None:
    name, found = compared
    lines = (ROOT / "docs" / "peers.md").read_text().splitlines()
    here = lines[lines.index(f"## {name}") :]
    rows = [golden.row_of(beside) for beside in found if not beside.agrees]
    assert here[2] == f"{len(found):,} numbers, {len(rows)} differ."
    stops = [i for i, line in enumerate(here[1:], 1) if line.startswith("## ")]
    section = here[: stops[0]] if stops else here
    shown = [line for line in section if line.startswith("| ") and "| peer |" not in line]
    assert sorted(shown) == sorted(rows)


@pytest.mark.parametrize(
    ("rule", "case", "index", "flag"),
    [
        ("ppg-2017", "di_ppg.di_student_equity.ref_overall", "pct", "di_indicator"),
        ("index-80", "di_80_index.di_student_equity.ref_hpg", "di_80_index", "di_indicator"),
        ("proportionality", "di_prop_index.di_student_equity.default", "di_prop_index",
         "di_indicator"),
    ],
)  # fmt: skip
def test_the_rules_through_the_facade(
    rule: str, case: str, index: str, flag: str, shared: Path
) -> None:
    (expected,) = (
        peer
        for row, peer in golden.stored(shared, "disimpact", golden.DI)
        if row["case"] == f"di.{case}"
    )
    data = pd.read_csv(shared / "golden" / "inputs" / "di_student_equity.csv")
    s = tu.from_records(data, outcome="Transfer", segments="Ethnicity", by="Cohort")
    table = tu.assess(s, tu.Goal.at_least(0.5)).impact(rule)
    table["stratum"] = "cohort=" + table["Cohort"].astype(str)
    both = table.merge(expected, left_on=["stratum", "segment"], right_on=["stratum", "subgroup"])
    assert len(both) == 12
    ours = both["index"] + (both["reference_rate"] if rule == "ppg-2017" else 0)
    assert ours.tolist() == pytest.approx(both[f"peer {index}"].astype(float).tolist(), rel=1e-9)
    assert both["flagged"].astype(float).tolist() == both[f"peer {flag}"].astype(float).tolist()
    # Float ceilings and equality are one person apart, and explained above.
    for column in ("not_di", "full_parity"):
        mine = {"not_di": "needed_to_leave", "full_parity": "needed_to_parity"}[column]
        apart = both[mine].astype(float) - both[f"peer success_needed_{column}"].astype(float)
        assert apart.abs().max() <= 1


def test_best_is_the_group_that_the_peer_names(shared: Path) -> None:
    """A tie goes to the first; a group of one person is the peer's best and not ours (2 %)."""
    (expected,) = (
        peer
        for row, peer in golden.stored(shared, "disimpact", {"di_80_index"})
        if row["case"] == "di.di_80_index.di_edge.ref_hpg"
    )
    data = pd.read_csv(shared / "golden" / "inputs" / "di_edge.csv")
    s = tu.from_counts(data, numerator="success", denominator="n", segments="group", by="cohort")
    table = tu.assess(s, tu.Goal.at_least(0.5)).impact("index-80", minimum=1)
    table["stratum"] = "cohort=" + table["cohort"].astype(str)
    both = table.merge(expected, left_on=["stratum", "segment"], right_on=["stratum", "subgroup"])
    named = both["reference"].notna()
    differ = both[named & (both["reference"].astype(str) != both["peer reference_group"])]
    assert set(differ["stratum"]) == {"cohort=f_tiny_hpg"}
    assert set(differ["peer reference_group"]) == {"tiny"}
    assert set(both.loc[~named, "stratum"]) == {"cohort=d_single"}
