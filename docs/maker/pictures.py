"""Draws the pictures of docs/pictures.md into docs/images, from the data in the page itself."""

from contextlib import redirect_stdout
from doctest import DocTestParser
from io import StringIO
from pathlib import Path

import matplotlib.pyplot as plt

DOCS = Path(__file__).parents[1]


def examples() -> dict[str, object]:
    """Run the examples of the page."""
    text = (DOCS / "pictures.md").read_text(encoding="utf-8")
    parts = [part for part in DocTestParser().get_examples(text) if part.exc_msg is None]
    names: dict[str, object] = {}
    with redirect_stdout(StringIO()):
        exec(compile("".join(part.source for part in parts), "pictures.md", "exec"), names)  # noqa: S102
    return names


def main() -> None:
    """Write each Axes of the page that has a name of its own."""
    for name, ax in examples().items():
        if isinstance(ax, plt.Axes):
            path = DOCS / "images" / f"{name}.png"
            ax.figure.savefig(path, dpi=110, bbox_inches="tight", metadata={"Software": None})
            print(path.relative_to(DOCS))


if __name__ == "__main__":
    main()
