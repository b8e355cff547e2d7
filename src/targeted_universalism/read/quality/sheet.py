"""A table as it stands, with what was said of it: nothing here stops at messy data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from targeted_universalism._typing import BoolArray, FloatArray, IntArray
from targeted_universalism.errors import InputError, some_of
from targeted_universalism.labels import UNKNOWN, is_blank, label
from targeted_universalism.read.coding import numbered
from targeted_universalism.read.counts import rounded_to
from targeted_universalism.read.estimates import check_each
from targeted_universalism.read.frames import Frame, check_columns, text_columns
from targeted_universalism.read.layout import Axis, Layout
from targeted_universalism.read.numerals import PLAIN_NUMBER, Tokens, bounds_of_words, first_rows
from targeted_universalism.read.options import KINDS, make_layout

_TIME = re.compile(r"\D{0,4}(1[89]|20)\d\d(\D.*)?")
_NOTHING = "\0"  # stands for the segments where none are named; no column is called so
_MOST_DECIMALS = 6
# Options that a constructor takes as they are given, None where they are left out.
_SHARED = (
    "by", "indicator", "order", "total", "unknown", "labels", "suppressed", "years", "definition",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class WrittenLabels:
    """A column of labels as they stand in the table.

    `codes` are positions in `written`, whose last is the empty text of a missing label; `read` is
    what the library makes of each.
    """

    codes: IntArray
    written: tuple[str, ...]

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The labels as the library reads them, blank ones empty."""
        return tuple(map(label, self.written))

    @cached_property
    def counts(self) -> IntArray:
        """How many rows hold each."""
        return np.bincount(self.codes, minlength=len(self.written))

    def are(self, wanted: object) -> BoolArray:
        """Tell which rows read as one of the wanted labels."""
        return self.where(lambda text: text in wanted)  # type: ignore[operator]

    def where(self, holds: Any) -> BoolArray:
        """Tell for which rows something holds of the label."""
        return np.array([bool(holds(text)) for text in self.read], dtype=np.bool_)[self.codes]

    @cached_property
    def one(self) -> IntArray:
        """Number the labels that read alike as one."""
        place: dict[str, int] = {}
        numbers = [place.setdefault(text, len(place)) for text in self.read]
        return np.array(numbers, dtype=np.int64)[self.codes]


@dataclass(frozen=True, eq=False)
class Figures:
    """A column of numbers as it stands: NaN where there is none.

    `hidden`, (rows,), says where a declared token stands; `wrong`, (rows,), where there is no
    number, no token and no blank; `words` counts the rows of each word that is wrong.
    """

    value: FloatArray
    hidden: BoolArray
    words: Mapping[str, int]
    wrong: BoolArray

    @property
    def known(self) -> FloatArray:
        """The finite numbers alone."""
        return self.value[np.isfinite(self.value)]

    @cached_property
    def decimals(self) -> int | None:
        """To how many decimals the numbers are written; None for too many to be rounded."""
        for places in range(_MOST_DECIMALS):
            scaled = self.known * 10**places
            if np.allclose(scaled, np.round(scaled), rtol=0, atol=1e-6):
                return places
        return None


