"""The page about the house: floors, rooms and a picture, from the contract and the first lines."""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "targeted_universalism"
SOURCE = ROOT / "src" / PACKAGE
WIDTH, APART, EDGE, LINE = 940, 36, 20, 17
INK, PALE = "#1f2933", "#9aa5b1"
# How a room imports: another room, or the public names.
_ROOM = re.compile(rf"^ *from {PACKAGE}\.(\w+)", re.MULTILINE)
_PUBLIC = re.compile(rf"^ *import {PACKAGE}\b(?!\.)", re.MULTILINE)


def floors() -> str:
    """Give the doors and the floors from the top, each room with its first line."""
    plan = _plan()
    places = [("door", room) for room in _doors()]
    places += [(str(len(plan) - i), room) for i, floor in enumerate(plan) for room in floor]
    lines = ["| floor | room | what lives there |", "|---:|---|---|"]
    for place, room in places:
        lines.append(f"| {place} | `{_name(room)}` | {_first_line(room)} |")
    return "\n".join(lines)


def promises() -> str:
    """Give the names of the contracts that ``make layers`` proves."""
    return "\n".join(f"- {contract['name']}." for contract in _contracts())


def rooms() -> str:
    """Give every file of every folder with its first line, floor by floor."""
    inside = [room for floor in _plan() for room in floor]
    folders = [room for room in (*_doors(), *inside) if (SOURCE / room).is_dir()]
    return "\n\n".join("\n".join(_folder(SOURCE / folder)) for folder in folders)


def _folder(folder: Path) -> Iterator[str]:
    yield f"### `{folder.relative_to(SOURCE)}/`\n"
    inner = [path for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py"]
    for path in sorted(inner, key=lambda path: (path.parent != folder, path)):
        yield f"- `{path.relative_to(folder).with_suffix('')}`: {_line_of(path)}"


def _plan() -> list[list[str]]:
    """Read the floors of the contract, from the top."""
    (layers,) = (contract["layers"] for contract in _contracts() if contract["type"] == "layers")
    return [[room.strip() for room in floor.split("|")] for floor in layers]


def _doors() -> list[str]:
    """Read which rooms no other imports; how Python starts them is no room."""
    (doors,) = (c["protected_modules"] for c in _contracts() if c["type"] == "protected")
    names = [str(name).split(".")[1] for name in doors]
    return [name for name in names if not name.startswith("__")]


def _contracts() -> list[dict[str, object]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["tool"]["importlinter"]["contracts"])


def _name(room: str) -> str:
    return f"{room}/" if (SOURCE / room).is_dir() else room


def _first_line(room: str) -> str:
    folder = SOURCE / room
    return _line_of(folder / "__init__.py" if folder.is_dir() else SOURCE / f"{room}.py")


def _line_of(path: Path) -> str:
    """Give the first paragraph of a module."""
    text = path.read_text(encoding="utf-8").removeprefix('"""')
    return re.split(r'\n\n|"""', text)[0].replace("\n", " ").replace("``", "`")


# --- the picture ---------------------------------------------------------------------------------


class _Box(NamedTuple):
    """Where a room is drawn, as high as the most words on its floor need."""

    floor: int
    left: float
    width: float
    top: float
    height: float
    words: list[str]

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


def picture() -> str:
    """Draw doors and floors, their rooms, and who imports whom; what follows is left out."""
    plan = [_doors(), *_plan()]
    arrows = _needed_arrows(plan)
    boxes = _boxes(plan, arrows)
    height = EDGE + max(box.bottom for box in boxes.values())
    words = "; ".join(f"{one} imports {', '.join(arrows[one])}" for one in arrows if arrows[one])
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" font-family="sans-serif" fill="{INK}">',
            f"<title>The house in {len(plan) - 1} floors</title>",
            f"<desc>{escape(words)}. Every room imports the ground floor.</desc>",
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            f'<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
            f'markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="{PALE}"/></marker>'
            "</defs>",
            *(_line(boxes, one, other) for one in arrows for other in arrows[one]),
            *(_drawn(name, box) for name, box in boxes.items()),
            "</svg>\n",
        ]
    )


