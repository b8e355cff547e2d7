"""Draws the README's picture and those of docs/pictures.md into docs/images.

Each file holds its picture in words too, by which one can tell when it is out of date: letters and
lines differ a little from machine to machine, words do not.
"""

from contextlib import redirect_stdout
from doctest import DocTestParser
from io import StringIO
from pathlib import Path

import demo
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

DOCS = Path(__file__).parents[1]
_WORDS = "Description"


def examples() -> dict[str, object]:
    """Run the examples of the page."""
    text = (DOCS / "pictures.md").read_text(encoding="utf-8")
    parts = [part for part in DocTestParser().get_examples(text) if part.exc_msg is None]
    names: dict[str, object] = {}
    with redirect_stdout(StringIO()):
        exec(compile("".join(part.source for part in parts), "pictures.md", "exec"), names)  # noqa: S102
    return names


def drawn() -> dict[Path, Axes]:
    """Draw the main job's picture, and each Axes of the page that has a name of its own."""
    named = {"gaps": demo.assessed().plot.gaps()}
    named |= {name: ax for name, ax in examples().items() if isinstance(ax, Axes)}
    plt.close("all")
    return {DOCS / "images" / f"{name}.png": ax for name, ax in named.items()}


def out_of_date() -> list[Path]:
    """Give the files whose words are not those of the picture that is drawn today."""
    return [path for path, ax in drawn().items() if _words(path) != ax.tu_alt]


def _words(path: Path) -> str:
    if not path.exists():
        return ""
    with Image.open(path) as image:
        return str(image.info.get(_WORDS, ""))


def main() -> None:
    """Write every picture."""
    for path, ax in drawn().items():
        about = {"Software": None, _WORDS: ax.tu_alt}
        ax.figure.savefig(path, dpi=110, bbox_inches="tight", metadata=about)
        print(path.relative_to(DOCS))


if __name__ == "__main__":
    main()