@dataclass(frozen=True, eq=False)
class Split:
    """One column of segments, with the rows that may be added up.

    Parameters
    ----------
    name : str
        The column.
    texts : WrittenLabels
        Its labels.
    total, unknown : (rows,) array of bool
        Which rows are declared totals, or lack a segment.
    place : (rows,) array
        Rows of one place are of one stratum, and of one label in every other column of segments.
    partition : (rows,) array
        Position of the row's partition in `partitions`; -1 for rows that may not be added up.
    partitions : tuple of str
        The partitions that add up.
    """

    name: str
    texts: WrittenLabels
    total: BoolArray
    unknown: BoolArray
    place: IntArray
    partition: IntArray
    partitions: tuple[str, ...]

    @property
    def parts(self) -> BoolArray:
        """Which rows are of segments that add up."""
        return np.asarray(~self.total & (self.partition >= 0))

    def by_partition(self) -> Iterator[tuple[int, BoolArray]]:
        """Give every partition that has rows, by position, and which they are."""
        for position in np.unique(self.partition[self.parts]).tolist():
            yield position, self.parts & (self.partition == position)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns hold which numbers."""

    numerator: str | None
    denominator: str | None
    estimate: str | None
    se: str | None
    moe: str | None
    ci: tuple[str, str] | None
    population: str | None
    n: str | None

    @property
    def named(self) -> list[str]:
        """Every column that was named, some more than once."""
        one = [getattr(self, name) for name in Columns.__annotations__ if name != "ci"]
        return [name for name in [*one, *(self.ci or ())] if name is not None]

    @property
    def counts(self) -> tuple[str, ...]:
        """Columns that count, each once."""
        named = (self.numerator, self.denominator, self.population, self.n)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def all(self) -> tuple[str, ...]:
        """Every column of numbers."""
        return tuple(dict.fromkeys([*self.counts, *self.named]))


class Sheet:
    """A table as it stands, with what was said of it.

    Parameters
    ----------
    frame : Frame
        Its columns in use.
    layout : Layout
        What was said of rows; without axes where no segments are named.
    columns : Columns
        What was said of numbers.
    said : mapping
        The options as they were given, those that were not left out.
    data : data frame
        All of the table.
    others : tuple of str
        Columns of text of which nothing was said, where no segments are named.
    """

    def __init__(
        self,
        frame: Frame,
        layout: Layout,
        columns: Columns,
        said: Mapping[str, Any],
        *,
        data: object,
        others: tuple[str, ...],
    ) -> None:
        self.frame, self.layout, self.columns, self.said = frame, layout, columns, said
        self.data, self.others = data, others
        self.texts = lru_cache(maxsize=None)(self._texts)
        self.figures = lru_cache(maxsize=None)(self._figures)

    def __len__(self) -> int:
        return len(self.frame)

    # --- columns -----------------------------------------------------------------------------

    def _texts(self, name: str) -> WrittenLabels:
        """Code a column of labels; where it holds none that can be, all are missing."""
        try:
            raw = self.frame.raw_keys(name)
            written = ["" if raw.missing(v) else self._named(name, _text(v)) for v in raw.levels]
        except InputError:
            return WrittenLabels(np.zeros(len(self), dtype=np.int64), ("",))
        codes = np.asarray(raw.codes, dtype=np.int64)
        return WrittenLabels(np.where(codes < 0, len(written), codes), (*written, ""))

    def _named(self, column: str, text: str) -> str:
        """Give a label its new name, where it gets one."""
        names = {} if self.layout.labels is None else self.layout.labels.columns.get(column, {})
        return names.get(label(text), text)

    def _figures(self, name: str) -> Figures:
        """Read a column of numbers, whatever else stands in it."""
        tokens = self.layout.tokens(name)
        try:
            read = self.frame.numbers(name, tokens, counts=False)
        except InputError:
            return _mixed(self._texts(name), tokens)
        none = np.zeros(len(self), dtype=np.bool_)
        return Figures(read.value, read.hidden, {}, none)

    # --- rows --------------------------------------------------------------------------------

    @cached_property
    def label_columns(self) -> tuple[str, ...]:
        """Columns of labels, those of flags left out; without segments, every column of text.

        One in which hardly a text occurs twice holds names or notes, and no labels.
        """
        flags = {c for axis in self.layout.axes if axis.overlapping for c in axis.columns}
        few = [name for name in self.others if 2 * len(self.texts(name).written) <= len(self)]
        return (*(name for name in self.layout.columns if name not in flags), *few)

    @cached_property
    def stratum(self) -> IntArray:
        """Number of every row's stratum: its `by` columns and its indicator."""
        about = self.layout.indicator
        return self.numbered([*self.layout.by, *([] if about is None else [about])])

    def numbered(self, names: Sequence[str]) -> IntArray:
        """Give every combination of labels of some columns a number."""
        return numbered([self.texts(name).one for name in names], len(self))

    def each(self, said: object, default: Any) -> Any:
        """Give every row what was said of its indicator, or of all of them."""
        if not isinstance(said, Mapping):
            return np.full(len(self), default if said is None else said)
        if self.layout.indicator is None:
            return np.full(len(self), default)
        texts = self.texts(self.layout.indicator)
        named = {label(key): value for key, value in said.items()}
        return np.array([named.get(text, default) for text in texts.read])[texts.codes]

    @cached_property
    def kind(self) -> Any:
        """Kind of every row's outcome; empty where nothing was said of estimates."""
        return self.each(self.said.get("kind"), "" if self.columns.numerator is None else KINDS[0])

    @cached_property
    def unit(self) -> FloatArray:
        """Unit of every row's estimate."""
        return np.asarray(self.each(self.said.get("per"), 1), dtype=np.float64)

    @cached_property
    def time(self) -> str | None:
        """The `by` column whose labels are all years."""
        for name in self.layout.by:
            labels = [text for text in self.texts(name).read if text]
            if labels and all(_TIME.fullmatch(text) for text in labels):
                return name
        return None

    @cached_property
    def splits(self) -> tuple[Split, ...]:
        """Every column of segments that do not overlap."""
        plain = [axis for axis in self.layout.axes if not axis.overlapping]
        return tuple(self._split(axis) for axis in plain)

    def _split(self, axis: Axis) -> Split:
        column = axis.columns[0]
        texts = self.texts(column)
        total = texts.are(self.layout.total)
        unknown = texts.are((self.layout.unknown | {"", UNKNOWN}) - self.layout.total)
        others = [name for name in self.layout.segment_columns if name != column]
        place = numbered([self.stratum, *(self.texts(name).one for name in others)], len(self))
        partition, partitions = self._partition(axis, texts)
        return Split(column, texts, total, unknown, place, partition, partitions)

    def _partition(self, axis: Axis, texts: WrittenLabels) -> tuple[IntArray, tuple[str, ...]]:
        """Give the partitions that a column stacks, and add up, a number."""
        said = self.layout.partition
        names: tuple[str, ...] = (axis.name,)
        if said is None:
            partition = np.zeros(len(self), dtype=np.int64)
        elif isinstance(said, str):
            split = self.texts(said)
            partition, names = split.codes, split.read
        else:
            names = (*dict.fromkeys(said.values()), "")
            partition = np.array([names.index(said.get(t, "")) for t in texts.read])[texts.codes]
        adds = [bool(name) and self._adds_up(name) for name in names]
        return np.where(np.array(adds)[partition], partition, -1), tuple(names)

    def _adds_up(self, name: str) -> bool:
        said = self.layout.exclusive
        return said if isinstance(said, bool) else said.get(name, True)

    # --- words -------------------------------------------------------------------------------

    def at(self, here: BoolArray) -> str:
        """Name the first rows of some, for a person to look them up."""
        rows = [str(row) for row in first_rows(here, 4)]
        words = some_of(rows[:3], 3) + (f" and {int(here.sum()) - 3} more" if rows[3:] else "")
        return f"data row{'s' if len(rows) > 1 else ''} {words} (counting from 0)"


