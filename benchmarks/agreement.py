"""Are two results the same sums? Counts to the unit, weighted sums to 10⁻⁹ relative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import data
import numpy as np
import numpy.typing as npt
import pandas as pd
from jobs import BY, COMBINATIONS, PLAIN, SEGMENTS, WEIGHTED

import targeted_universalism as tu

Sums = dict[str, npt.NDArray[np.float64]]
OUR_NAMES = {"n": "n", "w": "population", "wy": "events", "w2": "w2", "w2y": "w2y"}


def check(ours: tu.Segments, theirs: Sequence[Any], weighted: bool) -> None:
    """Stop unless every cell of ours is the cell of theirs."""
    blocks = {block.dimension.name: block for block in ours.index.blocks(ours.cells)}
    for some, frame in _by_combination([_to_pandas(each) for each in theirs]):
        mine = _dense(ours, blocks["*".join(some) or "total"], some, weighted)
        for name, values in _dense_of_frame(frame, some, weighted).items():
            exact = name in ("n", "y")
            if not np.allclose(mine[name], values, rtol=0 if exact else 1e-9, atol=0):
                raise AssertionError(f"{name} differs within {some}")


def _to_pandas(result: Any) -> pd.DataFrame:
    return result if isinstance(result, pd.DataFrame) else result.to_pandas()


def _by_combination(
    frames: Sequence[pd.DataFrame],
) -> list[tuple[tuple[str, ...], pd.DataFrame]]:
    """Tell which columns each frame is split by; grouping sets come in one frame, marked."""
    if "set_of" not in frames[0]:
        return [(tuple(c for c in frame if c in SEGMENTS), frame) for frame in frames]
    bits = {name: 1 << i for i, name in enumerate(reversed(SEGMENTS))}
    return [
        (some, frames[0][frames[0]["set_of"] == sum(b for c, b in bits.items() if c not in some)])
        for some in COMBINATIONS
    ]


def _dense(ours: tu.Segments, block: Any, some: Sequence[str], weighted: bool) -> Sums:
    """Lay our cells out by county, year and the columns, missing last."""
    size = [len(data.LABELS[name]) for name in BY]
    place = [
        np.array([data.LABELS[name].index(str(v)) for v in levels])[codes]
        for name, levels, codes in zip(BY, ours.strata.levels, ours.strata.codes, strict=True)
    ]
    stratum = np.ravel_multi_index(place, size)
    segment = [_code_of(label, some) for label in block.dimension.labels]
    names = OUR_NAMES if weighted else {"n": "n"}
    names = {**names, "y": "events_n" if weighted else "events"}
    dense: Sums = {}
    for name, stat in names.items():
        values = np.zeros((_cells(some), int(np.prod(size))))
        values[np.ix_(segment, stratum)] = block.cells.stats[stat]
        dense[name] = values
    return dense


def _dense_of_frame(frame: pd.DataFrame, some: Sequence[str], weighted: bool) -> Sums:
    county, year = (_codes(frame, name) for name in BY)
    segment = np.zeros(len(frame), dtype=np.int64)
    for name in some:
        segment = segment * (len(data.LABELS[name]) + 1) + _codes(frame, name)
    strata = len(data.LABELS["county"]) * len(data.LABELS["year"])
    cell = segment * strata + county * len(data.LABELS["year"]) + year
    if len(np.unique(cell)) != len(cell):
        raise AssertionError(f"a group of {some} appears twice")
    dense: Sums = {}
    for name in WEIGHTED if weighted else PLAIN:
        values = np.zeros(_cells(some) * strata)
        values[cell] = frame[name].to_numpy(dtype=np.float64)
        dense[name] = values.reshape(-1, strata)
    return dense


def _cells(some: Sequence[str]) -> int:
    return int(np.prod([len(data.LABELS[name]) + 1 for name in some]))


def _code_of(label: str, some: Sequence[str]) -> int:
    code = 0
    for name, part in zip(some, label.split(" × ") if some else [], strict=True):
        labels = [*data.LABELS[name], "Unknown"]
        code = code * len(labels) + labels.index(part)
    return code


def _codes(frame: pd.DataFrame, name: str) -> npt.NDArray[np.int64]:
    """Code a column of a result, missing last."""
    labels = data.LABELS[name]
    codes = pd.Categorical(frame[name], categories=labels).codes.astype(np.int64)
    return np.where(codes < 0, len(labels), codes)
