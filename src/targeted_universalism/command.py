"""The command ``tu``: the library for those who write no code; options are the functions' own.

An option is made from the parameter of the function that takes it, so that a new parameter is a
new option with no second place.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from targeted_universalism import __version__
from targeted_universalism.answer.goal_files import read_goals
from targeted_universalism.answer.goals import Goal
from targeted_universalism.assessment import Assessment, assess
from targeted_universalism.errors import InputError, as_path, check_path, did_you_mean, shown
from targeted_universalism.privacy.audit import audit
from targeted_universalism.privacy.suppress import suppress
from targeted_universalism.read.constructors import (
    from_counts,
    from_csv,
    from_estimates,
    from_parquet,
    from_records,
)
from targeted_universalism.read.ledger import inspect as ledger
from targeted_universalism.read.options import overlapping
from targeted_universalism.read.tables import read_table
from targeted_universalism.segments.segments import Segments, read_segments
from targeted_universalism.segments.writing import write_whole

OK, NARROW, BAD_INPUT = 0, 1, 2

_EXIT = """exit codes:
  0  done
  1  tu audit alone: a hidden count can be narrowed down too far
  2  bad input: the message says what is wrong, and what to do"""
_MAPPINGS = """options that take a mapping:
  NAME=VALUE for each entry, as in --exclusive programme=false --suppressed "<11=1:10" "*=none"
  --order income=low,middle,high. A missing label is written as ""."""
_GOALS = (
    'A goal is written as "at least 90 %", "at most 3 per 1,000" or "at least 0.9"; for an '
    'indicator, as "absent=at most 10 %".'
)
_FILE = "a table: .csv, .tsv, .txt, .parquet or .xlsx, as tu.read_table reads it"
_OUT = ".html, .xlsx or .csv, or .parquet for tu audit; may be repeated"
_SIGNED = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?", re.ASCII)
_HEADING = "left out: heading"  # what every file has is no news
_LONGEST = 40  # digits; nobody means more
_GOAL = re.compile(
    r"(?P<side>at least|at most)\s+(?P<target>-?[\d.,]+)\s*(?P<percent>%|percent|per cent)?"
    r"(\s*per\s+(?P<per>[\d,]+))?",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"^(\w[\w, ]*?) : .+\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


# --- options ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One option of the command, made from one parameter.

    Parameters
    ----------
    name : str
        The parameter.
    kind : str
        Its type, as it is annotated.
    default : object
        What it is without the option.
    words : str
        The first sentence of its documentation.
    """

    name: str
    kind: str
    default: object
    words: str

    @property
    def flag(self) -> str:
        """How it is written."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def entries(self) -> str | None:
        """The type of a mapping's values; None where it takes no mapping."""
        found = re.search(r"Mapping\[\w+, (\w+(?:\[\w+\])?)\]", self.kind)
        return None if found is None else found[1]

    @property
    def several(self) -> bool:
        """Whether it takes several values."""
        many = (
            self.kind == "object"
            or "Sequence[str" in self.kind
            or self.kind.startswith("Segmentation")
        )
        return many or self.entries is not None

    def add_to(self, parser: argparse.ArgumentParser) -> None:
        """Add it to a parser, as text."""
        shape: dict[str, Any] = {"metavar": self.name.upper()}
        if self.kind == "bool":
            shape = {"action": "store_true"}
        elif self.kind.startswith("tuple"):
            shape |= {"nargs": 2}
        elif self.several:
            shape |= {"nargs": "*", "action": "extend"}
        parser.add_argument(
            self.flag, dest=self.name, default=None, help=self.words.replace("%", "%%"), **shape
        )

    def value(self, given: Any) -> Any:
        """Turn the text that was given into what the parameter takes."""
        if isinstance(given, bool) or self.kind.startswith("tuple"):
            return tuple(given) if isinstance(given, list) else given
        if isinstance(given, str):
            return self._one(given)
        if not given and self.kind.startswith("bool | str"):
            return True
        if not given:
            raise InputError(f"{self.flag} takes a value, or several.")
        if self.entries is not None and all("=" in text for text in given):
            return self._mapping(given)
        if self.entries is not None and self.kind.startswith("Mapping"):
            raise InputError(f"{self.flag} takes NAME=VALUE, not {' '.join(map(shown, given))}.")
        one = [self._one(text) for text in given]
        return one[0] if len(one) == 1 else one

    def _mapping(self, given: Sequence[str]) -> dict[str, Any]:
        """Read NAME=VALUE, each name once; a name may hold the sign too, as >=50 does."""
        found: dict[str, Any] = {}
        for name, _, value in (text.rpartition("=") for text in given):
            if name in found:
                raise InputError(f"{self.flag} names {name!r} twice.")
            found[name] = self._entry(value)
        return found

    def _one(self, text: str) -> Any:
        """Read one value."""
        nothing = "None" in self.kind and self.default is not None
        if nothing and text.casefold() == "none":
            return None
        first = self.kind.split(" | ")[0]
        if self.kind.startswith("bool | str"):
            return text  # rollup=: True, or columns
        return self._read(first, text)

    def _entry(self, text: str) -> Any:
        """Read one value of a mapping."""
        kind = str(self.entries)
        if kind == "Any":
            return None if text.casefold() == "none" else self._bounds(text)
        if kind == "object" and _SIGNED.fullmatch(text):
            kind = "Number"
        return text.split(",") if kind.startswith("Sequence") else self._read(kind, text)

    def _read(self, kind: str, text: str) -> Any:
        if kind in ("int", "float", "Number"):
            return number(self.flag, text)
        if kind == "bool":
            return self._yes_or_no(text)
        return text

    def _yes_or_no(self, text: str) -> bool:
        if text.casefold() not in ("true", "false"):
            raise InputError(f"{self.flag} takes true or false, not {shown(text)}.")
        return text.casefold() == "true"

    def _bounds(self, text: str) -> tuple[float, float]:
        low, colon, high = text.partition(":")
        if not colon:
            raise InputError(
                f"{self.flag} takes TOKEN=LEAST:MOST or TOKEN=none, as in "
                f'{self.flag} "<11=1:10", not {shown(text)}.'
            )
        most = float("inf") if high.casefold() == "inf" else number(self.flag, high)
        return number(self.flag, low), most


