"""A browser and the pages that it opens: `make test-page` says where axe-core is, nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

if "TU_AXE" not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def axe() -> str:
    """Give the script that looks for what keeps people out."""
    return Path(os.environ["TU_AXE"]).read_text(encoding="utf-8")
