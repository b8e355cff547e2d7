"""The table of a command line, and the segments that its options make of it."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

import targeted_universalism as tu
from targeted_universalism.command.options import Option, documented, options_of, values
from targeted_universalism.errors import InputError, as_path

DATA = options_of(
    tu.from_counts, tu.from_estimates, tu.from_records, tu.add_estimates, leave=("definition",)
)
TABLE = options_of(tu.read_table)
_HEADING = "left out: heading"  # what every file has is no news


def table(path: str, asked: argparse.Namespace) -> pd.DataFrame:
    """Read a table as an agency publishes it; what was changed on the way in is told in the end.

    Parameters
    ----------
    path : str
        What ``tu.read_table`` reads.
    asked : Namespace
        Its options.
    """
    frame, log = tu.read_table(path, **values(TABLE, asked))
    rules = log["rule"].astype(str).value_counts(sort=False).drop(_HEADING, errors="ignore")
    told = "; ".join(f"{rule} ({count:,})" for rule, count in rules.items())
    asked.changes = [f"Changed on the way in, as tu.read_table logs it: {told}."] if told else []
    return frame


def data_values(options: Iterable[Option], asked: argparse.Namespace) -> dict[str, Any]:
    """Give what was said of the data, flags of overlapping segments made one dimension."""
    said = values(options, asked)
    segments = said.get("segments")
    if segments is not None:
        listed = [segments] if isinstance(segments, str) else segments
        said["segments"] = [_segments(text) for text in listed]
    return said


def _segments(text: str) -> Any:
    name, equals, columns = text.partition("=")
    return tu.overlapping(columns.split(","), name=name) if equals else text


_MAKERS: Mapping[str, Callable[..., tu.Segments]] = {
    "numerator": tu.from_counts, "estimate": tu.from_estimates, "outcome": tu.from_records,
}  # fmt: skip


def segments_of(asked: argparse.Namespace, said: Mapping[str, Any]) -> tu.Segments:
    """Make segments by the constructor that the options name; records stream from their file."""
    named = [name for name in _MAKERS if name in said]
    if len(named) != 1:
        each = "counts: --numerator and --denominator; estimates to be added up: these, with " \
               "--numerator-moe and --denominator-moe; published rates: --estimate; records of " \
               "people: --outcome"  # fmt: skip
        raise InputError(f"Say what the table holds, one of: {each}.")
    if not said.keys().isdisjoint(_MARGINS):
        return _added(table(asked.file, asked), said)
    _needs(_MAKERS[named[0]], said)
    suffix = as_path("FILE", asked.file).suffix.lower()
    stream = {".csv": tu.from_csv, ".parquet": tu.from_parquet}.get(suffix)
    if named == ["outcome"] and stream is not None:
        return stream(asked.file, **said)
    return _MAKERS[named[0]](table(asked.file, asked), **said)


_MARGINS = ("numerator_moe", "denominator_moe")
_OF_SUMS = {name: name for name in ("estimate", "moe", "population")}


def _added(frame: pd.DataFrame, said: Mapping[str, Any]) -> tu.Segments:
    """Add estimates up over the rows of each group and stratum, and make segments of the sums."""
    adds = {name for name in inspect.signature(tu.add_estimates).parameters if name in said}
    kept = [*_listed(said.get("by")), *_listed(said.get("indicator")), *_columns(said, frame)]
    told = {name: said[name] for name in adds} | {"by": kept}
    _needs(tu.add_estimates, told)
    _needs(tu.from_estimates, {**said, **_OF_SUMS, "kind": ""})
    sums = tu.add_estimates(frame, **told)
    shared = {name: said[name] for name in said.keys() - {"numerator", "denominator", *_MARGINS}}
    return tu.from_estimates(sums, **{"kind": "proportion", "per": 1, **shared, **_OF_SUMS})


def _columns(said: Mapping[str, Any], frame: pd.DataFrame) -> list[str]:
    """Name the columns that say who a row is about."""
    named: list[str] = []
    for one in said.get("segments", []):
        if isinstance(one, str):
            named += [one] if one in frame.columns else [part.strip() for part in one.split("*")]
        else:
            named += one.columns
    dimension = said.get("dimension")
    return [*dict.fromkeys([*named, *([dimension] if isinstance(dimension, str) else [])])]


def _listed(names: str | list[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else names or []


def _needs(make: Callable[..., Any], said: Mapping[str, Any]) -> None:
    """Stop where an option is needed that was not given."""
    for name, parameter in inspect.signature(make).parameters.items():
        keyword = parameter.kind is parameter.KEYWORD_ONLY
        if keyword and parameter.default is parameter.empty and name not in said:
            flag = name.replace("_", "-")
            raise InputError(f"--{flag} is needed: {documented(make).get(name, name)}.")
