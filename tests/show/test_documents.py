"""Documents and Markdown: what the page holds, read back by others' readers; text stays text."""

from __future__ import annotations

import base64
import datetime as dt
import re
import sys
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

import pandas as pd
import pytest
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from matplotlib.figure import Figure
from openpyxl import load_workbook
from PIL import Image

import targeted_universalism as tu
from make import fewer, spaced
from targeted_universalism.command import main
from targeted_universalism.show import content
from targeted_universalism.show.content import (
    Beside,
    Blank,
    Block,
    Cell,
    Column,
    Items,
    Page,
    Paragraph,
    Row,
    Rows,
    Section,
    Table,
    Terms,
    Text,
)
from targeted_universalism.show.contents import Front, contents
from targeted_universalism.show.courses import since_break
from targeted_universalism.show.documents import docx, markdown
from targeted_universalism.show.pictures.svg import Drawing

GFM = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ODD = [
    "<script>alert('x')</script>", 'B & C "q" &amp; &#65;', "a|b \\| c\\", "*b* _i_ `c` ~~s~~",
    "[a](http://b) ![x](y)", "=1+1", "- item", "1. one", "# h #", "$25,000–$50,000", "🎓 x",
    "العربية (2020)", "שלום abc", "日本語の長い名前", "www.a.org https://a.org",
    "***", "x" * 70,
]  # fmt: skip
BROKEN = {"a\ud83db": "a\ufffdb", "c\x00d": "c\ufffdd"}  # what no file of text can hold


# --- pages of our own -----------------------------------------------------------------------------


def table_of(names: list[str], *, wide: bool = False) -> Table:
    rows = tuple(
        Row((Cell.of(name, name), Cell("12.5 %"), Cell(Blank("owner", "not yet"))), total=i == 0)
        for i, name in enumerate(names)
    )
    columns = Column("Group"), Column("Rate", number=True), Column(names[0])
    groups = Rows("", rows[:2]), Rows(names[0], rows[2:])
    return Table(f"Rates: {names[0]}", columns, groups, f"Table {names[0]}", wide)


def page_of(names: list[str], *blocks: Block, wide: bool = False) -> Page:
    inside = tuple(Section(name, (Paragraph.of(Text(name), " is ", name),)) for name in names)
    sections = (
        Section("", (Paragraph.of(Text(names[0])),), role="goal"),
        Section(names[1], (Beside(inside), table_of(names, wide=wide), *blocks), role="stratum"),
        Section(names[1], (Items(tuple(names)), Terms(tuple(zip(names, names, strict=True)))),
                role="stratum"),
    )  # fmt: skip
    return Page(names[0], f"{names[1]}, 2026", sections, author=names[1], date="2026-03-01")


def walk(blocks: tuple[Block, ...], level: int = 1) -> Iterator[tuple[int, Block]]:
    """Give every block with the level of its headings."""
    for block in blocks:
        if isinstance(block, Beside):
            yield from walk(block.sections, level)
            continue
        yield level, block
        if isinstance(block, Section):
            yield from walk(block.blocks, level + 1)


def headings_of(page: Page) -> list[tuple[int, str]]:
    return [
        (at, b.heading) for at, b in walk(page.sections) if isinstance(b, Section) and b.heading
    ]


def tables_of(page: Page) -> list[Table]:
    return [block for _, block in walk(page.sections) if isinstance(block, Table)]


def as_held(text: str) -> str:
    for broken, held in BROKEN.items():
        text = text.replace(broken, held)
    return text


@pytest.fixture(scope="module")
def assessed() -> tu.Assessment:
    """Two years of two counties, some of them hidden."""
    rows = pd.DataFrame({"x": [40, 4, 30, 60, 45, 5, 33, 70], "n": [90, 50, 70, 200] * 2})
    rows["race"], rows["year"] = list("ABCD") * 2, [2021] * 4 + [2022] * 4
    s = tu.from_counts(rows, numerator="x", denominator="n", segments="race", by="year")
    return tu.assess(s, tu.Goal.at_least(0.5, deadline=2030, name="Reach")).suppress()


