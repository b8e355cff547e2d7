"""The door: any table-shaped thing in, coded columns and checked numbers out.

Only this floor knows narwhals, files and tokens. A column of labels becomes small integers with
-1 for missing; a column of numbers becomes floats with a mask and bounds for hidden cells.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism.errors import InputError, check_names_of_columns, did_you_mean
from targeted_universalism.read.arrow import (
    digits,
    is_dictionary,
    keys_from_arrow,
    one_array,
    plain_numbers,
)
from targeted_universalism.read.levels import Keys, RawKeys, factorized, tidied
from targeted_universalism.read.numerals import Numbers, Tokens, nothing_hidden, numbers_of


class Frame:
    """A view of someone's table by column name; the table itself is never changed.

    Parameters
    ----------
    data : data frame
        Anything narwhals reads: pandas, polars, pyarrow and their kin; lazy frames are collected
        to the columns in use.
    columns : sequence of str
        The columns in use; each must be there once.
    plain : collection of str
        Columns of labels whose order nobody chose, though they are encoded as categories.

    Where it is a block of more rows, `before` is how many there are before it, for messages.
    """

    before = 0

    def __init__(self, data: object, columns: Sequence[str], plain: Collection[str] = ()) -> None:
        self._plain = frozenset(plain)
        native = _narwhals(data)
        check_columns(columns, _names(native), data)
        picked = native.select(list(dict.fromkeys(columns)))
        collected: Any = picked.collect() if isinstance(picked, nw.LazyFrame) else picked
        self._pandas = collected.implementation.is_pandas()
        self._frame = collected if self._pandas else _of_known_width(collected)

    def __len__(self) -> int:
        return len(self._frame)

    def blocks(self, rows: int) -> Iterator[Frame]:
        """Give the rows in blocks, as views."""
        for start in range(0, len(self), rows):
            yield self._like(self._frame[start : start + rows])

    def _like(self, frame: Any) -> Frame:
        block = object.__new__(Frame)
        block._frame, block._pandas, block._plain = frame, self._pandas, self._plain
        return block

    def keys(self, name: str) -> Keys:
        """Code a column of labels; blank text, None and NaN are missing."""
        raw = self.raw_keys(name)
        used = pd.unique(raw.codes[raw.codes >= 0])
        used = np.sort(used) if raw.declared else used
        place = np.full(len(raw.levels) + 1, -1, dtype=np.int64)
        place[used] = np.arange(len(used))
        return tidied(raw, place[raw.codes], raw.levels.take(used))

    def raw_keys(self, name: str) -> RawKeys:
        """Code a column as it comes: levels may be unused, missing or alike."""
        if not self._pandas:
            raw = keys_from_arrow(name, self._arrow(name), name not in self._plain)
            # An Enum is ordered, also where it crosses into Arrow without saying so.
            crosses = raw.declared and not self._frame.implementation.is_pyarrow()
            enum = crosses and self._frame.schema[name] == nw.Enum
            return replace(raw, ordered=True) if enum else raw
        series = self._frame[name].to_pandas()
        if isinstance(series.dtype, pd.ArrowDtype) and str(series.dtype).startswith("dictionary"):
            return keys_from_arrow(name, one_array(series.array.__arrow_array__()), True)
        if isinstance(series.dtype, pd.CategoricalDtype):
            codes = series.cat.codes.to_numpy()
            return RawKeys(
                name, codes, pd.Index(series.cat.categories), True, bool(series.dtype.ordered)
            )
        try:
            codes, found = factorized(series)
        except (TypeError, NotImplementedError, OverflowError) as error:
            raise InputError(f"Column {name!r} holds a value that is no label: {error}.") from None
        return RawKeys(name, np.asarray(codes, dtype=np.int64), pd.Index(found))

    def numbers(self, name: str, tokens: Tokens | None, *, counts: bool = True) -> Numbers:
        """Read a column of numbers, with the declared tokens of hidden cells.

        None for `tokens` says that none can be declared, so that no message offers it. Numbers that
        count must be small enough for a float to count by ones.
        """
        if not self._pandas and not tokens:
            plain = plain_numbers(self._arrow(name))
            if plain is not None:
                return nothing_hidden(name, plain, counts, self.before)
        return numbers_of(name, self._series(name), tokens, counts, self.before)

    def booleans(self, name: str) -> npt.NDArray[np.int8] | None:
        """Read a column of booleans as 0 and 1, -1 where missing; None if it is anything else."""
        if self._pandas:
            series = self._frame[name].to_pandas()
            if not pd.api.types.is_bool_dtype(series.dtype):
                return None
            return np.asarray(series.to_numpy(dtype=np.int8, na_value=-1))
        array = self._arrow(name)
        return digits(array) if str(array.type) == "bool" else None

    def _series(self, name: str) -> pd.Series[Any]:
        series: pd.Series[Any]
        if self._pandas:
            series = self._frame[name].to_pandas()
            return series
        array = self._arrow(name)
        series = (array.dictionary_decode() if is_dictionary(array) else array).to_pandas()
        return series

    def _arrow(self, name: str) -> Any:
        """Give one Arrow array; dictionaries that differ between chunks are made one."""
        if self._frame.implementation.is_pyarrow():
            return one_array(self._frame.to_native().column(name))
        column = self._frame[name]
        try:
            native = column.to_arrow()
        except (ValueError, TypeError, NotImplementedError) as error:
            raise InputError(
                f"Column {name!r} holds {column.dtype}, which cannot be read: {error}. Cast it to "
                "whole numbers, floats or text first."
            ) from None
        return one_array(native)


def opened(data: object) -> object:
    """Read what only speaks Arrow's stream protocol, once; leave every other table as it is."""
    if isinstance(data, pd.DataFrame):
        return data
    try:
        viewed = native_frame(data, pass_through=True)
        streams = hasattr(data, "__arrow_c_stream__") and not isinstance(data, type)
        if viewed is not data or not streams:
            return data
        return nw.from_arrow(data, backend="pyarrow").to_native()
    except ValueError:  # no table, or one that cannot be read, as its reader will say
        return data


