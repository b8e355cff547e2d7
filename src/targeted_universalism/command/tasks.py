"""What the command does: assess a table, inspect it, audit what is to be published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import targeted_universalism as tu
from targeted_universalism.command.data import DATA, data_values, segments_of, table
from targeted_universalism.command.goals import goals as goals_of
from targeted_universalism.command.options import number, options_of, values
from targeted_universalism.command.pages import open_ends, page_values, plan_of
from targeted_universalism.errors import InputError, check_path, count_words, shown
from targeted_universalism.segments.writing import write_whole

OK, NARROW = 0, 1
_WHAT_TELLS_MOST = {"numerator", "denominator", "estimate", "segments"}
ASSESS = options_of(tu.assess)
LEDGER = options_of(tu.inspect, leave=("definition",))
RULE = [o for o in options_of(tu.Assessment.suppress) if o.kind in ("str", "int")]


def assess(asked: argparse.Namespace) -> int:
    """Hold every group of a table against a goal, and write what is asked for."""
    outs = [_writer(text) for text in asked.out or ()]
    goals, said = goals_of(asked), data_values(DATA, asked)
    a = tu.assess(segments_of(asked, said), goals, **values(ASSESS, asked))
    rule = values(RULE, asked)
    if asked.suppress is not None:
        rule["minimum"] = number("--suppress", asked.suppress)
    if rule:
        a = a.suppress(**rule)
    if asked.where:
        a = a.where(_wanted(asked.where))
    plan = plan_of(asked, said.get("by") or ())
    page = page_values(asked, any(write is None for _, write in outs), plan)
    for path, write in outs:
        a.report(path, **page) if write is None else write(a, path, asked.confidential)
    now = a if page.get("time") is None else a._at_latest(page["time"])
    left = [] if plan is None else ["", *open_ends(plan, now), ""]
    written = (f"Written: {path}" for path, _ in outs)
    say(repr(now), "", now.describe(), *left, *asked.changes, *written)
    return OK


def _wanted(given: Sequence[str]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--where takes COLUMN=VALUE, as in county=Inyo, not {shown(text)}.")
        wanted.setdefault(name, []).append(value)
    return wanted


Writer = Callable[[tu.Assessment, Path, bool], object]


def _csv(frame: pd.DataFrame, path: Path) -> None:
    write_whole(path, lambda place: frame.to_csv(place, index=False, errors="backslashreplace"))


_WRITERS: Mapping[str, Writer] = {
    ".csv": lambda a, path, _: _csv(a.table, path),
    ".xlsx": lambda a, path, _: a.to_excel(path),
    ".parquet": lambda a, path, safe: a.segments.to_parquet(path, confidential=safe),
}


def _writer(text: str) -> tuple[Path, Writer | None]:
    """Find what writes a file, by its suffix; None for a page, which is ``report``'s."""
    path = check_path("--out", text)
    return path, _WRITERS.get(path.suffix.lower())


def inspect(asked: argparse.Namespace) -> int:
    """List what is wrong with a table."""
    told = data_values(LEDGER, asked)
    found = tu.inspect(table(asked.file, asked), **told)
    for path in (check_path("--out", text) for text in asked.out or ()):
        if path.suffix.lower() != ".csv":
            raise InputError(f"{path.name!r} must end in .csv: the ledger is written as a table.")
        _csv(found, path)
        say(f"Written: {path}")
    for severity, where, rows, words, advice in found.itertuples(index=False):
        many = "" if pd.isna(rows) else f" ({count_words(rows, 'row')})"
        say(f"{severity}: {words}{many}", f"  where: {where}", f"  {advice}", "")
    say(*asked.changes, f"{count_words(len(found), 'finding')}.")
    if not _WHAT_TELLS_MOST & told.keys():
        options = "--numerator, --denominator and --segments"
        say(f"Nothing was said of its columns: with {options} more is seen.")
    return OK


def audit(asked: argparse.Namespace) -> int:
    """Attack what is to be published."""
    public = [_public(path) for path in asked.public]
    width = number("--width", asked.width)
    found = tu.audit(*public, width=width)  # type: ignore[arg-type] # a number that is no whole one is refused
    failed = int((~found["passes"]).sum())
    say(found.to_string(index=False) if len(found) else "Nothing is hidden.", "")
    say(f"{failed} of {len(found)} hidden counts can be narrowed down too far.")
    return NARROW if failed else OK


def _public(path: str) -> tu.Assessment:
    """Read the segments of a public assessment; which goal they are held against tells nothing."""
    segments = tu.read_segments(path)
    any_goal = tu.Goal.at_least(0)
    named = segments.strata.indicator_name is not None
    return tu.assess(
        segments, dict.fromkeys(segments.strata.indicators, any_goal) if named else any_goal
    )


def say(*lines: str, to: Any = None) -> None:
    """Write lines for a person, to stdout unless said; what a terminal cannot show is escaped."""
    stream, text = to or sys.stdout, "\n".join(lines)
    coding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(coding, "backslashreplace").decode(coding) + "\n")
