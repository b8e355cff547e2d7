"""Segments as a file that a partner can read: sufficient statistics, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism import store
from targeted_universalism._typing import BoolArray, Number
from targeted_universalism.cells import Block, Cells, Dimension, State, join
from targeted_universalism.errors import InputError
from targeted_universalism.rows import Strata

FEW = 10


@dataclass(frozen=True, eq=False)
class Pieces:
    """What segments are made of, as their own fields name it."""

    strata: Strata
    blocks: tuple[Block, ...]
    kinds: tuple[str, ...]
    per: Number | None
    level: float | None
    facts: Mapping[str, Any]
    seen: BoolArray


def write(pieces: Pieces, path: Path, confidential: bool) -> Path:
    """Write segments; small counts must be called confidential."""
    cells = join([block.cells for block in pieces.blocks], axis=0)
    small = _small(cells)
    if small.any() and not confidential:
        raise InputError(
            f"{int(small.sum()):,} of {small.size:,} cells hold counts of 1 to {FEW} people: they "
            "stay confidential in a file. Say confidential=True and keep the file safe, or write "
            "the segments of a public assessment, a.suppress(…).segments."
        )
    arrays: store.Arrays = {
        "state": cells.state.ravel(),
        "notes": cells.notes.ravel(),
        "seen": pieces.seen.ravel(),
        **{f"stat {name}": values.ravel() for name, values in cells.stats.items()},
        **{f"bound {name}": values.ravel() for name, values in cells.bounds.items()},
    }
    about = {
        "confidential": bool(small.any()),
        "source": cells.source,
        "strata": _strata_about(pieces.strata),
        "dimensions": [_dimension_about(block.dimension) for block in pieces.blocks],
        "kinds": list(pieces.kinds),
        "per": None if pieces.per is None else str(pieces.per),
        "level": pieces.level,
        "facts": _plain(pieces.facts),
    }
    return store.write(path, arrays, about)


def read(path: Path) -> Pieces:
    """Read what :func:`write` wrote, to the bit."""
    arrays, about = store.read(path)
    strata = _strata(about["strata"])
    dimensions = [_dimension(one) for one in about["dimensions"]]
    shape = (sum(map(len, dimensions)), len(strata))
    held = {name: values.reshape(shape) for name, values in arrays.items()}
    cells = Cells(
        about["source"],
        held["state"].astype(np.uint8),
        {n.removeprefix("stat "): v for n, v in held.items() if n.startswith("stat ")},
        {n.removeprefix("bound "): v for n, v in held.items() if n.startswith("bound ")},
        held["notes"].astype(np.int64),
    )
    stops = np.cumsum([len(d) for d in dimensions])
    blocks = tuple(
        Block(d, cells.take(np.arange(stop - len(d), stop)))
        for d, stop in zip(dimensions, stops, strict=True)
    )
    return Pieces(
        strata, blocks, tuple(about["kinds"]), _number(about["per"]), about["level"],
        about["facts"], held["seen"].astype(np.bool_),
    )  # fmt: skip


def _small(cells: Cells) -> BoolArray:
    """Tell where people, events, or people without the event are 1 to 10."""
    weighted = "events_n" in cells.stats
    people = cells.stats["n" if weighted else "population"]
    small = (people > 0) & (people <= FEW)
    if "events" in cells.stats:
        events = cells.stats["events_n" if weighted else "events"]
        for count in (events, people - events):
            small |= (count > 0) & (count <= FEW)
    return np.asarray(small & (cells.state != State.SUPPRESSED))


def _strata_about(strata: Strata) -> dict[str, Any]:
    return {
        "names": list(strata.names),
        "levels": [_levels_about(levels) for levels in strata.levels],
        "codes": strata.codes.tolist(),
        "indicator_name": strata.indicator_name,
        "indicators": list(strata.indicators),
        "indicator": strata.indicator.tolist(),
    }


def _strata(about: Mapping[str, Any]) -> Strata:
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
    if isinstance(levels, pd.DatetimeIndex):
        return {"type": str(levels.dtype), "values": [str(value) for value in levels]}
    kind = "text"
    for test, name in (
        (pd.api.types.is_bool_dtype, "bool"),
        (pd.api.types.is_integer_dtype, "int64"),
        (pd.api.types.is_float_dtype, "float64"),
    ):
        if test(levels.dtype):
            kind = name
            break
    plain = {"bool": bool, "int64": int, "float64": float, "text": str}[kind]
    return {"type": kind, "values": [plain(value) for value in levels]}


def _levels(about: Mapping[str, Any]) -> pd.Index[Any]:
    dtype = object if about["type"] == "text" else about["type"]
    levels: pd.Index[Any] = pd.Index(about["values"], dtype=object).astype(dtype)
    return levels


def _dimension_about(dimension: Dimension) -> dict[str, Any]:
    return {
        "name": dimension.name,
        "labels": list(dimension.labels),
        "unknown": dimension.unknown.tolist(),
        "exclusive": dimension.exclusive,
        "ordered": dimension.ordered,
    }


def _dimension(about: Mapping[str, Any]) -> Dimension:
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
    if text is None:
        return None
    exact = Fraction(text)
    return int(exact) if exact.denominator == 1 else float(exact)
