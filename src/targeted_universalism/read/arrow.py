"""One Arrow array: its labels as integers, its numbers as floats, nothing copied without need."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import FloatArray
from targeted_universalism.errors import InputError
from targeted_universalism.read.levels import RawKeys

_NEAR = 2**12
_ARROW_WHOLE = frozenset({"int8", "int16", "int32", "int64"})
_ARROW_NUMBERS = _ARROW_WHOLE | {"uint8", "uint16", "uint32", "uint64", "float", "double"}


def one_array(native: Any) -> Any:
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
    if not native.num_chunks or not is_dictionary(native.chunk(0)):
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


def plain_numbers(array: Any) -> FloatArray | None:
    """Give an Arrow column of numbers or booleans as floats; None where it holds anything else."""
    kind = str(array.type)
    if kind != "bool" and kind not in _ARROW_NUMBERS:
        return None
    array = array.cast("uint8") if kind == "bool" else array
    values = array.cast("float64", safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def digits(array: Any) -> npt.NDArray[np.int8]:
    """Give booleans as 0 and 1, -1 where missing, straight from their bits."""
    there, values = array.buffers()
    found = _bits(values, array.offset, len(array))
    if there is not None:
        found |= _bits(there, array.offset, len(array)) - np.uint8(1)  # all bits set is -1
    return found.view(np.int8)


def _bits(buffer: Any, start: int, many: int) -> npt.NDArray[np.uint8]:
    """Give some bits as bytes."""
    first, skipped = divmod(start, 8)
    held = np.frombuffer(buffer, np.uint8)[first:]
    return np.unpackbits(held, count=skipped + many, bitorder="little")[skipped:]


def is_dictionary(array: Any) -> bool:
    """Tell whether an Arrow array is coded by a dictionary."""
    return hasattr(array, "indices")


def keys_from_arrow(name: str, array: Any, chosen: bool) -> RawKeys:
    """Code an Arrow column by its dictionary, or by counting up from its least number.

    A column that comes with a dictionary has declared its categories, if anybody has `chosen` them.
    """
    declared = chosen and is_dictionary(array)
    if not array.null_count and str(array.type) in _ARROW_WHOLE:
        near = _counted_up(name, array.to_numpy())
        if near is not None:
            return near
    try:
        coded = array if is_dictionary(array) else array.dictionary_encode()
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
