"""Every deterministic number of WHO's healthequal and of PHE's slope index, and why some differ.

The numbers themselves are read from the shared folder. A number either agrees with ours to 1e-9,
on the peer's scale, or is reproduced from one named defect of the peer.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import peers
from peers import DEFECTS, Case, cases, known, ours, shares
from targeted_universalism.measures import midrank, quantile_group
from targeted_universalism.measures.inequality.register import REGISTER

PAGE = Path(__file__).parents[2] / "docs" / "peers-measures.md"


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    return shared / "golden"


@pytest.fixture(scope="module")
def healthequal(golden: Path) -> list[Case]:
    """Give every call, but for fits that the peer itself did not finish."""
    unfinished = pd.read_csv(golden / "degenerate_fits.csv")
    without = set(zip(unfinished["case"], unfinished["stratum"], strict=True))
    return [c for c in cases(golden, "healthequal") if (c.name, c.stratum) not in without]


def tolerance(case: Case, name: str) -> float:
    """The peer's fits stop at 1e-8 of the deviance, and its gradients are numerical."""
    return 1e-4 if case.function in ("sii", "rii") and name != "estimate" else 1e-9


def same(case: Case, name: str, found: dict[str, float] | None) -> bool:
    if found is None or name not in found:
        return False
    value, theirs = found[name], case.returned[name]
    if math.isinf(theirs):
        return value == theirs
    return math.isclose(value, theirs, rel_tol=tolerance(case, name), abs_tol=1e-12)


def explained(case: Case) -> Counter[str]:
    """Say of each number whether it agrees, or which defect gives it."""
    found, result, made = ours(case), Counter[str](), cache(lambda defect: DEFECTS[defect](case))
    for name in case.returned:
        if same(case, name, found):
            result["agrees"] += 1
            continue
        why = (defect for defect in DEFECTS if same(case, name, made(defect)))
        result[next(why, f"{case.name} {case.stratum} {name}")] += 1
    return result


def test_every_number_of_healthequal_agrees_or_comes_from_a_named_defect(
    healthequal: list[Case],
) -> None:
    found = sum((explained(case) for case in healthequal), Counter[str]())
    assert set(found) <= {"agrees", *DEFECTS}, set(found) - {*DEFECTS}
    assert found["agrees"] == 1689
    assert found.total() == 2168
    text = PAGE.read_text(encoding="utf-8")
    for name, count in found.items():
        assert re.search(rf"\| {re.escape(name)} \| {count:,} \|", text), name


# --- one number of each defect, ours a third time ------------------------------------------------


def one(healthequal: list[Case], name: str, stratum: str) -> Case:
    return next(c for c in healthequal if (c.name, c.stratum) == (name, stratum))


def in_page(*numbers: float) -> None:
    """The page shows both numbers."""
    text = PAGE.read_text(encoding="utf-8")
    for number in numbers:
        assert f"{number:.6g}" in text, f"{number:.6g}"


def test_the_error_of_theils_index_by_brute_force(healthequal: list[Case]) -> None:
    case = one(healthequal, "he.ti.he_OrderedSample.se", "SBA")
    y, se, share = (known(case)[n] for n in ("est", "se", "pop"))
    share = shares(share)
    drawn = y[:, None] + se[:, None] * np.random.default_rng(0).standard_normal((5, 400_000))
    values = 1000 * REGISTER["theil"].value({"rate": drawn, "share": share[:, None]})
    assert float(values.std()) == pytest.approx(ours(case)["se"], rel=0.01)
    assert case.returned["se"] == pytest.approx(values.std() / 1000, rel=0.01)
    in_page(case.returned["se"], ours(case)["se"])


def test_the_error_of_the_mean_log_deviation_by_brute_force(healthequal: list[Case]) -> None:
    case = one(healthequal, "he.mld.he_OrderedSample.se", "SBA")
    y, se, n = (known(case)[name] for name in ("est", "se", "pop"))
    drawn = y[:, None] + se[:, None] * np.random.default_rng(0).standard_normal((5, 400_000))
    ratio = drawn / (shares(n)[:, None] * drawn).sum(axis=0)
    values = -1000 * (shares(n)[:, None] * np.log(ratio)).sum(axis=0)
    assert float(values.std()) == pytest.approx(ours(case)["se"], rel=0.01)
    in_page(case.returned["se"], ours(case)["se"])


