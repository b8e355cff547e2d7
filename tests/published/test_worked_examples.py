"""Published numbers, typed in with their source, and the same numbers read from the shared file.

Expected values come from papers, guidelines and other packages, never from this library. Where a
published figure is a rounding error of its own program, the exact one stands here and the note
says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

import targeted_universalism as tu
from make import examples

DISIMPACT = "Nguyen, DisImpact (R), Tutorial vignette"
PHE = "UKHSA PHEindicatormethods, tests/testthat"
NEWCOMBE = "Newcombe 1998 single proportions, as in Laud, ratesci tests/testthat/test3.R"
DESCTOOLS = "R DescTools PoissonCI(15, 400), as in statsmodels test_rate_poisson_r"
PARKER_2017 = "Parker et al. 2017, Vital Health Stat 2(175), p. 2"
PARKER_2023 = "Parker et al. 2023, Vital Health Stat 2(200), Table A"

# --- intervals ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Published limits of one or several counts."""

    id: str
    method: str
    x: tuple[int, ...]
    n: tuple[int, ...]
    level: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    within: float
    source: str
    keys: tuple[str, ...]


PHE_X, PHE_N = (1, 5, 20, 65, 9856, 222, 999), (100, 100, 100, 100, 12345, 3215, 3456)
# fmt: off
INTERVALS = [
    Limits(
        "phe_wilson", "wilson", PHE_X, PHE_N, 0.95,
        (0.0017674320641406511, 0.02154367915436798, 0.1333669333310325, 0.5525444329688797,
         0.7912101752909069, 0.060791690363636595, 0.27418951080009873),
        (0.054486196178705294, 0.11175046923191911, 0.28882916559315885, 0.7363575175690247,
         0.8053640073614909, 0.07833956681383633, 0.30440389662818057),
        1e-12, f"{PHE}/testdata_Proportion.xlsx", ("lo95", "hi95"),
    ),
    Limits(
        "phe_wilson", "wilson", PHE_X, PHE_N, 0.998,
        (0.000873065697299977, 0.013865320725997183, 0.10519162066711432, 0.4954946574070431,
         0.7869924108419063, 0.05647101964624248, 0.26583995768074953),
        (0.1045544528370582, 0.16458852282596442, 0.3471109417008601, 0.7783540614089697,
         0.8093061412589626, 0.08418414185270134, 0.3134475449279985),
        1e-12, f"{PHE}/testdata_Proportion.xlsx", ("lo998", "hi998"),
    ),
    Limits(
        "phe_byar", "byar", (65, 1045, 1), (1, 1, 1), 0.95,
        (50.163187710459454, 982.5932018073325, 0.01307213290150435),
        (82.84913854593984, 1110.33121298565, 5.5637555824752605),
        1e-8, f"{PHE}/testdata_Byars_Wilson.xlsx", ("ci95",),
    ),
    Limits(
        "phe_byar", "byar", (65, 1045, 10), (1, 1, 1), 0.998,
        (42.8802614714802, 947.9407035610374, 2.916318374695686),
        (94.00029084431802, 1148.806160988033, 24.193724927880535),
        1e-8, f"{PHE}/testdata_Byars_Wilson.xlsx", ("ci998",),
    ),
    Limits(
        "phe_rate_exact_small", "byar_or_exact", (1, 5, 20), (1, 1, 1), 0.95,
        (0.025317807984289897, 1.62348639011842, 12.211428834875937),
        (5.571643390938898, 11.668332079322669, 30.889880369197066),
        1e-9, f"{PHE}/testdata_Rate.xlsx (per 100 of 100)", ("ci95",),
    ),
    Limits(
        "poisson_rate_15_400", "poisson", (15,), (400,), 0.95,
        (0.0209884653319583,), (0.0618505471787146,), 1e-14, DESCTOOLS, ("exact",),
    ),
    Limits(
        "newcombe_single_proportions", "wilson", (15, 0, 1), (148, 20, 29), 0.95,
        (0.0624, 0, 0.0061), (0.1605, 0.1611, 0.1718), 6e-5, NEWCOMBE, ("wilson",),
    ),
    Limits(
        "newcombe_single_proportions", "clopper_pearson", (15, 0, 1), (148, 20, 29), 0.95,
        (0.0578, 0, 0.0009), (0.1617, 0.1684, 0.1776), 6e-5, NEWCOMBE, ("clopper_pearson",),
    ),
    Limits(
        "nchs_rate_width_7", "poisson", (7,), (1,), 0.95, (2.8144,), (14.4227,), 6e-5,
        PARKER_2023, ("lo", "hi"),
    ),
    Limits(
        "nchs_rate_width_8", "poisson", (8,), (1,), 0.95, (3.4538,), (15.7632,), 6e-5,
        PARKER_2023, ("lo", "hi"),
    ),
    Limits(
        "nchs_rate_width_10", "poisson", (10,), (1,), 0.95, (4.7954,), (18.3904,), 6e-5,
        PARKER_2023, ("lo", "hi"),
    ),
]
# fmt: on
each_interval = pytest.mark.parametrize(
    "case", INTERVALS, ids=lambda case: f"{case.id}-{case.method}-{case.level}"
)


