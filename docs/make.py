"""Makes what pages, docstrings and pictures say of the code, from the code: ``make docs``.

``python docs/make.py`` writes pages and docstrings and draws the pictures; ``--pages`` leaves the
pictures out; ``--check`` names what is out of date, pictures by their words, and writes nothing;
``--coverage`` computes the four pages of coverage, which takes minutes.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

from maker import columns, docstrings, house, measures, rules

DOCS = Path(__file__).resolve().parent
SOURCE = DOCS.parent / "src"
PICTURES = ("maker/pictures.py",)
COVERAGE = (
    "maker/coverage_of_intervals.py",
    "maker/coverage_of_comparisons.py",
    "maker/coverage_of_measures.py",
    "maker/coverage_of_trends.py",
)

# Parts of pages, between markers that name them.
PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("table.md", "the table"): columns.the_table,
    ("table.md", "other tables"): columns.other_tables,
    ("measures.md", "measures"): measures.tables,
    ("reliability.md", "rules"): rules.of_reliability,
    ("publish-safely.md", "rules"): rules.of_suppression,
    ("comparing.md", "rules"): rules.of_impact,
    ("from-a-gap-to-a-budget.md", "rules"): rules.of_allocation,
    ("reading-files.md", "presets"): rules.of_presets,
    ("reading-files.md", "changes"): rules.of_changes,
    ("plans.md", "findings"): rules.of_plans,
    ("plans.md", "stances"): rules.of_stances,
    ("house.md", "floors"): house.floors,
    ("house.md", "promises"): house.promises,
    ("house.md", "rooms"): house.rooms,
}


def written(page: str, name: str, part: str) -> str:
    """Give a page with one of its parts, between its markers, as it should be."""
    begin, end = f"<!-- made by make docs: {name} -->", f"<!-- end: {name} -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n\n{part}\n\n{end}{rest.split(end)[1]}"


def made() -> dict[Path, str]:
    """Give every file that is made, or has parts that are, as it should be."""
    files = {DOCS / "images" / "house.svg": house.picture()}
    for (name, part), make in PARTS.items():
        page = DOCS / name
        text = files.get(page) or page.read_text(encoding="utf-8")
        files[page] = written(text, part, make())
    for module in sorted(SOURCE.rglob("*.py")):
        files[module] = docstrings.written(module.read_text(encoding="utf-8"))
    return files


def out_of_date() -> dict[Path, str]:
    """Give the files that are not as they should be, as they should be."""
    return {
        path: text
        for path, text in made().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(option: str = "") -> int:
    """Do what the option says; 1 where something is out of date and was not written."""
    old = {} if option == "--coverage" else out_of_date()
    for path, text in old.items():
        print(path.relative_to(DOCS.parent))
        if option != "--check":
            path.write_text(text, encoding="utf-8")
    pictures = _old_pictures() if option == "--check" else []
    for path in pictures:
        print(path.relative_to(DOCS.parent))
    for script in {"--coverage": COVERAGE, "": PICTURES}.get(option, ()):
        runpy.run_path(str(DOCS / script), run_name="__main__")
    return int(option == "--check" and bool(old or pictures))


def _old_pictures() -> list[Path]:
    """Give the pictures that say what is no longer so; matplotlib loads when it is asked."""
    from maker import pictures  # noqa: PLC0415

    return pictures.out_of_date()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
