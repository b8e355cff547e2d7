"""Files larger than memory, block by block, in the order of files and rows.

Threads decode ahead at several places; the order in which batches are given never changes, so the
result is the same to the bit whatever the machine.
"""

from __future__ import annotations

import glob
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from targeted_universalism.errors import InputError, as_path, did_you_mean
from targeted_universalism.read.frames import Frame
from targeted_universalism.read.team import ALONE, Team, Work

BATCH_ROWS = 2**18
_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class ParquetFile:
    """One file, and the partitions that its path names below the root that was asked for.

    Parameters
    ----------
    path : Path
        Where it is.
    partitions : mapping of str to str or None
        Columns such as ``year=2022``; None where the partition holds missing values.
    """

    path: Path
    partitions: dict[str, str | None]


def parquet_files(path: str | Path) -> list[ParquetFile]:
    """List the files of a path: one file, a folder (with hive partitions), or a pattern."""
    given = as_path("path", path)
    if given.exists():
        root, named = given, [given]
    else:
        root, named = _fixed(given), sorted(map(Path, glob.glob(str(path), recursive=True)))
    files = [file for one in named for file in ([one] if one.is_file() else _inside(one))]
    if not files:
        raise InputError(f"There is no Parquet file at {str(path)!r}: name a file, folder or glob.")
    return [ParquetFile(file, _partitions(file, root)) for file in dict.fromkeys(files)]


def _fixed(pattern: Path) -> Path:
    """Give the folder that a pattern starts from: what stands before its first wildcard."""
    parts = pattern.parts
    first = next((i for i, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return Path(*parts[:first])


def _inside(folder: Path) -> list[Path]:
    """List the Parquet files of a folder, without what engines and editors hide in it."""
    return sorted(
        file
        for file in folder.rglob("*.parquet")
        if file.is_file()
        and not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts)
    )


def parquet_columns(files: Sequence[ParquetFile]) -> list[str]:
    """Name the columns of the first file, its partitions included."""
    names = _opened(files[0].path).schema_arrow.names
    return [*names, *(name for name in files[0].partitions if name not in names)]


def parquet_blocks(
    files: Sequence[ParquetFile], columns: Sequence[str], team: Team = ALONE
) -> Iterator[Frame]:
    """Read the columns in use, batch by batch, in the order of files and rows.

    Each thread of the team decodes ahead at another place of the files, one batch at a time.
    """
    rows = sum(_opened(file.path).metadata.num_rows for file in files)
    streams = _streams(files, columns, alone=team.threads == 1)
    begun: deque[tuple[ParquetFile, Iterator[Any], Work[Any]]] = deque()

    def begin(many: int) -> None:
        for file, stream in islice(streams, many):
            begun.append((file, stream, team.submit(next, stream, None)))

    with progress(rows) as bar:
        begin(1 if team.threads == 1 else team.threads + 1)
        while begun:
            file, stream, batch = begun.popleft()
            table = batch.result()
            if table is None:
                begin(1)
                continue
            begun.appendleft((file, stream, team.submit(next, stream, None)))
            bar.update(len(table))
            yield Frame(table, columns, plain=file.partitions)


def _opened(file: Path, metadata: Any = None) -> Any:
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(file, metadata=metadata, pre_buffer=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{str(file)!r} is no complete Parquet file: {error}") from None


def _streams(
    files: Sequence[ParquetFile], columns: Sequence[str], *, alone: bool
) -> Iterator[tuple[ParquetFile, Iterator[Any]]]:
    """Cut files into runs of row groups that can be read side by side.

    A file that cannot be read fails in its turn, after the rows before it.
    """
    types: dict[str, str] = {}
    for file in files:
        try:
            with _opened(file.path) as opened:
                schema, metadata = opened.schema_arrow, opened.metadata
            stored = [name for name in columns if name not in file.partitions]
            _check_types(file.path, schema, stored, types)
        except InputError as error:
            yield file, _failing(error)
            return
        for groups in _runs(metadata):
            yield file, _tables(file, columns, metadata, groups, alone=alone)


def _failing(error: InputError) -> Iterator[Any]:
    raise error
    yield


def _runs(metadata: Any) -> Iterator[list[int]]:
    """Put row groups together until they make a batch."""
    run, rows = [], 0
    for group in range(metadata.num_row_groups):
        run.append(group)
        rows += metadata.row_group(group).num_rows
        if rows >= BATCH_ROWS:
            yield run
            run, rows = [], 0
    if run:
        yield run


def _tables(
    file: ParquetFile, columns: Sequence[str], metadata: Any, groups: list[int], *, alone: bool
) -> Iterator[Any]:
    """Decode some row groups of a file, batch by batch."""
    import pyarrow as pa

    parts = file.partitions
    try:
        with _opened(file.path, metadata) as opened:
            names = opened.schema_arrow.names
            stored = [name for name in columns if name not in parts or name in names]
            for batch in opened.iter_batches(
                BATCH_ROWS, row_groups=groups, columns=stored, use_threads=not alone
            ):
                table = pa.Table.from_batches([batch])
                for name in (name for name in columns if name in parts):
                    table = _with_partition(table, file, name)
                yield table
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{str(file.path)!r} cannot be read to its end: {error}") from None


def _with_partition(table: Any, file: ParquetFile, name: str) -> Any:
    """Add a column that the path names, in place of one in the file that says the same."""
    import pyarrow as pa

    if name in table.column_names:
        _check_agrees(file, name, table)
        table = table.drop_columns([name])
    constant = pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), len(table)),
        pa.array([file.partitions[name]], pa.string()),
    )
    return table.append_column(name, constant)