@each_interval
def test_limits_are_the_published_ones(case: Limits) -> None:
    method = getattr(tu.measures, case.method)
    low, high = method(np.array(case.x, float), np.array(case.n, float), case.level)
    np.testing.assert_allclose(low, case.low, rtol=0, atol=case.within, err_msg=case.source)
    np.testing.assert_allclose(high, case.high, rtol=0, atol=case.within, err_msg=case.source)


@each_interval
def test_limits_typed_here_are_those_of_the_shared_file(shared: Path, case: Limits) -> None:
    file = "rule_tests.json" if case.id.startswith("nchs") else "worked_examples.json"
    expected = examples(shared, file)[case.id]["expected"]
    if len(case.keys) == 2:
        found = np.column_stack([np.atleast_1d(expected[key]) for key in case.keys])
    else:
        found = np.atleast_2d(expected[case.keys[0]])
    assert found.tolist() == np.column_stack([case.low, case.high]).tolist()


def test_byar_lower_limit_below_zero_is_missing() -> None:
    """PHE: one event at 99.8 % has no lower limit, and an upper one of 9.362180217908362."""
    low, high = tu.measures.byar(np.array([1.0]), np.array([1.0]), 0.998)
    assert np.isnan(low).all()
    assert high == pytest.approx([9.362180217908362], abs=1e-9)


def test_byar_is_the_variant_with_one_more_event_in_the_upper_limit() -> None:
    """DescTools' "byar" adds a half to both: .0219084 to .0602934 for 15 of 400, not ours."""
    low, high = tu.measures.byar(np.array([15.0]), np.array([400.0]))
    assert abs(low[0] - 0.0219084369245707) > 1e-4
    assert abs(high[0] - 0.0602933510943048) > 1e-3


def of_counts(
    x: list[int], n: list[int], goal: tu.Goal, *, kind: str = "proportion", **options: Any
) -> pd.DataFrame:
    """Assess counts, one segment each; the total is dropped."""
    rows = pd.DataFrame({"x": x, "n": n, "group": [f"g{i}" for i in range(len(x))]})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="group", kind=kind)
    table = tu.assess(segments, goal, **options).table
    return table[table["dimension"] == "group"].reset_index(drop=True)


