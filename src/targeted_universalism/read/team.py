"""Threads that compute side by side, as many as the machine has or somebody asks for.

Whoever gives work to a team decides what is added to what; the team only decides when. So no result
depends on its size.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral
from typing import Any, Generic, Protocol, TypeVar

from targeted_universalism.errors import InputError, shown

VARIABLE = "TU_THREADS"
_MOST = 1_024  # more threads than any machine's cores do nothing more
_MOST_UNASKED = 8
_FEW_ROWS = 50_000

T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Work(Protocol[R_co]):
    """Work that was begun."""

    def result(self) -> R_co:
        """Give what it made, or raise what it raised."""
        ...


class Done(Generic[R]):
    """Work that was done at once, by a team of one: its result, or what it raised."""

    def __init__(self, work: Callable[..., R], *given: Any) -> None:
        self._error: Exception | None = None
        try:
            self._made = work(*given)
        except Exception as error:  # whatever it is, it is raised where the result is wanted
            self._error = error

    def result(self) -> R:
        """Give the result, or raise."""
        if self._error is not None:
            raise self._error
        return self._made


class Team:
    """Threads that are there inside ``with``, and gone after it, whatever stops them.

    Parameters
    ----------
    threads : int, optional
        How many; else what the variable TU_THREADS says, else one for each core that this process
        may use, up to eight: more wait for each other. One is the thread that asks, as it is where
        a platform has no others.
    rows : int, optional
        How many rows there are, where it is known. Of few, threads cost more than they bring: one
        reads them unless more are asked for.
    """

    def __init__(self, threads: int | None = None, rows: int | None = None) -> None:
        asked = _asked(threads)
        few = rows is not None and rows <= _FEW_ROWS
        self.threads = asked or (1 if few else min(_cores(), _MOST_UNASKED))
        self._pool: ThreadPoolExecutor | None = None

    @property
    def ahead(self) -> int:
        """How many pieces of work to begin before their results are wanted: one for each thread."""
        return self.threads if self._pool is not None else 0

    def __enter__(self) -> Team:
        if self.threads > 1:
            pool = self._threads()
            try:
                pool.submit(int).result()
                self._pool = pool
            except RuntimeError:  # a browser has no threads
                self.threads = 1
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def rest(self) -> None:
        """Let the threads go until there is work again, and with each the memory that it keeps."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = self._threads()

    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, thread_name_prefix="targeted_universalism")

    def submit(self, work: Callable[..., R], *given: Any) -> Work[R]:
        """Begin some work; ``result()`` gives it, or raises what it raised."""
        if self._pool is None:
            return Done(work, *given)
        return self._pool.submit(work, *given)

    def each(self, work: Callable[[T], R], given: Iterable[T]) -> Iterator[R]:
        """Do the same work on each, and give the results, or the first error, in order.

        Little is done ahead, so that few results wait.
        """
        return map(work, given) if self._pool is None else self._ahead(self._pool, work, given)

    def _ahead(
        self, pool: ThreadPoolExecutor, work: Callable[[T], R], given: Iterable[T]
    ) -> Iterator[R]:
        """Begin a piece for each thread, and one more, before the first result is given."""
        begun: deque[Work[R]] = deque()
        for one in given:
            begun.append(pool.submit(work, one))
            if len(begun) > self.threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()

    def map(self, work: Callable[[T], R], given: Iterable[T]) -> list[R]:
        """Do the same work on each, and give all results."""
        return list(self.each(work, given))


def _asked(threads: object) -> int:
    """Give the number that is asked for; 0 where none is."""
    name = VARIABLE if threads is None else "threads"
    text = os.environ.get(VARIABLE, "").strip()
    if threads is None and not text:
        return 0
    said = threads if threads is not None else int(text) if text.isdecimal() else text
    if not isinstance(said, Integral) or isinstance(said, bool) or said < 1:
        raise InputError(
            f"{name}={shown(said)} is no number of threads: say a whole number of 1 or more, or "
            "leave it out for one thread on each core, up to eight."
        )
    return min(int(said), _MOST)


def _cores() -> int:
    """Cores that this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


ALONE = Team(1)
