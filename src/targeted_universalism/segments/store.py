"""Segments as a file that a partner can read: sufficient statistics, and how they were made."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from targeted_universalism._typing import Number
from targeted_universalism.errors import InputError, count_words
from targeted_universalism.labels import label
from targeted_universalism.reasons import from_names
from targeted_universalism.segments.cells import Cells
from targeted_universalism.segments.families import FAMILIES
from targeted_universalism.segments.index import Dimension, Index
from targeted_universalism.segments.protected import FEW, small_cells
from targeted_universalism.segments.statistics import Statistics
from targeted_universalism.segments.strata import Strata
from targeted_universalism.segments.writing import write_whole

KEY = b"targeted_universalism"
VERSION = 3

Arrays = dict[str, np.ndarray[Any, Any]]
S = TypeVar("S", bound=Statistics)


def write(segments: Statistics, path: Path, confidential: bool) -> Path:
    """Write segments; small counts must be called confidential."""
    cells = segments.cells
    small = small_cells(segments)
    if small.any() and not confidential:
        raise InputError(
            f"Counts of 1 to {FEW} people stand in {int(small.sum()):,} of "
            f"{count_words(small.size, 'cell')}: they stay confidential in a file. "
            "Say confidential=True and keep the file safe, or write "
            "the segments of a public assessment, a.suppress(…).segments."
        )
    arrays: Arrays = {
        "state": cells.state.ravel(),
        "reasons": cells.reasons.codes.ravel(),
        "seen": segments.there.ravel(),
        **{f"stat {name}": values.ravel() for name, values in cells.stats.items()},
        **{f"bound {name}": values.ravel() for name, values in cells.bounds.items()},
    }
    about = {
        "confidential": bool(small.any()),
        "family": cells.family.name,
        "reasons": cells.reasons.named(),
        "strata": _strata_about(segments.strata),
        "dimensions": [_dimension_about(dimension) for dimension in segments.index.dimensions],
        "kinds": list(segments.kinds),
        "per": [None if per is None else str(per) for per in segments.per],
        "level": segments.level,
        "facts": _plain(segments.facts),
    }
    return _write_columns(path, arrays, about)


def read(path: Path, make: type[S]) -> S:
    """Read what :func:`write` wrote, to the bit."""
    arrays, about = _read_columns(path)
    try:
        return _segments(arrays, about, make)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(
            f"{str(path)!r} is spoilt: what it says of itself cannot be read "
            f"({type(error).__name__}). Have it written again by segments.to_parquet()."
        ) from None


def _segments(arrays: Arrays, about: Mapping[str, Any], make: type[S]) -> S:
    """Make segments of columns, each shaped (rows · strata,), and what the file says of them."""
    strata = _strata(about["strata"])
    index = Index(tuple(_dimension(one) for one in about["dimensions"]))
    shape = len(index), len(strata)
    tables = {name: values.reshape(shape) for name, values in arrays.items()}
    cells = Cells(
        FAMILIES[about["family"]],
        tables["state"].astype(np.uint8),
        {n.removeprefix("stat "): v for n, v in tables.items() if n.startswith("stat ")},
        {n.removeprefix("bound "): v for n, v in tables.items() if n.startswith("bound ")},
        from_names(tables["reasons"], about["reasons"]),
    )
    per = tuple(map(_number, about["per"]))
    return make(
        strata, index, cells, tuple(about["kinds"]), per, about["level"],
        about["facts"], tables["seen"].astype(np.bool_),
    )  # fmt: skip


def _strata_about(strata: Strata) -> dict[str, Any]:
    """Say in plain values what `_strata` reads."""
    return {
        "names": list(strata.names),
        "levels": [_levels_about(levels) for levels in strata.levels],
        "codes": strata.codes.tolist(),
        "indicator_name": strata.indicator_name,
        "indicators": list(strata.indicators),
        "indicator": strata.indicator.tolist(),
    }


def _strata(about: Mapping[str, Any]) -> Strata:
    """Make strata of what a file says of them."""
    indicator = np.array(about["indicator"], dtype=np.int64)
    codes = np.array(about["codes"], dtype=np.int64).reshape(len(about["names"]), len(indicator))
    return Strata(
        tuple(about["names"]),
        tuple(_levels(levels) for levels in about["levels"]),
        codes,
        about["indicator_name"],
        tuple(about["indicators"]),
        indicator,
    )


def _levels_about(levels: pd.Index[Any]) -> dict[str, Any]:
    """Say in plain values what `_levels` reads."""
    if isinstance(levels, pd.DatetimeIndex):
        return {"type": str(levels.dtype), "values": [str(value) for value in levels]}
    for test, name, plain in (
        (pd.api.types.is_bool_dtype, "bool", bool),
        (pd.api.types.is_integer_dtype, "int64", int),
        (pd.api.types.is_float_dtype, "float64", float),
    ):
        if test(levels.dtype) and levels.dtype != object:
            return {"type": name, "values": [plain(value) for value in levels]}
    return {"type": "object", "values": [_value_about(value) for value in levels]}


def _levels(about: Mapping[str, Any]) -> pd.Index[Any]:
    """Make levels of what a file says of them, each value of its type."""
    if about["type"] == "object":
        return pd.Index([_VALUES[name](text) for name, text in about["values"]], dtype=object)
    levels: pd.Index[Any] = pd.Index(about["values"], dtype=object).astype(about["type"])
    return levels


def _value_about(value: object) -> tuple[str, object]:
    """Name the type of one value, so that it is read with the same label and the same order."""
    cases: tuple[tuple[Any, str, Callable[[Any], object]], ...] = (
        (str, "text", str),
        ((bool, np.bool_), "bool", bool),
        (Integral, "whole", lambda v: str(int(v))),
        (Decimal, "decimal", str),
        (Real, "real", float),
        (datetime.datetime, "time", lambda v: v.isoformat()),
        (datetime.date, "date", lambda v: v.isoformat()),
    )
    for kinds, name, plain in cases:
        if isinstance(value, kinds):
            return name, plain(value)
    return "text", label(value)


_VALUES: Mapping[str, Callable[[Any], object]] = {
    "text": str,
    "bool": bool,
    "whole": int,
    "decimal": Decimal,
    "real": float,
    "time": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
}


def _dimension_about(dimension: Dimension) -> dict[str, Any]:
    """Say in plain values what `_dimension` reads."""
    return {
        "name": dimension.name,
        "labels": list(dimension.labels),
        "unknown": dimension.unknown.tolist(),
        "exclusive": dimension.exclusive,
        "ordered": dimension.ordered,
    }


def _dimension(about: Mapping[str, Any]) -> Dimension:
    """Make a dimension of what a file says of it."""
    unknown = np.array(about["unknown"], dtype=np.bool_)
    return Dimension(
        about["name"], tuple(about["labels"]), unknown, about["exclusive"], about["ordered"]
    )


def _plain(value: Any) -> Any:
    """Make choices plain: mappings become dicts, tuples lists."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def _number(text: str | None) -> Number | None:
    """Give a unit as it was said: whole, else a float."""
    if text is None:
        return None
    exact = Fraction(text)
    return int(exact) if exact.denominator == 1 else float(exact)