def test_english_public_health_rates_through_the_table() -> None:
    """phe_rate_exact_small: exact below ten events, Byar's from ten on, in the goal's unit."""
    table = of_counts(
        [1, 5, 20], [100, 100, 100], tu.Goal.at_most(3, per=100), kind="rate", interval="byar"
    )
    low = [0.025317807984289897, 1.62348639011842, 12.211428834875937]
    high = [5.571643390938898, 11.668332079322669, 30.889880369197066]
    np.testing.assert_allclose(table["ci_low"], low, rtol=0, atol=1e-9)
    np.testing.assert_allclose(table["ci_high"], high, rtol=0, atol=1e-9)
    assert table["gap"].tolist() == pytest.approx([-2, 2, 17], abs=1e-12)
    assert table["status"].tolist() == ["uncertain", "uncertain", "short"]


@pytest.mark.parametrize(
    ("kind", "interval", "limits"),
    [
        ("proportion", "auto", (0.0624, 0.1605)),
        ("proportion", "wilson", (0.0624, 0.1605)),
        ("proportion", "exact", (0.0578, 0.1617)),
    ],
)
def test_interval_named_in_assess_is_the_one_in_the_table(
    kind: str, interval: str, limits: tuple[float, float]
) -> None:
    """Newcombe 1998: 15 of 148."""
    row = of_counts([15], [148], tu.Goal.at_most(0.05), kind=kind, interval=interval).iloc[0]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(limits, abs=6e-5)


@pytest.mark.parametrize("interval", ["auto", "exact"])
def test_rates_of_counts_have_the_exact_poisson_interval(interval: str) -> None:
    """DescTools: 15 events in 400 person-years."""
    goal = tu.Goal.at_most(20, per=1000)
    row = of_counts([15], [400], goal, kind="rate", interval=interval).iloc[0]
    expected = [20.9884653319583, 61.8505471787146]
    assert row[["ci_low", "ci_high"]].tolist() == pytest.approx(expected, rel=1e-12)
    assert row[["gap_low", "gap_high"]].tolist() == pytest.approx(
        [limit - 20 for limit in expected], rel=1e-9
    )
    assert row["status"] == "short"


# --- a second library --------------------------------------------------------------------------

LEVELS = pytest.mark.parametrize("level", [0.8, 0.95, 0.998])


