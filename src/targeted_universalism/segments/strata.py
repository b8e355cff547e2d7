"""What the analysis is repeated over, and what is done with strata: each verb once, all at a time.

Strata of several tables are told apart by their labels, so that 2022 in one file and "2022" in
another are one year. A ``by`` column that a table lacks is summed away in it, as in a roll-up.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism._typing import BoolArray, IntArray
from targeted_universalism.errors import InputError, did_you_mean
from targeted_universalism.labels import label, label_set, levels_of

# Keys of strata are whole numbers; above this they are numbered anew before they grow.
_LARGEST_KEY = 2**62

Places = Mapping[str, Sequence[int]]  # of each label


@dataclass(frozen=True, eq=False)
class Strata:
    """What the analysis is repeated over: every combination of ``by`` and indicator in the data.

    Parameters
    ----------
    names : tuple of str
        The ``by`` columns.
    levels : tuple of Index
        Distinct values of each.
    codes : (len(names), strata) array of int64
        Positions in `levels`; -1 where the column is summed away, as all are in a roll-up.
    indicator_name : str or None
        The column that named the indicators.
    indicators : tuple of str
        What is measured; one empty text where there is no such column.
    indicator : (strata,) array of int64
        Position in `indicators`.

    Examples
    --------
    >>> strata = Strata(
    ...     names=("county", "year"),
    ...     levels=(pd.Index(["Inyo", "Mono"]), pd.Index([2023, 2022])),
    ...     codes=np.array([[0, 0, 1, 1], [0, 1, 0, 1]]),
    ...     indicator_name=None,
    ...     indicators=("",),
    ...     indicator=np.zeros(4, dtype=np.int64),
    ... )
    >>> strata.select({"county": "Mono", "year": ["2022", 2023]})
    array([2, 3])
    >>> strata.pair("year", 2022)
    array([1, 1, 3, 3])
    >>> strata.pair("year", step=-1)
    array([ 1, -1,  3, -1])
    >>> sums, group = strata.add_up(["year"])
    >>> sums.describe(1), group
    ("county 'Mono', all of year", array([0, 0, 1, 1]))

    """

    names: tuple[str, ...]
    levels: tuple[pd.Index[Any], ...]
    codes: IntArray
    indicator_name: str | None
    indicators: tuple[str, ...]
    indicator: IntArray

    def __len__(self) -> int:
        return len(self.indicator)

    @property
    def rolled_up(self) -> BoolArray:
        """Tell which strata are others together: a ``by`` column is summed away in them."""
        return np.asarray((self.codes == -1).any(axis=0))

    @property
    def all_together(self) -> BoolArray:
        """Tell which strata are all strata together: every ``by`` column is summed away."""
        return np.asarray((self.codes == -1).all(axis=0) & bool(self.names))

    def summed_away(self) -> list[tuple[str, ...]]:
        """List the columns that are summed away together in any stratum, each choice once."""
        choices = np.unique(self.codes[:, self.rolled_up] == -1, axis=1).T
        return [tuple(np.array(self.names, dtype=object)[away]) for away in choices]

    # --- saying what a stratum is about ----------------------------------------------------------

    def value(self, name: str, position: int) -> object:
        """Value of one ``by`` column in one stratum; None in a roll-up."""
        row = self.names.index(name)
        code = int(self.codes[row, position])
        return None if code < 0 else self.levels[row][code]

    def describe(self, position: int) -> str:
        """Name a stratum in words: "county 'Alameda', year 2022"."""
        words = [
            f"{name} {label(value)!r}" if value is not None else f"all of {name}"
            for name, value in ((n, self.value(n, position)) for n in self.names)
        ]
        if self.indicator_name is not None:
            words.append(f"indicator {self.indicators[int(self.indicator[position])]!r}")
        return ", ".join(words) or "the data"

    def labels(self, name: str) -> list[str]:
        """Labels of a ``by`` column that occur here."""
        row = self._row(name)
        codes = np.unique(self.codes[row])
        return [label(value) for value in self.levels[row].take(codes[codes >= 0]).tolist()]

    def texts_of(self, position: int) -> tuple[str, ...]:
        """Labels of one stratum's ``by`` values; empty text where a column is summed away."""
        values = (self.value(name, position) for name in self.names)
        return tuple("" if value is None else label(value) for value in values)

    def texts(self) -> list[tuple[str, ...]]:
        """Labels of every stratum's ``by`` values; empty text where a column is summed away."""
        columns = [
            np.array([*map(label, levels), ""], dtype=object)[codes].tolist()
            for levels, codes in zip(self.levels, self.codes, strict=True)
        ]
        return list(zip(*columns, strict=True)) if columns else [()] * len(self)

    # --- selecting -------------------------------------------------------------------------------

    def take(self, positions: IntArray) -> Strata:
        """Keep some strata."""
        return replace(self, codes=self.codes[:, positions], indicator=self.indicator[positions])

    @property
    def measured(self) -> list[int]:
        """Positions of the indicators that some stratum is of, in order."""
        found: list[int] = np.unique(self.indicator).tolist()
        return found

    def of(self, indicator: int) -> IntArray | slice:
        """Find the strata of an indicator, by position; uncopied where it is alone."""
        if len(self.indicators) == 1:
            return slice(None)
        return np.flatnonzero(self.indicator == indicator)

    def select(self, wanted: Mapping[str, object], others: Sequence[str] = ()) -> IntArray:
        """Find the strata that have one of the wanted values in every column named.

        Parameters
        ----------
        wanted : mapping of str to value or collection of values
            By ``by`` column, or "indicator"; values are matched by label.
        others : sequence of str
            Columns that the caller looks up elsewhere, which a message offers too.

        Returns
        -------
        (found,) array of int64
            Positions, in order.
        """
        kept = np.ones(len(self), dtype=np.bool_)
        for column, value in wanted.items():
            places, codes = self._places_and_codes(column, others)
            kept &= np.isin(codes, _find(column, label_set(value), places))
        return np.flatnonzero(kept)

    # --- matching and joining --------------------------------------------------------------------

    def whatever_indicator(self) -> Strata:
        """Leave out what is measured: strata of several indicators that cover the same are alike.

        For :meth:`match` and :meth:`alike`; the strata are then no longer all different.
        """
        nothing = np.zeros_like(self.indicator)
        return replace(self, indicator_name=None, indicators=("",), indicator=nothing)

    def followed_by(self, *others: Strata) -> Strata:
        """Lay strata one after another, levels and indicators matched by label."""
        parts = [self, *others]
        names = tuple(dict.fromkeys(name for part in parts for name in part.names))
        columns = [_joined_column(parts, name) for name in names]
        indicators = tuple(dict.fromkeys(text for part in parts for text in part.indicators))
        places = (np.array([indicators.index(text) for text in p.indicators]) for p in parts)
        size = sum(len(part) for part in parts)
        return Strata(
            names,
            tuple(levels for levels, _ in columns),
            np.array([codes for _, codes in columns], dtype=np.int64).reshape(len(names), size),
            self.indicator_name,
            indicators,
            np.concatenate([new[p.indicator] for new, p in zip(places, parts, strict=True)]),
        )

    def match(self, other: Strata) -> IntArray:
        """Position of every stratum in `other`; −1 where it has none like it."""
        joined, (mine, theirs) = union([self, other])
        place = np.full(len(joined), -1, dtype=np.int64)
        place[theirs] = np.arange(len(other))
        return place[mine]

    def alike(self) -> tuple[IntArray, IntArray]:
        """Give every stratum a number, the same for those that are alike.

        Returns
        -------
        first : (different,) array of int64
            Position of the first of each.
        number : (strata,) array of int64
            In the order of levels and indicators, the last column fastest; roll-ups last.
        """
        _, first, number = np.unique(self._key(), return_index=True, return_inverse=True)
        return first, number

    # --- adding up -------------------------------------------------------------------------------

    def add_up(self, over: Sequence[str]) -> tuple[Strata, IntArray]:
        """Say what the strata add up to when some ``by`` columns are summed away.

        Parameters
        ----------
        over : sequence of str
            The columns.

        Returns
        -------
        sums : Strata
            One for each combination of the other columns and the indicator.
        group : (strata,) array of int64
            The sum that each stratum is part of; −1 for strata that are sums themselves.
        """
        away = np.isin(self.names, over)
        coarse = replace(self, codes=np.where(away[:, None], -1, self.codes))
        alone = np.flatnonzero((self.codes >= 0).all(axis=0))
        coarse = coarse.take(alone)
        first, number = coarse.alike()
        group = np.full(len(self), -1, dtype=np.int64)
        group[alone] = number
        return coarse.take(first), group

    # --- pairing ---------------------------------------------------------------------------------

    def in_order(self, column: str) -> IntArray:
        """Codes of the levels of a ``by`` column that occur here, in their order.

        Numbers and dates are in the order of their values, text in the order of the data.
        """
        row = self._row(column)
        codes = np.unique(self.codes[row])
        codes = codes[codes >= 0]
        return codes[_sorted(self.levels[row].take(codes).tolist())]

    def pair(self, column: str, value: object = None, *, step: int | None = None) -> IntArray:
        """Give every stratum its twin: the same in everything but the value of one column.

        Parameters
        ----------
        column : str
            A ``by`` column.
        value : object
            Its value in the twin, as in a baseline; a stratum that has it is its own twin.
        step : int, optional
            Instead of a value: how many levels on the twin is in :meth:`in_order`; −1 for the
            level before. Levels are those of all strata, so that a series with a hole has no
            twin there.

        Returns
        -------
        (strata,) array of int64
            Position of the twin; −1 where there is none, and in a roll-up over the column.
        """
        row = self._row(column)
        codes = self.codes[row]
        if step is None:
            places, _ = self._places_and_codes(column)
            (wanted,) = _find(column, {label(value)}, places)
            return self._twins(row, np.full(len(self), wanted))
        order = self.in_order(column)
        rank = np.zeros(len(self.levels[row]) + 1, dtype=np.int64)
        rank[order] = np.arange(len(order))
        stepped = rank[codes] + step
        inside = (stepped >= 0) & (stepped < len(order))
        return self._twins(row, np.where(inside, np.append(order, -1)[stepped * inside], -1))

    def along(self, column: str) -> IntArray:
        """Give every stratum its twins at every level of a column, itself among them.

        Returns
        -------
        (levels, strata) array of int64
            Levels as in :meth:`in_order`; −1 where there is none.
        """
        order = self.in_order(column)
        return self._twins(self._row(column), np.repeat(order[:, None], len(self), axis=1))

    def series(self, column: str, order: Sequence[int]) -> tuple[Strata, IntArray]:
        """Lay the strata that differ in one column alone beside each other.

        Parameters
        ----------
        column : str
            A ``by`` column; strata in which it is summed away are in no series.
        order : sequence of int
            Its levels, by their place in `levels`, in the order of the series.

        Returns
        -------
        without : Strata
            One for each series, in the order of their first strata, the column left out.
        place : (levels, series) array of int64
            Position of every stratum; −1 where a series has none.
        """
        row = self._row(column)
        inside = np.flatnonzero(self.codes[row] >= 0)
        others = [i for i in range(len(self.names)) if i != row]
        without = replace(
            self,
            names=tuple(self.names[i] for i in others),
            levels=tuple(self.levels[i] for i in others),
            codes=self.codes[others],
        ).take(inside)
        first, number = without.alike()
        rank = np.full(len(self.levels[row]), -1, dtype=np.int64)
        rank[list(order)] = np.arange(len(order))
        level = rank[self.codes[row][inside]]
        turn = np.argsort(first, kind="stable")
        back = np.argsort(turn, kind="stable")
        place = np.full((len(order), len(first)), -1, dtype=np.int64)
        place[level[level >= 0], back[number][level >= 0]] = inside[level >= 0]
        return without.take(first[turn]), place

    def _twins(self, row: int, wanted: IntArray) -> IntArray:
        """Look up, for every stratum, the one that has a wanted code, shaped (…, strata)."""
        codes, size = self.codes[row], len(self.levels[row])
        apart = self.codes.copy()
        apart[row] = -1
        _, series = replace(self, codes=apart).alike()
        have = np.flatnonzero(codes >= 0)
        key = series[have] * size + codes[have]
        order = np.argsort(key)
        asked = series * size + wanted
        place = np.searchsorted(key, asked, sorter=order)
        nearest = np.append(have[order], -1)[place]
        same = np.append(key[order], -1)[place] == asked
        return np.where(same & (wanted >= 0) & (codes >= 0), nearest, -1)

    # --- columns and keys ------------------------------------------------------------------------

    def _column(self, name: str) -> tuple[pd.Index[Any], IntArray]:
        """Levels and codes of a ``by`` column; of one that is not here, nothing and −1."""
        if name not in self.names:
            return pd.Index([]), np.full(len(self), -1, dtype=np.int64)
        row = self.names.index(name)
        return self.levels[row], self.codes[row]

    def _row(self, column: str, others: Sequence[str] = ()) -> int:
        """Place of a ``by`` column in `names`; a message offers `others` too."""
        if column not in self.names:
            options = [*self.names, *others]
            raise InputError(
                f"There is no column {column!r} in by=. {did_you_mean(column, options)}"
            )
        return self.names.index(column)

    def _places_and_codes(self, column: str, others: Sequence[str] = ()) -> tuple[Places, IntArray]:
        """Place of each label of a ``by`` column or of "indicator", and every stratum's place."""
        if column == "indicator" and self.indicator_name is not None:
            return _places_of(self.indicators), self.indicator
        row = self._row(column, others)
        if column not in self._places:
            self._places[column] = _places_of(map(label, self.levels[row].tolist()))
        return self._places[column], self.codes[row]

    @cached_property
    def _places(self) -> dict[str, Places]:
        """Where labels are, by column: found once, however often strata are selected."""
        return {}

    def _key(self) -> IntArray:
        """One whole number for each stratum, the same for those that are alike."""
        key = np.zeros(len(self), dtype=np.int64)
        room = 1
        columns = [*zip(self.codes, map(len, self.levels), strict=True)]
        for codes, size in [*columns, (self.indicator, len(self.indicators))]:
            if room * (size + 1) >= _LARGEST_KEY:
                different, key = np.unique(key, return_inverse=True)
                room = len(different)
            key = key * (size + 1) + np.where(codes < 0, size, codes)
            room *= size + 1
        return key


