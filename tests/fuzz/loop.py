"""The loop: tables are drawn, read, assessed and asked; what must not happen is written down.

A call is one call of a public function or method. It is *wrong* where its answer is not what the
rows hold, where it refuses what fits or answers what cannot, and *foreign* where anything but the
library's own error, or a warning, reaches the user. To make the calls of a seed again, in the
folder of tests: ``python -m fuzz.loop --seed 3 --calls 1000``.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd

import targeted_universalism as tu
from fuzz import answers, arguments, check, judge, oracle, spoil, tables
from fuzz.arguments import Context

CALLS_OF_A_TABLE = 10
# What a method may say of a table that fits: by name, what its message holds.
_NO_TIME = (
    "which is no year", "are one time", "side by side", "ends before it starts", "is no date",
    "is no value of", "is not after",
)  # fmt: skip
MAY_REFUSE: dict[str, tuple[str, ...]] = {
    "Assessment.progress": _NO_TIME,
    "Assessment.report": (*_NO_TIME, "in the past", "are the most"),
    "Plots.trajectory": (*_NO_TIME, "in the past", "panels", "shows one"),
    "Plots.slope": (*_NO_TIME, "there is one", "segments are more", "shows one"),
    "Plots.funnel": ("dimensions have a segment",),
    "candidate_goals": (*_NO_TIME, "in the past"),
    "Assessment.milestones": (*_NO_TIME, "in the past", "are the most"),
    "Assessment.gap_trends": (
        *_NO_TIME,
        "is no segment",
        "stands for a missing segment",
        "none here",
    ),
    **{f"from_{door}": ("give each its own",) for door in ("records", "parquet", "csv", "counts")},
    "combine": ("published estimates are not added",),
    "Assessment.effort": ("leave one of them out",),
    "Assessment.allocate": ("leave one of them out", "Choose one", "names no segment", "is needed"),
    "Assessment.suppression_log": ("is asked of the confidential assessment",),
    "Assessment.spending": ("for one stratum", "choose one", "for one indicator"),
    "assess": ("The published intervals are at level",),
    "Assessment.disparities": ("stands for a missing segment",),
    "read_table": ("its comma may be a decimal point", "some numbers have a percent sign"),
    "Plots.allocation": ("leave one of them out", "Choose one", "a picture shows one", "nothing"),
    "Plots.spending": ("choose one", "a picture shows one", "nothing"),
    "Plots.concentration": ("needs an ordered dimension",),
    "Plots.disparities": ("nothing to compare", "no rate here", "is no segment"),
    "Plots.equiplot": ("shows the segments of one dimension",),
}
# Dear ones are asked less often.
SELDOM = {"Assessment.report": 0.05, "Assessment.to_excel": 0.15, "Assessment.suppress": 0.4}
WAYS = ("right", "right", "mixed", "wrong", "wrong", "junk", "misplaced")


@dataclass
class Tally:
    """How many calls were made, and what went wrong in which."""

    calls: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All calls."""
        return sum(self.calls.values())

    def call(
        self, name: str, said: str, function: Callable[[], Any]
    ) -> tuple[Any, tu.InputError | None]:
        """Call; warnings are errors, and an error that is not the library's own is foreign."""
        self.calls[name] += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                # A font that lacks a label's sign: matplotlib's word to the user.
                warnings.filterwarnings("ignore", "Glyph")
                return function(), None
        except tu.InputError as error:
            if not str(error).strip():
                self.wrong.append(f"{said}: an error without words")
            return None, error
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            where = " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames))
            self.foreign.append(f"{said}: {type(error).__name__} {str(error)[:200]} at {where}")
            return None, tu.InputError("foreign")
        finally:
            plt.close("all")


def fuzz(seed: int, calls: int) -> Tally:
    """Make so many calls, or a few more; the same seed makes the same calls."""
    tally, number = Tally(), 0
    mpl.use("Agg")
    # What is no path of ours may still be one: nothing is written outside the folder.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        while tally.total < calls:
            Round(f"{seed}-{number}", Path(folder), tally).run()
            number += 1
    return tally


