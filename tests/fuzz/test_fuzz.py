"""Tables, calls and laws drawn at random: nothing wrong, and no exception but the library's own.

Some hundred calls before a commit; 20,000 in `make full`.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from random import Random

import pytest

from fuzz import arguments
from fuzz.laws import LAWS, Law
from fuzz.loop import fuzz

SHARDS = 20  # so that the long run is spread over cores


def held(seed: int, calls: int) -> None:
    tally = fuzz(seed, calls)
    assert tally.total >= calls
    assert not tally.foreign, "\n".join(tally.foreign)
    assert not tally.wrong, "\n".join(tally.wrong)


def law_held(law: Law, folder: Path, tables: int, start: int = 0) -> None:
    for number in range(start, start + tables):
        rng = Random(f"{law.__name__} {number}")  # noqa: S311
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            faults = [fault for fault in law(rng, folder) if fault]
        assert not faults, f"table {number}: {faults}"


every_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)


def test_every_parameter_of_every_function_has_right_and_wrong_arguments() -> None:
    assert arguments.unprepared() == []


def test_some_calls_are_answered_rightly_or_refused_in_words() -> None:
    held(seed=0, calls=150)


@every_law
def test_a_law_holds_of_some_tables(law: Law, tmp_path: Path) -> None:
    law_held(law, tmp_path, tables=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, SHARDS + 1))
def test_many_calls_are_answered_rightly_or_refused_in_words(seed: int) -> None:
    held(seed, calls=20_000 // SHARDS)


@pytest.mark.long
@every_law
def test_a_law_holds_of_many_tables(law: Law, tmp_path: Path) -> None:
    law_held(law, tmp_path, tables=300, start=2)
