"""What every answer must be, whatever was asked: whole, finite, explained, and of one shape."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas.api import types

import targeted_universalism as tu
from targeted_universalism.segments.columns import SCHEMAS

# By the contract: totals and Unknown have no share, estimates no count of rows or events; not every
# rule has a margin or degrees of freedom, not every measure a value where all are equal; nothing
# bounds some hidden counts, and without a cost nothing costs anything.
SILENT = {
    "effort_share", "n", "events", "n_effective", "df", "margin", "expected_if_equal", "high",
    "possible_values", "deadline", "effort_index", "needed_per_year", "gap_closed", "unit_cost",
    "spent_share", "population_share", "worst_rate_after",
    "cost", "cost_low", "cost_high", "dimension_cost", "dimension_cost_low", "dimension_cost_high",
}  # fmt: skip
# When a trend arrives may be never, which is what its table says.
ENDLESS = ["projected_time", "projected_low", "projected_high"]
SPOKEN = {name for schema in SCHEMAS.values() for name in schema.numbers}
ORDERED = (
    ("ci_low", "rate", "ci_high"), ("gap_low", "gap", "gap_high"),
    ("needed_low", "needed", "needed_high"), ("low", "high"),
    ("difference_low", "difference", "difference_high"), ("ratio_low", "ratio", "ratio_high"),
    ("ci_low", "value", "ci_high"),
    ("stage_index_low", "stage_index", "stage_index_high"),
    ("population_index_low", "population_index", "population_index_high"),
)  # fmt: skip
SHARES = ("effort_share", "events_share", "base_share", "p_value", "p_adjusted")
COUNTS = ("population", "n", "events", "needed", "needed_low", "needed_high", "segments")
ROUNDING = 1e-9


def faults(name: str, result: Any) -> Iterator[str]:
    """Say what is wrong with an answer, by what it is."""
    judge = JUDGES.get(type(result))
    if judge is not None:
        yield from judge(name, result)
    elif isinstance(result, (Path, Axes)):
        yield from (_file(result) if isinstance(result, Path) else _picture(result))
    elif not isinstance(result, (tu.Goal, dict, tuple, float)):
        yield from _array(result)


def _table(name: str, found: pd.DataFrame) -> Iterator[str]:
    schema = SCHEMAS.get(name)
    if schema is not None and tuple(found.columns[-len(schema.names) :]) != schema.names:
        yield f"columns {list(found)}"
    numbers = found.select_dtypes("number").drop(columns=ENDLESS, errors="ignore")
    values = numbers.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        yield f"infinite: {list(numbers.columns[np.isinf(values).any(axis=0)])}"
    negative = (values == 0) & np.signbit(values)
    if negative.any():
        yield f"0 below 0: {list(numbers.columns[negative.any(axis=0)])}"
    for names in ORDERED:
        yield from _in_order(found, names)
    yield from _out_of_range(found)
    if "reason" in found:
        yield from _unexplained(found)


def _out_of_range(found: pd.DataFrame) -> Iterator[str]:
    for column in set(SHARES) & set(found):
        if ((found[column] < 0) | (found[column] > 1 + ROUNDING)).any():
            yield f"{column} outside 0 to 1"
    for column in set(COUNTS) & set(found):
        if (found[column] < 0).any():
            yield f"{column} below 0"


def _in_order(found: pd.DataFrame, names: tuple[str, ...]) -> Iterator[str]:
    if not set(names) <= set(found):
        return
    values = found[list(names)].to_numpy(dtype=float, na_value=np.nan)
    for left, right in zip(range(len(names)), range(1, len(names)), strict=False):
        slack = ROUNDING * np.maximum(1, np.abs(values[:, left]))
        if (values[:, left] > values[:, right] + slack).any():
            row = int(np.argmax(values[:, left] > values[:, right] + slack))
            yield f"{names[left]} above {names[right]}: {found.iloc[row].to_dict()}"


def _unexplained(found: pd.DataFrame) -> Iterator[str]:
    if found["reason"].isna().any():
        yield "a reason is missing"
    theirs = [c for c in found if c not in SPOKEN]  # columns of strata, missing in a roll-up
    numbers = found.drop(columns=[*SILENT, *theirs], errors="ignore").select_dtypes("number")
    said = found["reason"].astype(str)
    if "footnote" in found:
        said = said + found["footnote"].astype(str)
    empty = found[numbers.isna().any(axis=1) & (said == "")]
    if len(empty):
        yield f"no reason: {empty.iloc[0].to_dict()}"


def _text(name: str, found: str) -> Iterator[str]:
    words = found.replace("\n", " ").split()
    if not words or {"nan", "NaN", "<NA>", "inf"} & set(words) - NAMES:
        yield f"words: {found[:80]!r}"


NAMES = {"nan", "None"}  # labels that our tables bear


def _assessment(name: str, found: tu.Assessment) -> Iterator[str]:
    yield from _table("table", found.table)
    yield from _text(name, repr(found))
    json.dumps(found.choices, allow_nan=False)


def _segments(name: str, found: tu.Segments) -> Iterator[str]:
    yield from _text(name, repr(found))
    json.dumps(found.choices, allow_nan=False)


def _file(path: Path) -> Iterator[str]:
    if not path.is_file() or not path.stat().st_size:
        yield f"no file {path.name}"


def _picture(ax: Axes) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # a font that lacks a label's sign
        ax.figure.canvas.draw()
    if not str(vars(ax).get("tu_alt", "")).strip():
        yield "a picture without words"
    plt.close("all")


def _array(found: Any) -> Iterator[str]:
    values = np.asarray(found)
    if types.is_object_dtype(values) and not hasattr(found, "__dataclass_fields__"):
        yield f"an answer of type {type(found).__name__}"
    elif types.is_float_dtype(values) and np.isinf(values).any():
        yield "infinite"
    elif types.is_float_dtype(values) and ((values == 0) & np.signbit(values)).any():
        yield "0 below 0"


def _plain(name: str, found: dict[str, Any]) -> Iterator[str]:
    if not all(isinstance(value, tu.Goal) for value in found.values()):
        json.dumps(found, allow_nan=False)
    if not found:
        yield "nothing"


def _number(name: str, found: float) -> Iterator[str]:
    if math.isinf(found):
        yield "infinite"


JUDGES: dict[type, Callable[[str, Any], Iterator[str]]] = {
    pd.DataFrame: _table, str: _text, tu.Assessment: _assessment, tu.Segments: _segments,
    dict: _plain, float: _number,
}  # fmt: skip
