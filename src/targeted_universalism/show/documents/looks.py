"""How a document looks: paper, letters, styles; what the template says of its maker is left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from docx import Document
from docx.document import Document as DocumentOf
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor

from targeted_universalism.show.content import Page
from targeted_universalism.show.documents.markup import element, field, run
from targeted_universalism.show.letters import held_by_xml

# US Letter: most who publish for boards in the United States print on it, and A4 holds it.
SHORT, LONG, MARGIN, FOOT = 8.5, 11.0, 0.6, 0.3  # inches
SMALLEST = 9  # points: no letter is smaller
_FONT = "Calibri"
_INK, _SOFT, _LINE, ACCENT = "1C2430", "4A5564", "AEB7C2", "0B5394"
_EMPTY = ("thumbnail", "extended-properties", "stylesWithEffects", "customXml")
_MOST = 255  # characters of a core property, by python-docx
_HEADINGS = {"Title": 22, "Heading 1": 15, "Heading 2": 12.5, "Heading 3": 11, "Heading 4": 10.5}
_PADDING = {"top": 20, "left": 60, "bottom": 20, "right": 60}  # twips
# Name, points, color, points after it.
_PARAGRAPHS = (
    ("Goal", 11.5, _INK, 3), ("Soft", SMALLEST, _SOFT, 2), ("Cell", SMALLEST, _INK, 0),
    ("CellSmall", SMALLEST, _SOFT, 0),
)  # fmt: skip


def empty(page: Page) -> DocumentOf:
    """Give a document without a word, dressed for a page.

    Parameters
    ----------
    page : Page
        Its title, author and date are the properties of the file; nothing else of it is.
    """
    document = Document()
    for rels in (document.part.package.rels, document.part.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(_EMPTY)]:
            del rels[name]
    _properties(document, page)
    _paper(document, page.title)
    _styles(document)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")  # else Word says that it limits what one can do
    return document


def _properties(document: DocumentOf, page: Page) -> None:
    properties = document.core_properties
    for old in list(properties._element):
        properties._element.remove(old)
    properties.title = held_by_xml(page.title)[:_MOST]
    properties.language = "en-US"
    if page.author:
        properties.author = held_by_xml(page.author)[:_MOST]
    try:
        day = dt.date.fromisoformat(page.date)
    except ValueError:  # words, or nothing: no day is made up
        return
    properties.created = properties.modified = dt.datetime(day.year, day.month, day.day)


def _paper(document: DocumentOf, title: str) -> None:
    paper = document.sections[0]
    paper.left_margin = paper.right_margin = Inches(MARGIN)
    paper.top_margin = paper.bottom_margin = Inches(MARGIN)
    paper.footer_distance = Inches(FOOT)
    turn(paper, wide=False)
    foot = paper.footer.paragraphs[0]
    foot.style = "Footer"
    short = title if len(title) <= 90 else f"{title[:89]}…"
    foot._p.extend([run(f"{short} · page "), *field("PAGE"), run(" of "), *field("NUMPAGES")])


def turn(paper: Any, *, wide: bool) -> None:
    """Lay paper down, or stand it up."""
    paper.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    paper.page_width, paper.page_height = (
        Inches(side) for side in ((LONG, SHORT) if wide else (SHORT, LONG))
    )


def room(wide: bool) -> tuple[float, float]:
    """Give how much the paper holds, as inches across and down."""
    across, down = (LONG, SHORT) if wide else (SHORT, LONG)
    return across - 2 * MARGIN, down - 2 * MARGIN


def _styles(document: DocumentOf) -> None:
    styles = document.styles
    _letters(styles["Normal"], 10.5, _INK, after=5)
    styles["Normal"].paragraph_format.line_spacing = 1.15
    for name, size in _HEADINGS.items():
        _letters(styles[name], size, _INK, before=0 if name == "Title" else size, after=4)
    rule = styles["Title"].element.find(f".//{qn('w:pBdr')}")
    if rule is not None:
        rule.getparent().remove(rule)
    _letters(styles["Caption"], 9.5, _INK, before=8, after=3)
    _letters(styles["List Bullet"], 10.5, _INK, after=2)
    _letters(styles["Footer"], SMALLEST, _SOFT)
    for name, size, color, after in _PARAGRAPHS:
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles["Normal"]
        _letters(made, size, color, after=after)
        if name.startswith("Cell"):
            made.paragraph_format.line_spacing = 1.0
    _edge(styles["Goal"])
    for name, color in (("Blank", _SOFT), ("Link", ACCENT)):
        styles.add_style(name, WD_STYLE_TYPE.CHARACTER).font.color.rgb = RGBColor.from_string(color)
    styles["Blank"].font.size = Pt(SMALLEST)
    styles["Link"].font.underline = True
    _table(styles.add_style("Rows", WD_STYLE_TYPE.TABLE))


def _letters(style: Any, size: float, color: str, before: float = 0, after: float = 0) -> None:
    """Set the letters of a style, in all scripts, and the room around it."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor.from_string(color)
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _edge(style: Any) -> None:
    """Set a bar before the paragraphs of a style."""
    bar = element("left", val="single", sz=24, space=8, color=ACCENT)
    looks = style.element.get_or_add_pPr()
    looks.insert_element_before(element("pBdr", bar), "w:shd", "w:tabs", "w:spacing", "w:ind")
    style.paragraph_format.left_indent = Pt(10)


def _table(style: Any) -> None:
    """Give tables lines between their rows, none between columns, and room in their cells."""
    lines = (element(side, val="single", sz=4, space=0, color=_LINE)
             for side in ("top", "bottom", "insideH"))  # fmt: skip
    inside = (element(side, w=width, type="dxa") for side, width in _PADDING.items())
    style.element.append(
        element("tblPr", element("tblBorders", *lines), element("tblCellMar", *inside))
    )
