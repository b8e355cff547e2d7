"""The command line: its commands, their options, and what is said when one is wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import targeted_universalism as tu
from targeted_universalism.command.data import DATA, TABLE
from targeted_universalism.command.goals import GOAL_WORDS, GOALS
from targeted_universalism.command.options import Option
from targeted_universalism.command.pages import PAGE, PLAN_COLUMNS
from targeted_universalism.command.tasks import (
    ASSESS,
    LEDGER,
    OK,
    RULE,
    assess,
    audit,
    inspect,
    say,
)
from targeted_universalism.errors import InputError, did_you_mean

BAD_INPUT = 2

_EXIT = """exit codes:
  0  done
  1  tu audit alone: a hidden count can be narrowed down too far
  2  bad input: the message says what is wrong, and what to do"""
_MAPPINGS = """options that take a mapping:
  NAME=VALUE for each entry, as in --exclusive programme=false --suppressed "<11=1:10" "*=none"
  --order income=low,middle,high. A missing label is written as ""."""
_FILE = "a table: .csv, .tsv, .txt, .parquet or .xlsx, as tu.read_table reads it"
_PLAN = "a table of structures, strategies and owners: tu.Plan lists its columns"
_OUT = ".html, .docx, .md, .xlsx or .csv, or .parquet for tu audit; may be repeated"


class _Parser(argparse.ArgumentParser):
    """A parser that stops as the rest of the library does."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message[:1].upper()}{message[1:]}. See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="tu", allow_abbrev=False, epilog=_EXIT, formatter_class=_Raw,
        description="One universal goal, each group's distance to it, and the effort it takes.",
    )  # fmt: skip
    top.add_argument("--version", action="version", version=tu.__version__)
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_assess(_command(commands, "assess", assess, "hold every group of a table against a goal"))
    _add_inspect(_command(commands, "inspect", inspect, "list what is wrong with a table"))
    _add_audit(_command(commands, "audit", audit, "attack what is to be published"))
    return top


def _add_assess(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("file", metavar="FILE", help=_FILE)
    add("--out", action="append", metavar="FILE", help=_OUT)
    add("--confidential", action="store_true", help="a .parquet file may hold small counts")
    goal = parser.add_argument_group("the goal")
    goal.add_argument("--goal", action="append", help=GOALS.replace("%", "%%"))
    goal.add_argument("--goals", metavar="FILE", help="a file of goals, .toml or .csv")
    _add(goal, GOAL_WORDS)
    _add(parser.add_argument_group("what the table holds"), DATA)
    known = {option.name for option in DATA}
    file = [option for option in TABLE if option.name not in known]
    _add(parser.add_argument_group("how the file is read"), file)
    asked = parser.add_argument_group("the assessment")
    asked.add_argument(
        "--where", nargs="+", action="extend", metavar="COLUMN=VALUE", help="keep some of the rows"
    )
    _add(asked, ASSESS)
    hidden = parser.add_argument_group("before publication")
    hidden.add_argument(
        "--suppress", metavar="MINIMUM", help="hide small cells: counts below it, 11 as a rule"
    )
    _add(hidden, RULE)
    page = parser.add_argument_group("the page")
    page.add_argument("--plan", metavar="FILE", help=_PLAN)
    _add(page, [PLAN_COLUMNS, *PAGE])


def _add(parser: argparse._ActionsContainer, options: Iterable[Option]) -> None:
    for option in options:
        option.add_to(parser)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE)
    parser.add_argument("--out", action="append", metavar="FILE", help="the ledger as .csv")
    _add(parser, {one.name: one for one in (*LEDGER, *TABLE)}.values())


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
        say(f"tu: {error}", to=sys.stderr)
        return BAD_INPUT
    except SystemExit as done:  # --help and --version
        return int(done.code or OK)
    except OSError as error:  # a full disk, a closed pipe, a name that no file can have
        say(f"tu: {error}", to=sys.stderr)
        return BAD_INPUT


def _check_known(asked: argparse.Namespace, left: Sequence[str]) -> None:
    """Stop at a word that is no option, with the nearest."""
    others = ("do", "changes", "file", "public", "command")
    for word in left[:1]:
        known = [f"--{name.replace('_', '-')}" for name in vars(asked) if name not in others]
        what = f"{word!r} is no option of tu {asked.command}"
        raise InputError(f"{what}. {did_you_mean(word, known)}")