def random_counts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw 400 pairs (x, n) of every size, with both edges among them."""
    rng = np.random.default_rng(seed)
    n = np.floor(10 ** rng.uniform(0, 6, 400)) + 1
    x = np.minimum(np.floor(rng.uniform(0, 1, 400) * (n + 1)), n)
    x[:20], x[20:40] = 0, n[20:40]
    return x, n


@LEVELS
@pytest.mark.parametrize(("ours", "theirs"), [("wilson", "wilson"), ("clopper_pearson", "beta")])
def test_proportion_limits_are_those_of_statsmodels(ours: str, theirs: str, level: float) -> None:
    x, n = random_counts(1)
    low, high = getattr(tu.measures, ours)(x, n, level)
    expected = proportion_confint(x, n, alpha=1 - level, method=theirs)
    np.testing.assert_allclose(low, expected[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(high, expected[1], rtol=1e-9, atol=1e-15)


@LEVELS
def test_poisson_limits_are_those_of_statsmodels(level: float) -> None:
    x, n = random_counts(2)
    low, high = tu.measures.poisson(x, n, level)
    expected = confint_poisson(x, n, method="exact-c", alpha=1 - level)
    np.testing.assert_allclose(low, np.where(x > 0, expected[0], 0), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(high, expected[1], rtol=1e-9, atol=1e-15)


# --- people needed -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Needed:
    """Published people needed for one typed goal."""

    id: str
    n: tuple[int, ...]
    x: tuple[int, ...]
    goal: float | Fraction
    needed: tuple[int, ...]
    source: str
    key: str = "full"


STUDENTS, SUCCESS = (6000, 2000, 4000, 1000, 200, 6800), (4292, 607, 847, 504, 78, 4200)
NEEDED = [
    Needed(
        "di_ppg_fixed_goal_054_exact", STUDENTS, SUCCESS, 0.54, (0, 473, 1313, 36, 30, 0),
        f"{DISIMPACT}; it prints 474, 1314, 37, 31, one too many each: a float ceiling",
    ),
    Needed(
        "di_ppg_overall", STUDENTS, SUCCESS, 0.5264, (0, 446, 1259, 23, 28, 0),
        f"{DISIMPACT}: success_needed_full_parity to the overall rate, here typed as a goal",
    ),
    Needed(
        "di_80_percent_index", STUDENTS, SUCCESS, Fraction(4292, 6000),
        (0, 824, 2015, 212, 66, 665),
        f"{DISIMPACT}: full parity to 4292 of 6000, here typed as a goal",
    ),
]  # fmt: skip
each_need = pytest.mark.parametrize("case", NEEDED, ids=lambda case: case.id)


@each_need
def test_people_needed_are_the_published_ones(case: Needed) -> None:
    table = of_counts(list(case.x), list(case.n), tu.Goal.at_least(case.goal))
    assert table["needed"].tolist() == list(case.needed), case.source
    found = tu.measures.needed(
        np.array(case.x, float), np.array(case.n, float), case.goal, direction="at least"
    )
    assert found.tolist() == list(case.needed)


@each_need
def test_people_typed_here_are_those_of_the_shared_file(shared: Path, case: Needed) -> None:
    entry = examples(shared)[case.id]
    assert entry["expected"][case.key] == list(case.needed)
    assert entry["inputs"]["n"] == list(case.n)
    assert entry["inputs"]["success"] == list(case.x)


def test_students_past_the_goal_lower_nobody_elses_need() -> None:
    """DisImpact's students: the groups need 1,852 in all, and the total 272 (0.54 × 20,000)."""
    rows = pd.DataFrame({"x": SUCCESS, "n": STUDENTS, "group": list("abcdef")})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="group")
    table = tu.assess(segments, tu.Goal.at_least(0.54)).table
    assert table["needed"].iloc[0] == 10_800 - 10_528
    assert table["needed"].iloc[1:].sum() == 473 + 1313 + 36 + 30
    assert table["effort_share"].iloc[2] == pytest.approx(473 / 1852, rel=1e-15)


# --- rates, totals and gaps --------------------------------------------------------------------

COLLEGE = {"overall": (49, 11), "parents": (39, 21), "disabilities": (35, 25)}


def test_college_gap_to_the_goal_in_points() -> None:
    """Othering & Belonging Institute, FAQ: 49, 39 and 35 % against a goal of 60 %."""
    rows = pd.DataFrame(COLLEGE, index=["rate", "gap"]).T.rename_axis("group").reset_index()
    segments = tu.from_estimates(
        rows, estimate="rate", segments="group", kind="proportion", per=100, total="overall",
        exclusive=False,
    )  # fmt: skip
    table = tu.assess(segments, tu.Goal.at_least(60, per=100)).table
    assert table["gap"].tolist() == [gap for _, gap in COLLEGE.values()]
    assert table["needed"].isna().all()
    assert table["reason"].str.contains("people not available").all()
    found = tu.measures.gap(np.array([49.0, 39.0, 35.0]), 60, direction="at least")
    assert found.tolist() == [11, 21, 25]


def test_college_gaps_typed_here_are_those_of_the_shared_file(shared: Path) -> None:
    entry = examples(shared)["tu_faq_college_gap_to_goal"]
    assert list(entry["expected"]["gap_pp"].values()) == [gap for _, gap in COLLEGE.values()]
    assert entry["inputs"]["goal_pct"] == 60


PRINTED_RATES = [0.5264, 0.7153333, 0.3035, 0.21175, 0.504, 0.39, 0.6176471]


def test_student_rates_and_their_total_are_the_published_ones() -> None:
    """di_ppg_overall prints .7153333 .3035 .21175 .504 .39 .6176471 and .5264 overall."""
    rows = pd.DataFrame({"x": SUCCESS, "n": STUDENTS, "group": list("abcdef")})
    segments = tu.from_counts(rows, numerator="x", denominator="n", segments="group")
    table = tu.assess(segments, tu.Goal.at_least(0.54)).table
    assert table["rate"].tolist() == pytest.approx(PRINTED_RATES, abs=6e-8)


