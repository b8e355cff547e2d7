"""Real public data against answers that others computed: plain pandas and exact fractions.

The files lie in the shared folder and are never copied here. Rates, gaps and limits of the answers
are rounded to ten significant digits; people are whole numbers and must agree to the person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

import targeted_universalism as tu

TEN_DIGITS = 1e-9
# The answers' Wilson limits were made with z rounded to 1.959964, which moves a limit by up to
# 1.5e-8 of itself. The default level is held to that; the level of the rounded z to ten digits.
ROUNDED_Z = 2e-8
LEVELS = [(0.95, ROUNDED_Z), (math.erf(1.959964 / math.sqrt(2)), TEN_DIGITS)]
at_both_levels = pytest.mark.parametrize(("level", "tolerance"), LEVELS)


def read_answers(shared: Path, name: str) -> pd.DataFrame:
    """Read the answers of one file, numbers as floats."""
    return pd.read_csv(shared / "data" / "answers" / name)


def pick(answers: pd.DataFrame, name: str, rows: int) -> pd.DataFrame:
    """Take one slice of the answers by segment, and make sure that it is all there."""
    found = answers[answers["slice"] == name].set_index("segment")
    assert len(found) == rows
    return found


def by_segment(table: pd.DataFrame, labels: dict[str, str], *dimensions: str) -> pd.DataFrame:
    """Index the rows of some dimensions and the total by the answers' names of segments."""
    rows = table[table["dimension"].isin(["total", *dimensions])]
    names = rows["segment"].astype(str)
    return rows.set_index(names.map(lambda text: labels.get(text, text)))


def check(ours: pd.DataFrame, answers: pd.DataFrame) -> None:
    """Compare population, rate, gap and people of every row that has a usable number."""
    known = answers[answers["kind"] != "suppressed"]
    mine = ours.loc[known.index]
    pairs = {"population": "n", "rate": "rate", "gap": "gap_to_goal", "goal": "goal", "per": "per"}
    for column, answer in pairs.items():
        np.testing.assert_allclose(
            mine[column], known[answer], rtol=TEN_DIGITS, atol=1e-15, err_msg=column
        )
    assert mine["needed"].tolist() == known["people_needed"].astype(int).tolist()


def check_limits(ours: pd.DataFrame, answers: pd.DataFrame, tolerance: float) -> None:
    """Compare the Wilson limits of every row that has them."""
    known = answers[answers["kind"] != "suppressed"]
    mine = ours.loc[known.index]
    for column, answer in {"ci_low": "rate_lo95", "ci_high": "rate_hi95"}.items():
        np.testing.assert_allclose(mine[column], known[answer], rtol=tolerance, atol=1e-15)


def check_shares(ours: pd.DataFrame, answers: pd.DataFrame) -> None:
    """A share is whole people over all whole people; the answers share out unrounded people.

    The two differ by less than one person of each segment, so both are held.
    """
    known = answers[answers["kind"] == "segment"]
    people = known["people_needed"]
    mine = ours.loc[known.index, "effort_share"].astype(float)
    np.testing.assert_allclose(mine, people / people.sum(), rtol=1e-12)
    unrounded = known["people_needed_exact"]
    np.testing.assert_allclose(unrounded / unrounded.sum(), known["share_of_need"], rtol=TEN_DIGITS)
    assert ((mine - known["share_of_need"]).abs() <= len(known) / people.sum()).all()


# --- California: four-year graduation ----------------------------------------------------------

CALIFORNIA = "ca_acgr_county_2017_2022.csv"
GRADUATE = tu.Goal.at_least(0.9, name="Graduate in four years")
RACE = {
    "RA": "Asian",
    "RB": "African American",
    "RF": "Filipino",
    "RH": "Hispanic or Latino",
    "RI": "American Indian or Alaska Native",
    "RP": "Pacific Islander",
    "RT": "Two or More Races",
    "RW": "White",
}
LABELS = {**RACE, "Unknown": "Not Reported", "All": "Total"}
PARTITION = {
    **dict.fromkeys([*RACE, "RD"], "race"),
    **dict.fromkeys(["GF", "GM", "GX"], "gender"),
    **dict.fromkeys(["SE", "SD", "SS", "SM", "SF", "SH"], "programme"),
}
COUNTIES = [("Los Angeles", 10), ("Alameda", 10), ("Inyo", 10), ("Mono", 10)]


