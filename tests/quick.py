"""Run the tests of the rooms that a change touches, and the laws: ``make quick``.

A change is what the working tree has and ``main`` had not when this branch left it; on ``main``
itself, what is not committed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "src/targeted_universalism/"
LAWS = ("tests/fuzz/test_fuzz.py", "tests/laws/test_laws.py", "tests/test_public_names.py")
# Folders whose tests do not stand in a folder of the same name.
ELSEWHERE = {
    "benchmarks": ("tests/test_benchmark_data.py",),
    "data": ("tests/published/test_sample_data.py",),
    "docs": ("tests/test_public_names.py",),
}


def git(*words: str) -> list[str]:
    """Ask git; no line where it has no answer."""
    asked = ["git", "-C", str(ROOT), *words]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.splitlines() if done.returncode == 0 else []


def changed() -> list[str]:
    """Name the files that differ from where this branch left main, and the new ones."""
    (start,) = git("merge-base", "HEAD", "main") or ["HEAD"]
    return [
        *git("diff", "--name-only", start),
        *git("ls-files", "--others", "--exclude-standard"),
    ]


def tests_of(file: str) -> Iterator[str]:
    """Name the tests of one changed file: its own, its room's, and the laws."""
    name = Path(file).name
    if file.startswith("tests/"):
        yield from [file] if name.startswith("test_") and name.endswith(".py") else LAWS
    elif file.startswith(PACKAGE):
        room = Path(file.removeprefix(PACKAGE)).parts[0]
        yield from (f"tests/{room}", *LAWS)
    else:
        yield from ELSEWHERE.get(Path(file).parts[0], ())


def touched(files: Iterable[str], root: Path = ROOT) -> list[str]:
    """Name the tests to run, each once, and none inside a folder that is run whole."""
    found = sorted({test for file in files for test in tests_of(file) if (root / test).exists()})
    return [test for test in found if str(Path(test).parent) not in found]


def main(options: list[str]) -> int:
    """Run them."""
    paths = touched(changed())
    if not paths:
        sys.stdout.write("No room is touched: nothing to run.\n")
        return 0
    sys.stdout.write(f"Tests of what is touched: {', '.join(paths)}\n")
    return pytest.main([*options, *(str(ROOT / path) for path in paths)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