def test_student_rates_typed_here_are_those_of_the_shared_file(shared: Path) -> None:
    expected = examples(shared)["di_ppg_overall"]["expected"]
    assert [expected["reference"], *expected["pct"]] == PRINTED_RATES


MEN = [(512, 313), (353, 207), (120, 205), (138, 279), (53, 138), (22, 351)]
WOMEN = [(89, 19), (17, 8), (202, 391), (131, 244), (94, 299), (24, 317)]


def test_admissions_by_department_and_rolled_up_are_the_printed_ones() -> None:
    """R datasets::UCBAdmissions: .4452 of men, .3035 of women; women higher in 4 of 6."""
    rows = [
        (dept, sex, yes, yes + no)
        for sex, counts in (("Male", MEN), ("Female", WOMEN))
        for dept, (yes, no) in zip("ABCDEF", counts, strict=True)
    ]
    data = pd.DataFrame(rows, columns=["dept", "sex", "admitted", "applied"])
    segments = tu.from_counts(
        data, numerator="admitted", denominator="applied", segments="sex", by="dept"
    )
    table = tu.assess(segments, tu.Goal.at_least(0.5), rollup=True).table
    everywhere = table[table["dept"].isna()].set_index("segment")["rate"]
    assert everywhere["Male"] == pytest.approx(0.4452, abs=6e-5)
    assert everywhere["Female"] == pytest.approx(0.3035, abs=6e-5)
    wide = table.dropna(subset=["dept"]).pivot(index="dept", columns="segment", values="rate")
    assert (wide["Female"] > wide["Male"]).sum() == 4


def test_admissions_typed_here_are_those_of_the_shared_file(shared: Path) -> None:
    entry = examples(shared)["simpson_ucb_admissions_1973"]
    assert list(map(tuple, entry["inputs"]["male_admit_reject_by_dept_A_F"])) == MEN
    assert list(map(tuple, entry["inputs"]["female_admit_reject_by_dept_A_F"])) == WOMEN
    assert list(entry["expected"].values()) == [0.4452, 0.3035, 4]


# fmt: off
HEADSHIP = {
    (44.7268, "share_1970", "rate_1970", "crude1"): (
        [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9],
        [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8],
    ),
    (47.694, "share_1985", "rate_1985", "crude2"): (
        [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5],
        [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2],
    ),
}
# fmt: on


@pytest.mark.parametrize("printed", HEADSHIP, ids=lambda printed: printed[1])
def test_total_of_rates_weighs_them_by_their_people(
    printed: tuple[float, str, str, str],
) -> None:
    """Das Gupta 1993, eg 5.1: household headship per 100, crude 44.7268 and 47.6940."""
    share, rate = HEADSHIP[printed]
    rows = pd.DataFrame({"share": share, "rate": rate, "age": [f"a{i}" for i in range(13)]})
    segments = tu.from_estimates(
        rows, estimate="rate", segments="age", kind="proportion", per=100, population="share"
    )
    total = tu.assess(segments, tu.Goal.at_least(50, per=100)).table.iloc[0]
    # The printed shares add to 100.0 and 100.0; the book divides by 100.
    assert sum(share) == pytest.approx(100, abs=0.05)
    assert total["rate"] * sum(share) / 100 == pytest.approx(printed[0], abs=1e-4)


@pytest.mark.parametrize("printed", HEADSHIP, ids=lambda printed: printed[1])
def test_headship_typed_here_is_that_of_the_shared_file(
    shared: Path, printed: tuple[float, str, str, str]
) -> None:
    crude, share, rate, key = printed
    entry = examples(shared)["kitagawa_headship_1970_1985"]
    assert (entry["inputs"][share], entry["inputs"][rate]) == HEADSHIP[printed]
    assert entry["expected"][key] == crude