def graduates(rows: pd.DataFrame, **options: object) -> tu.Segments:
    """Make segments of the stacked file; zero stands for a cohort of one to ten (CDE's rule)."""
    stacked = {
        "numerator": "x",
        "denominator": "CohortStudents",
        "segments": "ReportingCategory",
        "dimension": PARTITION,
        "total": "TA",
        "exclusive": {"programme": False},
        "unknown": "RD",
        "by": ["CountyName", "AcademicYear"],
        "suppressed": {"CohortStudents": {0: (1, 10)}},
    }
    return tu.from_counts(rows, **{**stacked, **options})


@pytest.fixture(scope="module")
def cohorts(shared: Path) -> pd.DataFrame:
    """Cohorts of 58 counties with the graduates that their rates imply."""
    rows = pd.read_csv(shared / "data" / CALIFORNIA, encoding="utf-8-sig")
    rows["x"] = (rows["CohortStudents"] * rows["Graduation Rate (%)"]).round()
    return rows[["AcademicYear", "CountyName", "ReportingCategory", "CohortStudents", "x"]]


@pytest.fixture(scope="module")
def california(cohorts: pd.DataFrame) -> pd.DataFrame:
    """The assessed table of all counties and years."""
    return tu.assess(graduates(cohorts), GRADUATE).table