def column_names(data: object) -> list[str]:
    """Names of a table's columns, in order; stop where none of them is text."""
    names = _names(_narwhals(data))
    if names and not any(isinstance(name, str) for name in names):
        several = isinstance(names[0], tuple)
        remedy = (
            "data.columns = ['_'.join(map(str, names)) for names in data.columns]"
            if several
            else "data.columns = data.columns.map(str)"
        )
        held = "several levels of columns" if several else "columns that are no text"
        raise InputError(
            f"The table has {held}, the first of them {names[0]!r}: columns are named by text. "
            f"Write {remedy} first."
        )
    return names


def _names(native: Any) -> list[str]:
    """Names of the columns; those of a lazy frame have to be worked out."""
    return list(
        native.collect_schema().names() if isinstance(native, nw.LazyFrame) else native.columns
    )


def text_columns(data: object) -> list[str]:
    """Names of the columns that hold text or categories, in order."""
    schema = _narwhals(data).collect_schema()
    kinds = (nw.String, nw.Categorical, nw.Enum, nw.Object)
    return [name for name, kind in schema.items() if isinstance(name, str) and kind in kinds]


def native_frame(data: object, *, pass_through: bool = False) -> Any:
    """Give narwhals' view of a frame.

    Its notice that Dask moves to a package of its own is no news for our users: what they have
    works, and there may be no such package yet.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Dask support is moving", category=FutureWarning)
        return nw.from_native(data, pass_through=pass_through)


def _narwhals(data: object) -> Any:
    try:
        return native_frame(data)
    except TypeError:
        kind = type(data).__name__
        file = isinstance(data, (str, PathLike))
        fix = (
            f"Read the file first: frame, log = tu.read_table({str(data)!r})."
            if file
            else "From a dict or a list of rows, write pandas.DataFrame(data) first."
        )
        raise InputError(
            f"Expected a data frame (pandas, polars, pyarrow or their kin), not {kind}. {fix}"
        ) from None
    except ValueError as error:
        raise InputError(
            f"The table cannot be read: {error} Rename the columns, once each."
        ) from None


def check_columns(columns: Sequence[str], names: Sequence[str], data: object) -> None:
    """Stop at a column that a table does not have."""
    check_names_of_columns(columns)
    for name in columns:
        if name in names:
            continue
        index = getattr(data, "index", None)
        if name in list(getattr(index, "names", None) or []):
            raise InputError(f"{name!r} is in the index, not a column: call reset_index() first.")
        raise InputError(f"There is no column {name!r}. {did_you_mean(name, names)}")


def _of_known_width(frame: Any) -> Any:
    """Make whole numbers of 128 bits, which Arrow does not have, whole numbers of 64."""
    for name, kind in frame.schema.items():
        if kind not in (nw.Int128, nw.UInt128):
            continue
        try:
            frame = frame.with_columns(nw.col(name).cast(nw.Int64))
        except Exception:  # whatever the frame's own library raises where a number does not fit
            raise InputError(
                f"Column {name!r} holds {kind}, and numbers that 64 bits cannot hold: cast it to "
                "text if it is a label, else to floats."
            ) from None
    return frame
