"""Shared settings: hypothesis profiles, which tests are on real data, and where those lie."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

mpl.use("Agg")

# How many examples a law is tried on: while at work, before a commit, at length, and in a night.
PROFILES = {"brief": 8, "quick": 10, "full": 250, "deep": 2000}
for name, examples in PROFILES.items():
    settings.register_profile(
        name, max_examples=examples, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("TU_SHARED", ROOT.parent / "shared"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while thousands of tests are collected, nor among them afterwards.

    A search among all of them takes a second of CPU. Before they are frozen a law is tried: the
    first one makes hypothesis look who holds its random numbers, and it sees nothing frozen.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        _first_law()
        gc.freeze()
        gc.enable()


@settings(max_examples=1, database=None)
@given(st.none())
def _first_law(_: None) -> None:
    """Hold."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that reads the folder of real data, whichever fixture it reads it by.

    What starts interpreters takes seconds: it comes first, so that no core waits for it at the end.
    """
    items.sort(key=lambda item: item.path.name != "test_docs.py")
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail what is skipped on real data although they are there."""
    report = yield
    if report.skipped and "real" in item.keywords and REAL.is_dir():
        report.outcome, report.longrepr = "failed", f"skipped although {REAL} is there"
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real public data and published examples, or skip."""
    if not REAL.is_dir():
        pytest.skip(f"no shared data at {REAL} (set TU_SHARED)")
    return REAL


@pytest.fixture(scope="session")
def sample() -> Path:
    """Return the folder of sample data that ships with the project."""
    return ROOT / "data" / "sample"
