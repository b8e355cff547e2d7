"""Columns of every table, from their schemas: the page of tables, and lists in docstrings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from targeted_universalism.segments.columns import SCHEMAS, TABLE, Column, Schema

UNIT = {"per": "`per`"}


def the_table() -> str:
    """Give the columns of ``a.table``."""
    return _table(TABLE)


def other_tables() -> str:
    """Give the columns of every other table, call by call."""
    return "\n\n".join(
        f"### `{schema.call}`\n\n{schema.rows}\n\n{_table(schema)}"
        for schema in SCHEMAS.values()
        if schema is not TABLE
    )


def block(name: str) -> list[str]:
    """Give the lines of a docstring's list: a head, and a point for each kind of column."""
    schema = SCHEMAS[name]
    head = f"Columns (units in brackets):{' the `by` columns, and' if schema.by else ''}"
    return [head, "", *(f"- {_point(alike)}" for alike in _alike(schema))]


def _alike(schema: Schema) -> list[Sequence[Column]]:
    """Put neighbours together that differ by their name alone."""
    columns = (*schema.keys, *schema.columns)
    return [list(group) for _, group in groupby(columns, key=lambda c: (c.type, c.unit, c.doc))]


def _point(columns: Sequence[Column]) -> str:
    names = ", ".join(f"``{column.name}``" for column in columns)
    unit = {"": "", "per": " (``per``)"}.get(columns[0].unit, f" ({columns[0].unit})")
    return f"{names}{unit}: {columns[0].doc}"


def _table(schema: Schema) -> str:
    by = "| your `by` columns | | | the stratum; missing in a roll-up. Whole numbers stay numbers |"
    lines = ["| column | type | unit | what it holds |", "|---|---|---|---|"]
    return "\n".join([*lines, *([by] if schema.by else []), *map(_row, _alike(schema))])


def _row(columns: Sequence[Column]) -> str:
    first = columns[0]
    names = ", ".join(f"`{column.name}`" for column in columns)
    return f"| {names} | {first.type} | {UNIT.get(first.unit, first.unit)} | {first.doc} |"