PLAN = tu.Plan([{"segment": "B", "structure": "forms", "strategy": "liaisons", "reach": 9}])


@pytest.fixture(scope="module")
def held(assessed: tu.Assessment) -> Page:
    """A page with a plan and its progress."""
    answer = assessed._answer
    front = Front(title="Are we there", author="The board", date="2026-03-01")
    return contents(answer, PLAN, since_break(answer, "year", ()), front)


@pytest.fixture(scope="module")
def written(held: Page, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its files."""
    folder = tmp_path_factory.mktemp("documents")
    docx.write(held, folder / "a b.docx")
    markdown.write(held, folder / "a b.md")
    return folder


# --- documents ------------------------------------------------------------------------------------


def said(part: content.Part, *, headed: bool = False) -> str:
    """What stands in a document, in a cell under a heading or by itself."""
    if isinstance(part, Blank):
        why = f" ({part.why})" if part.why else ""
        return f"{part.why or 'open' if headed else f'{part.what}{why}:'} \t"
    return part if isinstance(part, str) else part.text


def wanted_rows(table: Table) -> list[list[str]]:
    """A table as its cells, a heading across it once for each column."""
    rows = [[column.name for column in table.columns]]
    for group in table.groups:
        if group.heading:
            rows.append([group.heading] * len(table.columns))
        for row in group.rows:
            rows.append(["\n".join([said(c.part, headed=True), *c.small]) for c in row.cells])
    return rows


def headings_in(document: Any) -> list[tuple[int, str]]:
    found = [(p.style.name, spaced(p.text)) for p in document.paragraphs]
    return [(int(name[-1]), text) for name, text in found if name.startswith("Heading ")]


def check_document(path: Path, page: Page) -> Any:
    """Hold a document to its page: headings, tables cell by cell, alt text, properties."""
    document = Document(str(path))
    assert headings_in(document) == [(n, as_held(text)) for n, text in headings_of(page)]
    wanted = tables_of(page)
    assert len(document.tables) == len(wanted)
    for found, table in zip(document.tables, wanted, strict=True):
        cells = [[spaced(cell.text) for cell in row.cells] for row in found.rows]
        assert cells == [[as_held(text) for text in row] for row in wanted_rows(table)]
        repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in found.rows]
        assert repeated == [True, *[False] * (len(found.rows) - 1)]
    pictures = [shape._inline.docPr for shape in document.inline_shapes]
    assert [spaced(one.get("descr")) for one in pictures] == [
        as_held(p.alt) for p in page.pictures()
    ]
    assert len({one.get("id") for one in pictures}) == len(pictures)
    return document


def test_a_document_holds_what_the_page_does(written: Path, held: Page) -> None:
    document = check_document(written / "a b.docx", held)
    assert len(document.inline_shapes) == 3
    assert len(document.tables) == 5
    text = [spaced(paragraph.text) for paragraph in document.paragraphs]
    assert text[:2] == ["Are we there", "The board, 2026-03-01"]
    assert document.paragraphs[0].style.name == "Title"
    for _, block in walk(held.sections):
        if isinstance(block, Paragraph):
            assert any(all(said(part).strip() in line for part in block.parts) for line in text)


def test_a_document_says_of_itself_what_was_said_and_no_more(written: Path) -> None:
    about = Document(str(written / "a b.docx")).core_properties
    assert (about.title, about.author, about.language) == ("Are we there", "The board", "en-US")
    assert about.created.replace(tzinfo=None) == dt.datetime(2026, 3, 1)
    with zipfile.ZipFile(written / "a b.docx") as parts:
        names = parts.namelist()
        core = parts.read("docProps/core.xml").decode()
        styles = parts.read("word/styles.xml").decode()
    assert "python-docx" not in core
    assert not [name for name in names if "thumbnail" in name or "app.xml" in name]
    assert 'w:lang w:val="en-US"' in styles


def columns_of(document: Any) -> list[tuple[int, bool]]:
    """How many columns each part of a document has, and whether it begins a page."""
    found = []
    for section in document.sections:
        columns = section._sectPr.find(qn("w:cols"))
        many = None if columns is None else columns.get(qn("w:num"))
        found.append((int(many or 1), section.start_type == WD_SECTION.NEW_PAGE))
    return found


def test_a_sheet_of_a_plan_begins_a_page_and_is_parted_in_columns(written: Path) -> None:
    document = Document(str(written / "a b.docx"))
    upright = [section.orientation == WD_ORIENT.PORTRAIT for section in document.sections]
    assert upright == [True] * 5
    parts = [(1, True), (2, False), (1, False), (3, False), (1, False)]
    assert columns_of(document) == parts  # first, goal and total, steps, by hand, the rest
    before = [p.text for p in document.paragraphs if p.paragraph_format.page_break_before]
    assert len(before) == 2
    assert before[0].startswith("One goal, a plan for every group")
    breaks = document.element.body.findall(f".//{qn('w:br')}[@{qn('w:type')}='column']")
    assert len(breaks) == 3


def test_no_letter_of_a_document_is_smaller_than_nine_points(written: Path) -> None:
    document = Document(str(written / "a b.docx"))
    used = {p.style.name for p in document.paragraphs} | {"Cell", "CellSmall", "Blank", "Footer"}
    assert all(document.styles[name].font.size.pt >= 9 for name in used - {"Normal"})
    sizes = document.element.body.findall(f".//{qn('w:sz')}")
    assert not sizes  # nothing is set by hand


def test_tables_and_pictures_fit_the_paper(written: Path) -> None:
    document = Document(str(written / "a b.docx"))
    room = {s.page_width - s.left_margin - s.right_margin for s in document.sections}
    for table in document.tables:
        width = sum(column.width for column in table.columns)
        assert any(abs(width - one) < 10_000 for one in room)  # a hundredth of an inch
    assert all(shape.width <= min(room) for shape in document.inline_shapes)
    for shape in document.inline_shapes:  # as large as it was drawn, so that letters are
        embedded = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        image = document.part.related_parts[embedded].image
        assert shape.width == pytest.approx(914_400 * image.px_width / 200, rel=0.001)


def test_text_stays_text_in_a_document(tmp_path: Path) -> None:
    names = [*ODD, *BROKEN]
    page = page_of(names)
    document = check_document(docx.write(page, tmp_path / "a.docx"), page)
    listed = [p.text for p in document.paragraphs if p.style.name == "List Bullet"]
    assert listed[-len(names) :] == [as_held(name) for name in names]
    links = document.element.body.findall(f".//{qn('w:hyperlink')}")
    targets = [one.get(qn("w:anchor")) for one in links]
    marks = document.element.body.findall(f".//{qn('w:bookmarkStart')}")
    assert targets == [one.get(qn("w:name")) for one in marks] == ["section_0", "section_1"]
    assert not document.element.body.findall(f".//{qn('w:instrText')}")  # no field in the text


def test_what_runs_from_the_right_is_set_so(tmp_path: Path) -> None:
    document = Document(str(docx.write(page_of(ODD), tmp_path / "a.docx")))
    found = {p.text: p._p.find(f".//{qn('w:bidi')}") is not None for p in document.paragraphs}
    for name in ODD:
        assert found[name] == (name in ("العربية (2020)", "שלום abc"))


def test_a_table_that_is_wider_than_the_paper_turns_it(tmp_path: Path) -> None:
    for columns, lies in ((6, False), (12, True)):
        named = tuple(Column(f"number {i}", number=True) for i in range(columns))
        rows = Rows("", (Row((Cell("1,493,457"),) * columns),))
        page = page_of(ODD[:3], Table("c", named, (rows,), "t"))
        sections = Document(str(docx.write(page, tmp_path / "a.docx"))).sections
        # Names stand in three columns of the paper, between parts that have one.
        lying = [s.orientation == WD_ORIENT.LANDSCAPE for s in sections]
        assert lying == ([False, lies, lies, lies, False] if lies else [False] * 3)
        assert all(
            (s.page_width > s.page_height) == turned
            for s, turned in zip(sections, lying, strict=True)
        )


def test_no_column_is_narrower_than_its_numbers(tmp_path: Path) -> None:
    """In the widest of common fonts a digit of 9 points takes 5.7 points."""
    number = "1,493,457"
    columns = Column("Group"), *(Column(f"n{i}", number=True) for i in range(6))
    rows = (Row((Cell("a long name of a group that is cut"), *[Cell(number)] * 6)),)
    page = Page("T", "", (Section("", (Table("T", columns, (Rows("", rows),), "T"),)),))
    table = Document(str(docx.write(page, tmp_path / "a.docx"))).tables[0]
    assert all(column.width.pt >= 5.7 * len(number) for column in table.columns)


def test_a_document_without_python_docx_says_what_to_install(
    assessed: tu.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "targeted_universalism.show.documents.docx")
    for name in [name for name in sys.modules if name.partition(".")[0] == "docx"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(tu.InputError, match=r"python-docx.*targeted-universalism\[docx\]"):
        assessed.report(tmp_path / "a.docx")
    assert list(tmp_path.iterdir()) == []


# --- Markdown -------------------------------------------------------------------------------------


class Read(NamedTuple):
    """Markdown as a reader of it understands it."""

    headings: list[tuple[int, str]]
    lines: list[str]
    cells: list[list[str]]
    pictures: list[tuple[str, str]]
    links: list[str]
    marks: set[str]


def read(text: str) -> Read:
    found = Read([], [], [], [], [], set())
    tokens = GFM.parse(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        found.marks.add(token.type)
        if token.type == "tr_open":
            found.cells.append([])
        if token.type != "inline" or before is None:
            continue
        children = token.children or []
        found.marks.update(child.type for child in children)
        words = "".join(c.content for c in children if c.type in ("text", "text_special"))
        found.links.extend(str(c.attrs["href"]) for c in children if c.type == "link_open")
        found.pictures.extend(
            (c.content, str(c.attrs["src"])) for c in children if c.type == "image"
        )
        if before.type == "heading_open":
            found.headings.append((int(before.tag[1]), words))
        elif before.type in ("th_open", "td_open"):
            found.cells[-1].append(words)
        else:
            found.lines.append(words)
    return found


def small(cell: Cell) -> str:
    part, why = cell.part, getattr(cell.part, "why", "")
    words = f"{part if isinstance(part, str) else part.text}{f' ({why})' if why else ''}"
    return f"{words} ({'; '.join(cell.small)})".strip() if cell.small else words


def wanted_lines(table: Table) -> list[list[str]]:
    rows = [[column.name for column in table.columns]]
    for group in table.groups:
        if group.heading:
            rows.append([group.heading, *[""] * (len(table.columns) - 1)])
        rows += [[small(cell) for cell in row.cells] for row in group.rows]
    return rows


def check_markdown(path: Path, page: Page) -> Read:
    found = read(spaced(path.read_text(encoding="utf-8")))
    assert found.headings[0] == (1, as_held(page.title))
    assert found.headings[1:] == [(n + 1, as_held(text)) for n, text in headings_of(page)]
    wanted = [row for table in tables_of(page) for row in wanted_lines(table)]
    assert found.cells == [[as_held(text) for text in row] for row in wanted]
    assert not {kind for kind in found.marks if "html" in kind or "code" in kind or kind == "hr"}
    return found


def test_markdown_holds_what_the_page_does(written: Path, held: Page) -> None:
    found = check_markdown(written / "a b.md", held)
    alts = [re.sub(r"\s+", " ", picture.alt) for picture in held.pictures()]
    assert [re.sub(r"\\(?=\W)", "", alt) for alt, _ in found.pictures] == alts
    for _, source in found.pictures:
        assert (written / unquote(source)).read_text(encoding="utf-8").startswith("<?xml")
    there = {f"a b_files/{one.name}" for one in (written / "a b_files").iterdir()}
    assert there == {unquote(source) for _, source in found.pictures}


def test_text_stays_text_in_markdown(tmp_path: Path) -> None:
    names = [*ODD, *BROKEN]
    page = page_of(names)
    found = check_markdown(markdown.write(page, tmp_path / "a.md"), page)
    held = [as_held(name) for name in names]
    assert found.lines[-2 * len(names) : -len(names)] == held  # the list
    assert found.lines[-len(names) :] == [f"{name}: {name}" for name in held]
    assert found.links == [f"#{slug}" for slug in ("b--c-q-amp-65", "b--c-q-amp-65-2")]
    assert not found.marks & {"image", "s_open"}


@fewer(8)
@given(
    st.text(st.sampled_from(list("ab1.)-+=#*_`~<>&;|\\[]()!:/@$ \n\t{}^é日\u00a0")), max_size=12)
)
def test_no_text_is_markup(text: str) -> None:
    """Whatever it is made of, it comes back as it was from every place where text can stand."""
    plain = re.sub(r"[ \n\t]+", " ", text).strip(" ")
    table = Table(
        "c", (Column("a"), Column("b")), (Rows("", (Row((Cell(text), Cell("z"))),)),), "t"
    )
    blocks = Paragraph.of(text), Items((text,)), Paragraph.of("x ", Text(text), " y"), table
    page = Page(f"t {text}", "", (Section(f"h {text} #", blocks),))
    made = read("\n\n".join(markdown._Markdown("f").page(page)))
    assert made.headings == [(1, f"t {plain}".strip()), (2, re.sub(r" +", " ", f"h {plain} #"))]
    assert made.cells == [["a", "b"], [plain, "z"]]
    assert made.lines[0] == made.lines[1 if plain else 0] == plain or not plain
    assert not {k for k in made.marks if "html" in k or "code" in k or k in ("hr", "link_open")}


def picture_of(words: str) -> content.Picture:
    axes = Figure().add_subplot()
    axes.set_title(words)
    vars(axes)["tu_alt"] = f"{words}: nothing"
    return content.Picture(f"Picture {words}", Drawing(lambda: axes))


def test_pictures_of_an_older_page_go_when_the_new_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an older page showed may be hidden in the new one; what fails changes nothing."""
    path, folder = tmp_path / "a.md", tmp_path / "a_files"
    older, newer = (page_of(ODD, picture_of(words)) for words in ("older", "newer"))
    markdown.write(older, path)
    (folder / "mine.svg").write_text("mine", encoding="utf-8")
    before = {p.name: p.read_bytes() for p in [path, *folder.iterdir()]}
    with monkeypatch.context() as failing:
        failing.setattr(Path, "write_text", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            markdown.write(newer, path)
    assert {p.name: p.read_bytes() for p in [path, *folder.iterdir()]} == before
    markdown.write(newer, path)
    after = {p.name for p in folder.iterdir()}
    assert len(after) == 2
    assert after & set(before) == {"mine.svg"}
    (folder / "mine.svg").unlink()
    markdown.write(page_of(ODD), path)
    assert not folder.exists()


def test_a_file_where_the_pictures_go_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a_files").write_text("", encoding="utf-8")
    with pytest.raises(tu.InputError, match=r"a_files.* is a file"):
        markdown.write(page_of(ODD), tmp_path / "a.md")
    assert not (tmp_path / "a.md").exists()


# --- all kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [docx.write, markdown.write])
def test_the_same_page_gives_the_same_bytes(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write(page_of(ODD[:4], picture_of("a")), tmp_path / "a.docx").read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 4, 3, 2, 1, 0, 1, 0))
    again = write(page_of(ODD[:4], picture_of("a")), tmp_path / "a.docx")
    assert again.read_bytes() == first
    if zipfile.is_zipfile(again):
        with zipfile.ZipFile(again) as parts:
            assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_unknown_suffix_names_the_known_ones(assessed: tu.Assessment, tmp_path: Path) -> None:
    with pytest.raises(tu.InputError, match=r"\.html, \.htm, \.docx or \.md"):
        assessed.report(tmp_path / "a.pdf")


# --- names, in all that is written ----------------------------------------------------------------

NAMES = [
    "<script>alert('x')</script>", '"quoted" & <b>bold</b>', '=HYPERLINK("x")', "+1", "@SUM(A1)",
    "🎓 👩🏽‍🏫", "العربية (2020)", "שלום abc", "a\ud83db", "$x_1^2$ \\frac", "a|b *c* `d`",
]  # fmt: skip


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page about groups with such names, in every format, and a workbook."""
    folder = tmp_path_factory.mktemp("named")
    n = [60 + 9 * i for i in range(len(NAMES))]
    data = pd.DataFrame({"n": n, "x": [one // 3 for one in n]})
    data["race"] = pd.Series(NAMES, dtype=object)  # text that Arrow cannot hold stays as it is
    goal = tu.Goal.at_least(0.5, name=NAMES[0], rationale=NAMES[1], source=NAMES[2])
    made = tu.from_counts(data, numerator="x", denominator="n", segments="race")
    a = tu.assess(made, goal)
    for suffix in (".html", ".docx", ".md"):
        a.report(folder / f"a{suffix}", title=NAMES[1], author=NAMES[0])
    a.to_excel(folder / "a.xlsx")
    a.plot.gaps().figure.savefig(folder / "a.png", dpi=30)
    return folder


class _Names(HTMLParser):
    """The headings of rows, the tags, and the pictures of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[str] = []
        self.tags: set[str] = set()
        self.pictures: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        told = dict(attrs)
        if tag == "img":
            self.pictures.append(str(told["src"]))
        self.inside = tag == "th" and told.get("scope") == "row"
        if self.inside:
            self.rows.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1] += data.strip()