def test_the_error_of_the_attributable_fraction_is_that_of_the_risk(
    healthequal: list[Case],
) -> None:
    # par has the right scale: 100·se(par)/μ is the error of paf in per cent.
    paf = one(healthequal, "he.paf.he_OrderedSample.pop", "SBA")
    par = one(healthequal, "he.parisk.he_OrderedSample.pop", "SBA")
    mean = (shares(known(par)["pop"]) * known(par)["est"]).sum()
    assert ours(paf)["se"] == pytest.approx(100 * par.returned["se"] / mean, rel=1e-9)
    assert paf.returned["se"] == pytest.approx(par.returned["se"] / mean, rel=1e-9)
    in_page(paf.returned["se"], ours(paf)["se"])


def test_the_logistic_slope_with_people_counted_once_by_statsmodels(
    healthequal: list[Case],
) -> None:
    case = next(c for c in healthequal if c.name == "he.sii.he_OrderedSample.pop_logit")
    columns = peers.in_order(known(case))
    y, people, whole = columns["est"] / 100, columns["pop"], np.ceil(columns["pop"])

    def fitted(rate: np.ndarray, n: np.ndarray, weight: np.ndarray) -> float:
        x = sm.add_constant(midrank(shares(n)))
        model = sm.GLM(rate, x, family=sm.families.Binomial(), freq_weights=weight)
        line = model.fit(tol=1e-14, maxiter=100)
        return 100 * float(np.diff(line.predict([[1, 0], [1, 1]]))[0])

    once = fitted(y, people, people)
    twice = fitted(np.round(y * whole) / whole, whole, whole**2)
    assert ours(case)["estimate"] == pytest.approx(once, rel=1e-8)
    assert case.returned["estimate"] == pytest.approx(twice, rel=1e-8)
    in_page(case.returned["estimate"], ours(case)["estimate"])


def test_five_groups_of_the_golden_readme() -> None:
    # golden/README, defect 3: 76.217 with the population squared, 75.629 by the plain binomial.
    rate, n = np.array([0.2, 0.3, 0.5, 0.7, 0.9]), np.array([1000.0, 3000, 500, 2000, 800])
    rank = midrank(shares(n))
    slope = REGISTER["slope_index_logit"]
    values = [
        100 * float(slope.value({"rate": rate, "share": shares(w), "rank": rank}))
        for w in (n**2, n)
    ]
    assert [round(v, 3) for v in values] == [76.217, 75.629]
    in_page(*values)


def test_a_rate_of_zero_adds_nothing_to_theils_index(healthequal: list[Case]) -> None:
    case = one(healthequal, "he.ti.he_syn_zero_est.nose", "zeros_fav")
    y, w = known(case)["est"], shares(known(case)["pop"])
    r = y[y > 0] / (w * y).sum()
    assert ours(case)["estimate"] == pytest.approx(1000 * (w[y > 0] * r * np.log(r)).sum())
    in_page(case.returned["estimate"], ours(case)["estimate"])


def test_the_reference_that_slides_to_its_neighbour(healthequal: list[Case]) -> None:
    case = one(healthequal, "he.mdrw.he_syn_na.sim", "na_12pct")
    y, w = known(case)["est"], shares(known(case)["pop"])
    assert ours(case)["estimate"] == pytest.approx((w * np.abs(y - 90)).sum())
    assert case.returned["estimate"] == pytest.approx((w * np.abs(y - 88)).sum())
    in_page(case.returned["estimate"], ours(case)["estimate"])


def test_a_scale_guessed_from_percentages_below_one(healthequal: list[Case]) -> None:
    case = one(healthequal, "he.sii.he_syn_odd.pop_logit", "lowpct")
    n = peers.in_order(known(case))["pop"]
    y = peers.in_order(known(case))["est"] / 100
    line = sm.GLM(
        y, sm.add_constant(midrank(shares(n))), family=sm.families.Binomial(), freq_weights=n
    ).fit(tol=1e-15, maxiter=200)
    third = 100 * float(np.diff(line.predict([[1, 0], [1, 1]]))[0])
    assert ours(case)["estimate"] == pytest.approx(third, rel=1e-6)
    in_page(case.returned["estimate"], ours(case)["estimate"])


# --- simulated intervals --------------------------------------------------------------------------


