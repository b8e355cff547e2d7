"""Segments folded into sums: each sum from its first part to its last, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from targeted_universalism.segments.folding import Fold

RNG = np.random.default_rng(3)
CODES = {
    "every part its own": np.arange(12),
    "one sum": np.zeros(40, dtype=np.int64),
    "side by side": np.repeat(np.arange(9), 7),
    "in turns": np.tile(np.arange(21), 9),
    "unknown last": np.ravel(np.array([2, 0, 1])[:, None] * 4 + np.array([3, 0, 1, 2])),
    "any order": np.concatenate([RNG.permutation(8), RNG.integers(0, 8, 60)]),
    "many": np.concatenate([np.arange(50), RNG.integers(0, 50, 300)]),
}


@pytest.mark.parametrize("width", [1, 2, 3, 300])
@pytest.mark.parametrize("asked", list(CODES))
def test_sums_are_those_of_a_loop_to_the_bit(asked: str, width: int) -> None:
    codes = CODES[asked]
    size = int(codes.max()) + 1
    values = RNG.gamma(1.0, 10.0 ** RNG.integers(-9, 9, (len(codes), width)))
    wide = np.full((size, 2 * width), np.nan)
    made = Fold(codes, size).added(values, wide[:, :width])
    loop = np.zeros((size, width))
    for code, row in zip(codes, values, strict=True):
        loop[code] += row
    assert made.tobytes() == loop.tobytes()
    assert np.isnan(wide[:, width:]).all()
