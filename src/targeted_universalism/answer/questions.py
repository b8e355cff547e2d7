"""What has been assessed, and the questions put to it: functions of the rooms, as methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from importlib import import_module
from types import MethodType, ModuleType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from targeted_universalism.answer.answer import Answer
from targeted_universalism.errors import CallError, InputError, advised, shown
from targeted_universalism.segments.statistics import Statistics

_Options = ParamSpec("_Options")
_Found = TypeVar("_Found")
_Assessed = TypeVar("_Assessed", bound="Assessed")


@dataclass(frozen=True, eq=False, repr=False)
class Assessed:
    """An answer as people hold it: what can be asked of it, and nothing else."""

    _answer: Answer

    def __dir__(self) -> list[str]:
        return [n for n in super().__dir__() if n.startswith("__") or not n.startswith("_")]


class Rooms:
    """A folder of the house, whose rooms load when they are first named."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def __getattr__(self, room: str) -> ModuleType:
        if room.startswith("_"):  # whoever inspects an object asks for such names
            raise AttributeError(room)
        return import_module(f"targeted_universalism.{self._folder}.{room}")


class Question(Generic[_Options, _Found]):
    """A method that is a function of a room, with its docstring and its parameters.

    The function's first parameter is an answer, which the assessment gives, as ``self`` is given.
    Where the function gives an answer back, the method gives an assessment of the same class.

    Parameters
    ----------
    fetch : callable
        Gives the function; called when the question is first asked, so that a room with heavy
        imports loads no earlier.
    """

    def __init__(self, fetch: Callable[[], Callable[Concatenate[Answer, _Options], _Found]]):
        self._fetch = fetch

    @cached_property
    def _method(self) -> Callable[..., Any]:
        function = advised(self._fetch())

        @wraps(function)
        def method(
            assessed: Assessed, /, *args: _Options.args, **kwargs: _Options.kwargs
        ) -> _Found | Assessed:
            found = function(assessed._answer, *args, **kwargs)
            return type(assessed)(found) if isinstance(found, Answer) else found

        return method

    @overload
    def __get__(
        self: Question[_Options, Answer], one: None, of: type[_Assessed]
    ) -> Callable[Concatenate[_Assessed, _Options], _Assessed]: ...
    @overload
    def __get__(
        self: Question[_Options, Answer], one: _Assessed, of: type[_Assessed]
    ) -> Callable[_Options, _Assessed]: ...
    @overload
    def __get__(
        self, one: None, of: type[_Assessed]
    ) -> Callable[Concatenate[_Assessed, _Options], _Found]: ...
    @overload
    def __get__(self, one: _Assessed, of: type[_Assessed]) -> Callable[_Options, _Found]: ...
    def __get__(self, one: Assessed | None, of: type[Assessed]) -> Callable[..., Any]:
        return self._method if one is None else MethodType(self._method, one)


def answer_of(call: str, assessed: object) -> Answer:
    """Give the answer behind an assessment; stop at what is none, which the call was given."""
    if isinstance(assessed, Assessed):
        return assessed._answer
    raise CallError(
        f"{call} takes an assessment, not {shown(assessed)}: a = tu.assess(segments, goal)."
    )


def public_answers(call: str, published: Assessed | Sequence[Assessed]) -> list[Answer]:
    """Give the answers behind public assessments; stop at what is not public, naming the call."""
    if isinstance(published, Assessed):
        published = [published]
    if not isinstance(published, Iterable) or isinstance(published, (str, bytes)):
        raise CallError(
            f"{call} takes public assessments, not {shown(published)}: a.suppress(…), or a list."
        )
    published = list(published)
    for one in published:
        if not isinstance(one, Assessed):
            raise CallError(
                f"{call} takes public assessments, not {type(one).__name__}: a.suppress(…)."
            )
        if not one._answer.public:
            raise InputError(
                f"{call} looks at what is published, and this assessment still holds everything: "
                "say a.suppress(…) first."
            )
    return [one._answer for one in published]


def segments_behind(
    option: str, census: Assessed | Statistics | Sequence[Assessed | Statistics]
) -> list[Any]:
    """Give the segments that an option names, themselves or by an assessment, public or not."""
    many = [census] if isinstance(census, (Assessed, Statistics)) else census
    if not isinstance(many, Iterable) or isinstance(many, (str, bytes)):
        raise CallError(f"{option}= takes segments or assessments, not {shown(many)}.")
    found = [one._answer.segments if isinstance(one, Assessed) else one for one in many]
    for one in found:
        if not isinstance(one, Statistics):
            raise CallError(f"{option}= takes segments or assessments, not {type(one).__name__}.")
    return found
