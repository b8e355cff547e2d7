"""Coverage as promised, computed for all samples; the page shows what is computed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SCORE = {
    "Wilson, proportion", "Newcombe, difference; to the total, times 1 − w",
    "MOVER of Wilson, ratio", "ratio to the total, inside it",
    "the same from MOVER's ratio to the rest",
}  # fmt: skip
EXACT = {
    "Clopper–Pearson, proportion", "exact Poisson, rate", "conditional exact, ratio of rates",
    "conditional exact test at 5 %, equal rates", "MOVER of exact limits, difference of rates",
}  # fmt: skip


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "coverage_page", ROOT / "docs" / "maker" / "coverage_of_intervals.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_coverage_is_as_promised_and_as_the_page_says(script: ModuleType) -> None:
    rows = script.rows()
    assert {name for name, *_ in rows} >= SCORE | EXACT
    for name, size, mean, least in rows:
        if name in SCORE:
            assert 0.94 <= mean <= 0.96, (name, size)
        elif name in EXACT:
            assert least >= 0.95 - 1e-12, (name, size)
    page = (ROOT / "docs" / "coverage.md").read_text()
    assert "\n".join(script.table(rows)) in page
    assert (ROOT / "docs" / "images" / "coverage.png").is_file()
