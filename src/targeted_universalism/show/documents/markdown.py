"""A page as GitHub-flavoured Markdown, with its pictures in a folder beside it.

Text is escaped as CommonMark 0.31 and the tables and links of GitHub's specification ask, so that
nothing in the data is taken for markup.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from targeted_universalism.errors import InputError
from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.content import (
    Beside,
    Blank,
    Block,
    Cell,
    Items,
    Page,
    Paragraph,
    Part,
    Picture,
    Row,
    Section,
    Table,
    Terms,
    Text,
)
from targeted_universalism.show.letters import held_by_xml, unbroken

_DEEPEST = 6
_MARKS = re.compile(r"([\\`*_\[\]<>|~^{}$#])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_ADDRESS = re.compile(r"(:(?=//)|(?<=www)\.)", re.IGNORECASE)  # what becomes a link by itself
_BREAKS = re.compile("[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
_BULLET = re.compile(r"^(?=[-+](?:[\s-]|$))")
_NUMBER = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_OURS = re.compile(r"picture-[0-9a-f]{16}\.svg")


# --- files ----------------------------------------------------------------------------------------


def write(page: Page, path: Path) -> Path:
    """Write a page, and its pictures into the folder ``NAME_files`` beside it.

    Parameters
    ----------
    page : Page
        What it holds.
    path : Path
        Where it is to stand.

    Notes
    -----
    Pictures are named by what they show, so that an older page keeps its own until it is replaced;
    then those that it left are removed, as they may show what is no longer public.
    """
    folder = path.resolve().with_name(f"{path.resolve().stem}_files")
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file: the pictures of {path.name!r} go there.")
    made = _Markdown(folder.name)
    text = "\n\n".join(made.page(page)) + "\n"
    new = [name for name in made.pictures if not (folder / name).exists()]
    try:
        _put(folder, made.pictures)
        write_whole(path, lambda place: place.write_text(text, encoding="utf-8", newline="\n"))
    except BaseException:
        _remove(folder, new)
        raise
    _remove(folder, [name for name in _ours(folder) if name not in made.pictures])
    return path


def _put(folder: Path, pictures: Mapping[str, bytes]) -> None:
    """Write pictures into a folder, which is made if there are any."""
    try:
        if pictures:
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{str(folder)!r} cannot be written: {error}") from None
    for name, data in pictures.items():
        write_whole(folder / name, lambda place, data=data: place.write_bytes(data))  # type: ignore[misc]


def _ours(folder: Path) -> list[str]:
    """Name the pictures of pages in a folder, which may hold other things."""
    there = folder.iterdir() if folder.is_dir() else ()
    return [one.name for one in there if _OURS.fullmatch(one.name)]


def _remove(folder: Path, names: Iterable[str]) -> None:
    """Remove pictures, and their folder where nothing else is in it."""
    for name in names:
        (folder / name).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


# --- text -----------------------------------------------------------------------------------------


def _inline(text: str) -> str:
    """Escape text that stands within a line; a line that breaks in it is one line."""
    text = unbroken(_BREAKS.sub(" ", held_by_xml(text)))
    text = _ENTITY.sub(r"\\&", _MARKS.sub(r"\\\1", text))
    return _ADDRESS.sub(r"\\\1", text)


def _line(words: str) -> str:
    """Escape what would make a list of a line that begins with it."""
    return _NUMBER.sub(r"\1\\", _BULLET.sub(r"\\", words.strip(" ")))


def _strong(text: str) -> str:
    """Set text off; the marks stand at letters, as no blank of any kind may be next to them."""
    words = _inline(text)
    bare = words.strip()
    return words.replace(bare, f"**{bare}**", 1) if bare else words


def _words(parts: Sequence[Part], bold: bool = False) -> str:
    """Put parts together; those set off are bold where the letters around them let them be."""
    raw = [part if isinstance(part, str) else part.text for part in parts]
    made = []
    for i, part in enumerate(parts):
        around = "".join(raw[:i])[-1:] + "".join(raw[i + 1 :])[:1]
        strong = bold or (isinstance(part, Text) and part.strong)
        if isinstance(part, Blank):
            made.append(f"*{_inline(part.text)}*{_inline(f' ({part.why})' if part.why else '')} ")
        elif strong and not any(map(str.isalnum, around)):
            made.append(_strong(raw[i]))
        else:
            made.append(_inline(raw[i]))
    return "".join(made).strip(" ")


def slug(heading: str) -> str:
    """Give the anchor that GitHub makes of a heading: small letters, marks and digits, "-".

    Examples
    --------
    >>> slug("What is hidden: Del Norte, 2021 – हिन्दी")
    'what-is-hidden-del-norte-2021--हिन्दी'

    """
    kept = (
        letter
        for letter in held_by_xml(heading).strip().lower()
        if letter in "- " or unicodedata.category(letter)[0] in "LMN" or letter == "_"
    )
    return "".join(kept).replace(" ", "-")


# --- blocks ---------------------------------------------------------------------------------------


@dataclass(eq=False)
class _Markdown:
    """A page in the making: `folder` holds its pictures, which are kept by name."""

    folder: str
    pictures: dict[str, bytes] = field(default_factory=dict)

    def page(self, page: Page) -> Iterator[str]:
        """Give its blocks."""
        yield f"# {_inline(page.title).strip(' ')}"
        if page.signed:
            yield _line(_inline(page.signed))
        if page.headings:
            yield _contents(page)
        for section in page.sections:
            yield from self.block(section, 2)

    def block(self, one: Block, level: int) -> Iterator[str]:
        """Give a block; `level` is that of its headings."""
        if isinstance(one, Section):
            if one.heading:
                yield f"{'#' * min(level, _DEEPEST)} {_inline(one.heading).strip(' ')}"
            for some in one.blocks:
                yield from self.block(some, level + 1)
        elif isinstance(one, Beside):
            for section in one.sections:
                yield from self.block(section, level)
        else:
            yield self._picture(one) if isinstance(one, Picture) else _leaf(one)

    def _picture(self, one: Picture) -> str:
        data = one.drawing.svg().encode("utf-8")
        name = f"picture-{hashlib.sha256(data).hexdigest()[:16]}.svg"
        self.pictures[name] = data
        return f"![{_inline(one.alt).strip(' ')}]({quote(os.fsencode(f'{self.folder}/{name}'))})"


def _contents(page: Page) -> str:
    """List the headings, each a link to its anchor on GitHub; those that are alike are counted."""
    seen = {slug(unbroken(page.title)): 1}
    lines = []
    for heading, listed in _headings(page.sections):
        anchor = slug(unbroken(heading))
        again = seen.get(anchor, 0)
        seen[anchor] = again + 1
        to = quote(f"{anchor}-{again}" if again else anchor)
        lines += [f"- [{_inline(heading).strip(' ')}](#{to})"] if listed else []
    return "\n".join(lines)


def _headings(blocks: Sequence[Block], listed: bool = True) -> Iterator[tuple[str, bool]]:
    """Give every heading, and whether the contents list it."""
    for block in blocks:
        if isinstance(block, Beside):
            yield from _headings(block.sections, listed)
        elif isinstance(block, Section):
            if block.heading:
                yield block.heading, listed
            yield from _headings(block.blocks, listed=False)


def _leaf(one: Paragraph | Items | Terms | Table) -> str:
    """Give a block that holds no other."""
    if isinstance(one, Paragraph):
        return _line(_words(one.parts))
    if isinstance(one, Items):
        return "\n".join(f"- {_line(_inline(text))}" for text in one.items)
    if isinstance(one, Table):
        notes = (_line(_inline(words)) for words in one.notes)
        return "\n\n".join([_line(_strong(one.caption)), _table(one), *notes])
    pairs = ((_strong(f"{name}:"), _inline(words)) for name, words in one.pairs)
    return "\n".join(f"- {name} {words}".rstrip() for name, words in pairs)


def _table(one: Table) -> str:
    heads = [_inline(column.name) for column in one.columns]
    sides = ["---:" if column.number else "---" for column in one.columns]
    lines = [heads, sides]
    for group in one.groups:
        if group.heading:
            lines.append([_strong(group.heading), *[""] * (len(heads) - 1)])
        lines += [[_cell(row, cell) for cell in row.cells] for row in group.rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(row: Row, cell: Cell) -> str:
    """Give a cell as one line: what it says, and its small lines in brackets."""
    words = _words([cell.part], bold=row.total)
    small = _inline("; ".join(cell.small)).strip(" ")
    return f"{words} ({small})".strip(" ") if small else words
