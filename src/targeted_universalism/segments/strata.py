"""What the analysis is repeated over, and how strata are kept, matched and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.labels import label


@dataclass(frozen=True, eq=False)
class Strata:
    """What the analysis is repeated over: every combination of ``by`` and indicator in the data.

    Parameters
    ----------
    names : tuple of str
        The ``by`` columns.
    levels : tuple of Index
        Distinct values of each.
    codes : (len(names), strata) array of int64
        Positions in `levels`; -1 in a roll-up.
    indicator_name : str or None
        The column that named the indicators.
    indicators : tuple of str
        What is measured; one empty text where there is no such column.
    indicator : (strata,) array of int64
        Position in `indicators`.
    """

    names: tuple[str, ...]
    levels: tuple[pd.Index[Any], ...]
    codes: IntArray
    indicator_name: str | None
    indicators: tuple[str, ...]
    indicator: IntArray

    def __len__(self) -> int:
        return len(self.indicator)

    @property
    def rolled_up(self) -> BoolArray:
        """Tell which strata are all strata together."""
        return np.asarray((self.codes == -1).all(axis=0) & bool(self.names))

    def take(self, positions: IntArray) -> Strata:
        """Keep some strata."""
        return replace(self, codes=self.codes[:, positions], indicator=self.indicator[positions])

    def value(self, name: str, position: int) -> object:
        """Value of one ``by`` column in one stratum; None in a roll-up."""
        row = self.names.index(name)
        code = int(self.codes[row, position])
        return None if code < 0 else self.levels[row][code]

    def describe(self, position: int) -> str:
        """Name a stratum in words: "county 'Alameda', year 2022"."""
        words = [
            f"{name} {label(value)!r}" if value is not None else f"all of {name}"
            for name, value in ((n, self.value(n, position)) for n in self.names)
        ]
        if self.indicator_name is not None:
            words.append(f"indicator {self.indicators[int(self.indicator[position])]!r}")
        return ", ".join(words) or "the data"


def merged_strata(parts: Sequence[Strata]) -> tuple[Strata, list[IntArray]]:
    """Join strata in the order of arrival; say where those of each part went.

    Levels are matched by label, so that 2022 in one file and "2022" in another are one year.
    """
    names = parts[0].names
    levels: list[pd.Index[Any]] = []
    codes: list[list[IntArray]] = [[] for _ in parts]
    for i in range(len(names)):
        found: dict[str, Any] = {}
        for part in parts:
            for value in part.levels[i]:
                found.setdefault(label(value), value)
        place = {text: k for k, text in enumerate(found)}
        levels.append(pd.Index(list(found.values())))
        for part, own in zip(parts, codes, strict=True):
            lookup = np.array([*(place[label(v)] for v in part.levels[i]), -1], dtype=np.int64)
            own.append(lookup[part.codes[i]])
    keys = [
        _stratum_key([*own, part.indicator], [*map(len, levels), len(part.indicators)])
        for part, own in zip(parts, codes, strict=True)
    ]
    _, first, where = np.unique(np.concatenate(keys), return_index=True, return_inverse=True)
    columns = np.concatenate(
        [
            np.array(own, dtype=np.int64).reshape(len(names), len(part))
            for part, own in zip(parts, codes, strict=True)
        ],
        axis=1,
    )
    indicator = np.concatenate([part.indicator for part in parts])
    stops = np.cumsum([len(key) for key in keys])
    strata = replace(
        parts[0], levels=tuple(levels), codes=columns[:, first], indicator=indicator[first]
    )
    return strata, [np.asarray(w, dtype=np.int64) for w in np.split(where, stops[:-1])]


def _stratum_key(codes: Sequence[IntArray], sizes: Sequence[int]) -> IntArray:
    """One integer for each stratum; a roll-up's -1 sorts last."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for code, size in zip(codes, sizes, strict=True):
        key = key * (size + 1) + np.where(code < 0, size, code)
    return key
