"""Coverage of the intervals of all measures in a grid that is not chosen to be kind (RULES 6).

``python docs/maker/grid.py [cells] [draws] [first]`` draws as many cells of it (all without a
number), each with so many tables of counts, from the first on. It prints for every measure the
least and the mean coverage of its interval and of the delta method's, how much wider the interval
is than that (medians), how often it has no upper limit, and the cells in which it holds the truth
least. A limit that is missing is no bound; a table in which both are missing, or the measure is,
does not count.
"""

from __future__ import annotations

import itertools
import sys
import warnings
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from targeted_universalism import measures
from targeted_universalism.measures.inequality.known import Caution, Known, known_counts
from targeted_universalism.measures.inequality.limits import FORMS, limits_of
from targeted_universalism.measures.inequality.limits_sums import shortfall
from targeted_universalism.measures.inequality.register import REGISTER
from targeted_universalism.measures.intervals import z_value

Array = np.ndarray

SEGMENTS = (2, 5, 12, 30)
SIZES = ("5-5000", "5-5000 shuffled", "5-40", "50-2000", "200")
RATES = {
    "proportion": (0.005, 0.03, 0.3, 0.5, 0.9, 0.97, 0.99),
    "rate": (0.005, 0.03, 0.2, 0.5),
}
PATTERNS = ("equal", "near", "halves", "linear", "mixed", "smallest best")
CHOICES: dict[str, list[dict[str, float]]] = {
    "generalized_entropy": [{"alpha": 2.0}, {"alpha": 0.5}],
    "renyi": [{"alpha": 2.0}, {"alpha": 0.5}],
    "atkinson": [{"epsilon": 0.5}, {"epsilon": 1.0}],
}
GRADUATION = "12, 40, 300, 1500, 2500"  # groups of an ordinary table of graduation
DEFINED = 50  # tables in which a measure must be defined for its coverage to be told


