"""Beside fairlearn's MetricFrame, in the case that suits it best: few groups, no missing values."""

from __future__ import annotations

import data
import pandas as pd
from fairlearn.metrics import MetricFrame, count, selection_rate

import targeted_universalism as tu

ROWS = 100_000


def people() -> pd.DataFrame:
    """Give rows without nulls, which MetricFrame refuses."""
    known = data.pandas_frame(data.arrow_table(ROWS)).dropna().reset_index(drop=True)
    return known.assign(graduated=known["graduated"].astype(int))


def metric_frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Count people and take rates by year × race."""
    made = MetricFrame(
        metrics={"n": count, "rate": selection_rate},
        y_true=rows["graduated"], y_pred=rows["graduated"],
        sensitive_features=rows["race"], control_features=rows[["year"]],
    )  # fmt: skip
    return made.by_group


def ours(rows: pd.DataFrame) -> tu.Segments:
    """Do the same."""
    return tu.from_records(rows, outcome="graduated", segments="race", by="year")


def check(rows: pd.DataFrame) -> None:
    """Stop unless both count the same people and find the same rates."""
    table = tu.assess(ours(rows), tu.Goal.at_least(0.5)).table
    mine = table[table["dimension"] == "race"].set_index(["year", "segment"])[["n", "rate"]]
    theirs = metric_frame(rows)
    mine.index = mine.index.set_names(theirs.index.names)
    mine = mine.astype(float).loc[list(theirs.index)]
    if not (mine["n"] == theirs["n"]).all() or (mine["rate"] - theirs["rate"]).abs().max() > 1e-12:
        raise AssertionError("MetricFrame counts otherwise")