def union(parts: Sequence[Strata]) -> tuple[Strata, list[IntArray]]:
    """Join strata, those that are alike as one; say where those of each part went.

    Levels are in the order of arrival, and strata in that of their levels.

    Examples
    --------
    >>> def of_years(*years):
    ...     codes = np.arange(len(years))
    ...     nothing = np.zeros_like(codes)
    ...     return Strata(("year",), (pd.Index(years),), codes[None], None, ("",), nothing)
    >>> both, places = union([of_years(2022, 2023), of_years("2024", "2023")])
    >>> both.texts(), places
    ([('2022',), ('2023',), ('2024',)], [array([0, 1]), array([2, 1])])

    """
    every = parts[0].followed_by(*parts[1:])
    first, number = every.alike()
    stops = np.cumsum([len(part) for part in parts])[:-1]
    return every.take(first), np.split(number, stops)


def members_of(group: IntArray, size: int) -> list[IntArray]:
    """List the strata of each group, in order; those of group −1 are in none.

    Examples
    --------
    >>> members_of(np.array([1, 0, -1, 1]), size=2)
    [array([1]), array([0, 3])]

    """
    inside = np.flatnonzero(group >= 0)
    order = inside[np.argsort(group[inside], kind="stable")]
    stops = np.cumsum(np.bincount(group[inside], minlength=size))
    return np.split(order, stops[:-1]) if size else []