def _check_agrees(file: ParquetFile, name: str, table: Any) -> None:
    """Stop where the path names a partition and the column in the file holds something else."""
    keys = Frame(table, [name]).keys(name)
    wanted = file.partitions[name]
    labels = [*keys.labels, *([None] if (keys.codes < 0).any() else [])]
    other = [text for text in labels if text != wanted]
    if other:
        raise InputError(
            f"The path {str(file.path)!r} says {name}={wanted}, and its column {name!r} holds "
            f"{other[0]!r}. Rename the folder or the column, or read the file by itself: only "
            "folders below the one named are taken as columns."
        )


def _partitions(file: Path, root: Path) -> dict[str, str | None]:
    """Read the hive partitions of a path below its root: year=2022 is a column."""
    below = file.relative_to(root).parts[:-1]
    pairs = [map(unquote, part.split("=", 1)) for part in below if "=" in part]
    return {name: None if value == _NULL else value for name, value in pairs if name}


def check_columns_of(file: Path, names: Sequence[str], columns: Sequence[str]) -> None:
    """Stop at a column that a file does not have, or has twice."""
    for name in columns:
        if name not in names:
            raise InputError(f"{str(file)!r} has no column {name!r}. {did_you_mean(name, names)}")
        if names.count(name) > 1:
            raise InputError(f"{str(file)!r} has {names.count(name)} columns {name!r}: rename one.")


def _check_types(file: Path, schema: Any, columns: Sequence[str], types: dict[str, str]) -> None:
    """Stop where a column is of another kind than in the files before."""
    check_columns_of(file, schema.names, columns)
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


class _Silent:
    """A progress bar that nobody sees."""

    def __enter__(self) -> _Silent:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def update(self, rows: int) -> None:
        """Show nothing."""


def progress(total: int | None) -> Any:
    """Give a progress bar where somebody looks on, and a silent one elsewhere."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        return _Silent()
    from tqdm.auto import tqdm

    # No thread watches it: that would outlive what is read.
    unwatched = type("tqdm", (tqdm,), {"monitor_interval": 0})
    return unwatched(total=total, unit=" rows", unit_scale=True, leave=False)
