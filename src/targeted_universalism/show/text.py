"""An assessment where it is typed: a text that fits a terminal, a captioned table in a notebook."""

from __future__ import annotations

from html import escape

from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import count_words
from targeted_universalism.show.lines import Line, count, lines
from targeted_universalism.show.nouns import everyone_words, join_words, shared_noun
from targeted_universalism.show.words import doubt_notes, goals_with_words, unreliable_words

MOST_ROWS = 20
_WIDEST = 30
_HEADINGS = {
    "segment": "segment",
    "rate": "rate",
    "interval": "interval",
    "gap": "gap to the goal",
    "needed": "needed",
    "status": "status",
}


def text(answer: Answer) -> str:
    """Write the first rows as plain text, columns aligned."""
    shown = list(lines(answer, MOST_ROWS))
    names = list(_HEADINGS)
    grid = [list(_HEADINGS.values()), *([_cell(line, name) for name in names] for line in shown)]
    widths = [max(len(row[i]) for row in grid) for i in range(len(names))]
    body: list[str] = [_aligned(grid[0], widths)]
    heading = ("", "total")
    for line, row in zip(shown, grid[1:], strict=True):
        if (line.stratum, line.dimension) != heading:
            heading = (line.stratum, line.dimension)
            body.append(_heading(line))
        body.append(_aligned(row, widths))
    return "\n".join([title(answer), *(row for row in body if row), *notes(answer, shown)])


def html(answer: Answer) -> str:
    """Write the first rows as an accessible HTML table: caption, scoped headings, escaped text."""
    shown = list(lines(answer, MOST_ROWS))
    strata = any(line.stratum for line in shown)
    head = [*(["stratum"] if strata else []), "dimension", *_HEADINGS.values()]
    rows = "".join(_html_row(line, strata) for line in shown)
    heads = "".join(f'<th scope="col" style="text-align:left">{escape(h)}</th>' for h in head)
    after = "".join(f"<p>{escape(note)}</p>" for note in notes(answer, shown))
    return (
        '<table><caption style="text-align:left;font-weight:bold">'
        f"{escape(title(answer))}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{after}"
    )


def title(answer: Answer) -> str:
    """Name the goals: one line."""
    named = [
        f"{goal.name or indicator or 'Goal'}: {words}"
        for goal, words, indicator in goals_with_words(answer)
    ]
    more = f" and {len(named) - 4:,} more goals" if len(named) > 4 else ""
    public = " (small cells removed)" if answer.public else ""
    everyone = everyone_words(shared_noun(answer))
    return f"Distance to the goal for {everyone}. {join_words(named[:4])}{more}{public}"


def notes(answer: Answer, shown: list[Line]) -> list[str]:
    """Say what the marks mean and what is not shown."""
    sentences = []
    if any(line.unreliable for line in shown):
        sentences.append(f"† {unreliable_words(answer)}.")
    sentences += doubt_notes(line.status for line in shown)
    left = count(answer) - len(shown)
    if left:
        sentences.append(
            f"{count_words(left, 'more row')} in .table; .where(…) keeps some, .describe() sums up."
        )
    return sentences


def _cell(line: Line, name: str) -> str:
    value = str(getattr(line, name))
    if name == "segment":
        value = value if len(value) <= _WIDEST else value[: _WIDEST - 1] + "…"
        return value if line.total else f"  {value}"
    if name == "rate" and line.unreliable:
        return f"{value} †"
    return value


def _aligned(row: list[str], widths: list[int]) -> str:
    left = {0, len(row) - 1}
    texts = [
        v.ljust(w) if i in left else v.rjust(w)
        for i, (v, w) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(texts).rstrip()


def _heading(line: Line) -> str:
    words = [line.stratum if line.total else "", "" if line.total else line.dimension]
    return "".join(word for word in words if word)


def _html_row(line: Line, strata: bool) -> str:
    names = [*([line.stratum] if strata else []), line.dimension]
    start = "".join(f"<td>{escape(name)}</td>" for name in names)
    segment = f'<th scope="row" dir="auto">{escape(line.segment)}</th>'
    rest = "".join(
        f'<td style="text-align:{"left" if name == "status" else "right"}">'
        f"{escape(_cell(line, name))}</td>"
        for name in list(_HEADINGS)[1:]
    )
    return f"<tr>{start}{segment}{rest}</tr>"
