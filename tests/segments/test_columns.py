"""One place says which columns a table has: tables, docstrings and reserved names follow it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import targeted_universalism as tu
from make import required
from targeted_universalism.answer.tables import tabled
from targeted_universalism.segments.columns import (
    AUDIT,
    GOALS,
    RESERVED,
    SCHEMAS,
    TO_COME,
    Column,
    Schema,
)

TYPES = {
    "category": "category",
    "float64": "float64",
    "Int64": "Int64",
    "boolean": "boolean",
    "bool": "bool",
}
COUNTS = pd.DataFrame(
    {
        "what": ["in", "in", "in", "out", "out", "out"],
        "place": "Inyo",
        "race": ["A", "B", "C"] * 2,
        "x": [40, 4, 30, 50, 20, 10],
        "n": [90, 50, 70, 90, 50, 70],
    }
)


def assessed(rows: pd.DataFrame, *by: str) -> tu.Assessment:
    goal = tu.Goal.at_least(0.5, deadline=2030)
    s = tu.from_counts(
        rows, numerator="x", denominator="n", segments="race", by=list(by), indicator="what"
    )
    return tu.assess(s, {"in": goal, "out": tu.Goal.at_most(0.4, deadline=2030)})


@pytest.fixture(scope="module")
def a() -> tu.Assessment:
    return assessed(COUNTS, "place")


def log(_: tu.Assessment) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.csv"
        path.write_text("race,x\nA,1\nNote: made up\n", encoding="utf-8")
        return tu.read_table(path, missing=(), suppressed={}).log


@cache
def over_time() -> tu.Assessment:
    years = [COUNTS.assign(year=year) for year in (2020, 2021, 2022)]
    return assessed(pd.concat(years), "place", "year")


def pathway(_: tu.Assessment) -> pd.DataFrame:
    return tu.pathway(
        COUNTS[COUNTS["what"] == "in"], stages=["n", "x"], segments="race", by="place",
        reference="A", directions="at most",
    )  # fmt: skip


PLAN = tu.Plan([{
    "indicator": "in", "dimension": "race", "segment": "A", "structure": "hours", "level": "system",
    "evidence": "promising", "owner": "county",
}])  # fmt: skip


MADE: dict[str, Callable[[tu.Assessment], pd.DataFrame]] = {
    "table": lambda a: a.table,
    "goals": lambda a: a.goals,
    "audit": lambda a: tu.audit(a.suppress()),
    "suppression_log": lambda a: a.suppression_log(a.suppress()),
    "pathway": pathway,
    "allocate": lambda a: a.allocate(20, rule=["maximin", "proportional"]),
    "spending": lambda a: a.spending({"A": 1, "B": 2, "C": 3}),
    "Plan": lambda _: PLAN.table,
    "read_table": log,
    "check": PLAN.check,
    "coverage": PLAN.coverage,
    "candidate_goals": lambda a: tu.candidate_goals(
        a.segments, direction={"in": "at least", "out": "at most"}
    ),
    "inspect": lambda _: tu.inspect(COUNTS.replace("A", "a."), segments="race", numerator="n"),
    "add_estimates": lambda _: tu.add_estimates(
        COUNTS, numerator="x", numerator_moe="x", denominator="n", denominator_moe="x", by="place"
    ),
    "gap_trends": lambda _: over_time().gap_trends("year", "A"),
}


def as_it_stands(name: str) -> Callable[[tu.Assessment], pd.DataFrame]:
    """Ask a question of an assessment with what it cannot do without."""
    needed = required(getattr(tu.Assessment, name), {"time": "year", "amount": 20})
    return lambda a: getattr(over_time() if "time" in needed else a, name)(**needed)


MADE |= {name: as_it_stands(name) for name in SCHEMAS if name not in {*MADE, "to_excel"}}


def test_every_schema_is_of_a_table_that_is_made_here() -> None:
    assert set(MADE) == set(SCHEMAS) - {"to_excel"}


@pytest.mark.parametrize("name", MADE)
def test_a_table_has_the_columns_and_types_of_its_schema_in_order(
    name: str, a: tu.Assessment
) -> None:
    schema, table = SCHEMAS[name], MADE[name](a)
    columns = [*schema.keys, *schema.columns]
    assert len(table)
    assert table.columns.tolist() == ["place"] * schema.by + [column.name for column in columns]
    for column in columns:
        if column.type != "text":
            assert table[column.name].dtype == TYPES[column.type], column.name
        else:
            assert all(isinstance(value, str) for value in table[column.name])


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema.name)
def test_every_column_is_there_once_and_says_what_it_holds(schema: Schema) -> None:
    names = [column.name for column in (*schema.keys, *schema.columns)]
    assert len(set(names)) == len(names)
    assert all(column.doc for column in schema.columns)


def test_a_missing_or_a_surplus_column_is_an_error() -> None:
    values = {name: np.zeros(1) for name in AUDIT.names}
    lacking = {name: values[name] for name in AUDIT.names if name != "low"}
    for wrong, name in ((lacking, "low"), ({**values, "lower": np.zeros(1)}, "lower")):
        with pytest.raises(KeyError, match=rf"tu\.audit\(\) .*\['{name}'\]"):
            tabled(AUDIT, {}, wrong)


def test_words_are_no_numbers() -> None:
    schema = Schema("one", "a.one()", "", (), (Column("low", "float64", "", "a limit"),))
    with pytest.raises(TypeError, match="'low' is float64"):
        tabled(schema, {}, {"low": ["few"]})


def test_names_of_tables_with_strata_are_reserved_and_of_those_without_are_not() -> None:
    assert {"segment", "rate", "direction", "annotation", "awarded", "spent_share"} <= RESERVED
    assert not RESERVED & (set(GOALS.names) - {"indicator", "direction", "per"})
    assert "time" not in RESERVED


def test_a_table_is_made_or_to_come() -> None:
    assert not TO_COME.keys() & SCHEMAS.keys()
    assert not any(hasattr(tu.Assessment, name) or hasattr(tu, name) for name in TO_COME)


def test_a_stratum_called_direction_is_refused_where_it_was_lost() -> None:
    data = COUNTS[COUNTS["what"] == "in"].rename(columns={"place": "direction"})
    with pytest.raises(tu.InputError, match="by='direction' is the name of a column"):
        tu.pathway(
            data, stages=["n", "x"], segments="race", by="direction", reference="A",
            directions="at most",
        )  # fmt: skip
