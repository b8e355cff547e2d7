"""The answers of measures, laid out before they are a table: strata, dimensions, measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from targeted_universalism.answer.answer import Answer
from targeted_universalism.answer.tables import Words
from targeted_universalism.measures.inequality.register import REGISTER, SCALES
from targeted_universalism.reasons import ReasonsInPlaces
from targeted_universalism.segments.columns import SUMMARY

# The parts of Theil's index by place, beside the register: what they are asked for as, and are.
SPLIT = {"ti_between": "theil_between_places", "ti_within": "theil_within_places"}


class SummaryGrid:
    """The answers, shaped (strata, dimensions, measures), with the rows that are shown."""

    def __init__(self, *shape: int) -> None:
        self.numbers = {name: np.full(shape, np.nan) for name in SUMMARY.numbers}
        self.measure = np.zeros(shape, dtype=np.int64)
        self.reason = ReasonsInPlaces(shape)
        self.shown = np.zeros(shape, dtype=np.bool_)

    def table(self, answer: Answer, codes: Sequence[str]) -> pd.DataFrame:
        """Make the table of the rows that are shown; `codes` are as they were asked for."""
        stratum, dimension, column = np.nonzero(self.shown)
        measure = self.measure[self.shown]
        scales = np.array([*(SCALES.index(m.scale) for m in REGISTER.values()), 1, 1])
        columns: dict[str, Any] = {
            "measure": Words([*REGISTER, *SPLIT.values()], measure),
            "code": Words(codes, column),
            "scale": Words(SCALES, scales[measure]),
            **{name: values[self.shown] for name, values in self.numbers.items()},
            "reason": self.reason[self.shown],
        }
        return answer.by_dimension(SUMMARY, stratum, dimension + 1, columns)
