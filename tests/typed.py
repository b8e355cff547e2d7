"""What a type checker knows of the façade: `make types` reads this, nothing runs it.

A wrong call that passed would make its ignore useless, which mypy reports.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import assert_type

import pandas as pd
from matplotlib.axes import Axes

import targeted_universalism as tu


def right_calls_have_the_type_of_their_answer(a: tu.Assessment) -> None:
    assert_type(a.table, pd.DataFrame)
    assert_type(a.disparities("best", minimum=30), pd.DataFrame)
    assert_type(a.summarize(["d"], draws=500), pd.DataFrame)
    assert_type(a.impact("index-80", threshold=0.9), pd.DataFrame)
    assert_type(a.representation(base=a.segments), pd.DataFrame)
    assert_type(a.effort(cost={"Black": 900}, default_cost=Decimal("700.50")), pd.DataFrame)
    assert_type(a.joint(confidence=0.9), pd.DataFrame)
    assert_type(a.allocate(500, rule=["maximin"], cost=7, pool=True), pd.DataFrame)
    assert_type(a.scorecard(), pd.DataFrame)
    assert_type(a.spending({"Black": 900, None: 5}), pd.DataFrame)
    assert_type(a.progress("year", baseline=2018, breaks=[2020], pace="linear"), pd.DataFrame)
    plan = tu.Plan([{"segment": "Black", "reach": 5}], by=["county"])
    assert_type(plan.table, pd.DataFrame)
    assert_type(plan.check(a, catch_all=0.1), pd.DataFrame)
    assert_type(plan.coverage(a), pd.DataFrame)
    assert_type(a.milestones("year", every=0.5, pace="linear", latest=2022), pd.DataFrame)
    assert_type(a.gap_trends("year", "White", baseline=2015), pd.DataFrame)
    assert_type(tu.candidate_goals(a.segments, direction="at least"), pd.DataFrame)
    assert_type(a.where({"age group": "5-9"}, county="Inyo", dimension=["race"]), tu.Assessment)
    assert_type(a.suppress(5, published=[a]).where(year=2020), tu.Assessment)
    assert_type(tu.Assessment.suppress(a, minimum=5), tu.Assessment)
    assert_type(tu.Assessment.describe(a), str)
    assert_type(a.report("page.html"), Path)
    assert_type(tu.audit(a, a, width=3), pd.DataFrame)
    assert_type(a.plot.disparities("White", measure="ratio"), Axes)
    assert_type(a.plot.heatmap(), Axes)
    assert_type(a.plot.gaps(sort="gap"), Axes)
    assert_type(a.plot.funnel("Black"), Axes)
    assert_type(a.plot.slope("year", latest=2022), Axes)
    assert_type(a.plot.trajectory("year", breaks=[2020], baseline=2018), Axes)
    assert_type(a.report("plan.html", plan=plan, time="year", author="Equity office"), Path)


def a_table_and_its_log_are_frames() -> None:
    frame, log = tu.read_table(
        "a.csv", missing=["N/A", -999], suppressed={"*": None}, sheet=0, header=[2, 3]
    )
    assert_type(frame, pd.DataFrame)
    assert_type(log, pd.DataFrame)


def goals_of_a_file_are_what_data_are_made_and_assessed_by(data: pd.DataFrame) -> None:
    goals = tu.read_goals("goals.toml")
    assert_type(goals, dict[str, tu.Goal])
    said: dict[str, tu.Definition | tu.Goal] = {"absence": tu.Definition(unit="student"), **goals}
    for definition in (goals, said, goals["absence"], tu.Definition(unit="student")):
        s = tu.from_records(data, outcome="absence", segments="race", definition=definition)
        assert_type(tu.assess(s, goals), tu.Assessment)
    tu.from_records(data, outcome="y", segments="race", definition="x")  # type: ignore[arg-type]


def wrong_calls_are_errors(a: tu.Assessment) -> None:
    a.disparities("best", 30)  # type: ignore[call-arg]
    a.disparities(minimun=30)  # type: ignore[call-arg]
    a.suppress(minimum="eleven")  # type: ignore[arg-type]
    a.plot.gaps(reference="White")  # type: ignore[call-arg]
    tu.Assessment.describe()  # type: ignore[call-arg]
    tu.Plan([], "county")  # type: ignore[call-arg]
    tu.Plan([]).check(a.table)  # type: ignore[arg-type]
    tu.audit(a.table)  # type: ignore[arg-type]
    a.tables  # type: ignore[attr-defined]  # noqa: B018
