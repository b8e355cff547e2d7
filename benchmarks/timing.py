"""Two jobs in turn, A B A B …: the ratio is the result, the seconds are this machine's."""

from __future__ import annotations

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Run = Callable[[], object]

LEAST, MOST = 3, 9


@dataclass(frozen=True)
class Pair:
    """Medians of two jobs timed in turn, and of the ratios of one turn each."""

    cpu: float
    other_cpu: float
    wall: float
    other_wall: float
    cpu_ratio: float
    wall_ratio: float


def in_turn(ours: Run, theirs: Run, seconds: float = 3.0) -> Pair:
    """Time both in turn, at least three times each, until `seconds` are spent.

    Turns change who goes first, so that neither always finds the caches of the other.
    """
    turns: list[tuple[float, float, float, float]] = []
    start = time.perf_counter()
    while len(turns) < LEAST or (len(turns) < MOST and time.perf_counter() - start < seconds):
        if len(turns) % 2:
            other_cpu, other_wall = _timed(theirs)
            cpu, wall = _timed(ours)
        else:
            cpu, wall = _timed(ours)
            other_cpu, other_wall = _timed(theirs)
        turns.append((cpu, other_cpu, wall, other_wall))
    return Pair(
        *(statistics.median(column) for column in zip(*turns, strict=True)),
        cpu_ratio=statistics.median(turn[0] / turn[1] for turn in turns),
        wall_ratio=statistics.median(turn[2] / turn[3] for turn in turns),
    )


def peak_of(name: str, path: Path) -> float:
    """Measure one job's memory in an interpreter of its own, in MiB above what it was given."""
    command = [sys.executable, str(Path(__file__).with_name("memory.py")), name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def peak_now() -> int:
    """Give the most memory this process has held, in bytes.

    Linux tells it since it was last forgotten; elsewhere it is since the process began.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """Begin the peak anew from what is held now, where the system can."""
    forget = Path("/proc/self/clear_refs")
    if forget.exists():
        forget.write_text("5")


def _timed(run: Run) -> tuple[float, float]:
    """CPU and wall seconds of one run; what it made is let go outside the clock."""
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    made = run()
    spent = time.process_time() - cpu, time.perf_counter() - wall
    del made
    return spent