# fmt: off
STDRATE = {
    "Alaska": (
        [37, 68, 206, 369, 556, 78, 181, 395, 555, 479],
        [81205, 93662, 108615, 35139, 5491, 77203, 85412, 100386, 32118, 7701],
        4.664,
    ),
    "Florida": (
        [1189, 2962, 10279, 26354, 42443, 906, 1234, 5630, 18309, 53489],
        [1505889, 1972157, 2197912, 1383533, 554632, 1445831, 1870430, 2246737, 1612270, 868838],
        10.3968,
    ),
}
# fmt: on


def test_crude_death_rates_add_events_and_people_up() -> None:
    """SAS PROC STDRATE example 1, as in R dsr: crude 4.6640 and 10.3968 per 1,000."""
    rows = [
        (state, f"stratum {i}", d, n)
        for state, (deaths, people, _) in STDRATE.items()
        for i, (d, n) in enumerate(zip(deaths, people, strict=True))
    ]
    data = pd.DataFrame(rows, columns=["state", "stratum", "deaths", "people"])
    segments = tu.from_counts(
        data, numerator="deaths", denominator="people", segments="stratum", by="state",
        kind="rate",
    )  # fmt: skip
    table = tu.assess(segments, tu.Goal.at_most(5, per=1000)).table
    totals = table[table["dimension"] == "total"].set_index("state")
    for state, (deaths, people, crude) in STDRATE.items():
        assert totals.loc[state, "rate"] == pytest.approx(crude, abs=6e-5)
        short = Fraction(sum(deaths)) - Fraction(5, 1000) * sum(people)
        assert totals.loc[state, "needed"] == max(0, math.ceil(short))


def test_crude_death_rates_typed_here_are_those_of_the_shared_file(shared: Path) -> None:
    entry = examples(shared)["dsr_gamma_alaska_florida"]
    for state, (deaths, people, crude) in STDRATE.items():
        inputs = entry["inputs"][state.lower()]
        assert (inputs["d"], inputs["n"]) == (deaths, people)
        assert entry["expected"][state.lower()]["crude"] == crude


# --- reliability -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """A count, and whether the NCHS standards show it."""

    id: str
    x: int
    n: int
    shown: bool
    review: bool
    source: str
    kind: str = "proportion"


# The rules' own examples give p, limits and effective size; the counts here have that p and that
# size, and their exact intervals lead to the same judgement (checked with scipy.stats).
JUDGED = [
    Judged("nchs_p_neff", 12, 29, False, False, f"{PARKER_2017}: below 30"),
    Judged("nchs_p_narrow", 8, 800, True, False, f"{PARKER_2017}: width at most .05"),
    Judged("nchs_p_wide", 20, 40, False, False, f"{PARKER_2017}: width .30 or more"),
    Judged("nchs_p_rel", 5, 100, False, False, f"{PARKER_2017}: width above 130 % of p"),
    Judged("nchs_p_ok", 33, 110, True, False, f"{PARKER_2017}: otherwise show"),
    Judged("nchs_p_complement", 95, 100, True, False, f"{PARKER_2017}: shown with a footnote"),
    Judged("nchs_p_complement_narrow", 792, 800, True, False, f"{PARKER_2017}: no footnote"),
    Judged("nchs_p_zero", 0, 100, True, True, f"{PARKER_2017}: no events, review"),
    Judged("nchs_p_zero_wide", 0, 40, True, True, f"{PARKER_2017}: no events, no width test"),
    Judged("nchs_p_zero_small", 0, 29, False, False, f"{PARKER_2017}: no events, below 30"),
    Judged("nchs_rate_n", 9, 1800, False, False, f"{PARKER_2023}: 10 events", "rate"),
    Judged("nchs_rate_width_7", 7, 1400, False, False, f"{PARKER_2023}: 10 events", "rate"),
    Judged("nchs_rate_width_8", 8, 1600, False, False, f"{PARKER_2023}: 10 events", "rate"),
    Judged("nchs_rate_width_10", 10, 2000, True, False, f"{PARKER_2023}: 10 events", "rate"),
]
REVIEW = "NCHS asks for review"
each_judged = pytest.mark.parametrize("case", JUDGED, ids=lambda case: case.id)