def number(flag: str, text: str) -> int | float:
    """Read a number as people write it: 90, 0.9, 1,000; a whole one stays whole.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> number("--per", "1,000"), number("--level", "0.9")
    (1000, 0.9)

    """
    word = text.strip()
    if len(word) > _LONGEST or not _SIGNED.fullmatch(word) or not re.search("[0-9]", word):
        raise InputError(f"{flag} takes a number such as 90, 0.9 or 1,000, not {shown(text)}.")
    plain = word.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def options_of(*functions: Callable[..., Any], leave: Iterable[str] = ()) -> list[Option]:
    """Make the options of some functions, each name once."""
    found: dict[str, Option] = {}
    for function in functions:
        words = _documented(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if name in leave or parameter.kind is not parameter.KEYWORD_ONLY:
                continue
            option = Option(name, str(parameter.annotation), parameter.default, words.get(name, ""))
            found.setdefault(name, option)
    return list(found.values())


def _documented(function: Callable[..., Any]) -> dict[str, str]:
    """Give the first sentence that a docstring has of each parameter."""
    text = (inspect.getdoc(function) or "").partition("Parameters\n")[2].partition("Returns\n")[0]
    found: dict[str, str] = {}
    for names, body in _PARAMETER.findall(text):
        words = " ".join(body.split()).replace("``", "'")
        first = re.split(r"(?<=[.:])\s", words)[0].rstrip(":.")
        found |= dict.fromkeys(names.split(", "), first)
    return found


_DATA = options_of(from_counts, from_estimates, from_records, leave=("definition",))
_LEDGER = options_of(ledger, leave=("definition",))
_TABLE = options_of(read_table)
_GOAL_WORDS = options_of(Goal.at_least, leave=("per", "definition"))
_ASSESS = options_of(assess)
_RULE = [o for o in options_of(suppress) if o.kind in ("str", "int")]


# --- goals --------------------------------------------------------------------------------------


def goal(text: str, **words: Any) -> Goal:
    """Read a goal as it is said: "at least 90 %", "at most 3 per 1,000", "at least 0.9".

    Parameters
    ----------
    text : str
        The side, a number, and at most one unit.
    **words
        What else ``Goal.at_least`` takes: ``name``, ``deadline``, …

    Raises
    ------
    InputError
        If it is said otherwise.

    Examples
    --------
    >>> goal("at most 3 per 1,000")
    Goal: at most 3 per 1,000
    >>> goal("at least 90 %").per
    100

    """
    found = _GOAL.fullmatch(" ".join(text.split()))
    if found is None or (found["percent"] and found["per"]):
        raise InputError(f"--goal {shown(text)} is no goal. {_GOALS}")
    per = 100 if found["percent"] else None
    if found["per"]:
        per = int(number("--goal", found["per"]))
    side = Goal.at_least if found["side"].casefold() == "at least" else Goal.at_most
    return side(number("--goal", found["target"]), per=per, **words)


def _goals(asked: argparse.Namespace) -> Goal | dict[str, Goal]:
    """Read the goal, the goals by indicator, or the file of goals."""
    words = _values(_GOAL_WORDS, asked)
    if asked.goals is not None:
        if asked.goal or words:
            raise InputError("--goals names a file of goals: leave --goal and its words out.")
        return read_goals(asked.goals)
    if not asked.goal:
        raise InputError(f"What should everybody reach? Say --goal. {_GOALS}")
    named = [text.rpartition("=") for text in asked.goal]
    if len(named) == 1 and not named[0][1]:
        return goal(asked.goal[0], **words)
    for name, equals, _ in named:
        if not equals:
            raise InputError(f"Several goals are for one indicator each. {_GOALS}")
        if [one for one, *_ in named].count(name) > 1:
            raise InputError(f"--goal names {name!r} twice.")
    return {name: goal(text, **words) for name, _, text in named}


# --- data ---------------------------------------------------------------------------------------


def table(path: str, asked: argparse.Namespace) -> pd.DataFrame:
    """Read a table as an agency publishes it; what was changed on the way in is told in the end.

    Parameters
    ----------
    path : str
        What ``tu.read_table`` reads.
    asked : Namespace
        Its options.
    """
    frame, log = read_table(path, **_values(_TABLE, asked))
    rules = log["rule"].astype(str).value_counts(sort=False).drop(_HEADING, errors="ignore")
    told = "; ".join(f"{rule} ({count:,})" for rule, count in rules.items())
    asked.changes = [f"Changed on the way in, as tu.read_table logs it: {told}."] if told else []
    return frame


def _values(options: Iterable[Option], asked: argparse.Namespace) -> dict[str, Any]:
    """Give what was said, as the functions take it."""
    given = {option: getattr(asked, option.name) for option in options}
    return {o.name: o.value(text) for o, text in given.items() if text not in (None, False)}


def _said(options: Iterable[Option], asked: argparse.Namespace) -> dict[str, Any]:
    """Give what was said of the data, flags of overlapping segments made one dimension."""
    said = _values(options, asked)
    segments = said.get("segments")
    if segments is not None:
        listed = [segments] if isinstance(segments, str) else segments
        said["segments"] = [_segments(text) for text in listed]
    return said


def _segments(text: str) -> Any:
    name, equals, columns = text.partition("=")
    return overlapping(columns.split(","), name=name) if equals else text


_MAKERS: Mapping[str, Callable[..., Segments]] = {
    "numerator": from_counts, "estimate": from_estimates, "outcome": from_records,
}  # fmt: skip


def _segments_of(asked: argparse.Namespace, said: Mapping[str, Any]) -> Segments:
    """Make segments by the constructor that the options name; records stream from their file."""
    named = [name for name in _MAKERS if name in said]
    if len(named) != 1:
        each = "counts: --numerator and --denominator; published rates: --estimate; records of " \
               "people: --outcome"  # fmt: skip
        raise InputError(f"Say what the table holds, one of: {each}.")
    _needs(_MAKERS[named[0]], said)
    suffix = as_path("FILE", asked.file).suffix.lower()
    stream = {".csv": from_csv, ".parquet": from_parquet}.get(suffix)
    if named == ["outcome"] and stream is not None:
        return stream(asked.file, **said)
    return _MAKERS[named[0]](table(asked.file, asked), **said)


def _needs(make: Callable[..., Any], said: Mapping[str, Any]) -> None:
    """Stop where an option is needed that was not given."""
    for name, parameter in inspect.signature(make).parameters.items():
        keyword = parameter.kind is parameter.KEYWORD_ONLY
        if keyword and parameter.default is parameter.empty and name not in said:
            raise InputError(f"--{name} is needed: {_documented(make).get(name, name)}.")


# --- what is done -------------------------------------------------------------------------------


def _assess(asked: argparse.Namespace) -> int:
    outs = [_writer(text) for text in asked.out or ()]
    goals, said = _goals(asked), _said(_DATA, asked)
    a = assess(_segments_of(asked, said), goals, **_values(_ASSESS, asked))
    rule = _values(_RULE, asked)
    if asked.suppress is not None:
        rule["minimum"] = number("--suppress", asked.suppress)
    if rule:
        a = a.suppress(**rule)
    if asked.where:
        a = a.where(_wanted(asked.where))
    for path, write in outs:
        write(a, path, asked.confidential)
    say(repr(a), "", a.describe(), *asked.changes, *(f"Written: {path}" for path, _ in outs))
    return OK


def _wanted(given: Sequence[str]) -> dict[str, list[str]]:
    wanted: dict[str, list[str]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--where takes COLUMN=VALUE, as in county=Inyo, not {shown(text)}.")
        wanted.setdefault(name, []).append(value)
    return wanted


Writer = Callable[[Assessment, Path, bool], object]


def _csv(frame: pd.DataFrame, path: Path) -> None:
    write_whole(path, lambda place: frame.to_csv(place, index=False, errors="backslashreplace"))


_WRITERS: Mapping[str, Writer] = {
    ".csv": lambda a, path, _: _csv(a.table, path),
    ".xlsx": lambda a, path, _: a.to_excel(path),
    ".parquet": lambda a, path, safe: a.segments.to_parquet(path, confidential=safe),
}


def _writer(text: str) -> tuple[Path, Writer]:
    """Find what writes a file, by its suffix; pages are written by ``report``, whose they are."""
    path = check_path("--out", text)
    return path, _WRITERS.get(path.suffix.lower(), lambda a, place, _: a.report(place))


def _inspect(asked: argparse.Namespace) -> int:
    found = ledger(table(asked.file, asked), **_said(_LEDGER, asked))
    for path in (check_path("--out", text) for text in asked.out or ()):
        if path.suffix.lower() != ".csv":
            raise InputError(f"{path.name!r} must end in .csv: the ledger is written as a table.")
        _csv(found, path)
        say(f"Written: {path}")
    for severity, where, rows, words, advice in found.itertuples(index=False):
        many = "" if pd.isna(rows) else f" ({rows:,} rows)"
        say(f"{severity}: {words}{many}", f"  where: {where}", f"  {advice}", "")
    say(*asked.changes, f"{len(found)} finding{'' if len(found) == 1 else 's'}.")
    return OK


def _audit(asked: argparse.Namespace) -> int:
    public = [_public(path) for path in asked.public]
    width = number("--width", asked.width)
    found = audit(*public, width=width)  # type: ignore[arg-type] # a number that is no whole one is refused
    failed = int((~found["passes"]).sum())
    say(found.to_string(index=False) if len(found) else "Nothing is hidden.", "")
    say(f"{failed} of {len(found)} hidden counts can be narrowed down too far.")
    return NARROW if failed else OK


def _public(path: str) -> Assessment:
    """Read the segments of a public assessment; which goal they are held against tells nothing."""
    segments = read_segments(path)
    any_goal = Goal.at_least(0)
    named = segments.strata.indicator_name is not None
    return assess(
        segments, dict.fromkeys(segments.strata.indicators, any_goal) if named else any_goal
    )


# --- the command --------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser that stops as the rest of the library does."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="tu", allow_abbrev=False, epilog=_EXIT, formatter_class=_Raw,
        description="One universal goal, each group's distance to it, and the effort it takes.",
    )  # fmt: skip
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_assess(_command(commands, "assess", _assess, "hold every group of a table against a goal"))
    _add_inspect(_command(commands, "inspect", _inspect, "list what is wrong with a table"))
    _add_audit(_command(commands, "audit", _audit, "attack what is to be published"))
    return top


def _each(*options: Sequence[Option]) -> list[Option]:
    """Give options of several functions, each name once."""
    return list({one.name: one for some in reversed(options) for one in some}.values())


def _add_assess(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", help=_FILE)
    add("--goal", action="append", help=_GOALS.replace("%", "%%"))
    add("--goals", metavar="FILE", help="a file of goals, .toml or .csv")
    add("--out", action="append", metavar="FILE", help=_OUT)
    add("--suppress", metavar="MINIMUM", help="hide small cells: counts below it, 11 as a rule")
    add("--where", nargs="+", action="extend", metavar="COLUMN=VALUE", help="keep some of the rows")
    add("--confidential", action="store_true", help="a .parquet file may hold small counts")
    for option in _each(_DATA, _TABLE, _GOAL_WORDS, _ASSESS, _RULE):
        option.add_to(parser)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE)
    parser.add_argument("--out", action="append", metavar="FILE", help="the ledger as .csv")
    for option in _each(_LEDGER, _TABLE):
        option.add_to(parser)


def _add_audit(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("public", nargs="+", metavar="PUBLIC", help="what tu assess --suppress wrote as .parquet")
    add("--width", default="5", help="how many values every hidden count must keep")


class _Raw(argparse.RawDescriptionHelpFormatter):
    """Help whose last words are laid out as they stand."""


def _command(
    commands: Any, name: str, do: Callable[[argparse.Namespace], int], words: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}.", allow_abbrev=False,
        epilog=f"{_MAPPINGS}\n\n{_EXIT}", formatter_class=_Raw,
    )  # fmt: skip
    parser.set_defaults(do=do, changes=[])
    return parser


def say(*lines: str) -> None:
    """Write lines for a person; what a terminal cannot show is escaped."""
    _write(sys.stdout, "\n".join(lines))


def _write(stream: Any, text: str) -> None:
    coding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(coding, "backslashreplace").decode(coding) + "\n")


