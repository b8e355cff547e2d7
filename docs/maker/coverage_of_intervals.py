"""Coverage of the intervals, computed and not simulated: the table and picture of coverage.md.

Part of ``make docs-coverage``. Every sample that can occur is
listed, and the chances of those whose interval holds the truth are added up. A limit that is
missing is no bound.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import targeted_universalism as tu
from targeted_universalism.measures import rare
from targeted_universalism.measures.contrasts import (
    inside_total,
    mover_difference,
    mover_ratio,
    newcombe,
    poisson_ratio,
)
from targeted_universalism.measures.intervals import clopper_pearson, poisson, wilson
from targeted_universalism.measures.significance import conditional_test, score_test

DOCS = Path(__file__).parents[1]
BEGIN, END = "<!-- made by make docs-coverage -->", "<!-- end -->"
Array = np.ndarray
Limits = tuple[Array, Array]
SHARES = np.linspace(0.05, 0.95, 91)
PAIRS = np.linspace(0.05, 0.95, 19)
SIZES = ((10, 10), (20, 40), (50, 50), (30, 200))
RARE = np.exp(np.linspace(np.log(0.0005), np.log(0.05), 600))
DRAWS = 4_000
PAIRED = 600
ROWS_DRAWN, PEOPLE_DRAWN = (5, 10, 20, 40, 80, 160, 320), (15, 30, 60, 120, 300, 600)
# People, events of each and their variance over their mean; the last are 5 effective events.
REPEATS = ((600, 1.2, 1), (600, 1.2, 1.6), (600, 1.2, 2.7), (600, 1.2, 5), (30, 0.45, 2.7))
MOST = 60  # of Poisson means; their counts are listed up to far beyond it


def one(limits: Callable[[Array, Array], Limits], n: int, truth: Array) -> Array:
    """Coverage of the interval of a proportion, at each true proportion."""
    x = np.arange(n + 1.0)
    low, high = limits(x, np.full(n + 1, float(n)))
    chance = stats.binom.pmf(x[:, None], n, truth)
    return np.asarray((chance * _holds(low, high, truth)).sum(axis=0))


def counted(limits: Callable[[Array, Array], Limits], truth: Array) -> Array:
    """Coverage of the interval of a count, at each true mean."""
    x = np.arange(4.0 * MOST)
    low, high = limits(x, np.ones(len(x)))
    chance = stats.poisson.pmf(x[:, None], truth)
    return np.asarray((chance * _holds(low, high, truth)).sum(axis=0))


def _holds(low: Array, high: Array, truth: Array) -> Array:
    return ~(low[:, None] > truth) & ~(high[:, None] < truth)


def two(
    limits: Callable[..., Limits], sizes: tuple[int, int], of: Callable[[Array, Array], Array]
) -> Array:
    """Coverage of an interval of two proportions, at each pair of true ones."""
    n, m = sizes
    x, y = (v.ravel() for v in np.meshgrid(np.arange(n + 1.0), np.arange(m + 1.0), indexing="ij"))
    low, high = limits(x, np.full(x.shape, float(n)), y, np.full(x.shape, float(m)))
    p, q = (v.ravel() for v in np.meshgrid(PAIRS, PAIRS, indexing="ij"))
    chance = stats.binom.pmf(x[:, None], n, p) * stats.binom.pmf(y[:, None], m, q)
    return np.asarray((chance * _holds(low, high, of(p, q))).sum(axis=0))


def two_counts(limits: Callable[..., Limits], of: Callable[[Array, Array], Array]) -> Array:
    """Coverage of an interval of two rates of equal populations, at each pair of true means."""
    means = np.array([0.5, 1, 2, 4, 7, 12, 20.0])
    x, y = (v.ravel() for v in np.meshgrid(np.arange(60.0), np.arange(60.0), indexing="ij"))
    low, high = limits(x, np.ones(x.shape), y, np.ones(x.shape))
    p, q = (v.ravel() for v in np.meshgrid(means, means, indexing="ij"))
    chance = stats.poisson.pmf(x[:, None], p) * stats.poisson.pmf(y[:, None], q)
    return np.asarray((chance * _holds(low, high, of(p, q))).sum(axis=0))


def difference(p: Array, q: Array) -> Array:
    """True difference."""
    return p - q


def ratio(p: Array, q: Array) -> Array:
    """True ratio."""
    return p / q


def ratio_of_wilson(x: Array, n: Array, y: Array, m: Array) -> Limits:
    """MOVER of Wilson limits, for a ratio."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return mover_ratio((x / n, *wilson(x, n)), (y / m, *wilson(y, m)))


