"""Options, each made from a parameter of the function that takes it."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from targeted_universalism.errors import InputError, shown

_SIGNED = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?", re.ASCII)
_LONGEST = 40  # digits; nobody means more
_LISTED = re.compile(r'^\s*- ``"([^"]+)"``', re.MULTILINE)
_PARAMETER = re.compile(r"^(\w[\w, ]*?) : .+\n((?:(?: {4}.*)?\n)+)", re.MULTILINE)


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
            or "Sequence[" in self.kind
            or self.kind.startswith("Segmentation")
        )
        return many or self.entries is not None

    def add_to(self, parser: argparse._ActionsContainer) -> None:
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
        owner = getattr(function, "__self__", None)
        words = {} if owner is None else documented(owner)
        words |= documented(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if name in leave or parameter.kind is not parameter.KEYWORD_ONLY:
                continue
            option = Option(name, str(parameter.annotation), parameter.default, words.get(name, ""))
            found.setdefault(name, option)
    return list(found.values())


def documented(function: object) -> dict[str, str]:
    """Give the first sentence that a docstring has of each parameter, and the names it lists."""
    text = (inspect.getdoc(function) or "").partition("Parameters\n")[2].partition("Returns\n")[0]
    found: dict[str, str] = {}
    for names, body in _PARAMETER.findall(text):
        found |= dict.fromkeys(names.split(", "), _first_sentence(body))
    return found


def _first_sentence(body: str) -> str:
    """Give a sentence without the marks of documentation; names of a list follow it."""
    first = body.strip().partition("\n\n")[0]
    sentence = re.split(r"(?<=\.)\s", " ".join(first.split()))[0].rstrip(".:")
    plain = re.sub(r":\w+:`([^`]*)`|`+([^`]*)`+", r"\1\2", sentence)
    listed = ", ".join(_LISTED.findall(body))
    return f"{plain}: {listed}" if listed else plain


def values(options: Iterable[Option], asked: argparse.Namespace) -> dict[str, Any]:
    """Give what was said, as the functions take it."""
    given = {option: getattr(asked, option.name) for option in options}
    return {o.name: o.value(text) for o, text in given.items() if text not in (None, False)}
