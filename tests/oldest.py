"""Write the oldest versions that pyproject.toml supports, one a line, as pip's constraints.

`numpy>=2.0` becomes `numpy==2.0.*`, so that pyproject.toml stays the one place where they stand.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

# What the oldest releases stand on without saying how new it may be.
COMPANIONS = ("pyparsing<3.3",)  # later ones warn of names that matplotlib 3.9 uses
BOUND = re.compile(r"(?P<name>[\w.-]+)(\[[\w,-]+\])?>=(?P<version>[\d.]+)")


def oldest(requirements: list[str]) -> list[str]:
    """Turn lower bounds into pins; what has no lower bound stays free."""
    found = [BOUND.match(line.replace(" ", "")) for line in requirements]
    return [f"{bound['name']}=={bound['version']}.*" for bound in found if bound]


def supported(pyproject: Path) -> list[str]:
    """Read what the library needs, and what its tests need beside it."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    pins = [*oldest(supported(root / "pyproject.toml")), *COMPANIONS]
    sys.stdout.write("\n".join(pins) + "\n")