def difference_of_exact(x: Array, n: Array, y: Array, m: Array) -> Limits:
    """MOVER of exact Poisson limits, for a difference."""
    return mover_difference((x / n, *poisson(x, n)), (y / m, *poisson(y, m)))


def to_total(sizes: tuple[int, int]) -> tuple[Callable[..., Limits], Callable[..., Array]]:
    """Ratio of a group to the total it is inside of, as `disparities` gives it; and its truth."""
    share = sizes[0] / sum(sizes)

    def limits(x: Array, n: Array, y: Array, m: Array) -> Limits:
        p, q, total = x / n, y / m, (x + y) / (n + m)
        v, others = p * (1 - p) / n, (1 - share) ** 2 * q * (1 - q) / m
        _, variance = inside_total(p, total, np.full(p.shape, share), v, others)
        half = stats.norm.ppf(0.975) * np.sqrt(variance)
        turned = [r / (share * r + 1 - share) for r in ratio_of_wilson(x, n, y, m)]
        with np.errstate(invalid="ignore", divide="ignore"):
            made = p / total * np.exp(-half), p / total * np.exp(half)
        some = variance > 0
        low, high = (np.where(some, a, b) for a, b in zip(made, turned, strict=True))
        return low, high

    return limits, lambda p, q: p / (share * p + (1 - share) * q)


def turned_to_total(sizes: tuple[int, int]) -> Callable[..., Limits]:
    """Limits of the ratio to the rest, turned into those of the ratio to the total."""
    share = sizes[0] / sum(sizes)

    def limits(x: Array, n: Array, y: Array, m: Array) -> Limits:
        low, high = (r / (share * r + 1 - share) for r in ratio_of_wilson(x, n, y, m))
        return low, high

    return limits


def accepted(test: Callable[..., Array], sizes: tuple[int, int]) -> Array:
    """Chance that two equal proportions are not called different at 5 %."""
    n, m = sizes
    x, y = (v.ravel() for v in np.meshgrid(np.arange(n + 1.0), np.arange(m + 1.0), indexing="ij"))
    p_value = test(x, np.full(x.shape, float(n)), y, np.full(x.shape, float(m)))
    chance = stats.binom.pmf(x[:, None], n, SHARES) * stats.binom.pmf(y[:, None], m, SHARES)
    return np.asarray((chance * (p_value >= 0.05)[:, None]).sum(axis=0))


def accepted_counts() -> Array:
    """Chance that two equal rates are not called different at 5 %."""
    x, y = (v.ravel() for v in np.meshgrid(np.arange(90.0), np.arange(90.0), indexing="ij"))
    p_value = conditional_test(x, np.ones(x.shape), y, np.full(x.shape, 2.0))
    means = np.linspace(0.2, 20, 60)
    chance = stats.poisson.pmf(x[:, None], means) * stats.poisson.pmf(y[:, None], 2 * means)
    return np.asarray((chance * (p_value >= 0.05)[:, None]).sum(axis=0))


def drawn_weights(n: int, truth: Array) -> Array:
    """Coverage of a weighted proportion at each true one: lognormal weights, drawn."""
    rng = np.random.default_rng(n)
    found = []
    for p in truth:
        y, w = rng.random((DRAWS, n)) < p, rng.lognormal(0, 1, (DRAWS, n))
        total, squares = w.sum(axis=1), (w * w).sum(axis=1)
        rate, people = (w * y).sum(axis=1) / total, np.full(DRAWS, float(n))
        size = rare.effective_size(rate, people, total, squares, (w * w * y).sum(axis=1))
        low, high = rare.weighted_proportion(rate, size, people)
        found.append(float(((low <= p) & (p <= high)).mean()))
    return np.array(found)


