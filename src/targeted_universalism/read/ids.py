"""Ids of persons: hashes of them, to see who is in several rows, and in several strata.

They are the one thing that grows with rows: each leaves two numbers of 64 bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from targeted_universalism._typing import IntArray
from targeted_universalism.errors import InputError, count_words
from targeted_universalism.labels import label
from targeted_universalism.read.coding import CodedColumn
from targeted_universalism.read.levels import RawKeys

HashArray = npt.NDArray[np.uint64]


class PersonIds:
    """Hashes of the ids of all rows: of a person by indicator, and of the same in each stratum.

    Parameters
    ----------
    unit : str
        The column of ids, for messages.
    names : sequence of str
        The columns that say who a row is about, in the order in which they are coded.
    indicator : str or None
        Which of them names what is measured: of every indicator a person has a row.
    by : sequence of str
        Which of them make strata.
    """

    def __init__(
        self, unit: str, names: Sequence[str], indicator: str | None, by: Sequence[str]
    ) -> None:
        self._unit, self._names, self._indicator, self._by = unit, names, indicator, by
        self._persons: list[HashArray] = []
        self._in_strata: list[HashArray] = []

    def keep(self, raw: RawKeys, columns: Sequence[CodedColumn], before: int) -> None:
        """Keep the ids of a block of rows.

        Parameters
        ----------
        raw : RawKeys
            The column of ids; none may be missing.
        columns : sequence of CodedColumn
            Who the rows are about.
        before : int
            How many rows there are before them.
        """
        lost = np.array([raw.missing(value) for value in raw.levels] + [True])[raw.codes]
        if lost.any():
            row = before + int(np.argmax(lost))
            raise InputError(f"unit={self._unit!r} is missing in data row {row} (counting from 0).")
        codes = [column.values for column in columns]
        texts = [label(value).encode("utf-8", "surrogatepass") for value in raw.levels]
        ids = pd.util.hash_array(np.array(texts, dtype=object), categorize=False)[raw.codes]
        persons = ids ^ self._hashed(codes, [self._indicator])
        self._persons.append(persons)
        self._in_strata.append(persons ^ self._hashed(codes, self._by))

    def repeat(self, allowed: bool) -> bool:
        """Tell whether ids repeat across strata; stop where they do within one, unless allowed."""
        in_strata = np.concatenate(self._in_strata)
        _, first, count = np.unique(in_strata, return_index=True, return_counts=True)
        if not allowed and (count > 1).any():
            row, twins = int(first[count > 1].min()), int((count > 1).sum())
            raise InputError(
                f"{count_words(twins, 'id')} of unit={self._unit!r} "
                f"{'repeats' if twins == 1 else 'repeat'} within a stratum (the first in data row "
                f"{row}, counting from 0): each person must be counted once. If rows are events, "
                "say repeats='events'."
            )
        return len(np.unique(in_strata)) > len(np.unique(np.concatenate(self._persons)))

    def _hashed(self, codes: Sequence[IntArray], names: Sequence[str | None]) -> HashArray:
        """Hash the codes of some columns together; one number where there are none."""
        key = np.zeros(len(codes[0]), dtype=np.uint64)
        for name, code in zip(self._names, codes, strict=True):
            if name in names:
                key = key * np.uint64(1_000_003) + code.astype(np.uint64)
        return pd.util.hash_array(key, categorize=False)
