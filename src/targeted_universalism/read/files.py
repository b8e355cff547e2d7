"""Files larger than memory, block by block, in the order of files and rows.

One thread reads ahead while the last block is added up; the order never changes, so the result is
the same to the bit whatever the machine.
"""

from __future__ import annotations

import glob
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.read.frames import Frame

BATCH_ROWS = 2**19
_NULL = "__HIVE_DEFAULT_PARTITION__"


def parquet_files(path: str | Path) -> list[Path]:
    """List the files of a path: one file, a folder (with hive partitions), or a pattern."""
    given = Path(path)
    named = [given] if given.exists() else sorted(map(Path, glob.glob(str(path), recursive=True)))
    found = [file for one in named for file in ([one] if one.is_file() else _inside(one))]
    if not found:
        raise InputError(f"There is no Parquet file at {str(path)!r}: name a file, folder or glob.")
    return list(dict.fromkeys(found))


def _inside(folder: Path) -> list[Path]:
    """List the Parquet files of a folder, without what engines and editors hide in it."""
    return sorted(
        file
        for file in folder.rglob("*.parquet")
        if file.is_file()
        and not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
    )


def parquet_columns(files: Sequence[Path]) -> list[str]:
    """Name the columns of the first file, its partitions included."""
    return [*_opened(files[0]).schema_arrow.names, *_partitions(files[0])]


def parquet_blocks(files: Sequence[Path], columns: Sequence[str]) -> Iterator[Frame]:
    """Read the columns in use, batch by batch."""
    types: dict[str, str] = {}
    rows = sum(_opened(file).metadata.num_rows for file in files)
    with _progress(rows) as bar, ThreadPoolExecutor(1) as reader:
        for file in files:
            batches = _batches(file, columns, types)
            ahead = reader.submit(next, batches, None)
            while (frame := ahead.result()) is not None:
                ahead = reader.submit(next, batches, None)
                bar.update(len(frame))
                yield frame


def csv_columns(path: str | Path) -> list[str]:
    """Name the columns of a CSV file."""
    return list(_csv_schema(path).names)


def _csv_schema(path: str | Path) -> Any:
    """Name the columns of a CSV file, with the types that its first block suggests."""
    from pyarrow import csv

    try:
        with csv.open_csv(str(path)) as reader:
            return reader.schema
    except (OSError, ValueError) as error:
        raise InputError(f"The file {str(path)!r} cannot be read: {error}") from None


def csv_blocks(path: str | Path, labels: Sequence[str], numbers: Sequence[str]) -> Iterator[Frame]:
    """Read a CSV file block by block; labels stay text, so that 01 is not 1."""
    import pyarrow as pa
    from pyarrow import csv

    schema = _csv_schema(path)
    _check_names(Path(path), schema.names, [*labels, *numbers])
    types = dict.fromkeys(labels, pa.string())
    for name in numbers:
        words = pa.types.is_boolean(schema.field(name).type)
        types[name] = pa.bool_() if words else pa.float64()
    options = csv.ConvertOptions(
        include_columns=list(types), column_types=types, strings_can_be_null=True,
        null_values=[""],
    )  # fmt: skip
    try:
        with csv.open_csv(str(path), convert_options=options) as reader, _progress(None) as bar:
            for batch in reader:
                bar.update(batch.num_rows)
                yield Frame(pa.Table.from_batches([batch]), list(types))
    except ValueError as error:
        raise InputError(f"The file {str(path)!r} cannot be read on: {error}") from None


def _opened(file: Path) -> Any:
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(file, pre_buffer=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(file)!r} is no complete Parquet file: {error}") from None


def _batches(file: Path, columns: Sequence[str], types: dict[str, str]) -> Iterator[Frame]:
    import pyarrow as pa

    opened, parts = _opened(file), _partitions(file)
    stored = [name for name in columns if name not in parts]
    _check_types(file, opened.schema_arrow, stored, types)
    try:
        for batch in opened.iter_batches(BATCH_ROWS, columns=stored):
            table = pa.Table.from_batches([batch])
            for name in (name for name in columns if name in parts):
                constant = pa.DictionaryArray.from_arrays(
                    pa.repeat(pa.scalar(0, pa.int32()), len(table)),
                    pa.array([parts[name]], pa.string()),
                )
                table = table.append_column(name, constant)
            yield Frame(table, columns, plain=parts)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(file)!r} cannot be read to its end: {error}") from None


def _partitions(file: Path) -> dict[str, str | None]:
    """Read the hive partitions of a path: year=2022 is a column."""
    pairs = [map(unquote, part.split("=", 1)) for part in file.parent.parts if "=" in part]
    return {name: None if value == _NULL else value for name, value in pairs if name}


def _check_names(file: Path, names: Sequence[str], columns: Sequence[str]) -> None:
    """Stop at a column that a file does not have, or has twice."""
    for name in columns:
        if name not in names:
            raise InputError(f"{str(file)!r} has no column {name!r}. {did_you_mean(name, names)}")
        if names.count(name) > 1:
            raise InputError(f"{str(file)!r} has {names.count(name)} columns {name!r}: rename one.")


def _check_types(file: Path, schema: Any, columns: Sequence[str], types: dict[str, str]) -> None:
    """Stop where a column is of another kind than in the files before."""
    _check_names(file, schema.names, columns)
    for name in columns:
        kind = _kind(schema.field(name).type)
        if kind != "null" and types.setdefault(name, kind) != kind:
            raise InputError(
                f"Column {name!r} holds {kind} in {str(file)!r} and {types[name]} in the files "
                "before it: write it in one type."
            )


def _kind(data_type: Any) -> str:
    from pyarrow import types

    if types.is_dictionary(data_type):
        return _kind(data_type.value_type)
    if str(data_type) in {"string", "large_string", "string_view"}:
        return "text"
    if types.is_timestamp(data_type):
        return "times" if data_type.tz is None else f"times in {data_type.tz}"
    if types.is_floating(data_type) or types.is_integer(data_type) or types.is_decimal(data_type):
        return "numbers"
    return str(data_type)


def _progress(total: int | None) -> Any:
    """Give a progress bar where somebody looks on, and a silent one elsewhere."""
    from tqdm.auto import tqdm

    shown = sys.stderr.isatty() or "ipykernel" in sys.modules
    return tqdm(total=total, unit=" rows", unit_scale=True, disable=not shown, leave=False)
