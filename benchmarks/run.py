"""Time the jobs beside their peers and put the ratios into docs/benchmarks.md: `make bench`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import cores

if __name__ == "__main__" and "--cores" in sys.argv:  # before any library counts them
    cores.hold_to(int(sys.argv[sys.argv.index("--cores") + 1]))

import data
from report import heading, keep, table
from suite import (
    FILES,
    FRAMES,
    Line,
    answer_tables,
    beside,
    effort_tables,
    growth,
    outcomes,
    small_tables,
)

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
FILES_FOLDER = ROOT / "out" / "benchmarks"
MOST_IN_MEMORY = 30_000_000


def main() -> None:
    """Run one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--cores", type=int, help="how many cores both sides may use")
    rows = parser.parse_args().rows
    paths = {n: _file(n) for n in (rows // 4, rows // 2, rows)}
    parts = list(_parts(rows, paths))
    keep(PAGE, rows, "\n".join([heading(rows), *parts]))
    print(f"Kept in {PAGE.relative_to(ROOT)}.")


def _parts(rows: int, paths: dict[int, Path]) -> Iterator[str]:
    if rows <= MOST_IN_MEMORY:
        yield _part("From a frame in memory", beside(FRAMES, paths[rows]))
        yield _part("On 1, 2 and all cores", cores.curve(paths[rows]))
    yield _part("From a Parquet file", beside(FILES, paths[rows]))
    yield _part("Cost of one row, and memory, as rows grow", growth(paths))
    if rows <= MOST_IN_MEMORY:
        yield _part("Many outcomes in one pass", outcomes(paths[rows // 4]))
        yield _part("Whatever the number of rows", small_tables())
        yield _part("Effort, allocations and joint intervals", effort_tables())
        yield _part("Answers beside answers", answer_tables())


def _part(title: str, lines: Iterable[Line]) -> str:
    return f"### {title}\n\n{table(_shown(lines))}"


def _shown(lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        cpu, wall = line.ratios
        print(f"{line.ours:55} {line.theirs:42} CPU {cpu:7.3f}× wall {wall:7.3f}×", flush=True)
        yield line


def _file(rows: int) -> Path:
    FILES_FOLDER.mkdir(parents=True, exist_ok=True)
    path = FILES_FOLDER / f"people-{data.SEED}-{rows}.parquet"
    return path if path.exists() else data.write_parquet(path, rows)


if __name__ == "__main__":
    sys.exit(main())