@dataclass(frozen=True)
class Cell:
    """One cell of the grid: what is true, and how large the segments are."""

    k: int
    sizes: str
    kind: str
    level: float
    pattern: str
    seed: int

    def people(self) -> Array:
        """Sizes of the segments."""
        if self.sizes == "200":
            return np.full(self.k, 200.0)
        if self.sizes == GRADUATION:
            return np.array([float(v) for v in GRADUATION.split(", ")])
        least, most = (float(v) for v in self.sizes.split()[0].split("-"))
        people = np.rint(np.geomspace(least, most, self.k))
        shuffled = np.random.default_rng(self.seed).permutation(people)
        return shuffled if "shuffled" in self.sizes else people

    def rates(self) -> Array:
        """Rates behind the counts: odds (or rates) are moved about the level."""
        place, k = np.linspace(-1, 1, self.k), self.k
        moves = {
            "equal": np.zeros(k),
            "near": 0.1 * place,
            "halves": np.where(np.arange(k) < k // 2, 0.6, -0.6),
            "linear": 1.2 * place,
            "mixed": np.random.default_rng(self.seed + 1).normal(0, 0.7, k),
            "smallest best": np.where(self.people() == self.people().min(), 1.0, -0.3),
        }[self.pattern]
        if self.kind == "rate":
            return self.level * np.exp(moves)
        odds = self.level / (1 - self.level) * np.exp(moves)
        return odds / (1 + odds)


def cells() -> list[Cell]:
    """Every cell of the grid."""
    every = itertools.product(SEGMENTS, SIZES, RATES, PATTERNS)
    return [
        Cell(k, sizes, kind, level, pattern, i)
        for i, (k, sizes, kind, pattern) in enumerate(every)
        for level in RATES[kind]
    ]


def graduation() -> list[Cell]:
    """An ordinary table of graduation, with every pattern at three levels."""
    pairs = itertools.product(PATTERNS, (0.5, 0.9, 0.97))
    return [
        Cell(5, GRADUATION, "proportion", level, pattern, 900 + i)
        for i, (pattern, level) in enumerate(pairs)
    ]


def asked(cell: Cell) -> list[tuple[str, str, dict[str, Any]]]:
    """Name the measures, with what each is given: directions take turns."""
    found = []
    direction = ("at least", "at most")[cell.seed % 2]
    rates = cell.rates()
    given = {"direction": direction, "goal": float(np.quantile(rates, 0.6)), "reference": 0}
    for name in FORMS:
        if cell.kind in (REGISTER[name].kinds or (cell.kind,)):
            for choice in CHOICES.get(name, [{}]):
                label = name + "".join(f"({v:g})" for v in choice.values())
                found.append((label, name, {**given, **choice}))
    return found


class Row(NamedTuple):
    """What one measure does in one cell."""

    held: float  # share of the intervals that hold the truth
    delta: float  # the same of the delta method's
    width: float  # median width over that of the delta method's
    tables: int  # in which the measure is defined and has an interval
    endless: float  # share of them without an upper limit
    standing: float  # share of the tables with a value that have an interval
    said: Mapping[Caution, float] = MappingProxyType({})  # how often each caution stands there


def one_cell(cell: Cell, draws: int) -> dict[str, Row]:
    """Give, for each measure, what it does in a cell."""
    rng = np.random.default_rng(cell.seed)
    n, p = cell.people()[:, None], cell.rates()[:, None]
    drawn = rng.binomial(n.astype(int), p, (cell.k, draws)) if cell.kind == "proportion" else (
        rng.poisson(n * p, (cell.k, draws))
    )  # fmt: skip
    people = np.broadcast_to(n, drawn.shape)
    share = people / people.sum(axis=0)
    rank = measures.midrank(share)
    known = known_counts(drawn.astype(float), people, kind=cell.kind, rank=rank)
    plain = {"share": share, "rank": rank, "se": np.sqrt(known.variance_plain)}
    truth = {"rate": p, "share": share[:, :1], "rank": rank[:, :1], "se": 0 * p}
    found = {}
    for label, name, given in asked(cell):
        true = float(REGISTER[name].value({**truth, **given})[0])
        here = REGISTER[name].value({**plain, "rate": known.rate, **given})
        # What rounding leaves of equality is equality.
        equal = REGISTER[name].value_at_equality
        true = equal if abs(true - equal) < 1e-12 else true
        made = limits_of(name, known, **given)
        delta = _delta(name, here, REGISTER[name].standard_error({
            **plain, "rate": known.rate, **given}))  # fmt: skip
        try:
            row = _held(true, here, made[:2], delta)
        except RuntimeError as error:
            raise RuntimeError(f"{label} in {cell}: {error}") from None
        bits = made.caution[np.isfinite(here)]
        said = {c: float((bits & c > 0).mean()) for c in Caution if bits.size}
        found[label] = row._replace(said=said)
    found["people needed"] = _needed(known, p, people, asked(cell)[0][2])
    return found


def _delta(name: str, value: Array, se: Array) -> tuple[Array, Array]:
    half = z_value(0.95) * np.where(se > 0, se, np.nan)
    with np.errstate(all="ignore"):
        if REGISTER[name].on_log_scale:
            return value * np.exp(-half / value), value * np.exp(half / value)
    least, most = REGISTER[name].bounds
    return np.maximum(value - half, least), np.minimum(value + half, most)


def _needed(known: Known, p: Array, people: Array, given: dict[str, Any]) -> Row:
    """People needed in all segments, beside the sums of the segments' own limits."""
    sign, goal = measures.goal.sign_of(given["direction"]), given["goal"]
    made = shortfall(known, goal=goal, sign=sign, weight=people)
    true = float((people[:, 0] * np.maximum(sign * (goal - p[:, 0]), 0)).sum())
    ends = [
        (people * np.maximum(sign * (goal - v), 0)).sum(axis=0) for v in (known.low, known.high)
    ]
    here = (people * np.maximum(sign * (goal - known.rate), 0)).sum(axis=0)
    return _held(true, here, made[:2], (ends[sign > 0], ends[sign < 0]))


def _held(true: float, here: Array, made: tuple[Array, ...], old: tuple[Array, ...]) -> Row:
    known = np.isfinite(here) & ~(np.isnan(made[0]) & np.isnan(made[1]))
    if not np.isfinite(true) or known.sum() < DEFINED:
        return Row(np.nan, np.nan, np.nan, int(known.sum()), np.nan, np.nan)
    slack = 1e-9 * max(abs(true), 1e-300)
    shares = [
        ~(low[known] > true + slack) & ~(high[known] < true - slack) for low, high in (made, old)
    ]
    room = 1e-9 * np.abs(here) + 1e-15
    inside = ~(made[0] > here + room) & ~(made[1] < here - room)
    if not inside[known].all():
        low, high = made[0][known & ~inside][0], made[1][known & ~inside][0]
        raise RuntimeError(f"{here[known & ~inside][0]} lies outside ({low}, {high}).")
    # Where the old form has no interval, it holds nothing.
    shares[1] &= ~np.isnan(old[0][known])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        widths = [np.nanmedian((h - low)[known]) for low, h in (made, old)]
    ratio = widths[0] / widths[1] if widths[1] > 0 else np.nan
    endless = float(np.isnan(made[1][known]).mean())
    standing = float(known.sum() / np.isfinite(here).sum())
    return Row(
        float(shares[0].mean()), float(shares[1].mean()), float(ratio), int(known.sum()), endless,
        standing,
    )  # fmt: skip


def run(number: int | None, draws: int, first: int = 0) -> dict[str, list[Any]]:
    """Draw some cells from the first on, in an order that does not depend on their number."""
    results: dict[str, list[Any]] = defaultdict(list)
    for cell in some(number, first):
        for label, row in one_cell(cell, draws).items():
            results[label].append((cell, *row))
    return results


def some(number: int | None, first: int = 0) -> list[Cell]:
    """Give some cells, from the first on; those of the ordinary table lead the list."""
    every, usual = cells(), graduation()
    order = np.random.default_rng(7).permutation(len(every))
    mixed = [*usual, *(every[i] for i in order)]
    return mixed[first : first + (number or len(mixed))]


def table(results: dict[str, list[Any]]) -> str:
    """One line for each measure."""
    lines = [f"{'measure':42} cells  least  mean  below .92 | delta least  mean | width | endless"]
    misses = []
    for label, rows in results.items():
        kept = [row for row in rows if np.isfinite(row[1])]
        if not kept:
            continue
        new, old, width, endless = (np.array([row[i] for row in kept]) for i in (1, 2, 3, 5))
        lines.append(
            f"{label:42} {len(kept):5}  {new.min():.3f}  {new.mean():.3f}  {(new < 0.92).sum():5}"
            f"     |  {old.min():.3f}      {old.mean():.3f} | {np.nanmedian(width):.2f} |"
            f" {endless.mean():.3f}"
        )
        misses += [(row[1], label, row[0], row[4]) for row in kept if row[1] < 0.92]
    lines += [f"{share:.3f} {label} {cell} ({n})" for share, label, cell, n in
              sorted(misses, key=lambda m: m[0])[:60]]  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    given = [int(v) for v in sys.argv[1:]]
    with np.errstate(all="ignore"):
        print(table(run(*given) if len(given) > 1 else run(given[0] if given else None, 400)))
