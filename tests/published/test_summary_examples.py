"""Published examples of inequality measures, and WHO's own data from file to summary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import assessed, examples
from targeted_universalism.measures import midrank
from targeted_universalism.measures.inequality.register import REGISTER


def shares(people: list[float]) -> np.ndarray:
    return np.array(people) / sum(people)


def near(found: Any, expected: float, within: float) -> None:
    assert float(found) == pytest.approx(expected, abs=within, rel=0)


# UKHSA PHEindicatormethods, tests/testthat, testdata_SII, records 1-10.
PHE_PEOPLE = [7291.0, 7997, 6105, 7666, 5790, 6934, 5918, 5974, 7147, 7534]
PHE_VALUES = [
    75.9334590103081, 78.3442382727843, 83.8360631041654, 83.6375399664931, 80.4655031529559,
    81.1156759857022, 81.6930835718562, 84.1900062060987, 80.5955641081472, 86.2894349578624,
]  # fmt: skip


def test_phe_slope_and_relative_index() -> None:
    share = shares(PHE_PEOPLE)
    given = np.array(PHE_VALUES), share, midrank(share)
    near(tu.measures.slope_index_linear(*given), 6.934616473668819, 1e-8)
    near(tu.measures.relative_index_linear(*given), 1.0888180804446217, 1e-8)


def test_phe_slope_index_of_the_shared_file(shared: Path) -> None:
    entry = examples(shared)["phe_sii_rii"]
    assert entry["inputs"]["population"] == PHE_PEOPLE
    assert entry["inputs"]["value"] == PHE_VALUES
    data = pd.DataFrame(
        {"tenth": [f"t{i}" for i in range(10)], "life": PHE_VALUES, "people": PHE_PEOPLE}
    )
    made = tu.from_estimates(
        data, estimate="life", population="people", segments="tenth", kind="mean",
        order={"tenth": list(data["tenth"])},
    )  # fmt: skip
    found = tu.assess(made, tu.Goal.at_least(85, per=1)).summarize(["sii", "rii"])["value"]
    near(found[0], entry["expected"]["sii"], 1e-8)
    near(found[1], entry["expected"]["rii"], 1e-8)


def test_atkinson_of_one_to_five() -> None:
    # PySAL inequality, docstring of atkinson: round(…, 5) is 0.06315 and 0.13161.
    y, share = np.array([10.0, 20, 30, 40, 50]), np.full(5, 0.2)
    near(tu.measures.atkinson(y, share, 0.5), 0.06315, 6e-6)
    near(tu.measures.atkinson(y, share, 1.0), 0.13161, 6e-6)


def test_atkinson_of_the_shared_file(shared: Path) -> None:
    entry = examples(shared)["atkinson_1_to_5"]
    y = np.array(entry["inputs"]["y"])
    for epsilon in (0.5, 1.0):
        expected = entry["expected"][f"eps_{epsilon:g}"]
        near(tu.measures.atkinson(y, np.full(5, 0.2), epsilon), expected, 6e-6)


def test_absolute_concentration_index_of_healthequals_own_test() -> None:
    share = shares([78.0, 91, 162, 103, 105])
    y = np.array([20.0, 30, 40, 50, 60])
    near(tu.measures.absolute_concentration_index(y, share, midrank(share)), 7.3284202, 1e-6)


def test_variance_and_indices_of_disparity_of_healthequals_own_tests(shared: Path) -> None:
    entry = examples(shared)["healthequal_bgv_bgsd_idis"]
    y, se = (np.array(entry["inputs"][name]) for name in ("est", "se"))
    share, expected = shares(entry["inputs"]["pop"]), entry["expected"]
    near(tu.measures.between_group_variance(y, share), expected["bgv"], 1e-6)
    near(tu.measures.between_group_standard_deviation(y, share), expected["bgsd"], 1e-6)
    near(100 * tu.measures.index_of_disparity(y, share), expected["idis_unweighted"], 1e-6)
    near(100 * tu.measures.weighted_index_of_disparity(y, share), expected["idis_weighted"], 1e-6)
    given = {"rate": y, "share": share, "se": se}
    near(REGISTER["between_group_variance"].standard_error(given), expected["bgv_se"], 1e-5)


# --- WHO's data, from file to summary ------------------------------------------------------------

TIMES = {"covar": 100, "idisu": 100, "idisw": 100, "paf": 100, "ti": 1000, "mld": 1000}
CODES = {"covar": "cov", "parisk": "par"}


def who(shared: Path, name: str) -> tu.Assessment:
    data = pd.read_csv(shared / "golden" / "inputs" / f"he_{name}.csv")
    order = {"subgroup": list(data["subgroup"])} if "subgroup_order" in data else None
    made = tu.from_estimates(
        data, estimate="estimate", se="se", population="population", segments="subgroup",
        kind="proportion", per=100, order=order,
    )  # fmt: skip
    return tu.assess(made, tu.Goal.at_least(95, per=100))


@pytest.mark.parametrize("name", ["OrderedSample", "NonorderedSample"])
def test_summaries_of_whos_samples_are_healthequals(shared: Path, name: str) -> None:
    calls = pd.read_csv(shared / "golden" / "cases_healthequal.csv").set_index("case")
    answers = pd.read_csv(shared / "golden" / "expected_healthequal.csv")
    mine = answers[
        answers["case"].str.contains(f".he_{name}.", regex=False)
        & (answers["output_name"] == "estimate")
        & ~answers["case"].str.contains("setting|_ref|nopop|bounded|lmax|wagstaff|erreygers|logit")
    ]
    found = who(shared, name).summarize().astype({"code": object}).set_index("code")["value"]
    checked = set()
    for row in mine.itertuples():
        call = calls.loc[row.case]
        code = CODES.get(call.function, call.function)
        if "@population" not in call.arguments and code not in ("d", "r", "mdbu"):
            continue
        if code in ("mdru", "mdrw", "aci", "rci", "sii", "rii") or "lmin" in call.arguments:
            continue
        ours = TIMES.get(call.function, 1) * found[code]
        assert ours == pytest.approx(float(row.value), rel=1e-9), row.case
        checked.add(code)
    assert checked >= {"d", "r", "bgv", "bgsd", "cov", "mld", "ti", "idisu", "idisw", "par", "paf"}


def test_concentration_of_births_by_wealth_is_healthequals(shared: Path) -> None:
    answers = pd.read_csv(shared / "golden" / "expected_healthequal.csv")
    found = who(shared, "OrderedSample").summarize(["aci", "rci"])["value"]
    for code, value in zip(("aci", "rci"), found, strict=True):
        cases = answers[answers["case"].str.startswith(f"he.{code}.he_OrderedSample.pop")]
        theirs = cases.loc[cases["output_name"] == "estimate", "value"].astype(float)
        assert np.isclose(theirs, value, rtol=1e-9).any()


# --- edge rows of METHODS 11 ----------------------------------------------------------------------


def counts(events: list[Any], people: list[Any], goal: tu.Goal, **options: Any) -> tu.Assessment:
    data = {"g": [f"g{i}" for i in range(len(events))], "x": events, "n": people}
    return assessed(data, goal, segments="g", **options)


def test_all_segments_hidden_leave_no_summary() -> None:
    a = counts(["<11"] * 3, [100, 200, 90], tu.Goal.at_least(0.5), suppressed={"<11": (1, 10)})
    found = a.summarize()
    assert found["value"].isna().all()
    assert set(found["reason"]) == {"suppressed segment"}


def test_all_segments_past_the_goal_are_unequal_and_have_no_shortfall() -> None:
    found = counts([90, 150], [100, 200], tu.Goal.at_least(0.7)).summarize(["mdg", "d"])
    assert found["value"].tolist() == [0, pytest.approx(0.15)]


def test_a_reference_with_a_rate_of_zero_has_a_difference_and_no_ratio() -> None:
    found = counts([0, 20], [100, 100], tu.Goal.at_least(0.5)).summarize(["d(g0)", "r(g0)"])
    assert found["value"][0] == pytest.approx(-0.2)
    assert np.isnan(found["value"][1])
    assert found["reason"][1] == "undefined: a rate of zero"


def test_lower_is_better_turns_signs_by_the_goal_alone() -> None:
    order = {"order": {"g": ["g0", "g1", "g2"]}}
    up = counts([20, 50, 80], [100, 90, 110], tu.Goal.at_least(0.9), **order).summarize()
    down = counts([80, 40, 30], [100, 90, 110], tu.Goal.at_most(0.1), **order).summarize()
    for code in ("d", "par", "mdg", "mdbw", "srd"):
        one, other = (f.loc[f["code"] == code, "value"].iloc[0] for f in (up, down))
        assert one == pytest.approx(other)


def test_nothing_but_events_is_a_line_of_its_own() -> None:
    a = counts([100, 200], [100, 200], tu.Goal.at_least(0.9), order={"g": ["g0", "g1"]})
    found = a.summarize(["sii", "rii", "ti", "wagstaff"])
    assert found["value"].tolist()[:3] == [0, 1, 0]
    assert found["reason"][3] == "undefined for these rates"
