"""The door: any table-shaped thing in, coded columns and checked numbers out.

Only this floor knows narwhals, files and tokens. A column of labels becomes small integers with
-1 for missing; a column of numbers becomes floats with a mask and bounds for hidden cells.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from numbers import Real
from os import PathLike
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import BoolArray, CodeArray, FloatArray, IntArray
from targeted_universalism.errors import HALVED, InputError, did_you_mean, is_writable, shown
from targeted_universalism.labels import is_blank, label, levels_of

Bounds = tuple[float, float]
Tokens = Mapping[object, Bounds]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WRITTEN = re.compile(r"[^\w<>≤≥]*\d[\d.,\s'_]*\D{0,3}")
LARGEST_WHOLE = 2.0**53
LARGEST_SQUARED = 1e150
_LEAST_KEY, _LARGEST_KEY = -(2**63), 2**63 - 1
_NEAR = 2**12
_CONFUSES_SURROGATES = int(pd.__version__.partition(".")[0]) < 3
_ARROW_WHOLE = frozenset({"int8", "int16", "int32", "int64"})
_ARROW_NUMBERS = _ARROW_WHOLE | {"uint8", "uint16", "uint32", "uint64", "float", "double"}


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


@dataclass(frozen=True, eq=False)
class RawKeys:
    """A column of labels as it comes: levels may be unused, blank, or read alike.

    `codes` are integers of any width, -1 where the label is missing. `held` are the levels, as an
    Index or in Arrow. `declared` says that their order was chosen, `ordered` that it also means
    something.
    """

    name: str
    codes: CodeArray
    held: Any
    declared: bool = False
    ordered: bool = False

    @cached_property
    def levels(self) -> pd.Index[Any]:
        """The levels; made of Arrow's only where they are looked at."""
        made: pd.Index[Any] = self.held if _is_index(self.held) else pd.Index(self.held.to_pandas())
        return made

    def missing(self, value: object) -> bool:
        """Tell whether a level stands for nothing; stop where it can be no label."""
        if not pd.api.types.is_scalar(value):
            raise InputError(f"Column {self.name!r} holds {value!r}, which is no label.")
        return is_blank(value)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers.

    Parameters
    ----------
    value : (n,) array
        NaN where missing or hidden.
    hidden : (n,) array of bool
        Where the input holds a token such as "<11".
    low, high : (n,) array
        The bounds of hidden cells, the value itself elsewhere.
    """

    value: FloatArray
    hidden: BoolArray
    low: FloatArray
    high: FloatArray


def same_levels(one: Any, other: Any) -> bool:
    """Tell whether two blocks surely hold one dictionary, as those of one file mostly do."""
    if _is_index(one) != _is_index(other):
        return False
    if not _is_index(one):
        return bool(one.type == other.type and one.equals(other))
    return bool(one.dtype == other.dtype and one.dtype != object and one.equals(other))


def _is_index(levels: Any) -> bool:
    return isinstance(levels, pd.Index)


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
        return _tidy(raw, place[raw.codes], raw.levels.take(used))

    def raw_keys(self, name: str) -> RawKeys:
        """Code a column as it comes: levels may be unused, missing or alike."""
        if not self._pandas:
            raw = _keys_from_arrow(name, self._arrow(name), name not in self._plain)
            # An Enum is ordered, also where it crosses into Arrow without saying so.
            crosses = raw.declared and not self._frame.implementation.is_pyarrow()
            enum = crosses and self._frame.schema[name] == nw.Enum
            return replace(raw, ordered=True) if enum else raw
        series = self._frame[name].to_pandas()
        if isinstance(series.dtype, pd.ArrowDtype) and str(series.dtype).startswith("dictionary"):
            return _keys_from_arrow(name, _one_array(series.array.__arrow_array__()), True)
        if isinstance(series.dtype, pd.CategoricalDtype):
            codes = series.cat.codes.to_numpy()
            return RawKeys(
                name, codes, pd.Index(series.cat.categories), True, bool(series.dtype.ordered)
            )
        try:
            codes, found = _factorized(series)
        except (TypeError, NotImplementedError, OverflowError) as error:
            raise InputError(f"Column {name!r} holds a value that is no label: {error}.") from None
        return RawKeys(name, np.asarray(codes, dtype=np.int64), pd.Index(found))

    def numbers(self, name: str, tokens: Tokens | None, *, counts: bool = True) -> Numbers:
        """Read a column of numbers, with the declared tokens of hidden cells.

        None for `tokens` says that none can be declared, so that no message offers it. Numbers that
        count must be small enough for a float to count by ones.
        """
        if not self._pandas and not tokens:
            plain = _plain_numbers(self._arrow(name))
            if plain is not None:
                return _nothing_hidden(name, plain, counts, self.before)
        series = self._series(name)
        for kind, word in (("M", "dates"), ("m", "lengths of time"), ("c", "complex numbers")):
            if series.dtype.kind == kind:
                raise InputError(f"Column {name!r} holds {word}, not numbers.")
        read = _numeric(tokens or {})
        if pd.api.types.is_numeric_dtype(series.dtype) and not _is_decimal(series):
            value = series.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
            if not read:
                return _nothing_hidden(name, value, counts, self.before)
            hidden, low, high = _numeric_tokens(value, read)
        else:
            value, hidden, low, high = _from_objects(name, series, tokens, self.before)
        _check_size(name, value, counts, self.before)
        return Numbers(
            np.where(hidden, np.nan, value),
            hidden,
            np.where(hidden, low, value),
            np.where(hidden, high, value),
        )

    def booleans(self, name: str) -> npt.NDArray[np.int8] | None:
        """Read a column of booleans as 0 and 1, -1 where missing; None if it is anything else."""
        if self._pandas:
            series = self._frame[name].to_pandas()
            if not pd.api.types.is_bool_dtype(series.dtype):
                return None
            return np.asarray(series.to_numpy(dtype=np.int8, na_value=-1))
        array = self._arrow(name)
        if str(array.type) != "bool":
            return None
        digits = array.cast("int8").fill_null(-1).to_numpy(zero_copy_only=False)
        return np.array(digits, dtype=np.int8)

    def _series(self, name: str) -> pd.Series[Any]:
        series: pd.Series[Any]
        if self._pandas:
            series = self._frame[name].to_pandas()
            return series
        array = self._arrow(name)
        series = (array.dictionary_decode() if _is_dictionary(array) else array).to_pandas()
        return series

    def _arrow(self, name: str) -> Any:
        """Give one Arrow array; dictionaries that differ between chunks are made one."""
        if self._frame.implementation.is_pyarrow():
            return _one_array(self._frame.to_native().column(name))
        column = self._frame[name]
        try:
            native = column.to_arrow()
        except (ValueError, TypeError, NotImplementedError) as error:
            raise InputError(
                f"Column {name!r} holds {column.dtype}, which cannot be read: {error}. Cast it to "
                "whole numbers, floats or text first."
            ) from None
        return _one_array(native)


def _factorized(cells: Any) -> tuple[npt.NDArray[np.intp], Any]:
    """Code cells; pandas before 3 takes all texts with a lone surrogate for one."""
    raw, found = pd.factorize(cells)
    if not _CONFUSES_SURROGATES or all(is_writable(one) for one in found if isinstance(one, str)):
        return raw, found
    place: dict[Any, int] = {}
    pairs = zip(cells, np.asarray(pd.isna(cells)), strict=True)
    codes = [-1 if lost else place.setdefault(one, len(place)) for one, lost in pairs]
    return np.array(codes, dtype=np.intp), pd.Index(list(place), dtype=object)


def _one_array(native: Any) -> Any:
    """Give one Arrow array of one or many chunks."""
    if not hasattr(native, "unify_dictionaries"):
        return native
    if native.num_chunks == 1:
        return native.chunk(0)
    if _is_one_dictionary(native):
        return _joined(native)
    try:
        return native.unify_dictionaries().combine_chunks()
    except (NotImplementedError, ValueError):
        return _without_null_levels(native).unify_dictionaries().combine_chunks()


def _is_one_dictionary(native: Any) -> bool:
    """Tell whether all chunks of a column surely have one dictionary."""
    if not native.num_chunks or not _is_dictionary(native.chunk(0)):
        return False
    first = native.chunk(0).dictionary
    return all(chunk.dictionary.equals(first) for chunk in native.chunks[1:])


def _joined(native: Any) -> Any:
    """Put chunks with one dictionary one after another."""
    import pyarrow as pa

    indices = pa.concat_arrays([chunk.indices for chunk in native.chunks])
    first = native.chunk(0)
    return pa.DictionaryArray.from_arrays(
        indices, first.dictionary, ordered=first.type.ordered, safe=False
    )


def _without_null_levels(native: Any) -> Any:
    """Take nulls out of the dictionaries of a column, which then can be made one."""
    import pyarrow as pa

    chunks = []
    for chunk in native.chunks:
        kept = chunk.dictionary.is_valid().to_numpy(zero_copy_only=False)
        place = pa.array(np.cumsum(kept) - 1, pa.int32(), mask=~kept)
        chunks.append(
            pa.DictionaryArray.from_arrays(
                place.take(chunk.indices), chunk.dictionary.drop_null(), ordered=chunk.type.ordered
            )
        )
    return pa.chunked_array(chunks)


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


def first_rows(mask: BoolArray, most: int = 3) -> IntArray:
    """Positions of the first rows where `mask` holds, for a message."""
    return np.flatnonzero(mask)[:most]


def first_below_0(value: FloatArray) -> int | None:
    """Position of the first number that is no size, below 0 or infinite; None where all are.

    What is missing passes. Where nothing is wrong, nothing is written.
    """
    if np.fmin.reduce(value, initial=0.0) >= 0 and np.fmax.reduce(value, initial=0.0) < np.inf:
        return None
    return int(first_rows((value < 0) | np.isinf(value))[0])


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
    for name in columns:
        _check_column(name, names, data)


def _check_column(name: object, names: Sequence[str], data: object) -> None:
    if not isinstance(name, str):
        raise InputError(
            f"A column is named by text, not by {name!r}. Write data.columns = "
            "data.columns.map(str) first."
        )
    if not is_writable(name):
        raise InputError(f"The name of column {name!r} {HALVED}")
    if name in names:
        return
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


def _plain_numbers(array: Any) -> FloatArray | None:
    """Give an Arrow column of numbers or booleans as floats; None where it holds anything else."""
    kind = str(array.type)
    if kind != "bool" and kind not in _ARROW_NUMBERS:
        return None
    array = array.cast("uint8") if kind == "bool" else array
    values = array.cast("float64", safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _is_dictionary(array: Any) -> bool:
    return hasattr(array, "indices")


def _keys_from_arrow(name: str, array: Any, chosen: bool) -> RawKeys:
    """Code an Arrow column by its dictionary, or by counting up from its least number.

    A column that comes with a dictionary has declared its categories, if anybody has `chosen` them.
    """
    declared = chosen and _is_dictionary(array)
    if not array.null_count and str(array.type) in _ARROW_WHOLE:
        near = _counted_up(name, array.to_numpy())
        if near is not None:
            return near
    try:
        coded = array if _is_dictionary(array) else array.dictionary_encode()
    except NotImplementedError:
        raise InputError(
            f"Column {name!r} holds {array.type} values, which are no labels."
        ) from None
    # As narrow as they fit: rows wait for each other, and a dictionary's places are mostly wide.
    indices = coded.indices.cast(_narrow(len(coded.dictionary)))
    if indices.null_count:
        indices = indices.fill_null(-1)
    codes = indices.to_numpy(zero_copy_only=False)
    return RawKeys(name, codes, coded.dictionary, declared, declared and bool(coded.type.ordered))


def _narrow(levels: int) -> str:
    """Name the narrowest type of whole numbers that counts so many levels, and -1."""
    kinds = ("int8", "int16", "int32", "int64")
    return next(kind for kind in kinds if levels <= np.iinfo(kind).max)


def _counted_up(name: str, values: npt.NDArray[np.integer[Any]]) -> RawKeys | None:
    """Code whole numbers that lie near each other, such as years; None where they do not."""
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high - low >= min(_NEAR, len(values)):
        return None
    codes = (values - np.asarray(low, dtype=values.dtype)).astype(np.int16)
    present = np.flatnonzero(np.bincount(codes, minlength=high - low + 1))
    place = np.zeros(high - low + 1, dtype=np.int16)
    place[present] = np.arange(len(present))
    return RawKeys(name, place[codes], pd.Index(present + low))


def _tidy(raw: RawKeys, codes: IntArray, levels: pd.Index[Any]) -> Keys:
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


def _is_decimal(series: pd.Series[Any]) -> bool:
    return "decimal" in str(series.dtype)


def _numeric_tokens(value: FloatArray, tokens: Tokens) -> tuple[BoolArray, FloatArray, FloatArray]:
    hidden: BoolArray = np.zeros(value.shape, dtype=np.bool_)
    low, high = value.copy(), value.copy()
    for token, (least, most) in tokens.items():
        if isinstance(token, Real):
            here = value == float(token)
            hidden |= here
            low[here], high[here] = least, most
    return hidden, low, high


def _numeric(tokens: Tokens) -> Tokens:
    """Give the tokens that are numbers, also where they were written as text."""
    return {
        float(str(token)): bounds
        for token, bounds in tokens.items()
        if isinstance(token, Real) or _NUMBER.fullmatch(str(token).strip())
    }


_STANDS = " (hidden)"


def hidden_word(word: str) -> str:
    """Give what stands in a cell that is hidden: no number, whatever its word was.

    Examples
    --------
    >>> hidden_word("<11"), hidden_word("0")
    ('<11', '0 (hidden)')

    """
    return f"{word}{_STANDS}" if _NUMBER.fullmatch(word.strip()) else word


def bounds_of_words(words: Iterable[object], tokens: Tokens) -> dict[str, Bounds]:
    """Give the bounds of those words that stand for hidden cells, by what was declared."""
    text = {str(k).strip(): v for k, v in tokens.items() if isinstance(k, str)}
    numeric = _numeric(tokens)
    found = {}
    for word in words:
        plain = word.strip() if isinstance(word, str) else ""
        number = plain.removesuffix(_STANDS)
        if plain in text:
            found[str(word)] = text[plain]
        elif number != plain and _NUMBER.fullmatch(number) and float(number) in numeric:
            found[str(word)] = numeric[float(number)]
    return found


def _from_objects(
    name: str, series: pd.Series[Any], tokens: Tokens | None, before: int
) -> tuple[FloatArray, BoolArray, FloatArray, FloatArray]:
    """Text and mixed columns: plain numbers and declared tokens, nothing else."""
    try:
        codes, uniques = _factorized(series.to_numpy(dtype=object))
    except TypeError as error:
        raise InputError(f"Column {name!r} holds a value that is no number: {error}.") from None
    text = bounds_of_words(uniques, tokens or {})
    parsed = np.full(len(uniques) + 1, np.nan)
    bounds: dict[int, Bounds] = {}
    for i, raw in enumerate(uniques):
        word = raw.strip() if isinstance(raw, str) else raw
        if isinstance(raw, str) and raw in text:
            bounds[i] = text[raw]
        else:
            parsed[i] = _number(name, word, raw, before + int(np.argmax(codes == i)), tokens)
    value = parsed[codes]
    hidden, low, high = _numeric_tokens(value, _numeric(tokens or {}))
    for i, (least, most) in bounds.items():
        here = codes == i
        hidden |= here
        low[here], high[here] = least, most
    return value, hidden, low, high


def _number(name: str, word: object, raw: object, row: int, tokens: Tokens | None) -> float:
    if isinstance(word, (Real, Decimal)):
        return _as_float(name, word, row)
    if isinstance(word, str):
        if not word:
            return math.nan
        if _NUMBER.fullmatch(word):
            return float(word)
    found = f"Column {name!r} holds {raw!r} in data row {row} (counting from 0), which is"
    written = isinstance(word, str) and _WRITTEN.fullmatch(word)
    plain = "Write numbers without separators, units or signs such as %"
    if tokens is None:
        remedy = plain if written else "Map words to numbers (1 and 0 where it is yes or no)"
        raise InputError(
            f"{found} no plain number. {remedy}, and leave out the rows, or the value empty, "
            "where nothing is known."
        )
    declared = f" Declared tokens: {', '.join(map(repr, tokens))}." if tokens else ""
    remedy = (
        f"{plain}; suppressed= is for the words of hidden cells."
        if written
        else f"If it stands for a hidden cell, declare it: suppressed={{{raw!r}: (1, 10)}}."
    )
    raise InputError(f"{found} neither a plain number nor a declared token.{declared} {remedy}")


def _as_float(name: str, number: Real | Decimal, row: int) -> float:
    """Give a number as a float, or stop where none is that large."""
    try:
        return float(number)
    except OverflowError:
        raise InputError(
            f"Column {name!r} holds {shown(number)} in data row {row} (counting from 0), which is "
            "larger than a float can be. Check the column's unit."
        ) from None


def _nothing_hidden(name: str, value: FloatArray, counts: bool, before: int) -> Numbers:
    _check_size(name, value, counts, before)
    return Numbers(value, np.zeros(value.shape, dtype=np.bool_), value, value)


def _check_size(name: str, value: FloatArray, counts: bool, before: int) -> None:
    """Stop at numbers that floats cannot count with, or whose squares they cannot hold."""
    most = LARGEST_WHOLE if counts else LARGEST_SQUARED
    if max(np.fmax.reduce(value, initial=0.0), -np.fmin.reduce(value, initial=0.0)) <= most:
        return
    large = (np.abs(value) > most) & np.isfinite(value)
    if large.any():
        row = int(first_rows(large)[0])
        why = (
            "2⁵³, where a float no longer counts whole people"
            if counts
            else "10¹⁵⁰, where a float no longer holds squares"
        )
        raise InputError(
            f"Column {name!r} holds {value[row]:.6g} in data row {before + row} (counting from 0), "
            f"above {why}. Check the column's unit."
        )
