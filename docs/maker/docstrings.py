"""Lists in docstrings, from schemas and registers.

A docstring asks for one by a line "Columns:", "Rules:", "Findings:" or "Presets:"; whose they are
follows from the name of the function or class. The line becomes the head of a list of points, and
is found again by its words.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator

from maker import columns, rules

from targeted_universalism.segments.columns import SCHEMAS

WIDTH = 100
POINTS = "- "
LISTS: dict[str, tuple[Callable[[str], list[str]], set[str]]] = {
    r"Columns( \(units in brackets\))?:( the `by` columns, and)?": (columns.block, set(SCHEMAS)),
    r"(Rules|Findings|Presets)(, and what they [a-z ]+)?:": (
        rules.block,
        {"allocate", "check", "impact", "inspect", "read_table", "reliability", "suppress"},
    ),
}


def written(source: str) -> str:
    """Give a module with the lists of its docstrings as they should be."""
    lines = source.split("\n")
    if not any(_is_head(line) for line in lines):
        return source
    for name, first, last in reversed(list(_docstrings(source))):
        for i in reversed(range(first, last)):
            for head, (block, names) in LISTS.items():
                if name in names and re.fullmatch(head, lines[i].strip()):
                    lines[i : _end(lines, i)] = _laid_out(block(name), _indent(lines[i]))
    return "\n".join(lines)


def _is_head(line: str) -> bool:
    return any(re.fullmatch(head, line.strip()) for head in LISTS)


def _docstrings(source: str) -> Iterator[tuple[str, int, int]]:
    """Name functions and classes that have a docstring, with the place of its lines, in order."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, kinds)]
    for node in sorted(nodes, key=lambda node: node.lineno):
        if ast.get_docstring(node):
            text = node.body[0]
            yield node.name, text.lineno - 1, int(text.end_lineno or text.lineno)


def _end(lines: list[str], head: int) -> int:
    """Find the end of a list: its head, and points below a blank line, as far in as the head."""
    indent, end = _indent(lines[head]), head + 1
    if not lines[end + 1].startswith(indent + POINTS):
        return end
    end += 1
    while lines[end].startswith((indent + POINTS, f"{indent}  ")):
        end += 1
    return end


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _laid_out(block: list[str], indent: str) -> list[str]:
    laid_out = []
    for line in block:
        more = f"{indent}  " if line.startswith(POINTS) else indent
        laid_out += textwrap.wrap(
            line, WIDTH, initial_indent=indent, subsequent_indent=more, break_on_hyphens=False,
            break_long_words=False,
        ) or [""]  # fmt: skip
    return laid_out