class Round:
    """One table, and what is asked of it."""

    def __init__(self, name: str, folder: Path, tally: Tally) -> None:
        self.name, self.folder, self.tally = name, folder, tally
        self.rng = Random(name)  # noqa: S311

    def run(self) -> None:
        """Read a table, spoil it, and ask."""
        door = self.rng.choice(list(tables.MAKERS))
        context = self.made(tables.MAKERS[door](self.rng))
        if context is None:
            return
        self.spoilt(context)
        self.compared(context)
        names = list(arguments.public())
        for _ in range(CALLS_OF_A_TABLE):
            name = self.rng.choice(names)
            if self.rng.random() < SELDOM.get(name, 1):
                self.asked(name, context)

    def call(self, name: str, said: str, function: Callable[[], Any]) -> tuple[Any, Any]:
        """Call, under the name of this round, by which it can be made again."""
        return self.tally.call(name, f"[{self.name}] {name}({said})", function)

    def wrong(self, name: str, said: str, fault: str) -> None:
        """Write down an answer that is not right."""
        self.tally.wrong.append(f"[{self.name}] {name}({said}): {fault}")

    def made(self, table: tables.Table) -> Context | None:
        """Read a table that fits, assess it, and hold both against the oracle."""
        goal = oracle.Goal(**tables.goal_of(self.rng, table))
        context = Context(self.rng, self.folder, table)
        data, options = arguments.right(table.door, "data", context), arguments.options(table)
        said = f"{type(data).__module__.partition('.')[0]}, {table.options}"
        before = copy.deepcopy(data) if isinstance(data, pd.DataFrame) else None
        door = getattr(tu, table.door)
        segments, error = self.call(table.door, said, lambda: door(data, **options))
        if before is not None and not before.equals(data):
            self.wrong(table.door, said, "the table has changed")
        if error is not None:
            if not tables.nobody(table):
                self.wrong(table.door, said, f"refused what fits: {error}")
            return None
        wanted = arguments.goal_for(table, goal)
        interval = self.rng.choice(tables.intervals(table))
        a, error = self.call("assess", said, lambda: tu.assess(segments, wanted, interval=interval))
        if error is not None:
            self.wrong("assess", f"{said}, {goal}", f"refused what fits: {error}")
            return None
        for fault in list(check.faults(table, a, goal, interval))[:3]:
            self.wrong("assess", f"{said}, {goal}, {interval}", fault)
        context.segments, context.goal = segments, wanted
        context.a = self.otherwise(context, a, said)
        return context

    def otherwise(self, context: Context, a: tu.Assessment, said: str) -> tu.Assessment:
        """Assess in another way, or make public, so that questions meet every kind of answer."""
        by = context.table.options.get("by", ())
        ways: dict[str, Callable[[], tu.Assessment]] = {
            "confidence=None": lambda: tu.assess(context.segments, context.goal, confidence=None),
            "reliability=None": lambda: tu.assess(context.segments, context.goal, reliability=None),
            "rollup": lambda: tu.assess(
                context.segments, context.goal, rollup=list(by)[:1] or True
            ),
            "suppress": lambda: a.suppress(minimum=5),
            "as it is": lambda: a,
        }
        way = self.rng.choice(list(ways))
        found, error = self.call("assess", f"{said}, {way}", ways[way])
        return a if error is not None else found

    def compared(self, context: Context) -> None:
        """Hold comparisons, shares and measures against loops over the table's rows."""
        if self.rng.random() < 0.7:
            return
        by = context.table.options.get("by", ())
        found, error = self.call(
            "Assessment.disparities", "and others", lambda: list(answers.faults(context.a, by))
        )
        for fault in [f"refused what fits: {error}"] if error is not None else found[:3]:
            self.wrong("Assessment.disparities", f"and others, {context.table.options}", fault)

    def spoilt(self, context: Context) -> None:
        """Spoil the table in one way; what cannot be read must be refused."""
        door, spoiling = context.table.door, self.rng.choice(spoil.SPOILT)
        made = spoiling.make(self.rng, context.table)
        if made is None:
            return
        data, options = made
        said = f"{spoiling.name}, {options}"
        function, told = getattr(tu, door), arguments.with_flags(options)
        found, error = self.call(door, said, lambda: function(data, **told))
        if error is None and spoiling.refused:
            self.wrong(door, said, "answered what cannot be read")
        if error is None:
            self.call("assess", said, lambda: str(tu.assess(found, context.goal)))

    def asked(self, name: str, context: Context) -> None:
        """Call a function with what fits, with what does not, or with something in its place."""
        way = self.rng.choice(WAYS)
        try:
            function = arguments.bound(name, context)
            given = arguments.given(name, function, context, mixed=way == "mixed")
        except arguments.NotHereError:
            return
        if way in ("right", "mixed"):
            self.answered(name, function, given, must=way == "right")
        elif way == "misplaced":
            self.misplaced(name, function, given)
        elif given or arguments.parameters(function):
            self.unfit(name, function, given, must=way == "wrong")

    def answered(self, name: str, function: Any, given: dict[str, Any], *, must: bool) -> None:
        """Judge an answer; what fits must have one, options mixed at random may be refused."""
        said = arguments.shown(given)
        found, error = self.call(name, said, lambda: arguments.called(function, given))
        if error is None:
            drawn = given.get("intervals") == "simulate"
            for fault in judge.faults(name.rpartition(".")[2], found):
                # Percentiles of draws may leave out the largest of several that tie.
                if drawn and fault.startswith(("ci_low above", "value above")):
                    continue
                self.wrong(name, said, fault)
            return
        self.tally.refused[f"{name}: {str(error)[:90]}"] += 1
        allowed = MAY_REFUSE.get(name, ())
        if must and str(error) != "foreign" and not any(words in str(error) for words in allowed):
            self.wrong(name, said, f"refused what fits: {error}")

    def unfit(self, name: str, function: Any, given: dict[str, Any], *, must: bool) -> None:
        """Put something else in one place: what never fits must be refused."""
        place = self.rng.choice(list(arguments.parameters(function)))
        values = arguments.wrong(name, place) if must else arguments.junk(name, place)
        given = given | {place: self.rng.choice(values)}
        said = f"{place}: {arguments.shown(given)}"
        found, error = self.call(name, said, lambda: arguments.called(function, given))
        if error is None and must:
            self.wrong(name, said, f"answered what never fits: {str(found)[:80]}")

    def misplaced(self, name: str, function: Any, given: dict[str, Any]) -> None:
        """Call with a name that is not there, too much in place, or nothing at all."""
        if any(p.kind is p.VAR_KEYWORD for p in arguments.parameters(function).values()):
            return
        ways = {
            "a name that is not there": lambda: function(**given, no_such_option=1),
            "too much in place": lambda: function(*range(12)),
        }
        said = self.rng.choice(list(ways))
        if said == "too much in place" and name == "audit":
            return
        _, error = self.call(name, said, ways[said])
        if error is None:
            self.wrong(name, said, "answered")


def main(options: list[str]) -> int:
    """Run it, and print what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--calls", type=int, default=1_000)
    said = parser.parse_args(options)
    tally = fuzz(said.seed, said.calls)
    for line in [*tally.foreign, *tally.wrong]:
        sys.stdout.write(line + "\n")
    sys.stdout.write(
        f"{tally.total} calls of {len(tally.calls)} functions: {len(tally.wrong)} wrong, "
        f"{len(tally.foreign)} foreign exceptions\n"
    )
    return bool(tally.wrong or tally.foreign)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