def _imports() -> dict[str, set[str]]:
    """Find which rooms each room imports; public names lead to the top floor."""
    found: dict[str, set[str]] = {}
    top = _plan()[0]
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).with_suffix("").parts[0]
        text = path.read_text(encoding="utf-8")
        found.setdefault(room, set()).update(_ROOM.findall(text))
        if _PUBLIC.search(text):
            found[room].update(top)
    return found


def _needed_arrows(plan: list[list[str]]) -> dict[str, list[str]]:
    """Keep the imports that do not follow from others; all import the ground floor."""
    imports = _imports()
    upper = [room for floor in plan[:-1] for room in floor]
    direct = {one: [o for o in upper if o in imports.get(one, ()) and o != one] for one in upper}

    def reached(one: str) -> set[str]:
        return {far for other in direct[one] for far in (other, *reached(other))}

    return {
        one: [o for o in direct[one] if not any(o in reached(via) for via in direct[one])]
        for one in upper
    }


def _boxes(plan: list[list[str]], arrows: dict[str, list[str]]) -> dict[str, _Box]:
    """Give rooms their places; a floor that arrows pass by is narrow."""
    floor_of = {room: i for i, floor in enumerate(plan) for room in floor}
    spans = [(floor_of[one], floor_of[other]) for one in arrows for other in arrows[one]]
    boxes: dict[str, _Box] = {}
    top = EDGE
    for i, floor in enumerate(plan):
        passed = any(above < i < below for above, below in spans)
        whole = WIDTH - 2 * EDGE if len(floor) > 1 else 330 if passed else 620
        width = (whole - EDGE * (len(floor) - 1)) / len(floor)
        words = [_wrapped(room, width) for room in floor]
        height = 44 + LINE * max(map(len, words))
        for j, room in enumerate(floor):
            left = (WIDTH - whole) / 2 + j * (width + EDGE)
            boxes[room] = _Box(i, left, width, top, height, words[j])
        top += height + APART
    return boxes


def _wrapped(room: str, width: float) -> list[str]:
    return textwrap.wrap(_first_line(room).replace("`", ""), int((width - 20) / 6.9))


def _line(boxes: dict[str, _Box], one: str, other: str) -> str:
    """Draw an arrow straight down where both rooms lie above each other, clear of those between."""
    start, end = boxes[one], boxes[other]
    between = [b for b in boxes.values() if start.floor < b.floor < end.floor]
    left, right = max(start.left, end.left), min(start.right, end.right)
    for box in between:
        left, right = (left, box.left) if start.left < box.left else (box.right, right)
    x = y = (left + right) / 2
    if left >= right:
        aside = 0.25 if start.left < end.left else -0.25
        x = start.left + (0.5 + aside) * start.width
        y = end.left + (0.5 - aside) * end.width
    return (
        f'<line x1="{x:g}" y1="{start.bottom:g}" x2="{y:g}" y2="{end.top - 2:g}" '
        f'stroke="{PALE}" stroke-width="2" marker-end="url(#tip)"/>'
    )


def _drawn(room: str, box: _Box) -> str:
    dashes = ' stroke-dasharray="6 4"' if room in _doors() else ""
    lines = [
        f'<text x="{box.left + 12:g}" y="{box.top + 44 + LINE * i:g}" font-size="13">'
        f"{escape(line)}</text>"
        for i, line in enumerate(box.words)
    ]
    return "\n".join(
        [
            f'<rect x="{box.left:g}" y="{box.top}" width="{box.width:g}" height="{box.height}" '
            f'rx="6" fill="white" stroke="{INK}"{dashes}/>',
            f'<text x="{box.left + 12:g}" y="{box.top + 24}" font-size="16" font-weight="bold">'
            f"{escape(_name(room))}</text>",
            *lines,
        ]
    )
