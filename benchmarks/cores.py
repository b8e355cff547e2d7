"""Two jobs in turn on a number of cores: a process of its own that may use no more.

A library asks for the cores there are when it is imported, so the process is held to them first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite import Line

# What polars reads, and the thread pools below numpy and Arrow; ours asks for the cores it may use.
_VARIABLES = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
PAIRS = tuple(
    (f"ours on Arrow, {task} {kind}", f"{peer}, {task} {kind}")
    for task, second in (("T1", "polars"), ("T2", "polars finest + roll-up"))
    for kind in ("plain", "weighted")
    for peer in ("DuckDB", second)
)


def hold_to(cores: int) -> None:
    """Let this process, and those it starts, use so many cores; before anything is imported."""
    for name in _VARIABLES:
        os.environ[name] = str(cores)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    else:
        os.environ["TU_THREADS"] = str(cores)


def available() -> int:
    """Give the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def curve(path: Path) -> Iterator[Line]:
    """Hold ours against others on 1, 2 and all cores."""
    from suite import Line
    from timing import Pair

    for cores in sorted({1, min(2, available()), available()}):
        for ours, theirs in PAIRS:
            command = [sys.executable, __file__, str(cores), ours, theirs, str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            pair = Pair(*map(float, done.stdout.split()))
            yield Line(f"{ours}, {cores} core{'s' * (cores > 1)}", theirs, pair)


def _measure(ours: str, theirs: str, path: Path) -> None:
    from jobs import JOBS, Inputs
    from timing import in_turn

    inputs = Inputs(path)
    pair = in_turn(lambda: JOBS[ours](inputs), lambda: JOBS[theirs](inputs))
    print(
        pair.cpu, pair.other_cpu, pair.wall, pair.other_wall, pair.cpu_ratio, pair.wall_ratio
    )  # fmt: skip


if __name__ == "__main__":
    hold_to(int(sys.argv[1]))
    _measure(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
