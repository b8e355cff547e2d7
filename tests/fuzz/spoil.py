"""Tables that cannot be read, or hardly: each spoilt in one way, and whether it must be refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from fuzz import containers
from fuzz.tables import Table

Spoilt = tuple[Any, dict[str, Any]] | None
NUMBER = {"from_counts": "events", "from_records": "y", "from_estimates": "rate"}


@dataclass(frozen=True)
class Spoiling:
    """One way to spoil a table.

    Parameters
    ----------
    name : str
        What is wrong with it.
    make : callable
        Gives the data and the options; None where a table cannot be spoilt so.
    refused : bool
        Whether it must be refused; else it may be read as well.
    """

    name: str
    make: Callable[[Random, Table], Spoilt]
    refused: bool = True


def _frame(table: Table) -> pd.DataFrame:
    return containers.objects(table.columns)


def _first(table: Table) -> str:
    return str(table.options["segments"][0])


def reshaped(change: Callable[[pd.DataFrame, Table], Any]) -> Callable[[Random, Table], Spoilt]:
    """Change the frame as a whole."""
    return lambda rng, table: (change(_frame(table), table), dict(table.options))


def numbered(*values: Any) -> Callable[[Random, Table], Spoilt]:
    """Put something else where a number stands."""

    def make(rng: Random, table: Table) -> Spoilt:
        frame = _frame(table)
        _put(frame, rng.randrange(len(frame)), NUMBER[table.door], rng.choice(values))
        return frame, dict(table.options)

    return make


def labelled(*values: Any) -> Callable[[Random, Table], Spoilt]:
    """Put something else where a label stands."""

    def make(rng: Random, table: Table) -> Spoilt:
        # Who weighs nothing may be called anything, and what is declared is no slip.
        if "weight" in table.options or "unknown" in table.options:
            return None
        frame = _frame(table)
        _put(frame, rng.randrange(len(frame)), _first(table), rng.choice(values))
        return frame, dict(table.options)

    return make


def _put(frame: pd.DataFrame, row: int, column: str, value: Any) -> None:
    values = np.empty(len(frame), dtype=object)
    values[:] = frame[column].tolist()
    values[row] = value
    frame[column] = pd.Series(values, index=frame.index, dtype=object)


def only(door: str, make: Callable[[Random, Table], Spoilt]) -> Callable[[Random, Table], Spoilt]:
    """Spoil tables of one door."""
    return lambda rng, table: make(rng, table) if table.door == door else None


def _above(rng: Random, table: Table) -> Spoilt:
    if set(table.known["kinds"].values()) != {"proportion"}:
        return None
    frame = _frame(table)
    _put(frame, 0, "people", 5)
    _put(frame, 0, "events", 6)
    return frame, dict(table.options)


def _twice(rng: Random, table: Table) -> Spoilt:
    frame = _frame(table)
    return pd.concat([frame, frame.iloc[[0]]], ignore_index=True), dict(table.options)


def _without_stratum(rng: Random, table: Table) -> Spoilt:
    if "by" not in table.options:
        return None
    frame = _frame(table)
    _put(frame, 0, rng.choice(table.options["by"]), rng.choice([None, "", " ", float("nan")]))
    return frame, dict(table.options)


def _reserved(rng: Random, table: Table) -> Spoilt:
    name = rng.choice(["rate", "needed", "status", "reason", "population", "dimension"])
    if name in table.columns:
        return None
    return _frame(table).assign(**{name: "a"}), table.options | {"by": [name]}


def _same_column(rng: Random, table: Table) -> Spoilt:
    return _frame(table), table.options | {"by": [_first(table)]}


def _nested(rng: Random, table: Table) -> Spoilt:
    columns = table.columns
    name, rows = _first(table), len(table.rows)
    nested = rng.choice([[["a"]] * rows, [{"a": 1}] * rows])
    made = {n: pa.array(v if n != name else nested) for n, v in columns.items()}
    whole = pa.table(made)
    return rng.choice([whole, pl.DataFrame(whole)]), dict(table.options)


def _nested_if_arrow(rng: Random, table: Table) -> Spoilt:
    return _nested(rng, table) if containers.fits("arrow", table.columns) else None


def _unfit(rng: Random, table: Table) -> Spoilt:
    """Take two options that do not go together."""
    more: Mapping[str, list[dict[str, Any]]] = {
        "from_counts": [
            {"dimension": {"A": "race"}, "segments": ["race", "sex"]},
            {"kind": {"a": "rate"}}, {"total": "T", "unknown": "T"}, {"kind": "mean"},
        ],
        "from_records": [
            {"exposure": "y2", "kind": "proportion"}, {"repeats": "people"},
            {"outcome": ["y", "y"]}, {"kind": "standardized"},
            {"outcome": ["y", "y2"], "indicator": "y"},
        ],
        "from_estimates": [
            {"se": "se", "moe": "moe"}, {"se": "se", "ci": ("low", "high")}, {"level": 0.9},
            {"per": {"a": 100}}, {"ci": ("low", "high"), "moe": "moe"},
        ],
    }  # fmt: skip
    chosen = rng.choice(more[table.door])
    names = ("se", "moe", "ci", "n") if table.door == "from_estimates" else ()
    options = {k: v for k, v in table.options.items() if k not in names and k != "indicator"}
    if "level" in chosen:
        options.pop("kind")
        chosen = {"kind": "proportion", **chosen}
    return _frame(table), options | chosen


NESTED = ([1], {"a": 1}, {1}, np.array([1, 2]), ("a", [1]))
ODD = (
    b"bytes", "\ud800", "a\x00b", pd.Interval(0, 1), pd.Period("2020"), Decimal("1.50"),
    pd.Timestamp("2020", tz="UTC"), datetime.timedelta(1), Fraction(1, 2), 2j, "x" * 5_000,
    "\u202e\u200f", "=1+1", float("inf"), datetime.time(1), 10**30, np.float32(0.1), ("a", "b"),
    "<script>", "a|b\\n$x$ *", "$\\frac{", "_^{", "\\",
)  # fmt: skip
SPOILT = (
    Spoiling("no rows", reshaped(lambda f, t: f.head(0))),
    Spoiling("no columns", reshaped(lambda f, t: pd.DataFrame())),
    Spoiling("a column missing", reshaped(lambda f, t: f.drop(columns=NUMBER[t.door]))),
    Spoiling("a column twice", reshaped(lambda f, t: pd.concat([f, f[[_first(t)]]], axis=1))),
    Spoiling("columns without names", reshaped(lambda f, t: f.set_axis(range(f.shape[1]), axis=1))),
    Spoiling("columns of two levels", reshaped(lambda f, t: pd.concat({"a": f}, axis=1))),
    Spoiling("labels in the index", reshaped(lambda f, t: f.set_index(_first(t)))),
    Spoiling("a list of rows", reshaped(lambda f, t: f.to_dict("records"))),
    Spoiling("a dict of lists", reshaped(lambda f, t: f.to_dict("list"))),
    Spoiling("one column alone", reshaped(lambda f, t: f[_first(t)])),
    Spoiling("grouped", reshaped(lambda f, t: f.groupby(_first(t)))),
    Spoiling("an array", reshaped(lambda f, t: f.to_numpy())),
    Spoiling("text for a number", numbered("twelve", "1,009", "12%", "<5", b"3", "0x10", "NaN")),
    Spoiling("no number", numbered(2j, [1], {"a": 1}, object(), datetime.date(2020, 1, 1),
                                   pd.Timestamp("2020"), pd.Timedelta(1), print, ("a",))),
    Spoiling("an infinite number", numbered(float("inf"), -float("inf"), Decimal("Infinity"))),
    Spoiling("a huge number", numbered(10**400, Decimal("1e400"), Fraction(10**400))),
    Spoiling("a large number", numbered(10**30, 2**63, 2**64, 1e308), refused=False),
    Spoiling("an odd number", numbered(Decimal("1"), Fraction(1), np.int8(1), True, "1", " 1 ",
                                       Decimal("NaN"), pd.NA, pd.NaT, "", "1e0"), refused=False),
    Spoiling("a negative count", only("from_counts", numbered(-1, -0.5, "-3"))),
    Spoiling("an outcome of neither", only("from_records", numbered("yes", "-"))),
    Spoiling("events above people", only("from_counts", _above)),
    Spoiling("a group twice", only("from_counts", _twice)),
    Spoiling("a rate twice", only("from_estimates", _twice)),
    Spoiling("a stratum missing", _without_stratum),
    Spoiling("a name of ours", _reserved),
    Spoiling("one column for two things", _same_column),
    Spoiling("our own words", labelled("All", " All", "\u00a0Unknown", "A × B", "Unknown ")),
    Spoiling("no label", labelled(*NESTED)),
    Spoiling("an odd label", labelled(*ODD), refused=False),
    Spoiling("labels that are lists", _nested_if_arrow),
    Spoiling("options that do not fit", _unfit),
)  # fmt: skip