def squeezed(text: str) -> str:
    """Leave out blanks, where a picture may have broken a line, and halves of characters."""
    return re.sub(r"[\s?\ufffd\ud800-\udfff]", "", text)


def test_names_stay_text_in_a_page_and_its_pictures(named: Path) -> None:
    found = _Names()
    found.feed((named / "a.html").read_text(encoding="utf-8"))
    assert found.rows[1:] == [as_held(name) for name in NAMES]
    assert not found.tags & {"script", "b", "iframe", "object"}
    for source in found.pictures:
        drawn = ElementTree.fromstring(base64.b64decode(source.partition(",")[2]))  # noqa: S314
        kinds = {element.tag.rpartition("}")[2] for element in drawn.iter()}
        assert not kinds & {"script", "b", "a", "foreignObject", "image"}
        words = squeezed("".join(drawn.itertext()))
        assert [name for name in NAMES if squeezed(name) not in words] == []


def test_names_stay_text_in_a_document_and_in_markdown(named: Path) -> None:
    document = Document(str(named / "a.docx"))
    rows = [row.cells[0].text.split("\n")[0] for row in document.tables[0].rows]
    assert rows[-len(NAMES) :] == [as_held(name) for name in NAMES]
    assert not document.element.body.findall(f".//{qn('w:instrText')}")
    assert document.core_properties.title == NAMES[1]
    found = read((named / "a.md").read_text(encoding="utf-8"))
    assert [row[0] for row in found.cells[-len(NAMES) :]] == [as_held(name) for name in NAMES]
    assert not {kind for kind in found.marks if "html" in kind or "code" in kind or kind == "hr"}


def test_names_stay_text_in_a_workbook_and_in_what_a_picture_says(named: Path) -> None:
    book = load_workbook(named / "a.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert [cell.value for cell in book["table"]["B"][2:]] == [as_held(name) for name in NAMES]
    with Image.open(named / "a.png") as image:
        said = squeezed(image.info["Description"])
    assert [name for name in NAMES if squeezed(name) not in said] == []


def test_names_stay_text_in_what_the_command_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = [name for name in NAMES if name.isprintable() and "\ud83d" not in name]
    path = tmp_path / "a.csv"
    pd.DataFrame({"race": whole, "x": 20, "n": 90}).to_csv(path, index=False)
    told = ["--numerator", "x", "--denominator", "n", "--segments", "race"]
    out = tmp_path / "b.csv"
    assert main(["assess", str(path), *told, "--goal", "at least 50 %", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert [name for name in whole if name not in said] == []
    back = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert back["segment"].tolist()[1:] == whole
