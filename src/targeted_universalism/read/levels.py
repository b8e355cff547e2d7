"""A column of labels, coded: what its levels are, and which of them read alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import CodeArray, IntArray
from targeted_universalism.errors import InputError, is_writable
from targeted_universalism.labels import is_blank, label, levels_of

_LEAST_KEY, _LARGEST_KEY = -(2**63), 2**63 - 1
_CONFUSES_SURROGATES = int(pd.__version__.partition(".")[0]) < 3


@dataclass(frozen=True, eq=False)
class Keys:
    """A column of labels, coded.

    Parameters
    ----------
    codes : (n,) array of int64
        Position in `levels`; -1 where the label is missing.
    levels : Index
        Distinct values in their order: declared categories first, else first appearance.
    ordered : bool
        Whether the column is an ordered categorical, most disadvantaged first.
    """

    codes: IntArray
    levels: pd.Index[Any]
    ordered: bool = False

    @property
    def labels(self) -> list[str]:
        """The levels as text."""
        return [label(value) for value in self.levels]

    @property
    def texts(self) -> list[str]:
        """The text of every code, empty for -1, which stands last."""
        return [*self.labels, ""]


class Labels(Protocol):
    """What says whom rows are about: columns of labels by name, all (n,)."""

    def __len__(self) -> int: ...

    def keys(self, name: str) -> Keys:
        """Code a column."""
        ...


@dataclass(frozen=True, eq=False)
class RawKeys:
    """A column of labels as it comes: levels may be unused, blank, or read alike.

    `codes` are integers of any width, -1 where the label is missing. `raw_levels` are what these
    stand for, as an Index or in Arrow. `declared` says that their order was chosen, `ordered` that
    it also means something.
    """

    name: str
    codes: CodeArray
    raw_levels: Any
    declared: bool = False
    ordered: bool = False

    @cached_property
    def levels(self) -> pd.Index[Any]:
        """The levels; made of Arrow's only where they are looked at."""
        raw = self.raw_levels
        levels: pd.Index[Any] = raw if _is_index(raw) else pd.Index(raw.to_pandas())
        return levels

    def missing(self, value: object) -> bool:
        """Tell whether a level stands for nothing; stop where it can be no label."""
        if not pd.api.types.is_scalar(value):
            raise InputError(f"Column {self.name!r} holds {value!r}, which is no label.")
        return is_blank(value)


def same_levels(one: Any, other: Any) -> bool:
    """Tell whether two blocks surely hold one dictionary, as those of one file mostly do."""
    if _is_index(one) != _is_index(other):
        return False
    if not _is_index(one):
        return bool(one.type == other.type and one.equals(other))
    return bool(one.dtype == other.dtype and one.dtype != object and one.equals(other))


def _is_index(levels: Any) -> bool:
    return isinstance(levels, pd.Index)


def factorized(cells: Any) -> tuple[npt.NDArray[np.intp], Any]:
    """Code cells; pandas before 3 takes all texts with a lone surrogate for one."""
    raw, found = pd.factorize(cells)
    if not _CONFUSES_SURROGATES or all(is_writable(one) for one in found if isinstance(one, str)):
        return raw, found
    place: dict[Any, int] = {}
    pairs = zip(cells, np.asarray(pd.isna(cells)), strict=True)
    codes = [-1 if lost else place.setdefault(one, len(place)) for one, lost in pairs]
    return np.array(codes, dtype=np.intp), pd.Index(list(place), dtype=object)


def tidied(raw: RawKeys, codes: IntArray, levels: pd.Index[Any]) -> Keys:
    """Make blank levels missing, and levels whose labels read alike (1 and "1") one."""
    places: list[int] = []
    kept: dict[str, int] = {}
    first: list[int] = []
    for i, value in enumerate(levels):
        if raw.missing(value):
            places.append(-1)
            continue
        places.append(kept.setdefault(label(value), len(kept)))
        if len(kept) > len(first):
            first.append(i)
    if len(kept) == len(levels):
        return Keys(codes, plain_levels(levels), raw.ordered)
    lookup = np.array([*places, -1], dtype=np.int64)
    return Keys(lookup[codes], plain_levels(levels[first]), raw.ordered)


def plain_levels(levels: pd.Index[Any]) -> pd.Index[Any]:
    """Give levels in plain types: numpy's, dates in microseconds, whole numbers, texts as labels.

    Whole numbers that no signed integer of 64 bits can hold stay objects, and are shown as text.
    """
    if isinstance(levels.dtype, pd.ArrowDtype):
        levels = levels_of(levels)
    if isinstance(levels, pd.DatetimeIndex):
        return levels.as_unit("us")
    if pd.api.types.is_float_dtype(levels.dtype):
        return levels + 0.0  # −0 is 0
    kind = pd.api.types.infer_dtype(levels)
    if kind in ("string", "mixed", "mixed-integer"):
        texts = [label(value) if isinstance(value, str) else value for value in levels]
        return pd.Index(texts, dtype=levels.dtype)
    if kind != "integer" or levels.empty:
        return levels
    whole = levels.astype(object)
    fit = all(_LEAST_KEY <= int(value) <= _LARGEST_KEY for value in (whole.min(), whole.max()))
    return whole.astype(np.int64) if fit else whole
