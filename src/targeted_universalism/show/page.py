"""A page about an assessment, as a file of the kind that its suffix says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from targeted_universalism.answer.answer import Answer
from targeted_universalism.ask.plans.plan import Plan
from targeted_universalism.ask.progress import ProgressOptions
from targeted_universalism.errors import CallError, InputError, check_path, check_text, shown
from targeted_universalism.show.courses import since_break
from targeted_universalism.show.nouns import join_words

if TYPE_CHECKING:
    from targeted_universalism.show.content import Page

# What draws is loaded when a page is written: a command line asks here what a page can be told.
Writer: TypeAlias = "Callable[[Page, Path], Path]"


def _html_writer() -> Writer:
    from targeted_universalism.show.web import write_html  # noqa: PLC0415 - draws

    return write_html


def _markdown_writer() -> Writer:
    from targeted_universalism.show.documents.markdown import write  # noqa: PLC0415 - draws

    return write


def _docx_writer() -> Writer:
    """Give what writes documents, where python-docx is installed."""
    try:
        from targeted_universalism.show.documents.docx import write  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(
            "Writing a .docx file needs python-docx: pip install 'targeted-universalism[docx]'; "
            "or write the page as .html, which word processors open too."
        ) from None
    return write


# What gives the writer of a page to a file of some suffix.
WRITERS: Mapping[str, Callable[[], Writer]] = {
    ".html": _html_writer, ".htm": _html_writer, ".docx": _docx_writer, ".md": _markdown_writer,
}  # fmt: skip


def report(
    answer: Answer,
    path: str | Path,
    *,
    plan: Plan | None = None,
    time: str | None = None,
    breaks: object = (),
    title: str | None = None,
    author: str | None = None,
    date: str | None = None,
) -> Path:
    r"""Write a page, a document or Markdown: sentences, table, pictures, choices, sources.

    Parameters
    ----------
    path : str or Path
        Where to write it; its folder must exist. It ends in ``.html`` for a page in one file,
        in ``.docx`` for a document in one file (needs the extra ``docx``), or in ``.md`` for
        GitHub-flavoured Markdown, whose pictures stand in the folder ``NAME_files`` beside it.
    plan : Plan, optional
        With it a sheet for each stratum follows what is read first: the five steps from the goal
        to the strategies, blank lines where nothing is decided, and what the plan leaves open. It
        prints on two sides of paper where it is not much longer than its groups.
    time : str, optional
        The `by` column of years. With it everything stands at the latest time, and the progress
        since the first one beside it, with targets for every year in the plan.
    breaks : value of that column, or collection of them
        Times at which a new series begins; the progress is that since the last of them.
    title, author, date : str, optional
        What stands over the page; nothing is written of author and date without them.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the path is a folder, or ends in another suffix; if python-docx is needed and is not
        installed; as ``a.progress`` and ``plan.check`` do.

    Notes
    -----
    The page is made whole before a file is touched: if that fails, an older file stays. The same
    assessment gives the same bytes. Pictures of an older page in ``NAME_files`` are removed when a
    new one is in its place; other files there stay.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import targeted_universalism as tu
    >>> rows = pd.DataFrame({"race": ["A", "B"], "x": [40, 45], "n": [90, 50]})
    >>> s = tu.from_counts(rows, numerator="x", denominator="n", segments="race")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = tu.assess(s, tu.Goal.at_least(0.5)).report(pathlib.Path(folder) / "a.html")
    ...     "One goal for everyone: at least 50\xa0%" in page.read_text(encoding="utf-8")
    True

    """
    path = check_path("path", path)
    find = WRITERS.get(path.suffix.lower())
    if find is None:
        raise InputError(
            f"{path.name!r} must end in {join_words(list(WRITERS), 'or')}, which says what is in "
            "it: print the page to PDF from a browser, or write tables with a.to_excel(path)."
        )
    write = find()
    front = {"title": title, "author": author, "date": date}
    for name, text in front.items():
        if text is not None:
            check_text(name, text)
    if not (plan is None or isinstance(plan, Plan)):
        raise CallError(f"plan={shown(plan)} must be a plan: plan = tu.Plan(rows).")
    if time is None and not (isinstance(breaks, (tuple, list)) and not breaks):
        raise CallError(f"breaks={shown(breaks)} cuts a series, and time= names none.")
    asked = None if time is None else since_break(answer, time, breaks)
    return write(_page(answer, plan, asked, front), path)


def _page(
    answer: Answer,
    plan: Plan | None,
    asked: ProgressOptions | None,
    front: Mapping[str, str | None],
) -> Page:
    from targeted_universalism.show.contents import Front, contents  # noqa: PLC0415 - draws

    return contents(answer, plan, asked, Front(**front))