def _text(value: object) -> str:
    return value if isinstance(value, str) else label(value)


def _mixed(texts: WrittenLabels, tokens: Tokens) -> Figures:
    """Read numbers out of text, level by level."""
    words = [text.strip() for text in texts.written]
    number = [bool(PLAIN_NUMBER.fullmatch(word)) for word in words]
    value = np.array([float(w) if n else np.nan for w, n in zip(words, number, strict=True)])
    declared = {*bounds_of_words(words, tokens), *(str(k).strip() for k in tokens)}
    hidden = np.array([word in declared for word in words], dtype=np.bool_)
    wrong = np.array(
        [not (n or h or is_blank(w)) for w, n, h in zip(words, number, hidden, strict=True)],
        dtype=np.bool_,
    )
    odd = {w: int(c) for w, c, no in zip(words, texts.counts, wrong, strict=True) if no and c}
    value = np.where(hidden, np.nan, value)
    return Figures(value[texts.codes], hidden[texts.codes], odd, wrong[texts.codes])


def make_sheet(
    data: object, names: Sequence[str], columns: Columns, said: Mapping[str, Any]
) -> Sheet:
    """Hold a table against what was said of it.

    Raises
    ------
    InputError
        If a column is not there, or an option is none that a constructor takes.
    """
    layout = _layout(names, said)
    counts = [name for name in (columns.numerator, columns.denominator) if name is not None]
    check_each(**{name: said.get(name) for name in ("ci", "level", "per", "adjusted")})
    check_columns(columns.named, names, data)
    layout.check_tokens(columns.named)
    rounded_to(counts, said.get("rounded"))
    used = [*layout.columns, *columns.all]
    others = () if "segments" in said else text_columns(data)
    plain = tuple(name for name in others if name not in used)
    # An engine gives no rows of a table without columns.
    frame = Frame(data, [*used, *plain] or names[:1])
    return Sheet(frame, layout, columns, said, data=data, others=plain)


def _layout(names: Sequence[str], said: Mapping[str, Any]) -> Layout:
    """Check what was said of rows, as constructors do; without segments there are no axes."""
    shared = {name: said.get(name) for name in _SHARED}
    layout = make_layout(
        names, segments=said.get("segments", _NOTHING), kind=said.get("kind", KINDS[0]),
        kinds=KINDS, exclusive=said.get("exclusive", True), dimension=said.get("dimension"),
        cross=said.get("cross", 1), **shared,
    )  # fmt: skip
    return layout if "segments" in said else replace(layout, axes=(), crossings=())