def _joined_column(parts: Sequence[Strata], name: str) -> tuple[pd.Index[Any], IntArray]:
    """Give the levels of a column in all parts, each once, and every stratum's place in them."""
    columns = [part._column(name) for part in parts]
    levels = columns[0][0]
    if any(other is not levels for other, _ in columns):
        value_of: dict[str, Any] = {}
        for value in (value for other, _ in columns for value in other):
            value_of.setdefault(label(value), value)
        place = {text: i for i, text in enumerate(value_of)}
        levels = levels_of(value_of.values())
        columns = [
            (levels, np.array([*(place[label(value)] for value in other), -1])[codes])
            for other, codes in columns
        ]
    return levels, np.concatenate([codes for _, codes in columns])


def _places_of(labels: Iterable[str]) -> Places:
    """List the places at which each label stands."""
    places: dict[str, list[int]] = {}
    for i, text in enumerate(labels):
        places.setdefault(text, []).append(i)
    return places


def _find(column: str, wanted: Collection[str], places: Places) -> list[int]:
    """Find labels among those of a column; stop at one that it does not hold."""
    for text in wanted:
        if text not in places:
            raise InputError(f"Column {column!r} holds no {text!r}. {did_you_mean(text, places)}")
    return sorted(i for text in wanted for i in places[text])


def _sorted(values: Sequence[Any]) -> list[int]:
    """Give the order of numbers or dates by value; anything else stays as it is."""
    places = list(range(len(values)))
    if all(isinstance(value, Number) for value in values):
        return sorted(places, key=values.__getitem__)
    if all(isinstance(value, (datetime.date, pd.Period)) for value in values):
        return sorted(places, key=lambda i: label(values[i]))
    return places
