"""Memory of rows: kept between blocks, as the count of fresh pages shows."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COME_AND_GO = """
import resource
import numpy as np
from targeted_universalism.read.memory import give_back, keep

def fresh_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        held = [np.full(2**20, 1.0) for _ in range(3)]
        del held
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

first = fresh_pages()
keep()
fresh_pages()
kept = fresh_pages()
give_back()
print(first, kept, fresh_pages())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries keep what they do")
def test_blocks_that_come_and_go_are_kept_until_they_are_given_back() -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own code
        [sys.executable, "-c", COME_AND_GO], capture_output=True, text=True, check=True
    )
    first, kept, after = map(int, done.stdout.split())
    assert kept < first / 10
    assert kept < after
