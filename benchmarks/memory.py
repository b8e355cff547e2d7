"""Run one job in an interpreter of its own and print the memory it took, in MiB.

What counts is the peak above the imports and the frame that the job is given.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pyarrow as pa
from jobs import JOBS, Inputs
from timing import forget_peak, peak_now

FORMS = {
    "ours on Arrow": "arrow", "ours to a.table": "arrow", "pyarrow": "arrow",
    "ours on pandas": "pandas", "pandas": "pandas", "pandas per combination": "pandas",
    "pandas finest + roll-up": "pandas", "ours on polars": "polars", "polars": "polars",
    "polars per combination": "polars", "polars finest + roll-up": "polars", "DuckDB": "duckdb",
}  # fmt: skip


def main(name: str, path: Path) -> None:
    """Prepare the frame, forget what that took, run the job."""
    inputs = Inputs(path)
    form = FORMS.get(name.split(",", maxsplit=1)[0])
    if form is not None:
        getattr(inputs, form)
        if form != "arrow":
            inputs.__dict__.pop("arrow", None)
    gc.collect()
    pa.default_memory_pool().release_unused()
    forget_peak()
    before = peak_now()
    made = JOBS[name](inputs)
    print((peak_now() - before) / 2**20)
    del made


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