def main(argv: Sequence[str] | None = None) -> int:
    r"""Do what a command line asks, and give the exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``tu``; those that the program was called with by default.

    Returns
    -------
    int
        0 done; 1 an audit that does not pass; 2 bad input, with the library's message.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "pupils.csv"
    ...     _ = file.write_text("race,absent,pupils\nBlack,90,300\nWhite,50,900\n")
    ...     main(["inspect", str(file), "--numerator", "absent", "--denominator", "pupils"])
    0 findings.
    0

    """
    try:
        asked, left = _parser().parse_known_args(sys.argv[1:] if argv is None else list(argv))
        _check_known(asked, left)
        return int(asked.do(asked))
    except InputError as error:
        _write(sys.stderr, f"tu: {error}")
        return BAD_INPUT
    except SystemExit as done:  # --help and --version
        return int(done.code or OK)
    except OSError as error:  # a full disk, a closed pipe, a name that no file can have
        _write(sys.stderr, f"tu: {error}")
        return BAD_INPUT


def _check_known(asked: argparse.Namespace, left: Sequence[str]) -> None:
    """Stop at a word that is no option, with the nearest."""
    others = ("do", "changes", "file", "public", "command")
    for word in left[:1]:
        known = [f"--{name.replace('_', '-')}" for name in vars(asked) if name not in others]
        what = f"{word!r} is no option of tu {asked.command}"
        raise InputError(f"{what}. {did_you_mean(word, known)}")
