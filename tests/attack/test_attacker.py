"""The attacker against trying everything."""

from __future__ import annotations

from itertools import product

import attacker
import numpy as np
import pytest


@pytest.mark.parametrize("seed", range(16))
def test_integer_programs_find_every_value_that_trying_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    program = attacker.Program()
    unknown = program.more(4)
    truth = rng.integers(0, 4, 4)
    ties = [rng.integers(0, 3, 4) for _ in range(rng.integers(1, 3))]
    for tie in ties:
        program.tie(dict(zip(unknown, map(float, tie), strict=True)), float(tie @ truth))
    program.tie(dict.fromkeys(unknown, 1.0), 0, float(truth.sum() + rng.integers(0, 4)))
    most = program.sums[-1][2]

    wanted = rng.integers(0, 3, 4)
    form = dict(zip(unknown, map(float, wanted), strict=True))
    tried = np.array(list(product(range(int(most) + 1), repeat=4)))
    fits = tried.sum(axis=1) <= most
    for tie in ties:
        fits &= tried @ tie == tie @ truth
    found = attacker.possible(program, form, 10**6, lambda _: False)
    assert found == set((tried[fits] @ wanted).astype(float))


def test_a_program_without_an_answer_has_none() -> None:
    program = attacker.Program()
    (x,) = program.more(1)
    program.tie({x: 2.0}, 3)
    assert program.solve({x: 1.0}, 1) is None
