"""Plans held against assessments: every finding, places, brute force, and what is public."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import targeted_universalism as tu
from make import assessed, counts, estimates, fewer, identical, pairs
from targeted_universalism.ask.plans.findings import FINDINGS
from targeted_universalism.measures.engagement import PARTS, STANCES

PUPILS = [("Asian", 1910, 2000), ("Black", 462, 600), ("Latino", 2520, 3000), ("White", 1800, 2000)]
GRADUATE = tu.Goal.at_least(0.9, deadline=2030)
BUS = {"segment": "Black", "structure": "bus ends at 3 pm", "strategy": "late bus", "owner": "X"}


def check(*rows: dict[str, Any], by: Any = (), **options: Any) -> pd.DataFrame:
    """Check a plan against the pupils."""
    return tu.Plan(list(rows), by=by).check(assessed(PUPILS, GRADUATE), **options)


def found(table: pd.DataFrame, finding: str, *columns: str) -> list[Any]:
    """List the segments, or other columns, of one finding."""
    assert finding in FINDINGS
    kept = table[table["finding"] == finding][[*(columns or ("segment",))]]
    rows = [[None if pd.isna(v) else v for v in row] for row in kept.astype(object).to_numpy()]
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def detail(table: pd.DataFrame, finding: str) -> str:
    """Give what is said of a finding that is there once."""
    (text,) = found(table, finding, "detail")
    return str(text)


# --- segments -------------------------------------------------------------------------------------


def test_a_segment_with_a_gap_needs_a_structure_and_a_strategy() -> None:
    table = check({"segment": "Black", "structure": "hours"}, {"segment": "Latino", "owner": "X"})
    assert found(table, "barriers not yet assessed") == ["Latino"]
    assert found(table, "no strategy yet") == ["Black", "Latino"]
    assert found(tu.Plan([]).check(assessed(PUPILS, GRADUATE)), "no strategy yet") == [
        "Black", "Latino",
    ]  # fmt: skip


def test_a_segment_at_the_goal_needs_no_row_and_keeps_its_own() -> None:
    white = {"segment": "White", "structure": "a", "strategy": "b", "owner": "c"}
    table = check(white)
    assert "White" not in set(table["segment"]) | {"All"}
    cover = tu.Plan([white]).coverage(assessed(PUPILS, GRADUATE))
    assert cover[["segment", "who"]].astype(object).values.tolist()[-1] == ["White", "c"]


def test_the_point_decides_and_not_the_interval() -> None:
    a = assessed([("A", 44, 50), ("B", 46, 50)], tu.Goal.at_least(0.9))
    assert set(a.table["status"]) == {"uncertain"}
    assert found(tu.Plan([]).check(a), "no strategy yet", "segment", "detail") == [
        ("A", "gap 2 points, 1 needed (0 to 7)"),
    ]


def test_a_gap_is_told_in_the_unit_of_the_goal_and_people_where_there_are_any() -> None:
    a = assessed([("A", 30, 9000)], tu.Goal.at_most(3, per=1000), kind="rate")
    assert detail(tu.Plan([]).check(a), "no strategy yet").startswith("gap 0.3333 per 1,000, 3 n")
    mean = assessed({"race": ["A"], "rate": [240.0]}, tu.Goal.at_least(250), make=estimates,
                    kind="mean")  # fmt: skip
    assert detail(tu.Plan([]).check(mean), "no strategy yet") == "gap 10"


def test_the_total_and_unknown_need_no_strategy_and_a_large_unknown_is_named() -> None:
    data = [*PUPILS, (None, 50, 500)]
    table = tu.Plan([]).check(assessed(data, GRADUATE))
    assert found(table, "no strategy yet") == ["Black", "Latino"]
    assert found(table, "catch-all segment", "segment", "detail") == [
        ("Unknown", "6.17 % of all people")
    ]
    assert found(tu.Plan([]).check(assessed(data, GRADUATE), catch_all=0.07), "catch-all segment") \
        == []  # fmt: skip


def test_a_whole_at_the_goal_does_not_hide_who_is_short_inside() -> None:
    data = [("Black", "F", 40, 50), ("Black", "M", 49, 50), ("White", "F", 44, 50),
            ("White", "M", 50, 50), (None, "F", 1, 50)]  # fmt: skip
    frame = pd.DataFrame(data, columns=["race", "sex", "x", "n"])
    pupils = counts(frame, segments=["race", "sex", "race*sex"])
    at_goal = tu.assess(pupils, tu.Goal.at_least(0.7))  # 184 of 250, and 85 of 150 girls
    name, columns = "masked shortfall", ("dimension", "segment", "detail")
    assert found(tu.Plan([]).check(at_goal), name, *columns) == [
        ("total", "All", "at the goal, and short of it are F")
    ]
    higher = found(tu.Plan([]).check(tu.assess(pupils, tu.Goal.at_least(0.89))), name, *columns)
    assert higher == [
        ("race", "Black", "at the goal, and short of it are Black × F"),
        ("race", "White", "at the goal, and short of it are White × F"),
    ]


@pytest.mark.parametrize("names", [["A"], ["A", "C"], ["B"]])
def test_looking_at_some_segments_changes_no_finding_about_them(names: list[str]) -> None:
    """Who is short inside the total is short there, looked at or not, as for `progress`."""
    rows = [(year, *row) for year in (2020, 2021) for row in (("A", 90), ("B", 70), ("C", 99))]
    data = pd.DataFrame(rows, columns=["year", "race", "x"]).assign(n=100)
    a = assessed(data, tu.Goal.at_least(0.85), by="year")
    plan = tu.Plan([{"segment": "A", "strategy": "bus"}])
    looked_at, every = a.where(segment=names), plan.check(a)
    findings = plan.check(looked_at)
    assert findings.astype(str).to_numpy().tolist() == (
        every[every["segment"].isin(["All", *names])].astype(str).to_numpy().tolist()
    )
    covered = plan.coverage(looked_at)["segment"].tolist()
    assert covered == [s for s in plan.coverage(a)["segment"] if s in ("All", *names)]
    told = looked_at.progress("year", draws=100).set_index("segment")["masked_shortfall"]
    masked = findings["finding"] == "masked shortfall"
    assert set(findings["segment"][masked]) == set(told.index[told.astype(bool)]) == {"All"}


def test_of_many_that_are_short_inside_the_first_are_named() -> None:
    data = [("Rest", 9000, 9000), *((f"G{i}", 1, 9) for i in range(9))]
    assert detail(tu.Plan([]).check(assessed(data, GRADUATE)), "masked shortfall") == (
        "at the goal, and short of it are G0, G1, G2, G3, G4 and 4 more"
    )
    # What is hidden is not said to be short, nor that it is not.
    public = assessed(data, GRADUATE).suppress()
    assert found(tu.Plan([]).check(public), "masked shortfall") == []


@pytest.mark.parametrize(
    ("label", "vague"),
    [
        ("Other", True), ("Other race", True), ("Some other race", True), ("All others", True),
        ("Unknown/refused", True), ("Not Reported", True), ("Declined to state", True),
        ("Another", False), ("Mother alone", False), ("Native Hawaiian and Other Pacific", False),
    ],
)  # fmt: skip
def test_catch_all_segments_are_known_by_their_names(label: str, vague: bool) -> None:
    table = tu.Plan([]).check(assessed([("A", 90, 94), (label, 6, 6)], tu.Goal.at_least(0.5)))
    assert found(table, "catch-all segment") == [label] * vague
    at_five = assessed([("A", 90, 95), (label, 5, 5)], tu.Goal.at_least(0.5))
    assert found(tu.Plan([]).check(at_five), "catch-all segment") == []


def test_a_segment_without_a_rate_is_not_taken_for_met() -> None:
    data = pd.DataFrame({"race": list("ABC"), "x": [4, None, None], "n": [9, 5, 0]})
    table = tu.Plan([]).check(assessed(data, GRADUATE))
    assert found(table, "no rate: its gap is not known", "segment", "detail") == [
        ("B", "no rate in the data")
    ]


# --- reach ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "finding"),
    [
        (0, "reach below the need"), (58, "reach below the need"),
        (59, "reach within the range of the need"), (100, "reach within the range of the need"),
        (101, "reach above the need"),
    ],
)  # fmt: skip
def test_reach_is_held_against_the_range_of_the_people_needed(reach: int, finding: str) -> None:
    black = assessed(PUPILS, GRADUATE).table.set_index("segment").loc["Black"]
    assert black[["needed", "needed_low", "needed_high"]].tolist() == [78, 59, 100]
    table = check({**BUS, "reach": reach, "unit_cost": 700})
    at = f", at a cost of {reach * 700:,}" if reach else ""
    assert detail(table, finding) == f"{reach} planned for 78 needed (59 to 100){at}"
    reaches = [name for name in FINDINGS if name.startswith("reach ")]
    assert set(table["finding"]) & set(reaches) == {finding}


def test_reach_adds_up_over_rows_and_strategies_without_money_stand_apart() -> None:
    table = check(
        {**BUS, "reach": 30, "unit_cost": 700},
        {**BUS, "strategy": "tutors", "reach": 20},
        {**BUS, "strategy": "rides", "reach": 40, "funded": "no", "unit_cost": 5},
    )
    assert detail(table, "reach below the need") == (
        "50 planned for 78 needed (59 to 100), at a cost that is not known; "
        "40 more by strategies without money"
    )
    assert detail(table, "unfunded") == "row 2 (rides): no money has been found, it needs 200"
    assert found(table, "reach on several rows") == []


def test_one_strategy_on_several_rows_is_said_to_be_added_up() -> None:
    table = check({**BUS, "reach": 30}, {**BUS, "structure": "no parking", "reach": 50})
    assert detail(table, "reach on several rows") == (
        "row 0 (late bus): 30 in row 0, 50 in row 1: added up; where these are the same people, "
        "write them once"
    )
    assert detail(table, "reach within the range of the need").startswith("80 planned")


def test_a_strategy_that_says_no_reach_is_named_once_for_its_segment() -> None:
    assert found(check(BUS), "reach not said") == ["Black"]
    assert found(check(BUS, {**BUS, "owner": "Y", "reach": 5}), "reach not said") == []
    assert found(check({**BUS, "segment": "White"}), "reach not said") == []


def test_without_an_interval_the_need_itself_is_the_range() -> None:
    a = assessed(PUPILS, GRADUATE, confidence=None)
    for reach, finding in ((77, "below the need"), (78, "within the range of the need"),
                           (79, "above the need")):  # fmt: skip
        table = tu.Plan([{**BUS, "reach": reach}]).check(a)
        assert detail(table, f"reach {finding}").startswith(f"{reach} planned for 78 needed, at")


def test_reach_without_people_to_hold_it_against_is_said() -> None:
    mean = assessed({"race": ["Black"], "rate": [240.0]}, tu.Goal.at_least(250), make=estimates,
                    kind="mean")  # fmt: skip
    table = tu.Plan([{**BUS, "reach": 5}]).check(mean)
    assert detail(table, "reach held against no need") == (
        "row 0 (late bus): reach 5; how many are needed is not known"
    )


@given(counted=pairs(200), reach=st.integers(0, 250), sign=st.sampled_from(["at least", "at most"]))
def test_every_reach_stands_in_one_place_to_the_range(
    counted: tuple[int, int], reach: int, sign: str
) -> None:
    a = assessed([("A", *counted)], tu.Goal(direction=sign, target=0.4))
    row = a.table.set_index("segment").loc["A"]
    expected = (
        "reach below the need" if reach < row["needed_low"]
        else "reach above the need" if reach > row["needed_high"]
        else "reach within the range of the need"
    )  # fmt: skip
    table = tu.Plan([{"segment": "A", "strategy": "s", "reach": reach}]).check(a)
    assert [name for name in FINDINGS if found(table, name) and " need" in name] == [expected]


# --- rows -----------------------------------------------------------------------------------------


def test_a_strategy_names_a_structure_and_a_structure_a_strategy() -> None:
    table = check(
        {**BUS, "structure": None},
        {**BUS, "strategy": None, "structure": "cost"},
        {**BUS, "strategy": None},
        BUS,
    )
    assert found(table, "strategy without a structure", "detail") == [
        "row 0 (late bus): names no structure"
    ]
    assert found(table, "structure without a strategy", "detail") == [
        "row 1 (cost): no strategy addresses it"
    ]


def test_a_row_that_nobody_owns_is_named() -> None:
    table = check({**BUS, "owner": None}, {"segment": "Latino"}, BUS)
    assert found(table, "no owner", "detail") == ["row 0 (late bus): nobody owns it"]


@pytest.mark.parametrize(
    ("dates", "finding"),
    [
        ({"start": 2031}, "starts"), ({"start": "2031-01-01", "end": 2032}, "starts"),
        ({"end": 2031}, "ends"), ({"start": 2026, "end": "2031-01-01"}, "ends"),
        ({"start": "2030-12-31", "end": "2030-12-31"}, None), ({"end": "2030-12"}, None),
        ({"start": 2030, "end": 2030}, None), ({}, None),
    ],
)  # fmt: skip
def test_dates_are_held_against_the_last_day_of_the_deadline(
    dates: dict[str, Any], finding: str | None
) -> None:
    table = check({**BUS, **dates})
    for word in ("starts", "ends"):
        assert found(table, f"{word} after the goal's deadline") == ["Black"] * (word == finding)
    no_deadline = assessed(PUPILS, tu.Goal.at_least(0.9))
    assert "deadline" not in str(tu.Plan([{**BUS, **dates}]).check(no_deadline)["finding"].tolist())


def test_of_several_goals_a_row_is_held_against_its_own_and_else_the_first() -> None:
    data = pd.DataFrame({"race": "A", "x": [1, 1], "n": 9, "what": ["in", "out"]})
    goals = {"in": tu.Goal.at_least(0.5, deadline=2028), "out": tu.Goal.at_least(0.5)}
    a = tu.assess(counts(data, indicator="what"), goals)
    rows = [
        {"segment": "A", "indicator": what, "strategy": what or "both", "end": 2029}
        for what in ("in", "out", None)
    ]
    table = tu.Plan(rows).check(a)
    assert found(table, "ends after the goal's deadline", "indicator", "detail") == [
        ("in", "row 0 (in): ends in 2029, the deadline is 2028"),
        (None, "row 2 (both): ends in 2029, the deadline is 2028"),
    ]


def test_money_that_has_been_found_is_held_against_what_a_row_costs() -> None:
    row = {**BUS, "reach": 10, "unit_cost": 5.5}
    table = check({**row, "amount": 54.99}, {**row, "amount": 55, "owner": "Y"})
    assert found(table, "funded in part", "detail") == [
        "row 0 (late bus): 54.99 of 55 has been found"
    ]
    nothing = check({**row, "amount": 0})
    assert found(nothing, "funded in part") == []
    assert len(found(nothing, "unfunded")) == 1
    assert found(check({**BUS, "amount": 0}), "unfunded", "detail") == [
        "row 0 (late bus): no money has been found"
    ]


def test_unfunded_strategies_are_kept_and_named() -> None:
    rows = [{**BUS, "strategy": f"s{i}", "funded": i % 2} for i in range(6)]
    plan = tu.Plan(rows)
    assert plan.table["strategy"].tolist() == [f"s{i}" for i in range(6)]
    named = found(plan.check(assessed(PUPILS, GRADUATE)), "unfunded", "detail")
    assert [text.split(":")[0] for text in named] == [f"row {i} (s{i})" for i in (0, 2, 4)]


# The spectrum as it is published: percent of resources by part, for each stance.
PUBLISHED = {
    0: {"administration": (100, 100)},
    1: {"administration": (70, 90), "promotion": (10, 30)},
    2: {"administration": (60, 80), "consultation": (20, 40)},
    3: {"administration": (50, 60), "involvement": (40, 50)},
    4: {"administration": (20, 50), "partners": (50, 70)},
    5: {"partners": (80, 100)},
}


@given(
    stance=st.integers(0, 5), admin=st.integers(0, 100), part=st.sampled_from(PARTS[1:]),
)  # fmt: skip
def test_a_stated_stance_is_held_against_the_split_of_resources(
    stance: int, admin: int, part: str
) -> None:
    split = {"administration": admin, part: 100 - admin}
    fits = [
        all(low <= split.get(p, 0) <= high for p, (low, high) in ranges.items())
        for ranges in PUBLISHED.values()
    ]
    shares = {f"share_{p}": value for p, value in split.items()}
    texts = found(check({**BUS, "stance": stance, **shares}),
                  "stance against the split of resources", "detail")  # fmt: skip
    assert bool(texts) is not fits[stance]
    for text in texts:
        names = [f"{s.number} {s.name}" for s in STANCES.values()]
        assert text.startswith(f"row 0 (late bus): stated is {names[stance]}, ")
        alike = [name for name, fit in zip(names, fits, strict=True) if fit]
        assert text.endswith(f"as in {' or '.join(alike) or 'no stance'}")


def test_a_stance_without_a_split_or_a_split_without_a_stance_is_no_finding() -> None:
    name = "stance against the split of resources"
    assert found(check({**BUS, "stance": 5}), name) == []
    assert found(check({**BUS, "share_administration": 1}), name) == []


# --- every finding --------------------------------------------------------------------------------


def test_every_finding_is_reached() -> None:
    data = pd.DataFrame({
        "race": [*"ABCDE", "Other"], "x": [40, 40, 40, 40, 3, 30], "n": [90, 90, 90, 90, 9, 90],
    })  # fmt: skip
    a = assessed([*data.itertuples(index=False, name=None), ("F", None, 50)],
                 tu.Goal.at_least(0.9, deadline=2030))  # fmt: skip
    many = {"segment": "C", "strategy": "s", "structure": "t"}
    plan = tu.Plan(
        [
            {"segment": "A", "strategy": "s", "reach": 1, "start": 2031, "funded": "no"},
            {
                "segment": "B",
                "structure": "t",
                "end": 2031,
                "reach": 40,
                "amount": 1,
                "unit_cost": 2,
            },
            {**many, "reach": 100, "stance": 5, "share_administration": 1},
            {**many, "reach": 101, "owner": "X"},
            {"segment": "D", "strategy": "s"},
            {"segment": "F", "strategy": "s", "reach": 7},
        ]
    )
    masked = assessed([("A", 1, 9), ("B", 900, 900)], GRADUATE)
    tables = plan.check(a), plan.check(a.suppress()), tu.Plan([]).check(masked)
    seen = {finding for table in tables for finding in table["finding"]}
    assert seen == set(FINDINGS)


def test_findings_stand_in_the_order_of_the_table_and_of_the_register() -> None:
    table = check({"segment": "Latino", "strategy": "s"}, {"segment": "Black", "structure": "t"})
    places = [list(FINDINGS).index(name) for name in table["finding"]]
    segments = table["segment"].tolist()
    assert segments == sorted(segments)
    for segment in {*segments}:
        own = [p for p, s in zip(places, segments, strict=True) if s == segment]
        assert own == sorted(own)
    assert table["finding"].cat.categories.tolist() == list(FINDINGS)


# --- places ---------------------------------------------------------------------------------------

PLACES = pd.DataFrame(
    [
        (county, year, race, 30 + 5 * i + 7 * j + k, 90)
        for i, county in enumerate(["Inyo", "Mono", "Kern"])
        for k, year in enumerate([2024, 2025])
        for j, race in enumerate(["Black", "Latino", "White"])
    ],
    columns=["county", "year", "race", "x", "n"],
)


def placed(**options: Any) -> tu.Assessment:
    return tu.assess(
        counts(PLACES, by=["county", "year"]), tu.Goal.at_least(0.6, deadline=2030), **options
    )


def test_a_row_for_a_place_is_for_that_place_alone() -> None:
    a = placed().where(year=2025)
    plan = tu.Plan([{**BUS, "county": "Mono", "reach": 3}], by="county")
    table = plan.check(a)
    assert found(table, "no strategy yet", "county", "segment") == [
        (county, race)
        for county in ("Inyo", "Mono", "Kern")
        for race in ("Black", "Latino", "White")
        if (county, race) != ("Mono", "Black") and gap_of(a, county, race) > 0
    ]
    assert found(table, "reach below the need", "county", "year") == [("Mono", 2025)]


def gap_of(a: tu.Assessment, county: str, race: str) -> float:
    table = a.table
    return float(table[(table["county"] == county) & (table["segment"] == race)]["gap"].iloc[0])


def test_an_empty_place_is_everywhere_and_its_reach_is_that_of_all_together() -> None:
    rows = [
        {**BUS, "county": "Mono", "reach": 10},
        {**BUS, "county": None, "reach": 20, "strategy": "law"},
    ]
    plan = tu.Plan(rows, by="county")
    alone = plan.check(placed().where(year=2025))
    assert "Black" not in found(alone, "no strategy yet")
    assert found(alone, "reach held against no need", "county", "detail") == [
        (None, "row 1 (law): reach 20; it is for several strata, whose need is not added up: say "
               "which, or use rollup="),
    ]  # fmt: skip
    a = placed(rollup="county").where(year=2025)
    table = plan.check(a)
    assert found(table, "reach held against no need") == []
    everywhere = table[table["county"].isna() & (table["segment"] == "Black")]
    need = a.where(rollup=True).table.set_index("segment").loc["Black"]
    assert found(everywhere, "reach below the need", "detail") == [
        f"30 planned for {need['needed']} needed ({need['needed_low']} to {need['needed_high']}), "
        "at a cost that is not known"
    ]


def test_a_plan_without_a_column_is_for_what_is_looked_at() -> None:
    plan = tu.Plan([{**BUS, "reach": 5}])
    one = plan.check(placed().where(county="Mono", year=2025))
    assert found(one, "reach below the need", "county", "year") == [("Mono", 2025)]
    several = plan.check(placed())
    assert found(several, "reach held against no need", "county", "year") == [(None, None)]


def test_rows_for_places_that_are_not_looked_at_are_left_out() -> None:
    plan = tu.Plan([{**BUS, "county": c, "owner": None} for c in ("Inyo", "Mono")], by="county")
    table = plan.check(placed().where(county="Mono", year=2025))
    assert found(table, "no owner", "county") == ["Mono"]
    assert set(plan.coverage(placed().where(county="Mono", year=2025))["county"]) == {"Mono"}


@pytest.mark.parametrize(
    ("row", "by", "message"),
    [
        ({"segment": "Blak"}, (), r"'segment' holds 'Blak' in data row 1 .*Did you mean 'Black'"),
        ({"segment": "Black", "dimension": "rase"}, (), r"'dimension' .*row 1.*mean 'race'"),
        ({"segment": "Black", "dimension": "total"}, (), r"no segment of 'total'.*'All'"),
        ({"segment": "Black", "county": "Mno"}, "county", r"'county' holds 'Mno' .*mean 'Mono'"),
        ({"segment": "Black", "year": 2031}, "year", r"'year' holds '2031' .*row 1"),
        ({"segment": "Black", "region": "N"}, "region", r"by 'region'.*There are: 'county'"),
        ({"segment": "Black", "indicator": "in"}, (), "indicator 'in', and the assess.*no column"),
    ],
)
def test_a_row_for_what_is_not_there_is_named(row: Any, by: Any, message: str) -> None:
    first = {"segment": "Latino", **({by: None} if by else {})}
    for ask in (tu.Plan([first, row], by=by).check, tu.Plan([first, row], by=by).coverage):
        with pytest.raises(tu.InputError, match=message):
            ask(placed())


def test_a_segment_of_several_dimensions_needs_its_dimension() -> None:
    data = pd.DataFrame({"race": list("AB"), "sex": list("BA"), "x": [1, 2], "n": [9, 9]})
    a = tu.assess(counts(data, segments=["race", "sex", "race*sex"]), tu.Goal.at_least(0.9))
    with pytest.raises(tu.InputError, match=r"several dimensions.*There are: 'race', 'sex'"):
        tu.Plan([{"segment": "A", "strategy": "s"}]).check(a)
    for dimension in ("race*sex", "race × sex"):
        plan = tu.Plan([{"segment": "A × B", "dimension": dimension, "strategy": "s"}])
        assert found(plan.check(a), "no strategy yet", "dimension", "segment") == [
            ("race", "A"), ("race", "B"), ("sex", "B"), ("sex", "A"), ("race*sex", "B × A"),
        ]  # fmt: skip
    everybody = tu.Plan([{"segment": "All", "strategy": "law", "reach": 3}]).check(a)
    assert found(everybody, "reach below the need", "dimension", "segment") == [("total", "All")]


@pytest.mark.parametrize("wrong", [None, "a", 5, PLACES])
def test_a_plan_is_held_against_an_assessment_alone(wrong: Any) -> None:
    with pytest.raises(tu.InputError, match=r"check\(\) takes an assessment"):
        tu.Plan([]).check(wrong)
    with pytest.raises(tu.InputError, match=r"coverage\(\) takes an assessment"):
        tu.Plan([]).coverage(wrong)


@pytest.mark.parametrize("wrong", [-0.1, 1.5, float("nan"), "5 %", None])
def test_the_share_of_a_catch_all_is_a_share(wrong: Any) -> None:
    with pytest.raises(tu.InputError, match=r"catch_all=.* must be a share from 0 to 1"):
        check(catch_all=wrong)


# --- brute force ----------------------------------------------------------------------------------

_COLUMNS = (
    "county", "year", "segment", "structure", "strategy", "owner", "partner", "reach",
    "unit_cost", "funded",
)  # fmt: skip
plan_rows = st.fixed_dictionaries({
    "county": st.sampled_from([None, "Inyo", "Mono", "Kern"]),
    "year": st.sampled_from([None, 2024, 2025]),
    "segment": st.sampled_from(["Black", "Latino", "White"]),
    "structure": st.sampled_from([None, "t", "u"]),
    "strategy": st.sampled_from([None, "s"]),
    "owner": st.sampled_from([None, "X", "Y"]),
    "partner": st.sampled_from([None, "P", "P; X"]),
    "reach": st.sampled_from([None, 0, 4, 30]),
    "unit_cost": st.sampled_from([None, 2.5]),
    "funded": st.sampled_from([None, "no"]),
})  # fmt: skip
plans = st.lists(plan_rows, max_size=8, unique_by=lambda row: tuple(row[k] for k in _COLUMNS))
BY = ["county", "year"]


def covers(row: dict[str, Any], stratum: dict[str, Any]) -> bool:
    """Whether a row is for a stratum, or for a part of it where it is a sum."""
    return all(row[k] is None or stratum[k] is None or row[k] == stratum[k] for k in BY)


def lies_within(row: dict[str, Any], stratum: dict[str, Any]) -> bool:
    return all(stratum[k] is None or row[k] == stratum[k] for k in BY)


def strata_of(a: tu.Assessment) -> list[dict[str, Any]]:
    """Rows of the table of segments as plain values."""
    table = a.table[a.table["dimension"] == "race"].astype(object)
    return [
        {k: None if pd.isna(v) else v for k, v in row.items()} for row in table.to_dict("records")
    ]


@fewer(2)
@given(given_rows=plans, rollup=st.sampled_from([False, True, "county", "year"]))
def test_findings_are_those_of_a_loop_over_rows_and_strata(
    given_rows: list[dict[str, Any]], rollup: Any
) -> None:
    a = placed(rollup=rollup)
    table = tu.Plan(pd.DataFrame(given_rows, columns=list(_COLUMNS)), by=BY).check(a)
    cells = strata_of(a)
    for cell in cells:
        own = [r for r in given_rows if r["segment"] == cell["segment"]]
        near = [r for r in own if covers(r, cell)]
        inside = [r for r in own if lies_within(r, cell) and r["reach"] is not None]
        people = sum(r["reach"] for r in inside if r["funded"] is None)
        short = cell["gap"] > 0
        expected = {
            "barriers not yet assessed": short and not any(r["structure"] for r in near),
            "no strategy yet": short and not any(r["strategy"] for r in near),
            "reach not said": short and any(r["strategy"] for r in near)
            and all(r["reach"] is None for r in near),
            "reach below the need": bool(inside) and people < cell["needed_low"],
            "reach above the need": bool(inside) and people > cell["needed_high"],
        }  # fmt: skip
        here = [table[k].isna() if cell[k] is None else table[k] == cell[k] for k in BY]
        where = np.logical_and.reduce([one.fillna(False).astype(bool) for one in here])
        kept = table[where & (table["segment"] == cell["segment"])]
        assert {n for n, there in expected.items() if there} == {*kept["finding"]} & {*expected}
    alone = [
        i for i, r in enumerate(given_rows)
        if r["reach"] is not None and not any(lies_within(r, c) for c in cells)
    ]  # fmt: skip
    named = [int(text.split()[1].rstrip(":")) for text in
             found(table, "reach held against no need", "detail")]  # fmt: skip
    assert sorted(named) == alone


@fewer(2)
@given(given_rows=plans)
def test_coverage_is_that_of_a_loop_over_rows(given_rows: list[dict[str, Any]]) -> None:
    a = placed()
    table = tu.Plan(pd.DataFrame(given_rows, columns=list(_COLUMNS)), by=BY).coverage(a)
    expected: dict[Any, list[dict[str, Any]]] = {}
    for row in given_rows:
        partners = [p for p in (row["partner"] or "").split("; ") if p and p != row["owner"]]
        doers = [(row["owner"], "owner")] * bool(row["owner"])
        doers += [(partner, "partner") for partner in partners]
        for who, role in doers or [(None, "nobody")]:
            place = (row["county"], row["year"], row["segment"])
            expected.setdefault((*place, who, role), []).append(row)
    for cell in strata_of(a):
        rows = [r for r in given_rows if r["segment"] == cell["segment"] and covers(r, cell)]
        if cell["gap"] > 0 and not rows:
            expected[cell["county"], cell["year"], cell["segment"], None, "nobody"] = []
    found_rows = {}
    for values in table.astype(object).to_dict("records"):
        line = {k: None if pd.isna(v) else v for k, v in values.items()}
        key = tuple(line[k] for k in (*BY, "segment", "who", "role"))
        assert key not in found_rows
        found_rows[key] = line
    assert found_rows.keys() == expected.keys()
    for key, rows in expected.items():
        line, said = found_rows[key], [r for r in rows if r["reach"] is not None]
        cost = [None if r["unit_cost"] is None else r["unit_cost"] * r["reach"] for r in said]
        assert line["planned_reach"] == (sum(r["reach"] for r in said) if said else None)
        assert line["planned_cost"] == (sum(cost) if said and None not in cost else None)
        for one, many in (("structure", "structures"), ("strategy", "strategies")):
            assert line[many] == "; ".join(dict.fromkeys(r[one] for r in rows if r[one]))


@fewer(3)
@given(given_rows=plans.filter(len), order=st.randoms())
def test_the_order_of_rows_changes_no_finding(given_rows: list[dict[str, Any]], order: Any) -> None:
    moved = list(given_rows)
    order.shuffle(moved)
    a = placed(rollup=True)
    both = [tu.Plan(rows, by=BY).check(a) for rows in (given_rows, moved)]
    keys = [t.drop(columns="detail").astype(str).value_counts().to_dict() for t in both]
    assert keys[0] == keys[1]


# --- what is public -------------------------------------------------------------------------------


def test_a_hidden_segment_is_named_and_nothing_of_it_told() -> None:
    data = [("A", 40, 90), ("B", 4, 50), ("C", 30, 70), ("D", 60, 200)]
    plan = tu.Plan([{"segment": "B", "strategy": "s", "reach": 20}, {"segment": "C", "owner": "X"}])
    a = assessed(data, tu.Goal.at_least(0.5)).suppress()
    hidden = set(a.table[a.table["status"] == "suppressed"]["segment"])
    assert len(hidden) >= 2
    table = plan.check(a)
    assert set(found(table, "hidden: its gap is not published")) == hidden
    told = table[table["segment"].isin(hidden)]
    assert not told["detail"].str.contains("gap|needed").any()
    assert not set(told["finding"]) & {"no strategy yet", "barriers not yet assessed"}
    assert detail(table, "reach held against no need") == "row 0 (s): reach 20; the need is hidden"


def test_a_cell_hidden_in_the_input_that_surely_has_a_gap_needs_a_strategy() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "x": ["<11", "40"], "n": [90, 90]})
    a = assessed(data, tu.Goal.at_least(0.5), suppressed={"<11": (1, 10)})
    table = tu.Plan([{"segment": "A", "structure": "t", "reach": 36}]).check(a)
    assert found(table, "hidden: its gap is not published") == ["A"]
    assert found(table, "no strategy yet", "segment", "detail")[0] == (
        "A", "gap 38.89 to 48.89 points, 35 to 44 needed",
    )  # fmt: skip
    assert detail(table, "reach within the range of the need").startswith("36 planned for 35 to 44")
    lower = assessed(data, tu.Goal.at_least(0.1), suppressed={"<11": (1, 10)})
    assert found(tu.Plan([]).check(lower), "no strategy yet") == []


def test_a_hidden_need_that_nothing_bounds_is_at_least_its_low_end() -> None:
    data = pd.DataFrame({"race": ["A", "B"], "x": ["many", "5"], "n": [100, 100]})
    bounds = {"many": (50, float("inf"))}
    a = assessed(data, tu.Goal.at_most(0.1), suppressed=bounds, kind="rate")
    for reach, finding in ((39, "below"), (40, "within the range of"), (10**6, "within the range")):
        table = tu.Plan([{"segment": "A", "reach": reach, "structure": "t"}]).check(a)
        names = [n for n in table["finding"] if n.startswith(f"reach {finding}")]
        assert len(names) == 1
        assert detail(table, names[0]).startswith(f"{reach:,} planned for 40 or more needed")
    assert found(table, "no strategy yet", "detail") == ["gap 0.4 or more, 40 or more needed"]


# --- size -----------------------------------------------------------------------------------------


def test_every_county_of_the_country_is_checked_at_once() -> None:
    counties, groups = 3_144, 8
    rng = np.random.default_rng(0)
    data = pd.DataFrame({
        "county": np.repeat(np.arange(counties), groups), "race": [*"ABCDEFGH"] * counties,
        "n": 200,
    })  # fmt: skip
    data["x"] = rng.binomial(200, 0.5, len(data))
    a = tu.assess(counts(data, by="county"), tu.Goal.at_least(0.6))
    rows = data[["county", "race"]].rename(columns={"race": "segment"})
    rows["strategy"] = np.where(np.arange(len(rows)) % 3, "s", None)
    rows["reach"] = np.arange(len(rows)) % 70
    plan = tu.Plan(rows, by="county")
    start = time.process_time()
    table, cover = plan.check(a), plan.coverage(a)
    assert time.process_time() - start < 20
    short = a.table[(a.table["dimension"] == "race") & (a.table["gap"] > 0)]
    assert len(found(table, "barriers not yet assessed")) == len(short)
    assert len(cover) == len(rows)


def test_asking_twice_gives_the_same_to_the_bit() -> None:
    plan, a = tu.Plan([{**BUS, "reach": 5}]), assessed(PUPILS, GRADUATE)
    identical(plan.check(a), plan.check(a))
    identical(plan.coverage(a), plan.coverage(a))
