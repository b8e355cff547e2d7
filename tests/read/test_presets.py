"""Files of the shapes that agencies publish, typed here: each by its preset, to an answer."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import targeted_universalism as tu
from targeted_universalism.read.presets import PRESETS

ACGR = """\
Academic Year\tAggregate Level\tCounty Code\tCounty Name\tCharter School\tReporting Category\t\
CohortStudents\tRegular HS Diploma Graduates (Count)\tRegular HS Diploma Graduates (Rate)
2021-22\tC\t01\tAlameda\tAll\tRB\t1,980\t1,604\t81.0
2021-22\tC\t01\tAlameda\tAll\tRI\t*\t*\t*
2021-22\tC\t01\tAlameda\tAll\tRW\t3,010\t2,740\t91.0
2021-22\tC\t01\tAlameda\tAll\tTA\t4,998\t4,350\t87.0
"""
ABSENCE = """\
Academic Year,Aggregate Level,County Code,County Name,Charter School,Reporting Category,\
ChronicAbsenteeismEligibleCumulativeEnrollment,ChronicAbsenteeismCount,ChronicAbsenteeismRate
2021-22,C,02,Alpine,All,RB,*,*,*
2021-22,C,02,Alpine,All,RW,40,16,40
2021-22,C,02,Alpine,All,TA,75,33,44
"""
CCWIP = """\
California Child Welfare Indicators Project (CCWIP),,,,
"Entries to Foster Care, Agency Type: Child Welfare",,,,
,,,,
Ethnic Group,2021,,2022,
,Children,Rate per 1000,Children,Rate per 1000
Black,88,8.5,79,7.9
White,120,2.6,.,.
Nat Amer,M,M,M,M
Missing,.,.,14,.

