"""One Parquet file of arrays of one length, and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from targeted_universalism.errors import InputError, check_folder

KEY = b"targeted_universalism"
VERSION = 1

Arrays = dict[str, np.ndarray[Any, Any]]


def write(path: Path, arrays: Arrays, about: Mapping[str, Any]) -> Path:
    """Write arrays as columns, and `about` as the file's metadata."""
    import pyarrow as pa
    from pyarrow import parquet

    check_folder(path)
    text = json.dumps({"version": VERSION, **about}, sort_keys=True)
    table = pa.table(arrays).replace_schema_metadata({KEY: text.encode()})
    parquet.write_table(table, path)
    return path


def read(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Read what :func:`write` wrote."""
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {error}") from None
    found = (table.schema.metadata or {}).get(KEY)
    if found is None:
        raise InputError(
            f"{str(path)!r} holds no segments: they are written by segments.to_parquet(). For "
            "records, use tu.from_parquet(…)."
        )
    about: dict[str, Any] = json.loads(found)
    if about["version"] != VERSION:
        raise InputError(
            f"{str(path)!r} was written in format {about['version']}; this library reads {VERSION}."
        )
    return {name: table[name].to_numpy() for name in table.column_names}, about
