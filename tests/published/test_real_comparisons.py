"""Comparisons on real public data against answers that another program computed from it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import make
import targeted_universalism as tu
from make import examples
from targeted_universalism.measures.impact import point_gap

FILES = (
    "ca_acgr_county_2017_2022", "compas_two_years", "wa_ooh_entry_rates_counties",
    "who_health_inequality",
)  # fmt: skip


def slices(shared: Path, name: str) -> list[tuple[str, pd.DataFrame]]:
    table = pd.read_csv(shared / "data" / "answers" / f"{name}.csv")
    table = table[table["kind"] != "pooled"]
    return [(str(key), part.reset_index(drop=True)) for key, part in table.groupby("slice")]


def assessed(rows: pd.DataFrame) -> tu.Assessment:
    (total,), unknown = rows.loc[rows["kind"] == "total", "segment"], None
    if (rows["kind"] == "unknown").any():
        (unknown,) = rows.loc[rows["kind"] == "unknown", "segment"]
    per, target = float(rows["per"].iloc[0]), float(rows["goal"].iloc[0])
    at = tu.Goal.at_least if rows["direction"].iloc[0] == "higher" else tu.Goal.at_most
    options = {"segments": "segment", "total": total, "unknown": unknown}
    counted = bool(rows["x"].notna().any())
    here = rows["kind"] == "suppressed"
    if here.any():
        columns = ("x", "n") if counted else ("rate",)
        rows = rows.assign(**{c: rows[c].astype(object).mask(here, "*") for c in columns})
        options["suppressed"] = {c: {"*": (0, 10)} for c in columns}
    if counted:
        s = tu.from_counts(rows, numerator="x", denominator="n", **options)  # type: ignore[arg-type]
    else:
        s = tu.from_estimates(
            rows,
            estimate="rate",
            population="n",
            kind="rate",
            per=per,
            **options,  # type: ignore[arg-type]
        )
    return tu.assess(s, at(target, per=per))


@pytest.mark.parametrize("name", FILES)
def test_ratios_to_best_and_total_are_those_of_the_answers(name: str, shared: Path) -> None:
    compared = 0
    for key, rows in slices(shared, name):
        a = assessed(rows)
        best = a.disparities("best", minimum=1).set_index("segment")["ratio"]
        total = a.disparities("total").set_index("segment")["ratio"]
        for row in rows[rows["kind"] == "segment"].itertuples():
            if (rows["kind"] == "suppressed").any():
                assert math.isnan(best[row.segment]), key
                assert math.isnan(total[row.segment]), key
            elif not math.isnan(row.ratio_to_best):
                assert best[row.segment] == pytest.approx(row.ratio_to_best, rel=1e-8), key
                assert total[row.segment] == pytest.approx(row.ratio_to_total, rel=1e-8), key
                compared += 1
    assert compared > 25


# --- worked examples, from the shared file -------------------------------------------------------


def students(case: dict[str, dict[str, object]]) -> tu.Assessment:
    given = case["inputs"]
    return make.assessed({"race": given["group"], "x": given["success"], "n": given["n"]})


@pytest.mark.parametrize(
    ("name", "rule", "index"),
    [
        ("di_ppg_overall", "ppg-2017", ""),
        ("di_proportionality_index", "proportionality", "pi"),
        ("di_80_percent_index", "index-80", "index"),
    ],
)
def test_rules_of_impact_on_the_worked_examples(
    name: str, rule: str, index: str, shared: Path
) -> None:
    case = examples(shared)[name]
    expected, table = case["expected"], students(case).impact(rule)
    assert table["flagged"].astype(int).tolist() == expected["di"]
    assert table["needed_to_leave"].tolist() == expected["not_di"]
    assert table["needed_to_parity"].tolist() == expected["full"]
    if index:
        assert table["index"].tolist() == pytest.approx(expected[index], abs=6e-8)
    else:
        assert table["margin"].tolist() == pytest.approx(expected["moe"], abs=6e-8)


@pytest.mark.parametrize("year", [2017, 2018])
def test_everybody_else_on_the_worked_examples(year: int, shared: Path) -> None:
    case = examples(shared)[f"di_ppg_minus_one_{year}"]
    expected, given = case["expected"], case["inputs"]
    x, n = (np.array(given[k], dtype=float) for k in ("success", "n"))
    found = point_gap(x, n, x.sum() - x, n.sum() - n, floor=0.03, observed=False)
    assert found.flagged.astype(int).tolist() == expected["di"]
    assert found.needed_to_leave.tolist() == expected["not_di"]
    assert found.needed_to_parity.tolist() == expected["full"]
    rest = students(case).disparities("rest")["reference_rate"]
    assert rest.tolist() == pytest.approx(expected["reference"], abs=6e-8)


def test_intervals_on_the_worked_examples(shared: Path) -> None:
    pairs = [("newcombe1998_example_d", "newcombe"), ("fagerland2015_7_34_vs_1_34", "newcombe")]
    for name, method in pairs:
        case = examples(shared)[name]
        arrays = [np.array([float(case["inputs"][k])]) for k in ("x1", "n1", "x2", "n2")]
        low, high = tu.measures.newcombe(*arrays)
        within = case["tolerance"]["abs"]
        assert (low[0], high[0]) == pytest.approx(case["expected"][method], abs=within)
    case = examples(shared)["mover_wilson_ratio_fagerland"]
    x, n, y, m = (np.array(case["inputs"][k], dtype=float) for k in ("x1", "n1", "x2", "n2"))
    one, two = ((a / b, *tu.measures.wilson(a, b)) for a, b in ((x, n), (y, m)))
    limits = np.stack(tu.measures.mover_ratio(one, two), axis=1)
    assert limits == pytest.approx(np.array(case["expected"]["mover_wilson"]), abs=6e-4)


def test_adjusted_p_values_on_the_worked_example(shared: Path) -> None:
    case = examples(shared)["holm_bh_r_multtest"]
    p = np.array(case["inputs"]["p"])
    found = sorted(tu.measures.holm(p))[:4], sorted(tu.measures.benjamini_hochberg(p))[:4]
    for ours, name in zip(found, ("holm", "bh"), strict=True):
        assert ours == pytest.approx(case["expected"][name], abs=1e-11)


def test_overlapping_school_programmes_have_risk_ratios() -> None:
    """Two flags, one district: each group against all others, with the minimums of the rule."""
    data = pd.DataFrame({
        "group": ["All", "EL", "SWD"], "suspended": [90, 40, 60], "pupils": [1000, 200, 150],
    })  # fmt: skip
    s = tu.from_counts(
        data, numerator="suspended", denominator="pupils", segments="group", total="All",
        exclusive=False,
    )  # fmt: skip
    table = tu.assess(s, tu.Goal.at_most(0.05)).impact("idea", threshold=3).set_index("segment")
    assert table["index"]["EL"] == pytest.approx((40 / 200) / (50 / 800))
    assert table["index"]["SWD"] == pytest.approx((60 / 150) / (30 / 850))
    assert table["flagged"].tolist() == [True, True]
