"""What the doors say: advice names options of the function that was called."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

import targeted_universalism as tu

DATA = pd.DataFrame({"race": ["A", "B"], "y": ["Yes", "No"], "x": [1, 0], "w": ["1,5", "2"]})

# Whole numbers of 128 bits, where this release of polars has them.
LARGE = getattr(pl, "Int128", pl.Int64)


def records(**options: Any) -> object:
    return tu.from_records(DATA, segments="race", **options)


@pytest.mark.parametrize(
    ("call", "function"),
    [
        (lambda: records(outcome="y"), tu.from_records),
        (lambda: records(outcome="x", weight="w"), tu.from_records),
        (lambda: records(outcome="y", kind="mean"), tu.from_records),
        (
            lambda: tu.from_counts(DATA, numerator="y", denominator="x", segments="race"),
            tu.from_counts,
        ),
        (
            lambda: tu.from_estimates(DATA, estimate="y", segments="race", kind="rate"),
            tu.from_estimates,
        ),
    ],
)
def test_advice_names_options_that_the_function_has(
    call: Callable[[], object], function: Callable[..., object]
) -> None:
    with pytest.raises(tu.InputError) as caught:
        call()
    named = re.findall(r"(\w+)=", str(caught.value))
    assert set(named) <= set(inspect.signature(function).parameters)


def test_words_for_an_outcome_are_to_be_mapped() -> None:
    with pytest.raises(tu.InputError, match="Map words to numbers"):
        records(outcome="y")
    with pytest.raises(tu.InputError, match="without separators"):
        records(outcome="x", weight="w")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([("", "race"), ("", "y"), ("sum", "x"), ("sum", "w")], r"'_'\.join"),
        ([0, 1, 2, 3], r"columns\.map\(str\)"),
    ],
)
def test_columns_that_are_no_text_are_refused_with_what_to_do(
    columns: list[Any], words: str
) -> None:
    index: Any = pd.MultiIndex.from_tuples(columns) if isinstance(columns[0], tuple) else columns
    data = DATA.set_axis(index, axis=1)
    with pytest.raises(tu.InputError, match=words):
        tu.from_records(data, outcome="x", segments="race")
    with pytest.raises(tu.InputError, match=words):
        tu.from_counts(data, numerator="x", denominator="x", segments="race")


@pytest.mark.parametrize("kind", [LARGE, pl.Int64])
def test_whole_numbers_of_128_bits_are_read(kind: Any) -> None:
    data = pl.DataFrame({"race": ["A", "B"], "x": [1, 2], "k": [10, 20]})
    data = data.with_columns(pl.col("x", "k").cast(kind))
    for frame in (data, data.lazy()):
        s = tu.from_counts(frame, numerator="x", denominator="k", segments="race", by="x")
        assert s.strata.texts() == [("1",), ("2",)]


@pytest.mark.skipif(LARGE is pl.Int64, reason="polars has no whole numbers of 128 bits yet")
def test_whole_numbers_above_64_bits_are_refused_in_words(tmp_path: Path) -> None:
    data = pl.DataFrame({"race": [1, 2**70], "x": [1, 0]}, schema={"race": LARGE, "x": pl.Int8})
    with pytest.raises(tu.InputError, match="cast it to"):
        tu.from_records(data, outcome="x", segments="race")
    with pytest.raises(tu.InputError, match="in the engine"):
        tu.from_records(data.lazy(), outcome="x", segments="race")
