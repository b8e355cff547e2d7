"""A page as a document for word processors: headings by styles, real tables, alt text, no macro."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.shared import Emu, Inches

from targeted_universalism.segments.writing import write_whole
from targeted_universalism.show.archives import write_archive
from targeted_universalism.show.content import (
    Beside,
    Block,
    Items,
    Page,
    Paragraph,
    Picture,
    Section,
    Table,
    Terms,
    Text,
)
from targeted_universalism.show.documents.looks import empty, room, turn
from targeted_universalism.show.documents.markup import (
    TWIPS,
    bookmarked,
    element,
    link,
    paragraph,
)
from targeted_universalism.show.documents.tables import needs_width, table
from targeted_universalism.show.letters import held_by_xml

_DEEPEST = 4
_MOST_COLUMNS, _BETWEEN = 3, 0.3  # of paper, and inches between two
# Of the height of the paper: what a picture takes at most, so that words stand over it, and what
# is left where it goes on.
_UNDER, _WHOLE = 0.75, 0.97


def write(page: Page, path: Path) -> Path:
    """Write a page to a file, whole or not at all: the same bytes for the same page."""
    document = empty(page)
    _Writer(document).page(page)
    return write_whole(path, lambda place: _save(document, place))


def _save(document: Document, place: Path) -> None:
    """Save a document; its parts in the archive have no time of their own."""
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as parts:
        write_archive(((name, [parts.read(name)]) for name in parts.namelist()), place)


@dataclass(eq=False)
class _Writer:
    """A document that is being written.

    Parameters
    ----------
    document : Document
        What is written so far.
    wide : bool
        Whether the paper at its end lies on its side.
    turned : bool
        Whether a new page begins with what is written next.
    beside : bool
        Whether a new column begins with what is written next.
    columns : int
        How many columns the paper at its end has.
    anchors : dict
        The bookmarks of sections, by their place among all that have a heading.
    """

    document: Document
    wide: bool = False
    turned: bool = False
    beside: bool = False
    columns: int = 1
    anchors: dict[int, str] = field(default_factory=dict)

    def page(self, page: Page) -> None:
        """Write all of it."""
        self.wide = any(map(_lies, page.sections[:1]))
        turn(self.document.sections[0], wide=self.wide)
        self._put(paragraph([page.title], "Title"))
        if page.signed:
            self._put(paragraph([page.signed], "Soft"))
        self._contents(page)
        before = ""
        for section in page.sections:
            if "sheet" in (before, section.role) or (before == section.role == "stratum"):
                self.turned = True
            self.block(section, 1)
            before = section.role

    def _contents(self, page: Page) -> None:
        """List the headings, each a link."""
        if not page.headings:
            return
        self._put(paragraph([Text("Contents")], keep=True))
        for number, section in enumerate(one for one in page.sections if one.heading):
            self.anchors[id(section)] = name = f"section_{number}"
            line = paragraph([], "ListBullet")
            line.append(link(name, section.heading))
            self._put(line)

    def block(self, one: Block, level: int, lying: bool = False) -> None:
        """Write one block; `level` is that of its headings, `lying` how the paper is around it."""
        lying = lying or _lies(one)
        if isinstance(one, Section):
            self._section(one, level, lying)
        elif isinstance(one, Beside):
            self._beside(one.sections, level, lying)
        else:
            self._lay(lying)
            _WRITE[type(one)](self, one)

    def _section(self, one: Section, level: int, lying: bool) -> None:
        if one.heading:
            self._lay(lying)
            self._heading(one, level)
        for some in one.blocks:
            if one.role == "goal" and isinstance(some, Paragraph):
                self._lay(lying)
                self._put(paragraph(some.parts, "Goal"))
            else:
                self.block(some, level + 1, lying)

    def _beside(self, sections: Sequence[Section], level: int, lying: bool) -> None:
        """Write sections in columns of the paper: a table would be read aloud as data."""
        several = len(sections) if len(sections) <= _MOST_COLUMNS else 1
        self._lay(lying)
        self._part(several)
        for i, section in enumerate(sections):
            self.beside = several > 1 and i > 0
            self.block(section, level, lying)
        self._part(1)

    def _part(self, columns: int) -> None:
        """Part the paper in columns from here on."""
        if columns == self.columns:
            return
        made = self._new_section(WD_SECTION.CONTINUOUS)
        for old in made._sectPr.findall(qn("w:cols")):
            made._sectPr.remove(old)
        parted = element("cols", num=columns, space=round(_BETWEEN * TWIPS))
        made._sectPr.insert_element_before(parted, "w:formProt", "w:vAlign", "w:noEndnote",
            "w:titlePg", "w:textDirection", "w:bidi", "w:rtlGutter", "w:docGrid")  # fmt: skip
        self.columns = columns

    def _new_section(self, kind: WD_SECTION) -> Any:
        """Begin a section of the document; the last paragraph ends the one before, if it can."""
        made = self.document.add_section(kind)
        end = made._sectPr.getprevious()
        last = end.getprevious()
        if last is not None and last.tag == qn("w:p") and last.find(f".//{qn('w:sectPr')}") is None:
            last.get_or_add_pPr().append(end.pPr.find(qn("w:sectPr")))
            end.getparent().remove(end)
        return made

    def _heading(self, one: Section, level: int) -> None:
        made = paragraph([one.heading], f"Heading{min(level, _DEEPEST)}")
        if self.columns > 1:  # headings of columns stand on one line, whatever is over the first
            made.get_or_add_pPr().get_or_add_spacing().before = 0
        name = self.anchors.get(id(one))
        self._put(bookmarked(made, name) if name else made)

    def paragraph(self, one: Paragraph) -> None:
        """Write a paragraph; lines to write on go to the edge of the paper."""
        across = room(wide=self.wide)[0] + _BETWEEN
        width = across / self.columns - _BETWEEN
        self._put(paragraph(one.parts, "Soft" if one.soft else "", width=width))

    def items(self, one: Items) -> None:
        """Write a list."""
        for text in one.items:
            self._put(paragraph([text], "ListBullet"))

    def terms(self, one: Terms) -> None:
        """Write what things are called, and what each is, one a line."""
        for name, words in one.pairs:
            self._put(paragraph([Text(f"{name}: "), words], "Soft"))

    def table(self, one: Table) -> None:
        """Write a table under its caption."""
        self._put(paragraph([one.caption], "Caption", keep=True))
        self._put(table(one, room(wide=self.wide)[0]))
        for words in one.notes:
            self._put(paragraph([words], "Soft"))
        self._put(paragraph([], "CellSmall"))

    def picture(self, one: Picture) -> None:
        """Write a picture as large as it is drawn for this paper, on as many sheets as it takes."""
        across, down = room(wide=self.wide)
        for alt, png in one.drawing.sheets(across, down * _UNDER, down * _WHOLE):
            drawn = self.document.part.new_pic_inline(io.BytesIO(png))
            _fit(drawn, across, down)
            drawn.docPr.set("name", held_by_xml(one.label))
            drawn.docPr.set("descr", held_by_xml(alt))
            line = paragraph([])
            line.append(element("r", element("drawing", drawn)))
            self._put(line)

    def _put(self, made: Any) -> None:
        if self.turned and made.tag == qn("w:p"):
            made.get_or_add_pPr().get_or_add_pageBreakBefore()
        if self.beside:
            made.insert(made.pPr is not None, element("r", element("br", type="column")))
        self.turned = self.beside = False
        self.document.element.body.insert_element_before(made, "w:sectPr")

    def _lay(self, wide: bool) -> None:
        """Begin a page on paper that lies the other way, unless it lies so already."""
        if wide != self.wide:
            turn(self._new_section(WD_SECTION.NEW_PAGE), wide=wide)
            self.wide, self.turned = wide, False


_WRITE: Mapping[type, Callable[..., None]] = {
    Paragraph: _Writer.paragraph, Items: _Writer.items, Terms: _Writer.terms,
    Table: _Writer.table, Picture: _Writer.picture,
}  # fmt: skip


def _fit(drawn: Any, across: float, down: float) -> None:
    """Make a picture smaller where one word of it is longer than the paper is wide."""
    size = drawn.extent
    scale = min(1, Inches(across) / size.cx, Inches(down) / size.cy)
    width, height = (Emu(int(side * scale)) for side in (size.cx, size.cy))
    for extent in (size, drawn.graphic.graphicData.pic.spPr):
        extent.cx, extent.cy = width, height


def _lies(one: Block) -> bool:
    """Tell whether a block needs paper on its side: pictures are looked at upright."""
    inside = list(_inside(one))
    if any(isinstance(some, Picture) for some in inside):
        return False
    return any(isinstance(some, Table) and needs_width(some) for some in inside)


def _inside(one: Block) -> Iterator[Block]:
    """Give what a block holds that holds nothing itself."""
    parts = (
        one.blocks if isinstance(one, Section) else one.sections if isinstance(one, Beside) else ()
    )
    if not isinstance(one, (Section, Beside)):
        yield one
    for part in parts:
        yield from _inside(part)