def truncated(y: np.ndarray, se: np.ndarray, scale: float, size: Any) -> np.ndarray:
    """Draw as the peer does: normal, again until not below 0 (nor above 100 on that scale)."""
    rng = np.random.default_rng(7)
    top = 100.0 if scale == 100 else np.inf
    drawn = rng.normal(y, se, (*size, len(y)))
    while (wrong := (drawn < 0) | (drawn > top)).any():
        drawn[wrong] = (y + se * rng.standard_normal(drawn.shape))[wrong]
    return drawn


@pytest.mark.long
def test_simulated_intervals_of_healthequal_lie_within_monte_carlo_error(golden: Path) -> None:
    stored = pd.read_csv(golden / "expected_stochastic_healthequal.csv")
    limits = {k: dict(zip(p.output_name, p["value"], strict=True))
              for k, p in stored.groupby(["case", "stratum"])}  # fmt: skip
    checked = 0
    for case in cases(golden, "healthequal"):
        found = limits.get((case.name, case.stratum))
        if found is None or "setting_average" in case.columns:
            continue
        columns = known(case)
        sims = int(case.options.get("sim", 100))
        drawn = truncated(columns["est"], columns["se"], columns["scaleval"][0], (40, sims))
        name, times = peers.WHO[case.function]
        given: dict[str, Any] = {"rate": np.moveaxis(drawn, -1, 0)}
        given["share"] = shares(columns.get("pop", np.ones(len(columns["est"]))))[:, None, None]
        if "favourable_indicator" in columns:
            given["direction"] = "at least" if columns["favourable_indicator"][0] else "at most"
        if "reference_subgroup" in columns:
            given["reference"] = int(columns["reference_subgroup"].argmax())
        if case.function == "idisw" or "he_syn_na" in case.name:
            continue  # the mean is held at the observed one; the reference slides
        values = times * REGISTER[name].value(given)
        for end, q in (("lowerci", 0.025), ("upperci", 0.975)):
            ends = np.quantile(values, q, axis=1)
            assert abs(found[end] - ends.mean()) < 6 * ends.std() + 1e-9, (case.name, end)
            checked += 1
    assert checked > 80


# --- PHEindicatormethods -------------------------------------------------------------------------

PHE = {"none": ("linear", "linear"), "log": ("log", "log"), "logit": ("logit_line", "logit_line")}


def phe(golden: Path) -> Any:
    """Give every group of every slope index: its rows, options and deterministic numbers."""
    calls = pd.read_csv(golden / "cases_phe.csv")
    answers = pd.read_csv(golden / "expected_phe.csv")
    for call in calls[calls.function == "phe_sii"].itertuples():
        options = json.loads(call.arguments)
        rows = pd.read_csv(golden / call.input_file)
        mine = answers[answers.case == call.case].fillna({"stratum": ""})
        for stratum, part in mine.groupby("stratum"):
            here = rows
            for pair in filter(None, str(stratum).split(";")):
                column, value = pair.split("=")
                here = here[here[column].astype(str) == value]
            yield (
                call.case,
                stratum,
                options,
                here,
                dict(zip(part.output_name, part["value"].astype(float), strict=True)),
            )


def scale_of(options: dict[str, Any]) -> str:
    return {1: "log", 2: "logit"}[options["value_type"]] if options.get("transform") else "none"


def given_of(rows: pd.DataFrame, text: bool = False) -> dict[str, np.ndarray]:
    order = rows["decile"].astype(str) if text else rows["decile"].astype(float)
    rows = rows.loc[order.sort_values(kind="stable").index]
    value = rows["v"] if "v" in rows else rows["x"] / rows["pop"]
    share = shares(rows["pop"].to_numpy(dtype=float))
    return {"rate": value.to_numpy(dtype=float), "share": share, "rank": midrank(share)}


def test_every_slope_index_of_phe(golden: Path) -> None:
    count = 0
    for case, stratum, options, rows, returned in phe(golden):
        kind = PHE[scale_of(options)][0]
        given = given_of(rows, text="as_text" in case)
        times = options.get("multiplier", 1)
        sii = times * float(REGISTER[f"slope_index_{kind}"].value(given))
        rii = float(REGISTER[f"relative_index_{kind}"].value(given))
        assert returned["sii"] == pytest.approx(sii, rel=1e-9), (case, stratum)
        assert returned["rii"] == pytest.approx(1 / rii if times < 0 else rii, rel=1e-9)
        count += 2
    assert count >= 100
    assert f"| {count} |" in PAGE.read_text(encoding="utf-8")