"Data Source: CWS/CMS 2023 Quarter 1 Extract.",,,,
"Program version: 2.00 Database version: 7AAF9A5F",,,,
"""
WONDER = """\
"Notes"\t"County"\t"County Code"\t"Deaths"\t"Population"\t"Crude Rate"
\t"Alpine County, CA"\t"06003"\tSuppressed\t1129\tSuppressed
\t"Inyo County, CA"\t"06027"\t14\t18039\tUnreliable
\t"Kern County, CA"\t"06029"\t412\t900202\t45.8
"Total"\t\t\t431\t919370\t46.9
"---"
"Dataset: Underlying Cause of Death, 2018-2021, Single Race"
"Query Parameters:"
"States: California (06)"
"Show Suppressed: True"
"---"
"Suppressed: counts of 0 to 9, and rates on them."
"""
TIDY = """\
GEOID,NAME,variable,estimate,moe
06001400100,"Census Tract 4001, Alameda County, California",B17001_002,120,45
06001400200,"Census Tract 4002, Alameda County, California",B17001_002,80,-555555555
06001400300,"Census Tract 4003, Alameda County, California",B17001_002,-666666666,-222222222
06001400400,"Census Tract 4004, Alameda County, California",B17001_002,35,NA
"""
ACS = """\
"GEO_ID","NAME","S1701_C03_001E","S1701_C03_001M",
"Geography","Geographic Area Name","Estimate!!Percent below poverty","Margin of Error!!Percent",
"0500000US06001","Alameda County, California","9.3","0.4",
"0500000US06003","Alpine County, California","-","**",
"0500000US06005","Amador County, California","10.1","*****",
"0500000US06007","Butte County, California","(X)","(X)",
"""
PHE = """\
AreaCode,AreaName,x,n,Value
E06000001,Hartlepool,120,800,15.0
E06000002,Middlesbrough,*,950,*
E06000003,Redcar,64,700,9.1
"""
HEAT = """\
setting,date,source,indicator_abbr,indicator_name,dimension,subgroup,estimate,se,ci_lb,ci_ub,\
population,flag,setting_average,iso3,favourable_indicator,indicator_scale,ordered_dimension,\
subgroup_order,reference_subgroup
Indonesia,2012,DHS,sba,Births attended by skilled health personnel (%),Economic status,Quintile 1,\
75.6,1.6,72.3,78.6,2072.4,,91.6,IDN,1,100,1,1,0
Indonesia,2012,DHS,sba,Births attended by skilled health personnel (%),Economic status,Quintile 5,\
99.2,NA,98.6,99.6,1884.5,,91.6,IDN,1,100,1,5,0
"""


def read(tmp_path: Path, preset: str, text: str, name: str = "a.csv", **said: Any) -> Any:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return tu.read_table(path, preset=preset, **said)


def times(log: Any, rule: str) -> int:
    return int((log["rule"] == rule).sum())


def test_california_graduation(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "cde-acgr", ACGR, "acgr22.txt")
    assert frame["County Code"].tolist() == ["01"] * 4
    assert frame["CohortStudents"].tolist() == [1980, "*", 3010, 4998]
    assert times(log, "suppressed word") == 3
    s = tu.from_counts(
        frame, numerator="Regular HS Diploma Graduates (Count)", denominator="CohortStudents",
        segments="Reporting Category", by="County Name", total="TA", suppressed={"*": None},
    )  # fmt: skip
    table = tu.assess(s, tu.Goal.at_least(0.9)).table.set_index("segment")
    assert table.loc["All", "rate"] == 4350 / 4998
    assert table.loc["RI", "status"] == "suppressed"


def test_california_chronic_absenteeism(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "cde-chronic-absenteeism", ABSENCE)
    assert frame["ChronicAbsenteeismCount"].tolist() == ["*", 16, 33]
    assert frame["Academic Year"].tolist() == ["2021-22"] * 3
    assert times(log, "suppressed word") == 3


def test_ccwip(tmp_path: Path) -> None:
    """A period is zero; in a rate it may be 0/0, and is missing."""
    frame, log = read(tmp_path, "ccwip", CCWIP, wide="{year}_{measure}")
    assert frame["Ethnic Group"].tolist() == [
        g for g in ("Black", "White", "Nat Amer", "Missing") for _ in range(2)
    ]
    assert frame["year"].tolist() == [2021, 2022] * 4
    assert frame["Children"].tolist() == [88, 79, 120, 0, "M", "M", 0, 14]
    assert frame["Rate per 1000"].tolist()[:3] == [8.5, 7.9, 2.6]
    assert math.isnan(frame["Rate per 1000"][3])
    assert times(log, "coded value") == 2
    assert times(log, "suppressed word") == 4
    assert times(log, "left out: note") == 2
    assert times(log, "left out: title") == 2


@pytest.mark.parametrize(
    ("title", "nothing"),
    [
        ("Children with Entries, Incidence per 1,000 Children", True),
        ("Entries to Foster Care, Corporate Report Generated by Month", False),
    ],
)
def test_ccwip_columns_that_times_alone_name_are_what_the_title_says(
    tmp_path: Path, title: str, nothing: bool
) -> None:
    """A period in a table of rates may be 0/0: it is no rate of zero."""
    text = f'''\
California Child Welfare Indicators Project (CCWIP),,
"{title}",,
Ethnic Group,JAN2021-DEC2021,JAN2022-DEC2022
Black,8,7
White,2,.
Nat Amer,M,M
'''
    frame, log = read(tmp_path, "ccwip", text)
    cell = frame["JAN2022-DEC2022"][1]
    assert math.isnan(cell) if nothing else cell == 0
    assert times(log, "missing word") == nothing
    assert times(log, "suppressed word") == 2


def test_the_row_of_the_state_beside_its_counties_is_said(tmp_path: Path) -> None:
    """California's files hold the State, counties, districts and schools in one column."""
    state = "2021-22,T,00,State,All,TA,900,90,10\n"
    frame, _ = read(tmp_path, "cde-chronic-absenteeism", ABSENCE + state)
    told = {
        "numerator": "ChronicAbsenteeismCount", "segments": "Reporting Category", "total": "TA",
        "denominator": "ChronicAbsenteeismEligibleCumulativeEnrollment", "by": "County Name",
    }  # fmt: skip
    words = "'State' of County Name reads as a total, and stands beside what it adds up"
    assert words in str(tu.from_counts(frame, **told).choices["findings"])
    found = " ".join(tu.inspect(frame, **told)["finding"])
    assert "undeclared total: 'State' reads as a total over 'County Name'" in found


def test_cdc_wonder(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "cdc-wonder", WONDER, "Underlying Cause of Death.txt")
    assert frame["County Code"].tolist() == ["06003", "06027", "06029", ""]
    assert frame["Deaths"].tolist() == ["Suppressed", 14, 412, 431]
    assert frame["Crude Rate"].tolist()[0] == "Suppressed"
    assert math.isnan(frame["Crude Rate"][1])
    assert frame["Notes"].tolist() == ["", "", "", "Total"]
    assert times(log, "left out: note") == 7
    s = tu.from_counts(
        frame, numerator="Deaths", denominator="Population", segments="County", kind="rate",
        total="", suppressed={"Suppressed": (0, 9)},
    )  # fmt: skip
    alpine = tu.assess(s, tu.Goal.at_most(40, per=100_000)).table.set_index("segment")
    assert (
        alpine.loc["Alpine County, CA", "gap_high"] > 0 > alpine.loc["Alpine County, CA", "gap_low"]
    )


