"""Parquet files as tables of text, and of what is neither text nor number as it is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism.errors import InputError, shown
from targeted_universalism.labels import label
from targeted_universalism.read.changes import Texts
from targeted_universalism.read.dialects import check_cells
from targeted_universalism.read.headings import Grid

_LONGEST_TEXT = 2**17  # characters


def stored_table(file: Path) -> Grid:
    """Read a Parquet file: text, and numbers as text; dates and booleans stay as they are.

    Parameters
    ----------
    file : Path

    Returns
    -------
    Grid
        Its rows are counted from 1. A missing cell is a blank one.

    Raises
    ------
    InputError
        If the file is no Parquet file, has more cells than :func:`read_table` takes, or a column of
        lists, bytes or the like.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        whole = parquet.ParquetFile(file)
        names, rows = whole.schema_arrow.names, whole.metadata.num_rows
        check_cells(file, len(names), len(names) * rows)
        texts = [field.name for field in whole.schema_arrow if _is_text(field.type)]
        table = parquet.ParquetFile(file, read_dictionary=texts).read()
    except InputError:
        raise
    except (OSError, ValueError, pa.ArrowException, MemoryError, OverflowError) as error:
        raise InputError(
            f"The file {str(file)!r} cannot be read as a Parquet file: {shown(str(error))}."
        ) from None
    if len({*table.column_names}) < len(table.column_names):
        raise InputError(f"The file {str(file)!r} has two columns of one name. Rename one.")
    columns = {
        name: _column(name, column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return Grid(columns, np.arange(1, len(table) + 1))


def _is_text(kind: Any) -> bool:
    return str(kind) in ("string", "large_string", "string_view")


def _column(name: str, column: Any) -> Any:
    """Give one column: as texts, or as it is where it holds dates or booleans."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_boolean(kind):
        return column.to_pandas(types_mapper={kind: pd.BooleanDtype()}.get).array
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.to_pandas(date_as_object=False).array
    if _is_text(kind) or pa.types.is_null(kind):
        return _texts(name, column, str)
    if pa.types.is_floating(kind):
        return _texts(name, column, _float)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _texts(name, column, label)
    raise InputError(
        f"Column {name!r} holds {kind}, which is neither text, a number, a date nor true or false. "
        "Leave it out."
    )


def _float(value: float) -> str:
    """Write a float so that it is read as the same one; a missing one is blank."""
    return "" if math.isnan(value) else repr(float(value))


def _texts(name: str, column: Any, write: Any) -> Texts:
    """Write the different values of a column as texts, once each, and lay them out."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    levels = [_written(name, value, write) for value in column.dictionary.to_pylist()]
    texts = np.empty(len(levels) + 1, dtype=object)
    texts[:] = [*levels, ""]
    codes = column.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
    cells: Texts = texts[codes]
    return cells


def _written(name: str, value: object, write: Any) -> str:
    text: str = "" if value is None else write(value)
    if len(text) > _LONGEST_TEXT:
        raise InputError(f"Column {name!r} holds a text of {len(text):,} characters: leave it out.")
    return text