def _write_columns(path: Path, arrays: Arrays, about: Mapping[str, Any]) -> Path:
    """Write arrays as columns, and `about` as the file's metadata."""
    import pyarrow as pa
    from pyarrow import parquet

    text = json.dumps({"version": VERSION, **about}, sort_keys=True)
    table = pa.table(arrays).replace_schema_metadata({KEY: text.encode()})
    return write_whole(path, lambda place: parquet.write_table(table, place))


def _parsed(found: bytes) -> dict[str, Any]:
    """Read what a file says of itself; nothing where that is spoilt."""
    try:
        about = json.loads(found)
    except ValueError:
        about = None
    return about if isinstance(about, dict) else {}


def _read_columns(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Read what :func:`_write_columns` wrote."""
    from pyarrow import parquet

    if path.is_dir():
        raise InputError(
            f"{str(path)!r} is a folder: read its files one by one with tu.read_segments(file), "
            "and add them with tu.combine([…])."
        )
    try:
        table = parquet.ParquetFile(path).read()
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {error}") from None
    found = (table.schema.metadata or {}).get(KEY)
    if found is None:
        raise InputError(
            f"{str(path)!r} holds no segments: they are written by segments.to_parquet(). For "
            "records, use tu.from_parquet(…)."
        )
    about = _parsed(found)
    version = about.get("version", VERSION)
    if version != VERSION:
        raise InputError(
            f"{str(path)!r} was written in format {version}; this library reads {VERSION}. Have it "
            "written again, by the same version of the library."
        )
    return {name: table[name].to_numpy() for name in table.column_names}, about