@each_judged
def test_flag_is_what_the_standards_say(case: Judged) -> None:
    goal = tu.Goal.at_most(0.5)
    row = of_counts([case.x], [case.n], goal, kind=case.kind).iloc[0]
    assert row["flag"] == ("ok" if case.shown else "unreliable"), case.source
    assert (REVIEW in row["reason"]) == case.review
    if case.kind == "proportion":
        assert standards(np.array([case.x]), np.array([case.n])).tolist() == [case.shown]


@each_judged
def test_flag_never_removes_a_value(case: Judged) -> None:
    goal = tu.Goal.at_most(0.5)
    row = of_counts([case.x], [case.n], goal, kind=case.kind).iloc[0]
    assert row["rate"] == case.x / case.n
    assert row[["ci_low", "ci_high", "gap", "needed"]].notna().all()
    unjudged = of_counts([case.x], [case.n], goal, kind=case.kind, reliability=None).iloc[0]
    assert unjudged["flag"] == "ok"
    assert REVIEW not in unjudged["reason"]
    pd.testing.assert_series_equal(
        row.drop(["flag", "reason"]), unjudged.drop(["flag", "reason"]), check_names=False
    )


@each_judged
def test_judgement_typed_here_is_that_of_the_shared_file(shared: Path, case: Judged) -> None:
    entry = examples(shared, "rule_tests.json")[case.id]
    assert entry["expected"]["show"] == case.shown
    assert ("review_0_or_100" in entry["expected"].get("flags", [])) == case.review
    inputs = entry["inputs"]
    if case.kind == "proportion":
        assert case.n == inputs["n_eff"]
        assert case.x / case.n == pytest.approx(inputs["p"], abs=0.02)
    else:
        assert case.x == inputs["n"]


WIDTHS = [("nchs_rate_ok", (2.4, 9.2), True), ("nchs_rate_rci", (2.3, 10.4), False)]


@pytest.mark.parametrize(("id_", "limits", "shown"), WIDTHS)
def test_published_rate_is_judged_by_the_relative_width_of_its_interval(
    id_: str, limits: tuple[float, float], shown: bool
) -> None:
    """Parker et al. 2023: ten events (5 per 1,000 of 2,000), relative width 160 % or less."""
    rows = pd.DataFrame({"group": ["a"], "rate": [5.0], "people": [2000.0]})
    rows = rows.assign(low=limits[0], high=limits[1])
    segments = tu.from_estimates(
        rows, estimate="rate", ci=("low", "high"), segments="group", kind="rate", per=1000,
        population="people",
    )  # fmt: skip
    row = tu.assess(segments, tu.Goal.at_most(3, per=1000)).table.iloc[1]
    assert row[["ci_low", "ci_high"]].tolist() == list(limits)
    assert row["flag"] == ("ok" if shown else "unreliable"), id_


@pytest.mark.parametrize(("id_", "limits", "shown"), WIDTHS)
def test_widths_typed_here_are_those_of_the_shared_file(
    shared: Path, id_: str, limits: tuple[float, float], shown: bool
) -> None:
    entry = examples(shared, "rule_tests.json")[id_]
    assert (entry["inputs"]["rate"], entry["inputs"]["n"]) == (5, 10)
    assert (entry["inputs"]["lo"], entry["inputs"]["hi"]) == limits
    assert entry["expected"]["show"] == shown


