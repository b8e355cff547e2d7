"""What a page holds, in its order, whatever it is written as: headings, words, tables, pictures.

``contents`` makes a :class:`Page` of an assessment; what writes a file of some suffix reads it, and
nothing else. All text is as it is in the data: whoever writes a file escapes it as the file asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from targeted_universalism.show.pictures.canvas import alt_text
from targeted_universalism.show.pictures.svg import Drawing

# --- words ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Text:
    """Words that are set off from those around them: more strongly, or beside the point."""

    text: str
    strong: bool = True


@dataclass(frozen=True)
class Blank:
    """A line to write on.

    Parameters
    ----------
    what : str
        What belongs there, for those who do not see the line: "owner".
    why : str
        Small words on the line: "not yet assessed".
    """

    what: str
    why: str = ""

    @property
    def text(self) -> str:
        """What is read aloud in its place."""
        return f"{self.what}: not decided yet"

    @property
    def short(self) -> str:
        """The same in a column whose heading says what belongs there."""
        return self.why or "open"


Part: TypeAlias = str | Text | Blank


@dataclass(frozen=True)
class Paragraph:
    """Words in a row; `soft` are smaller than what the page is about."""

    kind: ClassVar[str] = "paragraph"
    parts: tuple[Part, ...]
    soft: bool = False

    @classmethod
    def of(cls, *parts: Part, soft: bool = False) -> Paragraph:
        """Make a paragraph of its parts; empty ones are left out."""
        return cls(tuple(part for part in parts if part), soft)


@dataclass(frozen=True)
class Items:
    """A list; `soft` as in a paragraph."""

    kind: ClassVar[str] = "items"
    items: tuple[str, ...]
    soft: bool = False


@dataclass(frozen=True)
class Terms:
    """What things are called, and what each is."""

    kind: ClassVar[str] = "terms"
    pairs: tuple[tuple[str, str], ...]


# --- tables ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """The heading of a column; numbers stand to the right; `spared` goes where it is empty."""

    name: str
    number: bool = False
    spared: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and small lines under it."""

    part: Part
    small: tuple[str, ...] = ()

    @classmethod
    def of(cls, part: Part, *small: str) -> Cell:
        """Make a cell; empty small lines are left out."""
        return cls(part, tuple(line for line in small if line))


@dataclass(frozen=True)
class Row:
    """One line of a table; its first cell is its heading, and `total` sets it off."""

    cells: tuple[Cell, ...]
    total: bool = False

    def of_columns(self, kept: Sequence[int]) -> Row:
        """Keep the cells of some columns."""
        return replace(self, cells=tuple(self.cells[i] for i in kept))


@dataclass(frozen=True)
class Rows:
    """Rows under a heading of their own across the table; without one if it is empty."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Parameters
    ----------
    caption : str
        What it holds.
    columns : tuple of Column
        As many as every row has cells.
    groups : tuple of Rows
        Its rows.
    label : str
        What it is called where it is one of several: "Table: county Inyo".
    wide : bool
        Whether it has many columns of words.
    notes : tuple of str
        What stands below it.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    groups: tuple[Rows, ...]
    label: str
    wide: bool = False
    notes: tuple[str, ...] = ()

    def without_empty_columns(self) -> Table:
        """Leave out those of its columns that can be spared where they say nothing in any row."""
        rows = [row.cells for group in self.groups for row in group.rows]
        kept = [
            i for i, column in enumerate(self.columns)
            if not column.spared or any(cells[i].part or cells[i].small for cells in rows)
        ]  # fmt: skip
        groups = (
            Rows(group.heading, tuple(row.of_columns(kept) for row in group.rows))
            for group in self.groups
        )
        columns = tuple(self.columns[i] for i in kept)
        return replace(self, columns=columns, groups=tuple(groups))


# --- pictures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """A picture: what it is called, and its drawing, which says itself in words."""

    kind: ClassVar[str] = "picture"
    label: str
    drawing: Drawing

    @property
    def alt(self) -> str:
        """The same in words, as a screen shows it."""
        return alt_text(self.drawing.axes)


# --- sections -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """Blocks under a heading; sections inside it have headings of the next level.

    Parameters
    ----------
    heading : str
        Empty where it goes without one.
    blocks : tuple of Block
        What stands in it.
    role : str
        How it is set: "goal", "first" (what is read on one screen), "sheet" (prints on paper of
        its own), "stratum", "step", "open"; nothing else.
    """

    kind: ClassVar[str] = "section"
    heading: str
    blocks: tuple[Block, ...]
    role: str = ""


@dataclass(frozen=True)
class Beside:
    """Sections that stand side by side where there is room, else one after the other."""

    kind: ClassVar[str] = "beside"
    sections: tuple[Section, ...]


Block: TypeAlias = Paragraph | Items | Terms | Table | Picture | Section | Beside


@dataclass(frozen=True)
class Page:
    """All of it.

    Parameters
    ----------
    title : str
        What is measured, and where, if that is one place.
    signed : str
        Who wrote it where and when; empty where nothing says.
    sections : tuple of Section
        In their order; those with a heading make the list of contents.
    author, date : str
        Who wrote it and when, as it was said; for what a file says of itself.
    """

    title: str
    signed: str
    sections: tuple[Section, ...]
    author: str = ""
    date: str = ""

    @property
    def headings(self) -> tuple[str, ...]:
        """The list of contents: nothing where the page is short."""
        named = tuple(one.heading for one in self.sections if one.heading)
        strata = sum(one.role in ("stratum", "sheet") for one in self.sections)
        return named if strata > 1 else ()

    @property
    def opening(self) -> int:
        """How many sections are read on one screen: the list of contents stands after them."""
        return sum(one.role in ("goal", "first") for one in self.sections)

    def pictures(self) -> Iterator[Picture]:
        """Give all pictures in their order."""
        yield from _pictures(self.sections)


def _pictures(blocks: tuple[Block, ...]) -> Iterator[Picture]:
    for block in blocks:
        if isinstance(block, Picture):
            yield block
        elif isinstance(block, Section):
            yield from _pictures(block.blocks)
        elif isinstance(block, Beside):
            yield from _pictures(block.sections)