def test_tidycensus(tmp_path: Path) -> None:
    """A controlled estimate has a margin of zero; codes are never numbers."""
    frame, log = read(tmp_path, "tidycensus", TIDY)
    assert frame["GEOID"].tolist()[0] == "06001400100"
    assert frame["estimate"].isna().tolist() == [False, False, True, False]
    assert frame["moe"].isna().tolist() == [False, False, True, True]
    assert frame["moe"].tolist()[:2] == [45, 0]
    assert times(log, "coded value") == 1
    assert times(log, "missing word") == 3


def test_acs(tmp_path: Path) -> None:
    """The second row are labels; without them, as the API answers, it is a row of data."""
    frame, log = read(tmp_path, "acs", ACS)
    assert frame["S1701_C03_001E"].tolist()[::2] == [9.3, 10.1]
    assert frame["S1701_C03_001E"].isna().tolist() == [False, True, False, True]
    assert frame["S1701_C03_001M"].isna().tolist() == [False, True, False, True]
    assert frame["S1701_C03_001M"][2] == 0
    assert times(log, "left out: labels") == 1
    lines = ACS.splitlines(keepends=True)
    bare, log = read(tmp_path, "acs", lines[0] + "".join(lines[2:]))
    assert len(bare) == 4
    assert times(log, "left out: labels") == 0


def test_phe(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "phe", PHE)
    assert frame["x"].tolist() == [120, "*", 64]
    assert frame["n"].tolist() == [800, 950, 700]
    assert times(log, "suppressed word") == 2
    s = tu.from_counts(
        frame, numerator="x", denominator="n", segments="AreaName", suppressed={"*": None}
    )
    assert tu.assess(s, tu.Goal.at_most(0.1)).table["rate"].tolist()[1] == 0.15


def test_heat_plus(tmp_path: Path) -> None:
    frame, log = read(tmp_path, "heat-plus", HEAT)
    assert frame["date"].tolist() == [2012] * 2
    assert frame["estimate"].tolist() == [75.6, 99.2]
    assert frame["se"].isna().tolist() == [False, True]
    assert times(log, "missing word") == 1
    s = tu.from_estimates(
        frame, estimate="estimate", se="se", population="population", segments="subgroup",
        kind="proportion", per=100, by="setting",
    )  # fmt: skip
    assert tu.assess(s, tu.Goal.at_least(95, per=100)).table["gap"].tolist()[1] == pytest.approx(
        19.4
    )


# --- every preset -------------------------------------------------------------------------------

TYPED = {
    "cde-acgr": ACGR, "cde-chronic-absenteeism": ABSENCE, "ccwip": CCWIP, "cdc-wonder": WONDER,
    "tidycensus": TIDY, "acs": ACS, "phe": PHE, "heat-plus": HEAT,
}  # fmt: skip
every_preset = pytest.mark.parametrize("name", PRESETS)


@every_preset
def test_every_preset_has_a_file_of_its_shape_and_is_on_record(tmp_path: Path, name: str) -> None:
    _, log = read(tmp_path, name, TYPED[name])
    first = log[log["rule"] == "preset"].iloc[0]
    assert (first["was"], first["became"]) == (name, PRESETS[name].source)


@every_preset
def test_what_is_said_goes_before_a_preset(tmp_path: Path, name: str) -> None:
    """A word that somebody declares missing is no hidden cell, and the other way round."""
    for word in ("*", "M", "Suppressed", "NA", "Unreliable"):
        path = tmp_path / "a.csv"
        path.write_text(TYPED[name], encoding="utf-8")
        _, log = tu.read_table(path, preset=name, missing=word)
        hidden = log[log["rule"] == "suppressed word"]["was"]
        assert word not in set(hidden)
        _, log = tu.read_table(path, preset=name, suppressed={word: (1, 10)})
        nothing = log[log["rule"] == "missing word"]["was"]
        assert word not in set(nothing)


@pytest.mark.parametrize("name", [name for name in PRESETS if PRESETS[name].needs])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(tu.InputError, match=f"preset='{name}' is for .*the file has no column"):
        read(tmp_path, name, "race,people\nBlack,5\n")
