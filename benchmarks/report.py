"""Lines become a Markdown table; a page keeps one part for each size that was run."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from cores import available
from suite import Line

BEGIN, END = "<!-- benchmarks: made by make bench -->", "<!-- benchmarks: end -->"
PACKAGES = ("numpy", "pandas", "narwhals", "pyarrow", "polars", "duckdb", "fairlearn")
_HEAD = """\
| ours | beside | CPU | wall | CPU s | wall s | extra MiB | goal | met |
|---|---|---:|---:|---:|---:|---:|---|---|
"""


def table(lines: Iterable[Line]) -> str:
    """Write lines as a Markdown table."""
    return _HEAD + "\n".join(map(_row, lines)) + "\n"


def heading(rows: int) -> str:
    """Say how many rows, and where and when they were run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"## {rows:,} rows\n\n`make bench SIZE={rows}`, {datetime.date.today()}: "
        f"{_cpu_model()}, {available()} of {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}; load {os.getloadavg()[0]:.1f} at the end. "
        f"Python {platform.python_version()}, {versions}.\n"
    )


def keep(page: Path, rows: int, part: str) -> None:
    """Put one size's part into the page, in order of size; the others stay."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    made, after = rest.split(END)
    found = re.split(r"^## ([\d,]+) rows\n", made, flags=re.MULTILINE)[1:]
    parts = {
        int(size.replace(",", "")): f"## {size} rows\n{text}".strip()
        for size, text in zip(found[::2], found[1::2], strict=True)
    }
    parts[rows] = part.strip()
    body = "\n\n".join(parts[size] for size in sorted(parts))
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def _row(line: Line) -> str:
    cpu, wall = line.ratios
    pair = line.pair
    met = {None: "", True: "yes", False: "**no**"}[line.met]
    cells = [
        line.ours, line.theirs, f"{cpu:.2g}×", f"{wall:.2g}×",
        f"{pair.cpu:.3g} / {pair.other_cpu:.3g}", f"{pair.wall:.3g} / {pair.other_wall:.3g}",
        _memory(line), _goal(line), met,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _memory(line: Line) -> str:
    if line.memory is None or line.other_memory is None:
        return ""
    return f"{line.memory:,.0f} / {line.other_memory:,.0f}"


def _goal(line: Line) -> str:
    goals = [] if line.goal is None else [f"{line.by} ≤ {line.goal:.2g}×"]
    if line.memory_goal is not None:
        goals.append(f"≤ {line.memory_goal:,.0f} MiB")
    return ", ".join(goals).replace("cpu", "CPU")


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