def drawn_repeats(
    people: int, mean: float, spread: float, *, groups: int = 4, alone: bool = False
) -> Array:
    """Coverage of a rate of repeated events, in each of some groups: drawn.

    `alone` takes events as independent, as counts without their people must be.
    """
    y = repeats(np.random.default_rng(people), mean, spread, (groups, DRAWS // 2, people))
    x, n = y.sum(axis=-1).astype(float), np.full(y.shape[:2], float(people))
    squares = (y * y).sum(axis=-1)
    own = rare.dispersion(x, n, n, squares=squares, exposure_squares=n, products=x)
    if alone:
        low, high = poisson(x, n)
    else:
        low, high = rare.repeated_rate(x, n, rare.pooled_dispersion(own, x, n))
    return np.asarray(((low <= mean) & (mean <= high)).mean(axis=1))


def repeats(rng: np.random.Generator, mean: float, spread: float, shape: tuple[int, ...]) -> Array:
    """Draw events of people: Poisson, or negative binomial where their variance is wider."""
    if spread == 1:
        return rng.poisson(mean, shape)
    size = mean / (spread - 1)
    return rng.negative_binomial(size, size / (size + mean), shape)


def called_alike(y: Array, w: Array | None, kind: str) -> float:
    """Share of pairs of equal groups that their test calls alike, as a person would ask it.

    Parameters
    ----------
    y : (tables, 2, people) array
        Outcomes of two groups.
    w : array of that shape, optional
        Weights.
    kind : {"proportion", "rate"}
        What they are.
    """
    tables, groups, people = y.shape
    records = pd.DataFrame({
        "table": np.repeat(np.arange(tables), groups * people),
        "group": np.tile(np.repeat(["a", "b"], people), tables), "y": y.ravel(),
    })  # fmt: skip
    weight = None if w is None else "w"
    records = records if w is None else records.assign(w=w.ravel())
    segments = tu.from_records(
        records, outcome="y", kind=kind, segments="group", by="table", weight=weight
    )
    found = tu.assess(segments, tu.Goal.at_most(1.0)).disparities("b", adjust=None)
    p = found.loc[found["segment"] == "a", "p_value"]
    return float(1 - (p < 0.05).sum() / tables)


def drawn_pairs() -> list[tuple[str, str, Array]]:
    """Equal groups of weighted records, and of events that repeat."""
    found = []
    for n in (10, 30, 100):
        rng, alike = np.random.default_rng(n), []
        for p in (0.05, 0.2, 0.5):
            y = (rng.random((PAIRED, 2, n)) < p).astype(int)
            alike.append(called_alike(y, rng.lognormal(0, 1, y.shape), "proportion"))
        found.append(("score test, lognormal weights (drawn)", f"{n} and {n}", np.array(alike)))
    for people, mean, spread in REPEATS:
        y = repeats(np.random.default_rng(people), mean, spread, (PAIRED, 2, people))
        alike = [called_alike(part, None, "rate") for part in np.array_split(y, 2)]
        size = f"{people} and {people} people, variance/mean {spread:g}"
        found.append(("test of repeated events, equal rates (drawn)", size, np.array(alike)))
    return found


def rows() -> list[tuple[str, str, float, float]]:
    """Give method, sizes, mean and least coverage."""
    fine = np.linspace(0.0005, 0.9995, 2000)
    found: list[tuple[str, str, Array]] = []
    for n in (10, 20, 50, 200):
        found.append(("Wilson, proportion", f"{n}", one(wilson, n, SHARES)))
    for sizes in SIZES:
        name = f"{sizes[0]} and {sizes[1]}"
        limits, truth = to_total(sizes)
        found += [
            (
                "Newcombe, difference; to the total, times 1 − w",
                name,
                two(newcombe, sizes, difference),
            ),
            ("MOVER of Wilson, ratio", name, two(ratio_of_wilson, sizes, ratio)),
            (
                "ratio to the total, from that to the rest",
                name,
                two(turned_to_total(sizes), sizes, truth),
            ),
            ("the same by the delta method (not used)", name, two(limits, sizes, truth)),
            ("score test at 5 %, equal proportions", name, accepted(score_test, sizes)),
        ]
    for n in (10, 20, 50, 200):
        found.append(("Clopper–Pearson, proportion", f"{n}", one(clopper_pearson, n, fine)))
    means = np.linspace(0.01, MOST, 3000)
    found += [
        ("exact Poisson, rate", "means to 60", counted(poisson, means)),
        ("conditional exact, ratio of rates", "means to 20", two_counts(poisson_ratio, ratio)),
        ("conditional exact test at 5 %, equal rates", "means to 40", accepted_counts()),
        ("MOVER of exact limits, difference of rates", "means to 20",
         two_counts(difference_of_exact, difference)),
    ]  # fmt: skip
    for n in (20, 50, 200, 1_000):
        found += [
            ("auto, proportions of .05 to 5 %", f"{n}", one(rare.auto, n, RARE)),
            ("Wilson, proportions of .05 to 5 %", f"{n}", one(wilson, n, RARE)),
        ]
    for n in (10, 30, 100):
        some = np.array([0.05, 0.2, 0.5])
        found.append(("weighted proportion, lognormal weights (drawn)", f"{n}",
                      drawn_weights(n, some)))  # fmt: skip
    for n, mean, spread in REPEATS:
        size = f"{n} people, variance/mean {spread:g}"
        found.append(("rate of repeated events (drawn)", size, drawn_repeats(n, mean, spread)))
    found += drawn_pairs()
    order = list(dict.fromkeys(name for name, _, _ in found))
    found.sort(key=lambda row: order.index(row[0]))
    return [(name, size, float(v.mean()), float(v.min())) for name, size, v in found]


def table(found: list[tuple[str, str, float, float]]) -> list[str]:
    """Give the table of the page, line by line."""
    head = ["| method | people or events | mean | least |", "|---|---|---|---|"]
    return head + [f"| {a} | {b} | {100 * c:.2f} % | {100 * d:.2f} % |" for a, b, c, d in found]


def draw(path: Path) -> None:
    """Draw coverage against the true proportion: Wilson beside exact, Newcombe beside its test."""
    fine = np.linspace(0.005, 0.995, 500)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    for label, limits, style in (("Wilson", wilson, "-"), ("exact", clopper_pearson, "--")):
        left.plot(fine, one(limits, 30, fine), style, label=label, color="black", linewidth=1)
    left.set(title="One proportion of 30 people", xlabel="true proportion", ylabel="coverage")
    sizes = (30, 60)
    diagonal = np.arange(len(PAIRS)) * (len(PAIRS) + 1)
    lines = [
        ("Newcombe, equal proportions", PAIRS, two(newcombe, sizes, difference)[diagonal], "-"),
        (
            "MOVER ratio, equal proportions",
            PAIRS,
            two(ratio_of_wilson, sizes, ratio)[diagonal],
            ":",
        ),
        ("score test, equal proportions", SHARES, accepted(score_test, sizes), "--"),
    ]
    for label, at, values, style in lines:
        right.plot(at, values, style, label=label, color="black", linewidth=1)
    right.set(title="Two proportions, of 30 and 60 people", xlabel="true proportion")
    for ax in (left, right):
        ax.axhline(0.95, color="0.6", linewidth=0.8)
        ax.set_ylim(0.88, 1.0)
        ax.legend(frameon=False, fontsize=8, loc="lower center")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def draw_drawn(path: Path) -> None:
    """Draw coverage against the number of people: weighted proportions, and repeated events."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, layout="constrained")
    for p, style in ((0.05, ":"), (0.2, "--"), (0.5, "-")):
        held = [drawn_weights(n, np.array([p]))[0] for n in ROWS_DRAWN]
        left.plot(
            ROWS_DRAWN, held, style, color="black", linewidth=1, label=f"true proportion {p:g}"
        )
    left.set(title="Weighted proportions, lognormal weights", xlabel="rows")
    for spread, style in ((1.6, ":"), (2.7, "--"), (5, "-")):
        held = [drawn_repeats(n, 0.45, spread).mean() for n in PEOPLE_DRAWN]
        right.plot(
            PEOPLE_DRAWN, held, style, color="black", linewidth=1, label=f"variance/mean {spread:g}"
        )
        plain = [drawn_repeats(n, 0.45, spread, alone=True).mean() for n in PEOPLE_DRAWN]
        right.plot(PEOPLE_DRAWN, plain, style, color="0.6", linewidth=1)
    right.set(title="Rates of repeated events (grey: taken as independent)", xlabel="people")
    for ax, ticks in ((left, ROWS_DRAWN), (right, PEOPLE_DRAWN)):
        ax.axhline(0.95, color="0.6", linewidth=0.8)
        ax.set_xscale("log")
        ax.set_xticks(ticks, [f"{tick}" for tick in ticks])
        ax.minorticks_off()
        ax.set_ylim(0.5, 1.0)
        ax.legend(frameon=False, fontsize=8, loc="lower left")
    left.set_ylabel("coverage")
    figure.savefig(path, dpi=120, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    page = DOCS / "coverage.md"
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    body = "\n".join(table(rows()))
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
    draw(DOCS / "images" / "coverage.png")
    draw_drawn(DOCS / "images" / "coverage-drawn.png")