@pytest.fixture(scope="module")
def visible(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Counts summed over counties, hidden cells left out."""
    shown = cohorts[cohorts["CohortStudents"] > 0]
    keys = ["AcademicYear", "ReportingCategory"]
    return shown.groupby(keys, as_index=False)[["CohortStudents", "x"]].sum()


def of_county(table: pd.DataFrame, county: str) -> pd.DataFrame:
    """Take the rows of one county in 2021-22, by the answers' names."""
    here = (table["CountyName"] == county) & (table["AcademicYear"] == "2021-22")
    return by_segment(table[here], LABELS, "race")


@pytest.mark.parametrize(("county", "rows"), COUNTIES)
def test_california_counties_agree_with_the_answers(
    shared: Path, california: pd.DataFrame, county: str, rows: int
) -> None:
    answers = pick(read_answers(shared, CALIFORNIA), f"{county} 2021-22", rows)
    check(of_county(california, county), answers)


@at_both_levels
def test_california_limits_agree_with_the_answers(
    shared: Path, cohorts: pd.DataFrame, visible: pd.DataFrame, level: float, tolerance: float
) -> None:
    answers = read_answers(shared, CALIFORNIA)
    table = tu.assess(graduates(cohorts), GRADUATE, confidence=level, interval="wilson").table
    for county, rows in COUNTIES:
        theirs = pick(answers, f"{county} 2021-22", rows)
        check_limits(of_county(table, county), theirs, tolerance)
    summed = graduates(visible, by="AcademicYear", suppressed=None)
    table = tu.assess(summed, GRADUATE, confidence=level, interval="wilson").table
    for year in ("2019-20", "2021-22"):
        theirs = pick(answers, f"sum of 58 counties {year}", 10)
        ours = by_segment(table[table["AcademicYear"] == year], LABELS, "race")
        check_limits(ours, theirs, tolerance)


@pytest.mark.parametrize(("county", "hidden"), [("Inyo", 4), ("Mono", 6)])
def test_california_hidden_cells_have_no_rate_and_are_never_met(
    shared: Path, california: pd.DataFrame, county: str, hidden: int
) -> None:
    answers = pick(read_answers(shared, CALIFORNIA), f"{county} 2021-22", 10)
    gone = answers.index[answers["kind"] == "suppressed"]
    ours = of_county(california, county).reindex(gone)
    assert len(gone) == hidden
    assert ours[["rate", "events", "population", "gap", "needed"]].isna().all(axis=None)
    assert ours["status"].isin(["suppressed", "no data"]).all()


@pytest.mark.parametrize("county", ["Los Angeles", "Alameda"])
def test_california_shares_are_whole_people_over_all_whole_people(
    shared: Path, california: pd.DataFrame, county: str
) -> None:
    answers = pick(read_answers(shared, CALIFORNIA), f"{county} 2021-22", 10)
    check_shares(of_county(california, county), answers)


@pytest.mark.parametrize("county", ["Los Angeles", "Alameda", "Inyo", "Mono"])
def test_california_not_reported_and_the_total_have_no_share(
    california: pd.DataFrame, county: str
) -> None:
    ours = of_county(california, county)
    assert ours.loc[["Not Reported", "Total"], "effort_share"].isna().all()


@pytest.mark.parametrize("county", ["Inyo", "Mono"])
def test_california_one_hidden_segment_leaves_no_share_to_any(
    california: pd.DataFrame, county: str
) -> None:
    ours = of_county(california, county).loc[list(RACE.values())]
    assert ours["effort_share"].isna().all()
    assert ours["reason"].str.contains("suppressed segment").all()


@pytest.mark.parametrize("year", ["2019-20", "2021-22"])
def test_california_sums_of_visible_cells_agree_with_the_answers(
    shared: Path, visible: pd.DataFrame, year: str
) -> None:
    answers = pick(read_answers(shared, CALIFORNIA), f"sum of 58 counties {year}", 10)
    table = tu.assess(graduates(visible, by="AcademicYear", suppressed=None), GRADUATE).table
    ours = by_segment(table[table["AcademicYear"] == year], LABELS, "race")
    check(ours, answers)
    check_shares(ours, answers)


def test_california_implied_graduates_are_those_of_the_answers(
    shared: Path, california: pd.DataFrame
) -> None:
    answers = read_answers(shared, CALIFORNIA)
    compared = 0
    for county, rows in COUNTIES:
        theirs = pick(answers, f"{county} 2021-22", rows)["x"].dropna()
        assert of_county(california, county).loc[theirs.index, "events"].tolist() == theirs.tolist()
        compared += len(theirs)
    assert compared == 30


def test_california_stacked_file_without_dimension_is_an_error(cohorts: pd.DataFrame) -> None:
    with pytest.raises(tu.InputError, match="dimension="):
        graduates(cohorts, dimension=None, exclusive=True)


def test_california_partitions_differ_and_the_reason_says_so(visible: pd.DataFrame) -> None:
    """RULES 2: race sums to 497,400, gender to 497,727, the printed total is 497,852."""
    latest = visible[visible["AcademicYear"] == "2021-22"]
    options = {"by": None, "suppressed": None}
    declared = tu.assess(graduates(latest, **options), GRADUATE).table
    people = declared.groupby("dimension", observed=True)["population"].sum()
    assert people[["race", "gender", "total"]].tolist() == [497_400, 497_727, 497_852]
    parts = latest[latest["ReportingCategory"] != "TA"]
    added = tu.assess(graduates(parts, **options, total=None), GRADUATE).table.iloc[0]
    assert added["population"] == 497_400
    assert added["reason"] == "partitions differ"
    assert declared.iloc[0]["reason"] == ""


def hidden_counts(least: int, most: int) -> Iterator[tuple[int, int]]:
    """Give every pair (events, people) that a hidden cohort allows."""
    for n in range(least, most + 1):
        for x in range(n + 1):
            yield x, n


def enumerated(goal: tu.Goal, pairs: Iterator[tuple[int, int]]) -> dict[str, float]:
    """Find the extreme gaps and people needed by trying every pair."""
    target = Fraction(str(goal.target)) / goal.per
    short = [(goal.sign * (target * n - x), n) for x, n in pairs]
    gaps = [float(part / n * goal.per) for part, n in short]
    people = [max(0, math.ceil(part)) for part, _ in short]
    return {
        "gap_low": min(gaps),
        "gap_high": max(gaps),
        "needed_low": min(people),
        "needed_high": max(people),
    }


@pytest.mark.parametrize("goal", [GRADUATE, tu.Goal.at_most(0.25), tu.Goal.at_least(62.5, per=100)])
def test_range_of_a_hidden_cohort_is_that_of_every_allowed_count(
    cohorts: pd.DataFrame, goal: tu.Goal
) -> None:
    table = tu.assess(graduates(cohorts), goal).table
    hidden = table[table["status"] == "suppressed"]
    assert len(hidden) == 1058
    for column, value in enumerated(goal, hidden_counts(1, 10)).items():
        np.testing.assert_allclose(hidden[column].astype(float), value, rtol=1e-14, atol=1e-15)
    first = hidden["reason"].str.startswith("hidden in the input: range of possible values")
    assert first.all()


def test_total_passes_over_a_partition_that_hides_a_cell(cohorts: pd.DataFrame) -> None:
    """RULES 2 (3a): Mono hides six races and no gender, so its genders give the total."""
    mono = cohorts[(cohorts["CountyName"] == "Mono") & (cohorts["ReportingCategory"] != "TA")]
    table = tu.assess(graduates(mono, total=None), GRADUATE).table
    total = table[table["AcademicYear"] == "2021-22"].iloc[0]
    assert total[["dimension", "events", "population"]].tolist() == ["total", 125, 257]


def test_total_is_suppressed_with_its_range_where_every_partition_hides_a_cell(
    cohorts: pd.DataFrame,
) -> None:
    """Inyo shows 290 of 590 by race; four races hide one to ten pupils each."""
    inyo = cohorts[(cohorts["CountyName"] == "Inyo") & (cohorts["ReportingCategory"] != "TA")]
    table = tu.assess(graduates(inyo, total=None), GRADUATE).table
    total = table[table["AcademicYear"] == "2021-22"].iloc[0]
    assert total["status"] == "suppressed"
    assert total[["rate", "events", "gap", "needed"]].isna().all()
    pairs = ((290 + x, 590 + n) for x, n in hidden_counts(4, 40))
    for column, value in enumerated(GRADUATE, pairs).items():
        assert float(total[column]) == pytest.approx(value, rel=1e-14)


# --- Washington: entries into out-of-home care -------------------------------------------------

WASHINGTON = "wa_ooh_entry_rates_counties.csv"
ENTRIES = tu.Goal.at_most(3, per=1000, name="Entries into out-of-home care")
PEOPLE = {
    "1": "American Indian/Alaskan Native",
    "2": "Asian",
    "3": "Black/African American",
    "4": "Native Hawaiian/Other Pacific Islander",
    "5": "White/Caucasian",
    "8": "Multiracial",
    "9": "Hispanic or Latino",
    "10": "Other Ethnicity",
    "11": "Non-Hispanic, White Alone",
    "12": "Non-Hispanic, Black Alone",
}
CODES = {
    **dict.fromkeys([1, 2, 3, 4, 5, 8], "race"),
    **dict.fromkeys([9, 10, 11, 12], "ethnicity"),
}
WA_COUNTIES = {"King": 17, "Pierce": 27, "Spokane": 32, "Yakima": 39}
WA_SLICES = [(county, part) for county in WA_COUNTIES for part in ("race", "ethnicity")]
WA_ROWS = {"race": 7, "ethnicity": 5}


def entries(rows: pd.DataFrame, **options: object) -> tu.Segments:
    """Make segments of published entry rates per 1,000 children."""
    return tu.from_estimates(
        rows, estimate="rate", kind="rate", per=1000, population="population",
        segments="ethnicityCensus", dimension=CODES, total=0, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def washington(children: pd.DataFrame) -> pd.DataFrame:
    """The assessed table of 39 counties."""
    return tu.assess(entries(children, by="geog"), ENTRIES).table


@pytest.mark.parametrize(("county", "part"), WA_SLICES)
def test_washington_counties_agree_with_the_answers(
    shared: Path, washington: pd.DataFrame, county: str, part: str
) -> None:
    name = f"{county} 2018 ages 0-17, {part} partition"
    answers = pick(read_answers(shared, WASHINGTON), name, WA_ROWS[part])
    table = washington[washington["geog"] == WA_COUNTIES[county]]
    check(by_segment(table, PEOPLE, part), answers)


@pytest.mark.parametrize(("county", "part"), [s for s in WA_SLICES if s != ("Yakima", "race")])
def test_washington_shares_are_whole_children_over_all_whole_children(
    shared: Path, washington: pd.DataFrame, county: str, part: str
) -> None:
    name = f"{county} 2018 ages 0-17, {part} partition"
    answers = pick(read_answers(shared, WASHINGTON), name, WA_ROWS[part])
    table = washington[washington["geog"] == WA_COUNTIES[county]]
    check_shares(by_segment(table, PEOPLE, part), answers)


def test_washington_children_without_a_rate_leave_no_share_to_any(
    washington: pd.DataFrame,
) -> None:
    yakima = washington[(washington["geog"] == 39) & (washington["dimension"] == "race")]
    assert len(yakima) == 6
    assert yakima["effort_share"].isna().all()
    without = yakima[yakima["status"] == "no data"]
    assert yakima.drop(without.index)["reason"].str.contains("no share").all()
    assert without["segment"].tolist() == ["2"]


def test_washington_children_without_a_rate_are_no_data_and_not_zero(
    children: pd.DataFrame, washington: pd.DataFrame
) -> None:
    keys = ["geog", "ethnicityCensus"]
    lost = children[children["rate"].isna() & (children["population"] > 0)][keys]
    lost = lost[lost["ethnicityCensus"] > 0]
    named = washington.assign(code=washington["segment"].astype(str))
    found = named.set_index(["geog", "code"]).loc[
        [(geog, str(code)) for geog, code in lost.to_numpy().tolist()]
    ]
    assert len(found) == 147
    assert found[["rate", "gap", "needed"]].isna().all(axis=None)
    assert (found["status"] == "no data").all()
    assert found["reason"].str.startswith("no rate in the data").all()


def test_washington_has_no_population_apart_from_no_rate(washington: pd.DataFrame) -> None:
    empty = washington[washington["population"] == 0]
    assert len(empty) == 5
    assert empty["reason"].str.startswith("no population").all()


@pytest.mark.parametrize("part", ["race", "ethnicity"])
def test_washington_counties_pooled_by_hand_agree_with_the_answers(
    shared: Path, children: pd.DataFrame, part: str
) -> None:
    """A rate that is not there is taken as 0, as the answers' note says."""
    name = f"39 counties pooled 2018, {part} partition"
    answers = pick(read_answers(shared, WASHINGTON), name, WA_ROWS[part])
    rows = []
    for code, group in children.groupby("ethnicityCensus"):
        events = sum(
            Fraction(n) * Fraction(printed) / 1000
            for n, printed in zip(group["population"], group["printed"].fillna("0"), strict=True)
        )
        people = int(group["population"].sum())
        rows.append((code, people, float(1000 * events / people)))
    pooled = pd.DataFrame(rows, columns=["ethnicityCensus", "population", "rate"])
    ours = by_segment(tu.assess(entries(pooled), ENTRIES).table, PEOPLE, part)
    check(ours, answers)
    check_shares(ours, answers)


@pytest.mark.parametrize("part", ["race", "ethnicity"])
def test_washington_counties_rolled_up_agree_with_the_answers(
    shared: Path, children: pd.DataFrame, part: str
) -> None:
    name = f"39 counties pooled 2018, {part} partition"
    answers = pick(read_answers(shared, WASHINGTON), name, WA_ROWS[part])
    made = entries(children.assign(rate=children["rate"].fillna(0.0)), by="geog")
    table = tu.assess(made, ENTRIES, rollup=True).table
    ours = by_segment(table[table["geog"].isna()], PEOPLE, part)
    check(ours, answers)
    check_shares(ours, answers)


# --- COMPAS: counted in the test, crossed in the library ---------------------------------------

COMPAS = "compas_two_years.csv"
FALSE_POSITIVES = "scored Medium/High among those who did not reoffend (false positives) by race"
FALSE_NEGATIVES = "scored Low among those who reoffended (false negatives) by race"


@pytest.fixture(scope="module")
def defendants(shared: Path) -> pd.DataFrame:
    """7,214 defendants; N/A is text, not a missing value."""
    return pd.read_csv(shared / "data" / COMPAS, keep_default_na=False)


def counted(rows: pd.DataFrame, outcome: pd.Series, by: list[str]) -> pd.DataFrame:
    """Count people and events in every finest group."""
    groups = rows.assign(x=outcome.astype(int), n=1).groupby(by, as_index=False)
    return groups[["x", "n"]].sum()


REOFFENDED = [
    ("race", "race", 7),
    ("sex", "sex", 3),
    ("age_cat", "age_cat", 4),
    ("race x sex", "race*sex", 13),
]


@pytest.fixture(scope="module")
def reoffenders(defendants: pd.DataFrame) -> tu.Segments:
    """Counts of the finest groups, to be added up and crossed by the library."""
    finest = counted(defendants, defendants["two_year_recid"], ["race", "sex", "age_cat"])
    splits = ["race", "sex", "age_cat", "race*sex"]
    return tu.from_counts(finest, numerator="x", denominator="n", segments=splits)


def crossed(table: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Index a dimension by the answers' names of crossings."""
    named = table["segment"].astype(str).str.replace(" × ", " x ")
    return by_segment(table.assign(segment=named), {}, dimension)


@pytest.mark.parametrize(("name", "dimension", "rows"), REOFFENDED)
def test_compas_reoffending_agrees_with_the_answers(
    shared: Path, reoffenders: tu.Segments, name: str, dimension: str, rows: int
) -> None:
    answers = pick(read_answers(shared, COMPAS), f"two_year_recid by {name}", rows)
    ours = crossed(tu.assess(reoffenders, tu.Goal.at_most(0.3)).table, dimension)
    check(ours, answers)
    check_shares(ours, answers)


@at_both_levels
def test_compas_limits_agree_with_the_answers(
    shared: Path, reoffenders: tu.Segments, level: float, tolerance: float
) -> None:
    answers = read_answers(shared, COMPAS)
    table = tu.assess(reoffenders, tu.Goal.at_most(0.3), confidence=level, interval="wilson").table
    for name, dimension, rows in REOFFENDED:
        theirs = pick(answers, f"two_year_recid by {name}", rows)
        check_limits(crossed(table, dimension), theirs, tolerance)


@pytest.mark.parametrize(
    ("name", "errors"),
    [(FALSE_POSITIVES, (0, ["Medium", "High"], 0.2)), (FALSE_NEGATIVES, (1, ["Low"], 0.3))],
)
def test_compas_errors_agree_with_the_answers(
    shared: Path, defendants: pd.DataFrame, name: str, errors: tuple[int, list[str], float]
) -> None:
    reoffended, scores, goal = errors
    answers = pick(read_answers(shared, COMPAS), name, 7)
    rows = defendants[defendants["two_year_recid"] == reoffended]
    by_race = counted(rows, rows["score_text"].isin(scores), ["race"])
    segments = tu.from_counts(by_race, numerator="x", denominator="n", segments="race")
    made = tu.assess(segments, tu.Goal.at_most(goal), interval="wilson")
    ours = by_segment(made.table, {}, "race")
    check(ours, answers)
    check_limits(ours, answers, ROUNDED_Z)
    check_shares(ours, answers)


# --- WHO: estimates with standard errors -------------------------------------------------------

WHO = "who_health_inequality.csv"
BIRTHS = "Births attended by skilled health personnel (%)"
DEATHS = "Under-five mortality rate (deaths per 1000 live births)"
GOALS = {BIRTHS: tu.Goal.at_least(95, per=100), DEATHS: tu.Goal.at_most(25, per=1000)}
KINDS = {BIRTHS: "proportion", DEATHS: "rate"}
TOTALS = ("Setting average", "Population-weighted mean of segments")
WHO_SLICES = [
    ("who_ordered_wealth.csv", "wealth quintile", BIRTHS, 7),
    ("who_ordered_wealth.csv", "wealth quintile", DEATHS, 7),
    ("who_nonordered_region.csv", "subnational region", BIRTHS, 36),
    ("who_nonordered_region.csv", "subnational region", DEATHS, 39),
]
Z95 = special.ndtri(0.975)


def published(shared: Path, file: str, indicator: str) -> pd.DataFrame:
    """Read the segments of one indicator."""
    rows = pd.read_csv(shared / "data" / file)
    return rows[rows["indicator"] == indicator].reset_index(drop=True)


def with_setting_average(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the published setting average as a total row."""
    total = {
        "subgroup": TOTALS[0],
        "estimate": rows["setting_average"].iloc[0],
        "population": rows["population"].sum(),
    }
    return pd.concat([rows, pd.DataFrame([total])], ignore_index=True)


def held(rows: pd.DataFrame, indicator: str, total: str | None = None) -> pd.DataFrame:
    """Assess the segments of one indicator."""
    goal = GOALS[indicator]
    segments = tu.from_estimates(
        rows, estimate="estimate", se="se", population="population", segments="subgroup",
        kind=KINDS[indicator], per=goal.per, total=total,
    )  # fmt: skip
    return tu.assess(segments, goal).table


@pytest.mark.parametrize("slice_", WHO_SLICES)
def test_who_estimates_agree_with_the_answers(
    shared: Path, slice_: tuple[str, str, str, int]
) -> None:
    file, name, indicator, rows = slice_
    answers = pick(read_answers(shared, WHO), f"{name}: {indicator}", rows)
    data = published(shared, file, indicator)
    added = by_segment(held(data, indicator), {"All": TOTALS[1]}, "subgroup")
    check(added, answers.drop(index=TOTALS[0]))
    check_shares(added, answers)
    declared = held(with_setting_average(data), indicator, TOTALS[0])
    check(by_segment(declared, {"All": TOTALS[0]}, "subgroup"), answers.drop(index=TOTALS[1]))


@pytest.mark.parametrize("slice_", WHO_SLICES)
def test_who_intervals_lie_on_the_scale_of_their_kind(
    shared: Path, slice_: tuple[str, str, str, int]
) -> None:
    file, _, indicator, _ = slice_
    data = published(shared, file, indicator)
    ours = held(data, indicator)
    ours = ours[ours["dimension"] == "subgroup"]
    per = GOALS[indicator].per
    usable = (data["se"] > 0).to_numpy()
    p, se = data["estimate"].to_numpy()[usable] / per, data["se"].to_numpy()[usable] / per
    if indicator == BIRTHS:
        centre, half = special.logit(p), Z95 * se / (p * (1 - p))
        low, high = special.expit(centre - half), special.expit(centre + half)
    else:
        low, high = np.exp(np.log(p) - Z95 * se / p), np.exp(np.log(p) + Z95 * se / p)
    np.testing.assert_allclose(ours["ci_low"].to_numpy()[usable], low * per, rtol=1e-12)
    np.testing.assert_allclose(ours["ci_high"].to_numpy()[usable], high * per, rtol=1e-12)


@pytest.mark.parametrize("slice_", WHO_SLICES)
def test_who_error_of_a_computed_total_is_that_of_independent_segments(
    shared: Path, slice_: tuple[str, str, str, int]
) -> None:
    file, _, indicator, _ = slice_
    data = published(shared, file, indicator)
    per = GOALS[indicator].per
    weight = data["population"] / data["population"].sum()
    rate = (weight * data["estimate"]).sum() / per
    se = np.sqrt((weight**2 * data["se"] ** 2).sum()) / per
    slope = se / (rate * (1 - rate)) if indicator == BIRTHS else se / rate
    away = special.logit if indicator == BIRTHS else np.log
    total = held(data, indicator).iloc[0]
    for column, sign in (("ci_low", -1), ("ci_high", 1)):
        moved = away(total[column] / per) - away(rate)
        assert moved == pytest.approx(sign * Z95 * slope, rel=1e-9)


def test_who_estimate_at_its_bound_has_no_interval_and_stays_uncertain(shared: Path) -> None:
    table = held(published(shared, "who_nonordered_region.csv", BIRTHS), BIRTHS)
    bali = table[table["segment"] == "bali"].iloc[0]
    assert bali["rate"] == 100
    assert bali[["ci_low", "ci_high", "gap_low", "gap_high"]].isna().all()
    assert bali["status"] == "uncertain"
    assert "no interval" in bali["reason"]


def test_who_total_ten_times_too_large_is_reported_and_the_true_ones_are_not(
    shared: Path,
) -> None:
    """The file prints 340.38 for 34.05 deaths per 1,000 births."""
    outside = "declared total outside the range of its segments"
    said = {}
    for file, name, indicator, _ in WHO_SLICES:
        rows = with_setting_average(published(shared, file, indicator))
        total = held(rows, indicator, TOTALS[0]).iloc[0]
        said[name, indicator] = (round(total["rate"], 2), outside in total["reason"])
    assert said == {
        ("wealth quintile", BIRTHS): (91.6, False),
        ("wealth quintile", DEATHS): (340.38, True),
        ("subnational region", BIRTHS): (91.6, False),
        ("subnational region", DEATHS): (119.88, False),
    }


@pytest.mark.parametrize("outcome", ["sba", "dtp3"])
def test_who_weighted_births_agree_with_the_answers(shared: Path, outcome: str) -> None:
    """Weighted sums are counts too; their people are approximate and say so."""
    answers = pick(read_answers(shared, WHO), f"microdata {outcome} by wealth quintile", 6)
    births = pd.read_csv(shared / "data" / "who_individual_sba_dtp3.csv")
    births = births.dropna(subset=[outcome])
    births = births.assign(x=births["weight"] * births[outcome])
    sums = births.groupby("subgroup", as_index=False)[["x", "weight"]].sum()
    segments = tu.from_counts(sums, numerator="x", denominator="weight", segments="subgroup")
    ours = by_segment(tu.assess(segments, tu.Goal.at_least(0.95)).table, {}, "subgroup")
    check(ours, answers)
    check_shares(ours, answers)
    assert ours["reason"].str.contains("approximate: weighted").all()


# --- The sample that ships with the project ----------------------------------------------------


def test_sample_of_chronic_absence_needs_the_people_that_fractions_say(sample: Path) -> None:
    rows = pd.read_csv(sample / "chronic_absence_california_2021_22.csv")
    segments = tu.from_counts(
        rows, numerator="chronically_absent", denominator="eligible", segments="group",
        dimension="dimension", total="All students", exclusive={"programme": False},
    )  # fmt: skip
    table = tu.assess(segments, tu.Goal.at_most(10, per=100)).table
    ours = table.set_index(table["segment"].astype(str).replace("All", "All students"))
    assert len(ours) == len(rows) == 11
    for group, x, n in rows.iloc[:, 1:].itertuples(index=False):
        short = Fraction(x) - Fraction(10, 100) * n
        assert ours.loc[group, "needed"] == max(0, math.ceil(short))
        assert ours.loc[group, "gap"] == pytest.approx(float(100 * short / n), rel=1e-14)
    race = ours[ours["dimension"] == "race/ethnicity"]
    assert race["effort_share"].sum() == pytest.approx(1, rel=1e-14)
    assert ours[ours["dimension"] == "programme"]["effort_share"].isna().all()


def test_sample_of_chronic_absence_needs_are_typed_from_the_published_counts(
    sample: Path,
) -> None:
    """By hand: 1,201,696 − 400,926; 87,624 − 20,402; 44,622 − 38,791 (tenths rounded down)."""
    rows = pd.read_csv(sample / "chronic_absence_california_2021_22.csv")
    x, n = rows["chronically_absent"].to_numpy(float), rows["eligible"].to_numpy(float)
    people = tu.measures.needed(x, n, 10, direction="at most", per=100)
    needed = pd.Series(people, rows["group"])
    assert needed["All students"] == 800_770
    assert needed["African American"] == 67_222
    assert needed["Asian"] == 5_831