def standards(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """NCHS proportions by the text, with the Clopper–Pearson interval of scipy.stats."""
    low = np.where(x > 0, stats.beta.ppf(0.025, np.maximum(x, 1), n - x + 1), 0)
    high = np.where(x < n, stats.beta.ppf(0.975, x + 1, np.maximum(n - x, 1)), 1)
    width = high - low
    relative = width / np.where(x > 0, x / n, np.inf)
    shown = (width <= 0.05) | ((width < 0.30) & (relative <= 1.30))
    return (n >= 30) & (shown | (x == 0) | (x == n))


@pytest.mark.parametrize(
    "sizes",
    [range(1, 121), (150, 200, 239, 240, 241, 300), (1000, 1699), (1700, 1701, 2500)],
    ids=["up to 120", "up to 300", "up to 1,699", "from 1,700"],
)
def test_flag_of_every_count_is_that_of_the_exact_interval(sizes: range) -> None:
    pairs = np.array([(x, n) for n in sizes for x in range(n + 1)])
    table = of_counts(pairs[:, 0].tolist(), pairs[:, 1].tolist(), tu.Goal.at_least(0.5))
    shown = standards(pairs[:, 0], pairs[:, 1])
    assert (table["flag"] == "ok").tolist() == shown.tolist()
    assert shown.any()
    edge = ((pairs[:, 0] == 0) | (pairs[:, 0] == pairs[:, 1])) & (pairs[:, 1] >= 30)
    assert table["reason"].str.contains(REVIEW).tolist() == edge.tolist()


@pytest.mark.parametrize(("people", "flag"), [(9, "unreliable"), (10, "ok")])
def test_a_rate_needs_ten_people_as_well_as_ten_events(people: int, flag: str) -> None:
    row = of_counts([40], [people], tu.Goal.at_most(5, per=1), kind="rate").iloc[0]
    assert row["flag"] == flag


# --- codes of the American Community Survey ----------------------------------------------------


def surveyed(estimate: float, margin: float) -> pd.Series:
    """Assess one estimate with its margin of error."""
    rows = pd.DataFrame({"group": ["a", "b"], "value": [estimate, 900.0], "moe": [margin, 82.25]})
    segments = tu.from_estimates(
        rows, estimate="value", moe="moe", segments="group", kind="mean", exclusive=False
    )
    table = tu.assess(segments, tu.Goal.at_least(1000, per=1)).table
    assert table.loc[2, "ci_low"] == pytest.approx(900 - 1.959963984540054 * 50, rel=1e-12)
    return table.loc[1]


def test_acs_controlled_estimate_has_no_error_and_so_no_interval() -> None:
    """acs_moe_controlled: −555555555 is a margin of 0."""
    row = surveyed(1200, -555555555)
    assert row[["rate", "gap"]].tolist() == [1200, -200]
    assert row[["ci_low", "ci_high"]].isna().all()
    assert "controlled estimate: margin of error 0" in row["reason"]
    assert "no interval: standard error of zero" in row["reason"]
    assert "no interval given" not in row["reason"]


@pytest.mark.parametrize("code", [-222222222, -333333333])
def test_acs_margin_that_cannot_be_computed_is_missing_and_never_zero(code: int) -> None:
    """acs_moe_222222222 and acs_moe_333333333."""
    row = surveyed(1200, code)
    assert row["rate"] == 1200
    assert row[["ci_low", "ci_high"]].isna().all()
    assert "margin of error not computable" in row["reason"]
    assert "controlled" not in row["reason"]


@pytest.mark.parametrize("code", [-666666666, -888888888, -999999999])
def test_acs_estimate_that_is_not_there_is_missing_with_a_reason(code: int) -> None:
    """acs_estimate_666666666, …888888888 and …999999999."""
    row = surveyed(code, 10)
    assert row[["rate", "gap", "ci_low"]].isna().all()
    assert row["status"] == "no data"
    assert row["reason"].startswith("no estimate: the American Community Survey gives a code")