def test_tenths_kept_as_text_are_sorted_1_10_2(golden: Path) -> None:
    found = {case: (rows, returned) for case, _, _, rows, returned in phe(golden)}
    text = next(v for k, v in found.items() if k.endswith("decile_as_text"))
    number = next(v for k, v in found.items() if k.endswith("as_integer_1toK"))
    slope = REGISTER["slope_index_linear"]
    theirs = float(slope.value(given_of(text[0], text=True)))
    mine = float(slope.value(given_of(text[0])))
    assert text[1]["sii"] == pytest.approx(theirs, rel=1e-9)
    assert number[1]["sii"] == pytest.approx(mine, rel=1e-9)
    rows = given_of(text[0])
    third = sm.WLS(rows["rate"], sm.add_constant(rows["rank"]), weights=rows["share"]).fit()
    assert mine == pytest.approx(third.params[1], rel=1e-9)
    in_page(theirs, mine)


SCALES = {
    0: (lambda y: y, lambda x: x),
    1: (np.log, np.exp),
    2: (peers.special.logit, peers.special.expit),
}


def simulated_slope(rows: pd.DataFrame, options: dict[str, Any]) -> np.ndarray:
    """Draw the slope index as the peer does, by our linear slope."""
    to, back = SCALES[options.get("value_type", 0)]
    rows = rows.sort_values("decile", kind="stable")
    given: dict[str, Any] = given_of(rows)
    value = to(given["rate"])
    error = rows["se"] if "se" in rows else (to(rows["ucl"]) - to(rows["lcl"])) / (2 * 1.959964)
    drawn = np.random.default_rng(3).standard_normal((len(rows), 40_000))
    drawn = value[:, None] + error.to_numpy(dtype=float)[:, None] * drawn
    wide = {name: v[:, None] for name, v in given.items()}
    linear = REGISTER["slope_index_linear"]
    if not options.get("transform"):
        return np.asarray(linear.value({**wide, "rate": back(drawn)}))
    slopes = linear.value({**wide, "rate": drawn})
    middle = (given["share"] * value).sum()
    return np.asarray(back(middle + slopes / 2) - back(middle - slopes / 2))


def test_simulated_intervals_of_phe_lie_within_monte_carlo_error(golden: Path) -> None:
    stored = pd.read_csv(golden / "expected_stochastic_phe.csv").fillna({"stratum": ""})
    checked, swapped = 0, 0
    for case, stratum, options, rows, _ in phe(golden):
        if options["repetitions"] < 100_000 or "as_text" in case:
            continue
        times = options.get("multiplier", 1)
        drawn = times * simulated_slope(rows, options)
        mine = stored[(stored.case == case) & (stored.stratum == stratum)]
        for row in mine[mine.output_name.str.startswith("sii_")].itertuples():
            level = 0.998 if "99_8" in row.output_name else 0.95
            low = ("lower" in row.output_name) != (swap := case.endswith("log_mult0.5"))
            limit = np.quantile(drawn, (1 - level) / 2 if low else (1 + level) / 2)
            within = (0.05 if level < 0.99 else 0.2) * drawn.std()
            assert float(row.value) == pytest.approx(limit, abs=within), (case, row.output_name)
            checked, swapped = checked + 1, swapped + swap
    assert f"| simulated limits of the slope index | {checked} |" in PAGE.read_text(
        encoding="utf-8"
    )
    assert swapped == 6  # a multiplier between 0 and 1 swaps the limits


def test_every_quantile_group_of_phe(golden: Path) -> None:
    calls = pd.read_csv(golden / "cases_phe.csv")
    answers = pd.read_csv(golden / "expected_phe.csv")
    count = 0
    for call in calls[calls.function == "phe_quantile"].itertuples():
        options = json.loads(call.arguments)
        rows = pd.read_csv(golden / call.input_file)
        mine = answers[(answers.case == call.case) & (answers.output_name == "quantile")]
        groups = rows.groupby(options["group_by"][0]) if "group_by" in options else [("", rows)]
        for name, part in groups:
            here = mine if not name else mine[mine.stratum.astype(str).str.endswith(f"={name}")]
            place = here["subgroup"].str.removeprefix("row").astype(int).to_numpy() - 1
            found = quantile_group(
                part["v"].to_numpy(dtype=float), options["nquantiles"],
                highest_first=options.get("invert", True),
            )  # fmt: skip
            np.testing.assert_array_equal(found[place], here["value"].astype(float))
            count += len(here)
    assert count == 280
