"""CSV files of any size, block by block; what is no CSV is refused in words.

A quoted cell may hold line breaks. Every quotation mark is checked as the bytes go by, since one
that stands alone would swallow rows without a trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from targeted_universalism.errors import InputError, as_path
from targeted_universalism.read.files import check_columns_of, progress
from targeted_universalism.read.frames import Frame

_QUOTE, _LINE = ord('"'), ord("\n")
# What may stand beside a quotation mark outside of its cell: a comma or the end of a line.
_OUTSIDE = np.isin(np.arange(256), np.frombuffer(b",\r\n", dtype=np.uint8))
_MARK_OF_ORDER = b"\xef\xbb\xbf"
_BLOCK_BYTES = 2**20
_OTHER_SEPARATORS = {";": "';'", "\t": r"'\t'", "|": "'|'"}


def csv_columns(path: str | Path) -> list[str]:
    """Name the columns of a CSV file."""
    return list(_schema(as_path("path", path)).names)


def csv_blocks(path: str | Path, labels: Sequence[str], numbers: Sequence[str]) -> Iterator[Frame]:
    """Read a CSV file block by block; labels stay text, so that 01 is not 1."""
    import pyarrow as pa
    from pyarrow import csv

    file = Path(path)
    schema = _schema(file)
    check_columns_of(file, schema.names, [*labels, *numbers])
    types = dict.fromkeys(labels, pa.string())
    for name in numbers:
        words = pa.types.is_boolean(schema.field(name).type)
        types[name] = pa.bool_() if words else pa.float64()
    options = csv.ConvertOptions(
        include_columns=list(types), column_types=types, strings_can_be_null=True,
        null_values=[""],
    )  # fmt: skip
    with _opened(file, options) as reader, progress(None) as bar:
        for batch in reader:
            bar.update(batch.num_rows)
            yield Frame(pa.Table.from_batches([batch]), list(types))


def _schema(file: Path) -> Any:
    """Name the columns of a CSV file, with the types that its first block suggests."""
    with _opened(file) as reader:
        schema = reader.schema
        names = list(schema.names)
    for sign, shown in _OTHER_SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            raise InputError(
                f"{str(file)!r} has one column, {names[0]!r}: its cells are separated by {shown}, "
                f"and from_csv() reads commas. Use pandas.read_csv(path, sep={shown}) and "
                "tu.from_records(…)."
            )
    return schema


@contextmanager
def _opened(file: Path, convert: Any = None) -> Iterator[Any]:
    """Open a CSV file for reading block by block; say in words why it cannot be read."""
    import pyarrow as pa
    from pyarrow import csv

    if file.is_dir():
        raise InputError(f"{str(file)!r} is a folder: name one CSV file.")
    try:
        with pa.input_stream(str(file)) as raw:
            source = _Checked(raw, file)
            with csv.open_csv(
                pa.PythonFile(source, mode="r"),
                read_options=csv.ReadOptions(block_size=_BLOCK_BYTES),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=convert,
            ) as reader:
                yield reader
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(_in_words(file, error)) from None


def _in_words(file: Path, error: Exception) -> str:
    """Say what to do about a CSV file that Arrow stops at."""
    text = str(error)
    about = f"The file {str(file)!r} cannot be read: "
    if isinstance(error, UnicodeDecodeError) or "UTF8" in text:
        return _other_text(file)
    if "Expected" in text and "columns" in text:
        return (
            f"{about}a line has more or fewer cells than the header ({text}). Take out titles "
            "above and notes below the table, and put cells that hold commas in quotation marks."
        )
    if "conversion error" in text:
        return (
            f"{about}{text}. Outcomes and weights are plain numbers (or true and false): map "
            "words to 1 and 0, and leave a missing value empty."
        )
    if "straddling" in text:
        return f"{about}a line is longer than {_BLOCK_BYTES:,} bytes. Take its long text out."
    return f"{about}{text}"


def _other_text(file: Path) -> str:
    return (
        f"The file {str(file)!r} cannot be read: its text is not UTF-8. Save it as UTF-8, or use "
        "pandas.read_csv(path, encoding='cp1252') and tu.from_records(…)."
    )


class _Checked:
    """A stream of bytes whose quotation marks are checked as they go by.

    A cell that starts with a mark ends with one, and a mark within it is doubled.
    """

    def __init__(self, raw: Any, file: Path) -> None:
        self._raw, self._file = raw, file
        self._inside, self._lines, self._last, self._opened_in = False, 1, _LINE, 1
        self._first = True
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """Read on, and stop at a mark that stands alone."""
        block = bytes(self._raw.read(size))
        if block:
            self._check(block)
        elif self._inside:
            self._stop(self._opened_in)
        return block

    def close(self) -> None:
        """Leave the stream to the one who opened it."""
        self.closed = True

    def readable(self) -> bool:
        """Be read."""
        return True

    def writable(self) -> bool:
        """Not be written."""
        return False

    def seekable(self) -> bool:
        """Be read once, from the start to the end."""
        return False

    def _check(self, block: bytes) -> None:
        if b"\0" in block:  # every second byte of UTF-16
            raise InputError(_other_text(self._file))
        values = np.frombuffer(block, dtype=np.uint8)
        if self._first:
            values = values[3:] if block.startswith(_MARK_OF_ORDER) else values
            self._first = False
        marks = np.flatnonzero(values == _QUOTE)
        if len(marks):
            self._check_marks(values, marks)
        elif not self._inside and self._last == _QUOTE and not _OUTSIDE[values[0]]:
            self._stop(self._lines)
        self._lines += block.count(b"\n")
        self._last = int(values[-1]) if len(values) else self._last

    def _check_marks(self, values: npt.NDArray[np.uint8], marks: npt.NDArray[np.intp]) -> None:
        """Check that marks open after, and close before, a comma or the end of a line.

        Marks open and close by turns; a doubled one closes a cell and opens it again.
        """
        before = np.append(self._last, values)[marks]
        opens = (np.arange(len(marks)) % 2 == 0) ^ self._inside
        alone = opens & ~_OUTSIDE[before] & (before != _QUOTE)
        following = marks[~opens] + 1
        inside = following[following < len(values)]
        after = values[inside]
        wrong = np.concatenate([marks[alone], inside[~_OUTSIDE[after] & (after != _QUOTE)] - 1])
        if not self._inside and self._last == _QUOTE and marks[0] > 0 and not _OUTSIDE[values[0]]:
            wrong = np.append(wrong, 0)
        if len(wrong):
            self._stop(self._lines + int(np.count_nonzero(values[: wrong.min()] == _LINE)))
        if opens[-1]:
            before_it = int(np.count_nonzero(values[: marks[-1]] == _LINE))
            self._opened_in = self._lines + before_it
        self._inside = bool(opens[-1])

    def _stop(self, line: int) -> None:
        raise InputError(
            f"The file {str(self._file)!r} has a quotation mark that stands alone, in line "
            f"{line:,}: a cell that starts with one must end with one, and a mark within it is "
            'written twice (""). Mend the line, or take the text out.'
        )
