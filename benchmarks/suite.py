"""What is set beside what, and the goal of each ratio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import answers
import county_table
import effort
import fairness
import inequality
from agreement import check
from jobs import JOBS, Inputs, several_outcomes
from timing import Pair, in_turn, peak_of


@dataclass(frozen=True)
class Beside:
    """One comparison that is asked for: two jobs, and what their ratio is to be.

    `goal` is the most that ours may take of the other's time, by the clock named in `by`.
    """

    ours: str
    theirs: str
    goal: float | None = None
    by: str = "cpu"
    memory_goal: float | None = None


@dataclass(frozen=True)
class Line:
    """One line of a table: a comparison with what was measured."""

    ours: str
    theirs: str
    pair: Pair
    memory: float | None = None
    other_memory: float | None = None
    goal: float | None = None
    by: str = "cpu"
    memory_goal: float | None = None
    per_row: float = 1.0

    @property
    def ratios(self) -> tuple[float, float]:
        """Ours to theirs, for one row each: CPU and wall."""
        return self.pair.cpu_ratio * self.per_row, self.pair.wall_ratio * self.per_row

    @property
    def met(self) -> bool | None:
        """Tell whether every goal is met; None without one."""
        cpu, wall = self.ratios
        tests = []
        if self.goal is not None:
            tests.append((cpu if self.by == "cpu" else wall) <= self.goal)
        if self.memory_goal is not None and self.memory is not None:
            tests.append(self.memory <= self.memory_goal)
        return all(tests) if tests else None


def _frames(kind: str) -> list[Beside]:
    return [
        Beside(f"ours on pandas, T1 {kind}", f"pandas, T1 {kind}", 1 / 6),
        Beside(f"ours on polars, T1 {kind}", f"polars, T1 {kind}"),
        Beside(f"ours on Arrow, T1 {kind}", f"DuckDB, T1 {kind}"),
        Beside(f"ours on Arrow, T1 {kind}", f"pyarrow, T1 {kind}"),
        Beside(f"ours on Arrow, T1 {kind}", f"reading, T1 {kind}", 2.0),
        Beside(f"ours to a.table, T1 {kind}", f"pandas, T1 {kind}"),
        Beside(f"ours on pandas, T2 {kind}", f"pandas per combination, T2 {kind}", 0.1),
        Beside(f"ours on pandas, T2 {kind}", f"pandas finest + roll-up, T2 {kind}", 0.2),
        Beside(f"ours on polars, T2 {kind}", f"polars per combination, T2 {kind}", 0.5, "wall"),
        Beside(f"ours on polars, T2 {kind}", f"polars finest + roll-up, T2 {kind}", 0.5, "wall"),
        Beside(f"ours on Arrow, T2 {kind}", f"DuckDB, T2 {kind}", 0.5, "wall"),
    ]


def _files(kind: str) -> list[Beside]:
    lines = []
    for task, cpu, memory in (("T1", 2.7, 600.0), ("T2", None, 1024.0)):
        ours = f"ours on the file, {task} {kind}"
        lines += [
            Beside(ours, f"decoding, {task} {kind}", cpu, memory_goal=memory),
            Beside(ours, f"DuckDB on the file, {task} {kind}"),
            Beside(ours, f"polars on the file, {task} {kind}"),
        ]
    return lines


FRAMES = [*_frames("plain"), *_frames("weighted")]
FILES = [*_files("plain"), *_files("weighted")]
# Goals are set for this many rows and more: with fewer, ten million cells weigh more than the rows.
GOAL_ROWS = 20_000_000
GROWING = ("ours on the file, T1 weighted", "ours on the file, T2 plain")


def beside(wanted: list[Beside], path: Path) -> Iterator[Line]:
    """Check that two jobs agree, time them in turn, and measure the memory of each."""
    inputs = Inputs(path)
    for one in wanted:
        _check(one, inputs)
        pair = in_turn(lambda: JOBS[one.ours](inputs), lambda: JOBS[one.theirs](inputs))  # noqa: B023
        memory = _peak(one.ours, path), _peak(one.theirs, path)
        line = Line(one.ours, one.theirs, pair, *memory, one.goal, one.by, one.memory_goal)
        yield _with_goal(line, inputs.rows)


def growth(paths: Mapping[int, Path]) -> Iterator[Line]:
    """Hold the cost per row, and the memory, of fewer rows against those of all."""
    most = max(paths)
    for name in GROWING:
        for rows in sorted(paths)[:-1]:
            all_rows, fewer = Inputs(paths[most]), Inputs(paths[rows])
            pair = in_turn(lambda: JOBS[name](all_rows), lambda: JOBS[name](fewer))  # noqa: B023
            memory = _peak(name, paths[most]), _peak(name, paths[rows])
            line = Line(
                f"{name}, {most:,} rows", f"{rows:,} rows", pair, *memory, 1.1,
                memory_goal=1.1 * memory[1], per_row=rows / most,
            )  # fmt: skip
            yield _with_goal(line, most)


def _with_goal(line: Line, rows: int) -> Line:
    return line if rows >= GOAL_ROWS else replace(line, goal=None, memory_goal=None)


def outcomes(path: Path) -> Iterator[Line]:
    """Hold the cost of one outcome among many against that of one alone."""
    rows = Inputs(path).arrow
    for many in (5, 20):
        pair = in_turn(partial(several_outcomes, rows, many), partial(several_outcomes, rows, 1))
        yield Line(
            f"ours on Arrow, T1 plain, each of {many} outcomes, {len(rows):,} rows", "1 outcome",
            pair, per_row=1 / many,
        )  # fmt: skip


def small_tables() -> Iterator[Line]:
    """Time what does not depend on the number of rows asked for."""
    rows = fairness.people()
    fairness.check(rows)
    pair = in_turn(lambda: fairness.ours(rows), lambda: fairness.metric_frame(rows))
    yield Line(f"from_records, {len(rows):,} rows, year × race", "fairlearn MetricFrame", pair)
    jobs, peer = county_table.jobs()
    for name, job in jobs.items():
        yield Line(f"{name}, county table", "pandas group-by and sum", in_turn(job, peer, 3.0))
    yield from _of(inequality.jobs())


def effort_tables() -> Iterator[Line]:
    """Time what says how many, for whom and with what certainty, whatever number of rows it was."""
    yield from _of(effort.jobs())


def answer_tables() -> Iterator[Line]:
    """Time answers beside others that should cost as much."""
    yield from _of(answers.jobs())


def _of(jobs: Iterable[inequality.Job]) -> Iterator[Line]:
    for one in jobs:
        pair = in_turn(one.ours, one.theirs, 3.0)
        yield Line(one.name, one.other_name, pair, goal=one.goal, per_row=one.per_row)


@cache
def _peak(name: str, path: Path) -> float:
    return peak_of(name, path)


def _check(one: Beside, inputs: Inputs) -> None:
    if one.ours.startswith("ours to") or one.theirs.startswith(("reading", "decoding")):
        return
    ours, theirs = JOBS[one.ours](inputs), JOBS[one.theirs](inputs)
    check(ours, theirs, weighted=one.ours.endswith("weighted"))
