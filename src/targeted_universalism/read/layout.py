"""How people are split and repeated over: the columns and labels of every constructor, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from targeted_universalism.errors import InputError, advised, did_you_mean, shown
from targeted_universalism.labels import label
from targeted_universalism.read.numerals import Tokens
from targeted_universalism.segments.definition import Definition

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Overlapping:
    """Check-all-that-apply flags: one dimension whose segments are columns of 0 and 1."""

    columns: tuple[str, ...]
    name: str


@advised
def overlapping(columns: Sequence[str], *, name: str) -> Overlapping:
    """Declare flag columns as one dimension whose segments overlap.

    Parameters
    ----------
    columns : sequence of str
        Columns of 0/1 or booleans; each becomes a segment named after its column. A row counts in
        every segment whose flag is set, and in Unknown where a flag is missing.
    name : str
        What the dimension is called in the tables ("programme").

    Returns
    -------
    Overlapping
        To be used in ``segments=``. Such segments are never summed.

    Examples
    --------
    >>> import targeted_universalism as tu
    >>> tu.overlapping(["foster", "homeless"], name="programme")
    Overlapping(columns=('foster', 'homeless'), name='programme')

    """
    named = tuple(columns) if is_listed(columns) else ()
    if not named or not all(isinstance(name, str) for name in named):
        raise InputError(f"overlapping() takes a list of flag columns, not {shown(columns)}.")
    if not isinstance(name, str) or not name.strip():
        raise InputError("overlapping() needs name=: what the dimension is called.")
    if label(name) == "total":
        raise InputError("A dimension called 'total' would hide the total row: give another name.")
    by_label("overlapping() names", {column: column for column in named})
    return Overlapping(named, name)


@dataclass(frozen=True)
class Axis:
    """One column of segments, or one set of flags; `name` is the label of its dimension."""

    name: str
    columns: tuple[str, ...]
    overlapping: bool = False


@dataclass(frozen=True)
class Renaming:
    """What labels are called on the way in.

    `columns` has new labels by old ones, column by column; `said` is the option as it was given, in
    texts. Where it names no column, an old label may stand in any column of segments.
    """

    columns: Mapping[str, Mapping[str, str]]
    said: Mapping[str, Any]
    by_column: bool


@dataclass(frozen=True)
class Layout:
    """The checked options that all constructors share.

    Parameters
    ----------
    axes : tuple of Axis
        The columns that hold segments.
    crossings : tuple of tuple of int
        The dimensions asked for, as positions of axes.
    by, indicator
        The columns that make strata.
    kind : str or mapping
        Kind of outcome, or one for each indicator.
    order, total, unknown, exclusive, partition, suppressed
        As the constructors document them (`partition` is their ``dimension=``). Labels are texts,
        the blank one empty.
    total_said : bool
        Whether ``total=`` was given, if only to say that there is none.
    years : number or mapping, optional
        How many years are pooled, or how many for each indicator.
    definition : Definition or mapping, optional
        What is measured, or what for each indicator.
    labels : Renaming, optional
        What labels are called from here on; all other options name the new labels.
    """

    axes: tuple[Axis, ...]
    crossings: tuple[tuple[int, ...], ...]
    by: tuple[str, ...]
    indicator: str | None
    kind: str | Mapping[str, str]
    order: Mapping[str, tuple[str, ...]]
    total: frozenset[str]
    total_said: bool
    unknown: frozenset[str]
    exclusive: bool | Mapping[str, bool]
    partition: str | Mapping[str, str] | None
    suppressed: Tokens | Mapping[str, Tokens]
    years: float | Mapping[str, float] | None = None
    definition: Definition | Mapping[str, Definition] | None = None
    labels: Renaming | None = None

    @property
    def segment_columns(self) -> tuple[str, ...]:
        """Columns that hold segments."""
        return tuple(dict.fromkeys(c for axis in self.axes for c in axis.columns))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that says who a row is about."""
        named = [*self.by, *self.segment_columns]
        if self.indicator is not None:
            named.append(self.indicator)
        if isinstance(self.partition, str):
            named.append(self.partition)
        return tuple(named)

    def tokens(self, column: str) -> Tokens:
        """Give the tokens of hidden cells that hold for one column."""
        if self._by_column:
            return self.suppressed.get(column, {})  # type: ignore[return-value]
        return self.suppressed  # type: ignore[return-value]

    @property
    def _by_column(self) -> bool:
        return any(isinstance(value, Mapping) for value in self.suppressed.values())

    def check_tokens(self, columns: Sequence[str]) -> None:
        """Stop where tokens are given for a column that holds no number in use."""
        if self._by_column:
            check_columns_of_tokens(self.suppressed, columns)

    def kind_of(self, indicator: str) -> str:
        """Kind of one indicator."""
        if isinstance(self.kind, str):
            return self.kind
        indicator = label(indicator)
        if indicator not in self.kind:
            raise InputError(
                f"kind= names no kind for indicator {indicator!r}. "
                f"{did_you_mean(indicator, self.kind)}"
            )
        return self.kind[indicator]


# --- what options are given as -------------------------------------------------------------------


def check_columns_of_tokens(named: Iterable[object], columns: Sequence[str]) -> None:
    """Stop where the columns that tokens are given for are none that hold numbers in use."""
    for name in named:
        if name not in columns:
            raise InputError(
                f"suppressed= names {name!r}, which is no column of numbers in use. "
                f"{did_you_mean(name, columns)}"
            )


def by_label(parameter: str, given: Mapping[Any, _Value]) -> dict[str, _Value]:
    """Key a mapping by label; stop where two keys read alike, for one would win unseen."""
    first: dict[str, object] = {}
    for key in given:
        if first.setdefault(label(key), key) is not key:
            raise InputError(f"{parameter} {first[label(key)]!r} and {key!r}, which read alike.")
    return {label(key): value for key, value in given.items()}


def is_listed(value: object) -> bool:
    """Tell whether a value is a collection, and no text."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))
